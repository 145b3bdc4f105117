"""The Kullback-Leibler divergence of one distribution from another: E_p[log p(x) - log q(x)]."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import kernels, linalg
from ..functions.index import where
from ..tensor import Tensor
from .composed import Independent, TransformedDistribution
from .continuous import Exponential, Gumbel, HalfNormal, Laplace, Normal, Uniform
from .continuous_bernoulli import ContinuousBernoulli
from .discrete import Bernoulli, Binomial, Categorical, Geometric, OneHotCategorical, Poisson
from .distribution import EULER, Distribution, summed
from .gamma_family import Beta, Dirichlet, Gamma
from .multivariate import LowRankMultivariateNormal, MultivariateNormal, distance, log_det
from .powers import Pareto

__all__ = ["kl_divergence", "register_kl"]

Formula = Callable[[Any, Any], Any]

#: (class of p, class of q) -> the formula
FORMULAS: dict[tuple[type, type], Formula] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Formula], Formula]:
    """A decorator for the formula of two classes, and of those derived from them."""

    def register(formula: Formula) -> Formula:
        FORMULAS[type_p, type_q] = formula
        return formula

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """KL(p || q), of the batch's shape. Raises NotImplementedError if no formula is known."""
    for kind_p in type(p).__mro__:
        for kind_q in type(q).__mro__:
            if (kind_p, kind_q) in FORMULAS:
                return FORMULAS[kind_p, kind_q](p, q)  # type: ignore[no-any-return]
    raise NotImplementedError(
        f"No KL(p || q) is implemented for p type {type(p).__name__} and q type "
        f"{type(q).__name__}. Remedy: register_kl, or the mean of p.log_prob(x) - q.log_prob(x)"
    )


@register_kl(Normal, Normal)
def _(p, q):
    ratio = (p.scale / q.scale).pow(2)
    distance = ((p.loc - q.loc) / q.scale).pow(2)
    return 0.5 * (ratio + distance - 1 - ratio.log())


@register_kl(HalfNormal, HalfNormal)
def _(p, q):
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Laplace, Laplace)
def _(p, q):
    ratio, apart = p.scale / q.scale, (p.loc - q.loc).abs()
    near = ratio * (-apart / p.scale).exp()
    return near - ratio.log() + apart / q.scale - 1


@register_kl(Uniform, Uniform)
def _(p, q):
    width, narrow = q.high - q.low, p.high - p.low
    inside = width.log() - narrow.log()
    outside = (q.low > p.low) | (q.high < p.high)
    return where(outside, math.inf, inside)


@register_kl(Exponential, Exponential)
def _(p, q):
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


@register_kl(Gamma, Gamma)
def _(p, q):
    a, b = p.concentration, q.concentration
    ratio = q.rate / p.rate
    shapes = b.lgamma() - a.lgamma()
    shapes = shapes + (a - b) * a.digamma()
    return shapes - b * ratio.log() + a * (ratio - 1)


@register_kl(Beta, Beta)
def _(p, q):
    return kl_divergence(p._dirichlet, q._dirichlet)


@register_kl(Dirichlet, Dirichlet)
def _(p, q):
    a, b = p.concentration, q.concentration
    total = a.sum(-1, keepdim=True)
    edges = total.lgamma()[..., 0] - b.sum(-1).lgamma()
    parts = b.lgamma() - a.lgamma()
    parts = parts + (a - b) * (a.digamma() - total.digamma())
    return edges + parts.sum(-1)


@register_kl(Bernoulli, Bernoulli)
def _(p, q):
    softplus = kernels.softplus
    ones = softplus(-q.logits) - softplus(-p.logits)
    zeros = softplus(q.logits) - softplus(p.logits)
    return p.probs * ones + (1 - p.probs) * zeros


@register_kl(Binomial, Binomial)
def _(p, q):
    if not bool((p.total_count <= q.total_count).all()):
        raise NotImplementedError("KL between Binomials whose first total_count is the larger")
    inner = p.probs * (p.logits - q.logits)
    inner = inner + (-p.probs).log1p() - (-q.probs).log1p()
    return p.total_count * inner


@register_kl(Geometric, Geometric)
def _(p, q):
    failures = (-q.probs).log1p() / p.probs
    return -p.entropy() - failures - q.logits


@register_kl(Poisson, Poisson)
def _(p, q):
    logs = p.rate.log() - q.rate.log()
    return p.rate * logs - (p.rate - q.rate)


@register_kl(Categorical, Categorical)
def _(p, q):
    parts = p.probs * (p.logits - q.logits)
    parts = where(q.probs == 0, math.inf, parts)
    return where(p.probs == 0, 0.0, parts).sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _(p, q):
    return kl_divergence(p._categorical, q._categorical)


@register_kl(MultivariateNormal, MultivariateNormal)
def _(p, q):
    shape = np.broadcast_shapes(p.batch_shape, q.batch_shape)
    n = p.event_shape[0]
    upper = p._factor.expand((*shape, n, n))
    lower = q._factor.expand((*shape, n, n))
    solved = linalg.solve_triangular(lower, upper, upper=False)
    spread = solved.pow(2).sum((-2, -1))
    apart = distance(lower, q.loc - p.loc)
    sizes = log_det(q._factor) - log_det(p._factor)
    return sizes + 0.5 * (spread + apart - n)


@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
@register_kl(LowRankMultivariateNormal, MultivariateNormal)
@register_kl(MultivariateNormal, LowRankMultivariateNormal)
def _(p, q):
    spread = q.precision_matrix @ p.covariance_matrix
    trace = spread.diagonal(dim1=-2, dim2=-1).sum(-1)
    apart = q.loc - p.loc
    if isinstance(q, LowRankMultivariateNormal):
        square = q.square(apart)
    else:
        square = distance(q._factor, apart)
    sizes = log_size(q) - log_size(p)
    return 0.5 * (sizes + trace + square - p.event_shape[0])


def log_size(d):
    """The logarithm of a covariance's determinant."""
    if isinstance(d, LowRankMultivariateNormal):
        return d.log_size()
    return 2 * log_det(d._factor)


@register_kl(Pareto, Pareto)
def _(p, q):
    ratio = p.alpha / q.alpha
    inside = q.alpha * (p.scale / q.scale).log()
    inside = inside + ratio.log() + 1 / ratio - 1
    return where(p.scale < q.scale, math.inf, inside)


@register_kl(Pareto, Exponential)
def _(p, q):
    start = p.scale * q.rate
    cost = p.alpha * start / (p.alpha - 1)
    inside = (p.alpha / start).log() - 1 / p.alpha
    inside = inside - 1 + cost
    return where(p.alpha <= 1, math.inf, inside)


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _(p, q):
    norms = p.log_norm() - q.log_norm()
    misses = (-p.probs).log1p() - (-q.probs).log1p()
    inner = p.mean * (p.logits - q.logits)
    return inner + norms + misses


@register_kl(Gumbel, Gumbel)
def _(p, q):
    ratio = p.scale / q.scale
    apart = (p.loc - q.loc) / q.scale
    spread = ((1 + ratio).lgamma() - apart).exp()
    inner = apart - ratio.log() + spread
    return inner + (ratio - 1) * EULER - 1


@register_kl(Independent, Independent)
def _(p, q):
    if p.axes != q.axes:
        raise NotImplementedError("KL between Independents of different numbers of axes")
    return summed(kl_divergence(p.base_dist, q.base_dist), p.axes)


@register_kl(TransformedDistribution, TransformedDistribution)
def _(p, q):
    if repr(p.transforms) != repr(q.transforms) or p.event_shape != q.event_shape:
        raise NotImplementedError("KL between distributions that are transformed differently")
    return kl_divergence(p.base_dist, q.base_dist)
