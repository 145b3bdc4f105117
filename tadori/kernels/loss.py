"""Losses in plain NumPy that are computed in one piece, for their stability and speed."""

from __future__ import annotations

import numpy as np

from tadori.kernels.window import Array, require_shape


def cross_entropy(x: Array, target: Array, *, ignore_index: int = -100) -> tuple[Array, Array]:
    """-log softmax(x)[target], and log sum exp(x), over the last axis; no power overflows.

    x (*any, C) scores, target (*any) integers in [0, C) -> loss and lse, both (*any). Where target
    is ignore_index, the loss is 0. Raises IndexError for any other class that does not exist.
    """
    require_shape("cross_entropy", "target", target.shape, x.shape[:-1])
    classes = x.shape[-1]
    ignored = target == ignore_index
    chosen = np.where(ignored, 0, target)
    check_classes(chosen, classes)
    top = np.max(x, axis=-1, keepdims=True)
    lse = np.log(np.sum(np.exp(x - top), axis=-1)) + top[..., 0]
    score = np.take_along_axis(x, chosen[..., None], axis=-1)[..., 0]
    return np.where(ignored, 0, lse - score), lse


def check_classes(target: Array, classes: int) -> None:
    """Raise an IndexError that names a class outside [0, classes)."""
    if target.size == 0:
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
