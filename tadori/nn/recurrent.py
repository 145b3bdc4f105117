"""Recurrent layers over whole sequences, with PyTorch's names of parameters and order of gates."""

from __future__ import annotations

import math
from typing import Any

from .. import kernels
from ..tensor import Tensor
from . import functional as F
from . import init
from .language import np
from .module import Module
from .parameter import new_parameter


class Recurrent(Module):
    """What RNN, LSTM and GRU share: parameters, layers, directions, batches or none.

    x (T, N, input_size), with batch_first (N, T, input_size), or (T, input_size) of one sequence.
    A state is (num_layers * directions, N, hidden_size). Without batch, N is missing.
    """

    gates: int  # so many times hidden_size are the rows of a weight

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        for name, value in (("hidden_size", hidden_size), ("num_layers", num_layers)):
            if value <= 0:
                raise ValueError(f"{name} must be greater than zero")
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout should be a number in range [0, 1], got {dropout}")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first = bias, batch_first
        self.dropout, self.bidirectional = float(dropout), bidirectional
        rows = self.gates * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * self.directions
            for suffix in self._suffixes(layer):
                shapes: dict[str, Any] = {
                    "weight_ih": (rows, width),
                    "weight_hh": (rows, hidden_size),
                }
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                for name, shape in shapes.items():
                    setattr(self, f"{name}_{suffix}", new_parameter(shape, device, dtype))
        self.reset_parameters()

    @property
    def directions(self) -> int:
        """2 if the sequence is read from both ends, else 1."""
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        return [f"l{layer}", f"l{layer}_reverse"][: self.directions]

    def reset_parameters(self) -> None:
        """Draw all parameters anew, from +-1/sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing to do here: PyTorch's way to bring the weights together for cuDNN."""

    def run(
        self, x: Tensor, state: tuple[Tensor, ...], weights: list[Any]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer in one direction: (T, N, width), states (N, H) -> (T, N, H), the last states.

        weights: weight_ih, weight_hh, bias_ih and bias_hh, or None for the biases.
        """
        raise NotImplementedError

    def forward_states(
        self, x: Tensor, states: tuple[Tensor, ...] | None, count: int
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The outputs of the last layer, and the last state of every layer and direction.

        count: how many tensors a state consists of.
        """
        if x.ndim not in (2, 3):
            raise ValueError(
                f"{self._get_name()}: Expected input to be 2D or 3D, got {x.ndim}D instead"
            )
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got "
                f"{x.shape[-1]}"
            )
        alone = x.ndim == 2
        if alone:
            x = np.expand_dims(x, 1)
        elif self.batch_first:
            x = np.swapaxes(x, 0, 1)
        if x.shape[0] == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        shape = (self.num_layers * self.directions, x.shape[1], self.hidden_size)
        if states is None:
            states = (np.zeros_like(x.detach(), shape=shape),) * count
        elif alone:
            states = tuple(np.expand_dims(state, 1) for state in states)
        for state in states:
            if tuple(state.shape) != shape:
                found = state.shape[:1] + state.shape[2:] if alone else state.shape
                expected = shape[:1] + shape[2:] if alone else shape
                raise RuntimeError(f"Expected hidden size {expected}, got {list(found)}")
        last: list[tuple[Tensor, ...]] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = F.dropout(x, self.dropout, self.training)
            read = []
            for suffix in self._suffixes(layer):
                back = suffix.endswith("reverse")
                names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                weights = [getattr(self, f"{name}_{suffix}", None) for name in names]
                first = tuple(state[len(last)] for state in states)
                y, end = self.run(np.flip(x, 0) if back else x, first, weights)
                read.append(np.flip(y, 0) if back else y)
                last.append(end)
            x = read[0] if len(read) == 1 else np.concatenate(read, axis=-1)
        ends = tuple(np.stack(state) for state in zip(*last))
        if alone:
            return x[:, 0], tuple(state[:, 0] for state in ends)
        return (np.swapaxes(x, 0, 1) if self.batch_first else x), ends

    def extra_repr(self) -> str:
        """The sizes, and the options that differ from their defaults."""
        parts = [f"{self.input_size}", f"{self.hidden_size}"]
        unusual = {
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        for name, usual in unusual.items():
            if getattr(self, name) != usual:
                parts.append(f"{name}={getattr(self, name)}")
        return ", ".join(parts)


class RNN(Recurrent):
    """h[t] = tanh(weight_ih x[t] + bias_ih + weight_hh h[t-1] + bias_hh), or relu instead of tanh.

    `rnn(x, h0)` gives every h of the last layer, (T, N, directions * hidden_size), and the last h
    of all layers. h0 is zeros by default. dropout acts between layers.
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        options = (bias, batch_first, dropout, bidirectional, device, dtype)
        super().__init__(input_size, hidden_size, num_layers, *options)
        self.nonlinearity = nonlinearity

    def run(
        self, x: Tensor, state: tuple[Tensor, ...], weights: list[Any]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer in one direction."""
        pre = projected(x, weights)
        y = kernels.rnn(pre, state[0], weights[1], nonlinearity=self.nonlinearity)
        return y, (y[-1],)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(every h of the last layer, the last h of every layer)."""
        y, states = self.forward_states(input, None if hx is None else (hx,), 1)
        return y, states[0]


class LSTM(Recurrent):
    """Long short-term memory: c[t] = f c[t-1] + i g  and  h[t] = o tanh(c[t]).

    The gates i, f, g, o are the parts of weight_ih x[t] + bias_ih + weight_hh h[t-1] + bias_hh,
    through sigmoid, g through tanh. `lstm(x, (h0, c0))` gives every h of the last layer,
    (T, N, directions * hidden_size), and the last (h, c) of all layers.
    """

    gates = 4

    def run(
        self, x: Tensor, state: tuple[Tensor, ...], weights: list[Any]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer in one direction."""
        y, c, _ = kernels.lstm(projected(x, weights), *state, weights[1])
        return y, (y[-1], c[-1])

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(every h of the last layer, the last (h, c) of every layer)."""
        y, states = self.forward_states(input, hx, 2)
        return y, (states[0], states[1])


class GRU(Recurrent):
    """Gated recurrent unit: h[t] = (1 - z) n + z h[t-1]  with  n = tanh(x_n + r h_n).

    r, z and the parts x_n, h_n are those of weight_ih x[t] + bias_ih and of weight_hh h[t-1] +
    bias_hh; r and z are their sums, through sigmoid. Results as those of `RNN`.
    """

    gates = 3

    def run(
        self, x: Tensor, state: tuple[Tensor, ...], weights: list[Any]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer in one direction."""
        pre = kernels.linear(x, weights[0], weights[2])
        y = kernels.gru(pre, state[0], weights[1], weights[3])[0]
        return y, (y[-1],)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(every h of the last layer, the last h of every layer)."""
        y, states = self.forward_states(input, None if hx is None else (hx,), 1)
        return y, states[0]


def projected(x: Tensor, weights: list[Any]) -> Tensor:
    """weight_ih x + bias_ih + bias_hh, for all steps at once."""
    bias = None if weights[2] is None else weights[2] + weights[3]
    return kernels.linear(x, weights[0], bias)
