"""PyTorch's views as copies: `permute_copy` is `permute`, in memory of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..layout import takes_out
from ..tensor import Tensor


@takes_out
def alias_copy(input: Tensor) -> Tensor:
    """The tensor itself."""
    return input.clone()


@takes_out
def as_strided_copy(
    input: Tensor,
    size: Sequence[int],
    stride: Sequence[int],
    storage_offset: int | None = None,
) -> Tensor:
    """See `as_strided`."""
    return input.as_strided(size, stride, storage_offset).clone()


@takes_out
def diagonal_copy(
    input: Tensor,
    offset: int = 0,
    dim1: int = 0,
    dim2: int = 1,
) -> Tensor:
    """See `diagonal`."""
    return input.diagonal(offset, dim1, dim2).clone()


@takes_out
def expand_copy(
    input: Tensor,
    size: Sequence[int],
    *,
    implicit: bool = False,
) -> Tensor:
    """See `expand`."""
    return input.expand(size).clone()


@takes_out
def narrow_copy(
    input: Tensor,
    dim: int,
    start: Any,
    length: int,
) -> Tensor:
    """See `narrow`."""
    return input.narrow_copy(dim, start, length)


@takes_out
def permute_copy(input: Tensor, dims: Sequence[int]) -> Tensor:
    """See `permute`."""
    return input.permute(dims).clone()


@takes_out
def select_copy(
    input: Tensor,
    dim: int,
    index: int,
) -> Tensor:
    """See `select`."""
    return input.select(dim, index).clone()


@takes_out
def slice_copy(
    input: Tensor,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Tensor:
    """The slice start:end:step along `dim`."""
    return input[(slice(None),) * (dim % input.ndim) + (slice(start, end, step),)].clone()


@takes_out
def split_copy(
    input: Tensor,
    split_size: int,
    dim: int = 0,
) -> Any:
    """See `split`."""
    return input.unsafe_split(split_size, dim)


@takes_out
def split_with_sizes_copy(
    input: Tensor,
    split_sizes: Sequence[int],
    dim: int = 0,
) -> Any:
    """See `split_with_sizes`."""
    return input.unsafe_split_with_sizes(split_sizes, dim)


@takes_out
def squeeze_copy(input: Tensor, dim: Any = None) -> Tensor:
    """See `squeeze`."""
    return input.squeeze(dim).clone()


@takes_out
def t_copy(input: Tensor) -> Tensor:
    """See `t`."""
    return input.t().clone()


@takes_out
def transpose_copy(
    input: Tensor,
    dim0: int,
    dim1: int,
) -> Tensor:
    """See `transpose`."""
    return input.transpose(dim0, dim1).clone()


@takes_out
def unbind_copy(input: Tensor, dim: int = 0) -> Any:
    """See `unbind`."""
    return tuple(part.clone() for part in input.unbind(dim))


@takes_out
def unfold_copy(
    input: Tensor,
    dimension: int,
    size: int,
    step: int,
) -> Tensor:
    """See `unfold`."""
    return input.unfold(dimension, size, step).clone()


@takes_out
def unsqueeze_copy(input: Tensor, dim: int) -> Tensor:
    """See `unsqueeze`."""
    return input.unsqueeze(dim).clone()


@takes_out
def view_copy(input: Tensor, size: Any) -> Tensor:
    """See `view`."""
    return input.view(size).clone()
