"""Convolution layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..tensor import Tensor
from . import functional as F
from . import init
from .functional.sizes import Size, ntuple
from .module import Module
from .parameter import new_parameter


class ConvNd(Module):
    """What convolution layers share: their options, their parameters and how they are drawn."""

    dims: int
    transposed = False
    bias: Any
    padding: Any
    output_padding: Any

    def _prepare(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size,
        padding: Size | str,
        output_padding: Size,
        dilation: Size,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
    ) -> None:
        super().__init__()
        n = self.dims
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(f"{name} must be divisible by groups, but {channels} % {groups}")
        modes = ("zeros", "reflect", "replicate", "circular")
        if padding_mode not in modes:
            raise ValueError(f"padding_mode must be one of {modes}, but got {padding_mode!r}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = ntuple(kernel_size, n), ntuple(stride, n)
        self.dilation, self.output_padding = ntuple(dilation, n), ntuple(output_padding, n)
        self.padding = padding if isinstance(padding, str) else ntuple(padding, n)
        self.padding_mode = padding_mode
        if padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError("padding='same' is not supported for strided convolutions")
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise ValueError(f"Invalid padding string {padding!r}, should be 'same' or 'valid'")
        ends = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        shape = (ends[0], ends[1] // groups, *self.kernel_size)
        self.weight = new_parameter(shape, device, dtype)
        self.register_parameter("bias", None)
        if bias:
            self.bias = new_parameter((out_channels,), device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew, from +-1/sqrt(fan_in)."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in = math.prod(self.weight.shape[1:])
        if self.bias is not None and fan_in:
            bound = 1 / math.sqrt(fan_in)
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        """The channels, the window, and the options that differ from their defaults."""
        n = self.dims
        parts = [f"{self.in_channels}", f"{self.out_channels}"]
        parts += [f"kernel_size={self.kernel_size}", f"stride={self.stride}"]
        unusual = {
            "padding": (0,) * n,
            "dilation": (1,) * n,
            "output_padding": (0,) * n,
            "groups": 1,
        }
        for name, usual in unusual.items():
            if getattr(self, name) != usual:
                parts.append(f"{name}={getattr(self, name)}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


class Conv(ConvNd):
    """A convolution: every filter slides over the image and says how well it matches.

    `Conv1d`, `Conv2d` and `Conv3d` differ in the number of spatial dimensions only.
    """

    function: Callable[..., Tensor]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        options = (dilation, groups, bias, padding_mode, device, dtype)
        self._prepare(in_channels, out_channels, kernel_size, stride, padding, 0, *options)

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *size) -> (N, O, *out_size); one image may come without N."""
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._rims(), mode=self.padding_mode)
            padding = 0
        return type(self).function(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )

    def _rims(self) -> list[int]:
        """What `F.pad` is to add before and after, the last axis first."""
        rims: list[int] = []
        for i in reversed(range(self.dims)):
            if self.padding == "same":
                total = self.dilation[i] * (self.kernel_size[i] - 1)
                rims += [total // 2, total - total // 2]
            else:
                rims += [0, 0] if self.padding == "valid" else [int(self.padding[i])] * 2
        return rims


class Conv1d(Conv):
    """y[n, o] = bias[o] + sum over c of weight[o, c] * x[n, c]: (N, C, L) -> (N, O, OL).

    weight (O, C / groups, K), drawn from +-1/sqrt(C / groups K). padding may be "same" or "valid".
    """

    dims = 1
    function = staticmethod(F.conv1d)


class Conv2d(Conv):
    """y[n, o] = bias[o] + sum over c of weight[o, c] * x[n, c]: (N, C, H, W) -> (N, O, OH, OW).

    weight (O, C / groups, KH, KW). OH = (H + 2 padding - dilation (KH - 1) - 1) // stride + 1.
    """

    dims = 2
    function = staticmethod(F.conv2d)


class Conv3d(Conv):
    """y[n, o] = bias[o] + sum of weight[o, c] * x[n, c]: (N, C, *size) -> (N, O, *out_size).

    weight (O, C / groups, KD, KH, KW).
    """

    dims = 3
    function = staticmethod(F.conv3d)


class ConvTranspose(ConvNd):
    """The adjoint of a convolution: every value spreads its filter, and the image grows."""

    transposed = True
    function: Callable[..., Tensor]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        steps = (kernel_size, stride, padding, output_padding, dilation)
        options = (groups, bias, padding_mode, device, dtype)
        self._prepare(in_channels, out_channels, *steps, *options)

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        """(N, C, *size) -> (N, O, *out_size); output_size chooses among the sizes that fit."""
        more = self.output_padding
        if output_size is not None:
            size = input.shape[-self.dims :]
            windows = zip(size, self.stride, self.padding, self.dilation, self.kernel_size)
            least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in windows]
            more = tuple(o - low for o, low in zip(output_size[-self.dims :], least))
            if any(not 0 <= m < s for m, s in zip(more, self.stride)):
                raise ValueError(
                    f"requested an output size of {output_size}, but it must be at least {least} "
                    f"and less than a stride of {self.stride} more"
                )
        options = (self.stride, self.padding, more, self.groups, self.dilation)
        return type(self).function(input, self.weight, self.bias, *options)


class ConvTranspose1d(ConvTranspose):
    """(N, C, L) -> (N, O, OL) with OL = (L - 1) stride - 2 padding + dilation (K - 1) + 1.

    output_padding is added to OL. weight (C, O / groups, K).
    """

    dims = 1
    function = staticmethod(F.conv_transpose1d)


class ConvTranspose2d(ConvTranspose):
    """(N, C, H, W) -> (N, O, OH, OW), OH = (H - 1) stride - 2 padding + dilation (KH - 1) + 1.

    output_padding is added to OH and OW. weight (C, O / groups, KH, KW).
    """

    dims = 2
    function = staticmethod(F.conv_transpose2d)


class ConvTranspose3d(ConvTranspose):
    """(N, C, D, H, W) -> (N, O, OD, OH, OW), as `ConvTranspose2d`."""

    dims = 3
    function = staticmethod(F.conv_transpose3d)
