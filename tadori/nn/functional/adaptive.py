"""Adaptive pooling: the output size is given, the windows follow from it."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from ... import kernels
from ...language import np
from ...tensor import Tensor
from .conv import unbatched
from .pooling import _avg_pool, _max_pool


def windows(
    n: int,
    out: int,
) -> list[tuple[int, int]]:
    """(start, end) of `out` windows that cover n points: as equal as they can be."""
    return [(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]


def adaptive_avg_pool1d(
    input: Tensor,
    output_size: Any,
) -> Tensor:
    """The means of output_size windows that cover the axis: (N, C, L) -> (N, C, OL)."""
    return _adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(
    input: Tensor,
    output_size: Any,
) -> Tensor:
    """The means of as many windows as output_size says; None keeps that size: -> (N, C, OH, OW)."""
    return _adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(
    input: Tensor,
    output_size: Any,
) -> Tensor:
    """The means of as many windows as output_size says; -> (N, C, OD, OH, OW)."""
    return _adaptive_avg_pool("adaptive_avg_pool3d", 3, input, output_size)


def _adaptive_avg_pool(
    name: str,
    n: int,
    x: Tensor,
    output_size: Any,
) -> Tensor:
    unbatched(name, x, n)
    size = x.shape[-n:]
    out = adaptive_size(size, output_size)
    if all(o > 0 and s % o == 0 for s, o in zip(size, out)):
        window = tuple(s // o for s, o in zip(size, out))
        return _avg_pool(name, n, x, window, window, 0, False, True)
    for axis, o in zip(range(-n, 0), out):
        # each mean is a row of a matrix, so along each axis the pooling is a product
        rows = np.zeros((x.shape[axis], o), x.dtype)
        for i, (start, end) in enumerate(windows(x.shape[axis], o)):
            rows[start:end, i] = 1 / (end - start)
        matrix = Tensor(np.asarray(rows, like=x.array))
        x = np.swapaxes(np.matmul(np.swapaxes(x, axis, -1), matrix), axis, -1)
    return x


def adaptive_size(
    size: tuple[int, ...],
    output_size: Any,
) -> tuple[int, ...]:
    """The output size, with the image's own where None was given."""
    wanted = output_size if isinstance(output_size, list | tuple) else [output_size] * len(size)
    return tuple(s if o is None else int(o) for s, o in zip(size, wanted, strict=True))


def adaptive_max_pool1d(
    input: Tensor,
    output_size: Any,
    return_indices: bool = False,
) -> Any:
    """The maxima of output_size windows that cover the axis: (N, C, L) -> (N, C, OL)."""
    return _adaptive_max_pool("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(
    input: Tensor,
    output_size: Any,
    return_indices: bool = False,
) -> Any:
    """The maxima of as many windows as output_size says; -> (N, C, OH, OW)."""
    return _adaptive_max_pool("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(
    input: Tensor,
    output_size: Any,
    return_indices: bool = False,
) -> Any:
    """The maxima of as many windows as output_size says; -> (N, C, OD, OH, OW)."""
    return _adaptive_max_pool("adaptive_max_pool3d", 3, input, output_size, return_indices)


def _adaptive_max_pool(
    name: str,
    n: int,
    x: Tensor,
    output_size: Any,
    return_indices: bool,
) -> Any:
    unbatched(name, x, n)
    size = x.shape[-n:]
    out = adaptive_size(size, output_size)
    if all(o > 0 and s % o == 0 for s, o in zip(size, out)):
        window = tuple(s // o for s, o in zip(size, out))
        return _max_pool(name, n, x, window, window, 0, 1, False, return_indices)
    batch = x if x.ndim == n + 2 else np.expand_dims(x, 0)
    index = places_of_largest(batch.array, out)
    y = kernels.gather_plane(batch, Tensor(index))
    if x.ndim == n + 1:
        y, index = y[0], index[0]
    return (y, Tensor(index)) if return_indices else y


def places_of_largest(
    x: Any,
    out: tuple[int, ...],
) -> Any:
    """Where in its plane the largest value of each adaptive window stands: (N, C, *out)."""
    size = x.shape[2:]
    place = np.broadcast_to(np.arange(math.prod(size), like=x).reshape(size), x.shape)
    for axis, o in zip(range(-1, -1 - len(out), -1), reversed(out)):
        found = []
        for start, end in windows(x.shape[axis], o):
            part = np.arange(start, end, like=x)
            values, places = (np.take(array, part, axis=axis) for array in (x, place))
            best = np.argmax(values, axis=axis, keepdims=True)
            found.append([np.take_along_axis(a, best, axis=axis) for a in (values, places)])
        x, place = (np.concatenate(arrays, axis=axis) for arrays in zip(*found))
    return place


#: PyTorch's names for the same with the places of the values
adaptive_max_pool1d_with_indices = partial(adaptive_max_pool1d, return_indices=True)
adaptive_max_pool2d_with_indices = partial(adaptive_max_pool2d, return_indices=True)
adaptive_max_pool3d_with_indices = partial(adaptive_max_pool3d, return_indices=True)
