"""Invertible functions of random variables, and how they stretch space: log |dy / dx|."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import kernels
from ...tensor import Tensor
from ..distribution import summed

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "ComposeTransform",
    "ExpTransform",
    "PowerTransform",
    "SigmoidTransform",
    "SoftplusTransform",
    "TanhTransform",
    "Transform",
]


Shape = tuple[int, ...]


class Transform:
    """y = transform(x), x = transform.inv(y). event_dim: how many axes of x make one value;
    own_out_dim: how many of y, where these are others.

    bijective: whether each y comes from one x. sign: 1 if it rises, -1 if it falls; a number or a
    tensor. cache_size is accepted, as PyTorch takes it; nothing needs to be remembered here.
    """

    bijective = True
    sign: Any = 1
    event_dim = 0
    own_out_dim: int | None = None

    def __init__(self, cache_size: int = 0) -> None:
        pass

    @property
    def out_dim(self) -> int:
        """How many axes of y make one value."""
        return self.event_dim if self.own_out_dim is None else self.own_out_dim

    def __call__(self, x: Tensor) -> Tensor:
        """y."""
        raise NotImplementedError

    def _inverse(self, y: Tensor) -> Tensor:
        raise NotImplementedError

    @property
    def inv(self) -> Transform:
        """The inverse."""
        return Inverse(self)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """log |dy / dx|, of values x and y = transform(x)."""
        raise NotImplementedError

    def forward_shape(self, shape: Shape) -> Shape:
        """The shape of y, of x's."""
        return shape

    def inverse_shape(self, shape: Shape) -> Shape:
        """The shape of x, of y's."""
        return shape

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Inverse(Transform):
    """A transform walked backwards."""

    def __init__(self, forth: Transform) -> None:
        self.forth = forth
        self.sign, self.bijective = forth.sign, forth.bijective
        self.event_dim, self.own_out_dim = forth.out_dim, forth.event_dim

    def __call__(self, x: Tensor) -> Tensor:
        """What `forth` made x of."""
        return self.forth._inverse(x)

    def _inverse(self, y: Tensor) -> Tensor:
        return self.forth(y)

    @property
    def inv(self) -> Transform:
        """The transform itself."""
        return self.forth

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """-log |dx / dy|."""
        return -self.forth.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape: Shape) -> Shape:
        """Backwards."""
        return self.forth.inverse_shape(shape)

    def inverse_shape(self, shape: Shape) -> Shape:
        """Forwards."""
        return self.forth.forward_shape(shape)

    def __repr__(self) -> str:
        return f"_InverseTransform({self.forth!r})"


class ComposeTransform(Transform):
    """One after the other."""

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        self.parts = list(parts)
        self.event_dim = outer = 0
        for part in reversed(self.parts):
            more = self.event_dim + part.event_dim - part.out_dim
            self.event_dim = max(more, part.event_dim)
        for part in self.parts:
            more = outer + part.out_dim - part.event_dim
            outer = max(more, part.out_dim)
        self.own_out_dim = outer
        self.bijective = all(part.bijective for part in self.parts)
        for part in self.parts:
            self.sign = self.sign * part.sign

    def __call__(self, x: Tensor) -> Tensor:
        """The last one's value."""
        for part in self.parts:
            x = part(x)
        return x

    def _inverse(self, y: Tensor) -> Tensor:
        for part in reversed(self.parts):
            y = part.inv(y)
        return y

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The sum of the parts'."""
        if not self.parts:
            return x.detach() * 0
        total: Any = 0
        events = self.event_dim
        for part in self.parts:
            y = part(x)
            total = total + summed(part.log_abs_det_jacobian(x, y), events - part.event_dim)
            events = events + part.out_dim - part.event_dim
            x = y
        return total  # type: ignore[no-any-return]

    def forward_shape(self, shape: Shape) -> Shape:
        """One after the other."""
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def inverse_shape(self, shape: Shape) -> Shape:
        """From the last to the first."""
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def __repr__(self) -> str:
        return f"ComposeTransform({self.parts!r})"


class ExpTransform(Transform):
    """y = exp(x)."""

    def __call__(self, x: Tensor) -> Tensor:
        """exp(x)."""
        return x.exp()

    def _inverse(self, y: Tensor) -> Tensor:
        return y.log()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """x."""
        return x


class AffineTransform(Transform):
    """y = loc + scale x."""

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        self.loc, self.scale, self.event_dim = loc, scale, event_dim
        falls = isinstance(scale, Tensor)
        self.sign = scale.sign() if falls else math.copysign(1, scale)

    def __call__(self, x: Tensor) -> Tensor:
        """loc + scale x."""
        return self.loc + self.scale * x

    def _inverse(self, y: Tensor) -> Tensor:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """log |scale|."""
        number = not isinstance(self.scale, Tensor)
        stretch: Any = math.log(abs(self.scale)) if number else self.scale.abs().log()
        return summed(stretch + x.detach() * 0, self.event_dim)


class PowerTransform(Transform):
    """y = x ^ exponent, of positive x."""

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        self.exponent = exponent
        falls = isinstance(exponent, Tensor)
        self.sign = exponent.sign() if falls else math.copysign(1, exponent)

    def __call__(self, x: Tensor) -> Tensor:
        """x ^ exponent."""
        return x**self.exponent

    def _inverse(self, y: Tensor) -> Tensor:
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """log |exponent y / x|."""
        return (self.exponent * y / x).abs().log()


class SigmoidTransform(Transform):
    """y = 1 / (1 + exp(-x)), kept off 0 and 1."""

    def __call__(self, x: Tensor) -> Tensor:
        """The sigmoid."""
        bounds = np.finfo(x.dtype)
        return x.sigmoid().clamp(min=float(bounds.tiny), max=1 - float(bounds.eps))

    def _inverse(self, y: Tensor) -> Tensor:
        bounds = np.finfo(y.dtype)
        y = y.clamp(min=float(bounds.tiny), max=1 - float(bounds.eps))
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """-softplus(-x) - softplus(x)."""
        return -kernels.softplus(-x) - kernels.softplus(x)  # type: ignore[no-any-return]


class TanhTransform(Transform):
    """y = tanh(x)."""

    def __call__(self, x: Tensor) -> Tensor:
        """tanh(x)."""
        return x.tanh()

    def _inverse(self, y: Tensor) -> Tensor:
        return y.atanh()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """log(1 - tanh(x)^2), in a form that loses nothing where tanh(x) is near 1."""
        return 2.0 * (math.log(2.0) - x - kernels.softplus(-2.0 * x))  # type: ignore[no-any-return]


class SoftplusTransform(Transform):
    """y = log(1 + exp(x))."""

    def __call__(self, x: Tensor) -> Tensor:
        """The softplus."""
        return kernels.softplus(x)  # type: ignore[no-any-return]

    def _inverse(self, y: Tensor) -> Tensor:
        return (-y).expm1().neg().log() + y

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """-softplus(-x)."""
        return -kernels.softplus(-x)  # type: ignore[no-any-return]


class AbsTransform(Transform):
    """y = |x|; two x give one y."""

    bijective = False

    def __call__(self, x: Tensor) -> Tensor:
        """|x|."""
        return x.abs()

    def _inverse(self, y: Tensor) -> Tensor:
        return y
