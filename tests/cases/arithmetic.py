"""Rows for tadori/ops/arithmetic.py."""

from __future__ import annotations

import math

import numpy as np

from .case import Case


def row(name, function, numpy, *shapes, **how):
    """A row whose function is written the same way for Tadori and for PyTorch."""
    return Case(name, function, shapes or ((3, 4), (3, 4)), numpy, function, **how)


def one(name, function, numpy, **how):
    """A row for a function of one tensor."""
    return row(name, function, numpy, (3, 4), **how)


# Quotients that stay away from whole numbers, where their roundings jump.
QUOTIENTS = {"domain": ((5.2, 5.8), (2.05, 2.55))}
NEGATIVE_QUOTIENTS = {"domain": ((-5.8, -5.2), (2.05, 2.55))}

SUMS = [
    row("add", lambda a, b: a + b, np.add),
    row("add broadcast", lambda a, b: a + b, np.add, (3, 1, 4), (2, 1)),
    row("add a number", lambda a, b: a.add(2) + b.add(0.5), lambda a, b: a + b + 2.5),
    row("add with alpha", lambda a, b: a.add(b, alpha=2), lambda a, b: a + 2 * b, (3, 4), (4,)),
    row("add an empty one", lambda a, b: a + b, np.add, (0, 3), (3,)),
    row("subtract", lambda a, b: a - b, np.subtract, (3, 4), (4,)),
    row("sub with alpha", lambda a, b: a.sub(b, alpha=0.5), lambda a, b: a - 0.5 * b),
    one("subtract from a number", lambda a: 1 - a, lambda a: 1 - a),
    one("negative", lambda a: -a, np.negative),
    one("positive", lambda a: +a, lambda a: a),
    Case("np.positive", np.positive, ((3, 4),), np.positive),
    row("addcmul", lambda a, b: a.addcmul(a, b, value=0.5), lambda a, b: a + 0.5 * a * b),
    row(
        "addcdiv",
        lambda a, b: b.addcdiv(a, b, value=-2),
        lambda a, b: b - 2 * a / b,
        domain=(1.0, 2.0),
    ),
    row("lerp", lambda a, b: a.lerp(b, 0.3), lambda a, b: a + 0.3 * (b - a)),
    row(
        "lerp with weights",
        lambda a, b, w: a.lerp(b, w),
        lambda a, b, w: a + w * (b - a),
        (3, 4),
        (3, 4),
        (3, 1),
    ),
]

PRODUCTS = [
    row("multiply", lambda a, b: a * b, np.multiply, (3, 4), (3, 1)),
    one("multiply number on the left", lambda a: 2.5 * a, lambda a: a * a.dtype.type(2.5)),
    row("multiply by itself", lambda a: a * a, lambda a: a * a, ()),
    row("divide", lambda a, b: a / b, np.divide, (3, 4), (3, 1), domain=(0.5, 2.0)),
    one("divide by a number", lambda a: a / 4, lambda a: a / 4),
    one("divide a number", lambda a: 3 / a, lambda a: 3 / a, domain=(0.5, 2.0)),
    one("reciprocal", lambda a: a.reciprocal(), lambda a: 1 / a, domain=(0.5, 2.0)),
]

QUOTIENT_ROWS = [
    row("floor_divide", lambda a, b: a // b, np.floor_divide, first=False, domain=(0.5, 2.0)),
    row(
        "div floor",
        lambda a, b: a.div(b, rounding_mode="floor"),
        lambda a, b: np.floor(a / b),
        first=False,
        **NEGATIVE_QUOTIENTS,
    ),
    row(
        "div trunc",
        lambda a, b: a.div(b, rounding_mode="trunc"),
        lambda a, b: np.trunc(a / b),
        first=False,
        **NEGATIVE_QUOTIENTS,
    ),
    row("remainder", lambda a, b: a % b, np.remainder, **QUOTIENTS),
    row("remainder of negative", lambda a, b: a.remainder(b), np.remainder, **NEGATIVE_QUOTIENTS),
    Case("remainder of a number", lambda a: 7.3 % a, ((4,),), lambda a: 7.3 % a, domain=(3.0, 3.5)),
    row("fmod", lambda a, b: a.fmod(b), np.fmod, **QUOTIENTS),
    row("fmod of negative", lambda a, b: a.fmod(b), np.fmod, **NEGATIVE_QUOTIENTS),
]

POSITIVE = {"domain": (0.5, 2.0)}
POWERS = [
    row("power", lambda a, b: a**b, np.power, (3, 4), (3, 1), **POSITIVE),
    one("power with a whole exponent", lambda a: a**2, np.square),
    one("power with exponent 3", lambda a: a.pow(3), lambda a: a**3),
    one("power with exponent 1", lambda a: a**1, lambda a: a),
    one("power with exponent 0", lambda a: a**0, np.ones_like),
    one("power with exponent -1.5", lambda a: a**-1.5, lambda a: a**-1.5, **POSITIVE),
    one("power of a number", lambda a: 2**a, lambda a: 2**a),
    row("power of negative", lambda a: a ** (a.detach() * 0 + 3), lambda a: a**3, (3, 4)),
    one("square", lambda a: a.square(), np.square),
    one("sqrt", lambda a: a.sqrt(), np.sqrt, **POSITIVE),
    one("rsqrt", lambda a: a.rsqrt(), lambda a: 1 / np.sqrt(a), **POSITIVE),
    Case("cbrt", np.cbrt, ((3, 4),), np.cbrt, **POSITIVE),
    row("hypot", lambda a, b: a.hypot(b), np.hypot, (3, 4), (3, 1), **POSITIVE),
    one("ldexp", lambda a: a.ldexp(a), lambda a: a * np.exp(math.log(2) * a)),
]


CASES = [*SUMS, *PRODUCTS, *QUOTIENT_ROWS, *POWERS]
