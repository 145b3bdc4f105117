"""Methods that choose elements by their places, and put others there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import kernels
from ..kernels.indexing import ARRAY, WHOLE, along


class Indexing:
    """Choosing along an axis, by index tensors and by masks; and the ways back."""

    __slots__ = ()

    # Choosing.

    def index_select(self: Any, dim: int, index: Any) -> Any:
        """The slices along `dim` whose numbers stand in the 1-d `index`."""
        return np.take(self, np.atleast_1d(index), dim)

    def take(self: Any, index: Any) -> Any:
        """The elements at these places of the flattened tensor, in the shape of `index`."""
        return np.take(self, index)

    def take_along_dim(self: Any, indices: Any, dim: int | None = None) -> Any:
        """`gather` whose `indices` are broadcast with the tensor along the other axes."""
        return np.take_along_axis(self, indices, dim)

    def gather(self: Any, dim: int, index: Any) -> Any:
        """y[i, j, k] = x[i, index[i, j, k], k], for dim = 1; the index has the shape of y."""
        x, index = _lifted(self), _lifted(index)
        y = kernels.pick(x, index, pattern=_along(x, dim, index))
        return y if self.ndim else np.reshape(y, ())

    def masked_select(self: Any, mask: Any) -> Any:
        """The elements where `mask`, broadcast, is True: along one axis."""
        x, mask = np.broadcast_arrays(self, mask)
        return np.atleast_1d(x)[np.atleast_1d(mask)]

    def nonzero(self: Any, *, as_tuple: bool = False) -> Any:
        """The indices of the elements that are not zero: one a row; or a tensor for each axis."""
        return np.nonzero(self) if as_tuple else np.argwhere(self)

    def argwhere(self: Any) -> Any:
        """The indices of the elements that are not zero: one a row."""
        return np.argwhere(self)

    # Putting.

    def scatter(self: Any, dim: int, index: Any, src: Any = None, **options: Any) -> Any:
        """x[i, index[i, j, k], k] = src[i, j, k], for dim = 1, in a copy.

        src: a tensor at least as large as `index`, or a number, which may also be called `value`.
        reduce: "add" adds to what is there. Where an index repeats, the last element stays.
        """
        src, reduce = _source(src, **options)
        if reduce == "add":
            return self.scatter_add(dim, index, src)
        if reduce is not None:
            raise NotImplementedError(f"scatter: reduce={reduce!r}; only 'add' is there")
        x, index = _lifted(self), _lifted(index)
        pattern, values = _along(x, dim, index), _part(src, index)
        return np.reshape(kernels.put(x, values, index, pattern=pattern), self.shape)

    def scatter_(self: Any, dim: int, index: Any, src: Any = None, **options: Any) -> Any:
        """`scatter`, in place."""
        return self.write(self.scatter(dim, index, src, **options), "scatter_")

    def scatter_add(self: Any, dim: int, index: Any, src: Any) -> Any:
        """x[i, index[i, j, k], k] += src[i, j, k], for dim = 1, in a copy."""
        x, index = _lifted(self), _lifted(index)
        pattern, values = _along(x, dim, index), np.broadcast_to(_part(src, index), index.shape)
        added = kernels.unpick(values, index, pattern=pattern, shape=x.shape)
        return self + np.reshape(added, self.shape)

    def scatter_add_(self: Any, dim: int, index: Any, src: Any) -> Any:
        """`scatter_add`, in place."""
        return self.write(self.scatter_add(dim, index, src), "scatter_add_")

    def index_add(self: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
        """x[:, index[j]] += alpha * source[:, j], for dim = 1, in a copy; repeats add up."""
        source = source if alpha == 1 else source * alpha
        return self + kernels.unpick(source, index, pattern=_slices(self, dim), shape=self.shape)

    def index_add_(self: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
        """`index_add`, in place."""
        return self.write(self.index_add(dim, index, source, alpha=alpha), "index_add_")

    def index_copy(self: Any, dim: int, index: Any, source: Any) -> Any:
        """x[:, index[j]] = source[:, j], for dim = 1, in a copy."""
        return kernels.put(self, source, index, pattern=_slices(self, dim))

    def index_copy_(self: Any, dim: int, index: Any, source: Any) -> Any:
        """`index_copy`, in place."""
        return self.write(self.index_copy(dim, index, source), "index_copy_")

    def index_fill(self: Any, dim: int, index: Any, value: Any) -> Any:
        """x[:, index[j]] = value, for dim = 1, in a copy."""
        return kernels.put(self, value, index, pattern=_slices(self, dim))

    def index_fill_(self: Any, dim: int, index: Any, value: Any) -> Any:
        """`index_fill`, in place."""
        return self.write(self.index_fill(dim, index, value), "index_fill_")

    def index_put(self: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
        """`x[indices] = values`, or with `accumulate` `x[indices] += values`, in a copy.

        indices: a tuple of tensors; repeated places add up only with `accumulate`.
        """
        pattern = (ARRAY,) * len(indices)
        if not accumulate:
            return kernels.put(self, values, *indices, pattern=pattern)
        shape = self.array[tuple(i.array for i in indices)].shape
        values = np.broadcast_to(values, shape)
        return self + kernels.unpick(values, *indices, pattern=pattern, shape=self.shape)

    def index_put_(self: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
        """`index_put`, in place."""
        return self.write(self.index_put(indices, values, accumulate), "index_put_")

    def masked_fill(self: Any, mask: Any, value: Any) -> Any:
        """`value` where `mask`, broadcast, is True, and x elsewhere."""
        return np.where(mask, value, self)

    def masked_fill_(self: Any, mask: Any, value: Any) -> Any:
        """`masked_fill`, in place."""
        return self.write(self.masked_fill(mask, value), "masked_fill_")

    def masked_scatter(self: Any, mask: Any, source: Any) -> Any:
        """The first elements of `source` where `mask`, broadcast, is True, and x elsewhere."""
        mask = np.broadcast_to(mask, self.shape)
        count = int(mask.array.sum())
        return kernels.put(self, np.reshape(source, -1)[:count], mask, pattern=(ARRAY,))

    def masked_scatter_(self: Any, mask: Any, source: Any) -> Any:
        """`masked_scatter`, in place."""
        return self.write(self.masked_scatter(mask, source), "masked_scatter_")


def _slices(x: Any, dim: int) -> tuple[Any, ...]:
    """The pattern of x[:, :, index], `index` at `dim`."""
    return (WHOLE,) * normalize_axis_index(dim, x.ndim) + (ARRAY,)


def _along(x: Any, dim: int, index: Any) -> tuple[Any, ...]:
    """The pattern whose index chooses along `dim` and stays in its place along the other axes."""
    axis = normalize_axis_index(dim, x.ndim)
    larger = [i for i, (n, m) in enumerate(zip(index.shape, x.shape, strict=False)) if n > m]
    if index.ndim != x.ndim or any(i != axis for i in larger):
        raise RuntimeError(
            f"gather, scatter: index {tuple(index.shape)} must have as many dimensions as the "
            f"tensor {tuple(x.shape)}, and no larger size apart from dimension {dim}"
        )
    return along(index.shape, axis, index.array)


def _lifted(x: Any) -> Any:
    """x, with an axis if it has none: gather and scatter take a number as one element."""
    return x if x.ndim else np.reshape(x, 1)


def _source(src: Any, value: Any = None, reduce: str | None = None) -> tuple[Any, str | None]:
    return (value if src is None else src), reduce


def _part(src: Any, index: Any) -> Any:
    """The part of the source that the index covers; a number as it is."""
    if not hasattr(src, "ndim"):
        return src
    src = _lifted(src)
    if src.ndim != index.ndim or any(n > m for n, m in zip(index.shape, src.shape, strict=True)):
        raise RuntimeError(
            f"scatter: expected index {tuple(index.shape)} to be no larger than src "
            f"{tuple(src.shape)}"
        )
    return src[tuple(slice(0, n) for n in index.shape)]
