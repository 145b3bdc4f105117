"""Losses that ask for a margin: between classes, between pairs, between neighbours and others."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ... import kernels
from ...language import np
from ...tensor import Tensor
from .distance import cosine_similarity, pairwise_distance
from .reduction import reduced, takes_older_options


@takes_older_options
def soft_margin_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """log(1 + exp(-t x)), t = 1 or -1."""
    return reduced(kernels.softplus(-target * input, threshold=math.inf), reduction)


@takes_older_options
def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, *, reduction: str = "mean"
) -> Tensor:
    """x where t = 1, max(0, margin - x) where t = -1."""
    far = np.where(target != 1, np.maximum(margin - input, 0.0), 0.0)
    return reduced(far + np.where(target != -1, input, 0.0), reduction)


@takes_older_options
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, *, reduction: str = "mean"
) -> Tensor:
    """max(0, margin - t (x1 - x2)): t = 1 asks for x1 above x2, t = -1 for the reverse."""
    return reduced(np.maximum(margin - target * (input1 - input2), 0.0), reduction)


@takes_older_options
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, *, reduction: str = "mean"
) -> Tensor:
    """1 - cos(x1, x2) where t = 1, max(0, cos - margin) where t = -1."""
    cosine = cosine_similarity(input1, input2, dim=-1)
    return reduced(np.where(target == 1, 1 - cosine, np.maximum(cosine - margin, 0.0)), reduction)


@takes_older_options
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Tensor:
    """max(0, |a - positive| - |a - negative| + margin).

    swap: the negative counts from the positive, where that is nearer to it (Balntas et al., 2016).
    """
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")

    def distance(x1: Tensor, x2: Tensor) -> Tensor:
        return pairwise_distance(x1, x2, p, eps)

    return triplet(distance, anchor, positive, negative, margin, swap, reduction)


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """`triplet_margin_loss` with a distance of one's own, by default `pairwise_distance`."""
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of "
            f"dimensions, but got: anchor {anchor.ndim}D, positive {positive.ndim}D, and negative "
            f"{negative.ndim}D inputs"
        )
    distance = distance_function or pairwise_distance
    return triplet(distance, anchor, positive, negative, margin, swap, reduction)


def triplet(
    distance: Callable[[Tensor, Tensor], Tensor],
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float,
    swap: bool,
    reduction: str,
) -> Tensor:
    """What the two losses of triplets share."""
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = np.minimum(far, distance(positive, negative))
    return reduced(np.maximum(near - far + margin, 0.0), reduction)


# ------------------------------------------------------------------------------------ many classes


@takes_older_options
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    """The mean over all classes but t of max(0, margin - x[t] + x[class])^p; p is 1 or 2.

    input (N, C) or (C,), target (N,) or (). The mean divides by C. weight (C,): of each target.
    """
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    x = input if input.ndim == 2 else np.reshape(input, (1, -1))
    t = np.reshape(target, -1)
    classes = x.shape[1]
    if x.ndim != 2 or classes == 0 or t.shape != x.shape[:1]:
        raise RuntimeError(
            "multi_margin_loss: Expected non-empty vector or matrix with one target for each item, "
            f"but got {tuple(input.shape)} and target {tuple(target.shape)}"
        )
    check_range(t.array, classes, "multi_margin_loss")
    own = np.expand_dims(t, 1)
    short = np.maximum(margin - np.take_along_axis(x, own, axis=1) + x, 0.0)
    short = short if p == 1 else np.square(short)
    if weight is not None:
        short = short * np.expand_dims(np.take(weight, t, axis=0), 1)
    others = Tensor(np.arange(classes, like=t.array)) != own
    loss = np.sum(np.where(others, short, 0.0), axis=1) / classes
    return reduced(np.reshape(loss, target.shape), reduction)


def check_range(t: Any, classes: int, name: str) -> None:
    """Raise IndexError for targets that are no classes."""
    if t.size and not 0 <= t.min() <= t.max() < classes:
        raise IndexError(
            f"{name}: Target {t.min() if t.min() < 0 else t.max()} is out of bounds for {classes} "
            "classes"
        )


@takes_older_options
def multilabel_margin_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """The sum over every class t that is right and every other one of max(0, 1 - (x[t] - x)), / C.

    input and target (N, C) or (C,): the right classes come first in the target, then a -1.
    """
    if tuple(target.shape) != tuple(input.shape) or input.ndim > 2:
        raise RuntimeError(
            f"multilabel_margin_loss: inconsistent target size {tuple(target.shape)} for input of "
            f"size {tuple(input.shape)}; both are (N, C) or (C,)"
        )
    front = input.shape[:-1]
    classes = input.shape[-1] if input.ndim else 1
    x, t = (np.reshape(a, (math.prod(front), classes)) for a in (input, target))
    given = np.cumprod(t.array >= 0, axis=1).astype(bool)  # up to the first -1
    right = np.where(given, t.array, 0)
    check_range(right, classes, "multilabel_margin_loss")
    wrong = np.ones((x.shape[0], classes + 1), bool)
    np.put_along_axis(wrong, np.where(given, right, classes), False, axis=1)
    wanted = np.take_along_axis(x, Tensor(right), axis=1)
    short = np.maximum(1 - np.expand_dims(wanted, 2) + np.expand_dims(x, 1), 0.0)
    counts = Tensor(given[:, :, None] & wrong[:, None, :-1])
    loss = np.sum(np.where(counts, short, 0.0), axis=(1, 2)) / classes
    return reduced(np.reshape(loss, front), reduction)


@takes_older_options
def multilabel_soft_margin_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """-(t log sigmoid(x) + (1 - t) log sigmoid(-x)), its mean over the classes, the last axis."""
    loss = -(target * kernels.logsigmoid(input) + (1 - target) * kernels.logsigmoid(-input))
    loss = loss if weight is None else loss * weight
    return reduced(np.sum(loss, axis=-1) / input.shape[-1], reduction)
