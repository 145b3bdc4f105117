"""Attention."""

from __future__ import annotations

import math

from ... import kernels
from ...language import np
from ...tensor import Tensor
from .dropout import dropout


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(query @ key^T * scale + mask) @ value: each query gathers the values it asks for.

    query (*any, L, E), key (*any, S, E), value (*any, S, V) -> (*any, L, V). attn_mask: broadcasts
    to (*any, L, S); booleans say which keys take part, numbers are added. is_causal: query i sees
    the keys up to i. scale: 1 / sqrt(E). enable_gqa: axis -3 of query is a multiple of key's.
    """
    if enable_gqa:
        times = query.shape[-3] // key.shape[-3]
        key, value = np.repeat(key, times, axis=-3), np.repeat(value, times, axis=-3)
    if attn_mask is None and dropout_p == 0:
        scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
        return kernels.attention(query, key, value, scale=scale, is_causal=is_causal)[0]
    return attend(query, key, value, attn_mask, dropout_p, is_causal, scale)[0]


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    dropout_p: float,
    is_causal: bool,
    scale: float | None,
) -> tuple[Tensor, Tensor]:
    """What the queries gather, and the weights with which they do: (*any, L, V), (*any, L, S).

    What dropout leaves out is missing in both.
    """
    if is_causal:
        if mask is not None:
            raise RuntimeError("Explicit attn_mask should not be set when is_causal=True")
        mask = causal(query, key)
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = np.matmul(query * scale, np.swapaxes(key, -1, -2))
    if mask is not None:
        known = np.where(mask, scores, -math.inf) if mask.dtype.kind == "b" else scores + mask
        scores = known
    weights = kernels.softmax(scores, axis=-1)
    weights = dropout(weights, dropout_p, dropout_p > 0)
    return np.matmul(weights, value), weights


def causal(query: Tensor, key: Tensor) -> Tensor:
    """Which keys a query may see if none lies ahead of it: (L, S), True up to the diagonal."""
    return Tensor(np.tri(query.shape[-2], key.shape[-2], dtype=bool, like=query.array))
