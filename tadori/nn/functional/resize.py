"""Images in another size: along each axis a product with a matrix of shares."""

from __future__ import annotations

import math
from typing import Any

import numpy

from ... import kernels
from ...language import np
from ...tensor import Tensor
from .adaptive import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

NEAREST = ("nearest", "nearest-exact")
#: the modes that weigh neighbours, with the number of dimensions they are for
WEIGHING = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2, "lanczos": 2}
ANTIALIASED = ("bilinear", "bicubic", "lanczos")
AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """(N, C, *size) in another size, given by `size` or by `scale_factor`.

    mode: "nearest", "nearest-exact" (from the middle of each point), "area", or, by the number of
    dimensions, "linear", "bilinear", "trilinear", "bicubic" (Keys, 1981, with a = -0.75).
    align_corners: the centres of the corner points, not their outer corners, stay in place.
    recompute_scale_factor: go by the sizes alone, which are rounded. antialias: look at all the
    points that a smaller image stands for; for "bilinear", "bicubic" (a = -0.5) and "lanczos".
    Raises ValueError or NotImplementedError for options that do not go together.
    """
    check_mode(input, mode, align_corners, antialias)
    lengths = tuple(input.shape[2:])
    out, scales = new_sizes(lengths, size, scale_factor)
    if recompute_scale_factor:
        if size is not None:
            raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
        scales = [None] * len(out)
    if mode == "area":
        return AREA[len(out)](input, out)
    for axis, (length, o, scale) in enumerate(zip(lengths, out, scales), start=2):
        if mode in NEAREST:
            places = nearest(length, o, scale, 0.5 if mode == "nearest-exact" else 0.0)
            input = np.take(input, Tensor(np.asarray(places, like=input.array)), axis=axis)
            continue
        rows = shares(mode, length, o, scale, bool(align_corners), antialias)
        matrix = Tensor(np.asarray(rows, input.dtype, like=input.array))
        input = np.swapaxes(kernels.linear(np.swapaxes(input, axis, -1), matrix), axis, -1)
    return input


def check_mode(x: Tensor, mode: str, align_corners: bool | None, antialias: bool) -> None:
    """Raise for a mode that does not exist, or is not for this input or these options."""
    if mode not in WEIGHING and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear "
            "| bicubic | trilinear"
        )
    if antialias and not (mode in ANTIALIASED and x.ndim == 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires "
            f"a 4-D tensor as input; got {mode} and {x.ndim} dimensions"
        )
    if mode == "lanczos" and (align_corners or not antialias):
        raise ValueError("Lanczos mode requires antialias=True and align_corners=False")
    if x.ndim not in (3, 4, 5) or mode not in (*NEAREST, "area", *WEIGHING):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {x.ndim}D) for the "
            f"modes: {' | '.join((*NEAREST, 'area', *WEIGHING))} (got {mode})"
        )
    wanted = WEIGHING.get(mode, x.ndim - 2) + 2
    if wanted != x.ndim:
        raise NotImplementedError(f"Got {x.ndim}D input, but {mode} mode needs {wanted}D input")


def new_sizes(
    lengths: tuple[int, ...], size: Any, scale_factor: Any
) -> tuple[tuple[int, ...], list[float | None]]:
    """The output size, and the factor along each axis; None where only the size was given."""
    n = len(lengths)
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    given = scale_factor if size is None else size
    values = list(given) if isinstance(given, list | tuple) else [given] * n
    if len(values) != n:
        raise ValueError(
            f"Input and {'scale_factor' if size is None else 'output'} must have the same number "
            f"of spatial dimensions, but got input with {lengths} and {given}. Remedy: one number "
            "for each axis after N and C"
        )
    if size is not None:
        return tuple(map(int, values)), [None] * n
    return tuple(math.floor(s * f) for s, f in zip(lengths, values)), values


def nearest(length: int, out: int, scale: float | None, middle: float) -> Any:
    """Which point each output point copies; in float32, as PyTorch rounds it."""
    step = numpy.float32(length / out if scale is None else 1 / scale)
    places = numpy.floor((numpy.arange(out, dtype=numpy.float32) + numpy.float32(middle)) * step)
    return numpy.minimum(places, length - 1).astype(numpy.int64)


def shares(
    mode: str,
    length: int,
    out: int,
    scale: float | None,
    align_corners: bool,
    antialias: bool,
) -> Any:
    """The matrix (out, length): how much of each point goes into each output point."""
    if align_corners:
        step = (length - 1) / (out - 1) if out > 1 else 0.0
    else:
        step = length / out if scale is None else 1 / scale
    if antialias:
        return wide_shares(mode, length, out, step)
    at = numpy.arange(out) * step if align_corners else (numpy.arange(out) + 0.5) * step - 0.5
    if mode == "bicubic":
        taps, shape = 2, hard_cubic
    else:
        taps, shape = 1, triangle
        at = numpy.maximum(at, 0)
    low = numpy.floor(at).astype(numpy.int64)
    rows = numpy.zeros((out, length))
    for tap in range(1 - taps, taps + 1):
        places = numpy.clip(low + tap, 0, length - 1)  # beyond the rim: the rim's point again
        numpy.add.at(rows, (numpy.arange(out), places), shape(at - (low + tap)))
    return rows


def wide_shares(mode: str, length: int, out: int, step: float) -> Any:
    """`shares` that reach as far as an output point of a smaller image does."""
    shape, reach = WIDE[mode]
    width = max(step, 1.0)
    centers = step * (numpy.arange(out)[:, None] + 0.5)
    points = numpy.arange(length)
    first = numpy.trunc(numpy.maximum(centers - reach * width + 0.5, 0))
    last = numpy.trunc(numpy.minimum(centers + reach * width + 0.5, length))
    rows = shape((points - centers + 0.5) / width) * ((points >= first) & (points < last))
    return rows / numpy.sum(rows, axis=1, keepdims=True)


def triangle(x: Any) -> Any:
    """1 - |x|, not below 0."""
    return numpy.maximum(1 - numpy.abs(x), 0)


def cubic(x: Any, a: float) -> Any:
    """Keys' convolution kernel: two cubics, on |x| <= 1 and on 1 < |x| < 2."""
    x = numpy.abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((x - 5) * x + 8) * x * a - 4 * a
    return numpy.where(x <= 1, near, numpy.where(x < 2, far, 0))


def hard_cubic(x: Any) -> Any:
    """`cubic` as PyTorch's bicubic mode has it."""
    return cubic(x, -0.75)


def soft_cubic(x: Any) -> Any:
    """`cubic` as Pillow has it, and PyTorch where it is antialiased."""
    return cubic(x, -0.5)


def lanczos(x: Any) -> Any:
    """sinc(x) sinc(x / 3) for |x| < 3."""
    return numpy.where(numpy.abs(x) < 3, numpy.sinc(x) * numpy.sinc(x / 3), 0)


WIDE: Any = {"bilinear": (triangle, 1), "bicubic": (soft_cubic, 2), "lanczos": (lanczos, 3)}


def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """The older name of `interpolate`."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """The older name of `interpolate` with mode="nearest"."""
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """The older name of `interpolate` with mode="bilinear" and align_corners=True."""
    return interpolate(input, size, scale_factor, "bilinear", True)
