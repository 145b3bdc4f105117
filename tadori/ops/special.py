"""The error function and the family of the gamma function."""

from __future__ import annotations

import math

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements


@implements(kernels.erf)
class Erf(Function):
    """erf(x) = 2 / sqrt(pi) * the integral of e^(-t^2) from 0 to x.   d/dx = its integrand."""

    dtypes = "float"

    def forward(self, x):
        return kernels.erf(x)

    def backward(self, gy, x):
        return gy * (np.exp(-x * x) * (2 / math.sqrt(math.pi)))


@implements(kernels.erfc)
class Erfc(Function):
    """1 - erf(x), exact where it is tiny.   d/dx = -2 / sqrt(pi) * e^(-x^2)."""

    dtypes = "float"

    def forward(self, x):
        return kernels.erfc(x)

    def backward(self, gy, x):
        return gy * (np.exp(-x * x) * (-2 / math.sqrt(math.pi)))


@implements(kernels.erfinv)
class Erfinv(Function):
    """y with erf(y) = x.   d/dx = sqrt(pi) / 2 * e^(y^2)."""

    dtypes = "float"

    def forward(self, x):
        return kernels.erfinv(x)

    def backward(self, gy, y):
        return gy * (np.exp(y * y) * (math.sqrt(math.pi) / 2))


@implements(kernels.lgamma)
class Lgamma(Function):
    """log(|Gamma(x)|).   d/dx = digamma(x)."""

    dtypes = "float"

    def forward(self, x):
        return kernels.lgamma(x)

    def backward(self, gy, x):
        return gy * kernels.digamma(x)


@implements(kernels.digamma)
class Digamma(Function):
    """The derivative of log(Gamma(x)).   d/dx = polygamma(1, x)."""

    dtypes = "float"

    def forward(self, x):
        return kernels.digamma(x)

    def backward(self, gy, x):
        return gy * kernels.polygamma(x, n=1)


@implements(kernels.polygamma)
class Polygamma(Function):
    """The n-th derivative of digamma.   d/dx: the next one."""

    dtypes = "float"

    def forward(self, x, *, n):
        return kernels.polygamma(x, n=n)

    def backward(self, gy, x, n):
        return gy * kernels.polygamma(x, n=n + 1)
