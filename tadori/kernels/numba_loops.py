"""Loops over single entries, compiled by Numba: formulas of `update.py` and `activation.py`.

Arrays are flat and contiguous, numbers have their dtype. Importing this file imports Numba, which
compiles a loop at its first call and keeps it on disk; `numba_cpu.py` decides when that pays off.
Numba has no vector form of exp, so there is one here, of operations that have one.
"""

# mypy: ignore-errors
# (what Numba compiles is typed when it is called)

from __future__ import annotations

import math
from functools import partial

import numba
import numpy as np
from numpy import float32, int32

from tadori.kernels import activation
from tadori.kernels.special import FAR_FLOAT32

# Only a * b + c is contracted to one rounding: NaN and infinity keep their meaning.
rules = {"fastmath": {"contract"}, "error_model": "numpy"}
loop = partial(numba.njit, cache=True, nogil=True, **rules)
part = partial(numba.njit, inline="always", **rules)


@loop
def sgd(p, g, lr, weight_decay):
    """As `update.sgd` without momentum."""
    for i in range(p.size):
        p[i] -= lr * (g[i] + weight_decay * p[i] if weight_decay else g[i])


@loop
def momentum(p, g, velocity, lr, fade, share, ahead, weight_decay):
    """As `update.sgd` with momentum: v = fade v + share g;  p -= lr v, or lr (g + ahead v)."""
    for i in range(p.size):
        slope = g[i] + weight_decay * p[i] if weight_decay else g[i]
        velocity[i] = fade * velocity[i] + share * slope
        p[i] -= lr * (slope + ahead * velocity[i] if ahead else velocity[i])


@loop
def adam(p, g, m, v, share, fade, growth, lr, correct, eps, shrink, weight_decay):
    """As `update.adam`: m += share (g - m);  v = fade v + growth g^2;  p -= lr m / root."""
    for i in range(p.size):
        start = p[i] * shrink
        slope = g[i] + weight_decay * start if weight_decay else g[i]
        m[i] += share * (slope - m[i])
        v[i] = fade * v[i] + growth * slope * slope
        p[i] = start - lr * m[i] / (np.sqrt(v[i]) / correct + eps)


# ------------------------------------------------------------------------ GELU, for float32 only


ZERO, HALF, ONE, THREE = map(float32, (0.0, 0.5, 1.0, 3.0))
PER_LOG_2 = float32(1 / math.log(2))
LOG_2 = float32(0.693359375)  # a short one, so that its products are exact
LOG_2_REST = float32(-2.12194440e-4)
TAYLOR = tuple(float32(1 / math.factorial(i)) for i in range(6, -1, -1))


@part
def exp(x):
    """e^x for -87 <= x <= 0: 2^n e^r, with r at most log(2) / 2 in size; error 2e-7 of it."""
    n = np.floor(x * PER_LOG_2 + HALF)
    r = x - n * LOG_2
    r -= n * LOG_2_REST
    y = TAYLOR[0]
    for c in TAYLOR[1:]:
        y = y * r + c
    bits = int32((int32(n) + 127) << 23)  # those of 2^n
    return y * bits.view(np.float32)


K = float32(2.5)
ROOT_HALF = float32(math.sqrt(0.5))
PEAK = float32(activation.NORMAL_PEAK)
RATE = float32(activation.GELU_RATE)
CUBE = float32(activation.GELU_CUBE)
# What Numba keeps on disk is outdated by a change of this file, not by one of `special.py`.
FAR = tuple(map(float32, FAR_FLOAT32))
FAR_END = float32(9.3)  # erfc(9.3) is about the smallest normal number
POWER_END = float32(87)


@part
def share_below(x):
    """Phi(x) = erfc(-x / sqrt 2) / 2, by the polynomial of `special.py`; and e^(-x^2 / 2)."""
    a = min(abs(x) * ROOT_HALF, FAR_END)
    t = (a - K) / (a + K)
    y = FAR[0]
    for c in FAR[1:]:
        y = y * t + c
    power = exp(-a * a)
    inside = a < FAR_END
    tail = y * power / (a + K) * HALF if inside else ZERO
    return (ONE - tail if x > 0 else tail), (power if inside else ZERO)


@part
def sigmoid(x):
    """1 / (1 + e^-x)."""
    a = min(abs(x), POWER_END)
    power = exp(-a) if a < POWER_END else ZERO
    return (ONE if x > 0 else power) / (ONE + power)


@loop
def gelu(x, y):
    """y = x Phi(x)."""
    for i in range(x.size):
        y[i] = x[i] * share_below(x[i])[0]


@loop
def gelu_slope(x, y):
    """y = Phi(x) + x Phi'(x)."""
    for i in range(x.size):
        share, power = share_below(x[i])
        y[i] = share + x[i] * (power * PEAK)


@loop
def gelu_tanh(x, y):
    """y = x sigmoid(2u), as `activation.gelu` with approximate="tanh"."""
    for i in range(x.size):
        inner = RATE + CUBE * x[i] * x[i]
        y[i] = x[i] * sigmoid(x[i] * inner)


@loop
def gelu_tanh_slope(x, y):
    """The derivative of `gelu_tanh`."""
    for i in range(x.size):
        square = x[i] * x[i]
        share = sigmoid(x[i] * (RATE + CUBE * square))
        inner = RATE + THREE * CUBE * square
        y[i] = share + x[i] * (share * (ONE - share) * inner)
