"""`assert_close` and `make_tensor`, for tests of programs that use tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .methods.creation import shape_of
from .random import randint
from .tensor import Tensor

__all__ = ["assert_close", "make_tensor"]

#: dtype -> (rtol, atol); everything else must be equal
TOLERANCES = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Raise AssertionError unless |actual - expected| <= atol + rtol |expected| everywhere.

    Numbers, arrays, Tensors, and sequences and mappings of them, are compared part by part.
    Without rtol and atol, the dtype decides: of two different ones, the wider tolerance.
    """
    if (rtol is None) != (atol is None):
        raise ValueError("assert_close: rtol and atol must both be given, or neither")
    rules = (rtol, atol, equal_nan, check_device, check_dtype, check_stride)
    for place, found, wanted in pairs(actual, expected, ""):
        problem = difference(found, wanted, *rules)
        if problem:
            said = f"{problem}\n\nThe failure occurred for item {place}" if place else problem
            raise AssertionError(msg(said) if callable(msg) else msg or said)


def pairs(actual: Any, expected: Any, place: str) -> Any:
    """(place, actual, expected) of each part."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        if actual.keys() != expected.keys():
            raise AssertionError(f"The keys do not match: {list(actual)} and {list(expected)}")
        for key in expected:
            yield from pairs(actual[key], expected[key], f"{place}[{key!r}]")
    elif plain_sequence(expected) and plain_sequence(actual):
        if len(actual) != len(expected):
            raise AssertionError(f"The lengths do not match: {len(actual)} and {len(expected)}")
        for i, (found, wanted) in enumerate(zip(actual, expected, strict=True)):
            yield from pairs(found, wanted, f"{place}[{i}]")
    else:
        yield place, actual, expected


def plain_sequence(x: Any) -> bool:
    """Whether x is a list or a tuple of things to be compared."""
    return isinstance(x, Sequence) and not isinstance(x, str | bytes)


def difference(
    actual: Any,
    expected: Any,
    rtol: float | None,
    atol: float | None,
    equal_nan: bool,
    check_device: bool,
    check_dtype: bool,
    check_stride: bool,
) -> str:
    """What is not the same about two tensors or numbers; empty if all is."""
    if isinstance(actual, Tensor) != isinstance(expected, Tensor):
        return f"Types do not match: {type(actual).__name__} and {type(expected).__name__}"
    kept = isinstance(actual, Tensor | np.ndarray)
    if kept and actual.shape != expected.shape:
        return f"The values for attribute 'shape' do not match: {actual.shape} != {expected.shape}"
    if kept and check_dtype and actual.dtype != expected.dtype:
        return f"The values for attribute 'dtype' do not match: {actual.dtype} != {expected.dtype}"
    if isinstance(actual, Tensor):
        if check_device and actual.device != expected.device:
            return f"The devices do not match: {actual.device} != {expected.device}"
        if check_stride and actual.stride() != expected.stride():
            return f"The strides do not match: {actual.stride()} != {expected.stride()}"
        actual, expected = actual.detach().cpu().numpy(), expected.detach().cpu().numpy()
    a, b = np.asarray(actual), np.asarray(expected)
    if rtol is None or atol is None:
        limits = [TOLERANCES.get(x.dtype.name, (0.0, 0.0)) for x in (a, b)]
        rtol, atol = (max(pair) for pair in zip(*limits, strict=True))
    close = np.isclose(a, b, rtol, atol, equal_nan=equal_nan)
    if close.all():
        return ""
    wrong = np.abs(np.subtract(a, b, dtype=np.result_type(a, b, np.float32)))
    worst = np.unravel_index(np.argmax(np.where(close, -1, wrong)), wrong.shape)
    count = f"Mismatched elements: {(~close).sum()} / {close.size}"
    greatest = f"Greatest absolute difference: {wrong[worst]} at index {tuple(map(int, worst))}"
    return f"Tensor-likes are not close!\n\n{count}\n{greatest} (up to {atol} + {rtol} relative)"


def make_tensor(
    *shape: Any,
    dtype: Any,
    device: Any = "cpu",
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
) -> Tensor:
    """A tensor of random numbers in [low, high): by default [-9, 9), whole ones to 9 included, and
    no negative ones where the dtype has none. From the same seed PyTorch's numbers.
    """
    kind, size = np.dtype(dtype), shape_of(shape)
    drawn = (*size[:-1], 2 * size[-1]) if noncontiguous and size else size
    if kind.kind == "b":
        first = math.floor(max(low or 0, 0))
        last = math.floor(2 if high is None else min(high, 2))
        numbers: Any = randint(first, last, drawn).to(kind)
    elif kind.kind in "iu":
        least = 0 if kind.kind == "u" else -9
        first = math.floor(least if low is None else low)
        last = math.floor(10 if high is None else high)
        numbers = randint(first, last, drawn, dtype=kind)
    else:
        real = np.empty(0, kind).real.dtype
        pairs = (*drawn, 2) if kind.kind == "c" else drawn
        numbers = Tensor(np.empty(pairs, real))
        numbers.uniform_(-9 if low is None else low, 9 if high is None else high)
        if kind.kind == "c":
            numbers = Tensor(numbers.array.view(kind)[..., 0])
    if noncontiguous and size:
        numbers = numbers[..., ::2]
    if exclude_zero:
        least = np.finfo(kind).tiny if kind.kind in "fc" else 1
        numbers.array[numbers.array == 0] = least
    numbers = numbers.to(device)
    return numbers.requires_grad_() if requires_grad else numbers  # type: ignore[no-any-return]
