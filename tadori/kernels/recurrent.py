"""Recurrent layers in plain NumPy: what happens at one step of time, and along a sequence.

    pre   B 4H, or 3H, or H   what the input says to each gate: x @ weight_ih.T + biases
    h, c  B H                 the state and, for an LSTM, its memory
    T     steps of time, in front: T B H

The gates are activated together, and the candidates among them once more, in their own way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tadori.kernels import activation
from tadori.kernels.window import Array


def parts(gates: Array, count: int) -> list[Array]:
    """The gates that stand side by side, (..., count H), one by one: views."""
    n = gates.shape[-1] // count
    return [gates[..., k * n : (k + 1) * n] for k in range(count)]


# ------------------------------------------------------------------------------------------- LSTM


def lstm_step(pre: Array, c: Array) -> tuple[Array, Array, Array]:
    """c' = f c + i g  and  h' = o tanh(c'), with the gates i, f, g, o from the four parts of pre.

    pre (B, 4H), c (B, H) -> h' and c' (B, H), and the activated gates (B, 4H).
    """
    gates = activation.sigmoid(pre)
    i, f, g, o = parts(gates, 4)
    candidates = parts(pre, 4)[2]
    np.tanh(candidates, g)
    memory = f * c
    memory += i * g
    return o * np.tanh(memory), memory, gates


def lstm(pre: Array, h: Array, c: Array, weight: Array) -> tuple[Array, Array, Array]:
    """An LSTM along a sequence: at each step `lstm_step(pre[t] + h @ weight.T, c)`.

    pre (T, B, 4H), h and c (B, H) at the start, weight (4H, H) -> every h and c (T, B, H), and
    every gate (T, B, 4H).
    """
    steps = []
    for pre_t in pre:
        h, c, gates = lstm_step(h @ weight.T + pre_t, c)
        steps.append((h, c, gates))
    states, memories, gates = zip(*steps)
    return np.stack(states), np.stack(memories), np.stack(gates)


# -------------------------------------------------------------------------------------------- GRU


def gru_step(pre: Array, inner: Array, h: Array) -> tuple[Array, Array]:
    """h' = (1 - z) n + z h  with  r, z = sigmoid(pre + inner),  n = tanh(pre_n + r inner_n).

    pre (B, 3H) from the input, inner (B, 3H) from the state h (B, H), parts r, z, n ->
    h' (B, H), and the activated gates (B, 3H).
    """
    size = h.shape[-1]
    pre_n = pre[..., 2 * size :]
    inner_n = inner[..., 2 * size :]
    gates = activation.sigmoid(pre + inner)
    r, z, n = parts(gates, 3)
    np.tanh(pre_n + r * inner_n, n)
    kept = z * (h - n)
    return n + kept, gates


def gru(
    pre: Array, h: Array, weight: Array, bias: Array | None = None
) -> tuple[Array, Array, Array]:
    """A GRU along a sequence: at each step `gru_step(pre[t], h @ weight.T + bias, h)`.

    pre (T, B, 3H), h (B, H) at the start, weight (3H, H), bias (3H,) or None -> every h (T, B, H),
    every gate (T, B, 3H), and every `inner` (T, B, 3H).
    """
    steps = []
    for pre_t in pre:
        inner = h @ weight.T
        if bias is not None:
            inner += bias
        h, gates = gru_step(pre_t, inner, h)
        steps.append((h, gates, inner))
    states, every_gate, every_inner = zip(*steps)
    return np.stack(states), np.stack(every_gate), np.stack(every_inner)


# ---------------------------------------------------------------------------------- the plain one

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
}


def rnn(pre: Array, h: Array, weight: Array, *, nonlinearity: str) -> Array:
    """h[t] = tanh(pre[t] + h[t-1] @ weight.T), or relu instead of tanh.

    pre (T, B, H), h (B, H) at the start, weight (H, H) -> every h (T, B, H).
    """
    activate = ACTIVATIONS[nonlinearity]
    states = []
    for pre_t in pre:
        h = activate(h @ weight.T + pre_t)
        states.append(h)
    return np.stack(states)
