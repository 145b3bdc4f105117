"""Number types, and PyTorch's rules for mixing them.

A dtype here is NumPy's own `np.dtype`. What differs from NumPy, after the table in PyTorch's "Tensor
Attributes" page: new floating tensors are float32; int64 with float32 gives float32; a 0-d tensor widens an
n-d one only when it is of a higher kind (bool < integer < float < complex); a Python number never widens
within its kind.
"""

from __future__ import annotations

from typing import Any

import numpy as np

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
    if new.kind != "f":
        raise TypeError(
            f"set_default_dtype: only floating-point types can be the default, got {new}"
        )
    _default = new


def is_floating(dtype: DType) -> bool:
    """True for real floating-point and complex dtypes: the ones that can carry a gradient."""
    return _RANK.get(dtype.kind, 0) >= 2


def promote_types(a: DType, b: DType) -> DType:
    """The dtype of an operation between tensors of dtypes `a` and `b` (PyTorch's `promote_types`)."""
    if a == b:
        return a
    rank_a, rank_b = _RANK[a.kind], _RANK[b.kind]
    if rank_a == rank_b or min(rank_a, rank_b) >= 2:
        return np.promote_types(a, b)
    return a if rank_a > rank_b else b


def result_type(*inputs: Any) -> DType:
    """The common dtype of arrays, tensors and Python numbers, by PyTorch's rules.

    Three classes are promoted by themselves: tensors with dimensions, 0-d tensors, Python numbers. A weaker
    class changes the result only when it is of a higher kind.
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
        elif _RANK[dtype.kind] > _RANK[result.kind]:
            result = promote_types(result, dtype)
    if result is None:
        raise TypeError("result_type: at least one input is needed")
    return result


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
    return _default if found == float64 else found
