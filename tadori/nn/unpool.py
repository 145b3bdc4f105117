"""Layers that undo pooling, and pooling by powers and in windows drawn at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensor import Tensor
from . import functional as F
from .functional.sizes import ntuple
from .module import Module


class MaxUnpool(Module):
    """Values back at the places that max pooling told, among zeros."""

    function: Callable[..., Tensor]
    dims: int

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size = ntuple(kernel_size, self.dims)
        self.stride = ntuple(kernel_size if stride is None else stride, self.dims)
        self.padding = ntuple(padding, self.dims)

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """(N, C, *out_size) -> (N, C, *size); output_size chooses among the sizes that fit."""
        steps = (self.kernel_size, self.stride, self.padding)
        return type(self).function(input, indices, *steps, output_size)

    def extra_repr(self) -> str:
        """The options."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(MaxUnpool):
    """The reverse of `MaxPool1d`."""

    dims = 1
    function = staticmethod(F.max_unpool1d)


class MaxUnpool2d(MaxUnpool):
    """The reverse of `MaxPool2d`."""

    dims = 2
    function = staticmethod(F.max_unpool2d)


class MaxUnpool3d(MaxUnpool):
    """The reverse of `MaxPool3d`."""

    dims = 3
    function = staticmethod(F.max_unpool3d)


class LPPool(Module):
    """(sum of x^p over each window)^(1/p), p the norm_type; stride is kernel_size unless given."""

    function: Callable[..., Tensor]

    def __init__(
        self,
        norm_type: float,
        kernel_size: Any,
        stride: Any = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type, self.kernel_size = norm_type, kernel_size
        self.stride, self.ceil_mode = stride, ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *size) -> (N, C, *out_size)."""
        steps = (float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)
        return type(self).function(input, *steps)

    def extra_repr(self) -> str:
        """The options."""
        names = ("norm_type", "kernel_size", "stride", "ceil_mode")
        return ", ".join(f"{name}={getattr(self, name)}" for name in names)


class LPPool1d(LPPool):
    """`LPPool` of (N, C, L)."""

    function = staticmethod(F.lp_pool1d)


class LPPool2d(LPPool):
    """`LPPool` of (N, C, H, W)."""

    function = staticmethod(F.lp_pool2d)


class LPPool3d(LPPool):
    """`LPPool` of (N, C, D, H, W)."""

    function = staticmethod(F.lp_pool3d)


class FractionalMaxPool(Module):
    """The largest value of windows whose steps are drawn, so many as output_size says.

    output_ratio: or so many as this part of the input. One of the two must be given.
    """

    function: Callable[..., Any]
    dims: int

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        super().__init__()
        n, name = self.dims, type(self).__name__
        if (output_size is None) == (output_ratio is None):
            raise ValueError(
                f"{name} requires specifying either an output size, or a pooling ratio, and not "
                "both"
            )
        self.kernel_size = ntuple(kernel_size, n)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else ntuple(output_size, n)
        self.output_ratio = output_ratio
        if output_ratio is not None and not isinstance(output_ratio, list | tuple):
            self.output_ratio = (output_ratio,) * n
        if output_ratio is not None and not all(0 < ratio < 1 for ratio in self.output_ratio):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def forward(self, input: Tensor) -> Any:
        """(N, C, *size) -> (N, C, *output_size), with the places of the values if wanted."""
        sizes = (self.kernel_size, self.output_size, self.output_ratio)
        return type(self).function(input, *sizes, self.return_indices, self._random_samples)


class FractionalMaxPool2d(FractionalMaxPool):
    """`FractionalMaxPool` of (N, C, H, W)."""

    dims = 2
    function = staticmethod(F.fractional_max_pool2d)


class FractionalMaxPool3d(FractionalMaxPool):
    """`FractionalMaxPool` of (N, C, D, H, W)."""

    dims = 3
    function = staticmethod(F.fractional_max_pool3d)
