"""The memory behind an array, as one line of numbers, and what is seen of it with given steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib import stride_tricks

from tadori.kernels.window import Array


def line_of(x: Any) -> Any:
    """All the memory in which x lies, as one axis of numbers of its dtype."""
    if type(x) is not np.ndarray:
        raise NotImplementedError(
            "as_strided: only arrays of NumPy can be seen with steps of one's own. Remedy: index it"
        )
    root = owner(x)
    line = stride_tricks.as_strided(root, (root.size,), (root.itemsize,))
    return line.view(x.dtype)


def owner(x: Any) -> Any:
    """The array that has the memory of x."""
    while x.base is not None:
        below = x.base if isinstance(x.base, np.ndarray) else getattr(x.base, "base", None)
        if not isinstance(below, np.ndarray):  # NumPy's own helpers have an array as base again
            break
        x = below
    return x


def offset_of(x: Any) -> int:
    """Where on its line x begins."""
    begin = x.__array_interface__["data"][0]
    start = owner(x).__array_interface__["data"][0]
    return (begin - start) // x.itemsize


def places_of(size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> Array:
    """The places on the line that are seen, in the shape `size`."""
    places = np.array(offset)
    for n, step in zip(size, stride, strict=True):
        places = places[..., None] + np.arange(n) * step
    return places


def as_strided(
    x: Array,
    *,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    offset: int,
    own: Array | None = None,
    length: int | None = None,
) -> Array:
    """The memory of x from `offset` on, with these steps, all counted in elements: a view.

    own: where the elements of x lie on its line, or None if they are all of it, in order; length:
    how long the line is. Raises RuntimeError for what lies outside the memory.
    """
    line = np.ascontiguousarray(x.reshape(-1)) if own is None else line_of(x)
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if math.prod(size) and not (offset >= 0 and last < line.size):
        raise RuntimeError(
            f"as_strided: size {tuple(size)}, stride {tuple(stride)} and offset {offset} are out "
            f"of bounds for memory of {line.size} elements"
        )
    steps = [step * line.itemsize for step in stride]
    start = line[offset:] if math.prod(size) else line
    return np.ndarray(size, line.dtype, start, strides=steps)
