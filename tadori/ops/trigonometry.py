"""Angles and their hyperbolic twins."""

from __future__ import annotations

import math

import numpy as np

from ..autograd.function import Function
from ..dispatch import implements


class Angle(Function):
    """Base of the functions here: integers become floating-point numbers."""

    dtypes = "float"


@implements(np.sin)
class Sin(Angle):
    """sin(x).   d/dx = cos(x)."""

    def forward(self, x):
        return np.sin(x)

    def backward(self, gy, x):
        return gy * np.cos(x)


@implements(np.cos)
class Cos(Angle):
    """cos(x).   d/dx = -sin(x)."""

    def forward(self, x):
        return np.cos(x)

    def backward(self, gy, x):
        return -gy * np.sin(x)


@implements(np.tan)
class Tan(Angle):
    """y = tan(x).   d/dx = 1 + y^2."""

    def forward(self, x):
        return np.tan(x)

    def backward(self, gy, y):
        return gy * (1.0 + y * y)


@implements(np.arcsin)
class Arcsin(Angle):
    """arcsin(x).   d/dx = 1 / sqrt(1 - x^2)."""

    def forward(self, x):
        return np.arcsin(x)

    def backward(self, gy, x):
        return gy / np.sqrt(1.0 - x * x)


@implements(np.arccos)
class Arccos(Angle):
    """arccos(x).   d/dx = -1 / sqrt(1 - x^2)."""

    def forward(self, x):
        return np.arccos(x)

    def backward(self, gy, x):
        return -gy / np.sqrt(1.0 - x * x)


@implements(np.arctan)
class Arctan(Angle):
    """arctan(x).   d/dx = 1 / (1 + x^2)."""

    def forward(self, x):
        return np.arctan(x)

    def backward(self, gy, x):
        return gy / (1.0 + x * x)


@implements(np.arctan2)
class Arctan2(Angle):
    """The angle of the point (b, a).   d/da = b / r^2,  d/db = -a / r^2,  r^2 = a^2 + b^2.

    Both are 0 at the origin.
    """

    def forward(self, a, b):
        return np.arctan2(a, b)

    def grad_a(self, gy, a, b):
        return gy * (b / radius_squared(a, b))

    def grad_b(self, gy, a, b):
        return -gy * (a / radius_squared(a, b))


def radius_squared(a, b):
    """a^2 + b^2, but 1 at the origin, where the numerators are 0."""
    square = a * a + b * b
    return square + (square == 0)


@implements(np.sinh)
class Sinh(Angle):
    """sinh(x).   d/dx = cosh(x)."""

    def forward(self, x):
        return np.sinh(x)

    def backward(self, gy, x):
        return gy * np.cosh(x)


@implements(np.cosh)
class Cosh(Angle):
    """cosh(x).   d/dx = sinh(x)."""

    def forward(self, x):
        return np.cosh(x)

    def backward(self, gy, x):
        return gy * np.sinh(x)


@implements(np.tanh)
class Tanh(Angle):
    """y = tanh(x).   d/dx = 1 - y^2."""

    def forward(self, x):
        return np.tanh(x)

    def backward(self, gy, y):
        return gy * (1.0 - y * y)


@implements(np.arcsinh)
class Arcsinh(Angle):
    """arcsinh(x).   d/dx = 1 / sqrt(x^2 + 1)."""

    def forward(self, x):
        return np.arcsinh(x)

    def backward(self, gy, x):
        return gy / np.sqrt(x * x + 1.0)


@implements(np.arccosh)
class Arccosh(Angle):
    """arccosh(x).   d/dx = 1 / sqrt(x^2 - 1), of complex x = 1 / (sqrt(x - 1) sqrt(x + 1))."""

    def forward(self, x):
        return np.arccosh(x)

    def backward(self, gy, x):
        if x.dtype.kind == "c":
            return gy / (np.sqrt(x - 1.0) * np.sqrt(x + 1.0))
        return gy / np.sqrt(x * x - 1.0)


@implements(np.arctanh)
class Arctanh(Angle):
    """arctanh(x).   d/dx = 1 / (1 - x^2)."""

    def forward(self, x):
        return np.arctanh(x)

    def backward(self, gy, x):
        return gy / (1.0 - x * x)


@implements(np.deg2rad, np.radians)
class Radians(Angle):
    """x degrees in radians.   d/dx = pi / 180."""

    def forward(self, x):
        return x * (math.pi / 180)

    def backward(self, gy):
        return gy * (math.pi / 180)


@implements(np.rad2deg, np.degrees)
class Degrees(Angle):
    """x radians in degrees.   d/dx = 180 / pi."""

    def forward(self, x):
        return x * (180 / math.pi)

    def backward(self, gy):
        return gy * (180 / math.pi)


@implements(np.sinc)
class Sinc(Angle):
    """y = sin(pi x) / (pi x), 1 at 0.   d/dx = (cos(pi x) - y) / x, 0 at 0."""

    def forward(self, x):
        return np.sinc(x)

    def backward(self, gy, x, y):
        return gy * ((np.cos(x * math.pi) - y) / (x + (x == 0)))
