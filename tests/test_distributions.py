"""Distributions beside PyTorch's: samples of the same seed, densities, entropies, divergences."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tadori
from tadori import distributions as ours

A, B = [0.3, 1.5, 4.0], [0.7, 2.0, 0.4]
P = [[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]
L = [[1.0, 0.0], [0.6, 0.8]]
C = [[1.5, 0.4], [0.4, 0.7]]

#: name -> (how it is made of a library's `d` and its `tensor`, values to ask the density of)
MADE = {
    "Normal": (lambda d, t: d.Normal(t(A), t(B)), [0.5, 2.0, -1.0]),
    "Normal of numbers": (lambda d, t: d.Normal(0.0, 2.0), [0.5]),
    "LogNormal": (lambda d, t: d.LogNormal(t(A), t(B)), A),
    "HalfNormal": (lambda d, t: d.HalfNormal(t(B)), A),
    "Uniform": (lambda d, t: d.Uniform(t(A), t(A) + 2), [0.4, 2.0, 4.5]),
    "Exponential": (lambda d, t: d.Exponential(t(B)), A),
    "Laplace": (lambda d, t: d.Laplace(t(A), t(B)), B),
    "Cauchy": (lambda d, t: d.Cauchy(t(A), t(B)), B),
    "Gumbel": (lambda d, t: d.Gumbel(t(A), t(B)), B),
    "Gamma": (lambda d, t: d.Gamma(t(A), t(B)), B),
    "Chi2": (lambda d, t: d.Chi2(t(A)), B),
    "Beta": (lambda d, t: d.Beta(t(A), t(B)), [0.2, 0.5, 0.9]),
    "Dirichlet": (lambda d, t: d.Dirichlet(t([A, B])), [0.2, 0.5, 0.3]),
    "StudentT": (lambda d, t: d.StudentT(t([1.5, 2.5, 5.0]), t(A), t(B)), B),
    "Bernoulli": (lambda d, t: d.Bernoulli(t([0.2, 0.9, 0.6])), [0.0, 1.0, 1.0]),
    "Bernoulli of logits": (lambda d, t: d.Bernoulli(logits=t([-30.0, 0.2, 40.0])), [0, 1, 1.0]),
    "Categorical": (lambda d, t: d.Categorical(t(P) * 3), [2.0, 1.0]),
    "Categorical of logits": (lambda d, t: d.Categorical(logits=t(P) * 9), [0.0, 2.0]),
    "OneHotCategorical": (lambda d, t: d.OneHotCategorical(t(P)), [[0.0, 1.0, 0.0]]),
    "Binomial": (lambda d, t: d.Binomial(9, t([0.2, 0.9, 0.5])), [3.0, 9.0, 0.0]),
    "Binomial of many": (lambda d, t: d.Binomial(t([90.0, 50.0]), logits=t([0.3, -1])), [40, 9.0]),
    "Geometric": (lambda d, t: d.Geometric(t([0.2, 0.9, 0.5])), [3.0, 0.0, 1.0]),
    "Poisson": (lambda d, t: d.Poisson(t([0.3, 4.0, 70.0])), [0.0, 3.0, 66.0]),
    "Multinomial": (lambda d, t: d.Multinomial(7, t(P)), [[2.0, 4.0, 1.0]]),
    "MultivariateNormal": (
        lambda d, t: d.MultivariateNormal(t([[0.5, 1], [0, 2]]), scale_tril=t(L)),
        [0.3, 1.0],
    ),
    "MultivariateNormal of a covariance": (
        lambda d, t: d.MultivariateNormal(t([0.5, 1]), t(C)),
        [0.3, 1.0],
    ),
    "MultivariateNormal of a precision": (
        lambda d, t: d.MultivariateNormal(t([0.5, 1]), precision_matrix=t(C)),
        [0.3, 1.0],
    ),
    "Independent": (lambda d, t: d.Independent(d.Normal(t([A, B]), t(B)), 1), A),
    "a sigmoid of a Normal": (
        lambda d, t: d.TransformedDistribution(d.Normal(t(A), t(B)), [d.SigmoidTransform()]),
        [0.2, 0.5, 0.9],
    ),
    "a tanh of an affine": (
        lambda d, t: d.TransformedDistribution(
            d.Normal(t(A), t(B)), [d.AffineTransform(0.1, t([-0.5, 1, 2])), d.TanhTransform()]
        ),
        [0.2, -0.5, 0.9],
    ),
    "a power of a Uniform": (
        lambda d, t: d.TransformedDistribution(d.Uniform(t(A), 5.0), d.PowerTransform(t(2.0))),
        [0.2, 9.0, 17.0],
    ),
    "Pareto": (lambda d, t: d.Pareto(t(B), t(A)), [0.8, 2.5, 0.9]),
    "Weibull": (lambda d, t: d.Weibull(t(A), t(B)), B),
    "HalfCauchy": (lambda d, t: d.HalfCauchy(t(B)), A),
    "Kumaraswamy": (lambda d, t: d.Kumaraswamy(t(A), t(B)), [0.2, 0.5, 0.9]),
    "InverseGamma": (lambda d, t: d.InverseGamma(t(A), t(B)), B),
    "FisherSnedecor": (lambda d, t: d.FisherSnedecor(t(A), t([1.0, 3.5, 9.0])), B),
    "NegativeBinomial": (lambda d, t: d.NegativeBinomial(t(B), t([0.2, 0.9, 0.6])), [0, 7.0, 1]),
    "NegativeBinomial of logits": (
        lambda d, t: d.NegativeBinomial(4, logits=t([-9.0, 0.2])),
        [0, 2.0],
    ),
    "VonMises": (lambda d, t: d.VonMises(t(A), t([0.01, 1.0, 2.0])), [-3.0, 2.0, 4.1]),
    "ContinuousBernoulli": (
        lambda d, t: d.ContinuousBernoulli(t([0.2, 0.5004, 0.99])),
        [0.0, 0.4, 1.0],
    ),
    "ContinuousBernoulli of logits": (
        lambda d, t: d.ContinuousBernoulli(logits=t([-9.0, 0.2]).double()),
        [0.1, 0.4],
    ),
    "LogisticNormal": (lambda d, t: d.LogisticNormal(t([A, B]), t(B)), [0.2, 0.1, 0.4, 0.3]),
    "LogitRelaxedBernoulli": (
        lambda d, t: type(d.RelaxedBernoulli(t(0.7), t([0.5])).base_dist)(t(0.7), t([0.2, 0.9])),
        [-2.0, 0.3],
    ),
    "RelaxedBernoulli": (lambda d, t: d.RelaxedBernoulli(t(0.7), t([0.2, 0.9])), [0.1, 0.4]),
    "RelaxedBernoulli of logits": (
        lambda d, t: d.RelaxedBernoulli(t(2.0), logits=t([-3.0, 0.4])),
        [0.1, 0.4],
    ),
    "RelaxedOneHotCategorical": (
        lambda d, t: d.RelaxedOneHotCategorical(t(0.7), t(P)),
        [0.1, 0.3, 0.6],
    ),
    "OneHotCategoricalStraightThrough": (
        lambda d, t: d.OneHotCategoricalStraightThrough(t(P)),
        [0.0, 1.0, 0.0],
    ),
    "LowRankMultivariateNormal": (
        lambda d, t: d.LowRankMultivariateNormal(t([A, B]), t([[0.5], [1.0], [-2.0]]), t(B)),
        B,
    ),
    "a mixture": (
        lambda d, t: d.MixtureSameFamily(d.Categorical(t([0.3, 0.2, 0.5])), d.Normal(t(A), t(B))),
        [0.3, 2.0],
    ),
}

#: these go through numbers of other libraries' last digits; all others have PyTorch's bits
ROUNDED = {
    "LogNormal", "Laplace", "Cauchy", "Gumbel", "Beta", "Dirichlet", "StudentT", "Geometric",
    "MultivariateNormal", "MultivariateNormal of a covariance", "MultivariateNormal of a precision",
    "a sigmoid of a Normal", "a tanh of an affine", "a power of a Uniform",
    "Pareto", "Weibull", "HalfCauchy", "Kumaraswamy", "InverseGamma", "VonMises",
    "ContinuousBernoulli", "ContinuousBernoulli of logits", "LogitRelaxedBernoulli",
    "RelaxedBernoulli", "RelaxedBernoulli of logits", "RelaxedOneHotCategorical",
    "LowRankMultivariateNormal", "LogisticNormal",
}  # fmt: skip


def close(a, b, rtol=2e-5, atol=1e-6):
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=rtol, atol=atol)
    assert str(a.dtype) == str(b.dtype).removeprefix("torch.")


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def pair(torch, name):
    make, value = MADE[name]
    return (
        make(ours, tadori.tensor),
        make(torch.distributions, torch.tensor),
        tadori.tensor(value),
        torch.tensor(value),
    )


@pytest.mark.parametrize("name", MADE)
@pytest.mark.allow_fp_faults
def test_samples_of_the_same_seed(torch, name):
    a, b, _, _ = pair(torch, name)
    for shape in ((), (5,), (2, 20)):
        tadori.manual_seed(3)
        torch.manual_seed(3)
        x, y = a.sample(shape), b.sample(shape)
        assert x.shape == y.shape
        assert not x.requires_grad
        if name in ROUNDED:
            close(x, y, rtol=1e-5)
        else:
            assert x.numpy().tobytes() == y.numpy().tobytes()
        assert tadori.get_rng_state().tolist() == torch.get_rng_state().tolist()


@pytest.mark.parametrize("name", MADE)
@pytest.mark.allow_fp_faults
def test_densities_and_moments(torch, name):
    a, b, x, y = pair(torch, name)
    assert a.batch_shape == tuple(b.batch_shape)
    assert a.event_shape == tuple(b.event_shape)
    close(a.log_prob(x), b.log_prob(y))
    for method, *arguments in (
        ("entropy",),
        ("cdf", "value"),
        ("icdf", "share"),
        ("mean",),
        ("variance",),
        ("stddev",),
        ("mode",),
        ("enumerate_support",),
    ):
        given = {"value": y, "share": torch.full(b.batch_shape, 0.3)}
        try:
            expected = getattr(b, method)
            expected = expected(*(given[n] for n in arguments)) if callable(expected) else expected
        except (NotImplementedError, AttributeError, ValueError):
            continue
        if (method, name) in (("cdf", "a mixture"), ("mode", "Kumaraswamy")):
            continue  # not there; another expression than PyTorch's, tested below
        found = getattr(a, method)
        given = {name: tadori.tensor(value.numpy()) for name, value in given.items()}
        close(found(*(given[n] for n in arguments)) if callable(found) else found, expected)


@pytest.mark.parametrize("name", MADE)
def test_how_they_print_and_expand(torch, name):
    a, b, x, y = pair(torch, name)
    if "()" not in repr(b) and "(\n" not in repr(b) and "_" not in repr(b):
        assert repr(a) == repr(b)
    if type(b).__name__ != "MixtureSameFamily":
        shape = (4, *b.batch_shape)
        wide = a.expand(shape)
        assert wide.batch_shape == shape
        assert type(wide) is type(a)
        close(wide.log_prob(x), b.expand(shape).log_prob(y))


PATHWISE = ["Normal", "LogNormal", "HalfNormal", "Uniform", "Exponential", "Laplace", "Cauchy"]
PATHWISE += ["Gumbel", "Gamma", "StudentT", "MultivariateNormal", "a tanh of an affine"]
PATHWISE += ["Pareto", "Weibull", "HalfCauchy", "Kumaraswamy", "FisherSnedecor", "InverseGamma"]
PATHWISE += [
    "LogisticNormal",
    "ContinuousBernoulli",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
]
PATHWISE += ["OneHotCategoricalStraightThrough", "LowRankMultivariateNormal"]
THROUGH_GAMMA = ("Gamma", "StudentT", "FisherSnedecor", "InverseGamma")


@pytest.mark.parametrize("name", PATHWISE)
def test_gradients_through_samples(torch, name):
    """PyTorch's own derivative of gamma numbers is good to about three digits."""
    gradients = []
    for library, d in ((tadori, ours), (torch, torch.distributions)):
        leaves = []

        def tensor(value, t=library, leaves=leaves):
            leaves.append(t.tensor(value, requires_grad=True))
            return leaves[-1]

        library.manual_seed(5)
        MADE[name][0](d, tensor).rsample((7,)).pow(2).sum().backward()
        gradients.append([leaf.grad for leaf in leaves])
    for a, b in zip(*gradients, strict=True):
        close(a, b, rtol=2e-3 if name in THROUGH_GAMMA else 1e-4, atol=1e-5)


def cumulative(d, t):
    return d.transforms.CumulativeDistributionTransform(d.Normal(t(1.0), 2.0))


#: name -> (how it is made, values)
TRANSFORMS = {
    "StickBreaking": (lambda d, t: d.StickBreakingTransform(), [A, B]),
    "Softmax": (lambda d, t: d.SoftmaxTransform(), [A, B]),
    "LowerCholesky": (lambda d, t: d.LowerCholeskyTransform(), C),
    "PositiveDefinite": (lambda d, t: d.PositiveDefiniteTransform(), C),
    "CorrCholesky": (lambda d, t: d.CorrCholeskyTransform(), [A, B]),
    "CorrCholesky of four": (lambda d, t: d.CorrCholeskyTransform(), [0.1, -0.5, 0.3, 1, 2, -1.0]),
    "Reshape": (lambda d, t: d.ReshapeTransform((3,), (3, 1)), [A, B]),
    "Independent": (lambda d, t: d.IndependentTransform(d.ExpTransform(), 1), [A, B]),
    "Cat": (
        lambda d, t: d.CatTransform([d.ExpTransform(), d.AffineTransform(1, 2)], 1, [1, 2]),
        [A, B],
    ),
    "Cat of vectors": (
        lambda d, t: d.CatTransform([d.SoftmaxTransform(), d.ExpTransform()], -1, [2, 1]),
        [A, B],
    ),
    "Stack": (lambda d, t: d.StackTransform([d.ExpTransform(), d.TanhTransform()], 0), [A, B]),
    "CumulativeDistribution": (cumulative, [A, B]),
    "identity": (lambda d, t: d.identity_transform, [A, B]),
    "of two shapes": (
        lambda d, t: d.ComposeTransform(
            [d.TanhTransform(), d.CorrCholeskyTransform(), d.ReshapeTransform((3, 3), (9,))]
        ),
        [A, B],
    ),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms(torch, name):
    make, value = TRANSFORMS[name]
    found = []
    for library, d in ((tadori, ours), (torch, torch.distributions)):
        t, x = make(d, library.tensor), library.tensor(value, requires_grad=True)
        y = t(x)
        y.pow(2).sum().backward()
        assert tuple(t.forward_shape(x.shape)) == tuple(y.shape)
        results = {"y": y, "slope": x.grad, "x": t.inv(y)}
        try:
            results["stretch"] = t.log_abs_det_jacobian(x, y)
        except NotImplementedError:
            results["stretch"] = None
        found.append((results, t.bijective))
    (a, bijective), (b, expected) = found
    assert bijective == expected
    for key, value in b.items():
        if value is None:
            assert a[key] is None
        else:
            close(a[key], value, rtol=1e-4, atol=1e-5)


FREE = {
    "real": (lambda c, t: c.real, A),
    "positive": (lambda c, t: c.positive, A),
    "nonnegative": (lambda c, t: c.nonnegative, A),
    "greater_than": (lambda c, t: c.greater_than(t(2.0)), A),
    "less_than": (lambda c, t: c.less_than(2.0), A),
    "unit_interval": (lambda c, t: c.unit_interval, A),
    "interval": (lambda c, t: c.interval(-1.0, t(B)), A),
    "simplex": (lambda c, t: c.simplex, [A, B]),
    "corr_cholesky": (lambda c, t: c.corr_cholesky, A),
    "real_vector": (lambda c, t: c.real_vector, A),
    "lower_cholesky": (lambda c, t: c.lower_cholesky, C),
    "positive_definite": (lambda c, t: c.positive_definite, C),
}


@pytest.mark.parametrize("name", FREE)
def test_free_numbers_reach_where_a_parameter_may_lie(torch, name):
    make, value = FREE[name]
    for way in ("biject_to", "transform_to"):
        results = []
        for library, d in ((tadori, ours), (torch, torch.distributions)):
            constraint = make(d.constraints, library.tensor)
            try:
                transform = getattr(d, way)(constraint)
            except NotImplementedError:
                results.append(None)
                continue
            results.append(transform(library.tensor(value)))
            assert constraint.check(results[-1]).all()
        assert (results[0] is None) == (results[1] is None)
        if results[0] is not None:
            close(*results)


def test_a_registered_constraint():
    even = ours.constraints.Constraint("Even()", lambda x: x % 2 == 0)
    with pytest.raises(NotImplementedError, match="Even"):
        ours.transform_to(even)
    ours.transform_to.register(even, lambda c: ours.AffineTransform(0, 2))
    assert ours.transform_to(even)(tadori.tensor(3.0)).item() == 6


def test_angles_that_lie_close_together():
    """PyTorch's polynomials for the Bessel functions lose digits here."""
    stats = pytest.importorskip("scipy.stats")
    x, k = np.array([-0.1, 0.0, 0.2]), np.array([1.0, 60.0, 900.0])
    made = ours.VonMises(0.0, tadori.tensor(k))
    np.testing.assert_allclose(made.log_prob(tadori.tensor(x)), stats.vonmises.logpdf(x, k), 1e-12)
    mean = [stats.vonmises(each).expect(np.cos, lb=-math.pi, ub=math.pi) for each in k]
    np.testing.assert_allclose(made.variance, 1 - np.array(mean), rtol=1e-6)


def test_the_mode_of_a_kumaraswamy():
    """Where the density is highest; PyTorch answers NaN."""
    made = ours.Kumaraswamy(2.0, 3.0)
    x = tadori.linspace(0.001, 0.999, 999)
    assert made.mode.item() == pytest.approx(x[made.log_prob(x).argmax()].item(), abs=1e-3)
    assert ours.Kumaraswamy(0.5, 3.0).mode.isnan()


def test_divergences_of_two_kinds(torch):
    results = []
    for d, t in ((ours, tadori.tensor), (torch.distributions, torch.tensor)):
        heavy, light = d.Pareto(t([1.0, 0.5]), t([2.5, 1.5])), d.Pareto(t([0.5]), t([3.0]))
        low = d.LowRankMultivariateNormal(t(A), t([[0.5], [1.0], [-2.0]]), t(B))
        full = d.MultivariateNormal(t(B), t([[2.0, 0.3, 0], [0.3, 1, 0.2], [0, 0.2, 0.9]]))
        pairs = [(heavy, light), (light, heavy), (heavy, d.Exponential(t([0.7])))]
        pairs += [(low, full), (full, low)]
        results.append([d.kl_divergence(p, q) for p, q in pairs])
    for a, b in zip(*results, strict=True):
        close(a, b, rtol=1e-4)


def test_the_derivative_of_gamma_numbers():
    """Against a difference of the distribution function, at small, middle and large shapes."""
    special = pytest.importorskip("scipy.special")
    from tadori.distributions.gamma_family import implicit_slope

    for shape in (0.1, 0.9, 3.0, 40.0, 800.0, 5000.0):
        ranks = np.array([0.05, 0.5, 0.95])
        x, h = special.gammaincinv(shape, ranks), 1e-4 * shape
        up, down = (special.gammaincinv(shape + s, ranks) for s in (h, -h))
        slope = implicit_slope(np.full(3, shape), x)
        np.testing.assert_allclose(slope, (up - down) / (2 * h), rtol=2e-5)


def test_gradients_through_shares_are_unbiased():
    """d/da E[x] of a Beta, from many samples."""
    tadori.manual_seed(0)
    a, b = (tadori.tensor(v, requires_grad=True, dtype=tadori.float64) for v in (2.0, 3.0))
    ours.Beta(a, b).rsample((20_000,)).mean().backward()
    assert a.grad.item() == pytest.approx(3 / 25, abs=0.003)
    assert b.grad.item() == pytest.approx(-2 / 25, abs=0.003)


@pytest.mark.parametrize("name", ["Categorical of logits", "Bernoulli of logits", "Bernoulli"])
def test_gradients_pass_also_when_a_sample_came_first(torch, name):
    """`sample` may be the first to ask for probs, and records nothing."""
    gradients = []
    for library, d in ((tadori, ours), (torch, torch.distributions)):
        leaves = []

        def tensor(value, t=library, leaves=leaves):
            leaves.append(t.tensor(value, requires_grad=True))
            return leaves[-1]

        distribution = MADE[name][0](d, tensor)
        distribution.sample()
        distribution.entropy().sum().backward()
        gradients.append([leaf.grad for leaf in leaves])
    for a, b in zip(*gradients, strict=True):
        close(a, b)


KINDS = ["Normal", "HalfNormal", "LogNormal", "Laplace", "Exponential", "Gamma", "Beta"]
KINDS += ["Dirichlet", "Bernoulli", "Categorical", "OneHotCategorical", "Poisson", "Geometric"]
KINDS += ["MultivariateNormal", "Independent", "Gumbel", "LowRankMultivariateNormal"]
KINDS += ["ContinuousBernoulli", "OneHotCategoricalStraightThrough"]
OTHER = {"A": [1.3, 0.5, 2.0], "B": [0.6, 1.0, 0.9], "P": [[0.3, 0.3, 0.4], [0.5, 0.4, 0.1]]}


@pytest.mark.parametrize("name", KINDS)
def test_divergences(torch, name):
    results = []
    for library, d in ((tadori, ours), (torch, torch.distributions)):
        p = MADE[name][0](d, library.tensor)
        q = MADE[name][0](d, lambda v, t=library: changed(t, v))
        results.append(d.kl_divergence(p, q))
    close(*results, rtol=1e-4)
    assert (results[0] > 0).all()


def changed(t, value):
    """Other parameters of the same kind."""
    if value == P:
        return t.tensor(OTHER["P"])
    if value == L:
        return t.tensor([[1.2, 0.0], [-0.3, 0.9]])
    known = {str(A): OTHER["A"], str(B): OTHER["B"], str([A, B]): [OTHER["B"], OTHER["A"]]}
    return t.tensor(known.get(str(value), 0)) if str(value) in known else t.tensor(value) * 0.7


def test_more_divergences(torch):
    for d, t in ((ours, tadori.tensor), (torch.distributions, torch.tensor)):
        wide, narrow = d.Uniform(t([0.0]), 3.0), d.Uniform(t([1.0]), 2.0)
        assert d.kl_divergence(narrow, wide).item() == pytest.approx(math.log(3))
        assert d.kl_divergence(wide, narrow).item() == math.inf
        p, q = d.Binomial(5, t([0.2])), d.Binomial(5, t([0.6]))
        assert d.kl_divergence(p, q).item() == pytest.approx(1.6739763, rel=1e-5)
    with pytest.raises(NotImplementedError, match="Normal and q type Poisson"):
        ours.kl_divergence(ours.Normal(0.0, 1.0), ours.Poisson(1.0))


REFUSED = [
    (lambda d, t: d.Normal(t([0.0]), t([-1.0])), "parameter scale .*GreaterThan"),
    (lambda d, t: d.Bernoulli(t([1.5])), "parameter probs"),
    (lambda d, t: d.Bernoulli(), "Either `probs` or `logits`"),
    (lambda d, t: d.Categorical(t(0.5)), "at least one-dimensional"),
    (lambda d, t: d.Uniform(t([1.0]), t([0.5])), "Uniform|low"),
    (lambda d, t: d.Dirichlet(t(1.0)), "at least one-dimensional"),
    (lambda d, t: d.MultivariateNormal(t([0.0, 0.0])), "Exactly one of"),
    (lambda d, t: d.Exponential(t([1.0])).log_prob(t([-1.0])), "within the support"),
    (lambda d, t: d.Poisson(t([1.0])).log_prob(t([0.5])), "within the support"),
    (lambda d, t: d.Normal(t([0.0, 1.0]), 1.0).log_prob(t([0.0, 1, 2])), "not broadcastable"),
    (lambda d, t: d.Dirichlet(t([1.0, 1.0])).log_prob(t([0.2, 0.2, 0.6])), "right-most size"),
    (lambda d, t: d.Pareto(t([1.0]), t([0.0])), "parameter alpha"),
    (lambda d, t: d.Pareto(t([1.0]), t([2.0])).log_prob(t([0.5])), "within the support"),
    (lambda d, t: d.NegativeBinomial(t([2.0]), t([1.0])), "parameter probs"),
    (lambda d, t: d.RelaxedBernoulli(t(0.5)), "Either `probs` or `logits`"),
    (lambda d, t: d.LowRankMultivariateNormal(t([0.0]), t([[1.0], [1.0]]), t([1.0])), "rank"),
    (lambda d, t: d.Independent(d.Normal(0.0, 1.0), 1), "reinterpreted_batch_ndims"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED)
def test_refusals(call, words):
    with pytest.raises(ValueError, match=words):
        call(ours, tadori.tensor)
    torch = pytest.importorskip("torch")
    with pytest.raises(ValueError):
        call(torch.distributions, torch.tensor)


def test_validation_can_be_left_out():
    assert ours.Exponential(1.0, validate_args=False).log_prob(tadori.tensor(-1.0)).item() == 1
    with pytest.raises(NotImplementedError, match="score function"):
        ours.Poisson(1.0).rsample()
