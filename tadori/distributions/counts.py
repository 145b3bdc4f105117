"""Counts that vary more than Poisson's."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import kernels
from ..autograd.mode import no_grad
from ..functions.index import where
from ..random import poisson
from ..tensor import Tensor
from . import constraints
from .discrete import ByProbability
from .distribution import together
from .gamma_family import Gamma

__all__ = ["NegativeBinomial"]


class NegativeBinomial(ByProbability):
    """How many successes, each of probability p, come before `total_count` failures; the latter
    may be any positive number.
    """

    arg_constraints: ClassVar = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0),
        "logits": constraints.real,
    }
    support = constraints.nonnegative_integer

    def __init__(
        self,
        total_count: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        value, count = together(self._take(probs, logits), total_count)
        self.__dict__[self.given] = value
        self.total_count = count.to(value.dtype)
        super().__init__(value.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """n p / (1 - p)."""
        return self.total_count * self.logits.exp()  # type: ignore[no-any-return]

    @property
    def mode(self) -> Tensor:
        """(n - 1) p / (1 - p), rounded down, or 0."""
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self) -> Tensor:
        """n p / (1 - p)^2."""
        return self.mean / (-self.logits).sigmoid()  # type: ignore[no-any-return]

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """A Poisson count whose rate is a gamma number."""
        with no_grad():
            rates = Gamma(self.total_count, (-self.logits).exp(), False)
            return poisson(rates.sample(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """log(n + k - 1 over k) + n log(1 - p) + k log p."""
        self.check_value(value)
        n, softplus = self.total_count, kernels.softplus
        ways = (n + value).lgamma() - (1.0 + value).lgamma() - n.lgamma()
        ways = where(n + value == 0, 0.0, ways)
        found: Tensor = ways - n * softplus(self.logits) - value * softplus(-self.logits)
        return found
