"""How tensors look: PyTorch's layout, through NumPy's printer."""

from __future__ import annotations

from typing import Any

import numpy as np

from .device import CPU
from .dtype import bool_, complex64, get_default_dtype, int64


def tensor_repr(tensor: Any) -> str:
    """`tensor([1., 2.], requires_grad=True)`: the numbers, then what is not usual."""
    name = "tensor" if type(tensor).__name__ in ("Tensor", "Parameter") else type(tensor).__name__
    array = tensor.array if tensor.device == CPU else tensor.array.get()
    with np.errstate(all="ignore"):
        numbers = np.array2string(
            array,
            separator=", ",
            precision=4,
            threshold=1000,
            prefix=name + "(",
            suppress_small=False,
        )
    parts = [numbers]
    if tensor.dtype not in (get_default_dtype(), int64, bool_, complex64):
        parts.append(f"dtype={tensor.dtype}")
    if array.size == 0 and array.ndim != 1:
        parts.append(f"size={tuple(array.shape)}")
    if tensor.device != CPU:
        parts.append(f"device='{tensor.device}'")
    if not tensor.is_leaf:
        parts.append(f"creator={tensor.creator!r}")
    elif tensor.requires_grad:
        parts.append("requires_grad=True")
    text = f"{name}({', '.join(parts)})"
    return f"Parameter containing:\n{text}" if type(tensor).__name__ == "Parameter" else text
