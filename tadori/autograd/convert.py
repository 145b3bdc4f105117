"""What may stand beside a Tensor in an operation, and how the inputs come to one dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dispatch import operations
from ..dtype import get_default_dtype, is_floating, result_type
from ..tensor import Tensor, as_array

#: what reaches `forward` as it is; not a complex number, which makes a real tensor complex
NUMBERS = frozenset({float, int, bool, type(None)})


def as_input(x: Any) -> Any:
    """A Tensor, or a Python number, from anything that may stand beside a Tensor."""
    if isinstance(x, Tensor) or type(x) in NUMBERS or type(x) is complex:
        return x
    if isinstance(x, np.generic):
        return x.item()  # as in PyTorch, a NumPy scalar is a number: it does not widen a tensor
    return Tensor(as_array(x))


def to_dtype(x: Any, dtype: Any) -> Any:
    """Tensor `x` in another dtype, recorded; itself when it has that dtype already."""
    return x if x.dtype == dtype else operations[np.astype](x, dtype)


def common_dtype(inputs: tuple[Any, ...], floating: bool, numbers: bool) -> tuple[Any, ...]:
    """The inputs in the dtype that PyTorch's promotion gives them; the same objects where nothing
    changes.

    `floating` makes integers the default float; with `numbers` Python numbers stay numbers, else
    they become 0-d.
    """
    given = [x for x in inputs if x is not None]
    dtype = result_type(*given)
    if floating and not is_floating(dtype):
        dtype = get_default_dtype()
    return tuple(
        to_dtype(x, dtype)
        if isinstance(x, Tensor)
        else x
        if x is None or (numbers and type(x) in NUMBERS and np.result_type(x, dtype) == dtype)
        else Tensor(np.asarray(x, dtype=dtype))
        for x in inputs
    )


def refuse_complex(name: str, inputs: tuple[Any, ...]) -> None:
    """Raise for an operation of real numbers that is given complex ones, as PyTorch does."""
    if any(isinstance(x, Tensor) and x.dtype.kind == "c" for x in inputs):
        raise RuntimeError(
            f"{name} is not implemented for complex numbers, which have no order. "
            "Remedy: take x.real, x.abs() or another real part first"
        )


def conjugate(x: Any) -> Any:
    """The conjugate of complex numbers; real ones as they are.

    So a gradient enters and leaves the walk back: users see PyTorch's, formulas the conjugate. Then
    gx = gy f'(x) holds for every holomorphic f as it stands, without a conjugate.
    """
    return np.conjugate(x) if x.dtype.kind == "c" else x
