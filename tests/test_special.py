"""Special functions at their special values, in float32, without SciPy; what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tadori
from tadori import Tensor, special
from tadori.kernels import bessel

INF, NAN = math.inf, math.nan
EDGES = [-INF, -1e30, -30.0, -3.0, -1.0, -1e-30, 0.0, 1e-30, 0.5, 1.0, 3.0, 30.0, 1e30, INF, NAN]
OF_ONE = ["erfcx", "ndtr", "log_ndtr", "ndtri", "entr", "i0", "i0e", "i1", "i1e"]
POLYNOMIALS = [name for name in special.__all__ if "polynomial" in name]


@pytest.mark.allow_fp_faults
@pytest.mark.parametrize("name", OF_ONE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_edges_are_pytorchs(name, dtype):
    torch = pytest.importorskip("torch")
    x = np.array(EDGES, dtype)
    ours = getattr(special, name)(Tensor(x))
    theirs = getattr(torch.special, name)(torch.tensor(x))
    assert ours.dtype == dtype
    rtol = 2e-6 if dtype == "float32" else 1e-10
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=rtol, atol=1e-30)


@pytest.mark.parametrize("name", ["erfcx", "log_ndtr", "ndtri"])
def test_float32_is_right_to_a_few_places(name):
    scipys = pytest.importorskip("scipy.special")
    low, high = (1e-6, 1 - 1e-6) if name == "ndtri" else (-9.0, 50.0)
    x = np.linspace(low, high, 1001, dtype=np.float32)
    ours = getattr(special, name)(Tensor(x)).numpy()
    exact = getattr(scipys, name)(x.astype(np.float64))
    np.testing.assert_allclose(ours, exact, rtol=2e-5 if name == "erfcx" else 2e-6, atol=1e-9)


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials_are_pytorchs(name):
    torch = pytest.importorskip("torch")
    x = np.array([-1.0, -0.7, 0.0, 0.3, 1.0, 1.5])[:, None]
    n = np.array([-1, 0, 1, 2, 5, 9])
    ours = getattr(special, name)(Tensor(x), Tensor(n))
    theirs = getattr(torch.special, name)(torch.tensor(x), torch.tensor(n))
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-9, atol=1e-9)
    assert getattr(special, name)(Tensor(x), 3).shape == (6, 1)


@pytest.mark.parametrize("name", ["i0", "i1", "i0e", "i1e"])
def test_bessels_that_grow_do_without_scipy(name, monkeypatch):
    x = np.array([-700.0, -45.0, -39.9, -3.0, 0.0, 0.1, 8.0, 40.0, 41.0, 600.0])
    expected = getattr(bessel, name)(x)
    monkeypatch.setattr(bessel, "HAS_SCIPY", False)
    np.testing.assert_allclose(getattr(bessel, name)(x), expected, rtol=1e-12)
    with pytest.raises(ImportError, match="bessel_j0 needs SciPy"):
        special.bessel_j0(Tensor(x))
    with pytest.raises(ImportError, match="gammainc needs SciPy"):
        special.gammainc(Tensor(x), Tensor(x))


@pytest.mark.allow_fp_faults
def test_zeta():
    torch = pytest.importorskip("torch")
    x = np.array([1.0, 1.1, 2.0, 3.0, 30.0, 2.5, 2.0, 0.5, 2.0, NAN])
    q = np.array([2.0, 0.3, 1.0, -1.5, 4.0, -1.5, -2.0, 2.0, 1e6, 1.0])
    ours = special.zeta(Tensor(x), Tensor(q)).numpy()
    theirs = torch.special.zeta(torch.tensor(x), torch.tensor(q)).numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert special.zeta(Tensor(x), 1).dtype == np.float64
    assert special.zeta(2, Tensor(np.array([1]))).item() == pytest.approx(math.pi**2 / 6)


def test_integers_become_floats():
    assert special.i0(Tensor(np.array([0, 1]))).dtype == np.float32
    assert special.ndtr(Tensor(np.array([0]))).item() == 0.5
    assert special.legendre_polynomial_p(Tensor(np.array([2])), 2).item() == 5.5


def test_what_has_no_derivative_says_so():
    x = tadori.ones(3, requires_grad=True)
    with pytest.raises(NotImplementedError, match="igamma"):
        special.gammainc(x, tadori.ones(3)).sum().backward()
    with pytest.raises(NotImplementedError, match="zeta"):
        special.zeta(x + 1, 1).sum().backward()


def test_refusals():
    with pytest.raises(RuntimeError, match="p has to be"):
        tadori.mvlgamma(tadori.ones(1), 0)
    with pytest.raises(RuntimeError, match="floating-point"):
        tadori.frexp(tadori.ones(1, dtype=tadori.int64))


def test_in_place():
    x, z = tadori.full((2,), 3.0), tadori.tensor([1 + 2j])
    assert x.clone().i0_().tolist() == tadori.i0(x).tolist()
    assert x.clone().mvlgamma_(2).tolist() == tadori.mvlgamma(x, 2).tolist()
    assert x.clone().igamma_(x).tolist() == tadori.igamma(x, x).tolist()
    assert x.clone().igammac_(x).tolist() == tadori.igammac(x, x).tolist()
    assert z.conj_physical_().tolist() == [1 - 2j]
