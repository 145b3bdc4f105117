"""Recurrent kernels in place, with Numba's loops and without, against their formulas in ops/."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from numpy.testing import assert_allclose

import tadori
from tadori import kernels
from tadori.dispatch import operations
from tadori.kernels import numba_pool, recurrent

T, B, H = 3, 5, 7


def randn(*shape, dtype=np.float32):
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(dtype)


@pytest.fixture(params=[True, False], ids=["numba", "numpy"])
def loops(request, monkeypatch):
    """Numba for the smallest arrays, or not at all."""
    if request.param:
        pytest.importorskip("numba")
    monkeypatch.setattr(recurrent, "MANY", 0)
    monkeypatch.setattr(numba_pool.settings, "enabled", request.param)


def state(count, gates, scale=1.0):
    """Sequences of states, and of gates side by side, within (0, 1)."""
    several = [randn(T, B, H) * scale for _ in range(count)]
    return several, 1 / (1 + np.exp(-randn(T, B, gates * H)))


def formula(kernel):
    """The formula that Tensors run, here on arrays."""
    return inspect.unwrap(operations[kernel])


CALLS = {
    "lstm_step": (
        kernels.lstm_step_back,
        lambda x, g, extra: (x[0][0], x[1][0], extra * g[0], x[2][0], x[3][0], g[0]),
        4,
    ),
    "lstm": (
        kernels.lstm_back,
        lambda x, g, extra: (x[0], x[1], extra * g, x[2][0], x[3][0], randn(4 * H, H), *x[4:6], g),
        4,
    ),
    "gru_step": (
        kernels.gru_step_back,
        lambda x, g, extra: (x[0][0], extra * g[0], randn(B, 3 * H), x[1][0], g[0]),
        3,
    ),
    "gru": (
        kernels.gru_back,
        lambda x, g, extra: (
            x[0], extra * g, extra * g * 2, x[1][0], randn(3 * H, H), x[2], g, randn(T, B, 3 * H)
        ),
        3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("extra", [0, 1], ids=["usual", "gradients of gates"])
@pytest.mark.parametrize("name", CALLS)
def test_backward_in_place_is_the_formula(loops, name, extra):
    kernel, arguments, gates = CALLS[name]
    arrays = arguments(*state(6, gates), np.float32(extra))
    kept = [a.copy() for a in arrays]
    found, expected = kernel(*arrays), formula(kernel)(*arrays)
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == np.float32
        assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    for a, b in zip(arrays, kept):
        assert (a == b).all(), "an argument was written"


@pytest.mark.parametrize("scale", [1e-4, 1.0, 30.0])
def test_gates_to_the_last_digits(loops, scale):
    pre, c = randn(B, 4 * H) * scale, randn(B, H)
    for found, expected in zip(
        kernels.lstm_step(pre, c), kernels.lstm_step(pre.astype(float), c.astype(float))
    ):
        assert_allclose(found, expected, rtol=2e-6, atol=1e-7)
    inner = randn(B, 3 * H)
    wide = [a.astype(float) for a in (pre[:, : 3 * H], inner, c)]
    for found, expected in zip(
        kernels.gru_step(pre[:, : 3 * H].copy(), inner, c), kernels.gru_step(*wide)
    ):
        assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.allow_fp_faults
def test_nan_stays_nan(loops):
    pre, c = randn(B, 4 * H), randn(B, H)
    pre[1, 2], c[3, 4] = np.nan, np.nan
    pre[0, 0], pre[0, 1] = np.inf, -np.inf
    found = kernels.lstm_step(pre, c)
    expected = kernels.lstm_step(pre.astype(float), c.astype(float))
    for a, b in zip(found, expected):
        assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_large_layers_agree_with_torch(name):
    """Above the sizes at which oneDNN and Numba take over."""
    torch = pytest.importorskip("torch")
    ours, theirs = getattr(tadori.nn, name)(64, 96), getattr(torch.nn, name)(64, 96)
    ours.load_state_dict({k: tadori.from_numpy(v.numpy()) for k, v in theirs.state_dict().items()})
    x = randn(6, 32, 64)
    gy = randn(6, 32, 96)
    results = []
    for framework, layer in ((tadori, ours), (torch, theirs)):
        z = framework.from_numpy(x.copy()).requires_grad_()
        y, _ = layer(z)
        y.backward(framework.from_numpy(gy))
        results.append([y.detach(), z.grad, *(p.grad for p in layer.parameters())])
    for a, b in zip(*results, strict=True):
        assert_allclose(a.numpy(), b.numpy(), rtol=1e-3, atol=2e-4)
