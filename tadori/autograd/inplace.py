"""In-place writes: the memory changes, and the tensor takes over the history of what was written."""

from __future__ import annotations

from typing import Any
from weakref import ref

import numpy as np

from ..device import array_module
from ..dtype import is_floating
from ..tensor import AccumulateGrad, Tensor
from .errors import ShapeError, describe
from .function import Function
from .mode import recording
from .version import written


def refuse_leaf(tensor: Tensor, by: str) -> None:
    """Raise if an in-place change of `tensor` would lose the leaf whose gradient is asked for."""
    leaf = tensor
    while leaf._view is not None:
        leaf = leaf._view[2]
    if recording.get() and type(leaf.node) is AccumulateGrad:
        raise RuntimeError(
            f"{by}: a leaf Variable that requires grad ({describe(tensor)}) is being used in an in-place operation. "
            "Remedy: write under no_grad(), or use the out-of-place form"
        )


def write(tensor: Tensor, result: Any, by: str) -> Tensor:
    """See `Tensor.write`."""
    refuse_leaf(tensor, by)
    value = result if isinstance(result, Tensor) else Tensor(result)
    if is_floating(value.dtype) and not is_floating(tensor.dtype):
        raise RuntimeError(
            f"{by}: result type {value.dtype} can't be cast to the desired output type {tensor.dtype}"
        )
    try:
        tensor.array[...] = value.array
    except ValueError as error:
        raise ShapeError(f"{by}: {describe(value)} does not fit into {describe(tensor)}") from error
    if value.shape != tensor.shape:
        value = np.broadcast_to(value, tensor.shape)
    written(tensor.array, by)
    adopt(tensor, value)
    return tensor


def adopt(tensor: Tensor, value: Tensor) -> None:
    """Give `tensor`, whose memory now holds `value`, the history of `value`; and tell the base of a view."""
    if not recording.get() or (value.node is None and tensor.node is None):
        return
    if tensor._view is not None:
        operation, options, base, _ = tensor._view
        adopt(base, PutView.apply(base, value, operation=operation, view_options=options))
        tensor._follow_base()
        return
    tensor.place = value.place
    if isinstance(value.place, Function):
        value.place.ref = ref(tensor)


class PutView(Function):
    """`x` whose view, `operation(x)`, has been replaced by `value`. The memory has it already.

    d/dx keeps the gradient outside the view; d/dvalue is the view of the gradient.
    """

    dtypes = "any"

    def forward(self, x, value, *, operation, view_options):
        return x

    def grad_x(self, gy, operation, view_options):
        inside = array_module(getattr(gy, "array", gy)).zeros(gy.shape, dtype=bool)
        operation.forward(self, inside, **view_options)[...] = True
        return np.where(inside, 0.0, gy)

    def grad_value(self, gy, operation, view_options):
        if isinstance(gy, Tensor):
            return operation.apply(gy, **view_options)
        return operation.forward(self, gy, **view_options)
