"""The normal distribution's functions, the incomplete gamma functions, zeta; entropies."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tadori import kernels
from tadori.kernels import kernel
from tadori.kernels.bessel import of_scipy
from tadori.kernels.special import (
    BERNOULLI,
    FAR,
    FAR_FLOAT32,
    SHIFT,
    erfc,
    erfinv,
    in_float64,
    polynomial,
)
from tadori.kernels.window import Array


@kernel
@np.errstate(over="ignore", invalid="ignore")
def erfcx(x: Array) -> Array:
    """e^(x^2) erfc(x), which does not vanish for large x: 2 e^(x^2) - erfcx(-x) for negative x."""
    coefficients: Sequence[float] = FAR_FLOAT32
    k = 2.5
    if x.dtype == np.float64:
        k, coefficients = 3.5, FAR
    size = np.abs(x)
    t = (size - k) / (size + k)
    t = np.where(np.isinf(size), 1.0, t)
    y = polynomial(coefficients, t) / (size + k)
    mirrored = 2.0 * np.exp(x * x) - y
    return np.where(x < 0, mirrored, y).astype(x.dtype)


@kernel
def ndtr(x: Array) -> Array:
    """The normal distribution's share below x."""
    return erfc(x * -math.sqrt(0.5)) / 2


@kernel
def log_ndtr(x: Array) -> Array:
    """log(ndtr(x)), exact where the share is tiny."""
    scaled = x * math.sqrt(0.5)
    low = np.minimum(scaled, -0.5)
    tail = np.log(erfcx(-low) / 2) - low * low
    high = np.maximum(scaled, -0.5)
    near = np.log1p(-erfc(high) / 2)
    return np.where(scaled < -0.5, tail, near)


@kernel
@in_float64
def ndtri(x: Array) -> Array:
    """The y with ndtr(y) = x; -inf and inf at 0 and 1, NaN outside.

    erfinv in the middle; of small x, Newton's steps for log_ndtr(y) = log(x).
    """
    middle = math.sqrt(2) * erfinv(2.0 * x - 1.0)
    middle = np.where(x < 0, math.nan, middle)
    small = (x > 0) & (x < 0.1)
    log = np.log(np.where(small, x, 0.1))
    y = -np.sqrt(-2.0 * log)
    for _ in range(8):
        share = log_ndtr(y)
        slope = np.exp(-y * y / 2 - share)
        y = y - (share - log) / slope * math.sqrt(2 * math.pi)
    return np.where(small, y, middle)


@kernel
def entr(x: Array) -> Array:
    """-x log(x): 0 at 0, -inf for negative x."""
    positive = np.where(x > 0, x, 1.0).astype(x.dtype)
    y = -positive * np.log(positive)
    y = np.where(x < 0, -math.inf, y)
    return np.where(np.isnan(x), x, y).astype(x.dtype)


@kernel
def xlog1py(x, y):
    """x log(1 + y), and 0 where x is 0, unless y is NaN."""
    zero = (x == 0) & (y == y)
    log = np.log1p(np.where(zero, 0.0, y))
    return kernels.masked(x * log, ~zero)


@kernel
@np.errstate(all="ignore")
def zeta(x: Array, q: Array) -> Array:
    """Hurwitz's zeta: the sum of (q + k)^-x for k = 0, 1, ...; inf at x = 1 and at its poles.

    The first terms are summed, the rest by Euler and Maclaurin's formula. NaN for x < 1, and for
    a negative q with an x that is not whole.
    """
    dtype = np.result_type(x, q)
    x = x.astype(np.float64)
    q = q.astype(np.float64)
    pole = (q <= 0) & (q == np.floor(q))
    pole = (pole | (x == 1)) & (x >= 1)
    unknown = (q < 0) & (x != np.floor(x))
    unknown = unknown | ~(x >= 1)
    depth = np.max(-q, initial=0.0, where=q > -1000)
    steps = SHIFT + int(depth)
    total = sum((q + float(k)) ** -x for k in range(steps))
    z = q + float(steps)
    total = total + z ** (1.0 - x) / (x - 1.0)
    total = total + z**-x / 2
    rising = x / 2
    for i, b in enumerate(BERNOULLI, start=1):
        total = total + b * rising * z ** (1.0 - x - 2 * i)
        rising = rising * (x + (2 * i - 1)) / (2 * i + 1)
        rising = rising * (x + 2 * i) / (2 * i + 2)
    total = np.where(unknown, math.nan, total)
    return np.where(pole, math.inf, total).astype(dtype)


@kernel
def gammainc(a: Array, x: Array) -> Array:
    """The integral of e^-t t^(a-1) from 0 to x, over Gamma(a). Needs SciPy."""
    return of_scipy("gammainc", "gammainc")(a, x)


@kernel
def gammaincc(a: Array, x: Array) -> Array:
    """1 - gammainc(a, x), exact where it is tiny. Needs SciPy."""
    return of_scipy("gammaincc", "gammaincc")(a, x)
