"""Rows for tadori/ops/loss.py, and for the losses that are compositions."""

from __future__ import annotations

import importlib

import numpy as np

import tadori
from tadori import kernels

from .case import Case
from .conv import functional

CLASSES = np.array([2, 0, -100, 1])
POINTS = np.array([[1, 0, -100], [2, 2, 1]])
SIGNS = np.array([1.0, -1.0, -1.0, 1.0])


def given(x, values):
    """A constant of the same kind as x: a Tensor of ours, or PyTorch's."""
    if isinstance(x, tadori.Tensor):
        return tadori.Tensor(values.astype(x.dtype) if values.dtype.kind == "f" else values)
    return importlib.import_module("torch").tensor(values)


def fused(x):
    return kernels.cross_entropy(x, CLASSES)


def composed(x):
    """The composition of which `kernels.cross_entropy` is the fused form."""
    lse = np.log(np.sum(np.exp(x), axis=-1))
    chosen = x[np.arange(4), np.maximum(CLASSES, 0)]
    return np.where(CLASSES == -100, 0, lse - chosen)


def classes(name, call, *shapes, targets=CLASSES):
    """A row for a loss of scores and classes."""
    return functional(name, lambda F, x, *w: call(F, x, given(x, targets), *w), *shapes)


def signed(name, call, *shapes):
    """A row for a loss whose targets are 1 and -1."""
    return functional(name, lambda F, *xs: call(F, *xs, given(xs[0], SIGNS)), *shapes)


def smooth(name, targets, **options):
    def call(F, x, t):
        return F.cross_entropy(x, t, reduction="none", label_smoothing=0.2, **options)

    return classes(f"cross_entropy smoothed {name}", call, (4, 3), targets=targets)


probabilities = {"domain": ((0.05, 0.95), (0.05, 0.95))}
any_and_probability = {"domain": ((-3.0, 3.0), (0.05, 0.95))}

CASES = [
    Case("fused cross_entropy", fused, ((4, 3),), composed),
    classes("cross_entropy", lambda F, x, t: F.cross_entropy(x, t), (4, 3)),
    classes("cross_entropy sum", lambda F, x, t: F.cross_entropy(x, t, reduction="sum"), (4, 3)),
    classes(
        "cross_entropy in images",
        lambda F, x, t: F.cross_entropy(x, t, reduction="none"),
        (2, 3, 3),
        targets=POINTS,
    ),
    functional(
        "cross_entropy of one", lambda F, x: F.cross_entropy(x, given(x, np.array(1))), (3,)
    ),
    classes(
        "cross_entropy weighted",
        lambda F, x, t: F.cross_entropy(x, t, weight=given(x, np.array([0.5, 1.0, 3.0]))),
        (4, 3),
    ),
    smooth("usually", CLASSES),
    smooth("ignoring", np.array([2, 0, 0, 1]), ignore_index=0),
    classes(
        "cross_entropy smoothed and weighted",
        lambda F, x, t: F.cross_entropy(
            x, t, weight=given(x, np.array([0.5, 1.0, 3.0])), label_smoothing=0.3
        ),
        (4, 3),
    ),
    functional(
        "cross_entropy of probabilities",
        lambda F, x, t: F.cross_entropy(x, t, label_smoothing=0.1),
        (4, 3),
        (4, 3),
        **any_and_probability,
    ),
    functional(
        "cross_entropy of probabilities in images",
        lambda F, x, t: F.cross_entropy(x, t),
        (2, 3, 4),
        (2, 3, 4),
        **any_and_probability,
    ),
    classes("nll_loss", lambda F, x, t: F.nll_loss(x, t), (4, 3)),
    classes(
        "nll_loss in images",
        lambda F, x, t: F.nll_loss(x, t, weight=given(x, np.array([0.5, 1.0, 3.0]))),
        (2, 3, 3),
        targets=POINTS,
    ),
    functional("mse_loss", lambda F, x, t: F.mse_loss(x, t), (3, 4), (3, 4)),
    functional("mse_loss sum", lambda F, x, t: F.mse_loss(x, t, reduction="sum"), (3,), (3,)),
    functional("l1_loss", lambda F, x, t: F.l1_loss(x, t, reduction="none"), (3, 4), (3, 4)),
    functional("smooth_l1_loss", lambda F, x, t: F.smooth_l1_loss(x, t, beta=0.7), (3, 4), (3, 4)),
    functional("huber_loss", lambda F, x, t: F.huber_loss(x, t, delta=0.7), (3, 4), (3, 4)),
    functional(
        "binary_cross_entropy",
        lambda F, p, t: F.binary_cross_entropy(p, t),
        (3, 4),
        (3, 4),
        **probabilities,
    ),
    functional(
        "binary_cross_entropy_with_logits",
        lambda F, x, t: F.binary_cross_entropy_with_logits(x, t),
        (3, 4),
        (3, 4),
        **any_and_probability,
    ),
    functional(
        "binary_cross_entropy_with_logits pos_weight",
        lambda F, x, t: F.binary_cross_entropy_with_logits(
            x, t, reduction="sum", pos_weight=given(x, np.array([0.5, 1.0, 2.0, 3.0]))
        ),
        (3, 4),
        (3, 4),
        **any_and_probability,
    ),
    functional(
        "kl_div",
        lambda F, x, t: F.kl_div(x, t, reduction="batchmean"),
        (3, 4),
        (3, 4),
        **any_and_probability,
    ),
    functional(
        "kl_div of logarithms",
        lambda F, x, t: F.kl_div(x, t, reduction="sum", log_target=True),
        (3, 4),
        (3, 4),
    ),
    functional("poisson_nll_loss", lambda F, x, t: F.poisson_nll_loss(x, t), (3,), (3,)),
    functional(
        "poisson_nll_loss full",
        lambda F, x, t: F.poisson_nll_loss(x, t, log_input=False, full=True, reduction="sum"),
        (4,),
        (4,),
        domain=((0.5, 3), (0.2, 4)),
    ),
    functional(
        "gaussian_nll_loss",
        lambda F, x, t, v: F.gaussian_nll_loss(x, t, v, full=True),
        (3, 4),
        (3, 4),
        (3, 4),
        domain=((-2, 2), (-2, 2), (0.5, 2)),
    ),
    signed("soft_margin_loss", lambda F, x, t: F.soft_margin_loss(x, t), (4,)),
    signed("hinge_embedding_loss", lambda F, x, t: F.hinge_embedding_loss(x, t), (4,)),
    signed(
        "margin_ranking_loss", lambda F, a, b, t: F.margin_ranking_loss(a, b, t, 0.3), (4,), (4,)
    ),
    signed(
        "cosine_embedding_loss",
        lambda F, a, b, t: F.cosine_embedding_loss(a, b, t, 0.1),
        (4, 3),
        (4, 3),
    ),
    functional(
        "triplet_margin_loss",
        lambda F, a, b, c: F.triplet_margin_loss(a, b, c),
        (3, 4),
        (3, 4),
        (3, 4),
    ),
    functional("cosine_similarity", lambda F, a, b: F.cosine_similarity(a, b), (3, 4), (3, 4)),
    functional(
        "pairwise_distance", lambda F, a, b: F.pairwise_distance(a, b, keepdim=True), (3, 4), (3, 4)
    ),
]
