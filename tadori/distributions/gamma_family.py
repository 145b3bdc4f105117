"""Gamma variables, and what is made of them: Chi2, Beta, Dirichlet, Student's t."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from .. import kernels, special
from ..autograd.custom import Function, once_differentiable
from ..creation import as_tensor
from ..functions.index import where
from ..ops.join import stack
from ..random import standard_gamma
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution, standard_normal, together

__all__ = ["Beta", "Chi2", "Dirichlet", "Gamma", "StudentT"]

LARGE = 1000.0  # from this shape on, a gamma number is a cube of a normal one to six digits


class StandardGamma(Function):
    """Gamma numbers of rate 1, and how they move with their shape while their rank stays: the
    derivative is -(dP / da) / (dP / dx) of the distribution function P(a, x).
    """

    @staticmethod
    def forward(ctx: Any, alpha: Any) -> Any:  # type: ignore[override]
        """Drawn as PyTorch draws them."""
        x = Tensor(standard_gamma(np.ascontiguousarray(alpha.array)))
        ctx.save_for_backward(alpha, x)
        return x

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gy: Any) -> Any:  # type: ignore[override]
        """Implicit reparametrisation (Figurnov et al., 2018)."""
        alpha, x = (saved.array for saved in ctx.saved_tensors)
        slope = implicit_slope(alpha.astype(np.float64), x.astype(np.float64))
        return gy * Tensor(slope.astype(alpha.dtype))


def implicit_slope(a: Any, x: Any) -> Any:
    """dx / da of gamma numbers, in float64.

    P(a, x) = x^a e^-x sum_k x^k / Gamma(a + k + 1); each term's derivative by a is the term times
    log x - digamma(a + k + 1). For large a, x is about a (1 - 1/(9a) + z / (3 sqrt(a)))^3 with a
    normal z (Wilson and Hilferty), whose derivative is simple.
    """
    slope = np.empty_like(a)
    large = a > LARGE
    cube = (x[large] / a[large]) ** (1 / 3)
    z = (cube - 1 + 1 / (9 * a[large])) * 3 * np.sqrt(a[large])
    moved = 1 / (9 * a[large] ** 2) - z / (6 * a[large] ** 1.5)
    slope[large] = cube**3 + 3 * a[large] * cube**2 * moved
    small_a, small_x = a[~large], x[~large]
    if not small_a.size:
        return slope
    log_x = np.log(small_x)
    total = np.zeros_like(small_a)
    term = small_x / small_a  # of the series times x Gamma(a): less what cancels with the density
    psi = kernels.digamma(small_a + 1)
    for k in range(1, 100_000):
        part = term * (psi - log_x)
        total += part
        if k > small_x.max() and np.all(abs(part) <= 1e-17 * abs(total)):
            break
        psi = psi + 1 / (small_a + k)
        term = term * (small_x / (small_a + k))
    slope[~large] = total
    return slope


class Gamma(Distribution):
    """Density rate^a x^(a - 1) exp(-rate x) / Gamma(a), with a = concentration."""

    arg_constraints: ClassVar = {
        "concentration": constraints.positive,
        "rate": constraints.positive,
    }
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = together(concentration, rate)
        super().__init__(self.concentration.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """a / rate."""
        return self.concentration / self.rate

    @property
    def mode(self) -> Tensor:
        """(a - 1) / rate, or 0."""
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        """a / rate^2."""
        return self.concentration / self.rate.pow(2)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """A gamma number of rate 1, divided by the rate."""
        shape = self.shape_of(sample_shape)
        value = StandardGamma.apply(self.concentration.expand(shape)) / self.rate.expand(shape)
        np.maximum(value.array, np.finfo(value.dtype).tiny, out=value.array)
        return value  # type: ignore[no-any-return]

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density."""
        value = as_tensor(value, dtype=self.rate.dtype)
        self.check_value(value)
        a = self.concentration
        logs = a.xlogy(self.rate) + (a - 1).xlogy(value)
        return logs - self.rate * value - a.lgamma()  # type: ignore[no-any-return]

    def cdf(self, value: Tensor) -> Tensor:
        """The lower incomplete gamma function of a and rate x, as a share of Gamma(a)."""
        self.check_value(value)
        share: Tensor = special.gammainc(self.concentration, self.rate * value)
        return share

    def entropy(self) -> Tensor:
        """a - log rate + log Gamma(a) + (1 - a) digamma(a)."""
        a = self.concentration
        return a - self.rate.log() + a.lgamma() + (1.0 - a) * a.digamma()


class Chi2(Gamma):
    """The sum of the squares of `df` standard normal variables."""

    arg_constraints: ClassVar = {"df": constraints.positive}

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        super().__init__(0.5 * df, 0.5, validate_args)

    @property
    def df(self) -> Tensor:
        """The degrees of freedom."""
        return self.concentration * 2

    def parameters(self) -> list[str]:
        """Its one parameter."""
        return ["df"]


class Dirichlet(Distribution):
    """Shares that sum to 1: gamma variables divided by their sum.

    Gradients pass through `rsample` by way of the gamma variables: unbiased as PyTorch's, which
    goes another way, but not its numbers.
    """

    arg_constraints: ClassVar = {"concentration": constraints.positive_vector}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        if concentration.ndim < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args)

    @property
    def mean(self) -> Tensor:
        """The concentrations' shares of their sum."""
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Tensor:
        """(a - 1) as a share; where all a < 1, a corner."""
        above = (self.concentration - 1).clamp(min=0.0).array
        with np.errstate(invalid="ignore"):
            inner = above / above.sum(-1, keepdims=True)
        corner = np.arange(above.shape[-1]) == inner.argmax(-1)[..., None]
        flat = (self.concentration.array < 1).all(-1, keepdims=True)
        return Tensor(np.where(flat, corner.astype(inner.dtype), inner))

    @property
    def variance(self) -> Tensor:
        """m (1 - m) / (sum + 1), m the mean."""
        total = self.concentration.sum(-1, True)
        mean = self.concentration / total
        return mean * (1 - mean) / (total + 1)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Gamma numbers, in float64, divided by their sum."""
        kind = self.concentration.dtype
        wide = self.concentration.expand(self.shape_of(sample_shape)).double()
        numbers = StandardGamma.apply(wide)
        shares = (numbers / numbers.sum(-1, True)).to(kind)
        below_one = np.nextafter(kind.type(1), kind.type(0))
        np.clip(shares.array, np.finfo(kind).tiny, below_one, out=shares.array)
        return shares  # type: ignore[no-any-return]

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density."""
        self.check_value(value)
        a = self.concentration
        inner = (a - 1.0).xlogy(value).sum(-1)
        return inner + a.sum(-1).lgamma() - a.lgamma().sum(-1)  # type: ignore[no-any-return]

    def entropy(self) -> Tensor:
        """From the digamma function of the concentrations and of their sum."""
        a, k = self.concentration, self.concentration.shape[-1]
        total = a.sum(-1)
        edges = a.lgamma().sum(-1) - total.lgamma()
        return edges - (k - total) * total.digamma() - ((a - 1.0) * a.digamma()).sum(-1)


class Beta(Distribution):
    """A share in [0, 1]: density x^(a - 1) (1 - x)^(b - 1) / B(a, b)."""

    arg_constraints: ClassVar = {
        "concentration1": constraints.positive,
        "concentration0": constraints.positive,
    }
    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        self.concentration1, self.concentration0 = together(concentration1, concentration0)
        pair = stack([self.concentration1, self.concentration0], -1)
        self._dirichlet = Dirichlet(pair, False)
        super().__init__(self.concentration1.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """a / (a + b)."""
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Tensor:
        """The Dirichlet's."""
        return self._dirichlet.mode[..., 0]

    @property
    def variance(self) -> Tensor:
        """a b / ((a + b)^2 (a + b + 1))."""
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """The first share of a Dirichlet variable."""
        return self._dirichlet.rsample(sample_shape).select(-1, 0)

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density."""
        self.check_value(value)
        pair = stack([value, 1.0 - value], -1)
        return self._dirichlet.log_prob(pair)

    def entropy(self) -> Tensor:
        """The Dirichlet's."""
        return self._dirichlet.entropy()


class StudentT(Distribution):
    """A normal variable divided by the root of a Chi2 one over its degrees of freedom."""

    arg_constraints: ClassVar = {
        "df": constraints.positive,
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support = constraints.real
    has_rsample = True

    def __init__(
        self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        self.df, self.loc, self.scale = together(df, loc, scale)
        self._chi2 = Chi2(self.df, False)
        super().__init__(self.df.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """loc, or NaN for df <= 1."""
        return where(self.df > 1, self.loc, math.nan)

    @property
    def mode(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def variance(self) -> Tensor:
        """scale^2 df / (df - 2); infinite for df in (1, 2], else NaN."""
        wide = self.df.clamp(min=2.0 + 1e-6)
        inner: Any = where(self.df > 2, self.scale.pow(2) * wide / (wide - 2), math.inf)
        return where(self.df > 1, inner, math.nan)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """loc + scale X / sqrt(Z / df)."""
        x = standard_normal(self.shape_of(sample_shape), self.df)
        z = self._chi2.rsample(sample_shape)
        return self.loc + self.scale * (x * (z / self.df).rsqrt())

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density."""
        self.check_value(value)
        y = (value - self.loc) / self.scale
        half = 0.5 * self.df
        z = self.scale.log() + 0.5 * self.df.log() + 0.5 * math.log(math.pi)
        z = z + half.lgamma() - (half + 0.5).lgamma()
        return -0.5 * (self.df + 1.0) * (y**2.0 / self.df).log1p() - z

    def entropy(self) -> Tensor:
        """From the digamma and beta functions of df / 2."""
        half = 0.5 * self.df
        beta = half.lgamma() + math.lgamma(0.5) - (0.5 * (1 + self.df)).lgamma()
        inner = 0.5 * (self.df + 1) * ((0.5 * (1 + self.df)).digamma() - half.digamma())
        return self.scale.log() + inner + 0.5 * self.df.log() + beta
