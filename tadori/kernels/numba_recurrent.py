"""Loops over a step of time: what `recurrent.py` does in place, for float32 in one pass.

Arrays are contiguous, (B, H), or (B, several times H) with the gates side by side. Importing this
file imports Numba; `recurrent.py` decides when that pays off.
"""

# mypy: ignore-errors
# (what Numba compiles is typed when it is called)

from __future__ import annotations

from numpy import float32

from tadori.kernels.numba_parts import ONE, exp_down, loop, part, sigmoid

TWO, NEAR = float32(2), float32(0.1)
SERIES = float32(-17 / 315), float32(2 / 15), float32(-1 / 3)


@part
def tanh(x):
    """tanh(x), by its series where 1 - e^-2x would lose digits."""
    power = exp_down(-TWO * abs(x))
    size = (ONE - power) / (ONE + power)
    far = size if x > 0 else -size
    square = x * x
    near = x + x * square * (SERIES[2] + square * (SERIES[1] + square * SERIES[0]))
    return near if abs(x) < NEAR else far


@part
def each(function, x):
    """x becomes function(x), entry by entry."""
    for j in range(x.size):
        x[j] = function(x[j])


@part
def slope(a):
    """The derivative of a = sigmoid(x)."""
    return a * (ONE - a)


@part
def bend(a):
    """The derivative of a = tanh(x)."""
    return ONE - a * a


@part
def gate(row, k, n):
    """The k-th of the gates of n entries that stand side by side."""
    start = k * n
    return row[start : start + n]


# Each loop writes one array: several would not be computed several entries at once.


@loop
def activate_lstm(gates, c, state, memory):
    """As `recurrent.activate_lstm`."""
    rows, n = c.shape
    for b in range(rows):
        i = gate(gates[b], 0, n)
        f = gate(gates[b], 1, n)
        g = gate(gates[b], 2, n)
        o = gate(gates[b], 3, n)
        before = c[b]
        cell = memory[b]
        h = state[b]
        each(sigmoid, i)
        each(sigmoid, f)
        each(tanh, g)
        each(sigmoid, o)
        for j in range(n):
            cell[j] = f[j] * before[j] + i[j] * g[j]
        for j in range(n):
            h[j] = o[j] * tanh(cell[j])


@loop
def leave_lstm(gh, gc, c, cell, gates, gpre):
    """As `recurrent.leave_lstm`."""
    rows, n = c.shape
    for b in range(rows):
        i = gate(gates[b], 0, n)
        f = gate(gates[b], 1, n)
        g = gate(gates[b], 2, n)
        o = gate(gates[b], 3, n)
        to_i = gate(gpre[b], 0, n)
        to_f = gate(gpre[b], 1, n)
        to_g = gate(gpre[b], 2, n)
        to_o = gate(gpre[b], 3, n)
        from_h = gh[b]
        from_c = gc[b]
        before = c[b]
        s = to_i  # room for tanh(c')
        s[:] = cell[b]
        each(tanh, s)
        for j in range(n):
            to_o[j] = from_h[j] * s[j] * slope(o[j])
        for j in range(n):
            from_c[j] += from_h[j] * o[j] * bend(s[j])
        for j in range(n):
            to_f[j] = from_c[j] * before[j] * slope(f[j])
        for j in range(n):
            to_g[j] = from_c[j] * i[j] * bend(g[j])
        for j in range(n):
            to_i[j] = from_c[j] * g[j] * slope(i[j])
        for j in range(n):
            from_c[j] *= f[j]


@loop
def activate_gru(pre, inner, h, gates, state):
    """As `recurrent.activate_gru`."""
    rows, n = h.shape
    for b in range(rows):
        reset = gate(gates[b], 0, n)
        update = gate(gates[b], 1, n)
        new = gate(gates[b], 2, n)
        given = gate(pre[b], 2, n)
        own = gate(inner[b], 2, n)
        before = h[b]
        after = state[b]
        for j in range(2 * n):
            gates[b, j] = sigmoid(pre[b, j] + inner[b, j])
        for j in range(n):
            new[j] = tanh(given[j] + reset[j] * own[j])
        for j in range(n):
            after[j] = new[j] + update[j] * (before[j] - new[j])


@loop
def leave_gru(gh, inner, h, gates, gpre, ginner):
    """As `recurrent.leave_gru`."""
    rows, n = h.shape
    for b in range(rows):
        reset = gate(gates[b], 0, n)
        update = gate(gates[b], 1, n)
        new = gate(gates[b], 2, n)
        to_reset = gate(gpre[b], 0, n)
        to_update = gate(gpre[b], 1, n)
        to_new = gate(gpre[b], 2, n)
        in_new = gate(ginner[b], 2, n)
        own = gate(inner[b], 2, n)
        from_h = gh[b]
        before = h[b]
        for j in range(n):
            to_new[j] = from_h[j] * (ONE - update[j]) * bend(new[j])
        for j in range(n):
            to_update[j] = from_h[j] * (before[j] - new[j]) * slope(update[j])
        for j in range(n):
            to_reset[j] = to_new[j] * own[j] * slope(reset[j])
        ginner[b] = gpre[b]
        for j in range(n):
            in_new[j] = to_new[j] * reset[j]
        for j in range(n):
            from_h[j] *= update[j]
