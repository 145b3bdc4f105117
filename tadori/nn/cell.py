"""Recurrent layers one step at a time, for loops of one's own."""

from __future__ import annotations

import math
from typing import Any

from .. import kernels
from ..language import np
from ..tensor import Tensor
from . import init
from .module import Module
from .parameter import new_parameter


class RNNCellBase(Module):
    """What the cells share: x (N, input_size) or (input_size,), states (N, hidden_size)."""

    gates: int  # so many times hidden_size are the rows of a weight
    bias_ih: Any
    bias_hh: Any

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = self.gates * hidden_size
        self.weight_ih = new_parameter((rows, input_size), device, dtype)
        self.weight_hh = new_parameter((rows, hidden_size), device, dtype)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, new_parameter((rows,), device, dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters anew, from +-1/sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _start(self, x: Tensor, state: Tensor | None) -> Tensor:
        """The state, zeros by default. Raises RuntimeError for sizes that do not fit."""
        name = self._get_name()
        if x.ndim not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {x.ndim}D instead")
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: input has inconsistent input_size: got {x.shape[-1]} expected "
                f"{self.input_size}"
            )
        shape = (*x.shape[:-1], self.hidden_size)
        if state is None:
            return np.zeros_like(x.detach(), shape=shape)
        if tuple(state.shape) != shape:
            raise RuntimeError(
                f"{name}: expected a state of shape {shape} for input {tuple(x.shape)}, got "
                f"{tuple(state.shape)}"
            )
        return state

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"{self.input_size}, {self.hidden_size}"
        return sizes if self.bias else f"{sizes}, bias={self.bias}"


class RNNCell(RNNCellBase):
    """h' = tanh(weight_ih x + bias_ih + weight_hh h + bias_hh), or relu instead of tanh."""

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)
        if nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {nonlinearity}")
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next state."""
        h = self._start(input, hx)
        pre = kernels.linear(input, self.weight_ih, self.bias_ih)
        pre = pre + kernels.linear(h, self.weight_hh, self.bias_hh)
        return np.tanh(pre) if self.nonlinearity == "tanh" else kernels.relu(pre)

    def extra_repr(self) -> str:
        """The sizes, and the activation if it is not tanh."""
        extra = super().extra_repr()
        usual = self.nonlinearity == "tanh"
        return extra if usual else f"{extra}, nonlinearity={self.nonlinearity}"


class LSTMCell(RNNCellBase):
    """c' = f c + i g  and  h' = o tanh(c'): see `LSTM`. `h, c = cell(x, (h, c))`."""

    gates = 4

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """The next state and the next memory."""
        h = self._start(input, None if hx is None else hx[0])
        c = self._start(input, None if hx is None else hx[1])
        pre = kernels.linear(input, self.weight_ih, self.bias_ih)
        if input.ndim == 1:
            pre = pre + kernels.linear(h, self.weight_hh, self.bias_hh)
            h, c, _ = kernels.lstm_step(pre, c)
        else:
            h, c, _ = kernels.lstm_cell(pre, h, c, self.weight_hh, self.bias_hh)
        return h, c


class GRUCell(RNNCellBase):
    """h' = (1 - z) n + z h: see `GRU`."""

    gates = 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next state."""
        h = self._start(input, hx)
        pre = kernels.linear(input, self.weight_ih, self.bias_ih)
        inner = kernels.linear(h, self.weight_hh, self.bias_hh)
        return kernels.gru_step(pre, inner, h)[0]
