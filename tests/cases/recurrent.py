"""Rows for tadori/ops/recurrent.py: what the fused kernels compute, told step by step."""

from __future__ import annotations

import numpy as np

from tadori import kernels

from .case import Case


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step(pre, c):
    i, f, g, o = np.split(pre, 4, axis=-1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c + i * g
    return o * np.tanh(c), c, np.concatenate([i, f, g, o], axis=-1)


def lstm_cell(pre, h, c, weight, bias=0.0):
    return lstm_step(pre + h @ weight.T + bias, c)


def lstm(pre, h, c, weight):
    steps = []
    for x in pre:
        h, c, gates = lstm_step(x + h @ weight.T, c)
        steps.append((h, c, gates))
    return tuple(map(np.stack, zip(*steps, strict=True)))


def gru_step(pre, inner, h):
    (pre_r, pre_z, pre_n), (r, z, n) = np.split(pre, 3, -1), np.split(inner, 3, -1)
    r, z = sigmoid(pre_r + r), sigmoid(pre_z + z)
    n = np.tanh(pre_n + r * n)
    return (1 - z) * n + z * h, np.concatenate([r, z, n], axis=-1)


def gru(pre, h, weight, bias=0.0):
    steps = []
    for x in pre:
        inner = h @ weight.T + bias
        h, gates = gru_step(x, inner, h)
        steps.append((h, gates, inner))
    return tuple(map(np.stack, zip(*steps, strict=True)))


def rnn(pre, h, weight, activate):
    states = []
    for x in pre:
        h = activate(x + h @ weight.T)
        states.append(h)
    return np.stack(states)


def relu(x):
    return np.maximum(x, 0)


def plain(name, activate):
    return Case(
        f"rnn {name}",
        lambda *xs: kernels.rnn(*xs, nonlinearity=name),
        ((4, 2, 3), (2, 3), (3, 3)),
        lambda *xs: rnn(*xs, activate),
    )


CASES = [
    Case("lstm_step", kernels.lstm_step, ((2, 12), (2, 3)), lstm_step),
    Case("lstm_step of one", kernels.lstm_step, ((12,), (3,)), lstm_step),
    Case("lstm_cell", kernels.lstm_cell, ((2, 12), (2, 3), (2, 3), (12, 3), (12,)), lstm_cell),
    Case("lstm_cell, no bias", kernels.lstm_cell, ((2, 4), (2, 1), (2, 1), (4, 1)), lstm_cell),
    Case("lstm", kernels.lstm, ((4, 2, 12), (2, 3), (2, 3), (12, 3)), lstm),
    Case("lstm of one step", kernels.lstm, ((1, 2, 4), (2, 1), (2, 1), (4, 1)), lstm),
    Case("gru_step", kernels.gru_step, ((2, 9), (2, 9), (2, 3)), gru_step),
    Case("gru", kernels.gru, ((4, 2, 9), (2, 3), (9, 3), (9,)), gru),
    Case("gru without bias", kernels.gru, ((4, 2, 9), (2, 3), (9, 3)), gru),
    plain("tanh", np.tanh),
    plain("relu", relu),
]
