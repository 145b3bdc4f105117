"""Methods of complex numbers: their parts, their angle, their conjugates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..kernels.complex import OF_PAIRS, join_parts, view_as_complex, view_as_real


class ComplexParts:
    """Real and imaginary parts, size and angle. Of real numbers most are the numbers themselves."""

    __slots__ = ()

    @property
    def real(self: Any) -> Any:
        """The real part, a view; of a real tensor itself."""
        return np.real(self)

    @real.setter
    def real(self: Any, value: Any) -> None:
        np.real(self).copy_(value)

    @property
    def imag(self: Any) -> Any:
        """The imaginary part, a view. Raises RuntimeError for real numbers."""
        return np.imag(self)

    @imag.setter
    def imag(self: Any, value: Any) -> None:
        np.imag(self).copy_(value)

    def conj(self: Any) -> Any:
        """The conjugate, computed at once (PyTorch computes it later); a real tensor itself."""
        return np.conjugate(self) if self.dtype.kind == "c" else self

    def conj_physical(self: Any) -> Any:
        """The conjugate."""
        return self.conj()

    def conj_physical_(self: Any) -> Any:
        """The conjugate, in place."""
        return self.write(self.conj(), "conj_physical_")

    def resolve_conj(self: Any) -> Any:
        """Itself: no conjugate waits to be computed here."""
        return self

    def resolve_neg(self: Any) -> Any:
        """Itself: no negative waits to be computed here."""
        return self

    def is_conj(self: Any) -> bool:
        """False: no conjugate waits to be computed here."""
        return False

    def is_neg(self: Any) -> bool:
        """False: no negative waits to be computed here."""
        return False

    def angle(self: Any) -> Any:
        """The angle in radians, in [-pi, pi]; of real numbers 0 or pi."""
        return np.angle(self)

    def isreal(self: Any) -> Any:
        """Whether the imaginary part is 0."""
        if self.dtype.kind == "c":
            return np.imag(self) == 0
        return np.ones_like(self, dtype=bool)

    def view_as_real(self: Any) -> Any:
        """(*any) complex -> (*any, 2), a view. Raises RuntimeError for real numbers."""
        if self.dtype.kind != "c":
            raise RuntimeError(
                f"view_as_real is only supported for complex tensors, this one is {self.dtype}"
            )
        return view_as_real(self)

    def adjoint(self: Any) -> Any:
        """The last two axes exchanged, and conjugated."""
        return np.swapaxes(self.conj(), -1, -2)

    @property
    def mH(self: Any) -> Any:
        """`adjoint()`."""
        return self.adjoint()

    @property
    def H(self: Any) -> Any:
        """`adjoint()` of a matrix; a 0-d tensor's conjugate."""
        if self.ndim not in (0, 2):
            raise RuntimeError(
                f"tensor.H is only supported on matrices (2-D tensors). Got {self.ndim}-D tensor. "
                "Remedy: for batches, tensor.mH"
            )
        return self.adjoint() if self.ndim else self.conj()


# Functions that PyTorch has not as methods.


def complex(real: Any, imag: Any) -> Any:
    """real + i imag, of two real tensors of one floating dtype, which broadcast."""
    if real.dtype != imag.dtype or real.dtype not in OF_PAIRS:
        raise RuntimeError(
            "complex: expected both inputs to be float or double tensors of one dtype, but got "
            f"{real.dtype} and {imag.dtype}"
        )
    return join_parts(real, imag)


def polar(abs: Any, angle: Any) -> Any:
    """abs * (cos(angle) + i sin(angle)), of two real tensors of one floating dtype."""
    return complex(abs * np.cos(angle), abs * np.sin(angle))


def pairs(x: Any) -> Any:
    """(*any, 2) -> (*any) complex, a view. Raises RuntimeError where the memory does not allow."""
    if x.dtype not in OF_PAIRS:
        raise RuntimeError(
            f"view_as_complex is only supported for float and double tensors, this is {x.dtype}"
        )
    if x.ndim == 0 or x.shape[-1] != 2:
        raise RuntimeError(
            f"view_as_complex: tensor must have a last dimension of size 2, its shape is {x.shape}"
        )
    if x.array.strides[-1] != x.array.itemsize:
        raise RuntimeError(
            "view_as_complex: tensor must have a last dimension with stride 1. "
            "Remedy: x.contiguous()"
        )
    return view_as_complex(x)
