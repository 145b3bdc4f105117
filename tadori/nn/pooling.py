"""Pooling layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensor import Tensor
from . import functional as F
from .module import Module


class MaxPool(Module):
    """The largest of each window; stride is kernel_size unless given.

    return_indices: the result is a pair, and its second part says where each value stood.
    """

    function: Callable[..., Any]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.padding, self.dilation = kernel_size, padding, dilation
        self.stride = kernel_size if stride is None else stride
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, input: Tensor) -> Any:
        """(N, C, *size) -> (N, C, *out_size)."""
        steps = (self.kernel_size, self.stride, self.padding, self.dilation)
        return type(self).function(input, *steps, self.ceil_mode, self.return_indices)

    def extra_repr(self) -> str:
        """The options."""
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        return ", ".join(f"{name}={getattr(self, name)}" for name in names)


class MaxPool1d(MaxPool):
    """The largest of each window of (N, C, L)."""

    function = staticmethod(F.max_pool1d)


class MaxPool2d(MaxPool):
    """The largest of each window of (N, C, H, W)."""

    function = staticmethod(F.max_pool2d)


class MaxPool3d(MaxPool):
    """The largest of each window of (N, C, D, H, W)."""

    function = staticmethod(F.max_pool3d)


class AvgPool1d(Module):
    """The mean of each window of (N, C, L); stride is kernel_size unless given."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        single = [
            x[0] if isinstance(x, list | tuple) else x for x in (kernel_size, stride, padding)
        ]
        self.kernel_size = (single[0],)
        self.stride = (single[0] if single[1] is None else single[1],)
        self.padding = (single[2],)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, L) -> (N, C, OL)."""
        steps = (self.kernel_size, self.stride, self.padding)
        return F.avg_pool1d(input, *steps, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        """The options."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPoolNd(Module):
    """The mean of each window; stride is kernel_size unless given.

    count_include_pad: padding counts as zeros, otherwise not at all. divisor_override: divide by
    this instead of by the number of values.
    """

    function: Callable[..., Tensor]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *size) -> (N, C, *out_size)."""
        steps = (self.kernel_size, self.stride, self.padding)
        options = (self.ceil_mode, self.count_include_pad, self.divisor_override)
        return type(self).function(input, *steps, *options)

    def extra_repr(self) -> str:
        """The options."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(AvgPoolNd):
    """The mean of each window of (N, C, H, W)."""

    function = staticmethod(F.avg_pool2d)


class AvgPool3d(AvgPoolNd):
    """The mean of each window of (N, C, D, H, W)."""

    function = staticmethod(F.avg_pool3d)


class AdaptivePool(Module):
    """Pooling whose output size is given; its windows are as equal as they can be."""

    function: Callable[..., Any]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Any:
        """(N, C, *size) -> (N, C, *output_size)."""
        return type(self).function(input, self.output_size)

    def extra_repr(self) -> str:
        """The output size."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(AdaptivePool):
    """The means of output_size windows that cover (N, C, L)."""

    function = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(AdaptivePool):
    """The means of output_size windows that cover (N, C, H, W)."""

    function = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(AdaptivePool):
    """The means of output_size windows that cover (N, C, D, H, W)."""

    function = staticmethod(F.adaptive_avg_pool3d)


class AdaptiveMaxPool(AdaptivePool):
    """Adaptive pooling by the largest value."""

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """(N, C, *size) -> (N, C, *output_size), with the places of the values if wanted."""
        return type(self).function(input, self.output_size, self.return_indices)


class AdaptiveMaxPool1d(AdaptiveMaxPool):
    """The maxima of output_size windows that cover (N, C, L)."""

    function = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool2d(AdaptiveMaxPool):
    """The maxima of output_size windows that cover (N, C, H, W)."""

    function = staticmethod(F.adaptive_max_pool2d)


class AdaptiveMaxPool3d(AdaptiveMaxPool):
    """The maxima of output_size windows that cover (N, C, D, H, W)."""

    function = staticmethod(F.adaptive_max_pool3d)
