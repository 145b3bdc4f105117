"""Large arrays on Numba: names and signatures of the kernels, for NumPy arrays.

A kernel returns NotImplemented for a case it does not serve, and the NumPy formula then computes.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from tadori.kernels import loss as losses
from tadori.kernels.numba_pool import FLOAT32, FLOATS, PIECE, run, served, settings, share
from tadori.kernels.window import Array, Ints

# ------------------------------------------------------------------------------------ activations


def relu(x: Array) -> Any:
    """As `activation.relu`, for float32."""
    return mapped("relu", x)


def relu_back(y: Array, gy: Array) -> Any:
    """As `activation.relu_back`, for float32."""
    return mapped("relu_back", y, gy)


def gelu(
    x: Array,
    *,
    approximate: str = "none",
) -> Any:
    """As `activation.gelu`, for float32."""
    return mapped({"none": "gelu", "tanh": "gelu_tanh"}.get(approximate), x)


def gelu_slope(
    x: Array,
    *,
    approximate: str = "none",
) -> Any:
    """As `activation.gelu_slope`, for float32."""
    return mapped({"none": "gelu_slope", "tanh": "gelu_tanh_slope"}.get(approximate), x)


def gelu_back(
    x: Array,
    gy: Array,
    *,
    approximate: str = "none",
) -> Any:
    """As `activation.gelu_back`, for float32."""
    return mapped({"none": "gelu_back", "tanh": "gelu_tanh_back"}.get(approximate), x, gy)


def mapped(
    name: str | None,
    *arrays: Array,
) -> Any:
    """A new array of what the loop `name` makes of the entries of `arrays`, of one shape."""
    found = served("loops", (FLOAT32,), *arrays)
    if found is None or name is None or not alike(arrays):
        return NotImplemented
    y = np.empty_like(arrays[0])
    flat = [x.reshape(-1) for x in (*arrays, y)]
    run(getattr(found, name), *flat)
    return y


def alike(arrays: tuple[Array, ...]) -> bool:
    """Whether all have the same shape."""
    shapes = {x.shape for x in arrays}
    return len(shapes) == 1


# -------------------------------------------------------------------------------------------- rows


def softmax(
    x: Array,
    *,
    axis: int,
) -> Any:
    """As `activation.softmax`, for float32 along the last axis."""
    return by_row("softmax", axis, x)


def attention_weights(
    scores: Array,
    *,
    scale: float,
    is_causal: bool,
) -> Any:
    """As `attention.attention_weights`, for float32."""
    found = served("rows", (FLOAT32,), scores)
    if found is None:
        return NotImplemented
    *_, queries, keys = scores.shape
    y = np.empty_like(scores)
    tables = [x.reshape(-1, queries, keys) for x in (scores, y)]
    run(found.attention_weights, *tables, also=(FLOAT32.type(scale), is_causal))
    return y


def softmax_back(
    y: Array,
    gy: Array,
    *,
    axis: int,
) -> Any:
    """As `activation.softmax_back`, for float32 along the last axis."""
    return by_row("softmax_back", axis, y, gy)


def log_softmax(
    x: Array,
    *,
    axis: int,
) -> Any:
    """As `activation.log_softmax`, for float32 along the last axis."""
    return by_row("log_softmax", axis, x)


def log_softmax_back(
    y: Array,
    gy: Array,
    *,
    axis: int,
) -> Any:
    """As `activation.log_softmax_back`, for float32 along the last axis."""
    return by_row("log_softmax_back", axis, y, gy)


def by_row(
    name: str,
    axis: int,
    *arrays: Array,
) -> Any:
    """A new array whose rows along the last axis the loop `name` makes of those of `arrays`."""
    first = arrays[0]
    found = served("rows", (FLOAT32,), *arrays)
    if found is None or axis not in (-1, first.ndim - 1) or not alike(arrays):
        return NotImplemented
    y = np.empty_like(first)
    tables = [x.reshape(-1, x.shape[-1]) for x in (*arrays, y)]
    run(getattr(found, name), *tables)
    return y


def cross_entropy(
    x: Array,
    target: Array,
    *,
    ignore_index: int = -100,
    reduction: str = "none",
) -> Any:
    """As `loss.cross_entropy`, for float32."""
    found = served("rows", (FLOAT32,), x)
    if found is None or target.shape != x.shape[:-1] or reduction not in losses.REDUCTIONS:
        return NotImplemented
    classes, counted, count = losses.counted_classes(target.ravel(), x.shape[-1], ignore_index)
    loss = np.empty(classes.size, x.dtype)
    run(found.cross_entropy, x.reshape(-1, x.shape[-1]), classes, loss)
    return losses.reduced(loss, counted, count, target.shape, reduction)


def cross_entropy_back(
    x: Array,
    target: Array,
    gy: Array,
    *,
    ignore_index: int,
    reduction: str,
) -> Any:
    """As `loss.cross_entropy_back`, for float32."""
    found = served("rows", (FLOAT32,), x)
    if found is None or gy.dtype != FLOAT32:
        return NotImplemented
    classes, counted, count = losses.counted_classes(target.ravel(), x.shape[-1], ignore_index)
    share = losses.shares(gy, counted, count, reduction)
    share = np.ascontiguousarray(np.broadcast_to(share, classes.shape), FLOAT32)
    gx = np.empty_like(x)
    scores = x.reshape(-1, x.shape[-1])
    run(found.cross_entropy_back, scores, classes, share, gx.reshape(scores.shape))
    return gx


def scatter_add(index: Array, source: Array, *, length: int) -> Any:
    """As `reference.scatter_add`, for an index without negative numbers.

    Each thread has a part of the result and looks for what belongs there: the order in which rows
    are added is always the same.
    """
    found = served("rows", FLOATS, source)
    row = source.shape[index.ndim :]
    if found is None or source.shape != (*index.shape, *row):
        return NotImplemented
    if index.dtype.kind not in "iu" or not length:
        return NotImplemented
    index = np.ascontiguousarray(index.reshape(-1), np.int64)
    rows = source.reshape(len(index), -1)
    total = np.empty((length, *row), source.dtype)
    flat = total.reshape(length, -1)
    count = max(1, min(settings.threads, flat.size // PIECE))
    cuts = [length * i // count for i in range(count + 1)]
    parts = pairwise(cuts)
    added = np.zeros(count, np.int64)
    jobs = [(index, rows, flat[a:b], a, added[i:]) for i, (a, b) in enumerate(parts)]
    share(found.scatter_add, jobs)
    return total if added.sum() == len(index) else NotImplemented


# ----------------------------------------------------------------------------------- normalisation


def normalize(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    axis: Ints,
    eps: float,
) -> Any:
    """As `normalization.normalize`, over the last axes."""
    found = served("rows", FLOATS, x)
    columns = row_length(x, axis)
    if found is None or not columns:
        return NotImplemented
    weight = as_row(x, weight, axis, 1)
    bias = as_row(x, bias, axis, 0)
    if weight is None or bias is None:
        return NotImplemented
    rows = x.size // columns
    y = np.empty_like(x)
    mean = np.empty(rows, x.dtype)
    var = np.empty(rows, x.dtype)
    tables = [a.reshape(rows, columns) for a in (x, y)]
    run(found.normalize, *tables, mean, var, also=(weight, bias, eps))
    kept = (*x.shape[: x.ndim - len(axis)], *[1] * len(axis))
    return y, mean.reshape(kept), var.reshape(kept)


def normalize_back(
    x: Array,
    gy: Array,
    gmean: Array,
    gvar: Array,
    mean: Array,
    var: Array,
    weight: Array | None = None,
    *,
    axis: Ints,
    eps: float,
) -> Any:
    """As `normalization.normalize_back`, over the last axes.

    The sums for weight and bias are taken here, in blocks of rows that depend on the size only.
    """
    found = served("rows", FLOATS, x, mean, var)
    columns = row_length(x, axis)
    if found is None or not columns:
        return NotImplemented
    weight = as_row(x, weight, axis, 1)
    if weight is None or any(a.dtype != x.dtype for a in (gy, gmean, gvar)):
        return NotImplemented
    rows = x.size // columns
    gx = np.empty_like(x)
    tables = [a.reshape(rows, columns) for a in (x, gy, gx)]
    numbers = [a.reshape(rows) for a in (gmean, gvar, mean, var)]
    each = [*map(np.ascontiguousarray, (*tables[:2], *numbers)), tables[2]]
    blocks = max(1, min(rows, 8, 2 * x.size // PIECE))
    sums = np.zeros((blocks, 2, columns), x.dtype)
    cuts = [rows * i // blocks for i in range(blocks + 1)]
    jobs = []
    for start, stop, both in zip(cuts, cuts[1:], sums):
        pieces = [a[start:stop] for a in each]
        jobs.append((*pieces, *both, weight, eps))
    share(found.normalize_back, jobs)
    gweight, gbias = sums.sum(0)
    shape = (*[1] * (x.ndim - len(axis)), *x.shape[-len(axis) :])
    return gx, gweight.reshape(shape), gbias.reshape(shape)


def row_length(
    x: Array,
    axis: Ints,
) -> int:
    """How many entries the axes have, if they are the last ones; else 0."""
    last = sorted(i % x.ndim for i in axis)
    if last != list(range(x.ndim - len(last), x.ndim)):
        return 0
    return math.prod(x.shape[i] for i in last)


def as_row(
    x: Array,
    vector: Array | None,
    axis: Ints,
    default: int,
) -> Array | None:
    """`vector`, that has the last axes of x only, flat; `default` everywhere if there is none.

    None if it has another shape or dtype.
    """
    ends = x.shape[-len(axis) :]
    if vector is None:
        return np.full(math.prod(ends), default, x.dtype)
    shape = (*[1] * (x.ndim - vector.ndim), *vector.shape)
    wanted = (*[1] * (x.ndim - len(axis)), *ends)
    if shape != wanted or vector.dtype != x.dtype:
        return None
    return np.ascontiguousarray(vector).reshape(-1)
