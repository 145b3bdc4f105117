"""Attention."""

from __future__ import annotations

from typing import Any

from ..language import np
from ..tensor import Tensor
from . import functional as F
from . import init
from .linear import NonDynamicallyQuantizableLinear
from .module import Module
from .parameter import new_parameter


class MultiheadAttention(Module):
    """softmax(Q K^T / sqrt(E / heads)) V for each head, joined by a linear layer.

    Q, K, V are linear in query (L, N, E), key (S, N, kdim), value (S, N, vdim); batch_first: (N, L,
    E); or without N. Gives the output, of the shape of query, and the weights (N, L, S), or None.
    """

    in_proj_bias: Any
    in_proj_weight: Any
    q_proj_weight: Any
    k_proj_weight: Any
    v_proj_weight: Any
    bias_k: Any
    bias_v: Any

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0 or embed_dim % num_heads:
            raise ValueError(
                f"embed_dim {embed_dim} must be a positive multiple of num_heads {num_heads}"
            )
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.head_dim = embed_dim // num_heads
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.dropout, self.batch_first = dropout, batch_first
        widths = (embed_dim, self.kdim, self.vdim)
        joint = widths == (embed_dim,) * 3
        for name, width in zip(("q_proj_weight", "k_proj_weight", "v_proj_weight"), widths):
            weight = None if joint else new_parameter((embed_dim, width), device, dtype)
            self.register_parameter(name, weight)
        weight = new_parameter((3 * embed_dim, embed_dim), device, dtype) if joint else None
        self.register_parameter("in_proj_weight", weight)
        biases = new_parameter((3 * embed_dim,), device, dtype) if bias else None
        self.register_parameter("in_proj_bias", biases)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        for name in ("bias_k", "bias_v"):
            extra = new_parameter((1, 1, embed_dim), device, dtype) if add_bias_kv else None
            self.register_parameter(name, extra)
        self.add_zero_attn = add_zero_attn
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights of Q, K and V anew; biases 0."""
        names = ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight")
        for weight in (getattr(self, name) for name in names):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The output, and the weights, averaged over the heads or of each, (N, heads, L, S).

        attn_mask (L, S) or (N heads, L, S), key_padding_mask (N, S): True where a key must not be
        used, or numbers that are added. is_causal: a hint that attn_mask is the causal one.
        """
        swapped = self.batch_first and query.ndim == 3
        q, k, v = query, key, value
        if swapped:
            q = np.swapaxes(query, 0, 1)
            k = q if key is query else np.swapaxes(key, 0, 1)
            v = k if value is key else np.swapaxes(value, 0, 1)
        y, weights = F.multi_head_attention_forward(
            q,
            k,
            v,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            self.training,
            key_padding_mask,
            need_weights,
            attn_mask,
            self.in_proj_weight is None,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return (np.swapaxes(y, 0, 1) if swapped else y), weights
