"""Other shapes, other orders, parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor

broadcast_to = Tensor.broadcast_to
chunk = Tensor.chunk
clone = Tensor.clone
detach = Tensor.detach
flatten = Tensor.flatten
flip = Tensor.flip
fliplr = Tensor.fliplr
flipud = Tensor.flipud
moveaxis = Tensor.moveaxis
movedim = Tensor.movedim
narrow = Tensor.narrow
numel = Tensor.numel
permute = Tensor.permute
ravel = Tensor.ravel
repeat_interleave = Tensor.repeat_interleave
reshape = Tensor.reshape
roll = Tensor.roll
rot90 = Tensor.rot90
select = Tensor.select
split = Tensor.split
squeeze = Tensor.squeeze
swapaxes = Tensor.swapaxes
swapdims = Tensor.swapdims
t = Tensor.t
tensor_split = Tensor.tensor_split
tile = Tensor.tile
transpose = Tensor.transpose
tril = Tensor.tril
triu = Tensor.triu
unbind = Tensor.unbind
unflatten = Tensor.unflatten
unsqueeze = Tensor.unsqueeze


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors, each broadcast to the shape that all of them have together."""
    shape = np.broadcast_shapes(*(t.shape for t in tensors))
    return tuple(t.broadcast_to(shape) for t in tensors)


def atleast_1d(tensor: Tensor) -> Any:
    """The tensor, a 0-d one as one of shape (1,)."""
    return np.atleast_1d(tensor)


def atleast_2d(tensor: Tensor) -> Any:
    """The tensor with at least two axes; new ones come first."""
    return np.atleast_2d(tensor)
