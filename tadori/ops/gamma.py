"""The normal distribution's functions, the incomplete gamma functions, zeta, entropies, frexp."""

from __future__ import annotations

import inspect
import math

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels import gamma, orthogonal


@implements(gamma.erfcx)
class Erfcx(Function):
    """y = e^(x^2) erfc(x).   d/dx = 2 x y - 2 / sqrt(pi)."""

    dtypes = "float"

    def forward(self, x):
        return gamma.erfcx(x)

    def backward(self, gy, x, y):
        return gy * (2.0 * x * y - 2 / math.sqrt(math.pi))


@implements(gamma.ndtr)
class Ndtr(Function):
    """The normal distribution's share below x.   d/dx = e^(-x^2 / 2) / sqrt(2 pi)."""

    dtypes = "float"

    def forward(self, x):
        return gamma.ndtr(x)

    def backward(self, gy, x):
        return gy * (np.exp(x * x * -0.5) / math.sqrt(2 * math.pi))


@implements(gamma.log_ndtr)
class LogNdtr(Function):
    """log(ndtr(x)).   d/dx = sqrt(2 / pi) / erfcx(-x / sqrt(2))."""

    dtypes = "float"

    def forward(self, x):
        return gamma.log_ndtr(x)

    def backward(self, gy, x):
        return gy * (math.sqrt(2 / math.pi) / gamma.erfcx(x * -math.sqrt(0.5)))


@implements(gamma.ndtri)
class Ndtri(Function):
    """y with ndtr(y) = x.   d/dx = sqrt(2 pi) e^(y^2 / 2)."""

    dtypes = "float"

    def forward(self, x):
        return gamma.ndtri(x)

    def backward(self, gy, y):
        return gy * (np.exp(y * y * 0.5) * math.sqrt(2 * math.pi))


@implements(gamma.entr)
class Entr(Function):
    """-x log(x).   d/dx = -1 - log(x)."""

    dtypes = "float"

    def forward(self, x):
        return gamma.entr(x)

    def backward(self, gy, x):
        return -gy * (1.0 + np.log(x))


@implements(gamma.zeta)
class Zeta(Function):
    """The sum of (q + k)^-x.   d/dq = -x zeta(x + 1, q); d/dx has no formula."""

    dtypes = "float"
    numbers = False

    def forward(self, x, q):
        return gamma.zeta(x, q)

    def grad_x(self, gy):
        raise not_there("zeta", "x")

    def grad_q(self, gy, x, q):
        return -gy * (x * gamma.zeta(x + 1.0, q))


def not_there(name, argument):
    """The error for a derivative that nobody has written down, as in PyTorch."""
    return NotImplementedError(
        f"the derivative for '{name}' with respect to {argument} is not implemented. "
        "Remedy: detach() it"
    )


@implements(gamma.gammainc)
class Gammainc(Function):
    """The share of a gamma distribution below x.   d/dx = e^(-x) x^(a-1) / Gamma(a)."""

    dtypes = "float"
    numbers = False

    def forward(self, a, x):
        return gamma.gammainc(a, x)

    def grad_a(self, gy):
        raise not_there("igamma", "its first argument")

    def grad_x(self, gy, a, x):
        return gy * density(a, x)


@implements(gamma.gammaincc)
class Gammaincc(Function):
    """The share of a gamma distribution above x.   d/dx = -e^(-x) x^(a-1) / Gamma(a)."""

    dtypes = "float"
    numbers = False

    def forward(self, a, x):
        return gamma.gammaincc(a, x)

    def grad_a(self, gy):
        raise not_there("igammac", "its first argument")

    def grad_x(self, gy, a, x):
        return -gy * density(a, x)


def density(a, x):
    """e^(-x) x^(a-1) / Gamma(a)."""
    return np.exp((a - 1.0) * np.log(x) - x - kernels.lgamma(a))


@implements(np.frexp)
class Frexp(Function):
    """x = mantissa * 2^exponent, the mantissa in [1/2, 1).   gx = gmantissa / 2^exponent."""

    returns = ("mantissa", "exponent")
    integer = ("exponent",)

    def forward(self, x):
        return np.frexp(x)

    def backward(self, gmantissa, exponent):
        return np.ldexp(gmantissa, -exponent)


@implements(np.ldexp)
def ldexp(x, exponent):
    """x * 2^exponent."""
    return x * np.power(2.0, exponent)


#: composed: they record themselves
COMPOSED = (
    gamma.xlog1py,
    orthogonal.chebyshev_t,
    orthogonal.chebyshev_u,
    orthogonal.chebyshev_v,
    orthogonal.chebyshev_w,
    orthogonal.hermite_h,
    orthogonal.hermite_he_n,
    orthogonal.laguerre_l,
    orthogonal.legendre_p,
)
for function in COMPOSED:
    implements(function)(inspect.unwrap(function))
