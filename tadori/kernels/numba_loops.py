"""Loops over single entries of float32: formulas of `activation.py`.

Arrays are flat and contiguous. Importing this file imports Numba; `numba_cpu.py` decides when that
pays off.
"""

# mypy: ignore-errors
# (what Numba compiles is typed when it is called)

from __future__ import annotations

import math

from numpy import float32

from tadori.kernels import activation
from tadori.kernels.numba_parts import HALF, ONE, ZERO, exp, loop, part, sigmoid
from tadori.kernels.special import FAR_FLOAT32

THREE = float32(3.0)


@loop
def relu(x, y):
    """y = max(x, 0); NaN for NaN."""
    for i in range(x.size):
        y[i] = ZERO if x[i] <= 0 else x[i]


@loop
def relu_back(y, gy, gx):
    """gx = gy where y > 0, else 0."""
    for i in range(y.size):
        gx[i] = gy[i] if y[i] > 0 else ZERO


# -------------------------------------------------------------------------------------------- GELU

K = float32(2.5)
ROOT_HALF = float32(math.sqrt(0.5))
PEAK = float32(activation.NORMAL_PEAK)
RATE = float32(activation.GELU_RATE)
CUBE = float32(activation.GELU_CUBE)
# What Numba keeps on disk is outdated by a change of this file, not by one of `special.py`.
FAR = tuple(map(float32, FAR_FLOAT32))
FAR_END = float32(9.3)  # erfc(9.3) is about the smallest normal number


@part
def share_below(x):
    """Phi(x) = erfc(-x / sqrt 2) / 2, by the polynomial of `special.py`; and e^(-x^2 / 2)."""
    a = min(abs(x) * ROOT_HALF, FAR_END)
    inverse = ONE / (a + K)
    t = (a - K) * inverse
    y = FAR[0]
    for c in FAR[1:]:
        y = y * t + c
    power = exp(-a * a)  # a^2 < 87
    inside = a < FAR_END
    tail = y * power * inverse * HALF if inside else ZERO
    return (ONE - tail if x > 0 else tail), (power if inside else ZERO)


@part
def slope(x):
    """Phi(x) + x Phi'(x)."""
    share, power = share_below(x)
    return share + x * (power * PEAK)


@part
def tanh_slope(x):
    """The same with Phi(x) = sigmoid(2u), as `activation.gelu` takes it with approximate="tanh"."""
    square = x * x
    share = sigmoid(x * (RATE + CUBE * square))
    inner = RATE + THREE * CUBE * square
    return share + x * (share * (ONE - share) * inner)


@loop
def gelu(x, y):
    """y = x Phi(x)."""
    for i in range(x.size):
        y[i] = x[i] * share_below(x[i])[0]


@loop
def gelu_slope(x, y):
    """y = Phi(x) + x Phi'(x)."""
    for i in range(x.size):
        y[i] = slope(x[i])


@loop
def gelu_back(x, gy, gx):
    """gx = gy (Phi(x) + x Phi'(x))."""
    for i in range(x.size):
        gx[i] = gy[i] * slope(x[i])


@loop
def gelu_tanh(x, y):
    """y = x sigmoid(2u)."""
    for i in range(x.size):
        inner = RATE + CUBE * x[i] * x[i]
        y[i] = x[i] * sigmoid(x[i] * inner)


@loop
def gelu_tanh_slope(x, y):
    """The derivative of `gelu_tanh`."""
    for i in range(x.size):
        y[i] = tanh_slope(x[i])


@loop
def gelu_tanh_back(x, gy, gx):
    """gy times the derivative of `gelu_tanh`."""
    for i in range(x.size):
        gx[i] = gy[i] * tanh_slope(x[i])
