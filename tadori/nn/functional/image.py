"""Images made larger, smaller, or put together in another way."""

from __future__ import annotations

import math
from typing import Any

from ... import kernels
from ...tensor import Tensor
from ..language import np
from .sizes import Size, ntuple


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """(N, C, *size) in another size, given by `size` or by `scale_factor`.

    mode: "nearest", or "linear", "bilinear", "trilinear" by the number of dimensions.
    align_corners: the centres of the corner points, not their outer corners, stay in place.
    """
    n = input.ndim - 2
    linear = {1: "linear", 2: "bilinear", 3: "trilinear"}.get(n)
    if mode not in ("nearest", linear):
        raise NotImplementedError(f"interpolate: {mode!r} of input {tuple(input.shape)}")
    if (size is None) == (scale_factor is None):
        raise ValueError("only one of size or scale_factor should be defined, and one must be")
    scales = [None] * n if size is not None else scale_factor
    scales = scales if isinstance(scales, list | tuple) else [scales] * n
    lengths = input.shape[2:]
    if size is not None:
        out = ntuple(size, n)
    else:
        out = tuple(math.floor(length * scale) for length, scale in zip(lengths, scales))
    for axis, o, scale in zip(range(2, 2 + n), out, scales):
        length = input.shape[axis]
        step = length / o if scale is None else 1 / scale
        if mode == "nearest":
            places = np.minimum(np.floor(np.arange(o) * step), length - 1).astype(np.int64)
            input = np.take(input, Tensor(np.asarray(places, like=input.array)), axis=axis)
            continue
        if align_corners:
            at = np.arange(o) * ((length - 1) / max(o - 1, 1))
        else:
            at = np.maximum((np.arange(o) + 0.5) * step - 0.5, 0)
        low = np.minimum(np.floor(at), length - 1).astype(np.int64)
        share = (at - low)[:, None]
        # each result is a mean of two neighbours, so along each axis this is a product
        rows = (
            np.eye(length)[low] * (1 - share)
            + np.eye(length)[np.minimum(low + 1, length - 1)] * share
        )
        matrix = Tensor(np.asarray(rows, input.dtype, like=input.array))
        input = np.swapaxes(kernels.linear(np.swapaxes(input, axis, -1), matrix), axis, -1)
    return input


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """(*any, C r^2, H, W) -> (*any, C, H r, W r): r^2 channels become r x r points each."""
    *front, channels, h, w = input.shape
    r = upscale_factor
    if channels % r**2:
        raise RuntimeError(
            f"pixel_shuffle expects its input's 'channel' dimension to be divisible by the "
            f"square of upscale_factor, but input.size(-3)={channels} is not divisible by {r**2}"
        )
    x = np.reshape(input, (-1, channels // r**2, r, r, h, w))
    x = np.transpose(x, (0, 1, 4, 2, 5, 3))
    return np.reshape(x, (*front, channels // r**2, h * r, w * r))


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """(*any, C, H r, W r) -> (*any, C r^2, H, W): the reverse of `pixel_shuffle`."""
    *front, channels, h, w = input.shape
    r = downscale_factor
    if h % r or w % r:
        raise RuntimeError(
            f"pixel_unshuffle expects height and width to be divisible by downscale_factor {r}, "
            f"but got {h} and {w}"
        )
    x = np.reshape(input, (-1, channels, h // r, r, w // r, r))
    x = np.transpose(x, (0, 1, 3, 5, 2, 4))
    return np.reshape(x, (*front, channels * r**2, h // r, w // r))


def _image(x: Tensor) -> tuple[Tensor, bool]:
    """A batch of images, and whether it was one image only."""
    return (np.expand_dims(x, 0), True) if x.ndim in (2, 3) else (x, False)


def unfold(
    input: Tensor, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
) -> Tensor:
    """What a window sees at each place, as columns: (N, C, H, W) -> (N, C KH KW, OH OW)."""
    x, alone = _image(input)
    kernel, dilations = ntuple(kernel_size, 2), ntuple(dilation, 2)
    paddings, strides = ntuple(padding, 2), ntuple(stride, 2)
    channels = x.shape[1]
    # a convolution whose filters look at one tap each
    taps = math.prod(kernel)
    looking = np.tile(np.eye(taps, dtype=x.dtype).reshape(taps, 1, *kernel), (channels, 1, 1, 1))
    y = kernels.conv(
        x,
        Tensor(np.asarray(looking, like=x.array)),
        stride=strides,
        padding=paddings,
        dilation=dilations,
        groups=channels,
    )
    y = np.reshape(y, (*y.shape[:2], -1))
    return y[0] if alone else y


def fold(
    input: Tensor,
    output_size: Size,
    kernel_size: Size,
    dilation: Size = 1,
    padding: Size = 0,
    stride: Size = 1,
) -> Tensor:
    """The adjoint of `unfold`: columns (N, C KH KW, OH OW) added up in images (N, C, H, W)."""
    alone = input.ndim == 2
    x = np.expand_dims(input, 0) if alone else input
    kernel, size = ntuple(kernel_size, 2), ntuple(output_size, 2)
    steps = (ntuple(stride, 2), ntuple(padding, 2), ntuple(dilation, 2))
    out = kernels.out_size(size, kernel, *steps)
    taps = math.prod(kernel)
    channels = x.shape[1] // taps
    looking = np.tile(np.eye(taps, dtype=x.dtype).reshape(taps, 1, *kernel), (channels, 1, 1, 1))
    y = kernels.conv_transpose(
        np.reshape(x, (*x.shape[:2], *out)),
        Tensor(np.asarray(looking, like=x.array)),
        stride=steps[0],
        padding=steps[1],
        dilation=steps[2],
        groups=channels,
        size=size,
    )
    return y[0] if alone else y
