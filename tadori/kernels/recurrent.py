"""Recurrent layers in plain NumPy: what happens at one step of time, and along a sequence.

    pre   B 4H, or 3H, or H   what the input says to each gate: x @ weight_ih.T + biases
    h, c  B H                 the state and, for an LSTM, its memory
    T     steps of time, in front: T B H

The gates are activated together: the sigmoid is a tanh of half its argument, raised and halved.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tadori.kernels.window import Array


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without a power that overflows."""
    return np.tanh(x * 0.5) * 0.5 + 0.5


# ------------------------------------------------------------------------------------------- LSTM


def lstm_step(pre: Array, c: Array) -> tuple[Array, Array, Array]:
    """c' = f c + i g  and  h' = o tanh(c'), with the gates i, f, g, o from the four parts of pre.

    pre (B, 4H), c (B, H) -> h' and c' (B, H), and the activated gates (B, 4H).
    """
    n = c.shape[-1]
    gates = pre * 0.5
    gates[..., 2 * n : 3 * n] *= 2  # the candidates g are a plain tanh
    np.tanh(gates, gates)
    for sigmoids in (gates[..., : 2 * n], gates[..., 3 * n :]):
        sigmoids *= 0.5
        sigmoids += 0.5
    memory = gates[..., n : 2 * n] * c
    memory += gates[..., :n] * gates[..., 2 * n : 3 * n]
    return gates[..., 3 * n :] * np.tanh(memory), memory, gates


def lstm(pre: Array, h: Array, c: Array, weight: Array) -> tuple[Array, Array, Array]:
    """An LSTM along a sequence: at each step `lstm_step(pre[t] + h @ weight.T, c)`.

    pre (T, B, 4H), h and c (B, H) at the start, weight (4H, H) -> every h and c (T, B, H), and
    every gate (T, B, 4H).
    """
    states, memories, gates = (np.empty_like(pre, shape=s) for s in lengths(pre, c, 1, 1, 4))
    for t in range(len(pre)):
        h, c, gates[t] = lstm_step(h @ weight.T + pre[t], c)
        states[t], memories[t] = h, c
    return states, memories, gates


# -------------------------------------------------------------------------------------------- GRU


def gru_step(pre: Array, inner: Array, h: Array) -> tuple[Array, Array]:
    """h' = (1 - z) n + z h  with  r, z = sigmoid(pre + inner),  n = tanh(pre_n + r inner_n).

    pre (B, 3H) from the input, inner (B, 3H) from the state h (B, H), parts r, z, n ->
    h' (B, H), and the activated gates (B, 3H).
    """
    n = h.shape[-1]
    gates = np.empty_like(pre)
    gates[..., : 2 * n] = sigmoid(pre[..., : 2 * n] + inner[..., : 2 * n])
    r, z, new = gates[..., :n], gates[..., n : 2 * n], gates[..., 2 * n :]
    np.tanh(pre[..., 2 * n :] + r * inner[..., 2 * n :], new)
    return new + z * (h - new), gates


def gru(
    pre: Array, h: Array, weight: Array, bias: Array | None = None
) -> tuple[Array, Array, Array]:
    """A GRU along a sequence: at each step `gru_step(pre[t], h @ weight.T + bias, h)`.

    pre (T, B, 3H), h (B, H) at the start, weight (3H, H), bias (3H,) or None -> every h (T, B, H),
    every gate (T, B, 3H), and every `inner` (T, B, 3H).
    """
    states, gates, inner = (np.empty_like(pre, shape=s) for s in lengths(pre, h, 1, 3, 3))
    for t in range(len(pre)):
        inner[t] = h @ weight.T if bias is None else h @ weight.T + bias
        h, gates[t] = gru_step(pre[t], inner[t], h)
        states[t] = h
    return states, gates, inner


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
    states = np.empty_like(pre)
    for t in range(len(pre)):
        states[t] = h = activate(h @ weight.T + pre[t])
    return states


def lengths(pre: Array, h: Array, *parts: int) -> list[tuple[int, ...]]:
    """The shapes (T, B, k H) for these k."""
    return [(*pre.shape[:-1], k * h.shape[-1]) for k in parts]
