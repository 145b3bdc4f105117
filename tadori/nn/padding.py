"""Padding layers: more at the ends of the last axes; see `F.pad`."""

from __future__ import annotations

from ..tensor import Tensor
from . import functional as F
from .functional.sizes import Size, ntuple
from .module import Module


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


class ConstantPad3d(ConstantPad):
    """`value` around (N, C, D, H, W)."""

    dims = 3


class ZeroPad(ConstantPad):
    """`ConstantPad` with 0."""

    def __init__(self, padding: Size) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """The numbers."""
        return f"{self.padding}"


class ZeroPad1d(ZeroPad):
    """Zeros around (N, C, L)."""

    dims = 1


class ZeroPad2d(ZeroPad):
    """Zeros around (N, C, H, W)."""

    dims = 2


class ZeroPad3d(ZeroPad):
    """Zeros around (N, C, D, H, W)."""

    dims = 3


class ReflectionPad1d(Pad):
    """(N, C, L), mirrored at its ends."""

    mode, dims = "reflect", 1


class ReflectionPad2d(Pad):
    """(N, C, H, W), mirrored at its ends."""

    mode, dims = "reflect", 2


class ReflectionPad3d(Pad):
    """(N, C, D, H, W), mirrored at its ends."""

    mode, dims = "reflect", 3


class ReplicationPad1d(Pad):
    """(N, C, L), its ends repeated."""

    mode, dims = "replicate", 1


class ReplicationPad2d(Pad):
    """(N, C, H, W), its ends repeated."""

    mode, dims = "replicate", 2


class ReplicationPad3d(Pad):
    """(N, C, D, H, W), its ends repeated."""

    mode, dims = "replicate", 3


class CircularPad1d(Pad):
    """(N, C, L), each end followed by the other one."""

    mode, dims = "circular", 1


class CircularPad2d(Pad):
    """(N, C, H, W), each end followed by the other one."""

    mode, dims = "circular", 2


class CircularPad3d(Pad):
    """(N, C, D, H, W), each end followed by the other one."""

    mode, dims = "circular", 3
