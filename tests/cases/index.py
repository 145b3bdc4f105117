"""Rows for tadori/ops/index.py and tadori/methods/index.py."""

from __future__ import annotations

import numpy as np

import tadori
from tadori import kernels
from tadori.kernels.indexing import ARRAY

from .case import Case


def places(x, values):
    """An index tensor of the library that x is from; for an array, an array."""
    if isinstance(x, np.ndarray):
        return np.array(values)
    if isinstance(x, tadori.Tensor):
        return tadori.Tensor(np.array(values))
    import torch

    return torch.tensor(values)


def row(name, function, *shapes, numpy=None):
    """A row whose function is written the same way for Tadori and for PyTorch."""
    return Case(name, function, shapes, numpy, function)


def both(name, function, *shapes):
    """A row whose function is written the same way for NumPy as well."""
    return Case(name, function, shapes, function, function)


def assigned(index):
    """x * 1 with x[index] = value."""

    def call(x, value):
        x = x * 1
        x[index(x) if callable(index) else index] = value
        return x

    return call


READ = [
    both("x[i]", lambda x: x[1], (3, 4)),
    both("x[i, j]", lambda x: x[-1, 2], (3, 4)),
    both("x[a:b]", lambda x: x[:, 1:3], (3, 4)),
    both("x[a:b:c]", lambda x: x[::2, 1::3], (5, 6)),
    both("x[..., i]", lambda x: x[..., 0], (2, 3, 4)),
    both("x[None]", lambda x: x[:, None, 1], (3, 4)),
    both("x[...]", lambda x: x[...], (3, 4)),
    both("x[()]", lambda x: x[()], (3,)),
    both("x[list]", lambda x: x[[0, 2, 0]], (3, 4)),
    both("x[tensor]", lambda x: x[places(x, [[0, -1], [1, 0]])], (3, 4)),
    both("x[:, tensor]", lambda x: x[:, places(x, [1, 1, 3])], (3, 4)),
    both("x[tensor, tensor]", lambda x: x[places(x, [0, 2, 2]), places(x, [3, 1, 1])], (3, 4)),
    both("x[tensor, :, tensor]", lambda x: x[places(x, [0, 1]), :, places(x, [3, 3])], (2, 3, 4)),
    both("x[tensor, i]", lambda x: x[places(x, [0, 1, 1]), 2], (2, 3)),
    both("x[crossed]", lambda x: x[places(x, [[0], [1]]), places(x, [0, 2, 2])], (2, 3)),
    both("x[a:b, tensor]", lambda x: x[1:, places(x, [2, 2])], (3, 4)),
    both("x[None, tensor]", lambda x: x[None, places(x, [2, 0])], (3, 4)),
    both("x[mask]", lambda x: x[places(x, [True, False, True])], (3, 4)),
    both("x[full mask]", lambda x: x[x > 0], (3, 4)),
    both("x[mask, i]", lambda x: x[places(x, [True, False, True]), 1], (3, 4)),
    both("x[:, mask]", lambda x: x[:, places(x, [True, False, True, True])], (3, 4)),
    both("x[empty]", lambda x: x[[]], (3, 4)),
    Case("x[::-1]", lambda x: x[::-1, ::-2], ((3, 4),), lambda x: x[::-1, ::-2]),
    row("index_select", lambda x: x.index_select(1, places(x, [3, 0, 3])), (3, 4)),
    row("gather", lambda x: x.gather(1, places(x, [[0, 0], [3, 1]])), (3, 4)),
    row("gather rows", lambda x: x.gather(0, places(x, [[0, 2, 0]])), (3, 4)),
    row("gather deep", lambda x: x.gather(1, places(x, [[[0], [2]], [[1], [1]]])), (2, 3, 2)),
    row("gather a number", lambda x: x.gather(0, places(x, 0)), ()),
    row("take", lambda x: x.take(places(x, [[0, 7], [7, -1]])), (3, 4)),
    row("take_along_dim", lambda x: x.take_along_dim(places(x, [[1, 1, 3]]), 1), (3, 4)),
    row("take_along_dim flat", lambda x: x.take_along_dim(places(x, [1, 1, 11])), (3, 4)),
    row("masked_select", lambda x: x.masked_select(places(x, [True, False, True])), (2, 3)),
    Case(
        "np.take", lambda x: np.take(x, [2, 2, 0], 1), ((2, 3),), lambda x: np.take(x, [2, 2, 0], 1)
    ),
    Case(
        "np.take clip",
        lambda x: np.take(x, [9, 0], 1, mode="clip"),
        ((2, 3),),
        lambda x: np.take(x, [9, 0], 1, mode="clip"),
    ),
]

WRITTEN = [
    row("x[i] = v", assigned(1), (3, 4), (4,)),
    row("x[i] = number", assigned((1, 2)), (3, 4), ()),
    row("x[a:b] = v", assigned((slice(None), slice(1, 3))), (3, 4), (3, 1)),
    row("x[a:b] = v with leading axes", assigned(slice(0, 2)), (3, 4), (1, 1, 4)),
    row("x[...] = v", assigned(...), (3, 4), (4,)),
    row("x[tensor] = v", assigned(lambda x: places(x, [2, 0])), (3, 4), (2, 4)),
    row("x[:, tensor] = v", assigned(lambda x: (slice(None), places(x, [2, 0]))), (3, 4), (2,)),
    row("x[mask] = v", assigned(lambda x: x > 0), (3, 4), ()),
    row("x[rows] = v", assigned(lambda x: places(x, [True, False, True])), (3, 4), (2, 4)),
    row("scatter", lambda x, src: x.scatter(1, places(x, [[0, 2], [3, 1]]), src), (3, 4), (2, 2)),
    row("scatter number", lambda x: x.scatter(0, places(x, [[0, 2, 0]]), 2.5), (3, 4)),
    Case(
        "scatter add",
        lambda x, src: x.scatter(1, places(x, [[0, 0], [3, 1]]), src, reduce="add"),
        ((3, 4), (2, 2)),
        None,
        lambda x, src: x.scatter_add(1, places(x, [[0, 0], [3, 1]]), src),
    ),
    Case(
        "scatter from a larger source",
        lambda x, src: x.scatter(0, places(x, [[2], [1]]), src),
        ((3, 2), (3, 2)),
        lambda x, src: np.array([x[0], [src[1, 0], x[1, 1]], [src[0, 0], x[2, 1]]]),
    ),
    row(
        "scatter_add",
        lambda x, src: x.scatter_add(0, places(x, [[0, 0, 1], [2, 0, 1]]), src),
        (3, 4),
        (2, 3),
    ),
    row(
        "index_add",
        lambda x, src: x.index_add(1, places(x, [0, 2, 0]), src, alpha=3),
        (2, 4),
        (2, 3),
    ),
    row("index_copy", lambda x, src: x.index_copy(0, places(x, [2, 0]), src), (3, 4), (2, 4)),
    row("index_fill", lambda x: x.index_fill(1, places(x, [2, 0]), 1.5), (3, 4)),
    row(
        "index_put",
        lambda x, v: x.index_put((places(x, [2, 0]), places(x, [1, 1])), v),
        (3, 4),
        (2,),
    ),
    row(
        "index_put accumulate",
        lambda x, v: x.index_put((places(x, [2, 2]), places(x, [1, 1])), v, accumulate=True),
        (3, 4),
        (),
    ),
    row("masked_fill", lambda x: x.masked_fill(places(x, [True, False, True]), 2.5), (2, 3)),
    row(
        "masked_scatter",
        lambda x, src: x.masked_scatter(places(x, [[True, False], [True, True]]), src),
        (2, 2),
        (4,),
    ),
]

PLAIN = [
    Case(
        "kernels.scatter_add",
        lambda x: kernels.scatter_add(places(x, [[0, 2], [0, -1]]), x, length=3),
        ((2, 2, 3),),
    ),
    Case(
        "kernels.put",
        lambda x, v: kernels.put(x, v, places(x, [0, 2]), pattern=(slice(None), ARRAY)),
        ((3, 4), (2,)),
    ),
    Case(
        "kernels.standing",
        lambda x: kernels.standing(places(x, [0, 2, 0]), pattern=(ARRAY,), shape=(3,)),
        ((),),
        lambda x: np.array([False, True, True]),
        first=False,
    ),
    Case("np.argwhere", np.argwhere, ((3, 4),), np.argwhere, first=False),
    Case("np.nonzero", np.nonzero, ((3, 4),), np.nonzero, first=False),
    Case(
        "np.searchsorted",
        lambda v: np.searchsorted(v * 0 + np.arange(3.0), v),
        ((3,),),
        lambda v: np.searchsorted(np.arange(3.0), v),
        first=False,
    ),
]

CASES = READ + WRITTEN + PLAIN
