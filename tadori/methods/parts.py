"""Methods that cut a tensor, and those that give a copy in which one part is another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import kernels
from ..kernels.indexing import ARRAY, WHOLE


class Parts:
    """Cuts, and the ways back."""

    __slots__ = ()

    # Cuts.

    def split_with_sizes(
        self: Any,
        split_sizes: Sequence[int],
        dim: int = 0,
    ) -> Any:
        """Parts of these sizes along `dim`: views."""
        return self.split(tuple(split_sizes), dim)

    def hsplit(self: Any, indices_or_sections: Any) -> Any:
        """Cut along axis 1, or 0 if it is the only one: before the indices, or equally."""
        return cut(self, "hsplit", indices_or_sections, 1, 0 if self.ndim == 1 else 1)

    def vsplit(self: Any, indices_or_sections: Any) -> Any:
        """Cut along axis 0."""
        return cut(self, "vsplit", indices_or_sections, 2, 0)

    def dsplit(self: Any, indices_or_sections: Any) -> Any:
        """Cut along axis 2."""
        return cut(self, "dsplit", indices_or_sections, 3, 2)

    def unsafe_chunk(
        self: Any,
        chunks: int,
        dim: int = 0,
    ) -> Any:
        """`chunk` whose parts are copies."""
        return tuple(part.clone() for part in self.chunk(chunks, dim))

    def unsafe_split(
        self: Any,
        split_size: Any,
        dim: int = 0,
    ) -> Any:
        """`split` whose parts are copies."""
        return tuple(part.clone() for part in self.split(split_size, dim))

    def unsafe_split_with_sizes(
        self: Any,
        split_sizes: Sequence[int],
        dim: int = 0,
    ) -> Any:
        """`split_with_sizes` whose parts are copies."""
        return tuple(part.clone() for part in self.split_with_sizes(split_sizes, dim))

    def narrow_copy(
        self: Any,
        dim: int,
        start: Any,
        length: int,
    ) -> Any:
        """`narrow` as a copy."""
        return self.narrow(dim, start, length).clone()

    def sum_to_size(self: Any, *size: Any) -> Any:
        """The sum over the axes along which a tensor of this size would be broadcast."""
        shape = tuple(size[0]) if len(size) == 1 and not isinstance(size[0], int) else size
        added = self.ndim - len(shape)
        fits = added >= 0 and all(
            n in (1, m) for n, m in zip(shape, self.shape[max(added, 0) :], strict=False)
        )
        if not fits:
            raise RuntimeError(
                f"sum_to_size: size {tuple(shape)} is not expandable to size {tuple(self.shape)}"
            )
        spread = [i for i, n in enumerate(shape, added) if n == 1 != self.shape[i]]
        axes = (*range(added), *spread)
        return np.reshape(np.sum(self, axis=axes), shape) if axes or not shape else self

    # A copy in which one part is another.

    def select_scatter(
        self: Any,
        src: Any,
        dim: int,
        index: int,
    ) -> Any:
        """A copy in whose `select(dim, index)` stands `src`."""
        axis = normalize_axis_index(dim, self.ndim)
        return replaced(self, src, (WHOLE,) * axis + (index,), "select_scatter")

    def slice_scatter(
        self: Any,
        src: Any,
        dim: int = 0,
        start: int | None = None,
        end: int | None = None,
        step: int = 1,
    ) -> Any:
        """A copy in whose slice start:end:step along `dim` stands `src`."""
        axis = normalize_axis_index(dim, self.ndim)
        pattern = (WHOLE,) * axis + (slice(start, end, step),)
        return replaced(self, src, pattern, "slice_scatter")

    def diagonal_scatter(
        self: Any,
        src: Any,
        offset: int = 0,
        dim1: int = 0,
        dim2: int = 1,
    ) -> Any:
        """A copy on whose diagonal stands `src`: see `diagonal`."""
        wanted = self.detach().diagonal(offset, dim1, dim2).shape
        if src.shape != wanted:
            raise misfit("diagonal_scatter", src, wanted)
        below, beside = max(-offset, 0), max(offset, 0)
        line = np.arange(wanted[-1], like=self.array)
        x = np.moveaxis(self, (dim1, dim2), (-2, -1))
        y = kernels.put(x, src, line + below, line + beside, pattern=(..., ARRAY, ARRAY))
        return np.moveaxis(y, (-2, -1), (dim1, dim2))


def cut(
    x: Any,
    name: str,
    points: Any,
    axes: int,
    dim: int,
) -> Any:
    """The parts before, between and behind the points; or so many equal ones."""
    if x.ndim < axes:
        raise RuntimeError(
            f"torch.{name} requires a tensor with at least {axes} dimension(s), but got a tensor "
            f"with {x.ndim} dimensions"
        )
    if isinstance(points, int) and (points < 1 or x.shape[dim] % points):
        raise RuntimeError(
            f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension "
            f"{x.shape[dim]} is not divisible by the split_size {points}"
        )
    return x.tensor_split(points, dim)


def replaced(
    x: Any,
    src: Any,
    pattern: Any,
    name: str,
) -> Any:
    """A copy of x with `src` at the index, whose shape it must have."""
    wanted = x.array[pattern].shape
    if src.shape != wanted:
        raise misfit(name, src, wanted)
    return kernels.put(x, src, pattern=pattern)


def misfit(
    name: str,
    src: Any,
    wanted: tuple[int, ...],
) -> RuntimeError:
    """The error for a part of another shape."""
    return RuntimeError(
        f"{name}: expected src to have a size equal to the part it replaces: src size = "
        f"{tuple(src.shape)}, part size = {tuple(wanted)}"
    )
