"""The same numbers in another shape, order or number: what comes back is what went out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from .. import kernels
from ..autograd.errors import ShapeError
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels.indexing import ARRAY, WHOLE
from ..tensor import Tensor

# ------------------------------------------------------------------ another shape, the same memory


class Reshape(Function):
    """x in another shape; -1 is worked out.   d/dx: gy in the old one."""

    dtypes = "any"
    view = True

    def forward(self, x, *, shape):
        try:
            return x.reshape(shape)
        except ValueError:
            asked = list(shape) if isinstance(shape, Sequence) else [shape]
            raise ShapeError(
                f"shape '{asked}' is invalid for input of size {x.size}. Remedy: give a shape "
                f"whose product is {x.size}, or -1 for the one axis to be worked out"
            ) from None

    def backward(self, gy, x_shape):
        return np.reshape(gy, x_shape)


@implements(np.reshape)
def reshape(x, shape):
    """NumPy's `reshape`."""
    return Reshape.apply(x, shape=shape)


@implements(np.ravel)
def ravel(x):
    """x with one axis."""
    return Reshape.apply(x, shape=-1)


class ExpandDims(Function):
    """x with new axes of size 1."""

    dtypes = "any"
    view = True

    def forward(self, x, *, axis):
        if isinstance(axis, int) and -x.ndim - 1 <= axis <= x.ndim:
            place = axis % (x.ndim + 1)
            return x.reshape(*x.shape[:place], 1, *x.shape[place:])  # 2 us sooner
        return np.expand_dims(x, axis)

    def backward(self, gy, x_shape):
        return np.reshape(gy, x_shape)


@implements(np.expand_dims)
def expand_dims(x, axis):
    """NumPy's `expand_dims`."""
    return ExpandDims.apply(x, axis=axis)


class Squeeze(Function):
    """x without its axes of size 1, or without those named."""

    dtypes = "any"
    view = True

    def forward(self, x, *, axis):
        return x.squeeze(axis)

    def backward(self, gy, x_shape):
        return np.reshape(gy, x_shape)


@implements(np.squeeze)
def squeeze(x, axis=None):
    """NumPy's `squeeze`."""
    return Squeeze.apply(x, axis=axis)


class BroadcastTo(Function):
    """x repeated along new axes and those of size 1, without a copy.   d/dx: the sum over them."""

    dtypes = "any"
    view = True

    def forward(self, x, *, shape):
        return np.broadcast_to(x, shape)

    def backward(self, gy):
        return gy  # the sum is the engine's: it undoes every broadcast


@implements(np.broadcast_to)
def broadcast_to(x, shape):
    """NumPy's `broadcast_to`."""
    return BroadcastTo.apply(x, shape=shape)


@implements(np.broadcast_arrays)
def broadcast_arrays(*arrays):
    """All arrays in their common shape."""
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    return tuple(np.broadcast_to(a, shape) for a in arrays)


@implements(np.atleast_1d)
def atleast_1d(*arrays):
    """The arrays with at least one axis; one array by itself, several as a tuple."""
    return each(lambda a: a if a.ndim else np.reshape(a, 1), arrays)


@implements(np.atleast_2d)
def atleast_2d(*arrays):
    """The arrays with at least two axes, new ones in front."""
    return each(lambda a: a if a.ndim > 1 else np.reshape(a, (1, -1)), arrays)


@implements(np.atleast_3d)
def atleast_3d(*arrays):
    """The arrays with at least three axes: (n,) becomes (1, n, 1), and (m, n) becomes (m, n, 1)."""
    return each(
        lambda a: a if a.ndim > 2 else np.expand_dims(atleast_2d(a), 2),
        arrays,
    )


def each(function, arrays):
    """The function of each array: one by itself, several as a tuple."""
    found = tuple(map(function, arrays))
    return found[0] if len(found) == 1 else found


# ---------------------------------------------------------------------------- another order of axes


class Transpose(Function):
    """x with its axes in another order, reversed by default.   d/dx: gy with them put back."""

    dtypes = "any"
    view = True

    def forward(self, x, *, axes):
        return x.transpose(axes)

    def backward(self, gy, axes):
        if axes is None:
            return np.transpose(gy)
        places = [axis % len(axes) for axis in axes]
        return np.transpose(gy, [places.index(i) for i in range(len(axes))])


@implements(np.transpose, np.permute_dims)
def transpose(x, axes=None):
    """NumPy's `transpose`."""
    return Transpose.apply(x, axes=axes)


class SwapAxes(Function):
    """x with two axes exchanged.   d/dx: exchanged again."""

    dtypes = "any"
    view = True

    def forward(self, x, *, axis1, axis2):
        return x.swapaxes(axis1, axis2)

    def backward(self, gy, axis1, axis2):
        return np.swapaxes(gy, axis1, axis2)


@implements(np.swapaxes)
def swapaxes(x, axis1, axis2):
    """NumPy's `swapaxes`."""
    return SwapAxes.apply(x, axis1=axis1, axis2=axis2)


@implements(np.moveaxis)
def moveaxis(x, source, destination):
    """x with the axes `source` at the places `destination`, the others in their order."""
    moved = normalize_axis_tuple(source, x.ndim)
    places = normalize_axis_tuple(destination, x.ndim)
    if len(moved) != len(places):
        raise ShapeError(
            f"moveaxis: {len(moved)} axes {moved} cannot go to {len(places)} places {places}"
        )
    axes = [axis for axis in range(x.ndim) if axis not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        axes.insert(place, axis)
    return Transpose.apply(x, axes=axes)


@implements(np.rot90)
def rot90(x, k=1, axes=(0, 1)):
    """x turned by k quarters, from the first of `axes` towards the second."""
    turned = np.swapaxes(x, *axes) if k % 2 else x
    flipped = ((), axes[:1], axes, axes[1:])[k % 4]
    return np.flip(turned, tuple(flipped)) if flipped else np.copy(x)


# ------------------------------------------------------------------------ another order of elements


@implements(np.flip)
class Flip(Function):
    """x, a copy, backwards along the axes.   d/dx: flipped again."""

    dtypes = "any"

    def forward(self, x, *, axis=None):
        return np.flip(x, axis).copy()

    def backward(self, gy, axis):
        return np.flip(gy, axis)


@implements(np.fliplr)
def fliplr(x):
    """x backwards along axis 1."""
    return np.flip(x, 1)


@implements(np.flipud)
def flipud(x):
    """x backwards along axis 0."""
    return np.flip(x, 0)


class Roll(Function):
    """x moved along the axes; what leaves at one end enters at the other.   d/dx: moved back."""

    dtypes = "any"

    def forward(self, x, *, shift, axis):
        return np.roll(x, shift, axis)

    def backward(self, gy, shift, axis):
        back = tuple(-s for s in shift) if isinstance(shift, Sequence) else -shift
        return np.roll(gy, back, axis)


@implements(np.roll)
def roll(x, shift, axis=None):
    """NumPy's `roll`."""
    return Roll.apply(x, shift=shift, axis=axis)


@implements(np.tril)
class Tril(Function):
    """x with zeros above the k-th diagonal of its last two axes.   d/dx: the same of gy."""

    dtypes = "any"

    def forward(self, x, *, k=0):
        require_matrix("tril", x)
        return np.tril(x, k)

    def backward(self, gy, k):
        return np.tril(gy, k)


@implements(np.triu)
class Triu(Function):
    """x with zeros below the k-th diagonal of its last two axes.   d/dx: the same of gy."""

    dtypes = "any"

    def forward(self, x, *, k=0):
        require_matrix("triu", x)
        return np.triu(x, k)

    def backward(self, gy, k):
        return np.triu(gy, k)


def require_matrix(name, x):
    """Raise if x has no two axes."""
    if x.ndim < 2:
        raise ShapeError(f"{name}: input tensor must have at least 2 dimensions, not {x.ndim}")


# ---------------------------------------------------------------------------- more or fewer numbers


@implements(np.copy)
class Copy(Function):
    """x in memory of its own."""

    dtypes = "any"

    def forward(self, x, *, order="K"):
        return np.copy(x, order)

    def backward(self, gy):
        return gy


class Tile(Function):
    """x repeated as a whole, so often along each axis.   d/dx: the sum over the repetitions."""

    dtypes = "any"

    def forward(self, x, *, times):
        return np.tile(x, times)

    def backward(self, gy, x_shape, times):
        shape = (1,) * (len(times) - len(x_shape)) + x_shape
        split = [n for pair in zip(times, shape, strict=True) for n in pair]
        total = np.sum(np.reshape(gy, split), axis=tuple(range(0, len(split), 2)))
        return np.reshape(total, x_shape)


@implements(np.tile)
def tile(x, reps):
    """NumPy's `tile`."""
    times = (reps,) if isinstance(reps, int) else tuple(reps)
    return Tile.apply(x, times=(1,) * (x.ndim - len(times)) + times)


class Repeat(Function):
    """Each element along an axis repeated `count` times.   d/dx: the sum over the repetitions."""

    dtypes = "any"

    def forward(self, x, *, count, axis):
        return np.repeat(x, count, axis)

    def backward(self, gy, x_shape, count, axis):
        split = (*x_shape[: axis + 1], count, *x_shape[axis + 1 :])
        return np.sum(np.reshape(gy, split), axis=axis + 1)


@implements(np.repeat)
def repeat(x, repeats, axis=None):
    """Each element repeated, `repeats` times or, for a sequence, as often as it says for each."""
    if axis is None:
        x, axis = np.reshape(x, -1), 0
    axis = normalize_axis_index(axis, x.ndim)
    counts = np.asarray(repeats.array if isinstance(repeats, Tensor) else repeats)
    if counts.size == 1:
        return Repeat.apply(x, count=counts.item(), axis=axis)
    return np.take(x, np.repeat(np.arange(x.shape[axis]), counts), axis)


@implements(np.pad)
def pad(x, pad_width, mode="constant", constant_values=0):
    """x with numbers added at the ends of its axes, NumPy's `np.pad`.

    pad_width: (before, after) for each axis. mode: "constant", or "reflect", "symmetric", "edge",
    "wrap", which repeat numbers of x.
    """
    try:
        widths = np.broadcast_to(pad_width, (x.ndim, 2)).tolist()
    except ValueError:
        raise ShapeError(
            f"pad: pad_width {pad_width} is not one (before, after) for each of {x.ndim} axes"
        ) from None
    if mode == "constant":
        return Pad.apply(x, widths=widths, value=constant_values)
    if mode not in ("reflect", "symmetric", "edge", "wrap"):
        raise NotImplementedError(
            f"pad: mode {mode!r} is none of constant, reflect, symmetric, edge, wrap"
        )
    for axis, (before, after) in enumerate(widths):
        if before or after:
            n = x.shape[axis]
            places = np.pad(np.arange(n), (before, after), mode)
            ends = np.take(x, places[:before], axis), np.take(x, places[before + n :], axis)
            x = np.concatenate((ends[0], x, ends[1]), axis)
    return x


class Pad(Function):
    """x inside a larger array of `value`.   d/dx: what lies inside."""

    dtypes = "any"

    def forward(self, x, *, widths, value):
        shape = [a + n + b for n, (a, b) in zip(x.shape, widths, strict=True)]
        padded = np.full(shape, value, x.dtype, like=x)
        padded[self.inside(widths, x.shape)] = x
        return padded

    def backward(self, gy, x_shape, widths):
        return gy[self.inside(widths, x_shape)]

    @staticmethod
    def inside(widths, shape):
        return tuple(slice(a, a + n) for n, (a, _) in zip(shape, widths, strict=True))


@implements(kernels.windows)
class Windows(Function):
    """All windows of a size along one axis, each in a new last axis: a read-only view.

    d/dx: each element gets the sum over the windows in which it lies.
    """

    dtypes = "any"
    view = True

    def forward(self, x, *, size, step=1, axis=-1):
        return kernels.windows(x, size=size, step=step, axis=axis)

    def backward(self, gy, x_shape, size, step, axis):
        axis = axis % len(x_shape)
        places = np.arange(gy.shape[axis])[:, None] * step + np.arange(size)
        pattern = (WHOLE,) * axis + (ARRAY,)
        return kernels.unpick(np.moveaxis(gy, -1, axis + 1), places, pattern=pattern, shape=x_shape)


# -------------------------------------------------------------------- shapes as such, no derivative


@implements(np.zeros_like)
class ZerosLike(Function):
    """Zeros in the shape and dtype of x, unless others are given."""

    dtypes = "any"

    def forward(self, x, *, dtype=None, shape=None):
        return np.zeros_like(x, dtype=dtype, shape=shape)


@implements(np.ones_like)
class OnesLike(Function):
    """Ones in the shape and dtype of x, unless others are given."""

    dtypes = "any"

    def forward(self, x, *, dtype=None, shape=None):
        return np.ones_like(x, dtype=dtype, shape=shape)


@implements(np.empty_like)
class EmptyLike(Function):
    """An array in the shape and dtype of x, with whatever was in its memory."""

    dtypes = "any"

    def forward(self, x, *, dtype=None, shape=None):
        return np.empty_like(x, dtype=dtype, shape=shape)


class FullLike(Function):
    """`fill_value` in the shape and dtype of x, unless others are given."""

    dtypes = "any"

    def forward(self, x, *, fill_value, dtype, shape):
        return np.full_like(x, fill_value, dtype=dtype, shape=shape)


@implements(np.full_like)
def full_like(x, fill_value, dtype=None, *, shape=None):
    """NumPy's `full_like`."""
    return FullLike.apply(x, fill_value=fill_value, dtype=dtype, shape=shape)


@implements(np.shape)
def shape_of(x):
    """The size of each axis."""
    return x.shape


@implements(np.ndim)
def ndim_of(x):
    """The number of axes."""
    return x.ndim


@implements(np.size)
def size_of(x, axis=None):
    """The number of elements, or the size of one axis."""
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    return math.prod(x.shape[i] for i in axes)
