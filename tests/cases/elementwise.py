"""Rows for tadori/ops/elementwise.py, trigonometry.py, special.py, compare.py and cast.py."""

from __future__ import annotations

import math

import numpy as np

from tadori import kernels
from tadori.device import device, to_device
from tadori.dispatch import operations

from .case import Case


def row(name, function, numpy, *shapes, **how):
    """A row whose function is written the same way for Tadori and for PyTorch."""
    return Case(name, function, shapes or ((3, 4), (3, 4)), numpy, function, **how)


def one(name, numpy, *domain, **how):
    """A row for a method without arguments."""
    if domain:
        how["domain"] = domain
    return row(name, lambda x: getattr(x, name)(), numpy, (3, 4), **how)


EXPONENTIALS = [
    one("abs", np.abs, 0.1, 2.0),
    one("exp", np.exp),
    one("exp2", np.exp2),
    one("expm1", np.expm1),
    one("log", np.log, 0.3, 3.0),
    one("log2", np.log2, 0.3, 3.0),
    one("log10", np.log10, 0.3, 3.0),
    one("log1p", np.log1p, -0.5, 3.0),
    one("logit", lambda x: np.log(x / (1 - x)), 0.1, 0.9),
    row(
        "logit with eps",
        lambda x: x.logit(0.2),
        lambda x: -np.log(1 / x.clip(0.2, 0.8) - 1),
        (3, 4),
        domain=(0.05, 0.95),
    ),
    row("logaddexp", lambda a, b: a.logaddexp(b), np.logaddexp, (3, 4), (3, 1)),
    row("xlogy", lambda a, b: a.xlogy(b), lambda a, b: a * np.log(b), domain=(0.5, 2.0)),
    row("logaddexp2", lambda a, b: a.logaddexp2(b), np.logaddexp2, (3, 4), (3, 1)),
    row(
        "logaddexp of large ones",
        lambda a, b: a.logaddexp(b),
        np.logaddexp,
        domain=((900.0, 1100.0), (-1100.0, 1100.0)),
    ),
]

ANGLES = [
    one("sin", np.sin),
    one("cos", np.cos),
    one("tan", np.tan, -1.0, 1.0),
    one("asin", np.arcsin, -0.8, 0.8),
    one("acos", np.arccos, -0.8, 0.8),
    one("atan", np.arctan),
    row("atan2", lambda a, b: a.atan2(b), np.arctan2, (3, 4), (3, 1), domain=(0.5, 2.0)),
    row(
        "atan2 on the left",
        lambda a, b: a.atan2(b),
        np.arctan2,
        domain=((-2.0, -0.5), (-2.0, -0.5)),
    ),
    one("sinh", np.sinh),
    one("cosh", np.cosh),
    one("tanh", np.tanh),
    one("asinh", np.arcsinh),
    one("acosh", np.arccosh, 1.5, 3.0),
    one("atanh", np.arctanh, -0.8, 0.8),
    one("deg2rad", np.deg2rad),
    one("rad2deg", np.rad2deg),
    one("sinc", np.sinc, 0.2, 2.8),
]

FLAT = {"first": False, "domain": (-3.0, 3.0)}
ROUNDINGS = [
    one("sign", np.sign, **FLAT),
    one("floor", np.floor, **FLAT),
    one("ceil", np.ceil, **FLAT),
    one("trunc", np.trunc, **FLAT),
    one("round", np.round, **FLAT),
    row("round to decimals", lambda x: x.round(decimals=1), lambda x: x.round(1), (3, 4), **FLAT),
    Case("rint", np.rint, ((3, 4),), np.rint, **FLAT),
    one("frac", lambda x: x - np.trunc(x), 1.1, 1.9),
]

CHOICES = [
    row("maximum", lambda a, b: a.maximum(b), np.maximum, distinct=True),
    row("minimum", lambda a, b: a.minimum(b), np.minimum, (3, 4), (4,), distinct=True),
    row("fmax", lambda a, b: a.fmax(b), np.fmax, distinct=True),
    row("fmin", lambda a, b: a.fmin(b), np.fmin, (3, 4), (3, 1), distinct=True),
    Case("maximum with a number", lambda x: np.maximum(x, 0.5), ((3, 4),), lambda x: x.clip(0.5)),
    row("clamp", lambda x: x.clamp(-0.5, 0.5), lambda x: x.clip(-0.5, 0.5), (5, 4)),
    row("clamp from below", lambda x: x.clamp(min=0.1), lambda x: x.clip(0.1), (3, 4)),
    row("clamp from above", lambda x: x.clamp_max(0.1), lambda x: x.clip(None, 0.1), (3, 4)),
    row("clip", lambda x: x.clip(max=0.1), lambda x: x.clip(None, 0.1), (3, 4)),
    row(
        "clamp with tensors",
        lambda x, a, b: x.clamp(a, b),
        lambda x, a, b: np.minimum(np.maximum(x, a), b),
        (5, 4),
        (4,),
        (5, 1),
        distinct=True,
    ),
    row("clamp to a tensor", lambda x, a: x.clamp(min=a), np.maximum, (5, 4), (4,), distinct=True),
    row("clamp below one", lambda x, a: x.clamp(max=a), np.minimum, (5, 4), (4,), distinct=True),
    row(
        "where",
        lambda a, b: a.where(a.detach() > 0.1, b * 2),
        lambda a, b: np.where(a > 0.1, a, b * 2),
        (3, 4),
        (4,),
        distinct=True,
    ),
    Case(
        "where with numbers",
        lambda a: np.where(a > 0, a, 0.5) + np.where(a > 0, 1.0, a),
        ((3, 4),),
        lambda a: np.where(a > 0, a, 0.5) + np.where(a > 0, 1.0, a).astype(a.dtype),
        distinct=True,
    ),
    Case(
        "masked",
        lambda a: kernels.masked(a, a > 0) + kernels.select(a > 0, a, a * 3),
        ((60, 70),),
        lambda a: np.where(a > 0, a, 0) + np.where(a > 0, a, a * 3),
        distinct=True,
    ),
    one("nan_to_num", lambda x: x),
    row(
        "copysign",
        lambda a, b: a.copysign(b),
        np.copysign,
        domain=((0.5, 2.0), (-2.0, -0.5)),
    ),
]


def scipy_free(function):
    """A function of math's, for each entry."""
    return lambda x: np.vectorize(function, otypes=[x.dtype])(x)


SPECIAL = [
    one("erf", scipy_free(math.erf), -3.0, 3.0),
    one("erfc", scipy_free(math.erfc), -3.0, 3.0),
    one("erfinv", None, -0.9, 0.9),
    one("lgamma", scipy_free(math.lgamma), 0.1, 5.0),
    row("lgamma below 0", lambda x: x.lgamma(), None, (3, 4), domain=(-0.9, -0.1)),
    one("digamma", None, 0.2, 5.0),
    row("polygamma", lambda x: x.polygamma(2), None, (3, 4), domain=(0.5, 5.0), second=False),
]


def question(name, numpy, *shapes, **how):
    """A row for a method of one or two tensors whose answer has no derivative."""

    def function(*xs):
        return getattr(xs[0], name)(*xs[1:])

    return Case(name, function, shapes or ((3, 4), (4,)), numpy, function, first=False, **how)


def whole(name, numpy, arguments=2):
    """The same for integers, made of the samples."""

    def function(*xs):
        x, *others = [(x * 5).long() for x in xs]
        return getattr(x, name)(*others)

    def plain(*xs):
        return numpy(*((x * 5).astype(int) for x in xs))

    return Case(name, function, ((3, 4), (4,))[:arguments], plain, function, first=False)


COMPARISONS = [
    question("eq", np.equal),
    question("ne", np.not_equal),
    question("lt", np.less),
    question("le", np.less_equal),
    question("gt", np.greater),
    question("ge", np.greater_equal),
    question("isnan", np.isnan, (3, 4)),
    question("isinf", np.isinf, (3, 4)),
    question("isfinite", np.isfinite, (3, 4)),
    question("isposinf", np.isposinf, (3, 4)),
    question("isneginf", np.isneginf, (3, 4)),
    question("signbit", np.signbit, (3, 4)),
    question("logical_not", np.logical_not, (3, 4)),
    question("logical_and", np.logical_and),
    question("logical_or", np.logical_or),
    question("logical_xor", np.logical_xor),
    question("heaviside", np.heaviside),
    question("nextafter", np.nextafter),
    Case(
        "isclose",
        lambda a: a.isclose(a + 1e-3, rtol=1e-3),
        ((3, 4),),
        lambda a: np.isclose(a, a + 1e-3, rtol=1e-3),
        lambda a: a.isclose(a + 1e-3, rtol=1e-3),
        first=False,
    ),
    whole("bitwise_not", np.invert, 1),
    whole("bitwise_and", np.bitwise_and),
    whole("bitwise_or", np.bitwise_or),
    whole("bitwise_xor", np.bitwise_xor),
    whole("gcd", np.gcd),
    whole("lcm", np.lcm),
    Case(
        "shifts",
        lambda a: ((a * 4).long() << 2) >> 1,
        ((3, 4),),
        lambda a: ((a * 4).astype(int) << 2) >> 1,
        lambda a: ((a * 4).long() << 2) >> 1,
        first=False,
    ),
]


def written(x, value):
    """A result whose first row and second column were written in place."""
    y = x * 3
    y[0].mul_(value)
    y.t()[1].add_(1)
    return y * x


def written_numpy(x, value):
    y = x * 3
    y[0] *= value
    y[:, 1] += 1
    return y * x


CONVERSIONS = [
    # a difference would see the steps of float32
    Case("float and back", lambda x: x.float().to(x), ((3, 4),), first=False),
    one("clone", lambda x: x),
    one("contiguous", lambda x: x),
    row("type_as", lambda a, b: a.type_as(b) * b, np.multiply),
    Case("astype", lambda x: np.astype(x, "float64").type_as(x), ((3, 4),), lambda x: x),
    Case(
        "to_device",
        lambda x: operations[to_device](x, where=device("cpu")),
        ((3, 4),),
        lambda x: x,
    ),
    Case(
        "overwrite",
        lambda x, value: kernels.overwrite(x, value * 2) + x,
        ((3, 4), (4,)),
        lambda x, value: value * 2 + x,
    ),
    Case(
        "copy_",
        lambda x, value: (x * 3).copy_(value * 2) + x,
        ((3, 4), (4,)),
        lambda x, value: value * 2 + x,
        lambda x, value: (x * 3).copy_(value * 2) + x,
    ),
    row("views written in place", written, written_numpy, (3, 4), (4,)),
]
CASES = [
    *EXPONENTIALS,
    *ANGLES,
    *ROUNDINGS,
    *CHOICES,
    *SPECIAL,
    *COMPARISONS,
    *CONVERSIONS,
]
