"""Loops over single entries, compiled by Numba: formulas of `update.py` and `activation.py`.

Arrays are flat and contiguous, numbers have their dtype. Importing this file imports Numba, which
compiles a loop at its first call and keeps it on disk; `numba_cpu.py` decides when that pays off.
Numba has no vector form of exp, so there is one here, of operations that have one.
"""

from __future__ import annotations

from functools import partial

import numba
import numpy as np
from numpy import float32, int32

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


@part
def exp(x):
    """e^x for -87 <= x <= 0: 2^n e^r, with r at most log(2) / 2 in size; error 2e-7 of it."""
    n = np.floor(x * float32(1.44269504) + float32(0.5))
    r = x - n * float32(0.693359375)  # log(2) in two parts, the first one short
    r = r - n * float32(-2.12194440e-4)
    y = float32(1 / 720) * r + float32(1 / 120)
    y = y * r + float32(1 / 24)
    y = y * r + float32(1 / 6)
    y = y * r + float32(1 / 2)
    y = y * r + float32(1)
    y = y * r + float32(1)
    power = (int32(n) + int32(127)) << int32(23)  # the bits of 2^n
    return y * int32(power).view(np.float32)
