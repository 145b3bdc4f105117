"""Number types, and PyTorch's rules for mixing them.

A dtype here is NumPy's own `np.dtype`. What differs from NumPy, after the table in PyTorch's
"Tensor Attributes" page: new floating tensors are float32; int64 with float32 gives float32; a 0-d
tensor widens an n-d one only when it is of a higher kind (bool < integer < float < complex); a
Python number never widens within its kind, and a weaker complex one makes complex64 of float32,
whatever its own width.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

__all__ = [
    "bool_",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
    "finfo",
    "iinfo",
    "get_default_dtype",
    "set_default_dtype",
    "promote_types",
    "result_type",
    "can_cast",
    "is_floating_point",
    "is_complex",
]

bool_ = np.dtype("bool")
uint8 = np.dtype("uint8")
int8 = np.dtype("int8")
int16 = np.dtype("int16")
int32 = np.dtype("int32")
int64 = np.dtype("int64")
float16 = np.dtype("float16")
float32 = np.dtype("float32")
float64 = np.dtype("float64")
complex64 = np.dtype("complex64")
complex128 = np.dtype("complex128")

DType = np.dtype[Any]
_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "V": 2, "c": 3}  # ml_dtypes' bfloat16 calls itself "V"
_default = float32


def get_default_dtype() -> DType:
    """The dtype of new floating-point tensors: float32 unless changed."""
    return _default


def set_default_dtype(dtype: Any) -> None:
    """Make `dtype` (a floating-point one) the dtype of new floating-point tensors."""
    global _default
    new = np.dtype(dtype)
    if new not in (float16, float32, float64):
        raise TypeError(
            f"set_default_dtype: only floating-point types can be the default, got {new}"
        )
    _default = new


def is_floating(dtype: DType) -> bool:
    """True for real floating-point and complex dtypes: the ones that can carry a gradient."""
    return _RANK.get(dtype.kind, 0) >= 2


def is_floating_point(input: Any) -> bool:
    """Whether a tensor holds real floating-point numbers."""
    return bool(_RANK.get(input.dtype.kind, 0) == 2)


def is_complex(input: Any) -> bool:
    """Whether a tensor holds complex numbers."""
    return bool(input.dtype.kind == "c")


def holds_numbers(dtype: DType) -> bool:
    """Whether tensors can have this dtype: bool, integers, floats to float64, complex, bfloat16."""
    largest = {"b": 1, "u": 8, "i": 8, "f": 8, "c": 16}.get(dtype.kind, 0)
    return dtype.itemsize <= largest or dtype.name == "bfloat16"


def can_cast(from_: Any, to: Any) -> bool:
    """Whether an in-place operation may turn `from_` into `to`: never to a lower kind (bool,
    integer, float, complex).
    """
    return _RANK[np.dtype(from_).kind] <= _RANK[np.dtype(to).kind]


def promote_types(a: DType, b: DType) -> DType:
    """The dtype in which an operation between tensors of dtypes `a` and `b` computes."""
    if a == b:
        return a
    rank_a, rank_b = _RANK[a.kind], _RANK[b.kind]
    if rank_a == rank_b or min(rank_a, rank_b) >= 2:
        return np.promote_types(a, b)
    return a if rank_a > rank_b else b


def result_type(*inputs: Any) -> DType:
    """The common dtype of arrays, tensors and Python numbers, by PyTorch's rules.

    Three classes are promoted by themselves: tensors with dimensions, 0-d tensors, Python numbers.
    A weaker class changes the result only when it is of a higher kind.
    """
    classes: list[DType | None] = [None, None, None]
    for x in inputs:
        dtype = getattr(x, "dtype", None)
        place = 2 if dtype is None else (1 if x.ndim == 0 else 0)
        if dtype is None:
            dtype = number_dtype(x)
        known = classes[place]
        classes[place] = dtype if known is None else promote_types(known, dtype)
    result: DType | None = None
    for dtype in classes:
        if dtype is None:
            continue
        if result is None:
            result = dtype
        elif dtype.kind == "c" and _RANK[result.kind] == 2:
            result = complex128 if result == float64 else complex64
        elif _RANK[dtype.kind] > _RANK[result.kind]:
            result = dtype
    if result is None:
        raise TypeError("result_type: at least one input is needed")
    return result


class finfo:
    """The limits of a floating-point dtype, as Python numbers; of the default one if none is named.

    eps: the step from 1 to the next number.   smallest_normal (also `tiny`): the smallest with full
    precision. resolution: the decimal step that is always kept.   bits, min, max, dtype (its name).
    """

    def __init__(self, dtype: Any = None) -> None:
        kind = _default if dtype is None else np.dtype(dtype)
        if _RANK.get(kind.kind, 0) < 2:
            raise TypeError(f"finfo: {kind} is not a floating-point dtype. Remedy: iinfo")
        # NumPy knows nothing of bfloat16; the package that brought it does.
        source = sys.modules["ml_dtypes"] if kind.kind == "V" else np
        info: Any = source.finfo(kind)
        self.bits, self.dtype = int(info.bits), str(info.dtype)
        self.eps, self.min, self.max = float(info.eps), float(info.min), float(info.max)
        self.smallest_normal = self.tiny = float(info.smallest_normal)
        self.resolution = 10.0 ** -int(info.precision)

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        numbers = [f"{name}={getattr(self, name):.6g}" for name in names]
        return f"finfo({', '.join(numbers)}, dtype={self.dtype})"


class iinfo:
    """The limits of an integer dtype: bits, min, max, dtype (its name)."""

    def __init__(self, dtype: Any) -> None:
        kind = np.dtype(dtype)
        if kind.kind not in "iu":
            raise TypeError(f"iinfo: {kind} is not an integer dtype. Remedy: finfo")
        info = np.iinfo(kind)
        self.bits, self.dtype, self.min, self.max = info.bits, kind.name, info.min, info.max

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"


def number_dtype(value: Any) -> DType:
    """The dtype a Python number (or a nested list of them) takes as a tensor of its own."""
    if isinstance(value, bool):
        return bool_
    if isinstance(value, int):
        return int64
    if isinstance(value, float):
        return _default
    if isinstance(value, complex):
        return complex128 if _default == float64 else complex64
    found = np.asarray(value).dtype
    if found.kind in "OUSmM":
        raise TypeError(f"expected a number, an array or a Tensor, got {value!r}")
    return _default if found == float64 else found
