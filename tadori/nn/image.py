"""Layers that make images larger, or put them together in another way; and padding."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import functional as F
from .functional.sizes import Size, ntuple
from .module import Module


class Upsample(Module):
    """(N, C, *size) made larger, to `size` or by scale_factor; see `F.interpolate`."""

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
    ) -> None:
        super().__init__()
        self.size, self.mode, self.align_corners = size, mode, align_corners
        self.scale_factor = float(scale_factor) if isinstance(scale_factor, int) else scale_factor

    def forward(self, input: Tensor) -> Tensor:
        """The larger image."""
        options = (self.size, self.scale_factor, self.mode, self.align_corners)
        return F.interpolate(input, *options)

    def extra_repr(self) -> str:
        """The options."""
        name = "size" if self.scale_factor is None else "scale_factor"
        return f"{name}={getattr(self, name)!r}, mode={self.mode!r}"


class PixelShuffle(Module):
    """(*any, C r^2, H, W) -> (*any, C, H r, W r)."""

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """The larger image."""
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """The factor."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """(*any, C, H r, W r) -> (*any, C r^2, H, W)."""

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """The smaller image."""
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """The factor."""
        return f"downscale_factor={self.downscale_factor}"


class Unfold(Module):
    """What a window sees at each place: (N, C, H, W) -> (N, C KH KW, OH OW)."""

    def __init__(
        self, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
    ) -> None:
        super().__init__()
        self.kernel_size, self.dilation = kernel_size, dilation
        self.padding, self.stride = padding, stride

    def forward(self, input: Tensor) -> Tensor:
        """See `F.unfold`."""
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """The options."""
        names = ("kernel_size", "dilation", "padding", "stride")
        return ", ".join(f"{name}={getattr(self, name)}" for name in names)


class Fold(Module):
    """The adjoint of `Unfold`: columns (N, C KH KW, OH OW) added up in images (N, C, H, W)."""

    def __init__(
        self,
        output_size: Size,
        kernel_size: Size,
        dilation: Size = 1,
        padding: Size = 0,
        stride: Size = 1,
    ) -> None:
        super().__init__()
        self.output_size, self.kernel_size, self.dilation = output_size, kernel_size, dilation
        self.padding, self.stride = padding, stride

    def forward(self, input: Tensor) -> Tensor:
        """See `F.fold`."""
        steps = (self.kernel_size, self.dilation, self.padding, self.stride)
        return F.fold(input, self.output_size, *steps)

    def extra_repr(self) -> str:
        """The options."""
        names = ("output_size", "kernel_size", "dilation", "padding", "stride")
        return ", ".join(f"{name}={getattr(self, name)}" for name in names)


class Pad(Module):
    """Adds to the ends of the last axes; see `F.pad`. One number stands for all ends."""

    mode: str
    dims: int

    def __init__(self, padding: Size) -> None:
        super().__init__()
        self.padding = ntuple(padding, 2 * self.dims)

    def forward(self, input: Tensor) -> Tensor:
        """The padded input."""
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """The numbers."""
        return f"{self.padding}"


class ConstantPad(Pad):
    """`Pad` with one value."""

    mode = "constant"

    def __init__(self, padding: Size, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """The padded input."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """The numbers and the value."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(ConstantPad):
    """`value` around (N, C, L)."""

    dims = 1


class ConstantPad2d(ConstantPad):
    """`value` around (N, C, H, W)."""

    dims = 2


class ZeroPad1d(Pad):
    """Zeros around (N, C, L)."""

    mode, dims = "constant", 1


class ZeroPad2d(Pad):
    """Zeros around (N, C, H, W)."""

    mode, dims = "constant", 2


class ReflectionPad1d(Pad):
    """(N, C, L) mirrored at its ends."""

    mode, dims = "reflect", 1


class ReflectionPad2d(Pad):
    """(N, C, H, W) mirrored at its edges."""

    mode, dims = "reflect", 2


class ReplicationPad1d(Pad):
    """(N, C, L) with its ends repeated."""

    mode, dims = "replicate", 1


class ReplicationPad2d(Pad):
    """(N, C, H, W) with its edges repeated."""

    mode, dims = "replicate", 2
