"""Distributions over whole numbers and choices."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..autograd.mode import enable_grad, no_grad
from ..functions.index import where
from ..random import bernoulli as drawn
from ..random import binomial, multinomial, poisson
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution, empty, together

__all__ = [
    "Bernoulli",
    "Binomial",
    "Categorical",
    "Geometric",
    "Multinomial",
    "OneHotCategorical",
    "Poisson",
]


def off_ends(p: Tensor) -> Tensor:
    """Probabilities kept off 0 and 1 by the smallest step above 1."""
    eps = float(np.finfo(p.dtype).eps)
    return p.clamp(min=eps, max=1 - eps)


class ByProbability(Distribution):
    """What is given by `probs` or by `logits`; the other one follows."""

    binary = True

    def _take(self, probs: Any, logits: Any) -> Tensor:
        """Keep the one that is given; return it."""
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        self.given = "probs" if logits is None else "logits"
        value = probs if logits is None else logits
        if self.binary:
            (value,) = together(value)
        elif value.ndim < 1:
            raise ValueError(f"`{self.given}` parameter must be at least one-dimensional.")
        elif logits is None:
            value = value / value.sum(-1, keepdim=True)
        else:
            value = value - value.logsumexp(-1, keepdim=True)
        self.__dict__[self.given] = value
        return value  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        if name not in ("probs", "logits") or "given" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        with enable_grad():  # sample(), which records nothing, may be the first to ask
            self.__dict__[name] = self._other()
        return self.__dict__[name]

    def _other(self) -> Tensor:
        """logits from probs, or probs from logits."""
        value: Tensor = self.__dict__[self.given]
        if self.given == "logits":
            return value.sigmoid() if self.binary else value.softmax(-1)
        p = off_ends(value)
        return p.log() - (-p).log1p() if self.binary else p.log()

    def parameters(self) -> list[str]:
        """The given one alone."""
        more = [name for name in self.arg_constraints if name not in ("probs", "logits")]
        return [name for name in more if name in self.__dict__] + [self.given]

    @property
    def param_shape(self) -> tuple[int, ...]:
        """The shape of probs."""
        return tuple(getattr(self, self.given).shape)


def cross_entropy(logits: Tensor, value: Tensor) -> Tensor:
    """-(v log p + (1 - v) log(1 - p)), with p = sigmoid(logits)."""
    return logits.clamp(min=0) - logits * value + (-logits.abs()).exp().log1p()


class Bernoulli(ByProbability):
    """1 with probability p, else 0."""

    arg_constraints: ClassVar = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.boolean
    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(self._take(probs, logits).shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """p."""
        return self.probs  # type: ignore[no-any-return]

    @property
    def mode(self) -> Tensor:
        """1 where p > 1/2; NaN where it is 1/2."""
        likely: Any = (self.probs >= 0.5).to(self.probs.dtype)
        return where(self.probs == 0.5, math.nan, likely)

    @property
    def variance(self) -> Tensor:
        """p (1 - p)."""
        return self.probs * (1 - self.probs)  # type: ignore[no-any-return]

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Zeros and ones."""
        with no_grad():
            return drawn(self.probs.expand(self.shape_of(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        """log p or log(1 - p)."""
        self.check_value(value)
        return -cross_entropy(self.logits, value)

    def entropy(self) -> Tensor:
        """-p log p - (1 - p) log(1 - p)."""
        return cross_entropy(self.logits, self.probs)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """0 and 1."""
        return listed(self, np.arange(2), self.probs.dtype, expand)


class Geometric(ByProbability):
    """How many failures come before the first success: 0, 1, 2, ..."""

    arg_constraints: ClassVar = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.nonnegative_integer

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        value = self._take(probs, logits)
        super().__init__(value.shape, validate_args=validate_args)
        if self._validate and probs is not None and not bool((value > 0).all()):
            raise ValueError(f"Geometric: expected every probability > 0, got {value}")

    @property
    def mean(self) -> Tensor:
        """1 / p - 1."""
        return 1.0 / self.probs - 1.0  # type: ignore[no-any-return]

    @property
    def mode(self) -> Tensor:
        """0."""
        return self.probs * 0  # type: ignore[no-any-return]

    @property
    def variance(self) -> Tensor:
        """(1 / p - 1) / p."""
        return (1.0 / self.probs - 1.0) / self.probs  # type: ignore[no-any-return]

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """log u / log(1 - p), rounded down."""
        with no_grad():
            u = empty(self.shape_of(sample_shape), self.probs)
            u = u.uniform_(float(np.finfo(u.dtype).tiny), 1)
            return (u.log() / (-self.probs).log1p()).floor()  # type: ignore[no-any-return]

    def log_prob(self, value: Tensor) -> Tensor:
        """k log(1 - p) + log p."""
        self.check_value(value)
        sure: Any = (self.probs == 1) & (value == 0)
        p: Any = where(sure, 0.0, self.probs)
        return value * (-p).log1p() + self.probs.log()  # type: ignore[no-any-return]

    def entropy(self) -> Tensor:
        """A Bernoulli's, as often as it is drawn."""
        return cross_entropy(self.logits, self.probs) / self.probs


class Binomial(ByProbability):
    """How many of `total_count` trials succeed."""

    arg_constraints: ClassVar = {
        "total_count": constraints.nonnegative_integer,
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }

    def __init__(
        self,
        total_count: Any = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        value = self._take(probs, logits)
        value, count = together(value, total_count)
        self.__dict__[self.given] = value
        self.total_count = count.to(value.dtype)
        super().__init__(value.shape, validate_args=validate_args)

    @property
    def support(self) -> Any:
        """0 to total_count."""
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Tensor:
        """n p."""
        return self.total_count * self.probs  # type: ignore[no-any-return]

    @property
    def mode(self) -> Tensor:
        """(n + 1) p, rounded down."""
        mode: Tensor = ((self.total_count + 1) * self.probs).floor()
        return mode.clamp(max=self.total_count)

    @property
    def variance(self) -> Tensor:
        """n p (1 - p)."""
        return self.total_count * self.probs * (1 - self.probs)  # type: ignore[no-any-return]

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Counts."""
        shape = self.shape_of(sample_shape)
        with no_grad():
            return binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """log(n over k) + k log p + (n - k) log(1 - p)."""
        self.check_value(value)
        n = self.total_count
        ways = (n + 1).lgamma() - (value + 1).lgamma() - (n - value + 1).lgamma()
        # n softplus(logits), in two parts, each of which is exact where the other is large
        softplus = n * self.logits.clamp(min=0) + n * (-self.logits.abs()).exp().log1p()
        return value * self.logits + ways - softplus  # type: ignore[no-any-return]

    def entropy(self) -> Tensor:
        """The sum over all counts; total_count must be the same everywhere."""
        total = int(self.total_count.max())
        if not bool((self.total_count == total).all()):
            raise NotImplementedError("entropy of a Binomial whose total_count differs")
        log_p = self.log_prob(self.enumerate_support(False))
        return -(log_p.exp() * log_p).sum(0)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """0 to total_count, which must be the same everywhere."""
        total = int(self.total_count.max())
        if not bool((self.total_count == total).all()):
            raise NotImplementedError("the support of a Binomial whose total_count differs")
        return listed(self, np.arange(total + 1), self.probs.dtype, expand)


class Poisson(Distribution):
    """How many events there are when `rate` are expected."""

    arg_constraints: ClassVar = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = together(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """rate."""
        return self.rate

    @property
    def mode(self) -> Tensor:
        """rate, rounded down."""
        return self.rate.floor()

    @property
    def variance(self) -> Tensor:
        """rate."""
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Counts."""
        with no_grad():
            return poisson(self.rate.expand(self.shape_of(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        """k log rate - rate - log k!."""
        self.check_value(value)
        logs: Any = value.xlogy(self.rate)
        found: Tensor = logs - self.rate - (value + 1).lgamma()
        return found


class Categorical(ByProbability):
    """One of K choices, by number; `probs` (*batch, K) are weights, `logits` their logarithms."""

    arg_constraints: ClassVar = {"probs": constraints.simplex, "logits": constraints.real_vector}
    binary = False
    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        value = self._take(probs, logits)
        self._num_events = value.shape[-1]
        super().__init__(value.shape[:-1], validate_args=validate_args)

    @property
    def support(self) -> Any:
        """0 to K - 1."""
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self) -> Tensor:
        """NaN: choices have no mean."""
        return self.mode * math.nan

    @property
    def mode(self) -> Tensor:
        """The likeliest choice."""
        return self.probs.argmax(-1)  # type: ignore[no-any-return]

    @property
    def variance(self) -> Tensor:
        """NaN."""
        return self.mode * math.nan

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Choices, int64."""
        count = math.prod(sample_shape)
        with no_grad():
            rows = multinomial(self.probs.reshape((-1, self._num_events)), count, True)
            return rows.T.reshape(self.shape_of(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """The choice's normalised logit."""
        self.check_value(value)
        value = value.long().unsqueeze(-1)
        shape = np.broadcast_shapes(value.shape[:-1], self.batch_shape)
        logits = self.logits.expand((*shape, self._num_events))
        found: Tensor = logits.gather(-1, value.expand((*shape, 1)))
        return found.squeeze(-1)

    def entropy(self) -> Tensor:
        """-sum p log p."""
        lowest = float(np.finfo(self.logits.dtype).min)
        return -(self.logits.clamp(min=lowest) * self.probs).sum(-1)  # type: ignore[no-any-return]

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """0 to K - 1."""
        return listed(self, np.arange(self._num_events), np.dtype(np.int64), expand)


class OneHotCategorical(ByProbability):
    """One of K choices, as a vector with a 1 at its place."""

    arg_constraints: ClassVar = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.one_hot
    binary = False

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        value = self._take(probs, logits)
        self._categorical = Categorical(probs, logits, False)
        super().__init__(value.shape[:-1], value.shape[-1:], validate_args)

    @property
    def mean(self) -> Tensor:
        """probs."""
        return self.probs  # type: ignore[no-any-return]

    @property
    def mode(self) -> Tensor:
        """The likeliest choice."""
        return self._hot(self._categorical.mode)

    @property
    def variance(self) -> Tensor:
        """p (1 - p)."""
        return self.probs * (1 - self.probs)  # type: ignore[no-any-return]

    def _hot(self, choice: Tensor) -> Tensor:
        count = self.event_shape[0]
        hot = np.arange(count) == choice.array[..., None]
        return Tensor(hot.astype(self.probs.dtype))

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Vectors of zeros and a one."""
        return self._hot(self._categorical.sample(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """The choice's normalised logit."""
        self.check_value(value)
        return self._categorical.log_prob(value.argmax(-1))

    def entropy(self) -> Tensor:
        """-sum p log p."""
        return self._categorical.entropy()

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """The unit vectors."""
        count, axes = self.event_shape[0], len(self.batch_shape)
        rows = Tensor(np.eye(count, dtype=self.probs.dtype))
        rows = rows.reshape((count, *[1] * axes, count))
        return rows.expand((-1, *self.batch_shape, -1)) if expand else rows


class Multinomial(ByProbability):
    """How often each of K choices comes in `total_count` draws."""

    arg_constraints: ClassVar = {"probs": constraints.simplex, "logits": constraints.real_vector}
    binary = False

    def __init__(
        self,
        total_count: int = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        value = self._take(probs, logits)
        self.total_count = total_count
        self._categorical = Categorical(probs, logits, False)
        super().__init__(value.shape[:-1], value.shape[-1:], validate_args)

    def options(self) -> dict[str, Any]:
        """The number of draws."""
        return {"total_count": self.total_count}

    @property
    def support(self) -> Any:
        """Counts that sum to total_count."""
        return constraints.multinomial(self.total_count)

    @property
    def mean(self) -> Tensor:
        """n p."""
        return self.probs * self.total_count  # type: ignore[no-any-return]

    @property
    def variance(self) -> Tensor:
        """n p (1 - p)."""
        return self.total_count * self.probs * (1 - self.probs)  # type: ignore[no-any-return]

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Counts, of the dtype of probs."""
        choices = self._categorical.sample((self.total_count, *sample_shape)).array
        hot = choices[..., None] == np.arange(self.event_shape[0])
        return Tensor(hot.sum(axis=0).astype(self.probs.dtype))

    def entropy(self) -> Tensor:
        """n times the choice's, less log n!, and what is expected of log k!."""
        n = self.total_count
        counts = Binomial(n, self.probs, validate_args=False)
        k = counts.enumerate_support(False)[1:]
        ways = (counts.log_prob(k).exp() * (k + 1).lgamma()).sum((0, -1))
        return n * self._categorical.entropy() - math.lgamma(n + 1) + ways

    def log_prob(self, value: Tensor) -> Tensor:
        """log n! - sum log k! + sum k log p."""
        self.check_value(value)
        ways = (value.sum(-1) + 1).lgamma() - (value + 1).lgamma().sum(-1)
        never: Any = (value == 0) & (self.logits == -math.inf)
        logits: Any = where(never, 0.0, self.logits)
        return ways + (logits * value).sum(-1)  # type: ignore[no-any-return]


def listed(distribution: Distribution, values: Any, kind: Any, expand: bool) -> Tensor:
    """Values along a new first axis; expanded to the batch, or with axes of 1."""
    shape = distribution.batch_shape
    column = Tensor(values.astype(kind)).reshape((-1, *[1] * len(shape)))
    return column.expand((-1, *shape)) if expand else column
