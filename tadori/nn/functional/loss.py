"""Losses. Each gives one number (reduction "mean" or "sum"), or one for each item ("none")."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ... import kernels
from ...kernels.loss import check_classes as check_range
from ...language import np
from ...tensor import Tensor
from .reduction import check_reduction, reduced, takes_older_options


def check_sizes(name: str, input: Tensor, target: Tensor) -> None:
    """Warn where broadcasting joins shapes that were hardly meant to be joined."""
    if input.shape != target.shape:
        warnings.warn(
            f"{name}: using a target size {tuple(target.shape)} that is different to the input "
            f"size {tuple(input.shape)}. They are broadcast, which pairs every item with every "
            "other: the loss is likely not the one you want. Remedy: target.reshape(input.shape), "
            "or input.squeeze(-1)",
            UserWarning,
            stacklevel=3,
        )


# --------------------------------------------------------------------------------------- regression


@takes_older_options
def mse_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", weight: Tensor | None = None
) -> Tensor:
    """(x - t)^2."""
    check_sizes("mse_loss", input, target)
    loss = np.square(input - target)
    if weight is None:
        return reduced(loss, reduction)
    total = np.sum(np.broadcast_to(weight, loss.shape))
    return (
        np.sum(loss * weight) / total if reduction == "mean" else reduced(loss * weight, reduction)
    )


@takes_older_options
def l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """|x - t|."""
    check_sizes("l1_loss", input, target)
    return reduced(np.absolute(input - target), reduction)


@takes_older_options
def smooth_l1_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """d^2 / (2 beta) where d = |x - t| is less than beta, d - beta / 2 elsewhere."""
    if beta < 0:
        raise ValueError(f"smooth_l1_loss does not support negative values for beta, got {beta}")
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    check_sizes("smooth_l1_loss", input, target)
    return reduced(huber(input - target, beta) / beta, reduction)


def huber_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", delta: float = 1.0
) -> Tensor:
    """d^2 / 2 where d = |x - t| is less than delta, delta (d - delta / 2) elsewhere."""
    if delta <= 0:
        raise ValueError(f"huber_loss does not support non-positive values for delta, got {delta}")
    check_sizes("huber_loss", input, target)
    return reduced(huber(input - target, delta), reduction)


def huber(difference: Tensor, delta: float) -> Tensor:
    """s (d - s / 2) with d = |difference| and s = min(d, delta)."""
    distance = np.absolute(difference)
    near = np.minimum(distance, delta)
    return near * (distance - near * 0.5)


@takes_older_options
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    *,
    reduction: str = "mean",
) -> Tensor:
    """exp(x) - t x or, without log_input, x - t log(x + eps); `full` adds Stirling's log(t!)."""
    loss = np.exp(input) - target * input if log_input else input - target * np.log(input + eps)
    if full:
        safe = np.where(target > 1, target, 2.0)
        stirling = safe * np.log(safe) - safe + np.log(safe * (2 * math.pi)) * 0.5
        loss = loss + np.where(target > 1, stirling, 0.0)
    return reduced(loss, reduction)


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    *,
    reduction: str = "mean",
) -> Tensor:
    """(log var + (x - t)^2 / var) / 2, var at least eps; `full` adds log(2 pi) / 2."""
    if isinstance(var, float):
        var = Tensor(np.full_like(input.array, var))
    if np.any(var.array < 0):
        raise ValueError("var has negative entry/entries")
    if var.ndim == input.ndim - 1:
        var = np.expand_dims(var, -1)
    # the bound holds for the value; the gradient passes it, as in PyTorch
    var = var + (np.maximum(var, eps) - var).detach()
    loss = (np.log(var) + np.square(input - target) / var) * 0.5
    return reduced(loss + math.log(2 * math.pi) / 2 if full else loss, reduction)


# ----------------------------------------------------------------------------------- classification


@takes_older_options
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """-log softmax(x)[t]: x are scores (N, C, *any) or (C,), t classes (N, *any) or ().

    t may also be probabilities of the shape of x. weight (C,): one for each class; the mean divides
    by the weights of the targets. ignore_index: targets that do not count. label_smoothing: so much
    of each target is shared out among all classes. Raises IndexError for a class out of range.
    """
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    x = classes_last(input)
    if target.shape == input.shape and target.dtype.kind == "f":
        return soft_cross_entropy(x, classes_last(target), weight, reduction, label_smoothing)
    check_classes("cross_entropy", input, target)
    if weight is None and not label_smoothing:
        check_reduction(reduction)
        options = {"ignore_index": ignore_index, "reduction": reduction}
        return kernels.cross_entropy(x, target, **options)
    scale = target_scale(target, weight, ignore_index, x.shape[-1])
    loss = kernels.cross_entropy(x, target, ignore_index=ignore_index) * scale
    if label_smoothing:
        log_p = kernels.log_softmax(x, axis=-1)
        every = -np.sum(log_p if weight is None else log_p * weight, axis=-1)
        every = np.where(target != ignore_index, every, 0.0)
        loss = loss * (1 - label_smoothing) + every * (label_smoothing / x.shape[-1])
    return weighted_mean(loss, scale) if reduction == "mean" else reduced(loss, reduction)


def weighted_mean(loss: Tensor, scale: Tensor) -> Tensor:
    """The sum of losses over what their targets count. Where none counts NaN, with gradient 0."""
    total = np.sum(scale)
    return np.sum(loss) + math.nan if total.array == 0 else np.sum(loss) / total


def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
) -> Tensor:
    """`cross_entropy` of `linear(input, linear_weight, linear_bias)`: input (N, in) or (in,).

    linear_weight (C, *any, in), linear_bias (C,) or (C, *any), target (N, *any). options, how
    PyTorch cuts the scores into chunks to save memory, change nothing here.
    """
    classes, *size, into = linear_weight.shape
    scores = kernels.linear(input, np.reshape(linear_weight, (-1, into)))
    scores = np.reshape(scores, (*input.shape[:-1], classes, *size))
    if linear_bias is not None:
        more = len(size) + 1 - linear_bias.ndim
        scores = scores + np.reshape(linear_bias, (*linear_bias.shape, *[1] * more))
    return cross_entropy(
        scores,
        target,
        weight,
        ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def soft_cross_entropy(
    x: Tensor, target: Tensor, weight: Tensor | None, reduction: str, label_smoothing: float
) -> Tensor:
    """Cross-entropy with probabilities for targets; the classes are the last axis."""
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / x.shape[-1]
    log_p = kernels.log_softmax(x, axis=-1)
    loss = -np.sum(log_p * target if weight is None else log_p * target * weight, axis=-1)
    return reduced(loss, reduction)


@takes_older_options
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """-x[t]: x are log-probabilities (N, C, *any) or (C,), t classes (N, *any) or ().

    The other arguments, and the error, are those of `cross_entropy`.
    """
    check_classes("nll_loss", input, target)
    x = classes_last(input)
    chosen = np.where(target == ignore_index, 0, target)
    check_range(chosen.array, x.shape[-1])
    picked = np.take_along_axis(x, np.expand_dims(chosen, -1), axis=-1)
    scale = target_scale(target, weight, ignore_index, x.shape[-1])
    loss = -np.where(target != ignore_index, np.squeeze(picked, -1), 0.0) * scale
    return weighted_mean(loss, scale) if reduction == "mean" else reduced(loss, reduction)


def classes_last(x: Tensor) -> Tensor:
    """(N, C, *any) -> (N, *any, C)."""
    return np.moveaxis(x, 1, -1) if x.ndim > 2 else x


def check_classes(name: str, input: Tensor, target: Tensor) -> None:
    """Raise for targets that are no classes of this input."""
    shape = input.shape
    if target.dtype.kind in "iu" and len(shape) == 2 and target.shape == shape[:1]:
        return
    axis = min(1, len(shape) - 1)
    expected = (*shape[:axis], *shape[axis + 1 :])
    if target.dtype.kind == "f":
        raise RuntimeError(
            f"{name}: expected target classes as integers, got {target.dtype} of shape "
            f"{tuple(target.shape)}. Remedy: target.long(); probabilities must have the shape of "
            f"the input, {tuple(input.shape)}"
        )
    if tuple(target.shape) != expected:
        error = ValueError if target.shape[:1] != input.shape[:1] and axis else RuntimeError
        raise error(
            f"{name}: expected target of shape {expected} for input {tuple(input.shape)}, whose "
            f"classes are axis {axis}, got {tuple(target.shape)}. Each item has one class: targets "
            "that are one-hot must be floating-point, or target.argmax(1)"
        )


def target_scale(target: Tensor, weight: Tensor | None, ignore_index: int, classes: int) -> Tensor:
    """How much each target counts: the weight of its class, or 1; 0 where it is ignored."""
    counts = target != ignore_index
    if weight is None:
        return counts
    if tuple(weight.shape) != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but "
            f"got weight tensor of shape: {tuple(weight.shape)}"
        )
    return np.where(counts, np.take(weight, np.where(counts, target, 0), axis=0), 0.0)


@takes_older_options
def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """-(t log p + (1 - t) log(1 - p)), p and t in [0, 1]; the logarithms are at least -100.

    Scores that were no probabilities yet go better, and without that bound, into
    `binary_cross_entropy_with_logits`.
    """
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({tuple(target.shape)}) that is different to the input size "
            f"({tuple(input.shape)}) is deprecated. Please ensure they have the same size."
        )
    loss = kernels.binary_cross_entropy(input, target)
    return reduced(loss if weight is None else loss * weight, reduction)


@takes_older_options
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """-(t log p + (1 - t) log(1 - p)) with p = sigmoid(x), stable for scores of any size.

    pos_weight: multiplies the first term; one number for each class, say negatives / positives.
    """
    if input.shape != target.shape:
        raise ValueError(
            f"Target size ({tuple(target.shape)}) must be the same as input size "
            f"({tuple(input.shape)})"
        )
    # -log(1 - p) = x + softplus(-x) and -log p = softplus(-x)
    softplus = kernels.softplus(-input, threshold=math.inf)
    if pos_weight is not None:
        softplus = softplus * ((pos_weight - 1) * target + 1)
    loss = (1 - target) * input + softplus
    return reduced(loss if weight is None else loss * weight, reduction)


@takes_older_options
def kl_div(
    input: Tensor, target: Tensor, *, reduction: str = "mean", log_target: bool = False
) -> Tensor:
    """t (log t - x): x are log-probabilities; t probabilities or, with log_target, logarithms.

    reduction="batchmean" divides the sum by the batch size, which is the divergence itself; "mean"
    divides by the number of all values.
    """
    if log_target:
        loss = np.exp(target) * (target - input)
    else:
        loss = kernels.xlogy(target, target) - target * input
    if reduction == "batchmean":
        return np.sum(loss) / (input.shape[0] if input.ndim else 1)
    return reduced(loss, reduction)
