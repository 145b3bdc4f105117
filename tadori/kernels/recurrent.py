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
from tadori.kernels.numba_pool import FLOAT32, served
from tadori.kernels.window import Array

MANY = 1 << 13  # entries of the gates from which Numba pays off


def parts(gates: Array, count: int) -> list[Array]:
    """The gates that stand side by side, (..., count H), one by one: views."""
    n = gates.shape[-1] // count
    return [gates[..., k * n : (k + 1) * n] for k in range(count)]


def quickest(step: Callable[..., None], *arrays: Array) -> Callable[..., None]:
    """The function `step` of this file, or Numba's loop of that name if the arrays suit it."""
    found = served("recurrent", (FLOAT32,), *arrays, least=MANY)
    return step if found is None else getattr(found, step.__name__)  # type: ignore[no-any-return]


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
    quickest(activate_lstm, gates, c)(gates, c, state, memory)
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
    quickest(activate_lstm, gates, c)(gates, c, state, memory)
    return state, memory, gates


def lstm_step_back(
    gh: Array, gcell: Array, ggates: Array, c: Array, cell: Array, gates: Array
) -> tuple[Array, Array]:
    """From the gradients after one step of an LSTM to those before it, (gpre, gc).

    With s = tanh(c'):  c' = f c + i g  and  h' = o s; sigmoid' = a (1 - a), tanh' = 1 - a^2.
    """
    if ggates.any():
        # the derivative of a gate follows what reaches it from outside as well
        gpre, gc = lstm_step_back(gh, gcell, np.zeros_like(gates), c, cell, gates)
        return gpre + ggates * lstm_slopes(gates), gc
    gpre, gc = np.empty_like(gates), gcell.copy()
    leave = quickest(leave_lstm, gates, gh, gc, c, cell)
    leave(gh, gc, c, cell, gates, gpre)
    return gpre, gc


def leave_lstm(gh: Array, gc: Array, c: Array, cell: Array, gates: Array, gpre: Array) -> None:
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
    gpre *= lstm_slopes(gates)
    gc *= f


def lstm_slopes(gates: Array) -> Array:
    """The derivative of each activated gate: a (1 - a), and 1 - g^2 of the candidates g."""
    slopes = 1 - gates
    slopes *= gates
    g = parts(gates, 4)[2]
    to = parts(slopes, 4)[2]
    np.multiply(g, g, to)
    np.subtract(1, to, to)
    return slopes


def lstm(pre: Array, h: Array, c: Array, weight: Array) -> tuple[Array, Array, Array]:
    """An LSTM along a sequence: at each step `lstm_step(pre[t] + h @ weight.T, c)`.

    pre (T, B, 4H), h and c (B, H) at the start, weight (4H, H) -> every h and c (T, B, H), and
    every gate (T, B, 4H).
    """
    gates = pre.copy()
    states = np.empty_like(pre, shape=(len(pre), *h.shape))
    memories = np.empty_like(states)
    h, c = map(np.ascontiguousarray, (h, c))
    activate = quickest(activate_lstm, gates, c)
    by_weight = kernels.repeated(weight.T, rows=len(h))
    told = np.empty_like(gates[0])
    for gates_t, state, memory in zip(gates, states, memories):
        by_weight(h, told)
        gates_t += told
        activate(gates_t, c, state, memory)
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
    leave = quickest(leave_lstm, gates, c, cell)
    by_weight = kernels.repeated(weight, rows=len(h))
    watched = ggates.any()
    for t in reversed(range(len(gates))):
        gh += gstate[t]
        gc += gcell[t]
        before = cell[t - 1] if t else c
        leave(gh, gc, before, cell[t], gates[t], gpre[t])
        if watched:
            gpre[t] += ggates[t] * lstm_slopes(gates[t])
        by_weight(gpre[t], gh)
    return gpre, gh, gc, kernels.matmul(rows(gpre).T, rows(shifted(h, state)))


def rows(x: Array) -> Array:
    """(T, B, H) -> (T B, H): all steps below one another."""
    return x.reshape(-1, x.shape[-1])


def shifted(first: Array, states: Array) -> Array:
    """The state before each step, (T, B, H): the first one, then all but the last."""
    return np.concatenate([first[None], states[:-1]])


# -------------------------------------------------------------------------------------------- GRU


def activate_gru(pre: Array, inner: Array, h: Array, gates: Array, state: Array) -> None:
    """One step, in place: write the activated gates and h' = n + z (h - n)."""
    r, z, n = parts(gates, 3)
    np.add(pre, inner, gates)
    sigmoid_here(gates)
    np.multiply(r, parts(inner, 3)[2], n)
    n += parts(pre, 3)[2]
    np.tanh(n, n)
    np.subtract(h, n, state)
    state *= z
    state += n


def gru_step(pre: Array, inner: Array, h: Array) -> tuple[Array, Array]:
    """h' = (1 - z) n + z h  with  r, z = sigmoid(pre + inner),  n = tanh(pre_n + r inner_n).

    pre (B, 3H) from the input, inner (B, 3H) from the state h (B, H), parts r, z, n ->
    h' (B, H), and the activated gates (B, 3H).
    """
    gates, state = np.empty_like(pre), np.empty_like(h)
    activate = quickest(activate_gru, pre, inner, h, gates, state)
    activate(pre, inner, h, gates, state)
    return state, gates


def gru_step_back(
    gy: Array, ggates: Array, inner: Array, h: Array, gates: Array
) -> tuple[Array, Array, Array]:
    """From the gradients after one step of a GRU to those before it, (gpre, ginner, gh)."""
    gh, gpre, ginner = gy.copy(), np.empty_like(gates), np.empty_like(gates)
    if not ggates.any():
        leave = quickest(leave_gru, gates, gh, inner, h)
        leave(gh, inner, h, gates, gpre, ginner)
        return gpre, ginner, gh
    leave_gru(gh, inner, h, gates, gpre, ginner, ggates)
    return gpre, ginner, gh


def leave_gru(
    gh: Array,
    inner: Array,
    h: Array,
    gates: Array,
    gpre: Array,
    ginner: Array,
    ggates: Array | None = None,
) -> None:
    """`gru_step_back` in place: write gpre and ginner, and turn gh into what h gets directly."""
    r, z, n = parts(gates, 3)
    to_r, to_z, to_n = parts(gpre, 3)
    np.subtract(1, z, to_n)
    to_n *= gh
    np.subtract(h, n, to_z)
    to_z *= gh
    if ggates is not None:
        to_z += parts(ggates, 3)[1]
        to_n += parts(ggates, 3)[2]
    to_n *= 1 - n * n
    np.multiply(to_n, parts(inner, 3)[2], to_r)
    if ggates is not None:
        to_r += parts(ggates, 3)[0]
    to_r *= r * (1 - r)
    to_z *= z * (1 - z)
    ginner[...] = gpre
    parts(ginner, 3)[2][...] *= r
    gh *= z


def gru(
    pre: Array, h: Array, weight: Array, bias: Array | None = None
) -> tuple[Array, Array, Array]:
    """A GRU along a sequence: at each step `gru_step(pre[t], h @ weight.T + bias, h)`.

    pre (T, B, 3H), h (B, H) at the start, weight (3H, H), bias (3H,) or None -> every h (T, B, H),
    every gate (T, B, 3H), and every `inner` (T, B, 3H).
    """
    gates, inner = np.empty_like(pre), np.empty_like(pre)
    states = np.empty_like(pre, shape=(len(pre), *h.shape))
    h = np.ascontiguousarray(h)
    activate = quickest(activate_gru, pre, inner, h, gates, states)
    by_weight = kernels.repeated(weight.T, rows=len(h))
    for pre_t, inner_t, gates_t, state in zip(pre, inner, gates, states):
        by_weight(h, inner_t)
        if bias is not None:
            inner_t += bias
        activate(pre_t, inner_t, h, gates_t, state)
        h = state
    return states, gates, inner


def gru_back(
    gstate: Array,
    ggates: Array,
    ginner: Array,
    h: Array,
    weight: Array,
    state: Array,
    gates: Array,
    inner: Array,
) -> tuple[Array, Array, Array, Array]:
    """The gradients of `gru`: of pre, h, weight and bias, from those of its results."""
    gpre, within = np.empty_like(gates), np.empty_like(gates)
    gh = np.zeros_like(h)
    leave = quickest(leave_gru, gates, inner, h, state)
    watched = (ggates,) if ggates.any() else ()
    if watched:
        leave = leave_gru
    more = ginner.any()
    by_weight = kernels.repeated(weight, rows=len(h))
    sent = np.empty_like(gh)
    for t in reversed(range(len(gates))):
        gh += gstate[t]
        before = state[t - 1] if t else h
        outside = [g[t] for g in watched]
        leave(gh, inner[t], before, gates[t], gpre[t], within[t], *outside)
        if more:
            within[t] += ginner[t]
        by_weight(within[t], sent)
        gh += sent
    changes = rows(within)
    gweight = kernels.matmul(changes.T, rows(shifted(h, state)))
    return gpre, gh, gweight, changes.sum(0)


# ---------------------------------------------------------------------------------- the plain one

ACTIVATIONS: dict[str, Callable[[Array, Array], Array]] = {
    "tanh": np.tanh,
    "relu": lambda x, y: np.maximum(x, 0, out=y),
}


def rnn(pre: Array, h: Array, weight: Array, *, nonlinearity: str) -> Array:
    """h[t] = tanh(pre[t] + h[t-1] @ weight.T), or relu instead of tanh.

    pre (T, B, H), h (B, H) at the start, weight (H, H) -> every h (T, B, H).
    """
    activate = ACTIVATIONS[nonlinearity]
    h = np.ascontiguousarray(h)
    states = np.empty_like(pre)
    by_weight = kernels.repeated(weight.T, rows=len(h))
    for pre_t, state in zip(pre, states):
        by_weight(h, state)
        state += pre_t
        activate(state, state)
        h = state
    return states
