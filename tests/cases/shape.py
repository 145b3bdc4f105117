"""Rows for tadori/ops/shape.py and tadori/methods/shape.py."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .case import Case


def row(name, function, shape, numpy):
    """A row whose function is written the same way for Tadori and for PyTorch."""
    return Case(name, function, (shape,), numpy, function)


METHODS = [
    row("reshape", lambda x: x.reshape(4, -1), (2, 3, 4), lambda x: x.reshape(4, 6)),
    row("reshape of nothing", lambda x: x.reshape(0, 5), (3, 0), lambda x: x.reshape(0, 5)),
    row("reshape to a number", lambda x: x.reshape(()), (1, 1), lambda x: x.reshape(())),
    row("view", lambda x: x.view(6, 2), (3, 4), lambda x: x.reshape(6, 2)),
    row("view_as", lambda x: x.view_as(x.t()), (3, 4), lambda x: x.reshape(4, 3)),
    row("reshape_as", lambda x: x.reshape_as(x.t()), (3, 4), lambda x: x.reshape(4, 3)),
    row("flatten", lambda x: x.flatten(), (2, 3, 4), np.ravel),
    row("flatten some", lambda x: x.flatten(1, -1), (2, 3, 4), lambda x: x.reshape(2, 12)),
    row("flatten a number", lambda x: x.flatten(), (), np.ravel),
    row("unflatten", lambda x: x.unflatten(1, (2, -1)), (3, 4), lambda x: x.reshape(3, 2, 2)),
    row("ravel", lambda x: x.ravel(), (3, 4), np.ravel),
    row("squeeze", lambda x: x.squeeze(), (1, 3, 1), np.squeeze),
    row("squeeze one", lambda x: x.squeeze(-1), (1, 3, 1), lambda x: x[..., 0]),
    row("squeeze an axis that stays", lambda x: x.squeeze(1), (1, 3, 1), lambda x: x),
    row("squeeze several", lambda x: x.squeeze((0, 1)), (1, 3, 1), lambda x: x[0]),
    row("squeeze a number", lambda x: x.squeeze(0), (), lambda x: x),
    row("unsqueeze", lambda x: x.unsqueeze(-1), (3, 4), lambda x: x[..., None]),
    row("expand", lambda x: x.expand(2, -1, 4), (3, 1), lambda x: np.broadcast_to(x, (2, 3, 4))),
    row("expand_as", lambda x: x[:1].expand_as(x), (3, 4), lambda x: x[[0, 0, 0]]),
    row("broadcast_to", lambda x: x.broadcast_to((2, 3)), (3,), lambda x: np.stack([x, x])),
    row("T", lambda x: x.T, (3, 4), np.transpose),
    row("mT", lambda x: x.mT, (2, 3, 4), lambda x: x.swapaxes(1, 2)),
    row("t", lambda x: x.t(), (3, 4), np.transpose),
    row("t of a vector", lambda x: x.t(), (3,), np.transpose),
    row("transpose", lambda x: x.transpose(0, -1), (2, 3, 4), lambda x: x.swapaxes(0, 2)),
    row("swapaxes", lambda x: x.swapaxes(0, 1), (2, 3, 4), lambda x: x.swapaxes(0, 1)),
    row("permute", lambda x: x.permute(2, 0, -2), (2, 3, 4), lambda x: x.transpose(2, 0, 1)),
    row("movedim", lambda x: x.movedim(0, -1), (2, 3, 4), lambda x: np.moveaxis(x, 0, -1)),
    row(
        "movedim several",
        lambda x: x.movedim((2, 0), (0, 1)),
        (2, 3, 4),
        lambda x: np.moveaxis(x, (2, 0), (0, 1)),
    ),
    row("flip", lambda x: x.flip(0, -1), (2, 3, 4), lambda x: x[::-1, :, ::-1]),
    row("fliplr", lambda x: x.fliplr(), (3, 4), np.fliplr),
    row("flipud", lambda x: x.flipud(), (3, 4), np.flipud),
    row("roll", lambda x: x.roll(2), (3, 4), lambda x: np.roll(x, 2)),
    row(
        "roll axes",
        lambda x: x.roll((1, -2), (0, 1)),
        (3, 4),
        lambda x: np.roll(x, (1, -2), (0, 1)),
    ),
    *(
        row(f"rot90 {k}", lambda x, k=k: x.rot90(k), (2, 3), lambda x, k=k: np.rot90(x, k))
        for k in (-1, 0, 1, 2)
    ),
    row("tril", lambda x: x.tril(-1), (2, 4, 3), lambda x: np.tril(x, -1)),
    row("triu", lambda x: x.triu(), (3, 4), np.triu),
    row("repeat", lambda x: x.repeat(2, 1, 3), (3, 4), lambda x: np.tile(x, (2, 1, 3))),
    row("repeat zero times", lambda x: x.repeat(0, 2), (3, 4), lambda x: np.tile(x, (0, 2))),
    row("tile", lambda x: x.tile(2), (3, 4), lambda x: np.tile(x, 2)),
    row("repeat_interleave", lambda x: x.repeat_interleave(2), (2, 3), lambda x: np.repeat(x, 2)),
    row(
        "repeat_interleave axis",
        lambda x: x.repeat_interleave(3, dim=-1),
        (2, 3),
        lambda x: np.repeat(x, 3, -1),
    ),
    row("select", lambda x: x.select(1, -1), (3, 4), lambda x: x[:, -1]),
    row("narrow", lambda x: x.narrow(-1, 1, 2), (3, 4), lambda x: x[:, 1:3]),
    row(
        "Tensor.unfold",
        lambda x: x.unfold(0, 3, 2),
        (8, 2),
        lambda x: sliding_window_view(x, 3, 0)[::2],
    ),
    row(
        "Tensor.unfold inner",
        lambda x: x.unfold(1, 2, 1),
        (2, 4, 3),
        lambda x: sliding_window_view(x, 2, 1),
    ),
]

PADS = [
    Case(
        f"np.pad {mode}",
        lambda x, mode=mode: np.pad(x, ((2, 1), (0, 2)), mode=mode),
        ((3, 4),),
        lambda x, mode=mode: np.pad(x, ((2, 1), (0, 2)), mode=mode),
    )
    for mode in ("constant", "reflect", "symmetric", "edge", "wrap")
]

NUMPY = [
    Case("np.ravel", np.ravel, ((3, 4),), np.ravel),
    Case("np.copy", np.copy, ((3, 4),), np.copy, lambda x: x.clone()),
    Case("np.transpose", np.transpose, ((2, 3, 4),), np.transpose),
    Case(
        "np.moveaxis", lambda x: np.moveaxis(x, 0, 2), ((2, 3, 4),), lambda x: np.moveaxis(x, 0, 2)
    ),
    Case("np.flip", np.flip, ((3, 4),), np.flip),
    Case(
        "np.repeat counts",
        lambda x: np.repeat(x, [2, 0, 1], 0),
        ((3, 2),),
        lambda x: np.repeat(x, [2, 0, 1], 0),
    ),
    Case("np.atleast_1d", np.atleast_1d, ((),), np.atleast_1d),
    Case("np.atleast_2d", np.atleast_2d, ((3,), (2, 1)), np.atleast_2d),
    Case("np.atleast_3d", np.atleast_3d, ((3,), (2, 3)), np.atleast_3d),
    Case("np.broadcast_arrays", np.broadcast_arrays, ((3, 1), (2,)), np.broadcast_arrays),
    Case(
        "pad with a number",
        lambda x: np.pad(x, 2, constant_values=7.5),
        ((3,),),
        lambda x: np.pad(x, 2, constant_values=7.5),
    ),
    *(Case(f.__name__, f, ((3, 4),), f, first=False) for f in (np.zeros_like, np.ones_like)),
    Case(
        "full_like",
        lambda x: np.full_like(x, 2.5, shape=(2, 2)),
        ((3, 4),),
        lambda x: np.full_like(x, 2.5, shape=(2, 2)),
        first=False,
    ),
    Case(
        "empty_like",
        lambda x: np.empty_like(x, shape=(0, 2)),
        ((3, 4),),
        lambda x: np.empty_like(x, shape=(0, 2)),
        first=False,
    ),
]

CASES = METHODS + PADS + NUMPY
