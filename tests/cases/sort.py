"""Rows for tadori/ops/sort.py."""

from __future__ import annotations

import numpy as np

import tadori
from tadori import kernels

from .case import Case


def both(name, method, shape, numpy=None, **more):
    """A row whose operation is a method of tensors, ours and PyTorch's."""
    return Case(name, method, (shape,), numpy, method, distinct=True, **more)


def bins(x):
    """The samples, in [-2, 2), as integers 0 to 3, with themselves as weights."""
    if isinstance(x, tadori.Tensor):
        return np.floor(x.array + 2).astype(np.int64)
    return np.floor(x + 2).astype(np.int64)


ODD = tadori.Tensor(np.array([[3, 1]] * 3))

CASES = [
    both("sort", lambda x: x.sort(), (3, 5)),
    both("sort descending", lambda x: x.sort(0, descending=True), (5, 3)),
    both("sort of a number", lambda x: x.sort(), ()),
    both("argsort", lambda x: x.argsort(1), (3, 5), lambda x: x.argsort(1), first=False),
    both("msort", lambda x: x.msort(), (5, 3)),
    Case("np.sort", np.sort, ((3, 4),), np.sort, distinct=True),
    Case("np.argsort", np.argsort, ((3, 4),), np.argsort, first=False, distinct=True),
    both("topk", lambda x: x.topk(2), (3, 5)),
    both("topk smallest", lambda x: x.topk(3, 0, largest=False), (5, 3)),
    both("topk of all", lambda x: x.topk(4, 1), (3, 4)),
    both("topk of many", lambda x: x.topk(3), (2, 40)),
    both("kthvalue", lambda x: x.kthvalue(2, 1), (3, 4)),
    both("kthvalue keepdim", lambda x: x.kthvalue(3, 0, True), (3, 4)),
    both("median dim", lambda x: x.median(1), (3, 4)),
    both("median keepdim", lambda x: x.median(0, True), (3, 4)),
    both("mode", lambda x: x.mode(1), (3, 4)),
    Case(
        "np.median",
        lambda x: np.median(x, axis=1),
        ((3, 4),),
        lambda x: np.median(x, 1),
        distinct=True,
    ),
    both("quantile", lambda x: x.quantile(0.3), (3, 5), lambda x: np.quantile(x, 0.3)),
    both("quantile dim", lambda x: x.quantile(0.6, 1, keepdim=True), (3, 5)),
    both("quantile nearest", lambda x: x.quantile(0.3, 0, interpolation="nearest"), (5, 3)),
    both("quantile higher", lambda x: x.quantile(0.3, 0, interpolation="higher"), (5, 3)),
    Case(
        "quantiles",
        lambda x: np.quantile(x, np.array([0.1, 0.5]), axis=0),
        ((3, 5),),
        lambda x: np.quantile(x, [0.1, 0.5], axis=0),
        distinct=True,
    ),
    both("unique", lambda x: x.unique(), (3, 4), np.unique, first=False),
    Case(
        "bincount",
        lambda x: np.bincount(tadori.Tensor(bins(x)), x),
        ((9,),),
        lambda x: np.bincount(bins(x), x),
        first=False,
    ),
    Case(
        "put_along",
        lambda x: kernels.put_along(x, ODD, axis=1, length=4),
        ((3, 2),),
        lambda x: np.stack([x[:, 0] * 0, x[:, 1], x[:, 0] * 0, x[:, 0]], axis=1),
    ),
    both("histc", lambda x: x.histc(5, -2, 2), (20,), first=False),
]
