"""Rows for tadori/methods/parts.py, stride.py and tadori/functions/copies.py."""

from __future__ import annotations

import importlib

import numpy as np

from .case import Case


def library(x):
    """tadori for a Tensor, torch for one of PyTorch's."""
    return importlib.import_module(type(x).__module__.partition(".")[0])


def row(name, function, *shapes, numpy=None):
    """A row whose function is written the same way for Tadori and for PyTorch."""
    return Case(name, function, shapes, numpy, function)


def copied(name, *options, shape=(3, 4)):
    """A row for a view's twin that copies."""
    return row(name, lambda x: getattr(library(x), name)(x, *options), shape)


CASES = [
    row("hsplit", lambda x: x.hsplit(2), (3, 4), numpy=lambda x: np.hsplit(x, 2)),
    row("vsplit", lambda x: x.vsplit((1,)), (3, 4), numpy=lambda x: np.vsplit(x, (1,))),
    row("dsplit", lambda x: x.dsplit(2), (2, 3, 4), numpy=lambda x: np.dsplit(x, 2)),
    row("split_with_sizes", lambda x: x.split_with_sizes([1, 3], 1), (3, 4)),
    row("unsafe_chunk", lambda x: x.unsafe_chunk(2, 1), (3, 4)),
    row("unsafe_split", lambda x: x.unsafe_split(3, -1), (3, 4)),
    row("narrow_copy", lambda x: x.narrow_copy(1, 1, 2), (3, 4), numpy=lambda x: x[:, 1:3]),
    row("sum_to_size", lambda x: x.sum_to_size(3, 1), (2, 3, 4)),
    row("select_scatter", lambda x, src: x.select_scatter(src, 1, -2), (3, 4), (3,)),
    row("slice_scatter", lambda x, src: x.slice_scatter(src, 1, 1, 4, 2), (3, 4), (3, 2)),
    row("diagonal_scatter", lambda x, src: x.diagonal_scatter(src, -1), (3, 4), (2,)),
    row("diagonal_scatter in", lambda x, s: x.diagonal_scatter(s, 1, 2, 0), (3, 2, 4), (2, 2)),
    row("as_strided", lambda x: (x * 1).as_strided((2, 3), (3, 1), 2), (3, 4)),
    row("as_strided that sees twice", lambda x: (x * 1).as_strided((3, 2), (1, 1)), (3, 4)),
    row("as_strided of a part", lambda x: (x * 1)[1:, 1:].as_strided((2, 2), (4, 1), 5), (3, 4)),
    Case(
        "as_strided_scatter",
        lambda x, src: (x * 1).as_strided_scatter(src, (2, 2), (1, 3), 1),
        ((2, 4), (2, 2)),
    ),
    copied("alias_copy"),
    row("as_strided_copy", lambda x: library(x).as_strided_copy(x * 1, (2, 2), (1, 2)), (3, 4)),
    copied("diagonal_copy", 1),
    copied("expand_copy", (2, 3, 4)),
    copied("permute_copy", (1, 0)),
    copied("select_copy", 0, 1),
    copied("slice_copy", 1, 1, 3),
    copied("split_copy", 2),
    copied("split_with_sizes_copy", [2, 1]),
    copied("squeeze_copy", 0, shape=(1, 3)),
    copied("t_copy"),
    copied("transpose_copy", 0, 1),
    copied("unbind_copy", 1),
    copied("unfold_copy", 1, 2, 1),
    copied("unsqueeze_copy", 1),
    copied("view_copy", (4, 3)),
    row("atleast_3d", lambda x: library(x).atleast_3d(x), (3, 4), numpy=np.atleast_3d),
    row("atleast_1d of several", lambda x, y: library(x).atleast_1d((x, y)), (), (2,)),
    row("fill", lambda x: library(x).fill(x, 2.0), (2, 2), numpy=lambda x: np.full((2, 2), 2.0)),
]
