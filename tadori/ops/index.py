"""x[index] and what is made of it: one reading, its adjoint, and one replacing, for every index.

The three are linear, and each other's derivatives, so all orders are there.
"""

from __future__ import annotations

from types import EllipsisType, NoneType

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import kernels
from ..autograd.convert import to_dtype
from ..autograd.function import Function
from ..autograd.inplace import adopt, refuse_leaf
from ..autograd.version import written
from ..device import device_of, to_device
from ..dispatch import implements
from ..kernels.indexing import ARRAY, WHOLE, along, told
from ..tensor import Tensor, as_array

BASIC = frozenset({int, slice, NoneType, EllipsisType})
LINE = (ARRAY,)  # the pattern of places on a flattened tensor
SLOTS = 4  # so many index arrays are inputs; more of them stay in the pattern, as constants


class GetItem(Function):
    """x[index] with ints, slices, None and ..., a view.   d/dx: zeros around the gradient."""

    dtypes = "any"
    view = True

    def forward(self, x, *, index):
        found = x[index]
        return x[(*index, ...)] if isinstance(found, np.generic) else found  # a view in any case

    def backward(self, gy, x_shape, index):
        return kernels.unpick(gy, pattern=index, shape=x_shape)


@implements(kernels.pick)
class Pick(Function):
    """x[index], `pattern` with the arrays i, j, k, m.   d/dx: the gradient put where it was picked.

    A view where the index has no arrays.
    """

    dtypes = "any"
    view = True

    def forward(self, x, i=None, j=None, k=None, m=None, *, pattern):
        return kernels.pick(x, i, j, k, m, pattern=pattern)

    def grad_x(self, gy, x_shape, i, j, k, m, pattern):
        return kernels.unpick(gy, i, j, k, m, pattern=pattern, shape=x_shape)


@implements(kernels.unpick)
class Unpick(Function):
    """Zeros, with x added where x would have been picked from.   d/dx: picks the gradient."""

    dtypes = "any"

    def forward(self, x, i=None, j=None, k=None, m=None, *, pattern, shape):
        return kernels.unpick(x, i, j, k, m, pattern=pattern, shape=shape)

    def grad_x(self, gy, i, j, k, m, pattern):
        return kernels.pick(gy, i, j, k, m, pattern=pattern)


@implements(kernels.put)
class Put(Function):
    """x with `value` at the index.   d/dx = 0 there and 1 elsewhere,  d/dvalue: picks there.

    Where the index names a place twice, the last value stands, and has the gradient.
    """

    dtypes = "any"

    def forward(self, x, value, i=None, j=None, k=None, m=None, *, pattern):
        return kernels.put(x, value, i, j, k, m, pattern=pattern)

    def grad_x(self, gy, i, j, k, m, pattern):
        return kernels.put(gy, 0.0, i, j, k, m, pattern=pattern)

    def grad_value(self, gy, value_shape, i, j, k, m, pattern):
        picked = kernels.pick(gy, i, j, k, m, pattern=pattern)
        if i is not None:
            standing = kernels.standing(i, j, k, m, pattern=pattern, shape=gy.shape)
            picked = np.where(standing, picked, 0.0)
        missing = len(value_shape) - picked.ndim
        return np.expand_dims(picked, tuple(range(missing)))


@implements(kernels.standing)
class Standing(Function):
    """Which of the values put at an index still stand."""

    dtypes = "any"

    def forward(self, i, j=None, k=None, m=None, *, pattern, shape):
        return kernels.standing(i, j, k, m, pattern=pattern, shape=shape)


@implements(kernels.extreme_at)
class ExtremeAt(Function):
    """x[p], or the value for p, that is the largest (smallest).   Equals share gy evenly."""

    dtypes = "any"

    def forward(self, x, values, places, *, largest):
        return kernels.extreme_at(x, values, places, largest=largest)

    def grad_x(self, gy, x, values, places, y):
        share, mine, _ = self.shares(gy, x, values, places, y)
        return kernels.masked(share, mine)

    def grad_values(self, gy, x, values, places, y):
        share, _, theirs = self.shares(gy, x, values, places, y)
        share = kernels.pick(share, places, pattern=LINE)
        return kernels.masked(share, theirs)

    @staticmethod
    def shares(gy, x, values, places, y):
        """(each one's share, whether x has one, whether the values have one)."""
        mine = x == y
        theirs = values == kernels.pick(y, places, pattern=LINE)
        others = kernels.unpick(
            np.astype(theirs, gy.dtype),
            places,
            pattern=LINE,
            shape=x.shape,
        )
        count = others + np.astype(mine, gy.dtype)
        return gy / count, mine, theirs


class SetItem(Put):
    """`Put` into the memory of x itself."""

    def forward(self, x, value, i=None, j=None, k=None, m=None, *, pattern):
        x[told(pattern, (i, j, k, m))] = value
        return x


@implements(Tensor.__getitem__)
def getitem(x, index):
    """x[index], NumPy's indexing."""
    index = index if type(index) is tuple else (index,)
    if BASIC.issuperset(map(type, index)):
        return GetItem.apply(x, index=index)
    pattern, arrays = parted(index, x)
    if arrays[0] is None:  # NumPy's integers, or tensors that hold one
        return GetItem.apply(x, index=pattern)
    return Pick.apply(x, *arrays, pattern=pattern)


@implements(Tensor.__setitem__)
def setitem(x, index, value):
    """x[index] = value: changes the memory, and the history of x from here on."""
    index = index if type(index) is tuple else (index,)
    pattern, arrays = parted(index, x)
    if isinstance(value, Tensor):
        if is_view_at(value, x, pattern):
            return  # the last step of `x[index] += 1`: it is there already
        value = to_dtype(value, x.dtype)
    refuse_leaf(x, "t[index] = value")
    result = SetItem.apply(x, value, *arrays, pattern=pattern)
    written(x.array, "t[index] = value")
    adopt(x, result)


def is_view_at(view, x, pattern):
    """Whether `view` was made as x[pattern]."""
    if view._view is None:
        return False
    operation, options, base, *_ = view._view
    if operation is not GetItem or base is not x:
        return False
    return options["index"] == pattern


def parted(index, x):
    """An index of x as a pattern and arrays (see `kernels.indexing`): always `SLOTS`, or None."""
    pattern, arrays = [], []  # type: ignore[var-annotated]
    for part in index:
        if type(part) not in BASIC:
            part = beside(x, as_index(part))
            if type(part) is not int and len(arrays) < SLOTS:
                arrays.append(part)
                part = ARRAY
        pattern.append(as_array(part) if isinstance(part, Tensor) else part)
    return tuple(pattern), arrays + [None] * (SLOTS - len(arrays))


def as_index(part):
    """A part of an index that is no slice: an int, or an array or Tensor of integers or booleans.

    Raises IndexError for everything else.
    """
    if isinstance(part, list | tuple | range | bool):
        part = as_array(part if type(part) is bool else list(part))
        part = part.astype(np.intp) if part.size == 0 else part
    kind = part.dtype.kind if hasattr(part, "dtype") else None
    if kind not in ("b", "i", "u"):
        what = f"{part.dtype}{tuple(part.shape)}" if kind else repr(part)
        raise IndexError(
            f"tensors used as indices must be integers or booleans, this one is {what}. "
            "Remedy: index with ints, slices, None, ..., or tensors of integers or booleans"
        )
    return int(part) if part.ndim == 0 and kind != "b" else part


def beside(x, part):
    """A part of an index on the device of x."""
    if type(part) is int:
        return part
    array = as_array(part)
    moved = to_device(array, device_of(as_array(x)))
    return part if moved is array else Tensor(moved)


# NumPy's names. Each is a pattern for one of the three.


@implements(np.take)
def take(x, indices, axis=None, out=None, mode="raise"):
    """x[..., indices, ...] along `axis`; without one, of the flattened x."""
    if mode != "raise":
        places = np.arange(np.size(x, axis))
        indices = np.take(places, as_array(indices), mode=mode)
    if axis is None:
        x, axis = np.reshape(x, -1), 0
    axis = normalize_axis_index(axis, x.ndim)
    pattern, arrays = parted((WHOLE,) * axis + (indices,), x)
    return Pick.apply(x, *arrays, pattern=pattern)


@implements(np.take_along_axis)
def take_along_axis(x, indices, axis=-1):
    """x[i, indices[i, j], k] for every i, j, k: along `axis`; without one, of the flattened x."""
    if axis is None:
        x, axis = np.reshape(x, -1), 0
    axis = normalize_axis_index(axis, x.ndim)
    wide = [1 if i == axis else n for i, n in enumerate(x.shape)]
    indices = np.broadcast_to(indices, np.broadcast_shapes(indices.shape, wide))
    pattern = along(indices.shape, axis, as_array(indices))
    return Pick.apply(x, as_index(indices), None, None, None, pattern=pattern)


@implements(kernels.scatter_add)
class ScatterAdd(Function):
    """Zeros of `length` rows, source's rows added where index says.   d/dsource = gy[index]."""

    dtypes = "any"

    def forward(self, index, source, *, length):
        return kernels.scatter_add(index, source, length=length)

    def grad_source(self, gy, index):
        return np.take(gy, index, axis=0)


@implements(np.argwhere)
class ArgWhere(Function):
    """The indices of the elements that are not zero, one row each."""

    def forward(self, x):
        return np.argwhere(x)


@implements(np.nonzero)
def nonzero(x):
    """The indices of the elements that are not zero, one array for each axis."""
    return kernels.unbind(np.argwhere(x), axis=1)


@implements(np.searchsorted)
class SearchSorted(Function):
    """For each value, where it would be inserted so that the 1-d `x` stays sorted."""

    dtypes = "any"

    def forward(self, x, v, *, side="left"):
        return np.searchsorted(x, v, side)
