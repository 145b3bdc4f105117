"""What every distribution does, and the tools that they share."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..autograd.mode import no_grad
from ..dtype import get_default_dtype
from ..random import normal
from ..tensor import Tensor
from .constraints import Constraint

__all__ = ["Distribution"]

Shape = tuple[int, ...]


class Distribution:
    """A random variable: `batch_shape` independent ones side by side, each of `event_shape`.

    arg_constraints: parameter -> where it may lie. support: where samples lie. has_rsample: whether
    gradients pass through `rsample` to the parameters. validate_args: whether parameters and the
    values given to `log_prob` are looked at (ValueError if they lie outside); True by default.
    """

    arg_constraints: ClassVar[dict[str, Constraint]] = {}
    support: Any = None
    has_rsample = False
    has_enumerate_support = False
    _validate = True

    def __init__(
        self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None
    ) -> None:
        self._batch_shape, self._event_shape = tuple(batch_shape), tuple(event_shape)
        if validate_args is not None:
            self._validate = validate_args
        if self._validate:
            self._check_parameters()

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether distributions made from now on look at their arguments."""
        Distribution._validate = value

    @property
    def batch_shape(self) -> Shape:
        """The shape of the independent variables."""
        return self._batch_shape

    @property
    def event_shape(self) -> Shape:
        """The shape of one sample of one variable."""
        return self._event_shape

    @property
    def mean(self) -> Tensor:
        """The expected value."""
        raise NotImplementedError

    @property
    def mode(self) -> Tensor:
        """The likeliest value."""
        raise NotImplementedError(f"{type(self).__name__} does not implement mode")

    @property
    def variance(self) -> Tensor:
        """The expected squared distance from the mean."""
        raise NotImplementedError

    @property
    def stddev(self) -> Tensor:
        """The square root of the variance."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Samples, sample_shape + batch_shape + event_shape, without history."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Samples through which gradients pass to the parameters."""
        raise NotImplementedError(
            f"{type(self).__name__}: no gradient passes through its samples. Remedy: sample(), and "
            "the gradient of log_prob (the score function)"
        )

    def sample_n(self, n: int) -> Tensor:
        """`sample((n,))`."""
        return self.sample((n,))

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density, or of the probability, at `value`."""
        raise NotImplementedError

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a sample that is at most `value`."""
        raise NotImplementedError

    def icdf(self, value: Tensor) -> Tensor:
        """The inverse of `cdf`."""
        raise NotImplementedError

    def entropy(self) -> Tensor:
        """The expected -log_prob, in nats."""
        raise NotImplementedError

    def perplexity(self) -> Tensor:
        """exp of the entropy."""
        return self.entropy().exp()

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values that can come, along a new first axis."""
        raise NotImplementedError(f"{type(self).__name__} has no finite support")

    def expand(self, batch_shape: Any, _instance: Any = None) -> Distribution:
        """The same distribution with the parameters expanded to this batch shape."""
        shape, own = tuple(batch_shape), len(self.batch_shape)
        given: dict[str, Any] = {"validate_args": False}
        for name in self.parameters():
            value = getattr(self, name)
            given[name] = value.expand((*shape, *value.shape[own:]))
        return type(self)(**given, **self.options())

    def parameters(self) -> list[str]:
        """The names of the tensors that make this distribution, as its constructor takes them."""
        return [name for name in self.arg_constraints if name in self.__dict__]

    def options(self) -> dict[str, Any]:
        """The other arguments of the constructor."""
        return {}

    def shape_of(self, sample_shape: Any) -> Shape:
        """The shape of samples."""
        return (*tuple(sample_shape), *self.batch_shape, *self.event_shape)

    def _check_parameters(self) -> None:
        for name in self.parameters():
            constraint, value = self.arg_constraints[name], getattr(self, name)
            if not bool(constraint.check(value).all()):
                raise ValueError(
                    f"Expected parameter {name} (of shape {tuple(value.shape)}) of distribution "
                    f"{self!r} to satisfy the constraint {constraint!r}, "
                    f"but found invalid values:\n{value}"
                )

    def check_value(self, value: Any) -> None:
        """Raise ValueError if `value` cannot be a sample."""
        if not self._validate:
            return
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        events = len(self.event_shape)
        if tuple(value.shape[value.ndim - events :]) != self.event_shape:
            raise ValueError(
                f"The right-most size of value must match event_shape: {tuple(value.shape)} vs "
                f"{self.event_shape}."
            )
        try:
            np.broadcast_shapes(value.shape, self.batch_shape + self.event_shape)
        except ValueError:
            raise ValueError(
                f"Value is not broadcastable with batch_shape+event_shape: {tuple(value.shape)} vs "
                f"{self.batch_shape + self.event_shape}."
            ) from None
        if self.support is not None and not bool(self.support.check(value).all()):
            raise ValueError(
                f"Expected value argument (of shape {tuple(value.shape)}) to be within the support "
                f"({self.support!r}) of the distribution {self!r}, "
                f"but found invalid values:\n{value}"
            )

    def __repr__(self) -> str:
        told = []
        for name in self.parameters():
            value = getattr(self, name)
            shown = value.item() if value.numel() == 1 else f"torch.Size({list(value.shape)})"
            told.append(f"{name}: {shown}")
        return f"{type(self).__name__}({', '.join(told)})"


def together(*values: Any) -> list[Tensor]:
    """The values as tensors of one shape; numbers get the tensors' dtype, or the default one."""
    given = [value for value in values if isinstance(value, Tensor)]
    kind = given[0].dtype if given else get_default_dtype()
    tensors = [v if isinstance(v, Tensor) else Tensor(np.asarray(v, kind)) for v in values]
    shape = np.broadcast_shapes(*(t.shape for t in tensors))
    return [t.expand(shape) for t in tensors]


def standard_normal(shape: Shape, like: Tensor) -> Tensor:
    """Standard normal numbers, drawn as PyTorch's distributions draw them."""
    zeros = Tensor(np.zeros(shape, like.dtype))
    return normal(zeros, Tensor(np.ones_like(zeros.array)))


def empty(shape: Shape, like: Tensor) -> Tensor:
    """Memory to draw into."""
    return Tensor(np.empty(shape, like.dtype))


def summed(x: Tensor, axes: int) -> Tensor:
    """x without its last axes, summed."""
    return x if axes == 0 else x.reshape((*x.shape[: x.ndim - axes], -1)).sum(-1)


LOG_2PI = math.log(2 * math.pi)
EULER = 0.57721566490153286060
