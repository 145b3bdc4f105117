"""Distributions made of others: several as one, transformed ones, mixtures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..autograd.mode import no_grad
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution, summed
from .transforms import ComposeTransform, Transform

__all__ = ["Independent", "MixtureSameFamily", "TransformedDistribution"]


class Independent(Distribution):
    """The last axes of a batch as one event: their log-probabilities are summed."""

    def __init__(
        self,
        base_distribution: Any,
        reinterpreted_batch_ndims: int,
        validate_args: bool | None = None,
    ) -> None:
        shape = base_distribution.batch_shape
        if reinterpreted_batch_ndims > len(shape):
            raise ValueError(
                "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), actual "
                f"{reinterpreted_batch_ndims} vs {len(shape)}"
            )
        self.base_dist, self.axes = base_distribution, reinterpreted_batch_ndims
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        split = len(shape) - reinterpreted_batch_ndims
        event = shape[split:] + base_distribution.event_shape
        super().__init__(shape[:split], event, validate_args)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether the base has it."""
        return bool(self.base_dist.has_rsample)

    @property
    def has_enumerate_support(self) -> bool:  # type: ignore[override]
        """Only where nothing is joined."""
        return self.axes == 0 and bool(self.base_dist.has_enumerate_support)

    @property
    def mean(self) -> Tensor:
        """The base's."""
        return self.base_dist.mean  # type: ignore[no-any-return]

    @property
    def mode(self) -> Tensor:
        """The base's."""
        return self.base_dist.mode  # type: ignore[no-any-return]

    @property
    def variance(self) -> Tensor:
        """The base's."""
        return self.base_dist.variance  # type: ignore[no-any-return]

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """The base's samples."""
        return self.base_dist.sample(sample_shape)  # type: ignore[no-any-return]

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """The base's samples, with history."""
        return self.base_dist.rsample(sample_shape)  # type: ignore[no-any-return]

    def log_prob(self, value: Tensor) -> Tensor:
        """The base's, summed over the event's axes."""
        return summed(self.base_dist.log_prob(value), self.axes)

    def entropy(self) -> Tensor:
        """The base's, summed over the event's axes."""
        return summed(self.base_dist.entropy(), self.axes)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Distribution:
        """With the base expanded."""
        shape = (*tuple(batch_shape), *self.event_shape[: self.axes])
        return Independent(self.base_dist.expand(shape), self.axes, False)

    def __repr__(self) -> str:
        return f"Independent({self.base_dist!r}, {self.axes})"


class TransformedDistribution(Distribution):
    """transform(x) of a random x: log p(y) = log p(x) - log |dy / dx|."""

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | Sequence[Transform],
        validate_args: bool | None = None,
    ) -> None:
        if isinstance(transforms, Transform):
            transforms = [transforms]
        self.transforms = list(transforms)
        self.joined = ComposeTransform(self.transforms)
        more = self.joined.event_dim - len(base_distribution.event_shape)
        if more > 0:
            base_distribution = Independent(base_distribution, more)
        self.base_dist: Any = base_distribution
        inner = base_distribution.batch_shape + base_distribution.event_shape
        shape = self.joined.forward_shape(inner)
        events = len(base_distribution.event_shape) + self.joined.out_dim - self.joined.event_dim
        split = len(shape) - events
        super().__init__(shape[:split], shape[split:], validate_args)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether the base has it."""
        return bool(self.base_dist.has_rsample)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Transformed samples, without history."""
        with no_grad():
            return self.joined(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Transformed samples, with history."""
        return self.joined(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """The base's at the value's origin, less the stretch on the way."""
        self.check_value(value)
        y: Tensor = value
        total: Any = 0.0
        events = len(self.event_shape)
        for transform in reversed(self.transforms):
            if not transform.bijective:
                raise NotImplementedError(f"log_prob through {transform!r}, which has no inverse")
            x = transform.inv(y)
            stretch = transform.log_abs_det_jacobian(x, y)
            events = events + transform.event_dim - transform.out_dim
            total = total - summed(stretch, events - transform.event_dim)
            y = x
        inner = len(self.base_dist.event_shape)
        found: Tensor = total + summed(self.base_dist.log_prob(y), events - inner)
        return found

    def cdf(self, value: Tensor) -> Tensor:
        """The base's at the value's origin; 1 minus it where the transform falls."""
        return self._flipped(self.base_dist.cdf(self.joined.inv(value)))

    def icdf(self, value: Tensor) -> Tensor:
        """The inverse of `cdf`."""
        return self.joined(self.base_dist.icdf(self._flipped(value)))

    def _flipped(self, p: Tensor) -> Tensor:
        sign = self.joined.sign
        return p if isinstance(sign, int) and sign == 1 else sign * (p - 0.5) + 0.5

    def expand(self, batch_shape: Any, _instance: Any = None) -> Distribution:
        """With the parameters, or the base, expanded."""
        if self.parameters():
            return super().expand(batch_shape)
        base = self.base_dist.expand(tuple(batch_shape))
        return TransformedDistribution(base, self.transforms, False)

    def __repr__(self) -> str:
        if self.parameters():
            return super().__repr__()
        return f"TransformedDistribution({self.base_dist!r}, {self.transforms!r})"


class MixtureSameFamily(Distribution):
    """One of several components, chosen by a Categorical; they are the last axis of their batch."""

    has_rsample = False

    def __init__(
        self,
        mixture_distribution: Any,
        component_distribution: Any,
        validate_args: bool | None = None,
    ) -> None:
        self.mixture_distribution = mixture_distribution
        self.component_distribution = component_distribution
        batch, event = component_distribution.batch_shape[:-1], component_distribution.event_shape
        super().__init__(batch, event, validate_args)

    @property
    def support(self) -> constraints.Constraint:  # type: ignore[override]
        """The components'."""
        return self.component_distribution.support  # type: ignore[no-any-return]

    def _weights(self) -> Tensor:
        """The probabilities, shaped as the components' means."""
        p = self.mixture_distribution.probs
        return p.reshape((*p.shape, *[1] * len(self.event_shape)))  # type: ignore[no-any-return]

    @property
    def mean(self) -> Tensor:
        """The components' means, weighed."""
        axis = -1 - len(self.event_shape)
        return (self._weights() * self.component_distribution.mean).sum(axis)

    @property
    def variance(self) -> Tensor:
        """The components' variances, weighed, and the variance of their means."""
        axis, p = -1 - len(self.event_shape), self._weights()
        parts = self.component_distribution
        inner = (p * parts.variance).sum(axis)
        return inner + (p * (parts.mean - self.mean.unsqueeze(axis)).pow(2)).sum(axis)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """A sample of each component, and of these the chosen one."""
        with no_grad():
            events = len(self.event_shape)
            chosen = self.mixture_distribution.sample(sample_shape)
            samples = self.component_distribution.sample(sample_shape)
            axis = samples.ndim - 1 - events
            index = chosen.reshape((*chosen.shape, *[1] * (events + 1)))
            index = index.expand((*chosen.shape, 1, *self.event_shape))
            return samples.gather(axis, index).squeeze(axis)  # type: ignore[no-any-return]

    def log_prob(self, value: Tensor) -> Tensor:
        """log of the sum of p_k times the density of component k."""
        self.check_value(value)
        axis = value.ndim - len(self.event_shape)
        each = self.component_distribution.log_prob(value.unsqueeze(axis))
        weights = self.mixture_distribution.logits.log_softmax(-1)
        return (each + weights).logsumexp(-1)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"MixtureSameFamily({self.mixture_distribution!r}, {self.component_distribution!r})"
