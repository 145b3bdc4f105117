"""Indexing as arithmetic: reading x[index], its adjoint, and replacing what stands there.

An index is told in two parts, so that arrays are inputs and the rest is an option: a pattern, in
which the word ARRAY holds a place, and the arrays that go there. x[:, i, None, j] is the pattern
(slice(None), ARRAY, None, ARRAY) with the arrays i and j. All other derivatives of these three are
found among them, and scatter, gather, embedding and boolean selection are special cases.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.lib.stride_tricks import sliding_window_view

from tadori.kernels.reference import scatter_add
from tadori.kernels.window import Array, require_shape

ARRAY = "array"
WHOLE = slice(None)

Index = tuple[Any, ...]


def pick(x: Array, *arrays: Array | None, pattern: Index) -> Array:
    """x[index]: a view for ints and slices, a copy where arrays of integers or booleans choose.

    Raises IndexError for an index outside its axis.
    """
    index = told(pattern, arrays)
    line = in_line(index, x.shape)
    if line is not None and (x.flags.c_contiguous or len(index) == 1):
        # np.take is up to 3 times as quick as x[index]
        return x.reshape(line.shape).take(line.places, axis=1).reshape(line.picked)
    found = x[index]
    return x[(*index, ...)] if isinstance(found, np.generic) else found  # 0-d views stay views


def unpick(g: Array, *arrays: Array | None, pattern: Index, shape: tuple[int, ...]) -> Array:
    """Zeros of `shape` to which each element of g is added where x[index] would have taken it.

    The adjoint of `pick`: <pick(x), g> = <x, unpick(g)>.
    """
    g = np.asarray(g) if isinstance(g, np.generic) else g
    index = told(pattern, arrays)
    line = in_line(index, shape)
    if line is not None:
        # np.add.at likes rows: 390 us, not 2900, for 50 columns of (32, 100, 64)
        require_shape("unpick", "g", g.shape, line.picked)
        images, length, row = line.shape
        rows = np.arange(images, like=g).reshape(-1, 1) * length + line.places.reshape(1, -1)
        source = g.reshape(*rows.shape, row)
        return scatter_add(rows, source, length=images * length).reshape(shape)
    x = np.zeros_like(g, shape=shape)
    if any(may_repeat(part) for part in index):
        np.add.at(x, index, g)
    else:
        x[index] = g
    return x


def put(x: Array, value: Any, *arrays: Array | None, pattern: Index) -> Array:
    """A copy of x in which value, broadcast, stands at the index. For places named twice, any."""
    replaced = x.copy()
    replaced[told(pattern, arrays)] = value
    return replaced


def standing(*arrays: Array | None, pattern: Index, shape: tuple[int, ...]) -> Array:
    """Which of the values put at an index still stand, in the shape of x[index].

    False for those that a later value replaced, at the same place.
    """
    index = told(pattern, arrays)
    latest = np.zeros(shape, np.intp, like=next((a for a in arrays if a is not None), None))
    numbers = np.arange(latest[index].size, like=latest).reshape(latest[index].shape)
    latest[index] = numbers
    return latest[index] == numbers


def unbind(x: Array, *, axis: int = 0) -> tuple[Array, ...]:
    """The slices of x along an axis, which is gone: views."""
    x = np.moveaxis(x, axis, 0)
    return tuple([x[i, ...] for i in range(len(x))])


def windows(x: Array, *, size: int, step: int = 1, axis: int = -1) -> Array:
    """All windows of `size` elements, `step` apart, along an axis, each in a new last axis.

    A view that cannot be written, since windows overlap. Raises ValueError for a window larger
    than the axis.
    """
    axis = normalize_axis_index(axis, x.ndim)
    if not 0 <= size <= x.shape[axis] or step < 1:
        raise ValueError(
            f"unfold: maximum size for axis {axis} is {x.shape[axis]} but size is {size}, and step "
            f"must be at least 1 and is {step}"
        )
    every = sliding_window_view(x, size, axis)
    return every[(WHOLE,) * axis + (slice(None, None, step),)]


def told(pattern: Index, arrays: tuple[Any, ...]) -> Index:
    """The index that a pattern and its arrays tell."""
    coming = iter(arrays)
    return tuple([next(coming) if type(part) is str else part for part in pattern])


def along(shape: tuple[int, ...], axis: int, like: Array) -> Index:
    """The pattern whose array, of this shape, chooses along `axis`, and elsewhere stays in place.

    like: an array on the device that is indexed.
    """
    pattern: list[Any] = []
    for i, n in enumerate(shape):
        places = np.arange(n, like=like).reshape(-1, *[1] * (len(shape) - 1 - i))
        pattern.append(ARRAY if i == axis else places)
    return tuple(pattern)


def may_repeat(part: Any) -> bool:
    """Whether this part of an index may name a place twice: only an array of integers can."""
    return hasattr(part, "dtype") and part.dtype.kind != "b"


class InLine:
    """An index `x[:, :, i, j]` of integer arrays after whole axes, as places along one line.

    x.reshape(shape) has the axes before the arrays, those the arrays point into, and the others;
    `places` are positions on the second; `picked` is the shape of x[index].
    """

    def __init__(self, axis: int, arrays: Index, shape: tuple[int, ...]) -> None:
        before, rest = shape[:axis], shape[axis + len(arrays) :]
        lengths = shape[axis : axis + len(arrays)]
        self.places = inside(arrays[0], lengths[0], axis)
        for i in range(1, len(arrays)):
            further = inside(arrays[i], lengths[i], axis + i)
            try:
                self.places = self.places * lengths[i] + further
            except ValueError as error:
                raise IndexError(f"the index arrays cannot be broadcast: {error}") from None
        self.shape = (math.prod(before), math.prod(lengths), math.prod(rest))
        self.picked = (*before, *self.places.shape, *rest)


def in_line(index: Index, shape: tuple[int, ...]) -> InLine | None:
    """The index as an `InLine`, or None if it is of another kind."""
    axis = 0
    while axis < len(index) and type(index[axis]) is slice and index[axis] == WHOLE:
        axis += 1
    arrays = index[axis:]
    if not arrays or len(index) > len(shape) or not all(map(may_repeat, arrays)):
        return None
    return InLine(axis, arrays, shape)


def inside(places: Array, length: int, axis: int) -> Array:
    """Positions counted from the front. Raises IndexError for one outside the axis."""
    places = places.astype(np.intp, copy=False)
    if places.size == 0:
        return places
    low, high = int(places.min()), int(places.max())
    if low < -length or high >= length:
        wrong = low if low < -length else high
        raise IndexError(f"index {wrong} is out of bounds for axis {axis} with size {length}")
    return np.where(places < 0, places + length, places) if low < 0 else places
