"""Bessel's functions and Airy's, of SciPy; those of order 0 and 1 that grow, also without it."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from tadori.kernels import kernel
from tadori.kernels.elementwise import select
from tadori.kernels.window import Array

HAS_SCIPY = find_spec("scipy") is not None


def of_scipy(name: str, asked: str) -> Any:
    """The function `name` of scipy.special, for who `asked`. ImportError without SciPy."""
    if not HAS_SCIPY:
        raise ImportError(f"{asked} needs SciPy. Remedy: pip install scipy")
    from scipy import special

    return getattr(special, name)


def borrowed(name: str, source: str, formula: str) -> Callable[..., Array]:
    """A kernel that is a function of scipy.special. Without SciPy its call is an ImportError."""

    def function(x: Array) -> Array:
        return of_scipy(source, name)(x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = formula
    return kernel(function)


bessel_j0 = borrowed("bessel_j0", "j0", "Bessel's J0: x^2 y'' + x y' + x^2 y = 0, 1 at 0.")
bessel_j1 = borrowed("bessel_j1", "j1", "Bessel's J1, less the derivative of J0.")
bessel_y0 = borrowed("bessel_y0", "y0", "Bessel's Y0, the solution beside J0, -inf at 0.")
bessel_y1 = borrowed("bessel_y1", "y1", "Bessel's Y1, less the derivative of Y0.")
modified_bessel_k0 = borrowed("modified_bessel_k0", "k0", "K0, which falls as e^-x, inf at 0.")
modified_bessel_k1 = borrowed("modified_bessel_k1", "k1", "K1, less the derivative of K0.")
scaled_modified_bessel_k0 = borrowed("scaled_modified_bessel_k0", "k0e", "e^x K0(x).")
scaled_modified_bessel_k1 = borrowed("scaled_modified_bessel_k1", "k1e", "e^x K1(x).")


@kernel
def airy_ai(x: Array) -> Array:
    """Airy's Ai: y'' = x y, falling for positive x. Needs SciPy."""
    return of_scipy("airy", "airy_ai")(x)[0]


@kernel
def airy_ai_slope(x: Array) -> Array:
    """The derivative of Airy's Ai. Needs SciPy."""
    return of_scipy("airy", "airy_ai")(x)[1]


# ----------------------------------------------------------------------------- those that grow


@kernel
def i0(x: Array) -> Array:
    """I0(x) = the mean of e^(x cos t) over the angles t."""
    if HAS_SCIPY:
        return of_scipy("i0", "i0")(x)
    return np.exp(np.abs(x)) * scaled(x, 0)


@kernel
def i1(x: Array) -> Array:
    """I1(x) = the mean of e^(x cos t) cos t over the angles t: the derivative of I0."""
    if HAS_SCIPY:
        return of_scipy("i1", "i1")(x)
    return np.exp(np.abs(x)) * scaled(x, 1)


@kernel
def i0e(x: Array) -> Array:
    """e^-|x| I0(x)."""
    return of_scipy("i0e", "i0e")(x) if HAS_SCIPY else scaled(x, 0)


@kernel
def i1e(x: Array) -> Array:
    """e^-|x| I1(x)."""
    return of_scipy("i1e", "i1e")(x) if HAS_SCIPY else scaled(x, 1)


#: up to here the mean is taken, beyond it the asymptotic series; and the number of angles
EDGE = 40.0
ANGLES = 40


def scaled(x: Array, order: int) -> Array:
    """e^-|x| I(x) of order 0 or 1 without SciPy.

    The mean over equal angles errs by the I of order 2 * ANGLES, which is e^-80 of the whole at
    the edge. Beyond it, with m = 4 order^2: 1 - (m - 1) / 8x + (m - 1) (m - 9) / 2! (8x)^2 - ...
    """
    size = np.abs(x).astype(np.float64)
    near = np.minimum(size, EDGE)
    angles = (np.arange(ANGLES) + 0.5) * (math.pi / ANGLES)
    mean = sum(np.exp(near * (c - 1.0)) * c**order for c in map(math.cos, angles)) / ANGLES
    far = np.maximum(size, EDGE)
    term = total = np.ones_like(far)
    for k in range(1, 30):
        term = term * ((2 * k - 1) ** 2 - 4 * order**2) / (8 * k * far)
        total = total + term
    y = select(size <= EDGE, mean, total / np.sqrt(2 * math.pi * far))
    y = np.where(np.isnan(x), math.nan, y)
    return (np.sign(x) ** order * y).astype(x.dtype)


@kernel
def spherical_bessel_j0(x):
    """sin(x) / x, 1 at 0, 0 at the infinities."""
    far = np.isinf(x)
    return np.where(far, 0.0, np.sinc(np.where(far, 0.0, x) / math.pi))
