"""From uniform to normal numbers: the Box-Muller transform, to the last bit as PyTorch computes it.

    radius = sqrt(-2 log(1 - u)),  angle = 2 pi v      ->      radius cos(angle),  radius sin(angle)

In blocks of sixteen, the first eight uniforms give the radii and the others the angles; the cosines
come first. PyTorch takes the float32 logarithm, sine and cosine from the Cephes library's
polynomials, with fused multiply-adds. Here a fused multiply-add is a product in float64, where it
is exact, one addition, and one rounding to float32. (The second rounding could matter once in 2^29
sums; for all 2^24 values of u and of v it changes no result.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

f32 = np.float32

LOG = [
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
]
SIN = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]
COS = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]
# log 2 in two parts, and minus pi/4 in three: but for the smallest, they have so few bits that
# products with small integers are exact.
LN2 = [-2.12194440e-4, 0.693359375]
QUARTER_PI = [-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8]


def box_muller(u: Any, mean: float, std: float) -> Any:
    """Normal numbers, as many as there are in `u` (a multiple of 16), of its dtype: float32 or
    float64.
    """
    u, v = halves_of_blocks(u)
    u = 1 - u
    if u.dtype == np.float32:
        radius = np.sqrt(-2 * log(u))
        sine, cosine = sin_cos(v * f32(2 * math.pi))
        fused = fma
    else:
        radius = np.sqrt(-2 * libm(math.log, u))
        angle = v * (2 * math.pi)
        sine, cosine = libm(math.sin, angle), libm(math.cos, angle)
        fused = fma_double
    normal = np.empty((2, u.size), u.dtype)
    np.multiply(radius, cosine, out=normal[0])
    np.multiply(radius, sine, out=normal[1])
    normal = normal + mean if std == 1 else fused(normal, std, mean)
    return normal.reshape(2, -1, 8).swapaxes(0, 1).reshape(-1)


def halves_of_blocks(u: Any) -> Any:
    """All first eights of the blocks of sixteen, and all second eights; copied, for long loops are
    quick loops.
    """
    return u.reshape(-1, 2, 8).swapaxes(0, 1).reshape(2, -1)


def log(u: Any) -> Any:
    """The natural logarithm of float32 numbers in (0, 1]: e log 2 + log(1 + x), with |x| at most
    sqrt(2) - 1.
    """
    fraction, exponent = np.frexp(u)
    small = fraction < f32(math.sqrt(0.5))
    x = fraction - f32(1) + np.where(small, fraction, f32(0))
    e = exponent.astype(f32) - small
    square = x * x
    y = polynomial(LOG, x) * x
    y = fma(y, square, e * f32(LN2[0])) - square * f32(0.5)
    return fma(e, LN2[1], x + y)


def sin_cos(angle: Any) -> tuple[Any, Any]:
    """Sine and cosine of float32 angles in [0, 2 pi): by polynomials around the nearest multiple of
    pi/2.
    """
    octant = (angle * f32(4 / math.pi)).astype(np.int32)
    octant += octant & 1
    x, eighths = angle, octant.astype(f32)
    for part in QUARTER_PI:
        x = fma(eighths, part, x)
    square = x * x
    sine = fma(polynomial(SIN, square) * square, x, x)
    cosine = fma(polynomial(COS, square) * square, square, square * f32(-0.5)) + f32(1)
    swap = (octant & 2) != 0
    sine, cosine = np.where(swap, cosine, sine), np.where(swap, sine, cosine)
    np.negative(sine, out=sine, where=(octant & 4) != 0)
    np.negative(cosine, out=cosine, where=((octant + 2) & 4) != 0)
    return sine, cosine


def polynomial(coefficients: list[float], x: Any) -> Any:
    """Horner's scheme, with fused multiply-adds."""
    first, *others = coefficients
    y: Any = f32(first)
    for coefficient in others:
        y = fma(y, x, float(f32(coefficient)))
    return y


def fma(a: Any, b: Any, c: Any) -> Any:
    """a * b + c of float32 numbers, rounded once. A number among them counts as a float32."""
    b = b if isinstance(b, np.ndarray) else f32(b)
    c = c if isinstance(c, np.ndarray) else float(f32(c))
    product = np.multiply(a, b, dtype=np.float64)
    product += c
    return product.astype(f32)


def fma_double(a: Any, b: float, c: float) -> Any:
    """a * b + c of float64 numbers, rounded once: the errors of product and sum are computed and
    added.
    """
    product = a * b
    a_high, a_low = halves(a)
    b_high, b_low = halves(b)
    lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    total = product + c
    added = total - product
    lost += (product - (total - added)) + (c - added)
    return total + lost


def halves(a: Any) -> tuple[Any, Any]:
    """a = high + low, each with half of the bits, so that products of them are exact (Veltkamp)."""
    high = a * 134217729.0  # 2^27 + 1
    high = high - (high - a)
    return high, a - high


def libm(function: Callable[[float], float], x: Any) -> Any:
    """A function of `math` on each element. NumPy's own differ in the last bit from processor to
    processor.
    """
    values = np.fromiter(map(function, x.ravel().tolist()), np.float64, x.size)
    return values.reshape(x.shape)
