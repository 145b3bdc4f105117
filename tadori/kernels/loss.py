"""Losses in plain NumPy that are computed in one piece, for their stability and speed."""

from __future__ import annotations

import math

import numpy as np

from tadori.kernels.window import Array, Ints, require, require_shape


def cross_entropy(
    x: Array,
    target: Array,
    *,
    ignore_index: int = -100,
    reduction: str = "none",
) -> Array:
    """-log softmax(x)[target] = log sum exp(x) - x[target], counted from max(x).

    x (*any, C) scores, target (*any) integers in [0, C) -> loss (*any) or, by the reduction "sum"
    or "mean", one number. Targets equal to ignore_index have loss 0, and do not count in the mean.
    Raises IndexError for a class that does not exist.
    """
    require(reduction in REDUCTIONS, "cross_entropy", f"reduction={reduction!r}")
    require_shape("cross_entropy", "target", target.shape, x.shape[:-1])
    scores = x.reshape(-1, x.shape[-1])
    classes, counted, count = counted_classes(target, x.shape[-1], ignore_index)
    top = np.maximum.reduce(scores, axis=-1)
    scores = scores - top[:, None]  # so that no power overflows
    loss = np.log(np.add.reduce(np.exp(scores), axis=-1))
    loss -= scores.reshape(-1)[places(classes, x.shape[-1])]
    return reduced(loss, counted, count, target.shape, reduction)


def reduced(
    loss: Array,
    counted: Array | None,
    count: int,
    shape: Ints,
    reduction: str,
) -> Array:
    """The losses, (N,), as `reduction` says: in the shape of the targets, or one number."""
    if counted is not None:
        loss[~counted] = 0
    if reduction == "none":
        return loss.reshape(shape)
    total = np.add.reduce(loss)
    if reduction == "mean":
        total = total / count if count else total * math.nan
    return np.asarray(total, loss.dtype)


REDUCTIONS = ("none", "sum", "mean")


def cross_entropy_back(
    x: Array,
    target: Array,
    gy: Array,
    *,
    ignore_index: int,
    reduction: str,
) -> Array:
    """The gradient of x in `cross_entropy`: (softmax(x) - onehot(target)) g.

    g is the share of each target in gy, 0 for an ignored one. x (*any, C), target (*any), gy of the
    loss's shape.
    """
    classes, counted, count = counted_classes(target, x.shape[-1], ignore_index)
    share = shares(gy, counted, count, reduction)
    scores = x.reshape(-1, x.shape[-1])
    gx = scores - np.maximum.reduce(scores, axis=-1)[:, None]
    np.exp(gx, gx)
    gx *= (share / np.add.reduce(gx, axis=-1))[:, None]
    gx.reshape(-1)[places(classes, x.shape[-1])] -= share
    return gx.reshape(x.shape)


def shares(
    gy: Array,
    counted: Array | None,
    count: int,
    reduction: str,
) -> Array:
    """The part that each target has in gy: (N,), 0 for one that is left out; or one for all, ()."""
    if reduction == "mean":
        gy = gy / max(count, 1)  # where none counts, the gradient is 0
    share = gy.ravel() if reduction == "none" else gy
    return share if counted is None else share * counted


def counted_classes(
    target: Array, classes: int, ignore_index: int
) -> tuple[Array, Array | None, int]:
    """The targets, (N,), with 0 for ignore_index; which of them count, or None if all; how many.

    That all are plain classes is found by one pass. Raises IndexError for no class.
    """
    target = target.ravel()
    if within(target, classes) and not 0 <= ignore_index < classes:
        return target, None, target.size
    counted = target != ignore_index
    target = np.where(counted, target, 0)
    check_classes(target, classes)
    return target, counted, int(np.count_nonzero(counted))


def within(target: Array, classes: int) -> bool:
    """Whether 0 <= target < classes everywhere: as unsigned, negative numbers are the greatest."""
    if target.dtype == np.int64 and target.size and target.flags.c_contiguous:
        return bool(np.maximum.reduce(target.view(np.uint64), axis=None) < classes)
    return target.size == 0 or bool(target.min() >= 0 and target.max() < classes)


def places(target: Array, classes: int) -> Array:
    """Where the scores of the targets stand in the flat array of all scores, (N * classes,)."""
    return target + np.arange(0, target.size * classes, classes, like=target)


def check_classes(target: Array, classes: int) -> None:
    """Raise an IndexError that names a class outside [0, classes)."""
    if within(target, classes):
        return
    low, high = int(target.min()), int(target.max())
    if low < 0 or high >= classes:
        raise IndexError(
            f"Target {low if low < 0 else high} is out of bounds: there are {classes} classes, "
            f"0 to {classes - 1}. Remedy: count the labels from 0, give the scores as many classes "
            "as there are labels, or set ignore_index"
        )


def binary_cross_entropy(p: Array, target: Array) -> Array:
    """-(target log p + (1 - target) log(1 - p)), p in [0, 1]; each logarithm is at least -100.

    Raises RuntimeError for a p that is no probability.
    """
    if p.size and not (p.min() >= 0 and p.max() <= 1):
        raise RuntimeError(
            f"all elements of input should be between 0 and 1, got {p.min()} to {p.max()}. Remedy: "
            "binary_cross_entropy_with_logits takes scores of any size"
        )
    return -(target * bounded_log(p) + (1 - target) * bounded_log(1 - p))


def bounded_log(p: Array) -> Array:
    """log p, at least -100."""
    positive = p > 0
    return np.where(positive, np.maximum(np.log(np.where(positive, p, 1.0)), -100.0), -100.0)
