"""Rows for tadori/ops/reduce.py."""

from __future__ import annotations

import numpy as np

import tadori
from tadori import kernels
from tadori.methods.reduce import cdist, std_mean, var_mean

from .case import Case

INF = float("inf")


def both(name, method, *shapes, numpy=None, **more):
    """A row whose operation is a method of tensors, ours and PyTorch's."""
    return Case(name, method, shapes, numpy, method, **more)


def masked(x, *columns):
    """x with zeros in these columns, ours or PyTorch's."""
    mask = np.array([float(j not in columns) for j in range(x.shape[1])])
    ours = isinstance(x, tadori.Tensor)
    return x * (tadori.Tensor(mask.astype(x.dtype)) if ours else x.new_tensor(mask))


def recurrence(a, b):
    y = [b[:, 0]]
    for t in range(1, b.shape[1]):
        y.append(a[:, t] * y[-1] + b[:, t])
    return np.stack(y, axis=1)


CASES = [
    both("sum", lambda x: x.sum(), (3, 4), numpy=np.sum),
    both("sum of a number", lambda x: x.sum(0), (), numpy=np.sum),
    both("sum dim", lambda x: x.sum(1), (3, 4, 2), numpy=lambda x: x.sum(1)),
    both("sum dims keepdim", lambda x: x.sum((0, -1), True), (3, 4, 2)),
    both("sum of nothing", lambda x: x.sum(1), (3, 0), numpy=lambda x: x.sum(1)),
    both("sum axis", lambda x: x.sum(axis=0, keepdims=True), (3, 4)),
    Case("np.sum", lambda x: np.sum(x, axis=0), ((3, 4),), lambda x: np.sum(x, axis=0)),
    Case("np.add.reduce", lambda x: np.add.reduce(x), ((3, 4),), lambda x: np.add.reduce(x)),
    both("mean", lambda x: x.mean(), (3, 4), numpy=np.mean),
    both("mean dim", lambda x: x.mean(-1), (3, 4), numpy=lambda x: x.mean(-1)),
    both("mean dims keepdim", lambda x: x.mean((0, 2), keepdim=True), (3, 4, 2)),
    both("nansum", lambda x: x.nansum(0), (3, 4), numpy=lambda x: np.nansum(x, 0)),
    both("nanmean", lambda x: x.nanmean(0), (3, 4), numpy=lambda x: np.nanmean(x, 0)),
    both("prod", lambda x: x.prod(), (3, 4), numpy=np.prod),
    both("prod dim", lambda x: x.prod(1), (3, 4, 2), numpy=lambda x: x.prod(1)),
    both("prod keepdim", lambda x: x.prod(-1, keepdim=True), (2, 3)),
    both("prod with a zero", lambda x: masked(x[:1], 1).prod(), (2, 3)),
    both("prod with two zeros", lambda x: masked(x, 0, 2).prod(1), (2, 3)),
    Case(
        "np.prod over axes",
        lambda x: np.prod(x, axis=(0, 2), keepdims=True),
        ((2, 3, 2),),
        lambda x: np.prod(x, axis=(0, 2), keepdims=True),
    ),
    both("var", lambda x: x.var(), (3, 4), numpy=lambda x: x.var(ddof=1)),
    both("var dim", lambda x: x.var(1, correction=0), (3, 4), numpy=lambda x: x.var(1)),
    both("var dims keepdim", lambda x: x.var((0, 2), keepdim=True), (3, 4, 2)),
    both("std", lambda x: x.std(), (3, 4), numpy=lambda x: x.std(ddof=1)),
    both("std dim", lambda x: x.std(0, unbiased=False), (3, 4), numpy=lambda x: x.std(0)),
    both("std keepdim", lambda x: x.std(-1, keepdim=True), (3, 4)),
    Case("np.var", lambda x: np.var(x, axis=0), ((3, 4),), lambda x: np.var(x, axis=0)),
    Case("np.std", lambda x: np.std(x, ddof=1), ((3, 4),), lambda x: np.std(x, ddof=1)),
    Case("var_mean", lambda x: var_mean(x, 1), ((3, 4),), lambda x: (x.var(1, ddof=1), x.mean(1))),
    Case("std_mean", lambda x: std_mean(x, 1), ((3, 4),), lambda x: (x.std(1, ddof=1), x.mean(1))),
    both("max", lambda x: x.max(), (3, 4), numpy=np.max, distinct=True),
    both("max dim", lambda x: x.max(1), (3, 4, 2), distinct=True),
    both("max keepdim", lambda x: x.max(0, keepdim=True), (3, 4), distinct=True),
    both("max of two", lambda x, y: x.max(y), (3, 4), (4,), numpy=np.maximum),
    both("min", lambda x: x.min(), (3, 4), numpy=np.min, distinct=True),
    both("min dim", lambda x: x.min(-1), (3, 4), distinct=True),
    both("min of two", lambda x, y: x.min(y), (3, 4), (3, 1), numpy=np.minimum),
    both("amax", lambda x: x.amax((0, 1)), (3, 4, 2), distinct=True),
    both("amin", lambda x: x.amin(1, keepdim=True), (3, 4), distinct=True),
    both("aminmax", lambda x: x.aminmax(dim=0), (3, 4), distinct=True),
    Case("np.max", lambda x: np.max(x, axis=1), ((3, 4),), lambda x: x.max(1), distinct=True),
    Case("np.min", lambda x: np.min(x), ((3, 4),), np.min, distinct=True),
    both("argmax", lambda x: x.argmax(1), (3, 4), numpy=lambda x: x.argmax(1), first=False),
    both("argmin", lambda x: x.argmin(), (3, 4), numpy=np.argmin, first=False),
    both("all", lambda x: (x > -1).all(1), (3, 4), numpy=lambda x: (x > -1).all(1), first=False),
    both("any", lambda x: (x > 1).any(), (3, 4), numpy=lambda x: (x > 1).any(), first=False),
    both("count_nonzero", lambda x: x.count_nonzero(0), (3, 4), first=False),
    both("cumsum", lambda x: x.cumsum(1), (3, 4), numpy=lambda x: x.cumsum(1)),
    both("cumsum of a number", lambda x: x.cumsum(0), ()),
    Case("np.cumsum", np.cumsum, ((3, 2),), np.cumsum),
    both("cumprod", lambda x: x.cumprod(0), (4, 3), numpy=lambda x: x.cumprod(0)),
    both("cumprod with zeros", lambda x: masked(x, 1, 3).cumprod(1), (2, 5)),
    Case("np.cumprod", np.cumprod, ((3, 2),), np.cumprod),
    both("logcumsumexp", lambda x: x.logcumsumexp(-1), (3, 5)),
    both("cummax", lambda x: x.cummax(1), (3, 5), distinct=True),
    both("cummin", lambda x: x.cummin(0), (5, 3), distinct=True),
    both("diff", lambda x: x.diff(), (3, 4), numpy=np.diff),
    both("diff twice", lambda x: x.diff(2, 0), (4, 3), numpy=lambda x: np.diff(x, 2, 0)),
    both("diff prepend", lambda x, y: x.diff(prepend=y), (3, 4), (3, 1)),
    Case(
        "recurrence",
        lambda a, b: kernels.recurrence(a, b, axis=1),
        ((3, 5), (3, 5)),
        recurrence,
    ),
    Case(
        "recurrence reversed",
        lambda a, b: kernels.recurrence(a, b, axis=0, reverse=True),
        ((6, 2), (6, 2)),
        lambda a, b: recurrence(a[::-1].T, b[::-1].T).T[::-1],
    ),
    both("norm", lambda x: x.norm(), (3, 4), numpy=np.linalg.norm),
    both("norm dim", lambda x: x.norm(dim=1), (3, 4)),
    both("norm dims keepdim", lambda x: x.norm(2, (0, 2), True), (3, 4, 2)),
    both("norm 1", lambda x: x.norm(1, 0), (3, 4)),
    both("norm 3", lambda x: x.norm(3), (3, 4), numpy=lambda x: (np.abs(x) ** 3).sum() ** (1 / 3)),
    both("norm 0.5", lambda x: x.norm(0.5, -1), (3, 4)),
    both("norm inf", lambda x: x.norm(INF, 1), (3, 4), distinct=True),
    both("norm -inf", lambda x: x.norm(-INF), (3, 4), domain=(-1.0, 3.1), distinct=True),
    both("norm 0", lambda x: x.norm(0, 1), (3, 4), first=False),
    both("dist", lambda x, y: x.dist(y, 3), (3, 4), (4,)),
    Case(
        "cdist",
        cdist,
        ((2, 3, 4), (5, 4)),
        lambda a, b: np.sqrt(((a[:, :, None] - b[None, None]) ** 2).sum(-1)),
    ),
    Case(
        "np.linalg.norm",
        lambda x: np.linalg.norm(x, axis=1),
        ((3, 4),),
        lambda x: np.linalg.norm(x, axis=1),
    ),
    Case(
        "norm of rows",
        lambda x: np.linalg.norm(x, np.inf),
        ((3, 4),),
        lambda x: np.linalg.norm(x, np.inf),
    ),
    Case(
        "norm of columns", lambda x: np.linalg.norm(x, 1), ((3, 4),), lambda x: np.linalg.norm(x, 1)
    ),
    both("median", lambda x: x.median(), (3, 3), numpy=np.median, distinct=True),
]
