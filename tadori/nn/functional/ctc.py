"""Connectionist temporal classification: sequences of labels that are shorter than their input."""

from __future__ import annotations

from typing import Any

import numpy

from ...language import np
from ...tensor import Tensor
from .reduction import reduced

#: the logarithm of what cannot happen: far below all others, and finite, so that it has derivatives
NEVER = -1e30


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """-log of the probability that a sequence of labels and blanks, repetitions joined and blanks
    left out, is the target (Graves et al., 2006).

    log_probs (T, N, C), or (T, C) of one sequence, as from `log_softmax`; targets (N, S), or all
    behind one another (sum of target_lengths,); lengths (N,), or () of one. The mean divides each
    loss by the length of its target. zero_infinity: targets too long for their input count as 0
    instead of infinity. The gradient is the one that is right behind `log_softmax`, as in PyTorch.
    """
    alone = log_probs.ndim == 2
    x = np.expand_dims(log_probs, 1) if alone else log_probs
    lengths, sizes = (
        numpy.atleast_1d(numpy.asarray(getattr(given, "array", given), numpy.int64))
        for given in (input_lengths, target_lengths)
    )
    check_lengths(x, lengths, sizes, blank)
    labels = in_rows(targets.array, sizes, blank)
    n, states = labels.shape
    # blank, label, blank, label, ..., blank: the label before last may be left over if it differs
    different = numpy.zeros((n, states), bool)
    different[:, 2:] = (labels[:, 2:] != blank) & (labels[:, 2:] != labels[:, :-2])
    skip = Tensor(numpy.where(different, 0.0, NEVER).astype(x.dtype))
    index = Tensor(numpy.broadcast_to(labels, (x.shape[0], n, states)))
    emitted = np.take_along_axis(x, index, axis=2)  # T, N, states
    start = Tensor(numpy.where(numpy.arange(states) < 2, 0.0, NEVER).astype(x.dtype))
    alpha = emitted[0] + start
    never = Tensor(numpy.full((n, 2), NEVER, x.dtype))
    for t in range(1, x.shape[0]):
        before = np.concatenate([never, alpha], axis=1)
        come = np.logaddexp(before[:, 2:], before[:, 1:-1])
        come = np.logaddexp(come, before[:, :-2] + skip) + emitted[t]
        going_on = Tensor((t < lengths)[:, None])
        alpha = np.where(going_on, come, alpha)
    ends = numpy.stack([2 * sizes, numpy.maximum(2 * sizes - 1, 0)], axis=1)
    last = np.take_along_axis(alpha, Tensor(ends), axis=1)
    second = np.where(Tensor(sizes > 0), last[:, 1], NEVER)
    loss = -np.logaddexp(last[:, 0], second)
    impossible = loss.array > -NEVER / 2
    if impossible.any():
        loss = np.where(Tensor(impossible), 0.0 if zero_infinity else numpy.inf, loss)
    # the sum of all probabilities is 1: it adds nothing to the value, and exp(x) to the gradient
    steps = numpy.arange(x.shape[0])[:, None] < numpy.where(impossible, 0, lengths)
    whole = np.sum(np.where(Tensor(steps), np.sum(np.exp(x), axis=2), 0.0), axis=0)
    loss = loss + (whole - whole.detach())
    if reduction == "mean":
        return np.mean(loss / Tensor(numpy.maximum(sizes, 1).astype(x.dtype)))
    return reduced(loss[0] if alone else loss, reduction)


def check_lengths(
    x: Tensor,
    lengths: Any,
    sizes: Any,
    blank: int,
) -> None:
    """Raise RuntimeError for lengths that no input or target has, and for a blank that is none."""
    steps, n, classes = x.shape
    if not 0 <= blank < classes:
        raise RuntimeError(f"blank must be in label range [0, {classes}), got {blank}")
    for name, given in (("input_lengths", lengths), ("target_lengths", sizes)):
        if given.shape != (n,):
            raise RuntimeError(f"{name} must be of size batch_size {n}, got {given.shape}")
        if given.min() < 0:
            raise RuntimeError(f"Expected {name} to have non-negative values, got {given.min()}")
    if lengths.max() > steps:
        raise RuntimeError(
            f"Expected input_lengths to have value at most {steps}, but got value {lengths.max()}"
        )


def in_rows(targets: Any, sizes: Any, blank: int) -> Any:
    """The labels of each target with blanks between and around them: (N, 2 S + 1)."""
    most = int(sizes.max())
    rows = numpy.full((len(sizes), 2 * most + 1), blank)
    flat = targets.ndim == 1
    if flat and targets.size != sizes.sum():
        raise RuntimeError(
            f"Expected concatenated targets of length {sizes.sum()}, the sum of target_lengths, "
            f"but got {targets.size}"
        )
    if not flat and targets.shape[1] < most:
        raise RuntimeError(
            f"Expected tensor to have size at least {most} at dimension 1, but got size "
            f"{targets.shape[1]} for targets"
        )
    begin = 0
    for i, size in enumerate(sizes):
        rows[i, 1 : 2 * size : 2] = targets[begin : begin + size] if flat else targets[i, :size]
        begin += size
    return rows
