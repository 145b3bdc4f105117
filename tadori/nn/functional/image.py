"""Images put together in another way."""

from __future__ import annotations

import math

from ... import kernels
from ...language import np
from ...tensor import Tensor
from .sizes import Size, ntuple


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """(*any, C r^2, H, W) -> (*any, C, H r, W r): r^2 channels become r x r points each."""
    *front, channels, h, w = input.shape
    r = upscale_factor
    if channels % r**2:
        raise RuntimeError(
            f"pixel_shuffle expects its input's 'channel' dimension to be divisible by the "
            f"square of upscale_factor, but input.size(-3)={channels} is not divisible by {r**2}"
        )
    x = np.reshape(input, (math.prod(front), channels // r**2, r, r, h, w))
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
    x = np.reshape(input, (math.prod(front), channels, h // r, r, w // r, r))
    x = np.transpose(x, (0, 1, 3, 5, 2, 4))
    return np.reshape(x, (*front, channels * r**2, h // r, w // r))


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """The channels of (N, C, *any) in another order: the first of every group, then the second."""
    if input.ndim < 3:
        raise RuntimeError(
            "channel_shuffle expects input with > 2 dims, but got input with sizes "
            f"{tuple(input.shape)}"
        )
    n, channels, *size = input.shape
    if groups <= 0 or channels % groups:
        raise RuntimeError(
            "Number of groups to divide channels in must be positive and divide them. Got "
            f"groups={groups} and {channels} channels"
        )
    x = np.reshape(input, (n, groups, channels // groups, *size))
    return np.reshape(np.swapaxes(x, 1, 2), input.shape)


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
    y = np.reshape(y, (*y.shape[:2], math.prod(y.shape[2:])))
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
