"""Numba's loops: what they compute is what NumPy's formulas do, and they come only when asked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from tadori import kernels
from tadori.autograd.engine import sum_to
from tadori.kernels import numba_cpu, numba_many, numba_pool, stream, update
from tadori.kernels.box_muller import box_muller
from tadori.kernels.numba_pool import LARGE, PIECE, settings

SIZES = [0, 1, LARGE - 1, LARGE, 3 * PIECE + 1]


@pytest.fixture(autouse=True)
def two_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    pytest.importorskip("numba")
    monkeypatch.setattr(settings, "enabled", True)
    monkeypatch.setattr(settings, "threads", 2)
    return


def without(function: Any, *arrays: Any, **options: Any) -> Any:
    """What NumPy's formula gives."""
    settings.enabled = False
    try:
        with kernels.use_onednn(False):
            return function(*arrays, **options)
    finally:
        settings.enabled = True


# ----------------------------------------------------------------------------------- update rules

ADAM = {"step": 3, "lr": 0.01, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
NADAM = {**ADAM, "mu": 0.8, "mu_next": 0.81, "mu_product": 0.6}
RMSPROP = {"lr": 0.01, "alpha": 0.9, "eps": 1e-8}
RULES: list[tuple[str, int, dict[str, Any]]] = [
    ("sgd", 0, {"lr": 0.1}),
    ("sgd", 0, {"lr": 0.1, "weight_decay": 0.2}),
    ("sgd", 1, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("sgd", 1, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.2}),
    ("adam", 2, ADAM),
    ("adam", 2, {**ADAM, "weight_decay": 0.1}),
    ("adam", 2, {**ADAM, "weight_decay": 0.1, "decoupled": True}),
    ("adam", 3, ADAM),
    ("rmsprop", 1, {**RMSPROP, "weight_decay": 0.1}),
    ("rmsprop", 2, RMSPROP),
    ("rmsprop", 3, {**RMSPROP, "momentum": 0.5}),
    ("adagrad", 1, {"step": 4, "lr": 0.1, "lr_decay": 0.01, "eps": 1e-10, "weight_decay": 0.1}),
    ("adadelta", 2, {"lr": 0.1, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.1}),
    ("adamax", 2, ADAM),
    ("nadam", 2, {**NADAM, "weight_decay": 0.1}),
    ("nadam", 2, {**NADAM, "weight_decay": 0.1, "decoupled": True}),
    ("radam", 2, ADAM),
]


@pytest.mark.parametrize("name, remembered, options", RULES)
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize("size", SIZES)
def test_update_rules(name: str, remembered: int, options: Any, dtype: str, size: int) -> None:
    rule = getattr(update, name)
    rng = np.random.default_rng(0)
    ours = [np.abs(rng.normal(size=size)).astype(dtype) for _ in range(2 + remembered)]
    theirs = [x.copy() for x in ours]
    rule(*ours, **options)
    without(rule, *theirs, **options)
    for one, other in zip(ours, theirs):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_rows_that_lie_apart_are_updated_too() -> None:
    shape = (300, 2 * LARGE // 300)
    ours = [np.full(shape, 0.5, "float32")[:, ::2] for _ in range(4)]
    theirs = [x.copy() for x in ours]
    update.adam(*ours, **ADAM)
    without(update.adam, *theirs, **ADAM)
    for one, other in zip(ours, theirs):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_many_parameters_are_updated_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    shapes = [(3,), (), (0, 5), (100, 300), (5 * PIECE,), (7, 1)]
    members = [[np.abs(rng.normal(size=n)).astype("float32") for _ in range(4)] for n in shapes]
    members += [[x.astype("float64") for x in members[3]], [x.T for x in members[3]]]
    members += [[x.copy() for x in members[3]]]  # its options differ
    options = [ADAM] * 8 + [{**ADAM, "lr": 0.5}]
    expected = [[x.copy() for x in arrays] for arrays in members]
    expected[7] = [x.T for x in expected[3]]
    for arrays, given in zip(expected, options):
        without(update.adam, *arrays, **given)
    calls: list[int] = []
    share = numba_many.share
    monkeypatch.setattr(numba_many, "share", lambda loop, jobs: calls.append(share(loop, jobs)))
    with update.together():
        for arrays, given in zip(members, options):
            update.adam(*arrays, **given)
        assert not calls
    assert len(calls) == 3  # of float32, of float64, of the other options
    for one, other in zip(members, expected):
        for x, y in zip(one, other):
            np.testing.assert_allclose(x, y, rtol=1e-5, atol=1e-6)


def test_what_was_collected_is_done_even_if_a_later_parameter_fails() -> None:
    arrays = [np.ones(LARGE, "float32") for _ in range(4)]
    with pytest.raises(ZeroDivisionError), update.together():
        update.adam(*arrays, **ADAM)
        raise ZeroDivisionError
    assert (arrays[0] < 1).all()
    assert update.mine.calls is None


# ----------------------------------------------------------------------------- activations and rows


@pytest.mark.allow_fp_faults
@pytest.mark.parametrize("kernel", [kernels.gelu, kernels.gelu_slope])
@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("size", SIZES)
def test_activations(kernel: Any, approximate: str, size: int) -> None:
    x = np.linspace(-20, 20, size, dtype="float32")
    x[:6] = [0.0, np.nan, np.inf, -np.inf, -1e30, 1e30][:size]
    expected = without(kernel, x, approximate=approximate)
    found = kernel(x, approximate=approximate)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=3e-6)
    layered = np.stack([x, x])
    np.testing.assert_allclose(
        kernel(layered.T, approximate=approximate).T, [expected, expected], rtol=1e-5, atol=3e-6
    )


def test_tails_keep_their_digits() -> None:
    x = np.linspace(-9, -1, LARGE, dtype="float32")
    wide = x.astype("float64")
    np.testing.assert_allclose(kernels.gelu(x), kernels.gelu(wide), rtol=1e-5)
    np.testing.assert_allclose(without(kernels.gelu, x), kernels.gelu(wide), rtol=1e-5)


ROWS = [(1, LARGE), (LARGE, 1), (LARGE // 3, 7), (3, 5 * PIECE), (8, 128, 65), (2, 3, LARGE, 2)]
EVIL = [0.0, np.nan, np.inf, -np.inf, -1e30, 1e30, 88.0, -88.0, -104.0]


def agree(
    function: Any, *arrays: Any, rtol: float = 2e-5, atol: float = 1e-6, **options: Any
) -> Any:
    """Both engines give the same, up to rounding and to sums taken already."""
    found = function(*arrays, **options)
    expected = without(function, *arrays, **options)
    both = (found, expected) if isinstance(found, tuple) else ((found,), (expected,))
    for one, other in zip(*both):
        if one.shape != other.shape:
            other = sum_to(other, one.shape)
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol, atol * max(1.0, span(other)))
    return found


def span(x: Any) -> float:
    finite = x[np.isfinite(x)]
    return float(np.abs(finite).max()) if finite.size else 1.0


@pytest.fixture(params=ROWS, ids=str)
def rows(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """Numbers, some of them evil, and a gradient."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=request.param).astype("float32")
    flat = x.reshape(-1, x.shape[-1])
    for i, evil in enumerate(EVIL):
        flat[i % len(flat), (7 * i) % flat.shape[1]] = evil
    flat[len(flat) // 2] = -np.inf
    return x, rng.normal(size=x.shape).astype("float32")


@pytest.mark.allow_fp_faults
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax(rows: Any, name: str) -> None:
    x, gy = rows
    function, back = getattr(kernels, name), getattr(kernels, name + "_back")
    y = agree(function, x, axis=-1)
    agree(function, x[..., ::-1], axis=-1)  # not served
    agree(function, x, axis=0)  # neither
    agree(back, y, gy, axis=x.ndim - 1, atol=1e-5)
    agree(back, y, np.broadcast_to(gy[..., :1], gy.shape), axis=-1, atol=1e-5)


@pytest.mark.allow_fp_faults
@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_back(rows: Any, approximate: str) -> None:
    agree(kernels.gelu_back, *rows, approximate=approximate, rtol=1e-5, atol=3e-6)


def test_relu(rows: Any) -> None:
    x, gy = rows
    y = agree(kernels.relu, x, rtol=0, atol=0)
    gy.reshape(-1)[3:5] = np.nan, np.inf  # stay where y > 0 only
    agree(kernels.relu_back, y, gy, rtol=0, atol=0)


@pytest.mark.allow_fp_faults
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", ["plain", "weight", "both", "two axes"])
def test_normalize(rows: Any, dtype: str, form: str) -> None:
    x, gy = (a.astype(dtype) for a in rows)
    axis = (-2, -1) if form == "two axes" else (x.ndim - 1,)
    shape = x.shape[-len(axis) :]
    rng = np.random.default_rng(1)
    weight, bias = rng.normal(size=(2, *shape)).astype(dtype)
    weight = None if form == "plain" else weight
    bias = bias if form in ("both", "two axes") else None
    options: Any = {"axis": axis, "eps": 1e-5}
    x = np.where(np.abs(x) < 1e10, x, np.nan if form == "both" else 1.0).astype(dtype)
    _, mean, var = agree(kernels.normalize, x, weight, bias, **options, atol=1e-5)
    gmean, gvar = rng.normal(size=(2, *mean.shape)).astype(dtype)
    arrays = (x, gy, gmean, gvar, mean, var)
    found = agree(kernels.normalize_back, *arrays, weight, **options, atol=1e-4, rtol=1e-4)
    assert found[1].size == np.prod(shape)  # the sum was taken by the loop
    still = np.broadcast_to(gy[..., :1], gy.shape)
    agree(kernels.normalize_back, x, still, *arrays[2:], weight, **options, atol=1e-4, rtol=1e-4)


def test_a_weight_that_is_no_row_is_left_to_the_formula() -> None:
    x = np.ones((128, 128), "float32")
    for weight in (np.ones((128, 1), "float32"), np.ones(128, "float64"), np.ones(1, "float32")):
        assert numba_cpu.normalize(x, weight, axis=(1,), eps=1e-5) is NotImplemented
    assert numba_cpu.normalize(x, axis=(0,), eps=1e-5) is NotImplemented


@pytest.mark.allow_fp_faults
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("ignore_index", [-100, 0])
def test_cross_entropy(rows: Any, reduction: str, ignore_index: int) -> None:
    x, gy = rows
    target = np.random.default_rng(2).integers(0, x.shape[-1], x.shape[:-1])
    options = {"ignore_index": ignore_index, "reduction": reduction}
    agree(kernels.cross_entropy, x, target, **options)
    x = np.where(np.isfinite(x), x, 0.0).astype("float32")
    gloss = gy[..., 0] if reduction == "none" else np.asarray(1.5, "float32")
    agree(kernels.cross_entropy_back, x, target, gloss, **options)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape, length", [((LARGE,), 9), ((40, 5, 64), 20_000), ((LARGE, 3), 1)])
def test_scatter_add(dtype: str, shape: tuple[int, ...], length: int) -> None:
    rng = np.random.default_rng(0)
    source = rng.normal(size=shape).astype(dtype)
    index = rng.integers(0, length, shape[:2] if len(shape) == 3 else shape[:1])
    index.reshape(-1)[7] = length - 1
    total = agree(kernels.scatter_add, index, source, length=length)
    assert total.flags.owndata  # so that it becomes a leaf's gradient without being copied
    agree(kernels.scatter_add, index.astype("int32")[::2], source[::2], length=length)
    agree(kernels.scatter_add, index - length, source, length=length)  # not served
    with pytest.raises(IndexError, match="index must lie in"):
        kernels.scatter_add(index, source, length=length - 1 if length > 1 else 0)


def test_a_class_that_does_not_exist_is_named() -> None:
    x = np.zeros((LARGE, 2), "float32")
    target = np.zeros(LARGE, "int64")
    target[5] = 2
    with pytest.raises(IndexError, match="Target 2 is out of bounds"):
        kernels.cross_entropy(x, target)


DRAWS = {
    "words": lambda s, n: s.words(n),
    "pairs": lambda s, n: s.pairs(n),
    "uniform": lambda s, n: stream.uniform(s, (n,), np.dtype("float32")),
    "uniform from a to b": lambda s, n: stream.uniform(s, (n,), np.dtype("float32"), -0.3, 0.7),
    "uniform, wide": lambda s, n: stream.uniform(s, (n,), np.dtype("float64"), -0.3, 0.7),
    "normal": lambda s, n: stream.normal(s, (n,), np.dtype("float32")),
    "normal of a, b": lambda s, n: stream.normal(s, (n,), np.dtype("float32"), 0.1, 1.7),
    "bernoulli": lambda s, n: stream.bernoulli(s, (n,), np.dtype("float32"), 0.3),
    "permutation": lambda s, n: stream.permutation(s, n),
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("count", [LARGE - 1, LARGE, LARGE + 5, 2 * PIECE + 16])
def test_random_numbers_are_the_same_to_the_last_bit(name: str, count: int) -> None:
    ours, theirs = stream.Stream(42), stream.Stream(42)
    for s in (ours, theirs):
        s.words(600)  # so that a round of 624 words ends within
    for n in (count, 3, count):
        found = DRAWS[name](ours, n)
        expected = without(DRAWS[name], theirs, n)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(ours.get_state(), theirs.get_state())
    ours.restart(7)
    np.testing.assert_array_equal(ours.words(count), stream.Stream(7).bits.random_raw(count))


def test_all_normal_numbers_that_a_word_can_give() -> None:
    """Every 64th of the uniforms, in both places: the logarithm, the sine and the cosine."""
    u = np.arange(0, 1 << 24, 64, dtype="float32") * np.float32(2.0**-24)
    u = np.concatenate([u[::-1], u, [0.0] * 8, [1 - 2.0**-24] * 8]).astype("float32")
    expected = without(box_muller, u, 0.25, 1.5)
    found = u.copy()
    numba_random = pytest.importorskip("tadori.kernels.numba_random")
    numba_random.box_muller(found.reshape(-1, 16), np.float32(0.25), np.float32(1.5))
    np.testing.assert_array_equal(found, expected)


def test_what_is_not_served() -> None:
    x = np.zeros(LARGE, "float32")
    assert numba_cpu.gelu(x) is not NotImplemented
    assert numba_cpu.gelu(x[1:]) is NotImplemented
    assert numba_cpu.gelu(x.astype("float64")) is NotImplemented
    assert numba_cpu.gelu(x, approximate="?") is NotImplemented
    assert without(numba_cpu.gelu, x) is NotImplemented


def test_several_threads_at_once() -> None:
    x = np.linspace(-3, 3, 4 * PIECE, dtype="float32")
    expected = kernels.gelu(x)
    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(kernels.gelu, [x] * 8):
            np.testing.assert_array_equal(found, expected)


def test_what_a_helping_thread_raises_is_raised() -> None:
    done = []

    def loop(number: int) -> None:
        if number % 2:
            raise ZeroDivisionError(f"job {number}")
        done.append(number)

    for _ in range(3):  # and the thread can be used again
        with pytest.raises(ZeroDivisionError, match="job 1"):
            numba_pool.share(loop, [(0,), (1,)])
    numba_pool.share(loop, [(0,), (2,), (4,)])
    assert sorted(done) == [0, 0, 0, 0, 2, 4]


def run(code: str, **environment: str) -> str:
    """What a fresh process prints that runs `code`."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


IMPORTED = """
import sys, numpy as np, tadori
tadori.nn.functional.gelu(tadori.zeros({size}))
print("numba" in sys.modules)
"""


def test_numba_is_imported_for_large_arrays_only() -> None:
    large = IMPORTED.format(size=LARGE)
    assert run(IMPORTED.format(size=1000)) == "False"
    assert run(large) == "True"
    assert run(large, TADORI_NUMBA="0") == "False"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_has_threads_of_its_own() -> None:
    code = f"""
import os, warnings, numpy as np, tadori
warnings.simplefilter("ignore")
tadori.set_num_threads(2)
x = np.ones({4 * PIECE}, "float32")
before = tadori.kernels.gelu(x)
child = os.fork()
if not child:
    os._exit(int(not (tadori.kernels.gelu(x) == before).all()))
print(os.waitpid(child, 0)[1])
"""
    assert run(code) == "0"


def test_loops_are_compiled_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from tadori.kernels import numba_parts

    def njit(cache: bool = False, **rules: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(**rules)

    real = numba_parts.numba.njit
    monkeypatch.setattr(numba_parts.numba, "njit", njit)
    double = numba_parts.loop(lambda x: 2 * x)
    assert double(3) == 6
