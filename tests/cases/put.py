"""Rows for tadori/methods/put.py."""

from __future__ import annotations

import warnings

import numpy as np

from .case import Case
from .index import places


def row(name, function, *shapes, numpy=None, **options):
    """A row whose function is written the same way for Tadori and for PyTorch."""
    return Case(name, function, shapes, numpy, function, **options)


def scattered(how, include_self):
    """A row for `scatter_reduce`."""

    def call(x, src):
        index = places(x, [[0, 0, 2], [0, 1, 2]])
        return x.scatter_reduce(1, index, src, how, include_self=include_self)

    name = f"scatter_reduce {how}" + " with self" * include_self
    return row(name, call, (2, 4), (2, 3), distinct=True)


def indexed(how, include_self):
    """A row for `index_reduce`."""

    def call(x, src):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch's is in beta, it says
            return x.index_reduce(0, places(x, [2, 0, 2]), src, how, include_self=include_self)

    name = f"index_reduce {how}" + " with self" * include_self
    return row(name, call, (3, 2), (3, 2), distinct=True)


def with_zeros(x, src):
    """A product in which a zero stands: only the derivative by that one is not 0."""
    zero = places(x, [[1.0, 0.0, 1.0]])
    return x.scatter_reduce(1, places(x, [[0, 0, 1]]), src * zero, "prod")


CASES = [
    *(
        scattered(how, own)
        for how in ("sum", "prod", "mean", "amax", "amin")
        for own in (False, True)
    ),
    *(indexed(how, own) for how in ("prod", "mean", "amax", "amin") for own in (False, True)),
    Case("scatter_reduce prod with a zero", with_zeros, ((1, 2), (1, 3))),
    Case(
        "scatter multiply",
        lambda x: x.scatter(1, places(x, [[1, 1]]), 3.0, reduce="multiply"),
        ((1, 3),),
        lambda x: x * np.array([1.0, 9.0, 1.0]),
    ),
    row("put", lambda x, src: x.put(places(x, [5, -1, 0]), src), (3, 4), (3,)),
    row(
        "put accumulate",
        lambda x, src: x.put(places(x, [5, 5, 0]), src, accumulate=True),
        (3, 4),
        (3,),
    ),
]
