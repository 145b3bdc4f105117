"""The activations that PyTorch has as methods; the others are in `nn.functional`."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels


class Activations:
    """What bends the line: relu, sigmoid, softmax and their kin."""

    __slots__ = ()

    def relu(self: Any) -> Any:
        """max(self, 0); the derivative is 0 at 0."""
        return kernels.relu(self)

    def sigmoid(self: Any) -> Any:
        """1 / (1 + e^-self)."""
        return kernels.sigmoid(self)

    def logit(self: Any, eps: float | None = None) -> Any:
        """log(p / (1 - p)) for p = self, first clamped to [eps, 1 - eps] if `eps` is given."""
        x = self if eps is None else np.clip(self, eps, 1 - eps)
        return kernels.logit(x)

    def prelu(self: Any, weight: Any) -> Any:
        """self where positive, else weight * self; one weight, or one for each channel (axis 1)."""
        weight = channelwise(weight, self.ndim)
        return kernels.prelu(self, weight)

    def hardshrink(self: Any, lambd: float = 0.5) -> Any:
        """self, but 0 within [-lambd, lambd]."""
        return kernels.hardshrink(self, lambd=lambd)

    def softmax(
        self: Any,
        dim: int,
        dtype: Any = None,
    ) -> Any:
        """e^self / sum(e^self) along `dim`, computed in `dtype` if one is given."""
        x = converted(self, dtype)
        return kernels.softmax(x, axis=dim)

    def log_softmax(
        self: Any,
        dim: int,
        dtype: Any = None,
    ) -> Any:
        """log(softmax(self)) along `dim`, without overflow, in `dtype` if one is given."""
        x = converted(self, dtype)
        return kernels.log_softmax(x, axis=dim)

    def logsumexp(
        self: Any,
        dim: Any,
        keepdim: bool = False,
    ) -> Any:
        """log(sum(e^self)) over the axis or axes `dim`, without overflow."""
        x = self if self.ndim else np.reshape(self, 1)
        y = kernels.logsumexp(x, axis=dim, keepdims=keepdim)
        return y if self.ndim else np.reshape(y, ())


def converted(x: Any, dtype: Any) -> Any:
    """x, in `dtype` if one is given."""
    return x if dtype is None else np.astype(x, dtype)


def channelwise(weight: Any, ndim: int) -> Any:
    """One weight for each channel, in the shape that meets axis 1 of a tensor with `ndim` axes."""
    if weight.ndim != 1 or ndim < 2:
        return weight
    shape = (-1, *[1] * (ndim - 2))
    return np.reshape(weight, shape)
