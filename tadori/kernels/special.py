"""The error function and the family of the gamma function, which NumPy lacks.

The coefficients of `erf` are least-maximum fits computed with mpmath: their error is below half a
unit in the last place of the dtype that they serve.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps

import numpy as np

from tadori.kernels.elementwise import in_blocks, select
from tadori.kernels.window import Array

# erf(x) / x for 0 <= x <= 1, a polynomial in x^2; highest power first.
NEAR = (
    -7.7958988270021422e-10,
    1.3720064546777686e-8,
    -1.6208483801871706e-7,
    1.6447424703317362e-6,
    -1.492473690741966e-5,
    0.00012055294904839708,
    -0.00085483259753896921,
    0.0052239776071164227,
    -0.02686617064323777,
    0.11283791670945006,
    -0.3761263890318354,
    1.1283791670955126,
)
NEAR_FLOAT32 = (
    7.875875063e-5,
    -0.0008016864287,
    0.005189087423,
    -0.02685421201,
    0.1128359472,
    -0.3761262667,
    1.128379166,
)
# (x + k) e^(x^2) erfc(x) for x >= 0, a polynomial in (x - k) / (x + k): k = 3.5, 2.5 for float32.
FAR = (
    -1.0131361379827797e-09,
    1.447656576135023e-09,
    1.1956272918234388e-08,
    -1.5311166117013943e-08,
    -8.69903875447013e-08,
    1.0628773601410245e-07,
    5.527358057234972e-07,
    -7.877243981829272e-07,
    -3.3928080577899144e-06,
    7.23935676212077e-06,
    1.86473323635186e-05,
    -7.477535179035543e-05,
    -4.206217187411542e-05,
    0.000714531280662541,
    -0.0013053546932652587,
    -0.003177050284611174,
    0.02651861988184137,
    -0.09231870664314448,
    0.22573862164741135,
    -0.43525602671671476,
    0.694113646634644,
    -0.9377997245671139,
    1.08705558926226,
)
FAR_FLOAT32 = (
    -7.292145627e-5,
    2.686559161e-5,
    0.0006662207953,
    -0.0004136037997,
    -0.004803455108,
    0.008382888215,
    0.02835886711,
    -0.1712494186,
    0.4539142497,
    -0.8046519341,
    1.05403182,
)


def polynomial(coefficients: Sequence[float], x: Array) -> Array:
    """Horner's scheme, highest power first."""
    y = x * coefficients[0]
    y += coefficients[1]
    for c in coefficients[2:]:
        y *= x
        y += c
    return y


def erf_near(x: Array) -> Array:
    """erf(x) for |x| <= 1; anything finite elsewhere."""
    u = np.minimum(np.abs(x), 1.0)
    return x * polynomial(NEAR if x.dtype == np.float64 else NEAR_FLOAT32, u * u)


def erfc_far(x: Array) -> Array:
    """erfc(|x|). Beyond 30 it is 0 in every dtype."""
    k, coefficients = (3.5, FAR) if x.dtype == np.float64 else (2.5, FAR_FLOAT32)
    x = np.minimum(np.abs(x), 30.0)
    y = polynomial(coefficients, (x - k) / (x + k))
    y *= np.exp(-x * x)
    return y / (x + k)


@in_blocks
def erf(x: Array) -> Array:
    """2 / sqrt(pi) * the integral of e^(-t^2) from 0 to x."""
    far = np.copysign(1.0 - erfc_far(x), x)
    return select(np.abs(x) < 1.0, erf_near(x), far)


@in_blocks
def erfc(x: Array) -> Array:
    """1 - erf(x), with all its digits where it is tiny: erfc(-x) = 2 - erfc(x)."""
    reflected = np.multiply(x < 0, 2, dtype=x.dtype)
    return np.abs(reflected - erfc_far(x))


def in_float64(definition: Callable[..., Array]) -> Callable[..., Array]:
    """Let a function compute in float64, without warnings at its poles, and round at its end."""

    @wraps(definition)
    def function(x, **options):
        with np.errstate(all="ignore"):
            return definition(x.astype(np.float64), **options).astype(x.dtype)

    return function


@in_float64
def erfinv(x: Array) -> Array:
    """y with erf(y) = x; -inf and inf at -1 and 1, NaN beyond.

    A first guess (Winitzki's, to 0.2 %), then two of Halley's steps, each of which triples the
    number of right digits.
    """
    log = np.log(1.0 - x * x)
    half = log / 2 + 2 / (math.pi * 0.147)
    y = np.copysign(np.sqrt(np.sqrt(half * half - log / 0.147) - half), x)
    for _ in range(2):
        # near the ends 1 - |x| and erfc have more digits than x and erf
        end = np.sign(x) * ((1.0 - np.abs(x)) - erfc(np.abs(y)))
        miss = np.where(np.abs(x) < 0.5, erf(y) - x, end)
        step = miss * np.exp(y * y) * (math.sqrt(math.pi) / 2)
        y = y - step / (1.0 + y * step)
    return np.where(np.abs(x) == 1.0, np.copysign(np.inf, x), y)


# --------------------------------------------------------------------------- the gamma family
#
# Far from 0 their asymptotic series converge quickly; f(x + 1) is known from f(x), so a small x is
# first moved up to x + SHIFT. Below 1/2 a reflection formula leads to 1 - x.

SHIFT = 12
#: the Bernoulli numbers B2, B4, ..., B14
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)


@in_float64
def lgamma(x: Array) -> Array:
    """log(|Gamma(x)|); inf at 0, -1, -2, ... and at the infinities."""
    low = x < 0.5
    z = np.where(low, 1.0 - x, x)
    product = np.ones_like(z)
    for _ in range(SHIFT):
        small = z < SHIFT
        product = product * np.where(small, z, 1.0)
        z = np.where(small, z + 1.0, z)
    series = sum(
        b / (2 * i * (2 * i - 1)) * z ** (1.0 - 2 * i) for i, b in enumerate(BERNOULLI, start=1)
    )
    stirling = (z - 0.5) * (np.log(z) - 1.0) + (math.log(2 * math.pi) - 1.0) / 2
    high = stirling + series - np.log(product)
    mirrored = math.log(math.pi) - np.log(np.abs(np.sin(math.pi * np.fmod(x, 2.0)))) - high
    pole = np.isinf(x) | ((x <= 0) & (x == np.floor(x)))
    return np.where(pole, np.inf, np.where(low, mirrored, high))


@in_float64
def digamma(x: Array) -> Array:
    """The derivative of log(Gamma(x)); NaN at -1, -2, ..., and -inf or inf at 0 and -0."""
    low = x < 0.5
    z = np.where(low, 1.0 - x, x)
    shift = np.zeros_like(z)
    for _ in range(SHIFT):
        small = z < SHIFT
        shift = shift + np.where(small, 1.0 / z, 0.0)
        z = np.where(small, z + 1.0, z)
    series = sum(b / (2 * i) * z ** (-2.0 * i) for i, b in enumerate(BERNOULLI, start=1))
    high = np.log(z) - 0.5 / z - series - shift
    mirrored = high - math.pi / np.tan(math.pi * np.fmod(x, 1.0))
    pole = (x < 0) & (x == np.floor(x))
    zero = np.where(x == 0, -np.copysign(np.inf, x), np.where(low, mirrored, high))
    return np.where(pole, np.nan, zero)


@in_float64
def polygamma(x: Array, *, n: int) -> Array:
    """The n-th derivative of digamma: (-1)^(n+1) n! * the sum of (x + k)^-(n+1) for k = 0, 1, ...

    The first terms are summed, the rest by Euler and Maclaurin's formula. NaN below -1000.
    """
    if n == 0:
        return digamma(x)
    order = n + 1.0
    depth = np.max(-x, initial=0.0, where=x > -1000)
    steps = SHIFT + int(depth)
    total = sum((x + float(k)) ** -order for k in range(steps))
    z = x + float(steps)
    total = total + z**-n / n + z**-order / 2
    rising = order / 2  # order (order + 1) ... (order + 2i - 2) / (2i)!
    for i, b in enumerate(BERNOULLI, start=1):
        total = total + b * rising * z ** (1.0 - order - 2 * i)
        rising *= (order + 2 * i - 1) * (order + 2 * i) / ((2 * i + 1) * (2 * i + 2))
    return np.where(x > -1000, (-1.0) ** (n + 1) * math.factorial(n) * total, np.nan)
