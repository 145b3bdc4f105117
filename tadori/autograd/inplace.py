"""In-place writes: the memory changes, and the tensor takes over the history of what is written."""

from __future__ import annotations

from typing import Any
from weakref import ref

import numpy as np

from .. import kernels
from ..device import array_module
from ..dispatch import implements, operations
from ..dtype import can_cast
from ..methods.turning import turned
from ..tensor import AccumulateGrad, Tensor, latest, order
from .convert import to_dtype
from .errors import ShapeError, describe
from .function import Function
from .mode import recording
from .version import block_of, written


def refuse_leaf(tensor: Tensor, by: str) -> None:
    """Raise if an in-place change of `tensor` would lose the leaf whose gradient is asked for."""
    leaf = tensor
    while leaf._view is not None:
        leaf = leaf._view[2]
    if recording.get() and type(leaf.node) is AccumulateGrad:
        what = "a leaf Variable" if leaf is tensor else "a view of a leaf Variable"
        raise RuntimeError(
            f"{by}: {what} that requires grad ({describe(tensor)}) is being used in an in-place "
            "operation. Remedy: write under no_grad(), or use the out-of-place form"
        )


def refuse_misfit(tensor: Tensor, value: Tensor, by: str) -> None:
    """Raise if `value` does not fit into `tensor`, or if its memory cannot be written."""
    if not can_cast(value.dtype, tensor.dtype):
        raise RuntimeError(
            f"{by}: result type {value.dtype} can't be cast to the desired output type "
            f"{tensor.dtype}. Remedy: use the out-of-place form"
        )
    if value.shape != tensor.shape:
        raise ShapeError(
            f"{by}: output with shape {tuple(tensor.shape)} doesn't match the broadcast shape "
            f"{tuple(value.shape)}. Remedy: use the out-of-place form"
        )
    if not getattr(tensor.array.flags, "writeable", True):  # CuPy's arrays always are
        raise RuntimeError(
            f"{by}: the memory of {describe(tensor)} cannot be written; several elements of an "
            "expanded tensor share one place. Remedy: clone() it first"
        )


def write(tensor: Tensor, result: Any, by: str) -> Tensor:
    """See `Tensor.write`."""
    refuse_leaf(tensor, by)
    value = result if isinstance(result, Tensor) else Tensor(result)
    refuse_misfit(tensor, value, by)
    moment = next(order)
    if recording.get() and (value.node is not None or tensor.node is not None):
        if isinstance(value.node, Function):
            moment = settle(value.node, value, tensor, moment)
        elif value.node is None:  # the history goes on, with a gradient of 0
            value = operations[kernels.overwrite](tensor, value)
        else:  # a place that is another tensor's own
            value = operations[np.positive](value)
        value = to_dtype(value, tensor.dtype)
    tensor.array[...] = value.array
    written(tensor.array, by, moment)
    adopt(tensor, value)
    return tensor


def settle(node: Function, value: Tensor, tensor: Tensor, moment: int) -> int:
    """Make the node that computed `value` ready for its moving into `tensor`; the moment of that.

    Inputs that it keeps are copied if the write would destroy them. An output that it keeps is
    from now on the memory of `tensor`, so that the other copy can be freed.
    """
    block = block_of(tensor.array)
    saved = list(node.saved)
    for number, kind, _ in node.plan.kept if saved else ():
        kept = saved[number]
        if kind == "input":
            several = type(kept) is tuple
            saved[number] = tuple(apart(k, block) for k in kept) if several else apart(kept, block)
        elif kept is value.array and kept.dtype == tensor.dtype and node.seq == moment - 1:
            saved[number], moment = tensor.array, node.seq  # nothing else was recorded since
    node.saved = saved
    return moment


def apart(kept: Any, block: Any) -> Any:
    """`kept`, as a copy if it lies in `block`."""
    return kept.copy() if hasattr(kept, "base") and block_of(kept) is block else kept


def adopt(tensor: Tensor, value: Tensor) -> None:
    """Give `tensor`, whose memory now holds `value`, its history; and tell the base of a view."""
    if not recording.get() or (value.node is None and tensor.node is None):
        return
    if tensor._view is not None:
        operation, options, base, *_ = tensor._view
        adopt(base, PutView.apply(base, value, operation=operation, view_options=options))
        tensor._follow_base()
        return
    tensor.move_to(value.place)
    latest[0] = next(order)  # views of this tensor look at it again
    if isinstance(value.place, Function):
        value.place.ref = ref(tensor)


class PutView(Function):
    """`x` whose view, `operation(x)`, has been replaced by `value`. The memory has it already.

    d/dx keeps the gradient outside the view; d/dvalue is the view of the gradient. A view of parts
    of complex numbers says itself what these are.
    """

    dtypes = "any"

    def forward(self, x, value, *, operation, view_options):
        return x

    def grad_x(self, gy, operation, view_options):
        if hasattr(operation, "outside"):
            return operation.outside(gy)
        outside = array_module(getattr(gy, "array", gy)).ones(gy.shape, dtype=bool)
        operation.forward(self, outside, **view_options)[...] = False
        return kernels.masked(gy, outside)

    def grad_value(self, gy, operation, view_options):
        if hasattr(operation, "inside"):
            return operation.inside(gy)
        if isinstance(gy, Tensor):
            return operation.apply(gy, **view_options)
        return operation.forward(self, gy, **view_options)


@implements(turned)
def become(tensor: Tensor, view: Any, by: str) -> Tensor:
    """Let `tensor` be a view of what it was: the memory stays, the shape or the steps change."""
    refuse_leaf(tensor, by)
    before = Tensor(tensor.array, tensor.node)
    before._view = tensor._view
    after = view(before)
    if after is not before:
        tensor.array, tensor._view = after.array, after._view
        tensor.move_to(after.place)
        if isinstance(after.place, Function):
            after.place.ref = ref(tensor)
    return tensor
