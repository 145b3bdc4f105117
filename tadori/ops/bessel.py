"""Bessel's functions and Airy's: each one's derivative is made of its neighbours."""

from __future__ import annotations

import inspect

import numpy as np

from ..autograd.function import Function
from ..dispatch import implements
from ..kernels import bessel


class OfOne(Function):
    """Base of the functions here: integers become floating-point numbers."""

    dtypes = "float"


def over(y, x, at_zero):
    """y / x, but `at_zero` where x is 0."""
    zero = x == 0
    return np.where(zero, at_zero, y / (x + zero))


@implements(bessel.bessel_j0)
class BesselJ0(OfOne):
    """J0(x).   d/dx = -J1(x)."""

    def forward(self, x):
        return bessel.bessel_j0(x)

    def backward(self, gy, x):
        return -gy * bessel.bessel_j1(x)


@implements(bessel.bessel_j1)
class BesselJ1(OfOne):
    """y = J1(x).   d/dx = J0(x) - y / x."""

    def forward(self, x):
        return bessel.bessel_j1(x)

    def backward(self, gy, x, y):
        return gy * (bessel.bessel_j0(x) - over(y, x, 0.5))


@implements(bessel.bessel_y0)
class BesselY0(OfOne):
    """Y0(x).   d/dx = -Y1(x)."""

    def forward(self, x):
        return bessel.bessel_y0(x)

    def backward(self, gy, x):
        return -gy * bessel.bessel_y1(x)


@implements(bessel.bessel_y1)
class BesselY1(OfOne):
    """y = Y1(x).   d/dx = Y0(x) - y / x."""

    def forward(self, x):
        return bessel.bessel_y1(x)

    def backward(self, gy, x, y):
        return gy * (bessel.bessel_y0(x) - y / x)


@implements(bessel.i0)
class I0(OfOne):
    """I0(x).   d/dx = I1(x)."""

    def forward(self, x):
        return bessel.i0(x)

    def backward(self, gy, x):
        return gy * bessel.i1(x)


@implements(bessel.i1)
class I1(OfOne):
    """y = I1(x).   d/dx = I0(x) - y / x."""

    def forward(self, x):
        return bessel.i1(x)

    def backward(self, gy, x, y):
        return gy * (bessel.i0(x) - over(y, x, 0.5))


@implements(bessel.i0e)
class I0e(OfOne):
    """y = e^-|x| I0(x).   d/dx = i1e(x) - sign(x) y."""

    def forward(self, x):
        return bessel.i0e(x)

    def backward(self, gy, x, y):
        return gy * (bessel.i1e(x) - np.sign(x) * y)


@implements(bessel.i1e)
class I1e(OfOne):
    """y = e^-|x| I1(x).   d/dx = i0e(x) - sign(x) y - y / x."""

    def forward(self, x):
        return bessel.i1e(x)

    def backward(self, gy, x, y):
        return gy * (bessel.i0e(x) - np.sign(x) * y - over(y, x, 0.5))


@implements(bessel.modified_bessel_k0)
class K0(OfOne):
    """K0(x).   d/dx = -K1(x)."""

    def forward(self, x):
        return bessel.modified_bessel_k0(x)

    def backward(self, gy, x):
        return -gy * bessel.modified_bessel_k1(x)


@implements(bessel.modified_bessel_k1)
class K1(OfOne):
    """y = K1(x).   d/dx = -K0(x) - y / x."""

    def forward(self, x):
        return bessel.modified_bessel_k1(x)

    def backward(self, gy, x, y):
        return -gy * (bessel.modified_bessel_k0(x) + y / x)


@implements(bessel.scaled_modified_bessel_k0)
class K0e(OfOne):
    """y = e^x K0(x).   d/dx = y - e^x K1(x)."""

    def forward(self, x):
        return bessel.scaled_modified_bessel_k0(x)

    def backward(self, gy, x, y):
        return gy * (y - bessel.scaled_modified_bessel_k1(x))


@implements(bessel.scaled_modified_bessel_k1)
class K1e(OfOne):
    """y = e^x K1(x).   d/dx = y - e^x K0(x) - y / x."""

    def forward(self, x):
        return bessel.scaled_modified_bessel_k1(x)

    def backward(self, gy, x, y):
        return gy * (y - bessel.scaled_modified_bessel_k0(x) - y / x)


@implements(bessel.airy_ai)
class AiryAi(OfOne):
    """Ai(x).   d/dx = Ai'(x)."""

    def forward(self, x):
        return bessel.airy_ai(x)

    def backward(self, gy, x):
        return gy * bessel.airy_ai_slope(x)


@implements(bessel.airy_ai_slope)
class AiryAiSlope(OfOne):
    """Ai'(x).   d/dx = x Ai(x)."""

    def forward(self, x):
        return bessel.airy_ai_slope(x)

    def backward(self, gy, x):
        return gy * (x * bessel.airy_ai(x))


#: composed: it records itself
implements(bessel.spherical_bessel_j0)(inspect.unwrap(bessel.spherical_bessel_j0))
