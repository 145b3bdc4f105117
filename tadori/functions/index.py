"""Choosing and putting by place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..layout import takes_out
from ..tensor import Tensor, as_array

argwhere = Tensor.argwhere
gather = takes_out(Tensor.gather)
index_add = takes_out(Tensor.index_add)
index_copy = takes_out(Tensor.index_copy)
index_fill = Tensor.index_fill
index_put = Tensor.index_put
index_select = takes_out(Tensor.index_select)
masked_fill = Tensor.masked_fill
masked_scatter = Tensor.masked_scatter
masked_select = takes_out(Tensor.masked_select)
nonzero = takes_out(Tensor.nonzero)
scatter = takes_out(Tensor.scatter)
scatter_add = takes_out(Tensor.scatter_add)
take = takes_out(Tensor.take)
take_along_dim = takes_out(Tensor.take_along_dim)
index_reduce = takes_out(Tensor.index_reduce)
put = Tensor.put
scatter_reduce = takes_out(Tensor.scatter_reduce)
nonzero_static = Tensor.nonzero_static


@takes_out
def where(
    condition: Any,
    input: Any = None,
    other: Any = None,
) -> Any:
    """`input` where the condition holds, `other` elsewhere; alone, the indices where it holds."""
    if input is None and other is None:
        return np.where(condition)
    return np.where(condition, input, other)


@takes_out
def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """For each value, where in the last axis of the sorted sequence it would be inserted.

    Before equal ones, or behind them with `right` (side="right"). The other axes are those of the
    sequence, or it has none. sorter: the order in which the sequence is sorted.
    """
    if side not in (None, "left", "right") or (side == "left" and right):
        raise RuntimeError(f"searchsorted: side={side!r} and right={right} contradict each other")
    line: Any = sorted_sequence.array
    if sorter is not None:
        line = np.take_along_axis(line, sorter.array, -1)
    values = np.asarray(input.array if isinstance(input, Tensor) else input)
    if line.ndim > 1 and line.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "searchsorted: boundaries tensor should be 1 dimension or the first N-1 dimensions of "
            f"boundaries tensor and input value tensor must match, but we got {line.shape} and "
            f"{values.shape}"
        )
    toward: Any = "right" if right or side == "right" else "left"
    if line.ndim == 1:
        found = np.asarray(np.searchsorted(line, values, toward))
    else:
        found = np.empty(values.shape, np.int64)
        for row in np.ndindex(line.shape[:-1]):
            found[row] = np.searchsorted(line[row], values[row], toward)
    return Tensor(found.astype(np.int32 if out_int32 else np.int64))


@takes_out
def bucketize(
    input: Any,
    boundaries: Tensor,
    *,
    out_int32: bool = False,
    right: bool = False,
) -> Tensor:
    """In which of the intervals between the boundaries each value lies: see `searchsorted`."""
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@takes_out
def isin(
    elements: Any,
    test_elements: Any,
    *,
    assume_unique: bool = False,
    invert: bool = False,
) -> Tensor:
    """Which of the elements are among the test elements; with `invert`, which are not."""
    values, among = as_array(elements), as_array(test_elements)
    return Tensor(np.asarray(np.isin(values, among, assume_unique=assume_unique, invert=invert)))


def unravel_index(indices: Tensor, shape: int | Sequence[int]) -> tuple[Tensor, ...]:
    """Places in a flattened tensor of this shape as indices, one tensor for each axis."""
    sizes = (shape,) if isinstance(shape, int) else tuple(map(int, shape))
    size = math.prod(sizes)
    places = indices.array
    if places.size and not (-size <= places.min() and places.max() < size):
        raise RuntimeError(f"unravel_index: an index is out of bounds for shape {sizes}")
    return tuple(Tensor(np.asarray(i)) for i in np.unravel_index(places % max(size, 1), sizes))
