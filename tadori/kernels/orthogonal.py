"""Orthogonal polynomials by their recurrences, each from the two before it.

The order n is a number, or an array of whole numbers that broadcasts; below 0 the value is 0.
They use operators and NumPy's functions only, and so record themselves on Tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tadori.kernels import kernel

Step = Callable[[Any, int, Any, Any], Any]


def polynomial(
    name: str,
    first: Callable[[Any], Any],
    step: Step,
    told: str,
) -> Any:
    """A kernel from the polynomial of order 1 and the step (x, k, now, before) to order k + 1."""

    def function(x, *, n):
        highest = int(np.max(n, initial=0))
        before, now = np.ones_like(x), first(x)
        y = np.where(np.equal(n, 0), before, 0.0)
        y = np.where(np.equal(n, 1), now, y)
        for k in range(1, highest):
            before, now = now, step(x, k, now, before)
            y = np.where(np.equal(n, k + 1), now, y)
        return y

    function.__name__ = function.__qualname__ = name
    function.__doc__ = told
    return kernel(function)


def doubling(
    x: Any,
    k: int,
    now: Any,
    before: Any,
) -> Any:
    """2x now - before."""
    return 2.0 * x * now - before


def hermite(
    x: Any,
    k: int,
    now: Any,
    before: Any,
) -> Any:
    """2x now - 2k before."""
    return 2.0 * x * now - 2.0 * k * before


def hermite_he(
    x: Any,
    k: int,
    now: Any,
    before: Any,
) -> Any:
    """x now - k before."""
    return x * now - float(k) * before


def laguerre(
    x: Any,
    k: int,
    now: Any,
    before: Any,
) -> Any:
    """((2k + 1 - x) now - k before) / (k + 1)."""
    y = (2.0 * k + 1.0 - x) * now
    y = y - float(k) * before
    return y / (k + 1.0)


def legendre(
    x: Any,
    k: int,
    now: Any,
    before: Any,
) -> Any:
    """((2k + 1) x now - k before) / (k + 1)."""
    y = (2.0 * k + 1.0) * x * now
    y = y - float(k) * before
    return y / (k + 1.0)


chebyshev_t = polynomial(
    "chebyshev_t",
    lambda x: x,
    doubling,
    "cos(n t) of x = cos t.",
)
chebyshev_u = polynomial(
    "chebyshev_u",
    lambda x: 2.0 * x,
    doubling,
    "sin((n + 1) t) / sin t.",
)
chebyshev_v = polynomial(
    "chebyshev_v",
    lambda x: 2.0 * x - 1.0,
    doubling,
    "cos((n + 1/2) t) / cos(t / 2).",
)
chebyshev_w = polynomial(
    "chebyshev_w",
    lambda x: 2.0 * x + 1.0,
    doubling,
    "sin((n + 1/2) t) / sin(t / 2).",
)
hermite_h = polynomial(
    "hermite_h",
    lambda x: 2.0 * x,
    hermite,
    "Orthogonal under e^(-x^2).",
)
hermite_he_n = polynomial(
    "hermite_he_n",
    lambda x: x,
    hermite_he,
    "Orthogonal under e^(-x^2 / 2).",
)
laguerre_l = polynomial(
    "laguerre_l",
    lambda x: 1.0 - x,
    laguerre,
    "Orthogonal under e^-x, for x >= 0.",
)
legendre_p = polynomial(
    "legendre_p",
    lambda x: x,
    legendre,
    "Orthogonal from -1 to 1.",
)
