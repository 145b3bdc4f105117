"""Distributions whose samples are powers, quotients and sizes of simpler variables."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..functions.index import where
from ..tensor import Tensor
from . import constraints
from .composed import TransformedDistribution
from .continuous import Cauchy, Exponential, Uniform
from .distribution import EULER, Distribution, together
from .gamma_family import Gamma
from .transforms import AbsTransform, AffineTransform, ExpTransform, PowerTransform

__all__ = ["FisherSnedecor", "HalfCauchy", "InverseGamma", "Kumaraswamy", "Pareto", "Weibull"]


class Pareto(TransformedDistribution):
    """scale exp(X / alpha) of a standard exponential X: density alpha scale^alpha / x^(alpha + 1)
    from `scale` on.
    """

    arg_constraints: ClassVar = {"alpha": constraints.positive, "scale": constraints.positive}

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = together(scale, alpha)
        steps = [ExpTransform(), AffineTransform(0, self.scale)]
        super().__init__(Exponential(self.alpha, False), steps, validate_args)

    @property
    def support(self) -> Any:
        """From scale on."""
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Tensor:
        """alpha scale / (alpha - 1), infinite for alpha <= 1."""
        a = self.alpha.clamp(min=1)
        return a * self.scale / (a - 1)

    @property
    def mode(self) -> Tensor:
        """scale."""
        return self.scale

    @property
    def variance(self) -> Tensor:
        """scale^2 alpha / ((alpha - 1)^2 (alpha - 2)), infinite for alpha <= 2."""
        a = self.alpha.clamp(min=2)
        return self.scale.pow(2) * a / ((a - 1).pow(2) * (a - 2))

    def entropy(self) -> Tensor:
        """log(scale / alpha) + 1 + 1 / alpha."""
        return (self.scale / self.alpha).log() + (1 + 1 / self.alpha)


class Weibull(TransformedDistribution):
    """scale X^(1 / k) of a standard exponential X, with k = concentration."""

    arg_constraints: ClassVar = {
        "scale": constraints.positive,
        "concentration": constraints.positive,
    }
    support = constraints.positive

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = together(scale, concentration)
        base = Exponential(self.scale.detach() * 0 + 1, False)
        steps = [PowerTransform(1 / self.concentration), AffineTransform(0, self.scale)]
        super().__init__(base, steps, validate_args)

    @property
    def mean(self) -> Tensor:
        """scale Gamma(1 + 1 / k)."""
        return self.scale * (1 + 1 / self.concentration).lgamma().exp()

    @property
    def mode(self) -> Tensor:
        """scale ((k - 1) / k)^(1 / k)."""
        k = self.concentration
        power = (k - 1) / k
        return self.scale * power ** (1 / k)

    @property
    def variance(self) -> Tensor:
        """scale^2 (Gamma(1 + 2 / k) - Gamma(1 + 1 / k)^2)."""
        inverse = 1 / self.concentration
        second = (1 + 2 * inverse).lgamma().exp()
        square = (2 * (1 + inverse).lgamma()).exp()
        return self.scale.pow(2) * (second - square)

    def entropy(self) -> Tensor:
        """Euler's constant (1 - 1 / k) + log(scale / k) + 1."""
        inverse = 1 / self.concentration
        log_size = (self.scale * inverse).log()
        return EULER * (1 - inverse) + log_size + 1


class HalfCauchy(TransformedDistribution):
    """The size of a Cauchy variable with loc 0."""

    arg_constraints: ClassVar = {"scale": constraints.positive}
    support = constraints.nonnegative

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        (self.scale,) = together(scale)
        super().__init__(Cauchy(0, self.scale, False), AbsTransform(), validate_args)

    @property
    def mean(self) -> Tensor:
        """Infinite."""
        return self.scale * math.inf

    @property
    def mode(self) -> Tensor:
        """0."""
        return self.scale * 0

    @property
    def variance(self) -> Tensor:
        """Infinite."""
        return self.scale * math.inf

    def log_prob(self, value: Tensor) -> Tensor:
        """log 2 + the Cauchy variable's; -inf below 0."""
        self.check_value(value)
        inside = self.base_dist.log_prob(value) + math.log(2)
        return where(value >= 0, inside, -math.inf)

    def cdf(self, value: Tensor) -> Tensor:
        """2 arctan(x / scale) / pi."""
        self.check_value(value)
        return 2 * self.base_dist.cdf(value) - 1  # type: ignore[no-any-return]

    def icdf(self, value: Tensor) -> Tensor:
        """scale tan(pi p / 2)."""
        return self.base_dist.icdf((value + 1) / 2)  # type: ignore[no-any-return]

    def entropy(self) -> Tensor:
        """log(2 pi scale)."""
        return self.base_dist.entropy() - math.log(2)  # type: ignore[no-any-return]


class Kumaraswamy(TransformedDistribution):
    """(1 - U^(1 / b))^(1 / a) of a uniform U, with a = concentration1 and b = concentration0."""

    arg_constraints: ClassVar = {
        "concentration1": constraints.positive,
        "concentration0": constraints.positive,
    }
    support = constraints.unit_interval

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        self.concentration1, self.concentration0 = together(concentration1, concentration0)
        zeros = self.concentration0.detach() * 0
        base = Uniform(zeros, zeros + 1, False)
        inner, outer = (1 / c for c in (self.concentration0, self.concentration1))
        steps = [PowerTransform(inner), AffineTransform(1.0, -1.0), PowerTransform(outer)]
        super().__init__(base, steps, validate_args)

    def _moment(self, n: int) -> Tensor:
        """E[x^n] = b B(1 + n / a, b)."""
        b, inner = self.concentration0, 1 + n / self.concentration1
        logs = inner.lgamma() + b.lgamma() - (inner + b).lgamma()
        return b * logs.exp()

    @property
    def mean(self) -> Tensor:
        """b B(1 + 1 / a, b)."""
        return self._moment(1)

    @property
    def mode(self) -> Tensor:
        """((a - 1) / (a b - 1))^(1 / a); NaN where a < 1 or b < 1.

        PyTorch computes another expression, which is not where the density is highest.
        """
        a, b = self.concentration1, self.concentration0
        power = (a - 1) / (a * b - 1)
        outside = (a < 1) | (b < 1)
        return where(outside, math.nan, power ** (1 / a))

    @property
    def variance(self) -> Tensor:
        """E[x^2] - E[x]^2."""
        return self._moment(2) - self.mean.pow(2)

    def entropy(self) -> Tensor:
        """1 - 1/b + (1 - 1/a) H_b - log(a b), with the harmonic number H_b."""
        a, b = self.concentration1, self.concentration0
        harmonic = (b + 1).digamma() + EULER
        return (1 - 1 / b) + (1 - 1 / a) * harmonic - a.log() - b.log()


class InverseGamma(TransformedDistribution):
    """1 / X of a Gamma variable X."""

    arg_constraints: ClassVar = Gamma.arg_constraints
    support = constraints.positive

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = together(concentration, rate)
        base = Gamma(self.concentration, self.rate, False)
        super().__init__(base, PowerTransform(-1), validate_args)

    @property
    def mean(self) -> Tensor:
        """rate / (a - 1), infinite for a <= 1."""
        a = self.concentration
        return where(a > 1, self.rate / (a - 1), math.inf)

    @property
    def mode(self) -> Tensor:
        """rate / (a + 1)."""
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Tensor:
        """rate^2 / ((a - 1)^2 (a - 2)), infinite for a <= 2."""
        a = self.concentration
        inner = self.rate.pow(2) / ((a - 1).pow(2) * (a - 2))
        return where(a > 2, inner, math.inf)

    def entropy(self) -> Tensor:
        """a + log rate + log Gamma(a) - (1 + a) digamma(a)."""
        a = self.concentration
        return a + self.rate.log() + a.lgamma() - (1 + a) * a.digamma()


class FisherSnedecor(Distribution):
    """(X / df1) / (Y / df2) of Chi2 variables X and Y."""

    arg_constraints: ClassVar = {"df1": constraints.positive, "df2": constraints.positive}
    support = constraints.positive
    has_rsample = True

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        self.df1, self.df2 = together(df1, df2)
        self._above, self._below = (Gamma(df * 0.5, df, False) for df in (self.df1, self.df2))
        super().__init__(self.df1.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """df2 / (df2 - 2); NaN for df2 <= 2."""
        return where(self.df2 > 2, self.df2 / (self.df2 - 2), math.nan)

    @property
    def mode(self) -> Tensor:
        """(df1 - 2) / df1 df2 / (df2 + 2); NaN for df1 <= 2."""
        inner = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        return where(self.df1 > 2, inner, math.nan)

    @property
    def variance(self) -> Tensor:
        """2 df2^2 (df1 + df2 - 2) / (df1 (df2 - 2)^2 (df2 - 4)); NaN for df2 <= 4."""
        below = self.df1 * (self.df2 - 2).pow(2) * (self.df2 - 4)
        inner = 2 * self.df2.pow(2) * (self.df1 + self.df2 - 2) / below
        return where(self.df2 > 4, inner, math.nan)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """The quotient of two gamma numbers."""
        above = self._above.rsample(sample_shape)
        return above / self._below.rsample(sample_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density."""
        self.check_value(value)
        a, b, ratio = self.df1 * 0.5, self.df2 * 0.5, self.df1 / self.df2
        edges = (a + b).lgamma() - a.lgamma()
        edges = edges - b.lgamma() + a * ratio.log()
        power = (a - 1) * value.log()
        fall = (a + b) * (ratio * value).log1p()
        return edges + power - fall
