"""Complex numbers: their parts, and how they are put together."""

from __future__ import annotations

from ..layout import takes_out
from ..methods import complex as parts
from ..tensor import Tensor

adjoint = Tensor.adjoint
angle = takes_out(Tensor.angle)
conj = Tensor.conj
conj_physical = takes_out(Tensor.conj_physical)
is_conj = Tensor.is_conj
is_neg = Tensor.is_neg
isreal = Tensor.isreal
resolve_conj = Tensor.resolve_conj
resolve_neg = Tensor.resolve_neg
view_as_real = Tensor.view_as_real

complex = takes_out(parts.complex)
polar = takes_out(parts.polar)
view_as_complex = parts.pairs


def real(input: Tensor) -> Tensor:
    """The real part, a view; a real tensor itself."""
    return input.real


def imag(input: Tensor) -> Tensor:
    """The imaginary part, a view. Raises RuntimeError for real numbers."""
    return input.imag
