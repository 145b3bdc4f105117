"""Pooling undone, and pooling of a kind of its own: by powers, and in windows drawn at random."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy

from ... import kernels
from ...language import np
from ...tensor import Tensor
from .conv import unbatched
from .pooling import avg_pool1d, avg_pool2d, avg_pool3d
from .sizes import ntuple


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Each value back at its place, which `max_pool1d` told, among zeros: (N, C, OL) -> (N, C, L).

    output_size: L, where several lengths give OL.
    """
    return _max_unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Each value back at its place, which `max_pool2d` told, among zeros: -> (N, C, H, W)."""
    return _max_unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Each value back at its place, which `max_pool3d` told, among zeros: -> (N, C, D, H, W)."""
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)


def _max_unpool(
    n: int,
    x: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_size: Any,
) -> Tensor:
    unbatched(f"max_unpool{n}d", x, n)
    if tuple(indices.shape) != tuple(x.shape):
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({tuple(x.shape)}) "
            f"but got indices tensor with shape: {tuple(indices.shape)}"
        )
    if indices.dtype != np.int64:
        raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype}")
    window = ntuple(kernel_size, n)
    strides = window if stride in (None, [], ()) else ntuple(stride, n)
    size = unpooled_size(x.shape[-n:], window, strides, ntuple(padding, n), output_size)
    plane = math.prod(size)
    if indices.array.size and not 0 <= indices.array.min() <= indices.array.max() < plane:
        raise RuntimeError(
            f"Found an invalid max index: indices go from {indices.array.min()} to "
            f"{indices.array.max()}, but output_size is {size}, a plane of {plane} points"
        )
    alone = x.ndim == n + 1
    batch, places = (np.expand_dims(t, 0) if alone else t for t in (x, indices))
    y = kernels.scatter_plane(batch, places, size=size)
    flat = (*batch.shape[:2], -1 if batch.array.size else 0)
    placed = np.zeros_like(batch.array, shape=(*batch.shape[:2], plane))
    values = batch.array.reshape(flat)
    np.put_along_axis(placed, places.array.reshape(flat), values, axis=-1)
    # of several values at one place the last stands; yet all get the gradient, as in PyTorch
    y = y + Tensor(placed.reshape(y.shape) - y.array)
    return y[0] if alone else y


def unpooled_size(
    size: tuple[int, ...],
    window: tuple[int, ...],
    strides: tuple[int, ...],
    paddings: tuple[int, ...],
    wanted: Any,
) -> tuple[int, ...]:
    """`wanted` without N and C, or the smallest size whose pooling gives this one."""
    usual = tuple((s - 1) * t + k - 2 * p for s, k, t, p in zip(size, window, strides, paddings))
    if wanted is None:
        return usual
    n = len(size)
    if len(wanted) not in (n, n + 2):
        raise ValueError(
            f"output_size should be a sequence containing {n} or {n + 2} elements, but it has a "
            f"length of '{len(wanted)}'"
        )
    found = tuple(map(int, wanted))[-n:]
    for d, (o, u, step) in enumerate(zip(found, usual, strides)):
        if not u - step < o < u + step:
            raise ValueError(
                f'invalid output_size "{found}" (dim {d} must be between {u - step} and {u + step})'
            )
    return found


# ----------------------------------------------------------------------------------------- powers


def lp_pool1d(
    input: Tensor,
    norm_type: float,
    kernel_size: int,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Tensor:
    """(sum of x^p over each window)^(1/p), p the norm_type: (N, C, L) -> (N, C, OL)."""
    return _lp_pool(1, avg_pool1d, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Tensor,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Tensor:
    """(sum of x^p over each window)^(1/p), p the norm_type: -> (N, C, OH, OW)."""
    return _lp_pool(2, avg_pool2d, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Tensor,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Tensor:
    """(sum of x^p over each window)^(1/p), p the norm_type: -> (N, C, OD, OH, OW)."""
    return _lp_pool(3, avg_pool3d, input, norm_type, kernel_size, stride, ceil_mode)


def _lp_pool(
    n: int, mean: Any, x: Tensor, p: float, kernel_size: Any, stride: Any, ceil_mode: bool
) -> Tensor:
    power: Any = mean(x**p, kernel_size, stride, 0, ceil_mode)
    count = math.prod(ntuple(kernel_size, n))
    size = np.sign(power) * kernels.relu(np.absolute(power))  # so that NaN stays NaN going back
    return (size * count) ** (1.0 / p)


# ------------------------------------------------------------------------------- windows at random


def fractional_max_pool2d(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """The largest of each of output_size windows, whose steps are drawn.

    (N, C, H, W) -> (N, C, OH, OW). output_ratio: the output size as a part of the input's.
    _random_samples (N, C, 2) in [0, 1): where the windows of each plane begin. Source: Graham,
    "Fractional Max-Pooling", 2014.
    """
    sizes = (kernel_size, output_size, output_ratio)
    y = _fractional(2, input, *sizes, _random_samples)
    return y if return_indices else y[0]


def fractional_max_pool3d(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """The largest of each of output_size windows, as `fractional_max_pool2d`.

    (N, C, D, H, W) -> (N, C, OD, OH, OW); _random_samples (N, C, 3).
    """
    sizes = (kernel_size, output_size, output_ratio)
    y = _fractional(3, input, *sizes, _random_samples)
    return y if return_indices else y[0]


#: PyTorch's names for the same with the places of the values
fractional_max_pool2d_with_indices = partial(fractional_max_pool2d, return_indices=True)
fractional_max_pool3d_with_indices = partial(fractional_max_pool3d, return_indices=True)


def _fractional(
    n: int, x: Tensor, kernel_size: Any, output_size: Any, output_ratio: Any, samples: Any
) -> tuple[Tensor, Tensor]:
    name = f"fractional_max_pool{n}d"
    alone = unbatched(name, x, n)
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    size, window = tuple(x.shape[-n:]), ntuple(kernel_size, n)
    if output_size is None:
        ratios = output_ratio if isinstance(output_ratio, list | tuple) else [output_ratio] * n
        if len(ratios) != n:
            raise ValueError(f"{name} requires output_ratio to be one number or {n} of them")
        output_size = [int(s * ratio) for s, ratio in zip(size, ratios)]
    out = ntuple(output_size, n)
    if any(o + k - 1 > s for o, k, s in zip(out, window, size)):
        raise RuntimeError(
            f"{name}: kernel_size {window} too large relative to input {size} for output {out}"
        )
    batch = np.expand_dims(x, 0) if alone else x
    if samples is None:
        samples = Tensor(np.empty_like(x.array, order="C", shape=(*batch.shape[:2], n))).uniform_()
    index = fractional_index(batch.array, samples.array[: batch.shape[0]], size, window, out)
    y = kernels.gather_plane(batch, Tensor(index))
    return (y[0], Tensor(index[0])) if alone else (y, Tensor(index))


def fractional_index(
    x: Any, samples: Any, size: tuple[int, ...], window: tuple[int, ...], out: tuple[int, ...]
) -> Any:
    """Where the largest value of each window stands in its plane: (N, C, *out)."""
    n = len(size)
    order = range(n)[::-1] if n == 2 else range(n)  # samples are for W, H, or for D, H, W
    place: Any = numpy.zeros((1,) * (2 + 2 * n), numpy.int64)
    for axis, which in enumerate(order):
        first = starts(samples[..., which], size[axis], window[axis], out[axis])  # N, C, out
        taps = first[..., None] + numpy.arange(window[axis])
        shape = [*taps.shape[:2], *[1] * (2 * n)]
        shape[2 + axis], shape[2 + n + axis] = out[axis], window[axis]
        place = place * size[axis] + taps.reshape(shape)
    place = place.reshape(*place.shape[: 2 + n], math.prod(window))
    planes = x.reshape(*x.shape[:2], math.prod(size))
    flat = place.reshape(*planes.shape[:2], math.prod(place.shape[2:]))
    values = numpy.take_along_axis(planes, flat, axis=-1)
    best = numpy.argmax(values.reshape(place.shape), axis=-1)
    return numpy.take_along_axis(place, best[..., None], axis=-1)[..., 0]


def starts(sample: Any, length: int, window: int, out: int) -> Any:
    """Where `out` windows begin, one step or two apart, the last at the end: (*any, out)."""
    last = numpy.full((*sample.shape, 1), length - window)
    if out == 1:
        return last
    step = sample.dtype.type((length - window) / (out - 1))
    sample = sample[..., None]
    steps = numpy.arange(out - 1, dtype=sample.dtype)
    begun = ((steps + sample) * step).astype(numpy.int64) - (sample * step).astype(numpy.int64)
    return numpy.concatenate([begun, last], axis=-1)
