"""The parts of complex numbers: functions that have no complex derivative, only those of the parts.

In the walk back a gradient of x = a + ib is gx = ga - i gb, the conjugate of what users see. The
real part of gx dx is then the change of the result, and these formulas follow from that.
"""

from __future__ import annotations

import math

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels.complex import join_parts, view_as_complex, view_as_real


@implements(np.conjugate)
class Conjugate(Function):
    """a - ib for x = a + ib.   gx = conj(gy)."""

    def forward(self, x):
        return np.conjugate(x)

    def backward(self, gy):
        return np.conjugate(gy)


class Part(Function):
    """Base of views of the parts of x.

    Where a part is written in place, `inside` is the gradient of what was written, `outside` that
    of x, of which only the other part remains.
    """

    dtypes = "any"
    view = True


class Real(Part):
    """a of x = a + ib.   gx = gy."""

    def forward(self, x):
        self.source = x.dtype
        return np.real(x)

    def backward(self, gy):
        return kernels.cast(gy, dtype=self.source)

    @staticmethod
    def inside(gy):
        return np.real(gy)

    @staticmethod
    def outside(gy):
        return np.imag(gy) * 1j


class Imag(Part):
    """b of x = a + ib.   gx = -i gy."""

    def forward(self, x):
        return np.imag(x)

    def backward(self, gy):
        return gy * -1j

    @staticmethod
    def inside(gy):
        return -np.imag(gy)

    @staticmethod
    def outside(gy):
        return np.real(gy) + 0j


@implements(np.real)
def real(x):
    """The real part; of real numbers they themselves."""
    return Real.apply(x) if x.dtype.kind == "c" else x


@implements(np.imag)
def imag(x):
    """The imaginary part. Raises RuntimeError for real numbers."""
    if x.dtype.kind != "c":
        raise RuntimeError(
            "imag is not implemented for tensors with non-complex dtypes; this one is "
            f"{x.dtype}. Remedy: zeros_like(x)"
        )
    return Imag.apply(x)


@implements(view_as_real)
class ViewAsReal(Part):
    """(a, b) of x = a + ib, as a new last axis.   gx = ga - i gb."""

    def forward(self, x):
        return view_as_real(x)

    def backward(self, gy):
        return np.conjugate(view_as_complex(gy))

    @staticmethod
    def inside(gy):
        return view_as_real(np.conjugate(gy))

    @staticmethod
    def outside(gy):
        return np.zeros_like(gy)


@implements(view_as_complex)
class ViewAsComplex(Part):
    """a + ib of the pairs (a, b) on the last axis.   gx = the parts of conj(gy)."""

    def forward(self, x):
        return view_as_complex(x)

    def backward(self, gy):
        return view_as_real(np.conjugate(gy))

    @staticmethod
    def inside(gy):
        return np.conjugate(view_as_complex(gy))

    @staticmethod
    def outside(gy):
        return np.zeros_like(gy)


@implements(join_parts)
class JoinParts(Function):
    """a + ib of two real numbers.   ga = the real part of gy,  gb = less the imaginary one."""

    def forward(self, a, b):
        return join_parts(a, b)

    def grad_a(self, gy):
        return np.real(gy)

    def grad_b(self, gy):
        return -np.imag(gy)


class ComplexAngle(Function):
    """The angle of x = r e^(i angle), in [-pi, pi].   gx = -i gy / x, 0 at 0."""

    def forward(self, x):
        return np.angle(x)

    def backward(self, gy, x):
        return gy * -1j / (x + (x == 0)) * (x != 0)


class RealAngle(Function):
    """0 of positive numbers, pi of negative ones, NaN of NaN.   d/dx = 0."""

    dtypes = "float"

    def forward(self, x):
        y = (x < 0) * math.pi
        return np.where(x != x, x, np.astype(y, x.dtype))

    def backward(self, gy):
        return np.zeros_like(gy)


@implements(np.angle)
def angle(x):
    """The angle, in radians."""
    return (ComplexAngle if x.dtype.kind == "c" else RealAngle).apply(x)
