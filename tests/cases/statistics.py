"""Rows for tadori/methods/statistics.py."""

from __future__ import annotations

import numpy as np

from .case import Case
from .index import places
from .parts import library, row


def holed(x):
    """x with NaN in a few places."""
    hole = places(x, [[False, True, False, False], [False, False, False, True]])
    return x.masked_fill(hole, float("nan"))


CASES = [
    Case(
        "nanmedian",
        lambda x: holed(x).nanmedian(),
        ((2, 4),),
        None,
        lambda x: holed(x).nanmedian(),
        distinct=True,
    ),
    Case(
        "nanmedian along an axis",
        lambda x: holed(x).nanmedian(1)[0],
        ((2, 4),),
        None,
        lambda x: holed(x).nanmedian(1)[0],
        distinct=True,
    ),
    Case(
        "nanquantile",
        lambda x: holed(x).nanquantile(0.3, 1),
        ((2, 4),),
        None,
        lambda x: holed(x).nanquantile(0.3, 1),
        distinct=True,
    ),
    Case(
        "quantile by its share",
        lambda x, q: x.quantile(q, 1),
        ((2, 4), (2,)),
        None,
        lambda x, q: x.quantile(q, 1),
        domain=((-2.0, 2.0), (0.4, 0.6)),
        distinct=True,
    ),
    row("cov", lambda x: x.cov(), (3, 5), numpy=np.cov),
    row("cov of one", lambda x: x.cov(correction=0), (4,), numpy=lambda x: np.cov(x, ddof=0)),
    Case(
        "cov weighted",
        lambda x, w: x.cov(fweights=places(x, [1, 3, 2]), aweights=w),
        ((2, 3), (3,)),
        lambda x, w: np.cov(x, fweights=[1, 3, 2], aweights=w),
        domain=((-2.0, 2.0), (0.5, 1.5)),
    ),
    row("corrcoef", lambda x: x.corrcoef(), (3, 5), numpy=np.corrcoef),
    row("renorm", lambda x: x.renorm(2, 0, 1.5), (4, 3)),
    row("trapezoid", lambda y: library(y).trapezoid(y, dx=0.5), (3, 4)),
    row("trapezoid at places", lambda y, x: library(y).trapezoid(y, x), (3, 4), (4,)),
    row("cumulative_trapezoid", lambda y: library(y).cumulative_trapezoid(y, dim=0), (3, 4)),
    row("gradient", lambda x: library(x).gradient(x, spacing=2.0), (4, 3)),
    row("gradient second order", lambda x: library(x).gradient(x, edge_order=2), (4, 3)),
    row(
        "gradient at places",
        lambda x: library(x).gradient(x, spacing=(places(x, [0, 1, 3, 4]).to(x.dtype),), dim=0)[0],
        (4, 2),
    ),
    row("combinations", lambda x: library(x).combinations(x, 3), (4,)),
    row("combinations again", lambda x: library(x).combinations(x, 2, True), (3,)),
]
