"""Functions of one number: exponentials, logarithms, angles, and what is done to single entries."""

from __future__ import annotations

import inspect
import math

import numpy as np

from .. import kernels
from ..autograd.convert import conjugate
from ..autograd.function import Function
from ..dispatch import implements


@implements(np.absolute)
class Absolute(Function):
    """|x|.   d/dx = sign(x), 0 at 0; of a complex x the conjugate of x / |x|."""

    def forward(self, x):
        return np.absolute(x)

    def backward(self, gy, x):
        return gy * conjugate(np.sign(x))


# --------------------------------------------------------------------- exponentials and logarithms


@implements(np.exp)
class Exp(Function):
    """y = e^x.   d/dx = y."""

    dtypes = "float"

    def forward(self, x):
        return np.exp(x)

    def backward(self, gy, y):
        return gy * y


@implements(np.exp2)
class Exp2(Function):
    """y = 2^x.   d/dx = y log 2."""

    dtypes = "float"

    def forward(self, x):
        return np.exp2(x)

    def backward(self, gy, y):
        return gy * (y * math.log(2))


@implements(np.expm1)
class Expm1(Function):
    """y = e^x - 1, exact near 0.   d/dx = y + 1."""

    dtypes = "float"

    def forward(self, x):
        return np.expm1(x)

    def backward(self, gy, y):
        return gy * (y + 1.0)


@implements(np.log)
class Log(Function):
    """log(x), natural.   d/dx = 1 / x."""

    dtypes = "float"

    def forward(self, x):
        return np.log(x)

    def backward(self, gy, x):
        return gy / x


@implements(np.log2)
class Log2(Function):
    """log2(x).   d/dx = 1 / (x log 2)."""

    dtypes = "float"

    def forward(self, x):
        return np.log2(x)

    def backward(self, gy, x):
        return gy / (x * math.log(2))


@implements(np.log10)
class Log10(Function):
    """log10(x).   d/dx = 1 / (x log 10)."""

    dtypes = "float"

    def forward(self, x):
        return np.log10(x)

    def backward(self, gy, x):
        return gy / (x * math.log(10))


@implements(np.log1p)
class Log1p(Function):
    """log(1 + x), exact near 0.   d/dx = 1 / (1 + x)."""

    dtypes = "float"

    def forward(self, x):
        return np.log1p(x)

    def backward(self, gy, x):
        return gy / (1.0 + x)


class LogAddExp(Function):
    """y = log(e^a + e^b), without overflow.   d/da = e^(a - y),  d/db = e^(b - y)."""

    dtypes = "float"

    def forward(self, a, b):
        return np.logaddexp(a, b)

    def grad_a(self, gy, a, y):
        return gy * np.exp(a - y)

    def grad_b(self, gy, b, y):
        return gy * np.exp(b - y)


@implements(np.logaddexp)
def logaddexp(a, b):
    """log(e^a + e^b); of complex numbers, from the one with the larger real part."""
    if "c" not in (dtype_kind(a), dtype_kind(b)):
        return LogAddExp.apply(a, b)
    first = np.real(a) >= np.real(b)
    low, high = np.where(first, b, a), np.where(first, a, b)
    return high + np.log1p(np.exp(low - high))


def dtype_kind(x):
    """The kind of a tensor's numbers, or of a number."""
    return np.result_type(getattr(x, "dtype", x)).kind


@implements(np.logaddexp2)
class LogAddExp2(Function):
    """y = log2(2^a + 2^b), without overflow.   d/da = 2^(a - y),  d/db = 2^(b - y)."""

    dtypes = "float"

    def forward(self, a, b):
        return np.logaddexp2(a, b)

    def grad_a(self, gy, a, y):
        return gy * np.exp2(a - y)

    def grad_b(self, gy, b, y):
        return gy * np.exp2(b - y)


@implements(kernels.logit)
class Logit(Function):
    """log(x / (1 - x)), the inverse of sigmoid.   d/dx = 1 / (x (1 - x))."""

    dtypes = "float"

    def forward(self, x):
        return kernels.logit(x)

    def backward(self, gy, x):
        return gy / (x * (1.0 - x))


implements(kernels.xlogy)(inspect.unwrap(kernels.xlogy))  # composed: it records itself


# ---------------------------------------------------------------------------- rounding and choices


def staircase(function):
    """A Function for a step function of one argument: its derivative is 0 wherever it has one."""

    class Staircase(Function):
        def forward(self, x):
            return function(x)

        def backward(self, gy):
            return np.zeros_like(gy)

    Staircase.__name__ = Staircase.__qualname__ = function.__name__.capitalize()
    return Staircase


for function in (np.floor, np.ceil, np.trunc, np.rint):
    implements(function)(staircase(function))

Sign = staircase(np.sign)


class Direction(Function):
    """y = x / |x| of a complex x, 0 at 0.   gx = (gy - Re(gy y) conj(y)) / |x|."""

    def forward(self, x):
        return np.sign(x)

    def backward(self, gy, x, y):
        size = np.abs(x)
        along = np.real(gy * y) * np.conjugate(y)
        return (gy - along) / (size + (size == 0))


@implements(np.sign)
def sign(x):
    """-1, 0 or 1; of complex numbers the direction."""
    if x.dtype.kind == "b":
        return x
    return (Direction if x.dtype.kind == "c" else Sign).apply(x)


@implements(np.round, np.around)
class Round(Function):
    """x to `decimals` decimals, halves to the even neighbour.   d/dx = 0."""

    def forward(self, x, *, decimals=0):
        return np.round(x, decimals)

    def backward(self, gy):
        return np.zeros_like(gy)


@implements(kernels.frac)
class Frac(Function):
    """x without its whole part, of the same sign.   d/dx = 1."""

    def forward(self, x):
        return kernels.frac(x)

    def backward(self, gy):
        return gy


@implements(np.maximum)
class Maximum(Function):
    """The larger of a and b, to which the gradient goes; where they are equal, half to each."""

    real = True

    def forward(self, a, b):
        return np.maximum(a, b)

    def grad_a(self, gy, a, b):
        return kernels.masked(gy, ~(a <= b)) + kernels.masked(0.5 * gy, a == b)

    def grad_b(self, gy, a, b):
        return kernels.masked(gy, ~(a >= b)) + kernels.masked(0.5 * gy, a == b)


@implements(np.minimum)
class Minimum(Function):
    """The smaller of a and b, to which the gradient goes; where they are equal, half to each."""

    real = True

    def forward(self, a, b):
        return np.minimum(a, b)

    def grad_a(self, gy, a, b):
        return kernels.masked(gy, ~(a >= b)) + kernels.masked(0.5 * gy, a == b)

    def grad_b(self, gy, a, b):
        return kernels.masked(gy, ~(a <= b)) + kernels.masked(0.5 * gy, a == b)


@implements(np.fmax)
class Fmax(Function):
    """The larger of a and b, a number before NaN. Equal ones: the gradient goes to a."""

    real = True

    def forward(self, a, b):
        return np.fmax(a, b)

    def grad_a(self, gy, a, b):
        return kernels.masked(gy, (a >= b) | np.isnan(b))

    def grad_b(self, gy, a, b):
        return kernels.masked(gy, ~((a >= b) | np.isnan(b)))


@implements(np.fmin)
class Fmin(Function):
    """The smaller of a and b, a number before NaN. Equal ones: the gradient goes to a."""

    real = True

    def forward(self, a, b):
        return np.fmin(a, b)

    def grad_a(self, gy, a, b):
        return kernels.masked(gy, (a <= b) | np.isnan(b))

    def grad_b(self, gy, a, b):
        return kernels.masked(gy, ~((a <= b) | np.isnan(b)))


@implements(np.clip)
def clip(a, a_min=None, a_max=None, *, min=None, max=None):
    """`Clip` with the bounds under either of NumPy's names."""
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    if low is None and high is None:
        raise RuntimeError("clamp: at least one of min and max must be given")
    return Clip.apply(a, low, high)


class Clip(Function):
    """x, but at least `low` and at most `high`; `high` wins where they contradict each other.

    The gradient goes to the one of the three that was taken; on the edge, to x.
    """

    real = True

    def forward(self, x, low=None, high=None):
        y = x if low is None else np.maximum(x, low)
        return y if high is None else np.minimum(y, high)

    def grad_x(self, gy, x, low, high):
        if low is None:
            return kernels.masked(gy, x <= high)
        return kernels.masked(gy, x >= low if high is None else (x >= low) & (x <= high))

    def grad_low(self, gy, x, low, high):
        return kernels.masked(gy, x < low if high is None else (x < low) & (low < high))

    def grad_high(self, gy, x, low, high):
        return kernels.masked(gy, x > high if low is None else (x > high) | (high < low))


@implements(np.nan_to_num)
class NanToNum(Function):
    """x with numbers in the place of NaN and of the infinities.   d/dx = 1 where x is finite."""

    def forward(self, x, *, copy=True, nan=0.0, posinf=None, neginf=None):
        return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)

    def backward(self, gy, x):
        return kernels.masked(gy, np.isfinite(x))


@implements(kernels.masked)
class Masked(Function):
    """x where `mask` holds, 0 elsewhere, even if x is not finite there.   d/dx: the same of gy."""

    dtypes = "any"

    def forward(self, x, mask):
        return kernels.masked(x, mask)

    def grad_x(self, gy, mask):
        return kernels.masked(gy, mask)


@implements(np.copysign)
class CopySign(Function):
    """y = |a| with the sign of b.   d/da = sign(a) sign(y),  d/db = 0."""

    dtypes = "float"

    def forward(self, a, b):
        return np.copysign(a, b)

    def grad_a(self, gy, a, y):
        return gy * (np.sign(a) * np.sign(y))

    def grad_b(self, gy):
        return np.zeros_like(gy)


@implements(np.nextafter)
class NextAfter(Function):
    """The next floating-point number from a towards b.   d/da = 1 where they differ,  d/db = 0."""

    def forward(self, a, b):
        return np.nextafter(a, b)

    def grad_a(self, gy, a, b):
        return kernels.masked(gy, a != b)

    def grad_b(self, gy):
        return np.zeros_like(gy)
