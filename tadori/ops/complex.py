"""The parts of complex numbers: functions that have no complex derivative, only those of the parts.

In the walk back a gradient of x = a + ib is gx = ga - i gb, the conjugate of what users see. A real
part of gx dx is then the change of the result, and these formulas follow from that.
"""

from __future__ import annotations

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements


@implements(np.conjugate)
class Conjugate(Function):
    """a - ib for x = a + ib.   gx = conj(gy)."""

    def forward(self, x):
        return np.conjugate(x)

    def backward(self, gy):
        return np.conjugate(gy)


class Part(Function):
    """Base of the real and the imaginary part of x: views of its memory."""

    dtypes = "any"
    view = True


class Real(Part):
    """a of x = a + ib.   gx = gy."""

    def forward(self, x):
        self.source = x.dtype
        return np.real(x)

    def backward(self, gy):
        return kernels.cast(gy, dtype=self.source)


class Imag(Part):
    """b of x = a + ib.   gx = -i gy."""

    def forward(self, x):
        return np.imag(x)

    def backward(self, gy):
        return gy * -1j


@implements(np.real)
def real(x):
    """The real part; of real numbers they themselves."""
    return Real.apply(x) if x.dtype.kind == "c" else x


@implements(np.imag)
def imag(x):
    """The imaginary part. Raises RuntimeError for real numbers."""
    if x.dtype.kind != "c":
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return Imag.apply(x)
