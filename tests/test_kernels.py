"""Kernels: the reference against loops and PyTorch, oneDNN against it, and who answers a call."""

from __future__ import annotations

import logging
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tadori import kernels
from tadori.kernels import (
    blas,
    onednn_conv,
    onednn_cpu,
    onednn_library,
    onednn_plan,
    out_size,
    reference,
)

ONCE = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)}
PLAIN = {**ONCE, "groups": 1}
in_use = kernels.switch.onednn and "onednn" in kernels.engines()
needs_onednn = pytest.mark.skipif(not in_use, reason="oneDNN is missing or switched off")


def randn(*shape: int, dtype: type = np.float64) -> np.ndarray:
    return np.random.default_rng(math.prod(shape)).standard_normal(shape).astype(dtype)


def dot(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum())


# ------------------------------------------------------------------------------ loops: definitions


def meetings(size, kernel_size, out, stride, padding, dilation):
    """All (place, tap, point) with the point inside the image: the definition, one by one."""
    for place in np.ndindex(*out):
        for tap in np.ndindex(*kernel_size):
            steps = zip(place, stride, tap, dilation, padding)
            point = tuple(o * s + k * d - p for o, s, k, d, p in steps)
            if all(0 <= i < n for i, n in zip(point, size)):
                yield place, tap, point


def conv_loop(x, weight, stride, padding, dilation, groups):
    size, kernel_size = x.shape[2:], weight.shape[2:]
    out = out_size(size, kernel_size, stride, padding, dilation)
    y = np.zeros((len(x), len(weight), *out))
    filters, channels = len(weight) // groups, weight.shape[1]
    for place, tap, point in meetings(size, kernel_size, out, stride, padding, dilation):
        for o in range(len(weight)):
            first = o // filters * channels
            seen = x[:, first : first + channels][(..., *point)]
            y[(slice(None), o, *place)] += seen @ weight[(o, slice(None), *tap)]
    return y


# ------------------------------------------------------------------------------ examples


def per_axis(dims: int, low: int, high: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*[st.integers(low, high)] * dims)


@st.composite
def windows(draw, pooling: bool = False):
    """Options of a window, and the size of an image that it fits."""
    dims = draw(st.integers(1, 3))
    kernel_size = draw(per_axis(dims, 1, 3))
    dilation = draw(per_axis(dims, 1, 2))
    padding = draw(per_axis(dims, 0, 2))
    if pooling:
        padding = tuple(min(p, k // 2) for p, k in zip(padding, kernel_size))
    extra = draw(per_axis(dims, 0, 4))
    least = [d * (k - 1) + 1 - 2 * p for k, d, p in zip(kernel_size, dilation, padding)]
    size = tuple(max(n, d) + e for n, d, e in zip(least, dilation, extra))
    options = {"stride": draw(per_axis(dims, 1, 3)), "padding": padding, "dilation": dilation}
    return size, kernel_size, options


@st.composite
def convolutions(draw, dtype: type = np.float64, least_batch: int = 0):
    """x, weight, gy and the options of a convolution."""
    size, kernel_size, options = draw(windows())
    groups, c, o = draw(st.tuples(*[st.integers(1, 3)] * 3))
    options["groups"] = groups
    n = draw(st.integers(least_batch, 2))
    x = randn(n, c * groups, *size, dtype=dtype)
    weight = randn(o * groups, c, *kernel_size, dtype=dtype)
    steps = [options[name] for name in ONCE]
    gy = randn(n, o * groups, *out_size(size, kernel_size, *steps), dtype=dtype)
    return x, weight, gy, options


# ------------------------------------------------------------------------------ convolution


@given(convolutions())
def test_conv_is_its_definition(case):
    x, weight, gy, options = case
    y = kernels.conv(x, weight, **options)
    assert y.shape == gy.shape
    assert_allclose(y, conv_loop(x, weight, **options), atol=1e-12)


@given(convolutions())
def test_the_three_kernels_are_adjoint(case):
    x, weight, gy, options = case
    gx = kernels.conv_transpose(gy, weight, size=x.shape[2:], **options)
    gw = kernels.conv_weight(x, gy, kernel_size=weight.shape[2:], **options)
    assert (gx.shape, gw.shape) == (x.shape, weight.shape)
    expected = dot(kernels.conv(x, weight, **options), gy)
    assert_allclose([dot(x, gx), dot(weight, gw)], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_bias_and_dtype(dtype):
    x, weight, bias = randn(2, 3, 5, 5, dtype=dtype), randn(4, 3, 3, 3, dtype=dtype), np.arange(4)
    y = kernels.conv(x, weight, bias=bias.astype(dtype), **PLAIN)
    expected = kernels.conv(x, weight, **PLAIN) + bias[:, None, None]
    assert y.dtype == dtype
    assert_allclose(y, expected, atol=1e-2 if dtype == np.float16 else 1e-5)
    x = kernels.conv_transpose(y, weight, bias[:3].astype(dtype), size=(5, 5), **PLAIN)
    gw = kernels.conv_weight(x, y, kernel_size=(3, 3), **PLAIN)
    assert (x.dtype, gw.dtype) == (dtype, dtype)


# ------------------------------------------------------------------------------ pooling and rows


@given(windows(pooling=True), st.booleans())
def test_max_pool_is_its_definition(case, ceil_mode):
    size, kernel_size, options = case
    x = np.round(randn(2, 3, *size))  # whole numbers: many ties
    window = {"kernel_size": kernel_size, **options}
    y, tap = kernels.max_pool(x, ceil_mode=ceil_mode, **window)
    index = kernels.tap_index(tap, size=size, **window)
    out = out_size(size, kernel_size, **options, ceil_mode=ceil_mode)
    best = np.full((2, 3, *out), -np.inf)
    where = np.zeros((2, 3, *out), np.int64)
    for place, _, point in meetings(size, kernel_size, out, **options):
        wins = x[(..., *point)] > best[(..., *place)]
        where[(..., *place)][wins] = np.ravel_multi_index(point, size)
        best[(..., *place)] = np.maximum(best[(..., *place)], x[(..., *point)])
    assert_array_equal(y, best)
    assert_array_equal(index, where)
    window["ceil_mode"] = ceil_mode
    assert_array_equal(kernels.max_pool_taken(x, tap, **window), y)
    gy = randn(*y.shape)
    gx = kernels.max_pool_back(gy, tap, size=size, **window)
    assert_allclose(dot(gx, x), dot(gy, y), atol=1e-9)
    assert_array_equal(kernels.gather_plane(x, index), y)
    assert_allclose(kernels.scatter_plane(gy, index, size=size), gx, atol=1e-12)


def pool_and_index(x, **window):
    y, tap = kernels.max_pool(x, **window)
    return y, kernels.tap_index(tap, size=x.shape[2:], **window)


def test_max_pool_of_special_values():
    x = np.array([[[-np.inf, -np.inf, 1, np.nan, 5, 7, 7, np.inf]]], np.float32)
    options = {"kernel_size": (2,), "stride": (2,), "padding": (0,), "dilation": (1,)}
    y, index = pool_and_index(x, **options)
    assert_array_equal(y, np.array([[[-np.inf, np.nan, 7, np.inf]]], np.float32))
    assert_array_equal(index, [[[0, 3, 5, 7]]])
    y, index = pool_and_index(x[..., :2], **{**options, "padding": (1,)})
    assert_array_equal(index, [[[0, 1]]])  # padding is minus infinity too, but is never chosen
    y, index = pool_and_index(np.array([[[3, -4, -9, -9]]]), **options)
    assert (y.tolist(), index.tolist()) == ([[[3, -9]]], [[[0, 2]]])


@given(windows(pooling=True), st.booleans(), st.booleans())
def test_avg_pool_and_its_adjoint(case, ceil_mode, count_include_pad):
    size, kernel_size, options = case
    options["dilation"] = (1,) * len(size)
    x = randn(2, 3, *size)
    out = out_size(size, kernel_size, **options, ceil_mode=ceil_mode)
    total, count = np.zeros((2, 3, *out)), np.zeros(out)
    for place, _, point in meetings(size, kernel_size, out, **options):
        total[(..., *place)] += x[(..., *point)]
        count[place] += 1
    if count_include_pad:  # count the points of the padded image instead
        rim = [n + 2 * p for n, p in zip(size, options["padding"])]
        count = np.zeros(out)
        for place, _, _ in meetings(
            rim, kernel_size, out, **{**options, "padding": (0,) * len(size)}
        ):
            count[place] += 1
    del options["dilation"]
    options |= {"kernel_size": kernel_size, "ceil_mode": ceil_mode}
    options["count_include_pad"] = count_include_pad
    y = kernels.avg_pool(x, **options)
    assert_allclose(y, total / count, atol=1e-12)
    gy = randn(*y.shape)
    gx = kernels.avg_pool_transpose(gy, size=size, **options)
    assert_allclose(dot(gx, x), dot(gy, y), atol=1e-9)


@pytest.mark.parametrize("index", [[0, 2, 2, -1], [[1, 1], [1, 3]], [], 2])
@pytest.mark.parametrize("row", [(), (3,), (2, 2)])
def test_scatter_add(index, row):
    index = np.array(index, dtype=np.int32)
    source = randn(*index.shape, *row, dtype=np.float32)
    expected = np.zeros((4, *row), np.float32)
    np.add.at(expected, index, source)
    result = kernels.scatter_add(index, source, length=4)
    assert result.dtype == np.float32
    assert_array_equal(result, expected)


# ------------------------------------------------------------------------------ PyTorch, the judge

STRIDED = {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2), "groups": 2}
POOLS = [
    {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0)},
    {"kernel_size": (3, 2), "stride": (2, 3), "padding": (1, 1)},
    {"kernel_size": (3, 3), "stride": (2, 2), "padding": (1, 0), "ceil_mode": True},
]


@pytest.mark.parametrize("options", [PLAIN, STRIDED], ids=["plain", "strided"])
def test_convolution_agrees_with_torch(options):
    torch = pytest.importorskip("torch")
    x, weight, bias = randn(2, 4, 8, 9), randn(6, 4 // options["groups"], 3, 2), randn(6)
    leaves = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
    expected = torch.nn.functional.conv2d(*leaves, **options)
    y = kernels.conv(x, weight, bias, **options)
    assert_allclose(y, expected.detach().numpy(), atol=1e-12)
    gx, gw, _ = torch.autograd.grad(expected, leaves, torch.tensor(y))
    assert_allclose(kernels.conv_transpose(y, weight, size=(8, 9), **options), gx, atol=1e-10)
    assert_allclose(kernels.conv_weight(x, y, kernel_size=(3, 2), **options), gw, atol=1e-10)


@pytest.mark.parametrize("options", POOLS)
def test_pooling_agrees_with_torch(options):
    torch = pytest.importorskip("torch")
    x = randn(2, 3, 8, 9)
    t, f = torch.tensor(x), torch.nn.functional
    y, tap = kernels.max_pool(x, dilation=(1, 1), **options)
    window = {name: options[name] for name in ("kernel_size", "stride", "padding")}
    index = kernels.tap_index(tap, size=(8, 9), dilation=(1, 1), **window)
    expected, places = f.max_pool2d(t, return_indices=True, **options)
    assert_array_equal(y, expected)
    assert_array_equal(index, places)
    for count in True, False:
        expected = f.avg_pool2d(t, count_include_pad=count, **options)
        assert_allclose(kernels.avg_pool(x, count_include_pad=count, **options), expected)


# ------------------------------------------------------------------------------ complaints

X, W = randn(2, 4, 8, 8), randn(6, 4, 3, 3)
WRONG = {
    "channels": (lambda: kernels.conv(X, W[:, :3], **PLAIN), "conv: .* has 4 channels.* takes 3"),
    "groups": (lambda: kernels.conv(X, W, **{**PLAIN, "groups": 4}), "groups=4 must divide the 6"),
    "dims": (lambda: kernels.conv(X[0], W, **PLAIN), r"use x\[None\]"),
    "bias": (lambda: kernels.conv(X, W, X, **PLAIN), "bias has shape"),
    "stride": (lambda: kernels.conv(X, W, **{**PLAIN, "stride": (1,)}), r"stride=\(1,\) must be 2"),
    "size": (lambda: kernels.conv(X[..., :2], W, **PLAIN), r"does not fit: .*output of \(6, 0\)"),
    "x": (
        lambda: kernels.conv_transpose(X, W, size=(9, 9), **PLAIN),
        "conv_transpose: x has shape",
    ),
    "gy": (lambda: kernels.conv_weight(X, X, kernel_size=(3, 3), **PLAIN), "conv_weight: gy has"),
    "rim": (
        lambda: kernels.max_pool(X, kernel_size=(2, 2), **{**ONCE, "padding": (2, 2)}),
        "max_pool: a window may meet nothing but padding",
    ),
    "index": (lambda: kernels.scatter_plane(X, X[0].astype(int), size=(9, 9)), "index has shape"),
    "source": (lambda: kernels.scatter_add(np.arange(3), X, length=9), "source has shape"),
    "threads": (lambda: kernels.set_num_threads(0), "at least 1"),
}


@pytest.mark.parametrize("call, message", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mistakes_are_explained(call, message, dtype, monkeypatch):
    monkeypatch.setitem(globals(), "X", X.astype(dtype))
    monkeypatch.setitem(globals(), "W", W.astype(dtype))
    with pytest.raises(ValueError, match=message):
        call()


def test_scatter_add_names_the_bounds():
    with pytest.raises(IndexError, match=r"scatter_add: .*\[-4, 4\)"):
        kernels.scatter_add(np.array([4]), randn(1, 2), length=4)


# ------------------------------------------------------------------------------ oneDNN


def misaligned(x: np.ndarray) -> np.ndarray:
    room = np.empty(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
    room[...] = x
    return room


def frozen(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x.flags.writeable = False
    return x


LAYOUTS = {
    "plain": np.array,
    "fortran": np.asfortranarray,
    "every other": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "backwards": lambda x: x[..., ::-1].copy()[..., ::-1],
    "one value": lambda x: np.broadcast_to(x.ravel()[:1].reshape([1] * x.ndim), x.shape),
    "misaligned": misaligned,
    "frozen": frozen,
    "foreign": lambda x: x.astype(x.dtype.newbyteorder()),
}


def agree(x, weight, gy, options, engine=kernels):
    """The engine's three results are the reference's, to rounding."""
    size, kernel_size = {"size": x.shape[2:]}, {"kernel_size": weight.shape[2:]}
    for name, arrays, more in (
        ("conv", (x, weight), {}),
        ("conv_transpose", (gy, weight), size),
        ("conv_weight", (x, gy), kernel_size),
    ):
        result = getattr(engine, name)(*arrays, **options, **more)
        expected = getattr(reference, name)(*arrays, **options, **more)
        assert result.flags.c_contiguous
        assert not any(np.may_share_memory(result, array) for array in arrays)
        assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


@needs_onednn
@given(convolutions(np.float32, least_batch=1))
def test_onednn_agrees_with_the_reference(case):
    agree(*case, engine=onednn_cpu)


@given(convolutions(np.float32), st.sampled_from(list(LAYOUTS)), st.sampled_from(list(LAYOUTS)))
def test_any_memory_layout_will_do(case, one, other):
    x, weight, gy, options = case
    if x.size:
        x, weight, gy = LAYOUTS[one](x), LAYOUTS[other](weight), LAYOUTS[one](gy)
    agree(x, weight, gy, options)


@needs_onednn
def test_onednn_leaves_the_rest_to_the_reference():
    x, weight = randn(2, 4, 8, 8, dtype=np.float32), randn(6, 4, 3, 3, dtype=np.float32)
    for a, b in ((x.astype(float), weight), (x[:0], weight), (x, weight[:, :3])):
        assert onednn_cpu.conv(a, b, **PLAIN) is NotImplemented


@pytest.mark.allow_fp_faults
def test_special_values_spread_as_in_the_reference():
    x, weight = randn(1, 2, 6, 6, dtype=np.float32), randn(3, 2, 3, 3, dtype=np.float32)
    x[0, 0, 1, 1], x[0, 1, 4, 4] = np.nan, np.inf
    agree(x, weight, randn(1, 3, 4, 4, dtype=np.float32), PLAIN)


def large_case(n: int):
    """A convolution large enough for oneDNN's own threads."""
    x, weight = randn(n, 8, 20, 20, dtype=np.float32), randn(16, 8, 3, 3, dtype=np.float32)
    return x, weight, randn(n, 16, 18, 18, dtype=np.float32), PLAIN


def test_several_threads_at_once():
    cases = [large_case(1 + i % 5) for i in range(40)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda case: agree(*case), cases))


@needs_onednn
def test_plans_and_scratch_space_are_bounded(monkeypatch):
    monkeypatch.setattr(onednn_plan, "KEPT_PLANS", 2)
    monkeypatch.setattr(onednn_plan, "KEPT_SCRATCH", 1000)
    for n in 1, 2, 3, 1, 2:
        agree(*large_case(n))
    with ThreadPoolExecutor(1) as pool:  # a new thread begins with nothing
        pool.submit(agree, *large_case(2)).result()
        assert pool.submit(lambda: len(onednn_plan.mine.plans)).result() == 2
        assert pool.submit(lambda: onednn_plan.mine.kept.size).result() < 2000


def test_address():
    for array in (np.empty(3), np.empty((0, 2)), np.arange(9)[4:], np.empty(5).view(np.matrix)):
        assert onednn_plan.address(array) == array.ctypes.data


@needs_onednn
def test_number_of_threads(monkeypatch):
    library = onednn_library.load()
    before = library.get_threads()
    monkeypatch.setattr(onednn_library.ours, "num_threads", 0)
    for number in (1, 3, before):
        assert kernels.set_num_threads(number)
        agree(*large_case(2))
        assert library.get_threads() == number
        with ThreadPoolExecutor(1) as pool:
            pool.submit(agree, *large_case(2)).result()
            assert pool.submit(library.get_threads).result() == number


def python(script: str, **environment: str) -> str:
    """What a fresh Python prints."""
    command = [sys.executable, "-W", "ignore", "-c", script]
    where = {"PYTHONPATH": os.pathsep.join(sys.path), **os.environ, **environment}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=where)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_does_not_hang():
    script = """
import os, numpy as np
from tadori import kernels
x, w = np.ones((8, 8, 20, 20), np.float32), np.ones((16, 8, 3, 3), np.float32)
run = lambda: kernels.conv(x, w, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1)
y = run()
child = os.fork()
if not child:
    os._exit(0 if np.allclose(run(), y) and "onednn" not in kernels.engines() else 1)
print(os.waitpid(child, 0)[1], np.array_equal(run(), y))
"""
    assert python(script) == "0 True"


def test_onednn_can_be_switched_off(monkeypatch):
    def forbidden(*signature, **options):
        raise AssertionError("oneDNN was asked")

    x, weight, _, options = large_case(1)
    monkeypatch.setattr(onednn_conv, "plan_for", forbidden)
    with kernels.use_onednn(False):
        assert_array_equal(kernels.conv(x, weight, **options), reference.conv(x, weight, **options))
    with kernels.use_onednn(True), pytest.raises(AssertionError, match="was asked"):
        kernels.conv(x, weight, **options)
    show = "from tadori import kernels; print(kernels.switch.onednn)"
    assert python(show, TADORI_ONEDNN="0") == "False"


def test_a_missing_library_is_no_error(monkeypatch, caplog):
    caplog.set_level(logging.INFO, "tadori.kernels")
    for paths in ([], ["/no/such/libdnnl.so"], [__file__]):
        caplog.clear()
        monkeypatch.setattr(onednn_library, "candidates", lambda paths=paths: iter(paths))
        assert onednn_library.search() is None
        assert len(caplog.records) == 1
    monkeypatch.setattr(onednn_library.ours, "library", None)
    monkeypatch.setattr(onednn_library.ours, "searched", True)
    assert "onednn" not in kernels.engines()
    assert kernels.set_num_threads(1) is False
    agree(*large_case(1))


# ------------------------------------------------------------------------------ who answers


class Foreign:
    """An array of another kind: it answers with its name and what it was asked."""

    def __array_function__(self, function, types, args, kwargs):
        return type(self).__name__, function, types, args, kwargs


class Special(Foreign):
    pass


class Shy:
    def __array_function__(self, function, types, args, kwargs):
        return NotImplemented


def test_other_arrays_answer_for_themselves():
    x, other, special = randn(2), Foreign(), Special()
    for arrays, kwargs in (((other, x), {}), ((x, x), {"bias": other}), ((x, x, other), {})):
        name, function, types, args, options = kernels.conv(*arrays, **kwargs, **PLAIN)
        assert (name, function, args, options) == (
            "Foreign",
            kernels.conv,
            arrays,
            {**kwargs, **PLAIN},
        )
        assert {Foreign} <= set(types) <= {np.ndarray, Foreign}
    assert kernels.conv(special, other, x)[0] == "Special"  # the first from the left
    assert kernels.conv(Shy(), other)[0] == "Foreign"
    with pytest.raises(TypeError, match=r"conv: none of .*Shy"):
        kernels.conv(Shy(), x)


def test_subclasses_of_ndarray_and_cupy_run_here():
    class Sub(np.ndarray):
        pass

    class FromCuPy(np.ndarray):
        __module__ = "cupy"

    x, weight, _, options = large_case(1)
    expected = kernels.conv(x, weight, **options)
    for kind in Sub, FromCuPy:
        assert_allclose(kernels.conv(x.view(kind), weight, **options), expected, atol=1e-4)


def test_a_kernel_looks_like_its_reference():
    assert kernels.conv.__name__ == "conv"
    assert kernels.conv.__doc__ == reference.conv.__doc__
    assert set(kernels.__all__) <= set(dir(kernels))


def test_two_thread_pools_do_not_fight():
    """In a process of its own: the first shared convolution leaves OpenBLAS one thread."""
    program = """
import numpy as np, tadori
from tadori.kernels import blas
tadori.set_num_threads(2)
before = blas._calls()[1]()
x, w = tadori.ones(8, 16, 32, 32), tadori.ones(16, 16, 3, 3)
tadori.nn.functional.conv2d(x, w, padding=1)
tadori.set_num_threads(2)
print(before, blas._calls()[1](), tadori.get_num_threads())
"""
    if "onednn" not in kernels.engines() or blas._calls() is None:
        pytest.skip("needs oneDNN and NumPy's OpenBLAS")
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.split() == ["2", "1", "2"], run.stderr
