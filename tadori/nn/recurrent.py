"""Recurrent layers over whole sequences, with PyTorch's names of parameters and order of gates."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy

from .. import kernels
from ..language import np
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module
from .parameter import new_parameter
from .utils.rnn import PackedSequence, packed, padded


class RNNBase(Module):
    """What RNN, LSTM and GRU share: parameters, layers, directions, batches or none.

    x (T, N, input_size), with batch_first (N, T, input_size), (T, input_size) of one sequence, or a
    `PackedSequence`. A state is (num_layers * directions, N, hidden_size); without batch, N is
    missing. proj_size, of an LSTM: h is multiplied by weight_hr (proj_size, hidden_size).
    """

    gates: int  # so many times hidden_size are the rows of a weight
    mode: str

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_sizes(hidden_size, num_layers, dropout, proj_size)
        if proj_size and self.gates != 4:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.proj_size = bias, batch_first, proj_size
        self.dropout, self.bidirectional = float(dropout), bidirectional
        rows, out = self.gates * hidden_size, proj_size or hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else out * self.directions
            for suffix in self._suffixes(layer):
                shapes: dict[str, Any] = {
                    "weight_ih": (rows, width),
                    "weight_hh": (rows, out),
                }
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                for name, shape in shapes.items():
                    setattr(self, f"{name}_{suffix}", new_parameter(shape, device, dtype))
        self.reset_parameters()

    @property
    def directions(self) -> int:
        """2 if the sequence is read from both ends, else 1."""
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        return [f"l{layer}", f"l{layer}_reverse"][: self.directions]

    @property
    def all_weights(self) -> list[list[Any]]:
        """The parameters of each layer and direction."""
        every = [suffix for layer in range(self.num_layers) for suffix in self._suffixes(layer)]
        return [[w for w in self._weights(suffix) if w is not None] for suffix in every]

    def _weights(self, suffix: str) -> list[Any]:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        return [getattr(self, f"{name}_{suffix}", None) for name in names]

    def reset_parameters(self) -> None:
        """Draw all parameters anew, from +-1/sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing to do here: PyTorch's way to bring the weights together for cuDNN."""

    def run(
        self,
        x: Tensor,
        state: tuple[Tensor, ...],
        weights: list[Any],
    ) -> tuple[Tensor, ...]:
        """One layer in one direction: (T, N, width), states (N, H) -> all its states (T, N, H).

        weights: weight_ih, weight_hh, bias_ih, bias_hh and weight_hr, or None for what is missing.
        """
        raise NotImplementedError

    def forward_states(
        self,
        input: Any,
        states: tuple[Tensor, ...] | None,
        count: int,
    ) -> tuple[Any, tuple[Tensor, ...]]:
        """The outputs of the last layer, and the last state of every layer and direction.

        count: how many tensors a state consists of.
        """
        if isinstance(input, PackedSequence):
            return self._packed(input, states, count)
        x = input
        if x.ndim not in (2, 3):
            raise ValueError(
                f"{self._get_name()}: Expected input to be 2D or 3D, got {x.ndim}D instead"
            )
        alone = x.ndim == 2
        if alone:
            x = np.expand_dims(x, 1)
            states = None if states is None else tuple(np.expand_dims(s, 1) for s in states)
        elif self.batch_first:
            x = np.swapaxes(x, 0, 1)
        if x.shape[0] == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        y, ends = self._layers(x, self._start(x, states, count, alone), None)
        if alone:
            return y[:, 0], tuple(state[:, 0] for state in ends)
        return (np.swapaxes(y, 0, 1) if self.batch_first else y), ends

    def _packed(
        self,
        sequence: PackedSequence,
        states: tuple[Tensor, ...] | None,
        count: int,
    ) -> tuple[PackedSequence, tuple[Tensor, ...]]:
        """The same for packed sequences: they are padded, and what lies behind their end is left
        out again.
        """
        sizes, order = sequence.batch_sizes.array, sequence.sorted_indices
        x = padded(sequence.data, sizes)
        if states is not None and order is not None:
            states = tuple(np.take(state, order, axis=1) for state in states)
        y, ends = self._layers(x, self._start(x, states, count, False), sizes)
        if sequence.unsorted_indices is not None:
            ends = tuple(np.take(state, sequence.unsorted_indices, axis=1) for state in ends)
        return sequence._replace(data=packed(y, sizes)), ends

    def _start(
        self,
        x: Tensor,
        states: tuple[Tensor, ...] | None,
        count: int,
        alone: bool,
    ) -> tuple[Tensor, ...]:
        """The first states, zeros by default. Raises RuntimeError for sizes that do not fit."""
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got "
                f"{x.shape[-1]}"
            )
        front = (self.num_layers * self.directions, x.shape[1])
        widths = (self.proj_size or self.hidden_size, self.hidden_size)
        if states is None:
            return tuple(np.zeros_like(x.detach(), shape=(*front, w)) for w in widths[:count])
        for state, width in zip(states, widths):
            shape = (*front, width)
            if tuple(state.shape) != shape:
                found = state.shape[:1] + state.shape[2:] if alone else state.shape
                expected = shape[:1] + shape[2:] if alone else shape
                raise RuntimeError(f"Expected hidden size {expected}, got {list(found)}")
        return states

    def _layers(
        self,
        x: Tensor,
        states: tuple[Tensor, ...],
        sizes: Any,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """All layers: (T, N, width) and the first states -> (T, N, H) and the last states.

        sizes: how many sequences have each step, or None if all have all.
        """
        last: list[tuple[Tensor, ...]] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = dropped(x, self.dropout, self.training, sizes)
            read = []
            for suffix in self._suffixes(layer):
                back = suffix.endswith("reverse")
                first = tuple(state[len(last)] for state in states)
                found = self.run(turned(x, sizes) if back else x, first, self._weights(suffix))
                read.append(turned(found[0], sizes) if back else found[0])
                last.append(tuple(ends(state, sizes) for state in found))
            x = read[0] if len(read) == 1 else np.concatenate(read, axis=-1)
        return x, tuple(np.stack(state) for state in zip(*last))

    def extra_repr(self) -> str:
        """The sizes, and the options that differ from their defaults."""
        parts = [f"{self.input_size}", f"{self.hidden_size}"]
        unusual = {
            "proj_size": 0,
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


def check_sizes(hidden_size: Any, num_layers: int, dropout: float, proj_size: int) -> None:
    """Raise ValueError or TypeError for options that no recurrent layer can have."""
    if not isinstance(hidden_size, int):
        raise TypeError(f"hidden_size should be of type int, got: {type(hidden_size).__name__}")
    for name, value in (("hidden_size", hidden_size), ("num_layers", num_layers)):
        if value <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if not 0 <= dropout <= 1 or isinstance(dropout, bool):
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an element "
            f"being zeroed, got {dropout}"
        )
    if proj_size < 0 or proj_size >= hidden_size:
        raise ValueError(
            "proj_size should be a positive integer, smaller than hidden_size, or zero to disable "
            f"projections; got {proj_size}"
        )
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout "
            f"expects num_layers greater than 1, but got dropout={dropout} and num_layers=1",
            UserWarning,
            stacklevel=4,
        )


def turned(x: Tensor, sizes: Any) -> Tensor:
    """Each sequence of (T, N, H) from its end to its beginning; padding stays where it is."""
    if sizes is None:
        return np.flip(x, 0)
    steps, n = x.shape[:2]
    lengths = (sizes[:, None] > numpy.arange(n)).sum(axis=0)
    step = numpy.arange(steps)[:, None]
    back = numpy.where(step < lengths, lengths - 1 - step, step)
    return x[Tensor(back), Tensor(numpy.broadcast_to(numpy.arange(n), (steps, n)))]


def ends(x: Tensor, sizes: Any) -> Tensor:
    """The last step of each sequence: (T, N, H) -> (N, H)."""
    if sizes is None:
        return x[-1]
    n = x.shape[1]
    lengths = (sizes[:, None] > numpy.arange(n)).sum(axis=0)
    return x[Tensor(lengths - 1), Tensor(numpy.arange(n))]


def dropped(x: Tensor, p: float, training: bool, sizes: Any) -> Tensor:
    """Dropout between layers; numbers are drawn for steps that are there, as in PyTorch."""
    if sizes is None or not training:
        return F.dropout(x, p, training)
    return padded(F.dropout(packed(x, sizes), p, training), sizes)


class RNN(RNNBase):
    """h[t] = tanh(weight_ih x[t] + bias_ih + weight_hh h[t-1] + bias_hh), or relu instead of tanh.

    `rnn(x, h0)` gives every h of the last layer, (T, N, directions * hidden_size), and the last h
    of all layers. h0 is zeros by default. dropout acts between layers.
    """

    gates, mode = 1, "RNN_TANH"

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
        options = (bias, batch_first, dropout, bidirectional, 0, device, dtype)
        super().__init__(input_size, hidden_size, num_layers, *options)
        self.nonlinearity = nonlinearity
        self.mode = f"RNN_{nonlinearity.upper()}"

    def run(
        self,
        x: Tensor,
        state: tuple[Tensor, ...],
        weights: list[Any],
    ) -> tuple[Tensor, ...]:
        """One layer in one direction."""
        pre = projected(x, weights)
        return (kernels.rnn(pre, state[0], weights[1], nonlinearity=self.nonlinearity),)

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """(every h of the last layer, the last h of every layer)."""
        y, states = self.forward_states(input, None if hx is None else (hx,), 1)
        return y, states[0]


class LSTM(RNNBase):
    """Long short-term memory: c[t] = f c[t-1] + i g  and  h[t] = o tanh(c[t]).

    The gates i, f, g, o are the parts of weight_ih x[t] + bias_ih + weight_hh h[t-1] + bias_hh,
    through sigmoid, g through tanh. `lstm(x, (h0, c0))` gives every h of the last layer,
    (T, N, directions * hidden_size), and the last (h, c) of all layers.
    """

    gates, mode = 4, "LSTM"

    def run(
        self,
        x: Tensor,
        state: tuple[Tensor, ...],
        weights: list[Any],
    ) -> tuple[Tensor, ...]:
        """One layer in one direction."""
        pre = projected(x, weights)
        if self.proj_size:
            return stepwise(pre, state[0], state[1], weights[1], weights[4])
        return kernels.lstm(pre, *state, weights[1])[:2]

    def forward(
        self,
        input: Any,
        hx: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        """(every h of the last layer, the last (h, c) of every layer)."""
        y, states = self.forward_states(input, hx, 2)
        return y, (states[0], states[1])


class GRU(RNNBase):
    """Gated recurrent unit: h[t] = (1 - z) n + z h[t-1]  with  n = tanh(x_n + r h_n).

    r, z and the parts x_n, h_n are those of weight_ih x[t] + bias_ih and of weight_hh h[t-1] +
    bias_hh; r and z are their sums, through sigmoid. Results as those of `RNN`.
    """

    gates, mode = 3, "GRU"

    def run(
        self,
        x: Tensor,
        state: tuple[Tensor, ...],
        weights: list[Any],
    ) -> tuple[Tensor, ...]:
        """One layer in one direction."""
        pre = kernels.linear(x, weights[0], weights[2])
        return kernels.gru(pre, state[0], weights[1], weights[3])[:1]

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """(every h of the last layer, the last h of every layer)."""
        y, states = self.forward_states(input, None if hx is None else (hx,), 1)
        return y, states[0]


def stepwise(
    pre: Tensor,
    h: Tensor,
    c: Tensor,
    weight: Tensor,
    weight_hr: Tensor,
) -> tuple[Tensor, Tensor]:
    """An LSTM whose h is weight_hr o tanh(c), step by step: all h and all c."""
    hidden, memory = [], []
    for now in kernels.unbind(pre, axis=0):
        wide, c, _ = kernels.lstm_step(now + kernels.linear(h, weight), c)
        h = kernels.linear(wide, weight_hr)
        hidden.append(h)
        memory.append(c)
    return np.stack(hidden), np.stack(memory)


def projected(x: Tensor, weights: list[Any]) -> Tensor:
    """weight_ih x + bias_ih + bias_hh, for all steps at once."""
    bias = None if weights[2] is None else weights[2] + weights[3]
    return kernels.linear(x, weights[0], bias)
