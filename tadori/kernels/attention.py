"""Attention in plain NumPy: each query gathers the values whose keys it resembles.

query  (*any, L, E)      L questions
key    (*any, S, E)      S descriptions, one for each value
value  (*any, S, V)
"""

from __future__ import annotations

import math

import numpy as np

from tadori import kernels
from tadori.kernels.window import Array


def attention(
    query: Array, key: Array, value: Array, *, scale: float, is_causal: bool
) -> tuple[Array, Array]:
    """softmax(query @ key^T scale) @ value, and the weights, which the softmax gives.

    is_causal: query i sees the keys up to i. -> (*any, L, V) and (*any, L, S).
    """
    scores = kernels.matmul(query, np.swapaxes(key, -1, -2))
    weights = kernels.attention_weights(scores, scale=scale, is_causal=is_causal)
    return kernels.matmul(weights, value), weights


def attention_weights(scores: Array, *, scale: float, is_causal: bool) -> Array:
    """softmax(scores * scale) along the last axis; is_causal: 0 for the keys beyond the query."""
    known = scores * scale
    if is_causal:
        seen = np.tri(*scores.shape[-2:], dtype=np.bool_, like=scores)
        known = np.where(seen, known, -math.inf)
    return kernels.softmax(known, axis=-1)
