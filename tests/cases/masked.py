"""Rows for tadori/masked.py."""

from __future__ import annotations

import importlib

import numpy as np

import tadori.masked

from .case import Case
from .loss import given

#: the second column is left out, and something of the last row
MASK = np.array([[True, False, True, True], [True, False, False, True], [True, False, True, False]])


def masked(name, *args, mask=MASK, **options):
    """A row for `tadori.masked.NAME(x, *args, mask=mask, **options)`."""

    def call(room, x):
        return getattr(room, name)(x, *args, mask=given(x, mask), **options)

    def theirs(x):
        return call(importlib.import_module("torch").masked, x)

    title = " ".join(["masked", name, *map(str, args), *options])
    shape = (3, 4)
    ours = tadori.masked
    return Case(title, lambda x: call(ours, x), (shape,), torch=theirs, distinct=name != "prod")


ROW = MASK[:1]

CASES = [
    masked("sum", 1),
    masked("sum", (0, 1), keepdim=True),
    masked("prod", 1),
    masked("mean", 1),
    masked("median", 1),
    masked("var", 1, unbiased=False),
    masked("std", 1, correction=0, mask=ROW),
    masked("norm", 3.0, 1),
    masked("amax", 1),
    masked("amin", 1, keepdim=True),
    masked("logsumexp", 1),
    masked("cumsum", 1),
    masked("cumprod", 1),
    masked("softmax", 1),
    masked("softmin", 1),
    masked("normalize", 2.0, 1),
]
