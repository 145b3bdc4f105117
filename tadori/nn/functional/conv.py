"""Convolutions."""

from __future__ import annotations

from typing import Any

from ... import kernels
from ...language import np
from ...tensor import Tensor
from .pad import pad
from .sizes import Size, ntuple


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """(N, C, L), weight (O, C / groups, K) -> (N, O, OL). padding: numbers, "same" or "valid"."""
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """(N, C, H, W), weight (O, C / groups, KH, KW) -> (N, O, OH, OW)."""
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """(N, C, D, H, W), weight (O, C / groups, KD, KH, KW) -> (N, O, OD, OH, OW)."""
    return _conv("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def _conv(
    name: str,
    n: int,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Size,
    padding: Size | str,
    dilation: Size,
    groups: int,
) -> Tensor:
    alone = unbatched(name, x, n)
    if alone:
        x = np.expand_dims(x, 0)
    strides, dilations = ntuple(stride, n), ntuple(dilation, n)
    if padding == "same":
        x, paddings = same(x, weight, strides, dilations)
    elif isinstance(padding, str):
        if padding != "valid":
            raise ValueError(f"Invalid padding string {padding!r}, should be 'same' or 'valid'")
        paddings = (0,) * n
    else:
        paddings = ntuple(padding, n)
    y = kernels.conv(
        x,
        weight,
        bias,
        stride=strides,
        padding=paddings,
        dilation=dilations,
        groups=groups,
    )
    return y[0] if alone else y


def same(
    x: Tensor, weight: Tensor, stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[Tensor, tuple[int, ...]]:
    """The image and the padding on both sides with which a convolution keeps its size.

    Where one zero more is needed behind the image than before it, the image brings it along.
    """
    if any(s != 1 for s in stride):
        raise ValueError("padding='same' is not supported for strided convolutions")
    totals = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    if any(total % 2 for total in totals):
        rims: list[int] = []
        for total in reversed(totals):
            rims += [0, total % 2]
        x = pad(x, rims)
    return x, tuple(total // 2 for total in totals)


def unbatched(name: str, x: Any, n: int) -> bool:
    """Whether x is one image, (C, *size). Raises RuntimeError if it is no batch either."""
    if x.ndim not in (n + 1, n + 2):
        raise RuntimeError(
            f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {name}, but got input "
            f"of size: {tuple(x.shape)}"
        )
    return x.ndim == n + 1


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """The adjoint of `conv1d`: (N, C, L), weight (C, O / groups, K) -> (N, O, OL)."""
    steps = (stride, padding, output_padding, groups, dilation)
    return _conv_transpose("conv_transpose1d", 1, input, weight, bias, *steps)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """The adjoint of `conv2d`: (N, C, H, W), weight (C, O / groups, KH, KW) -> (N, O, OH, OW)."""
    steps = (stride, padding, output_padding, groups, dilation)
    return _conv_transpose("conv_transpose2d", 2, input, weight, bias, *steps)


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """The adjoint of `conv3d`."""
    steps = (stride, padding, output_padding, groups, dilation)
    return _conv_transpose("conv_transpose3d", 3, input, weight, bias, *steps)


def _conv_transpose(
    name: str,
    n: int,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Size,
    padding: Size,
    output_padding: Size,
    groups: int,
    dilation: Size,
) -> Tensor:
    alone = unbatched(name, x, n)
    if alone:
        x = np.expand_dims(x, 0)
    strides, paddings, dilations = ntuple(stride, n), ntuple(padding, n), ntuple(dilation, n)
    more = ntuple(output_padding, n)
    if any(m >= max(s, d) for m, s, d in zip(more, strides, dilations)):
        raise RuntimeError(
            f"output padding must be smaller than either stride or dilation, but got "
            f"output_padding {more}, stride {strides} and dilation {dilations}"
        )
    # points a step or more behind the last place would be of a further place: these are cut to size
    cut = [(-p, m - p) for m, p in zip(more, paddings)]
    beyond = any(m >= s for m, s in zip(more, strides))
    if beyond:
        paddings = more = (0,) * n
    windows = zip(x.shape[2:], weight.shape[2:], strides, paddings, dilations, more)
    size = tuple((i - 1) * s - 2 * p + d * (k - 1) + 1 + m for i, k, s, p, d, m in windows)
    y = kernels.conv_transpose(
        x,
        weight,
        None if beyond else bias,
        stride=strides,
        padding=paddings,
        dilation=dilations,
        groups=groups,
        size=size,
    )
    if beyond:
        y = pad(y, [length for pair in reversed(cut) for length in pair])
        y = y if bias is None else y + np.reshape(bias, (-1, *[1] * n))
    return y[0] if alone else y


def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Tensor:
    """`conv1d` with time first: (T, N, C), weight (K, C, O), bias (O,) -> (OT, N, O)."""
    x, filters = np.transpose(input, (1, 2, 0)), np.transpose(weight, (2, 1, 0))
    return np.transpose(conv1d(x, filters, bias, padding=pad), (2, 0, 1))
