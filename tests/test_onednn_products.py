"""oneDNN's products of matrices against NumPy's, however the matrices lie in memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import tadori
from tadori import kernels
from tadori.kernels import onednn_products, products

from .test_kernels import LAYOUTS, needs_onednn, randn

TURNED = {
    **LAYOUTS,
    "turned": lambda x: np.swapaxes(np.swapaxes(x, -1, -2).copy(), -1, -2),
    "a part": lambda x: np.concatenate([x, x, x], axis=-1)[..., x.shape[-1] : 2 * x.shape[-1]],
    "heads": lambda x: np.moveaxis(np.moveaxis(x, 0, -2).copy(), -2, 0),
}


@st.composite
def matrices(draw):
    """a and b, of which b may be one matrix for a batch of a."""
    rows, inner, columns = draw(st.tuples(*[st.integers(1, 9)] * 3))
    batch = draw(st.sampled_from([(), (3,), (2, 3)]))
    shared = draw(st.booleans())
    a = randn(*batch, rows, inner, dtype=np.float32)
    b = randn(*(() if shared else batch), inner, columns, dtype=np.float32)
    return a, b


@pytest.fixture
def even_few(monkeypatch):
    """oneDNN takes the smallest matrices too."""
    monkeypatch.setattr(onednn_products, "FEW", 0)


@needs_onednn
def test_any_two_matrices(even_few):
    @given(matrices(), st.sampled_from(list(TURNED)), st.sampled_from(list(TURNED)))
    def check(pair, one, other):
        a, b = TURNED[one](pair[0]), TURNED[other](pair[1])
        y = kernels.matmul(a, b)
        assert y.flags.c_contiguous
        assert y.dtype == np.float32
        assert_allclose(y, np.matmul(a, b), rtol=1e-4, atol=1e-4)
        if "foreign" not in (one, other):
            assert onednn_products.matmul(a, b) is not NotImplemented

    check()


@needs_onednn
@pytest.mark.parametrize("layout", TURNED)
def test_linear(even_few, layout):
    for shape in (3, 5), (2, 3, 5):
        x, weight, bias = (randn(*s, dtype=np.float32) for s in (shape, (4, 5), (4,)))
        for added in None, bias, np.repeat(bias, 2)[::2]:
            arrays = (TURNED[layout](x), TURNED[layout](weight), added)
            assert_allclose(kernels.linear(*arrays), products.linear(*arrays), atol=1e-5)


@needs_onednn
def test_the_rest_is_left_to_numpy(even_few, monkeypatch):
    a, b = randn(3, 4, dtype=np.float32), randn(4, 5, dtype=np.float32)
    left = [
        (a.astype(float), b),
        (a[0], b),
        (a, b[:, 0]),
        (a[None], np.stack([b, b])),  # broadcast
        (a[:, :3], b),  # does not fit: the reference complains
    ]
    for pair in left:
        assert onednn_products.matmul(*pair) is NotImplemented
    with pytest.raises(ValueError):
        kernels.matmul(a[:, :3], b)
    monkeypatch.undo()
    assert kernels.matmul(a[:, :0], b[:0]).tolist() == np.zeros((3, 5)).tolist()
    assert kernels.matmul(a[:0], b).shape == (0, 5)


@pytest.mark.allow_fp_faults
def test_special_values(even_few):
    a, b = randn(4, 5, dtype=np.float32), randn(5, 3, dtype=np.float32)
    a[0, 0], a[1, 1], b[2, 2] = np.nan, np.inf, -np.inf
    assert_allclose(kernels.matmul(a, b), np.matmul(a, b), rtol=1e-5)


def test_large_products_have_second_derivatives():
    """Above the size at which oneDNN takes over, against float64, which NumPy computes."""

    def slopes(dtype):
        x, w = (tadori.tensor(randn(n, 96), dtype=dtype, requires_grad=True) for n in (80, 112))
        y = tadori.nn.functional.linear(x, w).tanh() @ w
        (gx,) = tadori.autograd.grad(y.square().sum(), [x], create_graph=True)
        return [g.numpy() for g in tadori.autograd.grad(gx.square().mean(), [x, w])]

    for a, b in zip(slopes(tadori.float32), slopes(tadori.float64)):
        assert_allclose(a, b, rtol=2e-3, atol=2e-3 * abs(b).max())


def test_several_threads_at_once():
    def check(n):
        a, b = randn(100 + n, 120, dtype=np.float32), randn(120, 90, dtype=np.float32)
        assert_allclose(kernels.matmul(a, b), np.matmul(a, b), atol=1e-3)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(check, range(24)))


@needs_onednn
def test_one_matrix_for_many(even_few):
    for layout in TURNED:
        b = TURNED[layout](randn(20, 30, dtype=np.float32))
        times = kernels.repeated(b, rows=7)
        for seed in 1, 2:
            a = np.ascontiguousarray(randn(7 * seed, 20, dtype=np.float32)[-7:])
            y = np.full((7, 30), np.nan, np.float32)
            times(a, y)
            assert_allclose(y, a @ b, rtol=1e-4, atol=1e-4)
    assert onednn_products.repeated(b.astype(float), rows=7) is NotImplemented
