"""Decompositions where they fail, and where a factor is not unique."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori import Tensor, linalg
from tadori.autograd import grad


def leaf(values):
    return Tensor(np.array(values, dtype=np.float64)).requires_grad_()


SINGULAR = [[1.0, 2.0], [2.0, 4.0]]


@pytest.mark.parametrize("function", [linalg.inv, linalg.cholesky, lambda x: linalg.solve(x, x)])
def test_singular_matrices(function):
    with pytest.raises(linalg.LinAlgError):
        function(leaf(SINGULAR) * 0)


@pytest.mark.parametrize("name", ["inv", "det", "cholesky", "eigh", "svd", "svdvals", "qr"])
def test_integers_are_refused(name):
    with pytest.raises(RuntimeError, match="int64"):
        getattr(linalg, name)(Tensor(np.eye(2, dtype=np.int64)))


def test_results_have_pytorchs_names():
    x = leaf([[2.0, 1.0], [1.0, 2.0]])
    assert linalg.eigh(x).eigenvalues.detach().numpy() == pytest.approx([1, 3])
    assert linalg.slogdet(x).logabsdet.item() == pytest.approx(np.log(3))
    assert linalg.qr(x).Q.shape == linalg.svd(x).Vh.shape == (2, 2)


def test_equal_eigenvalues_spoil_nothing():
    x = leaf(np.eye(3))
    assert grad(linalg.eigvalsh(x).sum(), x)[0].tolist() == np.eye(3).tolist()
    assert np.isfinite(grad(linalg.svd(x).U.sum(), x)[0].numpy()).all()


def test_parts_left_unused():
    x = leaf([[2.0, 1.0], [1.0, 3.0]])
    values = grad(linalg.eigh(x).eigenvalues.sum(), x)[0]
    np.testing.assert_allclose(values.numpy(), np.eye(2), atol=1e-12)
    r = linalg.qr(x).R
    assert grad((r * r).sum(), x)[0].numpy() == pytest.approx(2 * x.detach().numpy())


def test_a_matrix_to_the_power_0_is_one():
    assert linalg.matrix_power(leaf(SINGULAR), 0).tolist() == np.eye(2).tolist()


def test_numpys_own_names_find_the_operations():
    x = leaf([[2.0, 1.0], [1.0, 3.0]])
    assert isinstance(np.linalg.inv(x), tadori.Tensor)
    np.linalg.det(x).backward()
    assert x.grad.numpy() == pytest.approx(np.array([[3, -1], [-1, 2]]))


WRONG = [
    (lambda la, x: la.inv(x[:1]), "square"),
    (lambda la, x: la.det(x[0]), "2 dimensions"),
    (lambda la, x: la.qr(x, "half"), "unrecognized mode"),
    (lambda la, x: la.lu(x, pivot=False), "pivoting"),
    (lambda la, x: la.svd(x, driver="gesvd"), "driver"),
    (lambda la, x: la.tensorinv(x, 1), "(?i)singular"),
    (lambda la, x: la.cond(x, 3), "invalid norm"),
    (lambda la, x: la.cross(x, x), "length 3"),
    (lambda la, x: la.inv(x), "(?i)singular"),
    (lambda la, x: la.inv_ex(x, check_errors=True), "(?i)singular"),
    (lambda la, x: la.lu_factor_ex(x, check_errors=True), "zero"),
    (lambda la, x: la.householder_product(x[:1], x[0]), "greater"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_what_pytorch_refuses_is_refused(wrong, message):
    with pytest.raises(RuntimeError, match=message):
        wrong(linalg, leaf(SINGULAR))


def test_failures_are_told_matrix_by_matrix():
    batch = leaf([np.eye(2), SINGULAR, -np.eye(2)])
    found = linalg.inv_ex(batch)
    assert found.info.tolist() == [0, 2, 0]
    assert np.isnan(found.inverse.detach().numpy()[1]).all()
    assert found.inverse[0].tolist() == np.eye(2).tolist()
    assert linalg.solve_ex(batch, batch[0]).info.tolist() == [0, 2, 0]
    assert linalg.cholesky_ex(batch).info.tolist() == [0, 2, 1]
    assert linalg.lu_factor_ex(batch).info.tolist() == [0, 2, 0]
    assert linalg.cond(batch, 1).tolist() == [1, np.inf, 1]
    assert linalg.matrix_rank(batch).tolist() == [2, 1, 2]


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 3, 3), (0, 3, 3), (3, 0)])
@pytest.mark.parametrize("dtype", ["float32", "complex128"])
def test_lu_without_scipy(shape, dtype, monkeypatch):
    from tadori.kernels import factors

    rng = np.random.default_rng(0)
    x = (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype("complex128")
    x = x.real.astype(dtype) if dtype == "float32" else x
    theirs = factors.lu_factor(x)
    monkeypatch.setattr(factors, "HAS_SCIPY", False)
    for ours, y in zip(factors.lu_factor(x), theirs, strict=True):
        np.testing.assert_allclose(ours, y, rtol=1e-4, atol=1e-6)
    with pytest.raises(ImportError, match="pip install scipy"):
        factors.ldl_factor(np.eye(2))


def test_a_least_squares_fit_tells_what_it_knows():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    for driver in ("gels", "gelsy", "gelsd", "gelss"):
        ours = linalg.lstsq(Tensor(a), Tensor(b), driver=driver)
        theirs = torch.linalg.lstsq(torch.tensor(a), torch.tensor(b), driver=driver)
        for x, y in zip(ours, theirs, strict=True):
            assert x.shape == tuple(y.shape)
            np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-8)


def test_large_singular_values_are_found_with_random_vectors():
    tadori.manual_seed(0)
    x = tadori.randn(20, 3) @ tadori.randn(3, 30)
    u, s, v = tadori.svd_lowrank(x, 4)
    np.testing.assert_allclose((u * s @ v.mT).numpy(), x.numpy(), atol=1e-4)
    u, s, v = tadori.pca_lowrank(x, 4)
    centred = x - x.mean(0)
    np.testing.assert_allclose((u * s @ v.mT).numpy(), centred.numpy(), atol=1e-4)
    with pytest.raises(ValueError, match="q"):
        tadori.pca_lowrank(x, 21)


def test_lobpcg_finds_what_eigh_finds():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 12, 12))
    a, b = x @ x.T, y @ y.T + 12 * np.eye(12)
    torch.manual_seed(0)
    for largest in (True, False):
        w, v = tadori.lobpcg(Tensor(a), 2, Tensor(b), largest=largest)
        theirs, _ = torch.lobpcg(torch.tensor(a), 2, torch.tensor(b), largest=largest, niter=200)
        np.testing.assert_allclose(w.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(a @ v.numpy(), b @ v.numpy() * w.numpy(), atol=1e-9)
    with pytest.raises(ValueError, match="3 x"):
        tadori.lobpcg(Tensor(a), 5)


def test_powers_of_a_vector():
    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(tadori.vander(Tensor(x)).numpy(), np.vander(x))
    np.testing.assert_array_equal(
        tadori.vander(Tensor(x), 2, increasing=True).numpy(), np.vander(x, 2, increasing=True)
    )
