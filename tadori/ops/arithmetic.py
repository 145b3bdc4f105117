"""+ - * / and powers, and their relatives: the derivatives of school."""

from __future__ import annotations

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from ..tensor import Tensor


@implements(np.add)
class Add(Function):
    """a + b.   d/da = 1,  d/db = 1."""

    def forward(self, a, b):
        return a + b

    def grad_a(self, gy):
        return gy

    def grad_b(self, gy):
        return gy


@implements(np.subtract)
class Subtract(Function):
    """a - b.   d/da = 1,  d/db = -1."""

    def forward(self, a, b):
        return a - b

    def grad_a(self, gy):
        return gy

    def grad_b(self, gy):
        return -gy


@implements(np.multiply)
class Multiply(Function):
    """a * b.   d/da = b,  d/db = a."""

    def forward(self, a, b):
        return a * b

    def grad_a(self, gy, b):
        return gy * b

    def grad_b(self, gy, a):
        return gy * a


@implements(np.true_divide)
class Divide(Function):
    """a / b.   d/da = 1 / b,  d/db = -a / b^2."""

    dtypes = "float"

    def forward(self, a, b):
        return a / b

    def grad_a(self, gy, b):
        return gy / b

    def grad_b(self, gy, a, b):
        return -gy * (a / b / b)


@implements(np.negative)
class Negative(Function):
    """-x.   d/dx = -1."""

    def forward(self, x):
        return -x

    def backward(self, gy):
        return -gy


@implements(np.positive)
class Positive(Function):
    """+x.   d/dx = 1."""

    def forward(self, x):
        return +x

    def backward(self, gy):
        return gy


# ------------------------------------------------------------------------- whole parts and rests


def refuse_zero(a, b):
    """Integers have no infinity to tell of a division by zero: it is an error, as in PyTorch."""
    if np.result_type(a, b).kind in "iub" and not np.all(b):
        raise RuntimeError("ZeroDivisionError: an integer is divided by zero")


@implements(np.floor_divide)
class FloorDivide(Function):
    """The floor of a / b, the quotient of `remainder`.   d/da = 0,  d/db = 0."""

    def forward(self, a, b):
        refuse_zero(a, b)
        return np.floor_divide(a, b)

    def grad_a(self, gy):
        return np.zeros_like(gy)

    def grad_b(self, gy):
        return np.zeros_like(gy)


@implements(kernels.trunc_divide)
class TruncDivide(Function):
    """The whole part of a / b, the quotient of `fmod`.   d/da = 0,  d/db = 0."""

    def forward(self, a, b):
        refuse_zero(a, b)
        return kernels.trunc_divide(a, b)

    def grad_a(self, gy):
        return np.zeros_like(gy)

    def grad_b(self, gy):
        return np.zeros_like(gy)


@implements(np.remainder)
class Remainder(Function):
    """a - b * floor(a / b), with the sign of b.   d/da = 1,  d/db = -floor(a / b)."""

    def forward(self, a, b):
        refuse_zero(a, b)
        return np.remainder(a, b)

    def grad_a(self, gy):
        return gy

    def grad_b(self, gy, a, b):
        return -gy * np.floor_divide(a, b)


@implements(np.fmod)
class Fmod(Function):
    """a - b * trunc(a / b), with the sign of a.   d/da = 1,  d/db = -trunc(a / b)."""

    def forward(self, a, b):
        refuse_zero(a, b)
        return np.fmod(a, b)

    def grad_a(self, gy):
        return gy

    def grad_b(self, gy, a, b):
        return -gy * kernels.trunc_divide(a, b)


# ----------------------------------------------------------------------------------------- powers


@implements(np.power)
def power(a, b):
    """a ** b: most powers have a number for exponent, and the formulas for that are quicker."""
    if isinstance(a, Tensor) and type(b) in (int, float):
        return NumberPower.apply(a, b)
    return Power.apply(a, b)


class Power(Function):
    """y = a ** b.   d/da = b * a ** (b - 1),  d/db = y * log(a).

    Both are 0 where the other factor is 0 as well: d/da at b = 0, d/db at a = 0 with b >= 0.
    """

    numbers = False  # log(a) of a Python number would be a NumPy float64

    def forward(self, a, b):
        whole = np.result_type(a, b).kind in "iu"
        return whole_power(a, b) if whole else a**b

    def grad_a(self, gy, a, b):
        return gy * (b * a ** (b - (b != 0)))

    def grad_b(self, gy, a, b, y):
        return gy * (y * np.log(a + ((a == 0) & (np.real(b) >= 0))))


def whole_power(a, b):
    """a ** b of integers, where a negative exponent leaves 1, -1 or 0: 1 / a without fraction."""
    inverse = np.where(np.abs(a) == 1, a, 0)
    return np.where(b < 0, inverse, a) ** np.abs(b)


class NumberPower(Function):
    """x ** b for a Python number b.   d/dx = b * x ** (b - 1), and 0 for b = 0."""

    def forward(self, x, b):
        return raised(x, b)

    def grad_x(self, gy, x, b):
        return gy * (b * raised(x, b - (b != 0)))


def raised(x, b):
    """x ** b; NumPy takes 14 ms for the cubes of a million float32, the two products take 0.4."""
    if b == 2:
        return x * x
    if b == 3:
        return x * x * x
    return x**b


@implements(np.square)
class Square(Function):
    """x * x.   d/dx = 2x."""

    def forward(self, x):
        return x * x

    def backward(self, gy, x):
        return gy * (2.0 * x)


@implements(np.sqrt)
class Sqrt(Function):
    """y = sqrt(x).   d/dx = 1 / 2y."""

    dtypes = "float"

    def forward(self, x):
        return np.sqrt(x)

    def backward(self, gy, y):
        return gy / (2.0 * y)


@implements(np.cbrt)
class Cbrt(Function):
    """y = the cube root of x, negative for negative x.   d/dx = 1 / 3y^2."""

    dtypes = "float"

    def forward(self, x):
        return np.cbrt(x)

    def backward(self, gy, y):
        return gy / (3.0 * y * y)


@implements(kernels.rsqrt)
class Rsqrt(Function):
    """y = 1 / sqrt(x).   d/dx = -y^3 / 2."""

    dtypes = "float"

    def forward(self, x):
        return kernels.rsqrt(x)

    def backward(self, gy, y):
        return gy * (-0.5 * y * y * y)


@implements(np.reciprocal)
class Reciprocal(Function):
    """y = 1 / x.   d/dx = -y^2."""

    dtypes = "float"

    def forward(self, x):
        return 1.0 / x

    def backward(self, gy, y):
        return -gy * (y * y)


@implements(np.hypot)
class Hypot(Function):
    """y = sqrt(a^2 + b^2), without overflow.   d/da = a / y,  d/db = b / y."""

    dtypes = "float"

    def forward(self, a, b):
        return np.hypot(a, b)

    def grad_a(self, gy, a, y):
        return gy * (a / y)

    def grad_b(self, gy, b, y):
        return gy * (b / y)
