"""Number semantics: promotion, operators with anything on the left, special values, integers."""

from __future__ import annotations

import math
import operator
import subprocess
import sys

import numpy as np
import pytest

import tadori
from tadori import Tensor, kernels
from tadori.dtype import set_default_dtype
from tadori.kernels import numba_pool

NAN, INF = math.nan, math.inf


def tensor(values, dtype="float32"):
    return Tensor(np.array(values, dtype))


# ------------------------------------------------------------------------------ dtypes of results

DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
NUMBERS = (True, 2, 2.0)


def samples(library):
    """Operands of every dtype, with dimensions and without, and Python numbers, by name."""
    found = {repr(n): n for n in NUMBERS}
    for dtype in DTYPES:
        for shape in ((2,), ()):
            array = np.ones(shape, dtype)
            found[f"{dtype}{shape}"] = library(array)
    return found


@pytest.mark.parametrize("symbol", ["add", "mul", "truediv", "maximum", "lt"])
def test_promotion_is_pytorchs(symbol):
    torch = pytest.importorskip("torch")
    ours, theirs = samples(Tensor), samples(lambda a: torch.tensor(a))
    wrong = []
    for left in ours:
        for right in ours:
            if left in map(repr, NUMBERS) and right in map(repr, NUMBERS):
                continue
            if symbol == "maximum":
                if left in map(repr, NUMBERS) or right in map(repr, NUMBERS):
                    continue
                found = ours[left].maximum(ours[right])
                expected = torch.maximum(theirs[left], theirs[right])
            else:
                found = getattr(operator, symbol)(ours[left], ours[right])
                expected = getattr(operator, symbol)(theirs[left], theirs[right])
            if str(found.dtype) != str(expected.dtype).removeprefix("torch."):
                wrong.append((left, right, found.dtype, expected.dtype))
    assert not wrong


FLOATING = [
    "sqrt rsqrt reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh",
    "cosh tanh asinh acosh atanh sigmoid logit erf erfc erfinv lgamma digamma deg2rad rad2deg sinc",
]
KEEPING = ["neg abs sign square floor ceil trunc round relu positive"]


@pytest.mark.parametrize("name", " ".join(FLOATING + KEEPING).split())
@pytest.mark.parametrize("dtype", ["int64", "uint8", "float16", "float32", "float64"])
@pytest.mark.allow_fp_faults
def test_dtype_of_functions(name, dtype):
    torch = pytest.importorskip("torch")
    values = np.ones(3, dtype)
    found = getattr(Tensor(values), name)()
    expected = getattr(torch.tensor(values), name)()
    assert str(found.dtype) == str(expected.dtype).removeprefix("torch.")
    tolerance = 2e-3 if dtype == "float16" else 1e-6
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=tolerance, atol=tolerance)


LEFT = {
    "int": 2,
    "float": 0.5,
    "bool": True,
    "float64 scalar": np.float64(2),
    "float32 scalar": np.float32(2),
    "int64 scalar": np.int64(2),
    "float32 array": np.array([2.0, 4.0], "float32"),
    "0-d float64 array": np.array(2.0),
    "int array": np.array([2, 4]),
}
SYMBOLS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod]


@pytest.mark.parametrize("left", LEFT.values(), ids=LEFT)
@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda f: f.__name__)
def test_anything_on_the_left(left, symbol, stays_float32):
    t = tensor([1.5, 3.0]).requires_grad_()
    wide = isinstance(left, np.ndarray) and left.dtype == np.float64
    y = symbol(left, t) if wide else stays_float32(symbol, left, t)
    expected = symbol(left, t.detach().numpy())
    assert isinstance(y, Tensor)
    assert y.dtype == "float32"
    np.testing.assert_allclose(y.detach().numpy(), expected, rtol=1e-6)
    y.sum().backward()
    assert t.grad.dtype == "float32"


def test_arrays_on_both_sides():
    t = tensor([1.0, 2.0])
    assert isinstance(np.ones(2) + t, Tensor)
    assert (np.ones(2) + t).dtype == "float64"
    assert (t + np.ones(2, "float32")).dtype == "float32"
    assert (np.array([0.5, 3.0]) < t).tolist() == [True, False]
    with pytest.raises(TypeError, match="out="):
        array = np.ones(2)
        array += t


def test_default_dtype_of_integers():
    assert (tensor([1, 2], "int64") / 2).dtype == "float32"
    try:
        set_default_dtype("float64")
        assert (tensor([1, 2], "int64") / 2).dtype == "float64"
        assert np.where(tensor([True, False], bool), 1.0, 0.0).dtype == "float64"
    finally:
        set_default_dtype("float32")


# --------------------------------------------------------------------------------- special values

VALUES = [0.0, -0.0, 1.0, -1.0, 0.5, 1000.0, -1000.0, 88.0, -104.0, 1e-20, INF, -INF, NAN]
PAIRS = [(a, b) for a in (0.0, 1.0, -2.0, 1000.0, INF, -INF, NAN) for b in (0.0, 1.0, -2.0, INF)]
EVERYWHERE = (
    "neg abs sign reciprocal square sqrt rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan "
    "asin acos atan sinh cosh tanh asinh acosh atanh sigmoid erf erfc floor ceil round trunc "
    "isnan isinf isfinite isposinf isneginf signbit logical_not nan_to_num relu lgamma digamma "
    "erfinv"
)
#: where Tadori is not PyTorch: NaN stays NaN in sign, and so in the derivative of abs, as in NumPy;
#: at the poles of the gamma family
SKIPPED = {
    "sign": [NAN],
    "abs": [NAN],
    "relu": [NAN],
    "digamma": [0.0, -1.0, -1000.0, -104.0, -INF],
    "lgamma": [0.0, -1.0, -1000.0, -104.0, -INF],
}


def both(function, values):
    """(value, gradient) of ours and of PyTorch's, in float64."""
    torch = pytest.importorskip("torch")
    found = []
    for library in (Tensor, torch.tensor):
        xs = [library(np.array(v)).requires_grad_() for v in values]
        y = function(*xs)
        if y.requires_grad:
            y.backward(library(np.ones(tuple(y.shape))))
        gradients = [None if x.grad is None else np.asarray(x.grad.detach()) for x in xs]
        found.append((np.asarray(y.detach()), gradients))
    return found


@pytest.mark.parametrize("name", EVERYWHERE.split())
@pytest.mark.allow_fp_faults
def test_special_values(name):
    skipped = SKIPPED.get(name, [])
    values = [v for v in VALUES if not np.isin(v, skipped) and not (v != v and NAN in skipped)]
    (y, (gx,)), (expected, (expected_gx,)) = both(lambda x: getattr(x, name)(), [values])
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-14 if name == "lgamma" else 1e-300)
    if gx is not None:  # PyTorch's trigamma has 9 digits
        np.testing.assert_allclose(gx, expected_gx, rtol=1e-8 if name == "digamma" else 1e-10)


BINARY = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "floor_divide": lambda a, b: a.detach().floor_divide(b.detach()),
    "pow": lambda a, b: a**b,
    "remainder": lambda a, b: a.remainder(b),
    "fmod": lambda a, b: a.fmod(b),
    "maximum": lambda a, b: a.maximum(b),
    "minimum": lambda a, b: a.minimum(b),
    "fmax": lambda a, b: a.fmax(b),
    "fmin": lambda a, b: a.fmin(b),
    "atan2": lambda a, b: a.atan2(b),
    "hypot": lambda a, b: a.hypot(b),
    "clamp": lambda a, b: a.clamp(b, 1.0 + b),
    "clamp_min": lambda a, b: a.clamp(min=b),
    "clamp_max": lambda a, b: a.clamp(max=b),
    "eq": lambda a, b: a == b,
    "lt": lambda a, b: a < b,
    "logical_xor": lambda a, b: a.logical_xor(b),
}


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.allow_fp_faults
def test_special_pairs(name):
    (y, grads), (expected, expected_grads) = both(BINARY[name], list(zip(*PAIRS, strict=True)))
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    for g, e in zip(grads, expected_grads, strict=True):
        if e is not None:
            np.testing.assert_allclose(g, e, rtol=1e-12)


KINKS = {
    "relu": (kernels.relu, [0.0, -1.0, 1.0]),
    "relu6": (kernels.relu6, [0.0, 6.0, 3.0, -1.0, 7.0]),
    "hardtanh": (kernels.hardtanh, [1.0, -1.0, 0.0, 2.0]),
    "hardsigmoid": (kernels.hardsigmoid, [3.0, -3.0, 0.0]),
    "hardswish": (kernels.hardswish, [3.0, -3.0, 0.0, 4.0, -4.0]),
    "leaky_relu": (kernels.leaky_relu, [0.0, 1.0, -1.0, -INF, INF]),
    "elu": (kernels.elu, [0.0, 1.0, -1.0, -1000.0, 1000.0, -INF, INF]),
    "selu": (kernels.selu, [0.0, 1.0, -1.0, -1000.0, 1000.0]),
    "softplus": (kernels.softplus, [0.0, 20.0, 20.1, 1000.0, -1000.0, INF, -INF]),
    "logsigmoid": (kernels.logsigmoid, [0.0, 1000.0, -1000.0, INF, -INF]),
    "softshrink": (kernels.softshrink, [0.5, -0.5, 1.0, 0.0]),
    "hardshrink": (kernels.hardshrink, [0.5, -0.5, 1.0, 0.0]),
    "silu": (kernels.silu, [0.0, 1000.0, -1000.0]),
    "gelu": (kernels.gelu, [0.0, 30.0, -30.0, 1000.0, -1000.0]),
    "mish": (kernels.mish, [0.0, 1000.0, -1000.0]),
    "softsign": (kernels.softsign, [0.0, 1000.0, -1000.0]),
    "tanhshrink": (kernels.tanhshrink, [0.0, 1000.0, -1000.0]),
}


@pytest.mark.parametrize("name", KINKS)
def test_activations_at_kinks_and_far_out(name):
    """Without a fault: an overflow on the way would raise here, and warn the user."""
    torch = pytest.importorskip("torch")
    kernel, values = KINKS[name]
    theirs = getattr(torch.nn.functional, name)
    both_of_them = lambda x: (kernel if isinstance(x, Tensor) else theirs)(x)  # noqa: E731
    (y, (gx,)), (expected, (expected_gx,)) = both(both_of_them, [values])
    np.testing.assert_allclose(y, expected, rtol=1e-7, atol=1e-15)
    np.testing.assert_allclose(gx, expected_gx, rtol=1e-7, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sigmoid_far_out_is_quiet_and_exact(dtype):
    y = tensor([-INF, -1000, 1000, INF], dtype).sigmoid()
    assert y.tolist() == [0, 0, 1, 1]


def test_no_gradient_leaks_through_a_mask():
    """An infinite derivative behind a mask must not become NaN: the idiom sqrt(relu(x))."""
    for mask in (
        lambda x: x.relu(),
        lambda x: x.clamp(min=0),
        lambda x: kernels.hardtanh(x, min_val=0.0, max_val=9.0),
        lambda x: np.where(x > 0, x, 0.0),
        lambda x: np.maximum(x, 0.0) * 1,
    ):
        for size in (1, 3000):
            x = tensor([-1.0, 4.0] * size).requires_grad_()
            with np.errstate(divide="ignore"):
                mask(x).sqrt().sum().backward()
            assert x.grad[:2].tolist() == [0, 0.25]
            assert not np.isnan(x.grad.numpy()).any()


# --------------------------------------------------------------------- softmax and its relatives


def test_softmax_of_large_numbers():
    x = tensor([[1000.0, 1000.0], [-1000.0, 1000.0], [0.0, -INF]])
    assert x.softmax(1).tolist() == [[0.5, 0.5], [0, 1], [1, 0]]
    log = x.log_softmax(1)
    np.testing.assert_allclose(log.numpy(), [[-math.log(2)] * 2, [-2000, 0], [0, -INF]])
    np.testing.assert_allclose(
        x.logsumexp(1).numpy(), [1000 + math.log(2), 1000, 0], rtol=1e-6, atol=1e-6
    )


def test_logsumexp_of_nothing_but_minus_infinity():
    x = tensor([[-INF, -INF], [1.0, -INF]]).requires_grad_()
    y = x.logsumexp(1)
    assert y.tolist() == [-INF, 1]
    y.sum().backward()
    assert x.grad.tolist() == [[0, 0], [1, 0]]  # PyTorch has NaN in the first row


def test_softmax_computes_in_the_dtype_given():
    x = tensor([[1.0, 2.0]], "float16").requires_grad_()
    y = x.softmax(-1, dtype=np.float32)
    assert y.dtype == "float32"
    y[0, 0].backward()
    assert x.grad.dtype == "float16"


def test_xlogy_at_zero():
    x = tensor([0.0, 0.0, 2.0]).requires_grad_()
    y = tensor([0.0, 3.0, 1.0]).requires_grad_()
    z = x.xlogy(y)
    assert z.tolist() == [0, 0, 0]
    z.sum().backward()
    assert x.grad.tolist() == [0, 0, 0]
    assert y.grad.tolist() == [0, 0, 2]


# ----------------------------------------------------------------------------------------- powers


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, -0.5, 2.5, True])
@pytest.mark.allow_fp_faults
def test_numbers_as_exponents(exponent):
    values = [0.0, 1.0, 2.0, INF] if isinstance(exponent, float) else VALUES
    found = both(lambda x: x**exponent, [values])
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
    np.testing.assert_allclose(found[0][1][0], found[1][1][0], rtol=1e-12)


@pytest.mark.parametrize("base", [0, 1, 2, 0.5, 0.0])
@pytest.mark.allow_fp_faults
def test_powers_of_numbers(base):
    found = both(lambda x: base**x, [[0.0, 1.0, -1.0, 2.5]])
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
    np.testing.assert_allclose(found[0][1][0], found[1][1][0], rtol=1e-12)


def test_integer_powers():
    t = tensor([2, 3], "int64")
    assert (t**2).tolist() == [4, 9]
    assert (t**2).dtype == "int64"
    assert (t**2.0).dtype == "float32"
    assert (2**t).tolist() == [4, 8]
    assert (t**t).tolist() == [4, 27]
    with pytest.raises(RuntimeError, match="negative integer powers"):
        t**-1


# --------------------------------------------------------------------------------------- integers


@pytest.mark.parametrize("a", [7, -7])
@pytest.mark.parametrize("b", [2, -2, 3])
def test_integer_division(a, b):
    torch = pytest.importorskip("torch")
    x, y = tensor([a], "int64"), tensor([b], "int64")
    p, q = torch.tensor([a]), torch.tensor([b])
    assert (x // y).tolist() == (p // q).tolist()
    assert (x % y).tolist() == (p % q).tolist()
    assert x.fmod(y).tolist() == p.fmod(q).tolist()
    for mode in ("floor", "trunc"):
        found = x.div(y, rounding_mode=mode)
        assert found.tolist() == p.div(q, rounding_mode=mode).tolist()
        assert found.dtype == "int64"
    assert (x / y).tolist() == (p / q).tolist()


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
@pytest.mark.parametrize("zero", [0, np.array([1, 0])])
def test_integers_are_not_divided_by_zero(name, zero):
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        getattr(tensor([1, 2], "int64"), name)(zero)


def test_rounding_of_integers_keeps_them():
    t = tensor([1, -2], "int64")
    for name in ("floor", "ceil", "trunc", "round"):
        found = getattr(t, name)()
        assert found.dtype == "int64"
        assert found.tolist() == [1, -2]


def test_rounding_mode_is_checked():
    with pytest.raises(RuntimeError, match="rounding_mode"):
        tensor([1.0]).div(2, rounding_mode="up")


# ---------------------------------------------------------------------------- questions and choices


def test_answers_are_not_recorded():
    x = tensor([1.0, 2.0]).requires_grad_()
    for y in (x > 1, x == x, x.isnan(), x.logical_not(), x.isclose(x), x.long()):
        assert not y.requires_grad


def test_equal_and_allclose_are_python_bools():
    x = tensor([1.0, NAN])
    assert x.equal(x) is False
    assert tensor([1.0]).equal(tensor([1], "int64")) is True
    assert tensor([1.0]).equal(tensor([1.0, 1.0])) is False
    assert x.allclose(x) is False
    assert x.allclose(x, equal_nan=True) is True
    assert np.allclose(tensor([1.0]), tensor([1.0 + 1e-7])) is True
    assert x.isclose(x, equal_nan=True).tolist() == [True, True]


def test_where_alone_gives_places():
    rows, columns = np.where(tensor([[0, 1], [2, 0]]))
    assert rows.tolist() == [0, 1]
    assert columns.tolist() == [1, 0]


@pytest.mark.parametrize("a", ["float32", "int64", 1, 1.5, True])
@pytest.mark.parametrize("b", ["float64", "uint8", 2, 2.5])
def test_where_promotes_its_values_only(a, b):
    torch = pytest.importorskip("torch")
    a, b = (np.ones(2, v) if isinstance(v, str) else v for v in (a, b))
    condition = np.array([True, False])
    found = np.where(Tensor(condition), a, b)
    p, q = (torch.tensor(v) if isinstance(v, np.ndarray) else v for v in (a, b))
    expected = torch.where(torch.tensor(condition), p, q)
    assert str(found.dtype) == str(expected.dtype).removeprefix("torch.")
    assert found.tolist() == expected.tolist()


def test_clamp_needs_a_bound():
    with pytest.raises(RuntimeError, match="at least one of"):
        tensor([1.0]).clamp()


def test_nan_to_num():
    x = tensor([NAN, INF, -INF, 2.0]).requires_grad_()
    y = x.nan_to_num(1.0, posinf=9.0)
    assert y.tolist() == [1, 9, float(np.finfo("float32").min), 2]
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 0, 1]


def test_large_selections_are_those_of_numpy():
    """Above a size `masked` and `select` work on bits."""
    rng = np.random.default_rng(0)
    for dtype in ("float16", "float32", "float64", "int64"):
        a, b = (rng.normal(size=(70, 80)) * 100).astype(dtype), np.full((70, 80), 7, dtype)
        mask = a > 0
        if dtype != "int64":
            a[0, :3] = NAN, INF, -0.0
            b[1, :3] = NAN, -INF, -0.0
        np.testing.assert_array_equal(kernels.select(mask, a, b), np.where(mask, a, b))
        np.testing.assert_array_equal(kernels.masked(a, mask), np.where(mask, a, 0))
        assert kernels.masked(a, mask).dtype == dtype
        np.testing.assert_array_equal(kernels.masked(a.T, mask.T), np.where(mask, a, 0).T)


def test_large_activations_are_computed_in_blocks(monkeypatch):
    monkeypatch.setattr(numba_pool.settings, "enabled", False)  # its loops round otherwise
    x = np.random.default_rng(0).normal(size=(3, 20011)).astype("float32")
    for kernel in (kernels.erf, kernels.gelu, kernels.softplus):
        whole = kernel(x)
        assert whole.shape == x.shape
        assert whole.dtype == "float32"
        np.testing.assert_array_equal(whole[2, -5:], kernel(x[2, -5:]))
        np.testing.assert_array_equal(kernel(x.T), whole.T)


# ------------------------------------------------------------------------------------ conversions


def test_conversions():
    x = tensor([0.5, -1.5, 3.0])
    assert x.double().dtype == "float64"
    assert x.half().dtype == "float16"
    assert x.long().tolist() == [0, -1, 3]
    assert x.int().dtype == "int32"
    assert x.bool().tolist() == [True, True, True]
    assert x.float() is x
    assert x.to("cpu") is x
    assert x.to(x) is x
    assert x.to(np.float32, copy=True) is not x
    assert x.to("cpu", np.int64, non_blocking=True).dtype == "int64"
    assert x.to(dtype=np.float64, device="cpu").dtype == "float64"
    assert x.to(tensor([1], "int16")).dtype == "int16"
    assert x.type() == "tadori.FloatTensor"
    assert x.type(np.float64).type() == "tadori.DoubleTensor"
    assert x.type_as(tensor([1], "int64")).dtype == "int64"
    assert np.astype(x, "int8").dtype == "int8"


def test_gradients_come_back_in_the_dtype_of_the_input():
    x = tensor([1.0, 2.0]).requires_grad_()
    y = x.double().half().float()
    y.sum().backward()
    assert x.grad.dtype == "float32"
    assert not x.long().requires_grad


def test_mixed_dtypes_in_one_operation():
    x = tensor([1.0, 2.0]).requires_grad_()
    w = tensor([3.0, 4.0], "float64").requires_grad_()
    (x * w).sum().backward()
    assert x.grad.dtype == "float32"
    assert w.grad.dtype == "float64"


def test_contiguous_and_clone():
    x = tensor([[1.0, 2.0], [3.0, 4.0]]).requires_grad_()
    assert x.contiguous() is x
    y = x.t().contiguous()
    assert y.array.flags.c_contiguous
    assert not np.shares_memory(y.array, x.array)
    assert not np.shares_memory(x.clone().array, x.array)
    (y * tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert x.grad.tolist() == [[1, 3], [2, 4]]


# ------------------------------------------------------------------------------ float32 throughout


@pytest.mark.parametrize("name", sorted(" ".join(FLOATING + KEEPING).split()))
def test_derivatives_stay_float32(name, stays_float32):
    def derivatives(x):
        (gx,) = tadori.autograd.grad(getattr(x, name)().sum(), [x], create_graph=True)
        if gx.requires_grad:
            gx.sum().backward()
        return gx, x.grad

    for shape in ((), (3,)):
        x = Tensor(np.full(shape, 0.3, "float32")).requires_grad_()
        if name == "acosh":
            x = Tensor(np.full(shape, 1.3, "float32")).requires_grad_()
        stays_float32(derivatives, x)


def test_infinities_are_no_warnings_but_the_users_own_are():
    program = """
import numpy as np, tadori
x = tadori.tensor([0.0, 1.0], requires_grad=True)
(x.log() + 1 / x + x.sqrt() + (x - x) / (x - x)).sum().backward()
np.log(np.zeros(1))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0
    warned = [line for line in run.stderr.splitlines() if "Warning" in line]
    assert len(warned) == 1 and warned[0].startswith("<string>:5: RuntimeWarning"), run.stderr
