"""Several arrays made one, and one made several: each is the other's derivative."""

from __future__ import annotations

from itertools import accumulate, pairwise

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import kernels
from ..autograd.errors import ShapeError, describe
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels.indexing import WHOLE
from ..layout import takes_out
from .index import GetItem

# ------------------------------------------------------------------------------- several made one


class Concatenate(Function):
    """The arrays one after the other along an axis.   d/dx: each one's part of gy."""

    def forward(self, *xs, axis):
        try:
            return np.concatenate(xs, axis)
        except IndexError:
            raise
        except ValueError as error:
            raise mismatch("cat: Sizes of tensors must match, except along `dim`", xs) from error

    def backward(self, gy, xs_shape, axis):
        ends = accumulate(shape[axis] for shape in xs_shape[:-1])
        return np.split(gy, list(ends), axis)


class Stack(Function):
    """The arrays one after the other along a new axis.   d/dx: each one's part of gy."""

    def forward(self, *xs, axis):
        try:
            return np.stack(xs, axis)
        except IndexError:
            raise
        except ValueError as error:
            raise mismatch("stack: expects each tensor to be equal size", xs) from error

    def backward(self, gy, axis):
        return kernels.unbind(gy, axis=axis)


def mismatch(what, xs):
    """The error for arrays that cannot be joined."""
    return ShapeError(f"{what}; given were {', '.join(map(describe, xs))}")


def some(name, tensors):
    """The tensors as a list, which must not be empty."""
    found = list(tensors)
    if not found:
        raise ShapeError(f"{name}: expected a non-empty list of tensors")
    return found


@implements(np.concatenate)
def concatenate(arrays, axis=0):
    """NumPy's `concatenate`; without an axis, of the flattened arrays."""
    if axis is None:
        arrays, axis = [np.reshape(a, -1) for a in arrays], 0
    return Concatenate.apply(*arrays, axis=axis)


@takes_out
def cat(tensors, dim=0):
    """The tensors one after the other along `dim`, in which alone their shapes may differ.

    As in PyTorch, tensors of shape (0,) are left out. Raises ShapeError where shapes do not fit.
    """
    tensors = some("cat", tensors)
    return np.concatenate([t for t in tensors if t.shape != (0,)] or tensors, dim)


@implements(np.stack)
def stack_arrays(arrays, axis=0):
    """NumPy's `stack`."""
    return Stack.apply(*arrays, axis=axis)


@takes_out
def stack(tensors, dim=0):
    """The tensors, all of one shape, one after the other along a new axis `dim`."""
    return np.stack(some("stack", tensors), dim)


@implements(np.hstack)
@takes_out
def hstack(tensors):
    """The tensors side by side: along axis 1, or, if they have one axis, along that."""
    tensors = [np.atleast_1d(t) for t in some("hstack", tensors)]
    return cat(tensors, 0 if tensors[0].ndim == 1 else 1)


@implements(np.vstack)
@takes_out
def vstack(tensors):
    """The tensors below each other: along axis 0, with at least two axes."""
    return cat([np.atleast_2d(t) for t in tensors], 0)


@implements(np.dstack)
@takes_out
def dstack(tensors):
    """The tensors behind each other: along axis 2, with at least three axes."""
    return cat([np.atleast_3d(t) for t in tensors], 2)


@implements(np.column_stack)
@takes_out
def column_stack(tensors):
    """The tensors side by side, those with one axis as columns."""
    return cat([t if t.ndim > 1 else np.reshape(t, (-1, 1)) for t in tensors], 1)


def block_diag(*tensors):
    """The matrices along the diagonal of a larger one, which is zero elsewhere."""
    blocks = [np.atleast_2d(t) for t in tensors]
    width = sum(block.shape[1] for block in blocks)
    rows, before = [], 0
    for block in blocks:
        after = width - before - block.shape[1]
        rows.append(np.pad(block, ((0, 0), (before, after))))
        before += block.shape[1]
    return cat(rows)


def meshgrid(*tensors, indexing="ij"):
    """The coordinates of all points of a grid: from n tensors with one axis, n with n axes.

    indexing: "ij", or "xy" for the first two axes exchanged.
    """
    if len(tensors) == 1 and isinstance(tensors[0], list | tuple):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        raise RuntimeError(f"meshgrid: indexing must be one of 'xy' or 'ij', got {indexing!r}")
    count = len(tensors)
    places = list(range(count))
    if indexing == "xy" and count > 1:
        places[:2] = 1, 0
    spread = [
        np.reshape(t, [-1 if place == i else 1 for i in range(count)])
        for t, place in zip(tensors, places, strict=True)
    ]
    return np.broadcast_arrays(*spread)


@implements(np.meshgrid)
def meshgrid_arrays(*arrays, indexing="xy"):
    """NumPy's `meshgrid`."""
    return meshgrid(*arrays, indexing=indexing)


def cartesian_prod(*tensors):
    """All combinations of elements of the tensors, which have one axis: one combination a row."""
    if len(tensors) == 1:
        return tensors[0]
    return stack([np.reshape(grid, -1) for grid in meshgrid(*tensors)], 1)


# ------------------------------------------------------------------------------- one made several


def parts_at(x, indices):
    """x[index] for each index, as views."""
    return tuple(kernels.pick(x, pattern=index) for index in indices)


class Split(Function):
    """x cut along an axis.   d/dx: the parts' gradients, concatenated."""

    dtypes = "any"
    many = True

    def forward(self, x, *, indices, axis):
        return parts_at(x, indices)

    def backward(self, *gys, axis):
        return np.concatenate(gys, axis)


class Unbind(Function):
    """The slices of x along an axis.   d/dx: their gradients, stacked."""

    dtypes = "any"
    many = True

    def forward(self, x, *, indices, axis):
        return parts_at(x, indices)

    def backward(self, *gys, axis):
        return np.stack(gys, axis)


def parts(operation, x, indices, axis):
    """The parts of x at these indices; each is a view of x, and can be written in place."""
    if len(indices) < 2:
        return tuple(x[index] for index in indices)
    found = operation.apply(x, indices=indices, axis=axis)
    for part, index in zip(found, indices, strict=True):
        part._note_view(GetItem, {"index": index}, x)
    return found


@implements(kernels.unbind)
def unbind(x, *, axis=0):
    """The slices of x along an axis, which is gone."""
    axis = normalize_axis_index(axis, x.ndim)
    return parts(Unbind, x, [(WHOLE,) * axis + (i,) for i in range(x.shape[axis])], axis)


@implements(np.array_split)
def array_split(x, indices_or_sections, axis=0):
    """x cut before each of the indices, or into sections, the first longer by one if needed."""
    axis = normalize_axis_index(axis, x.ndim)
    n = x.shape[axis]
    points = indices_or_sections
    if isinstance(points, int):
        short, longer = divmod(n, points)
        points = [short * i + min(i, longer) for i in range(1, points)]
    cuts = pairwise([0, *points, None])
    return parts(Split, x, [(WHOLE,) * axis + (slice(a, b),) for a, b in cuts], axis)


@implements(np.split)
def split(x, indices_or_sections, axis=0):
    """x cut before each of the indices, or into equal sections."""
    sections = indices_or_sections
    if isinstance(sections, int) and x.shape[axis] % sections:
        raise ShapeError(
            f"split: axis {axis} of {describe(x)} is not a multiple of {sections}. "
            "Remedy: use np.array_split, or tensor_split"
        )
    return array_split(x, sections, axis)
