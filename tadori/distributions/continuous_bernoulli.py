"""A density on [0, 1] of Bernoulli's form (Loaiza-Ganem and Cunningham, 2019)."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..autograd.mode import no_grad
from ..functions.index import where
from ..random import rand
from ..tensor import Tensor
from . import constraints
from .discrete import ByProbability, cross_entropy, off_ends

__all__ = ["ContinuousBernoulli"]


class ContinuousBernoulli(ByProbability):
    """Density C(p) p^x (1 - p)^(1 - x) on [0, 1]. Its formulas divide by 1 - 2p: for p within
    `lims`, Taylor series about 1/2 stand for them.
    """

    arg_constraints: ClassVar = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self,
        probs: Any = None,
        logits: Any = None,
        lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:
        value = self._take(probs, logits)
        self._lims = tuple(lims)
        super().__init__(value.shape, validate_args=validate_args)
        if self.given == "probs":
            self.__dict__["probs"] = off_ends(value)

    def options(self) -> dict[str, Any]:
        """The limits of the series."""
        return {"lims": self._lims}

    def _split(self) -> tuple[Any, Any]:
        """Where the formulas hold, and p there; elsewhere a p at which they can be computed."""
        p, (low, high) = self.probs, self._lims
        holds = (p <= low) | (p > high)
        return holds, where(holds, p, low)

    def log_norm(self) -> Tensor:
        """log C = log(2 artanh(1 - 2p) / (1 - 2p))."""
        holds, p = self._split()
        inner = less(p).abs().log() - (1 - 2 * p).abs().log()
        square = (self.probs - 0.5).pow(2)
        series = math.log(2) + (4 / 3 + 104 / 45 * square) * square
        return where(holds, inner, series)

    @property
    def mean(self) -> Tensor:
        """p / (2p - 1) + 1 / (2 artanh(1 - 2p))."""
        holds, p = self._split()
        apart = self.probs - 0.5
        series = 0.5 + (1 / 3 + 16 / 45 * apart.pow(2)) * apart
        inner = p / (2 * p - 1) + 1 / less(p)
        return where(holds, inner, series)

    @property
    def variance(self) -> Tensor:
        """p (p - 1) / (1 - 2p)^2 + 1 / (2 artanh(1 - 2p))^2."""
        holds, p = self._split()
        square = (self.probs - 0.5).pow(2)
        series = 1 / 12 - (1 / 15 - 128 / 945 * square) * square
        inner = p * (p - 1) / (1 - 2 * p).pow(2)
        inner = inner + 1 / less(p).pow(2)
        return where(holds, inner, series)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """`icdf` of uniform numbers."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """`icdf` of uniform numbers, with history."""
        return self.icdf(rand(self.shape_of(sample_shape), dtype=self.probs.dtype))

    def log_prob(self, value: Tensor) -> Tensor:
        """log C + x log p + (1 - x) log(1 - p)."""
        self.check_value(value)
        return self.log_norm() - cross_entropy(self.logits, value)

    def cdf(self, value: Tensor) -> Tensor:
        """(p^x (1 - p)^(1 - x) + p - 1) / (2p - 1)."""
        self.check_value(value)
        holds, p = self._split()
        power = p**value * (1 - p) ** (1 - value)
        inner = (power + p - 1) / (2 * p - 1)
        found: Tensor = where(holds, inner, value)
        return found.clamp(min=0, max=1)

    def icdf(self, value: Tensor) -> Tensor:
        """log(1 + u (2p - 1) / (1 - p)) / log(p / (1 - p)), the inverse of `cdf`."""
        holds, p = self._split()
        miss = (-p).log1p()
        risen = (-p + value * (2 * p - 1)).log1p()
        inner = (risen - miss) / (p.log() - miss)
        return where(holds, inner, value)

    def entropy(self) -> Tensor:
        """-log C - mean log p - (1 - mean) log(1 - p)."""
        return cross_entropy(self.logits, self.mean) - self.log_norm()


def less(p: Any) -> Any:
    """log(1 - p) - log p, which is 2 artanh(1 - 2p)."""
    return (-p).log1p() - p.log()
