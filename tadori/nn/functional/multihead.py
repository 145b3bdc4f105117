"""Attention of several heads, with all its linear layers, masks and extra keys."""

from __future__ import annotations

import math
from typing import Any

from ... import kernels
from ...language import np
from ...tensor import Tensor
from .attention import attend


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Heads that each attend with a part of Q, K and V, and a linear layer that joins them.

    query (L, N, E), key (S, N, kdim), value (S, N, vdim), or without N -> (L, N, E), and the
    weights: their mean over the heads, (N, L, S), or those of each, (N, heads, L, S), or None.
    in_proj_weight (3 E, E) makes Q, K and V, or three weights do. attn_mask (L, S) or (N heads, L,
    S), key_padding_mask (N, S): True where a key must not be used, or numbers that are added.
    bias_k, bias_v (1, 1, E): one more key and its value, after the linear layers; add_zero_attn:
    one more of zeros. static_k, static_v (N heads, S, E / heads): instead of K and V. is_causal: a
    hint that attn_mask is the causal one, which must then be there.
    """
    alone = query.ndim == 2
    check_inputs(query, key, value, key_padding_mask, num_heads, embed_dim_to_check)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. Remedy: "
            "nn.Transformer.generate_square_subsequent_mask(length)"
        )
    separate = (q_proj_weight, k_proj_weight, v_proj_weight)
    if use_separate_proj_weight:
        weights: Any = separate
    else:
        if tuple(key.shape) != tuple(value.shape):
            raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
        weights = in_proj_weight
    projected = in_projection(query, key, value, weights, in_proj_bias)
    if alone:
        projected = [np.expand_dims(x, 1) for x in projected]
        if key_padding_mask is not None:
            key_padding_mask = np.expand_dims(key_padding_mask, 0)
    q, k, v = projected
    extra = int(add_zero_attn)
    if bias_k is not None and bias_v is not None:
        k, v = with_extra(k, bias_k), with_extra(v, bias_v)
        extra += 1
    q, k, v = (in_heads(x, num_heads) for x in (q, k, v))
    if static_k is not None:
        k = np.reshape(static_k, (*q.shape[:2], *static_k.shape[1:]))
    if static_v is not None:
        v = np.reshape(static_v, (*q.shape[:2], *static_v.shape[1:]))
    if add_zero_attn:
        rim = [(0, 0), (0, 0), (0, 1), (0, 0)]
        k, v = np.pad(k, rim), np.pad(v, rim)
    mask = joined_masks(attn_mask, key_padding_mask, q, k.shape[2], extra)
    p = dropout_p if training else 0.0
    gathered, weights = attend(q, k, v, mask, p, is_causal=False, scale=None)
    y = kernels.linear(joined_heads(gathered), out_proj_weight, out_proj_bias)
    y = y[:, 0] if alone else y
    if not need_weights:
        return y, None
    if average_attn_weights:
        weights = np.mean(weights, axis=1)
    return y, weights[0] if alone else weights


def check_inputs(
    query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None, heads: int, width: int
) -> None:
    """Raise for inputs whose shapes do not go together."""
    if query.ndim not in (2, 3):
        raise AssertionError(
            "query should be unbatched 2D or batched 3D tensor but received "
            f"{query.ndim}-D query tensor"
        )
    if key.ndim != query.ndim or value.ndim != query.ndim:
        raise AssertionError(
            f"For a {query.ndim}-D query expected key and value to be {query.ndim}-D, but found "
            f"{key.ndim}-D and {value.ndim}-D tensors respectively"
        )
    if padding is not None and padding.ndim != query.ndim - 1:
        raise AssertionError(
            f"For a {query.ndim}-D query expected key_padding_mask to be None or "
            f"{query.ndim - 1}-D but found {padding.ndim}-D tensor instead"
        )
    if query.shape[-1] != width:
        raise AssertionError(
            f"was expecting embedding dimension of {width}, but got {query.shape[-1]}"
        )
    if width % heads:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {heads}")
    if tuple(key.shape[:-1]) != tuple(value.shape[:-1]):
        raise AssertionError(
            f"key's sequence and batch dims {tuple(key.shape[:-1])} do not match value's "
            f"{tuple(value.shape[:-1])}"
        )


def in_projection(
    query: Tensor, key: Tensor, value: Tensor, weights: Any, bias: Tensor | None
) -> list[Tensor]:
    """Q, K and V: by one weight (3 E, E), or by three."""
    e = query.shape[-1]
    parts = [slice(i * e, (i + 1) * e) for i in range(3)]
    if isinstance(weights, Tensor):
        if query is key and key is value:
            all_three = kernels.linear(query, weights, bias)
            return [all_three[..., part] for part in parts]
        weights = [weights[part] for part in parts]
    biases = [None if bias is None else bias[part] for part in parts]
    return list(map(kernels.linear, (query, key, value), weights, biases))


def with_extra(x: Tensor, row: Tensor) -> Tensor:
    """(S, N, E) -> (S + 1, N, E): a row (1, 1, E) after all others."""
    return np.concatenate([x, np.tile(row, (1, x.shape[1], 1))])


def in_heads(x: Tensor, heads: int) -> Tensor:
    """(L, N, E) -> (N, heads, L, E / heads)."""
    length, n, width = x.shape
    return np.transpose(np.reshape(x, (length, n, heads, width // heads)), (1, 2, 0, 3))


def joined_heads(x: Tensor) -> Tensor:
    """(N, heads, L, E / heads) -> (L, N, E)."""
    n, heads, length, width = x.shape
    return np.reshape(np.transpose(x, (2, 0, 1, 3)), (length, n, heads * width))


def joined_masks(
    attn_mask: Tensor | None, key_padding_mask: Tensor | None, q: Tensor, keys: int, extra: int
) -> Tensor | None:
    """One mask of numbers to add to the scores, from the two: broadcast to (N, heads, L, S).

    In both, True means: not this key. extra: so many keys more at the end, which none hides.
    """
    n, heads, length, _ = q.shape
    source = keys - extra
    masks = []
    if attn_mask is not None:
        allowed = ((length, source), (n * heads, length, source))
        if tuple(attn_mask.shape) != allowed[attn_mask.ndim == 3]:
            raise RuntimeError(
                f"The shape of the {attn_mask.ndim}D attn_mask is {tuple(attn_mask.shape)}, but "
                f"should be {allowed[attn_mask.ndim == 3]}."
            )
        mask = added("attn_mask", attn_mask, q)
        masks.append(np.reshape(mask, (n, heads, length, source)) if mask.ndim == 3 else mask)
    if key_padding_mask is not None:
        if tuple(key_padding_mask.shape) != (n, source):
            raise AssertionError(
                f"Expected key_padded_mask.shape to be {(n, source)}, but got "
                f"{tuple(key_padding_mask.shape)}"
            )
        masks.append(added("key_padding_mask", key_padding_mask, q)[:, None, None, :])
    if not masks:
        return None
    total = sum(masks[1:], start=masks[0])
    return np.pad(total, [(0, 0)] * (total.ndim - 1) + [(0, extra)]) if extra else total


def added(name: str, mask: Tensor, like: Tensor) -> Tensor:
    """A mask as numbers to add to the scores: -inf where it is True."""
    if mask.dtype.kind == "f":
        return mask
    if mask.dtype.kind != "b":
        raise AssertionError(f"only bool and floating types of {name} are supported")
    nothing = Tensor(np.zeros_like(like.array, shape=()))
    return np.where(mask, -math.inf, nothing)
