"""oneDNN's pooling and normalisation against their references, forward and backward."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tadori import kernels
from tadori.kernels import normalization, onednn_cpu, out_size, reference

from .test_kernels import LAYOUTS, needs_onednn, randn, windows

# ------------------------------------------------------------------------------ pooling


def whole(*shape: int) -> np.ndarray:
    """Whole numbers, many of them equal."""
    return np.round(randn(*shape, dtype=np.float32) * 2)


@needs_onednn
@given(windows(pooling=True), st.booleans(), st.sampled_from(list(LAYOUTS)))
def test_max_pool(case, ceil_mode, layout):
    size, kernel_size, options = case
    window = {"kernel_size": kernel_size, "ceil_mode": ceil_mode, **options}
    x = LAYOUTS[layout](whole(2, 3, *size))
    y, tap = kernels.max_pool(x, **window)
    expected, expected_tap = reference.max_pool(x, **window)
    assert_array_equal(y, expected)
    assert_array_equal(tap, expected_tap)
    assert tap.dtype == expected_tap.dtype
    gy = LAYOUTS[layout](randn(*y.shape, dtype=np.float32))
    gx = kernels.max_pool_back(gy, tap, size=size, **window)
    assert_allclose(gx, reference.max_pool_back(gy, tap, size=size, **window), atol=1e-5)
    if layout != "foreign":
        assert onednn_cpu.max_pool(x, **window) is not NotImplemented
        assert onednn_cpu.max_pool_back(gy, tap, size=size, **window) is not NotImplemented


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -3e38])
@pytest.mark.allow_fp_faults
def test_max_pool_of_special_values(value):
    x = whole(1, 2, 6, 6)
    x[0, 0, :3, :3] = value
    x[0, 1, 2, 2] = value
    window = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1)}
    for found, expected in zip(kernels.max_pool(x, **window), reference.max_pool(x, **window)):
        assert_array_equal(found, expected)


@needs_onednn
@given(windows(pooling=True), st.booleans(), st.booleans())
def test_avg_pool(case, ceil_mode, count_include_pad):
    size, kernel_size, options = case
    del options["dilation"]
    options |= {"ceil_mode": ceil_mode, "count_include_pad": count_include_pad}
    x = randn(2, 3, *size, dtype=np.float32)
    y = kernels.avg_pool(x, kernel_size=kernel_size, **options)
    assert_allclose(y, reference.avg_pool(x, kernel_size=kernel_size, **options), atol=1e-6)
    gy = randn(*y.shape, dtype=np.float32)
    both = {"size": size, "kernel_size": kernel_size, **options}
    gx = kernels.avg_pool_transpose(gy, **both)
    assert_allclose(gx, reference.avg_pool_transpose(gy, **both), atol=1e-5)
    if not ceil_mode:
        assert onednn_cpu.avg_pool(x, kernel_size=kernel_size, **options) is not NotImplemented


@needs_onednn
def test_pooling_leaves_the_rest_to_the_reference():
    window = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1)}
    wide = {**window, "kernel_size": (16, 17)}
    x = whole(1, 1, 20, 20)
    assert onednn_cpu.max_pool(x.astype(float), **window) is NotImplemented
    assert onednn_cpu.max_pool(x[:0], **window) is NotImplemented
    assert onednn_cpu.max_pool(x, **wide) is NotImplemented
    y, tap = kernels.max_pool(x, **wide)
    assert tap.dtype == np.uint16
    assert y[0, 0, 0, 0] == x[..., :16, :17].max()
    assert out_size((20, 20), **wide) == y.shape[2:]


# ------------------------------------------------------------------------------ batch normalisation


@st.composite
def batches(draw):
    """x (N, C, *size), with weight and bias or without."""
    size = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    n, channels = draw(st.tuples(st.integers(1, 4), st.sampled_from([1, 3, 16, 19, 40])))
    x = randn(n, channels, *size, dtype=np.float32) * 3 + 1
    each = (1, channels, *[1] * len(size))
    weight = draw(st.sampled_from([None, randn(*each, dtype=np.float32)]))
    bias = draw(st.sampled_from([None, randn(*each, dtype=np.float32) - 1]))
    return x, weight, bias, (0, *range(2, x.ndim))


def summed(g, like):
    return g.sum(tuple(range(2, g.ndim)), keepdims=True).sum(0, keepdims=True).reshape(like.shape)


@needs_onednn
@given(batches(), st.sampled_from(list(LAYOUTS)))
def test_batch_normalisation(case, layout):
    x, weight, bias, axis = case
    x = LAYOUTS[layout](x)
    options = {"axis": axis, "eps": 1e-2}
    found = kernels.normalize(x, weight, bias, **options)
    expected = normalization.normalize(np.array(x, np.float32), weight, bias, **options)
    for a, b in zip(found, expected):
        assert a.shape == b.shape
        assert_allclose(a, b, atol=2e-4)
    _, mean, var = expected
    gy = LAYOUTS[layout](randn(*x.shape, dtype=np.float32))
    nothing = np.zeros_like(mean)
    arrays = (x, gy, nothing, nothing, mean, var, weight)
    gx, gweight, gbias = kernels.normalize_back(*arrays, **options)
    expected = normalization.normalize_back(*arrays, **options)
    assert_allclose(gx, expected[0], atol=1e-3)
    assert_allclose(summed(gweight, mean), summed(expected[1], mean), rtol=1e-3, atol=1e-3)
    assert_allclose(summed(gbias, mean), summed(expected[2], mean), rtol=1e-3, atol=1e-3)


@needs_onednn
def test_gradients_of_the_statistics_are_left_to_the_reference():
    x = randn(2, 16, 4, 4, dtype=np.float32)
    options = {"axis": (0, 2, 3), "eps": 1e-5}
    _, mean, var = kernels.normalize(x, **options)
    nothing = np.zeros_like(mean)
    assert onednn_cpu.normalize(x, **options) is not NotImplemented
    assert onednn_cpu.normalize(x, axis=(2, 3), eps=1e-5) is NotImplemented
    for gmean, gvar in ((nothing, nothing), (mean, nothing), (nothing, var)):
        answer = onednn_cpu.normalize_back(x, x, gmean, gvar, mean, var, **options)
        left = gmean is mean or gvar is var
        assert (answer is NotImplemented) == left


@pytest.mark.allow_fp_faults
def test_special_values_stay_in_their_channel():
    x = randn(2, 16, 4, 4, dtype=np.float32)
    x[0, 3, 1, 1] = np.nan
    y, mean, var = kernels.normalize(x, axis=(0, 2, 3), eps=1e-5)
    for array in (y, mean, var):
        bad = np.isnan(array).any(axis=(0, 2, 3))
        assert_array_equal(bad, np.arange(16) == 3)


def test_several_threads_at_once():
    def check(n):
        x = whole(1 + n % 3, 20, 30, 30)
        window = {"kernel_size": (3, 3), "stride": (2, 2), "padding": (1, 1), "dilation": (1, 1)}
        for a, b in zip(kernels.max_pool(x, **window), reference.max_pool(x, **window)):
            assert_array_equal(a, b)
        options = {"axis": (0, 2, 3), "eps": 1e-5}
        for a, b in zip(kernels.normalize(x, **options), normalization.normalize(x, **options)):
            assert_allclose(a, b, atol=1e-4)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(check, range(24)))
