"""Recurrent layers: one step, and a whole sequence. Going back through a sequence in time is a loop
over the steps from the last to the first, in which each step hands its gradient to the one before.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels.recurrent import parts
from .linalg import product


def flat(x):
    """(T, B, H) -> (T B, H): all steps as rows."""
    return np.reshape(x, (-1, x.shape[-1]))


def shifted(first, states):
    """The state before each step, (T, B, H): the first one, then all but the last."""
    return np.concatenate([first[None], states[:-1]])


# ------------------------------------------------------------------------------------------- LSTM


@implements(kernels.lstm_step_back)
def lstm_step_back(gh, gcell, ggates, c, cell, gates):
    """From the gradients after one step of an LSTM to those before it, (gpre, gc).

    With s = tanh(c'):  c' = f c + i g  and  h' = o s; sigmoid' = a (1 - a), tanh' = 1 - a^2.
    """
    i, f, g, o = parts(gates, 4)
    s = np.tanh(cell)
    gcell = gcell + gh * o * (1 - s * s)
    sent = np.concatenate([gcell * g, gcell * c, gcell * i, gh * s], axis=-1)
    slopes = [sigmoid_slope(i), sigmoid_slope(f), 1 - g * g, sigmoid_slope(o)]
    return (ggates + sent) * np.concatenate(slopes, axis=-1), gcell * f


def sigmoid_slope(a):
    """The derivative of a = sigmoid(x)."""
    return a * (1 - a)


@implements(kernels.lstm_step)
class LSTMStep(Function):
    """c' = f c + i g  and  h' = o tanh(c'), with the gates i, f, g, o from the parts of pre."""

    returns = ("h", "cell", "gates")

    def forward(self, pre, c):
        return kernels.lstm_step(pre, c)

    def backward(self, gh, gcell, ggates, c, cell, gates):
        return kernels.lstm_step_back(gh, gcell, ggates, c, cell, gates)


@implements(kernels.lstm_cell)
class LSTMCell(Function):
    """One step of an LSTM with the product of its state: `lstm_step(pre + h @ weight^T + bias)`."""

    returns = ("y", "cell", "gates")

    def forward(self, pre, h, c, weight, bias=None):
        return kernels.lstm_cell(pre, h, c, weight, bias)

    def backward(self, gy, gcell, ggates, h, c, weight, cell, gates):
        gpre, gc = kernels.lstm_step_back(gy, gcell, ggates, c, cell, gates)
        gh = product(gpre, weight)
        gweight = product(np.transpose(gpre), h)
        return gpre, gh, gc, gweight, np.sum(gpre, axis=0)


@implements(kernels.lstm_back)
def lstm_back(gstate, gcell, ggates, h, c, weight, state, cell, gates):
    """From the gradients of a sequence of LSTM steps to those of pre, h, c and weight.

    Where c enters a step, what comes from the step after it and from outside (gcell) add up. The
    steps share weight, so its gradient is one product of matrices.
    """
    gpre: Any = []
    gh, gc = 0.0, 0.0
    for t in reversed(range(gates.shape[0])):
        before = cell[t - 1] if t else c
        gpre_t, gc = lstm_step_back(
            gstate[t] + gh,
            gcell[t] + gc,
            ggates[t],
            before,
            cell[t],
            gates[t],
        )
        gh = gpre_t @ weight
        gpre.append(gpre_t)
    gpre = np.stack(gpre[::-1])
    gweight = np.transpose(flat(gpre)) @ flat(shifted(h, state))
    return gpre, gh, gc, gweight


@implements(kernels.lstm)
class LSTM(Function):
    """A sequence of LSTM steps; see `lstm_back` for the gradients."""

    returns = ("state", "cell", "gates")

    def forward(self, pre, h, c, weight):
        return kernels.lstm(pre, h, c, weight)

    def backward(self, gstate, gcell, ggates, h, c, weight, state, cell, gates):
        return kernels.lstm_back(gstate, gcell, ggates, h, c, weight, state, cell, gates)


# -------------------------------------------------------------------------------------------- GRU


@implements(kernels.gru_step_back)
def gru_step_back(gy, ggates, inner, h, gates):
    """From the gradients after one step of a GRU to those before it, (gpre, ginner, gh)."""
    r, z, n = parts(gates, 3)
    gr, gz, gn = parts(ggates, 3)
    _, _, inner_n = parts(inner, 3)
    gn = (gy * (1 - z) + gn) * (1 - n * n)
    gz = (gy * (h - n) + gz) * sigmoid_slope(z)
    gr = (gn * inner_n + gr) * sigmoid_slope(r)
    gpre = np.concatenate([gr, gz, gn], axis=-1)
    return gpre, np.concatenate([gr, gz, gn * r], axis=-1), gy * z


@implements(kernels.gru_step)
class GRUStep(Function):
    """h' = (1 - z) n + z h  with  r, z = sigmoid(pre + inner),  n = tanh(pre_n + r inner_n)."""

    returns = ("y", "gates")

    def forward(self, pre, inner, h):
        return kernels.gru_step(pre, inner, h)

    def backward(self, gy, ggates, inner, h, gates):
        return kernels.gru_step_back(gy, ggates, inner, h, gates)


@implements(kernels.gru_back)
def gru_back(gstate, ggates, ginner, h, weight, state, gates, inner):
    """From the gradients of a sequence of GRU steps to those of pre, h, weight and bias."""
    gpre: Any = []
    ginners = []
    gh = 0.0
    for t in reversed(range(gates.shape[0])):
        before = state[t - 1] if t else h
        gpre_t, ginner_t, gh = gru_step_back(
            gstate[t] + gh,
            ggates[t],
            inner[t],
            before,
            gates[t],
        )
        ginner_t = ginner_t + ginner[t]
        gh = gh + ginner_t @ weight
        gpre.append(gpre_t)
        ginners.append(ginner_t)
    gpre = np.stack(gpre[::-1])
    rows = flat(np.stack(ginners[::-1]))
    gweight = np.transpose(rows) @ flat(shifted(h, state))
    gbias = np.sum(rows, axis=0)
    return gpre, gh, gweight, gbias


@implements(kernels.gru)
class GRU(Function):
    """A sequence of GRU steps, `inner` being h @ weight.T + bias before each."""

    returns = ("state", "gates", "inner")

    def forward(self, pre, h, weight, bias=None):
        return kernels.gru(pre, h, weight, bias)

    def backward(self, gstate, ggates, ginner, h, weight, state, gates, inner):
        return kernels.gru_back(gstate, ggates, ginner, h, weight, state, gates, inner)


# ---------------------------------------------------------------------------------- the plain one


@implements(kernels.rnn)
class RNN(Function):
    """y[t] = tanh(pre[t] + y[t-1] @ weight.T), or relu instead of tanh.

    tanh' = 1 - y^2;  relu' = 1 where y > 0.
    """

    def forward(self, pre, h, weight, *, nonlinearity):
        return kernels.rnn(pre, h, weight, nonlinearity=nonlinearity)

    def backward(self, gy, h, weight, y, nonlinearity):
        gpre: Any = []
        gh = 0.0
        for t in reversed(range(y.shape[0])):
            total = gy[t] + gh
            if nonlinearity == "tanh":
                total = total * (1 - y[t] * y[t])
            else:
                total = np.where(y[t] > 0, total, 0.0)
            gh = product(total, weight)
            gpre.append(total)
        gpre = np.stack(gpre[::-1])
        gweight = product(np.transpose(flat(gpre)), flat(shifted(h, y)))
        return gpre, gh, gweight
