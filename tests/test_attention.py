"""Attention as one operation: large enough for oneDNN and Numba, against float64 in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import tadori
from tadori import kernels

F = tadori.nn.functional


def inputs(dtype, lengths=(70, 70), width=32):
    """Heads as a model makes them: views with gaps between rows."""
    rng = np.random.default_rng(0)
    made = []
    for length in (lengths[0], lengths[1], lengths[1]):
        x = tadori.tensor(rng.standard_normal((4, length, 2 * width)), dtype=dtype)
        x.requires_grad_()
        made.append((x, x.view(4, length, 2, width).transpose(1, 2)))
    return made


@pytest.mark.parametrize("lengths", [(70, 70), (50, 90), (90, 50)])
@pytest.mark.parametrize("is_causal", [True, False])
def test_large_ones_and_their_derivatives(lengths, is_causal):
    results = []
    for dtype in tadori.float32, tadori.float64:
        leaves, heads = zip(*inputs(dtype, lengths))
        y = F.scaled_dot_product_attention(*heads, is_causal=is_causal)
        first = tadori.autograd.grad(y.sin().sum(), leaves, create_graph=True)
        second = tadori.autograd.grad(sum(g.square().sum() for g in first), leaves)
        results.append([y.detach(), *(g.detach() for g in (*first, *second))])
    for a, b in zip(*results):
        assert_allclose(a.numpy(), b.numpy(), rtol=1e-3, atol=2e-4)


def test_it_is_the_composition_with_a_mask():
    _, heads = zip(*inputs(tadori.float32))
    mask = tadori.tensor(np.tri(70, dtype=bool))
    causal = F.scaled_dot_product_attention(*heads, is_causal=True)
    masked = F.scaled_dot_product_attention(*heads, attn_mask=mask)
    assert_allclose(causal.detach().numpy(), masked.detach().numpy(), atol=1e-5)


@pytest.mark.allow_fp_faults
def test_special_values_reach_only_the_queries_that_see_them():
    scores = np.random.default_rng(0).standard_normal((8, 64, 64)).astype(np.float32)
    scores[0, :, 10] = np.nan
    scores[1, :, 20] = -np.inf
    weights = kernels.attention_weights(scores, scale=0.5, is_causal=True)
    seeing = np.arange(64) >= 10
    assert (np.isnan(weights[0]).any(-1) == seeing).all()
    assert (weights[1, :, 20] == 0).all()
    assert_allclose(weights[1:].sum(-1), 1, rtol=1e-5)
    assert (np.triu(weights[2:], 1) == 0).all()
