"""Recurrent layers in plain NumPy: what happens at one step of time, and along a sequence.

    pre   B 4H, or 3H, or H   what the input says to each gate: x @ weight_ih.T + biases
    h, c  B H                 the state and, for an LSTM, its memory
    T     steps of time, in front: T B H

The gates are activated together, and the candidates among them once more, in their own way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tadori import kernels
from tadori.kernels import activation
from tadori.kernels.window import Array


def parts(gates: Array, count: int) -> list[Array]:
    """The gates that stand side by side, (..., count H), one by one: views."""
    n = gates.shape[-1] // count
    return [gates[..., k * n : (k + 1) * n] for k in range(count)]


# ------------------------------------------------------------------------------------------- LSTM


def activate_lstm(gates: Array, c: Array, state: Array, memory: Array) -> None:
    """One step, in place: activate the gates, write c' = f c + i g and h' = o tanh(c')."""
    i, f, g, o = parts(gates, 4)
    candidates = np.tanh(g)
    sigmoid_here(gates)
    g[...] = candidates
    candidates *= i
    np.multiply(f, c, memory)
    memory += candidates
    np.tanh(memory, state)
    state *= o


def sigmoid_here(x: Array) -> None:
    """x becomes 1 / (1 + e^-x)."""
    np.negative(x, x)
    np.exp(x, x)
    x += 1
    np.reciprocal(x, x)


def lstm_step(pre: Array, c: Array) -> tuple[Array, Array, Array]:
    """c' = f c + i g  and  h' = o tanh(c'), with the gates i, f, g, o from the four parts of pre.

    pre (B, 4H), c (B, H) -> h' and c' (B, H), and the activated gates (B, 4H).
    """
    gates = pre.copy()
    state, memory = np.empty_like(c), np.empty_like(c)
    activate_lstm(gates, c, state, memory)
    return state, memory, gates


def lstm_cell(
    pre: Array, h: Array, c: Array, weight: Array, bias: Array | None = None
) -> tuple[Array, Array, Array]:
    """`lstm_step(pre + h @ weight.T + bias, c)`.

    pre (B, 4H), h and c (B, H), weight (4H, H), bias (4H,) or None -> as `lstm_step`.
    """
    gates = kernels.linear(h, weight, bias)
    gates += pre
    state, memory = np.empty_like(c), np.empty_like(c)
    activate_lstm(gates, c, state, memory)
    return state, memory, gates


def lstm_step_back(
    gh: Array, gcell: Array, ggates: Array, c: Array, cell: Array, gates: Array
) -> tuple[Array, Array]:
    """From the gradients after one step of an LSTM to those before it, (gpre, gc).

    With s = tanh(c'):  c' = f c + i g  and  h' = o s; sigmoid' = a (1 - a), tanh' = 1 - a^2.
    """
    gpre, gc = np.empty_like(gates), gcell.copy()
    leave_lstm(gh, gc, ggates, c, cell, gates, gpre)
    return gpre, gc


def leave_lstm(
    gh: Array, gc: Array, ggates: Array | None, c: Array, cell: Array, gates: Array, gpre: Array
) -> None:
    """`lstm_step_back` in place: write gpre, and turn gc from the gradient of c' into that of c."""
    i, f, g, o = parts(gates, 4)
    to_i, to_f, to_g, to_o = parts(gpre, 4)
    s = np.tanh(cell)
    np.multiply(gh, s, to_o)
    s *= s
    np.subtract(1, s, s)
    s *= o
    s *= gh
    gc += s
    np.multiply(gc, g, to_i)
    np.multiply(gc, c, to_f)
    np.multiply(gc, i, to_g)
    if ggates is not None:
        gpre += ggates
    slopes = 1 - gates
    slopes *= gates
    np.multiply(g, g, s)
    np.subtract(1, s, parts(slopes, 4)[2])
    gpre *= slopes
    gc *= f


def lstm(pre: Array, h: Array, c: Array, weight: Array) -> tuple[Array, Array, Array]:
    """An LSTM along a sequence: at each step `lstm_step(pre[t] + h @ weight.T, c)`.

    pre (T, B, 4H), h and c (B, H) at the start, weight (4H, H) -> every h and c (T, B, H), and
    every gate (T, B, 4H).
    """
    gates = pre.copy()
    states = np.empty_like(pre, shape=(len(pre), *h.shape))
    memories = np.empty_like(states)
    for gates_t, state, memory in zip(gates, states, memories):
        gates_t += kernels.matmul(h, weight.T)
        activate_lstm(gates_t, c, state, memory)
        h, c = state, memory
    return states, memories, gates


def lstm_back(
    gstate: Array,
    gcell: Array,
    ggates: Array,
    h: Array,
    c: Array,
    weight: Array,
    state: Array,
    cell: Array,
    gates: Array,
) -> tuple[Array, Array, Array, Array]:
    """The gradients of `lstm`: of pre, h, c and weight, from those of its results.

    Where c enters a step, what comes from the step after it and from outside (gcell) add up.
    """
    gpre = np.empty_like(gates)
    gh, gc = np.zeros_like(h), np.zeros_like(c)
    watched = ggates.any()
    for t in reversed(range(len(gates))):
        gh += gstate[t]
        gc += gcell[t]
        before = cell[t - 1] if t else c
        more = ggates[t] if watched else None
        leave_lstm(gh, gc, more, before, cell[t], gates[t], gpre[t])
        gh = kernels.matmul(gpre[t], weight)
    return gpre, gh, gc, kernels.matmul(rows(gpre).T, rows(shifted(h, state)))


def rows(x: Array) -> Array:
    """(T, B, H) -> (T B, H): all steps below one another."""
    return x.reshape(-1, x.shape[-1])


def shifted(first: Array, states: Array) -> Array:
    """The state before each step, (T, B, H): the first one, then all but the last."""
    return np.concatenate([first[None], states[:-1]])


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
        inner = kernels.matmul(h, weight.T)
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
        h = activate(kernels.matmul(h, weight.T) + pre_t)
        states.append(h)
    return np.stack(states)
