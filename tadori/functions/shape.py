"""Other shapes, other orders, parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..layout import takes_out
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
tril = takes_out(Tensor.tril)
triu = takes_out(Tensor.triu)
unbind = Tensor.unbind
unflatten = Tensor.unflatten
unsqueeze = Tensor.unsqueeze
as_strided = Tensor.as_strided
as_strided_scatter = Tensor.as_strided_scatter
diagonal_scatter = Tensor.diagonal_scatter
dsplit = Tensor.dsplit
hsplit = Tensor.hsplit
select_scatter = Tensor.select_scatter
slice_scatter = takes_out(Tensor.slice_scatter)
split_with_sizes = Tensor.split_with_sizes
unsafe_chunk = Tensor.unsafe_chunk
unsafe_split = Tensor.unsafe_split
unsafe_split_with_sizes = Tensor.unsafe_split_with_sizes
vsplit = Tensor.vsplit


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors, each broadcast to the shape that all of them have together."""
    shape = np.broadcast_shapes(*(t.shape for t in tensors))
    return tuple(t.broadcast_to(shape) for t in tensors)


def atleast_1d(*tensors: Any) -> Any:
    """The tensor, a 0-d one as one of shape (1,); of several tensors, or a list, a tuple."""
    return each(np.atleast_1d, tensors)


def atleast_2d(*tensors: Any) -> Any:
    """The tensor with at least two axes; new ones come first."""
    return each(np.atleast_2d, tensors)


def atleast_3d(*tensors: Any) -> Any:
    """The tensor with at least three axes: (n,) becomes (1, n, 1), and (m, n) (m, n, 1)."""
    return each(np.atleast_3d, tensors)


def each(function: Any, tensors: tuple[Any, ...]) -> Any:
    """The function of one tensor, or of each of several."""
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return function(tensors[0])
    given = tensors[0] if len(tensors) == 1 else tensors
    return tuple(function(t) for t in given)


def fill(input: Tensor, value: Any) -> Tensor:
    """`value`, a number or a 0-d tensor, in the shape and dtype of `input`."""
    return input.clone().fill_(value)


def resize_as_(input: Tensor, the_template: Tensor, *, memory_format: Any = None) -> Tensor:
    """See `Tensor.resize_as_`."""
    return input.resize_as_(the_template)


def zero_(input: Tensor) -> Tensor:
    """See `Tensor.zero_`."""
    return input.zero_()


def constant_pad_nd(input: Tensor, pad: Any, value: float = 0) -> Tensor:
    """See `tadori.nn.functional.pad`."""
    from ..nn.functional import pad as padded

    return padded(input, pad, "constant", value)
