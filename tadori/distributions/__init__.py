"""Probability distributions live here, with PyTorch's names: samples, densities, entropies.

`distribution.py` says what all of them do; `continuous.py`, `gamma_family.py`, `powers.py`,
`circular.py`, `discrete.py`, `counts.py`, `continuous_bernoulli.py`, `relaxed.py` and
`multivariate.py`, `logistic.py` hold them; `composed.py` makes new ones of others, through
`transforms/`;
`kl.py` has the divergences, `constraints.py` where parameters and samples may lie. From the same
seed come PyTorch's samples.
"""

from . import constraints, transforms
from .circular import VonMises
from .composed import Independent, MixtureSameFamily, TransformedDistribution
from .constraint_registry import biject_to, transform_to
from .continuous import (
    Cauchy,
    Exponential,
    Gumbel,
    HalfNormal,
    Laplace,
    LogNormal,
    Normal,
    Uniform,
)
from .continuous_bernoulli import ContinuousBernoulli
from .counts import NegativeBinomial
from .discrete import (
    Bernoulli,
    Binomial,
    Categorical,
    Geometric,
    Multinomial,
    OneHotCategorical,
    Poisson,
)
from .distribution import Distribution
from .gamma_family import Beta, Chi2, Dirichlet, Gamma, StudentT
from .kl import kl_divergence, register_kl
from .logistic import LogisticNormal
from .multivariate import LowRankMultivariateNormal, MultivariateNormal
from .powers import FisherSnedecor, HalfCauchy, InverseGamma, Kumaraswamy, Pareto, Weibull
from .relaxed import (
    LogitRelaxedBernoulli,
    OneHotCategoricalStraightThrough,
    RelaxedBernoulli,
    RelaxedOneHotCategorical,
)
from .transforms import (
    AbsTransform,
    AffineTransform,
    CatTransform,
    ComposeTransform,
    CorrCholeskyTransform,
    CumulativeDistributionTransform,
    ExpTransform,
    IndependentTransform,
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    PowerTransform,
    ReshapeTransform,
    SigmoidTransform,
    SoftmaxTransform,
    SoftplusTransform,
    StackTransform,
    StickBreakingTransform,
    TanhTransform,
    Transform,
    identity_transform,
)

__all__ = [
    "Distribution",
    "Normal",
    "LogNormal",
    "HalfNormal",
    "Uniform",
    "Exponential",
    "Laplace",
    "Cauchy",
    "Gumbel",
    "Gamma",
    "Chi2",
    "Beta",
    "Dirichlet",
    "StudentT",
    "Bernoulli",
    "Categorical",
    "OneHotCategorical",
    "Binomial",
    "Geometric",
    "Poisson",
    "Multinomial",
    "MultivariateNormal",
    "ContinuousBernoulli",
    "FisherSnedecor",
    "HalfCauchy",
    "InverseGamma",
    "Kumaraswamy",
    "LogisticNormal",
    "LogitRelaxedBernoulli",
    "LowRankMultivariateNormal",
    "NegativeBinomial",
    "OneHotCategoricalStraightThrough",
    "Pareto",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
    "VonMises",
    "Weibull",
    "Independent",
    "TransformedDistribution",
    "MixtureSameFamily",
    "AbsTransform",
    "AffineTransform",
    "CatTransform",
    "ComposeTransform",
    "CorrCholeskyTransform",
    "CumulativeDistributionTransform",
    "ExpTransform",
    "IndependentTransform",
    "LowerCholeskyTransform",
    "PositiveDefiniteTransform",
    "PowerTransform",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StackTransform",
    "StickBreakingTransform",
    "TanhTransform",
    "Transform",
    "identity_transform",
    "biject_to",
    "transform_to",
    "kl_divergence",
    "register_kl",
    "constraints",
    "transforms",
]
