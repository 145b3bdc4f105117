"""Discrete choices made continuous, so that gradients pass through their samples: the concrete
distribution (Maddison et al., 2017), also called Gumbel-softmax (Jang et al., 2017).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..creation import as_tensor
from ..random import rand
from ..tensor import Tensor
from . import constraints
from .composed import TransformedDistribution
from .discrete import ByProbability, OneHotCategorical, off_ends
from .transforms import ExpTransform, SigmoidTransform

__all__ = [
    "ExpRelaxedCategorical",
    "LogitRelaxedBernoulli",
    "OneHotCategoricalStraightThrough",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
]


class Tempered(ByProbability):
    """What has a temperature, which `expand` leaves as it is."""

    has_rsample = True

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        value = self._take(probs, logits)
        self.temperature: Any = as_tensor(temperature, dtype=value.dtype)
        split = value.ndim if self.binary else value.ndim - 1
        super().__init__(value.shape[:split], value.shape[split:], validate_args)

    def options(self) -> dict[str, Any]:
        """The temperature."""
        return {"temperature": self.temperature}


class LogitRelaxedBernoulli(Tempered):
    """The logit of a RelaxedBernoulli variable."""

    arg_constraints: ClassVar = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.real

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """(logistic noise + logit) / temperature."""
        p = off_ends(self.probs)
        u = off_ends(rand(self.shape_of(sample_shape), dtype=p.dtype))
        noisy = u.log() - (-u).log1p() + p.log() - (-p).log1p()
        return noisy / self.temperature  # type: ignore[no-any-return]

    def log_prob(self, value: Tensor) -> Tensor:
        """log T + d - 2 log(1 + exp(d)), with d = logits - T x."""
        self.check_value(value)
        d = self.logits - value * self.temperature
        return self.temperature.log() + d - 2 * d.exp().log1p()  # type: ignore[no-any-return]


class ExpRelaxedCategorical(Tempered):
    """The logarithm of a RelaxedOneHotCategorical variable."""

    arg_constraints: ClassVar = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.real_vector
    binary = False

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """log_softmax of (logits + Gumbel noise) / temperature."""
        u = off_ends(rand(self.shape_of(sample_shape), dtype=self.logits.dtype))
        scores = (self.logits - (-(u.log())).log()) / self.temperature
        return scores - scores.logsumexp(-1, keepdim=True)  # type: ignore[no-any-return]

    def log_prob(self, value: Tensor) -> Tensor:
        """log (K - 1)! + (K - 1) log T + the sum of log_softmax(logits - T x)."""
        self.check_value(value)
        count = self.event_shape[0]
        score = self.logits - value * self.temperature
        score = (score - score.logsumexp(-1, keepdim=True)).sum(-1)
        edges = math.lgamma(count) + (count - 1) * self.temperature.log()
        return score + edges  # type: ignore[no-any-return]


class Relaxed(TransformedDistribution):
    """What is a function of a tempered distribution, and has its parameters."""

    def __getattr__(self, name: str) -> Any:
        if name in ("temperature", "probs", "logits") and "base_dist" in self.__dict__:
            return getattr(self.base_dist, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def parameters(self) -> list[str]:
        """The base's."""
        return self.base_dist.parameters()  # type: ignore[no-any-return]

    def options(self) -> dict[str, Any]:
        """The temperature."""
        return self.base_dist.options()  # type: ignore[no-any-return]


class RelaxedBernoulli(Relaxed):
    """Between 0 and 1, nearer the ends the lower the temperature."""

    arg_constraints: ClassVar = LogitRelaxedBernoulli.arg_constraints
    support = constraints.unit_interval

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        base = LogitRelaxedBernoulli(temperature, probs, logits, False)
        super().__init__(base, SigmoidTransform(), validate_args)


class RelaxedOneHotCategorical(Relaxed):
    """Shares of K choices that sum to 1, nearer a corner the lower the temperature."""

    arg_constraints: ClassVar = ExpRelaxedCategorical.arg_constraints
    support = constraints.simplex

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        base = ExpRelaxedCategorical(temperature, probs, logits, False)
        super().__init__(base, ExpTransform(), validate_args)


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """OneHotCategorical whose samples pass their gradient to the probabilities as if they were
    these (Bengio et al., 2013).
    """

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """A sample + probs - probs without history."""
        still: Tensor = self.probs - self.probs.detach()
        return self.sample(sample_shape) + still
