"""Rows for tadori/ops/attention.py."""

from __future__ import annotations

import numpy as np

from tadori import kernels

from .case import Case
from .conv import functional


def attention(is_causal):
    def composed(query, key, value):
        scores = query @ np.swapaxes(key, -1, -2) * 0.3
        if is_causal:
            scores = np.where(np.tri(*scores.shape[-2:]) > 0, scores, -np.inf)
        powers = np.exp(scores)
        weights = powers / powers.sum(-1, keepdims=True)
        return weights @ value, weights

    return composed


def fused(name, is_causal, *shapes):
    return Case(
        f"attention {name}",
        lambda *arrays: kernels.attention(*arrays, scale=0.3, is_causal=is_causal),
        shapes,
        attention(is_causal),
    )


CASES = [
    fused("of a batch", False, (2, 3, 4), (2, 5, 4), (2, 5, 2)),
    fused("causal", True, (2, 3, 4), (2, 3, 4), (2, 3, 4)),
    fused("of more keys than queries", True, (2, 4), (3, 4), (3, 2)),
    fused("with heads", True, (2, 2, 3, 4), (2, 2, 3, 4), (2, 2, 3, 4)),
    functional(
        "scaled_dot_product_attention",
        lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v),
        (2, 3, 4),
        (2, 5, 4),
        (2, 5, 2),
    ),
    functional(
        "scaled_dot_product_attention causal",
        lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.7),
        (2, 3, 4),
        (2, 3, 4),
        (2, 3, 4),
    ),
]
