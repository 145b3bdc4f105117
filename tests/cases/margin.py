"""Rows for the losses of margins and sequences, of distances, of embeddings and attention."""

from __future__ import annotations

import numpy as np

from .conv import functional
from .loss import classes, given

LABELS = np.array([2, 0, 1, 1])
SETS = np.array([[2, 0, -1], [1, -1, 0], [-1, 2, 1], [0, 1, 2]])
ROWS = np.array([1, 0, 1, 3, 2, 1])
BEGINS = np.array([0, 2, 2, 5])
LATER = np.triu(np.ones((3, 3), bool), 1)
PADDED = np.array([[False, False, True], [False, True, True]])
WORDS = np.array([[1, 2, 2], [2, 1, 0]])
LONG = {"input_lengths": (5, 4), "target_lengths": (3, 2)}


def ctc(name, **options):
    def call(F, x):
        log_probs = F.log_softmax(x, dim=-1)
        return F.ctc_loss(log_probs, given(x, WORDS), **LONG, **options)

    # PyTorch has no second derivative, ours is checked against differences
    return functional(f"ctc_loss {name}", call, (5, 2, 4))


def bags(mode, **options):
    def call(F, weight):
        rows, begins = given(weight, ROWS), given(weight, BEGINS)
        return F.embedding_bag(rows, weight, begins, mode=mode, **options)

    distinct = mode == "max"
    name = " ".join(["embedding_bag", mode, *options])
    return functional(name, call, (4, 3), distinct=distinct)


def heads(name, *shapes, **options):
    """Attention of two heads, of width 4; weights as they come."""

    def call(F, q, k, v, w_in, b_in, w_out, *extra):
        bias_k, bias_v = extra or (None, None)
        masks = {key: given(q, mask) for key, mask in options.items() if key.endswith("mask")}
        rest = {key: value for key, value in options.items() if key not in masks}
        zero = rest.pop("add_zero_attn", False)
        fixed = (4, 2, w_in, b_in, bias_k, bias_v, zero, 0.0, w_out, None)
        y, weights = F.multi_head_attention_forward(q, k, v, *fixed, **masks, **rest)
        return y if weights is None else (y, weights)

    inputs = ((3, 2, 4), (3, 2, 4), (3, 2, 4), (12, 4), (12,), (4, 4), *shapes)
    return functional(f"multi_head_attention_forward {name}", call, *inputs, domain=(-1.0, 1.0))


CASES = [
    classes("multi_margin_loss", lambda F, x, t: F.multi_margin_loss(x, t), (4, 3), targets=LABELS),
    classes(
        "multi_margin_loss squared and weighted",
        lambda F, x, t: F.multi_margin_loss(
            x, t, 2, 0.7, given(x, np.array([0.5, 1.0, 3.0])), reduction="none"
        ),
        (4, 3),
        targets=LABELS,
    ),
    classes(
        "multilabel_margin_loss",
        lambda F, x, t: F.multilabel_margin_loss(x, t, reduction="none"),
        (4, 3),
        targets=SETS,
    ),
    functional(
        "multilabel_soft_margin_loss",
        lambda F, x, t: F.multilabel_soft_margin_loss(x, t, weight=given(x, np.array([1.0, 2, 3]))),
        (4, 3),
        (4, 3),
    ),
    functional(
        "triplet_margin_loss swapped",
        lambda F, a, b, c: F.triplet_margin_loss(a, b, c, swap=True),
        (5, 4),
        (5, 4),
        (5, 4),
    ),
    functional(
        "triplet_margin_with_distance_loss",
        lambda F, a, b, c: F.triplet_margin_with_distance_loss(
            a, b, c, distance_function=lambda x, y: abs(x - y).sum(-1), reduction="sum"
        ),
        (5, 4),
        (5, 4),
        (5, 4),
    ),
    ctc("mean"),
    ctc("none", reduction="none", zero_infinity=True),
    classes(
        "linear_cross_entropy",
        lambda F, x, t, w, b: F.linear_cross_entropy(x, w, t, linear_bias=b, label_smoothing=0.1),
        (4, 2),
        (3, 2),
        (3,),
        targets=LABELS,
    ),
    functional("pdist", lambda F, x: F.pdist(x), (5, 3)),
    functional("pdist of 1", lambda F, x: F.pdist(x, 1.0), (4, 3)),
    bags("sum"),
    bags("mean", padding_idx=1),
    bags("max"),
    bags("mean", include_last_offset=True),
    functional(
        "embedding_bag weighted",
        lambda F, weight, factors: F.embedding_bag(
            given(weight, ROWS.reshape(2, 3)), weight, mode="sum", per_sample_weights=factors
        ),
        (4, 3),
        (2, 3),
    ),
    heads("plain", need_weights=True),
    heads("causal", attn_mask=LATER, is_causal=True, need_weights=False),
    heads("padded", key_padding_mask=PADDED, average_attn_weights=False),
    heads("with more keys", (1, 1, 4), (1, 1, 4), add_zero_attn=True, attn_mask=LATER),
]
