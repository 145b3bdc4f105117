"""Methods that choose elements by their places, and put others there."""

# mypy: disable-error-code="attr-defined, arg-type, call-overload, index"
# `self` is a Tensor, of which this class becomes a part, and which NumPy's functions take.

from __future__ import annotations

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import kernels
from ..kernels.indexing import ARRAY, WHOLE, along


class Indexing:
    """Choosing along an axis, by index tensors and by masks; and the ways back."""

    __slots__ = ()

    # Choosing.

    def index_select(self, dim, index):
        """The slices along `dim` whose numbers stand in the 1-d `index`."""
        refuse_negative("index_select", index)
        found = np.take(lifted(self), np.atleast_1d(index), dim)
        return found if self.ndim else np.reshape(found, ())

    def take(self, index):
        """The elements at these places of the flattened tensor, in the shape of `index`."""
        return np.take(self, index)

    def take_along_dim(self, indices, dim=None):
        """`gather` whose `indices` are broadcast with the tensor along the other axes."""
        if dim is None:
            return np.take_along_axis(self, np.reshape(indices, -1), None)
        return np.take_along_axis(np.broadcast_to(self, beside(self, indices, dim)), indices, dim)

    def gather(self, dim, index):
        """y[i, j, k] = x[i, index[i, j, k], k], for dim = 1; the index has the shape of y."""
        index_shape = index.shape
        if not index.array.size:
            return np.reshape(np.reshape(self, -1)[:0], index.shape)
        x, index, pattern = lined_up(self, dim, index)
        found = kernels.pick(x, index, pattern=pattern)
        return np.reshape(found, index_shape)

    def masked_select(self, mask):
        """The elements where `mask`, broadcast, is True: along one axis."""
        x, mask = np.broadcast_arrays(self, mask)
        return x[mask]

    def nonzero(self, *, as_tuple=False):
        """The indices of the elements that are not zero: one a row; or a tensor for each axis."""
        return np.nonzero(lifted(self)) if as_tuple else np.argwhere(self)

    def argwhere(self):
        """The indices of the elements that are not zero: one a row."""
        return np.argwhere(self)

    # Putting. Where an index names a place twice, the last value stays, and has the gradient.

    def scatter(self, dim, index, src=None, *, value=None, reduce=None):
        """x[i, index[i, j, k], k] = src[i, j, k], for dim = 1, in a copy.

        src: a tensor at least as large as `index`, or a number, which may also be called `value`.
        reduce: "add" or "multiply" does that with what is there.
        """
        values = value if src is None else src
        if reduce not in (None, "add", "multiply"):
            raise RuntimeError("scatter: reduce argument must be either add or multiply.")
        x, index, pattern = lined_up(self, dim, index)
        if reduce is not None:
            values = (
                np.broadcast_to(values, index.shape)
                if hasattr(values, "ndim")
                else (np.full_like(x.detach(), values, shape=index.shape))
            )
            how = "sum" if reduce == "add" else "prod"
            return self.scatter_reduce(dim, index, values, how)
        result = kernels.put(x, covered(values, index), index, pattern=pattern)
        return np.reshape(result, self.shape)

    def scatter_add(self, dim, index, src):
        """x[i, index[i, j, k], k] += src[i, j, k], for dim = 1, in a copy."""
        x, index, pattern = lined_up(self, dim, index)
        src = np.broadcast_to(covered(src, index), index.shape)
        added = kernels.unpick(src, index, pattern=pattern, shape=x.shape)
        return self + np.reshape(added, self.shape)

    def index_add(self, dim, index, source, *, alpha=1):
        """x[:, index[j]] += alpha * source[:, j], for dim = 1, in a copy; repeats add up."""
        refuse_negative("index_add", index)
        values = source if alpha == 1 else source * alpha
        x, index, values = lifted(self), np.atleast_1d(index), lifted(values)
        pattern = slices_along(x, dim)
        added = kernels.unpick(values, index, pattern=pattern, shape=x.shape)
        return np.reshape(x + added, self.shape)

    def index_copy(self, dim, index, source):
        """x[:, index[j]] = source[:, j], for dim = 1, in a copy."""
        refuse_negative("index_copy", index)
        x, index = lifted(self), np.atleast_1d(index)
        y = kernels.put(x, lifted(source), index, pattern=slices_along(x, dim))
        return np.reshape(y, self.shape)

    def index_fill(self, dim, index, value):
        """x[:, index[j]] = value, for dim = 1, in a copy."""
        x, index = lifted(self), np.atleast_1d(index)
        y = kernels.put(x, fitting(value, self.dtype), index, pattern=slices_along(x, dim))
        return np.reshape(y, self.shape)

    def index_put(self, indices, values, accumulate=False):
        """`x[indices] = values`, or with `accumulate` `x[indices] += values`, in a copy.

        indices: a tuple of tensors; repeated places add up only with `accumulate`.
        """
        if not accumulate:
            result = np.copy(self)
            result[tuple(indices)] = values
            return result
        there = self.detach()[tuple(indices)]
        values = np.zeros_like(there) + values
        pattern = (ARRAY,) * len(indices)
        added = kernels.unpick(values, *indices, pattern=pattern, shape=self.shape)
        return self + added

    def masked_fill(self, mask, value):
        """`value` where `mask`, broadcast, is True, and x elsewhere."""
        if mask.dtype.kind != "b":
            raise RuntimeError(
                f"masked_fill: the mask must be of booleans, this one is {mask.dtype}. Remedy: a "
                "comparison, as in mask != 0"
            )
        filled = np.where(mask, fitting(value, self.dtype), self)
        return np.astype(filled, self.dtype)

    def masked_scatter(self, mask, source):
        """The first elements of `source` where `mask`, broadcast, is True, and x elsewhere."""
        x, mask = np.broadcast_arrays(self, mask)
        count = int(mask.array.sum())
        values = np.reshape(source, -1)[:count]
        return kernels.put(x, values, mask, pattern=(ARRAY,))

    # In place.

    def scatter_(self, dim, index, src=None, *, value=None, reduce=None):
        """`scatter` in place."""
        result = self.scatter(dim, index, src, value=value, reduce=reduce)
        return self.write(result, "scatter_")

    def scatter_add_(self, dim, index, src):
        """`scatter_add` in place."""
        return self.write(self.scatter_add(dim, index, src), "scatter_add_")

    def index_add_(self, dim, index, source, *, alpha=1):
        """`index_add` in place."""
        result = self.index_add(dim, index, source, alpha=alpha)
        return self.write(result, "index_add_")

    def index_copy_(self, dim, index, source):
        """`index_copy` in place."""
        return self.write(self.index_copy(dim, index, source), "index_copy_")

    def index_fill_(self, dim, index, value):
        """`index_fill` in place."""
        return self.write(self.index_fill(dim, index, value), "index_fill_")

    def index_put_(self, indices, values, accumulate=False):
        """`index_put` in place."""
        return self.write(self.index_put(indices, values, accumulate), "index_put_")

    def masked_fill_(self, mask, value):
        """`masked_fill` in place."""
        return self.write(self.masked_fill(mask, value), "masked_fill_")

    def masked_scatter_(self, mask, source):
        """`masked_scatter` in place."""
        return self.write(self.masked_scatter(mask, source), "masked_scatter_")


def refuse_negative(name, index):
    """Raise IndexError for an index below 0, which NumPy alone would count from the end."""
    array = getattr(index, "array", index)
    if type(array) is np.ndarray and array.size and array.min() < 0:  # on a GPU it would wait
        raise IndexError(
            f"{name}: index {array.min()} is out of bounds; indices go from 0. Remedy: mask what "
            "has no place, as labels to be ignored"
        )


def lifted(x):
    """x with at least one axis."""
    return x if x.ndim else np.reshape(x, 1)


def beside(x, indices, dim):
    """The shape of x broadcast with the indices, apart from `dim`."""
    axis = normalize_axis_index(dim, x.ndim)
    others = (*indices.shape[:axis], 1, *indices.shape[axis + 1 :])
    mine = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    shape = list(np.broadcast_shapes(others, mine))
    shape[axis] = x.shape[axis]
    return tuple(shape)


def fitting(value, dtype):
    """A number in this dtype, without its fraction. Raises RuntimeError where it is too large."""
    if not isinstance(value, int | float) or dtype.kind not in "biu":
        return value
    if dtype.kind == "b":
        return bool(value)
    limits = np.iinfo(dtype)
    if not limits.min <= value <= limits.max:
        raise RuntimeError(
            f"value {value} cannot be converted to type {dtype} without overflow. Remedy: convert "
            "the tensor first, as in x.float()"
        )
    return int(value)


def slices_along(x, dim):
    """The pattern of x[:, :, index], with the index at `dim`."""
    return (WHOLE,) * normalize_axis_index(dim, x.ndim) + (ARRAY,)


def lined_up(x, dim, index):
    """x and the index with at least one axis, and the pattern whose index chooses along `dim`."""
    if x.ndim == 0:
        x = np.reshape(x, 1)
    if index.ndim == 0:
        index = np.reshape(index, 1)
    refuse_negative("gather, scatter", index)
    axis = normalize_axis_index(dim, x.ndim)
    fits = index.ndim == x.ndim
    for i, (n, m) in enumerate(zip(index.shape, x.shape, strict=False)):
        fits = fits and (n <= m or i == axis)
    if not fits and index.array.size:
        raise RuntimeError(
            f"gather, scatter: index {tuple(index.shape)} must have as many dimensions as the "
            f"tensor {tuple(x.shape)}, and no larger size apart from dimension {dim}"
        )
    return x, index, along(index.shape, axis, index.array)


def covered(src, index):
    """The part of the source that the index covers; a number as it is."""
    if getattr(src, "ndim", 0) == 0:
        return src
    fits = src.ndim == index.ndim
    if not fits or any(n > m for n, m in zip(index.shape, src.shape, strict=True)):
        raise RuntimeError(
            f"scatter: expected index {tuple(index.shape)} to be no larger than src "
            f"{tuple(src.shape)}"
        )
    return src[tuple(slice(0, n) for n in index.shape)]
