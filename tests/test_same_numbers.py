"""Same seed, same numbers: a table of what draws, each beside PyTorch, with the state it leaves.

`test_random.py` goes through sizes, layouts and dtypes; here stands whoever draws: tensors'
methods, layers when they are made, dropout, samplers, loaders. Some numbers are pinned and hold
without PyTorch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tadori
from tadori import random

EXACT = 0.0
ROUNDED = 1e-6  # relative to the largest: after a product or a decomposition that rounds elsewise


def parameters(make):
    return lambda t: list(make(t.nn).parameters())


def fill(method, size=(37,), dtype="float32"):
    return lambda t: getattr(t.empty(size, dtype=getattr(t, dtype)), method[0])(*method[1:])


def order(make):
    return lambda t: t.tensor(list(make(t.utils.data)))


def split(lengths):
    return lambda t: [t.tensor(x.indices) for x in t.utils.data.random_split(range(20), lengths)]


def loader(**options):
    return lambda t: list(t.utils.data.DataLoader(t.arange(20), 5, shuffle=True, **options))


def generators(t):
    first = t.Generator().manual_seed(2)
    t.randn(3, generator=first)
    second, state = first.clone_state(), first.get_state()
    numbers = [t.randn(5, generator=first), t.randn(20, generator=second)]
    first.set_state(state)
    return [*numbers, t.randn(5, generator=first), state, second.get_state()]


def gamma(t):
    shapes = t.linspace(0.05, 9, 300)
    if t is tadori:
        return t.Tensor(random.standard_gamma(shapes.numpy()))
    return t._standard_gamma(shapes)


def made(t, *shape, **options):
    from importlib import import_module

    make = import_module(f"{t.__name__}.testing").make_tensor
    return make(*shape, device="cpu", **options)


FILLS = [
    ("uniform_", -1, 3),
    ("normal_", 0.3, 2),
    ("exponential_", 2.5),
    ("cauchy_", 1.5, 0.3),
    ("log_normal_", 0.3, 0.4),
    ("geometric_", 0.03),
    ("bernoulli_", 0.3),
    ("random_", 3, 10),
]

LAYERS = {
    "Linear": (7, 5),
    "Bilinear": (3, 4, 5),
    "Conv1d": (4, 6, 3),
    "Conv2d": (4, 6, 3),
    "Conv3d": (4, 6, 3),
    "ConvTranspose1d": (4, 6, 3),
    "ConvTranspose2d": (4, 6, 3),
    "ConvTranspose3d": (4, 6, 3),
    "RNN": (4, 6, 2),
    "LSTM": (4, 6, 2),
    "GRU": (4, 6, 2),
    "RNNCell": (4, 6),
    "LSTMCell": (4, 6),
    "GRUCell": (4, 6),
    "Embedding": (10, 4),
    "MultiheadAttention": (8, 2),
    "TransformerEncoderLayer": (8, 2, 16),
}

INITS = ["uniform_", "normal_", "trunc_normal_", "xavier_uniform_", "xavier_normal_"]
INITS += ["kaiming_uniform_", "kaiming_normal_"]

#: name -> (what draws, how far from PyTorch's numbers)
DRAWS: dict[str, tuple[Any, float]] = {
    **{
        f"{call[0]} {dtype}": (fill(call, dtype=dtype), EXACT)
        for call in FILLS
        for dtype in ("float32", "float64", "float16")
        if call[0] != "cauchy_" or dtype != "float64"
    },
    "cauchy_ float64": (fill(("cauchy_", 1.5, 0.3), dtype="float64"), ROUNDED),
    "geometric_ int64": (fill(("geometric_", 0.3), dtype="int64"), EXACT),
    "poisson": (lambda t: t.poisson(t.linspace(0, 90, 3000)), EXACT),
    "binomial": (
        lambda t: t.binomial(t.arange(90.0)[:, None].expand(90, 30), t.linspace(0, 1, 30)),
        EXACT,
    ),
    "gamma": (gamma, EXACT),
    "dropout": (lambda t: t.nn.functional.dropout(t.ones(8, 9), 0.3), EXACT),
    "dropout of a transposed": (lambda t: t.nn.functional.dropout(t.ones(4, 10).T, 0.3), EXACT),
    "dropout2d": (lambda t: t.nn.functional.dropout2d(t.ones(4, 6, 5, 5), 0.3), EXACT),
    "rrelu": (lambda t: t.nn.functional.rrelu(-t.ones(40), training=True), ROUNDED),
    "gumbel_softmax": (lambda t: t.nn.functional.gumbel_softmax(t.zeros(4, 5)), ROUNDED),
    "attention's dropout": (
        lambda t: t.nn.MultiheadAttention(8, 2, dropout=0.3)(*[t.ones(5, 3, 8)] * 3),
        ROUNDED,
    ),
    "LSTM's dropout": (
        lambda t: t.nn.LSTM(8, 8, 2, dropout=0.3)(t.ones(5, 3, 8))[0],
        ROUNDED,
    ),
    **{f"new {name}": (parameters(lambda nn, n=name, a=a: getattr(nn, n)(*a)), EXACT)
       for name, a in LAYERS.items()},
    **{f"init.{name}": (lambda t, n=name: getattr(t.nn.init, n)(t.empty(9, 7, 3)), EXACT)
       for name in INITS},
    "init.sparse_": (lambda t: t.nn.init.sparse_(t.empty(9, 7), 0.3), EXACT),
    "init.orthogonal_": (lambda t: t.nn.init.orthogonal_(t.empty(9, 7)), ROUNDED),
    "random_split": (split([12, 8]), EXACT),
    "random_split by shares": (split([0.61, 0.39]), EXACT),
    "DataLoader": (loader(), EXACT),
    "DataLoader with workers": (loader(num_workers=2), EXACT),
    "RandomSampler": (order(lambda d: d.RandomSampler(range(50), num_samples=130)), EXACT),
    "RandomSampler with replacement": (
        order(lambda d: d.RandomSampler(range(50), replacement=True, num_samples=130)),
        EXACT,
    ),
    "WeightedRandomSampler": (order(lambda d: d.WeightedRandomSampler([1, 2, 3], 20)), EXACT),
    "WeightedRandomSampler without replacement": (
        order(lambda d: d.WeightedRandomSampler([1.0, 2, 3, 4], 3, False)),
        EXACT,
    ),
    "SubsetRandomSampler": (order(lambda d: d.SubsetRandomSampler([5, 3, 9, 2])), EXACT),
    "generators": (generators, EXACT),
    "make_tensor": (
        lambda t: [
            made(t, 3, 4, dtype=getattr(t, dtype), low=low, high=high)
            for dtype in ("float32", "float64", "int64", "bool", "complex64", "uint8")
            for low, high in ((None, None), (1, 5))
        ],
        EXACT,
    ),
    "linspace, which draws nothing": (
        lambda t: [t.linspace(0.05, 9, 500, dtype=d) for d in (t.float32, t.float64, t.int64)],
        EXACT,
    ),
}  # fmt: skip


@pytest.fixture
def torch():
    """PyTorch, where its own CPU kernels draw, and not Intel's library."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    torch.empty(4).bernoulli_(0.5)
    after = torch.randint(1 << 20, (1,)).item()
    torch.manual_seed(0)
    torch.randint(1 << 20, (8,))
    if torch.randint(1 << 20, (1,)).item() != after:
        pytest.skip("this PyTorch draws Bernoulli numbers with Intel's MKL")
    return torch


def arrays(found):
    things = found if isinstance(found, list | tuple) else [found]
    return [np.ascontiguousarray(thing.detach().numpy()) for thing in things]


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.filterwarnings("ignore")
def test_the_same_numbers(torch, name):
    draw, tolerance = DRAWS[name]
    torch.manual_seed(3)
    tadori.manual_seed(3)
    for ours, theirs in zip(arrays(draw(tadori)), arrays(draw(torch)), strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        if tolerance == EXACT:
            assert ours.tobytes() == theirs.tobytes()
        else:
            scale = np.abs(theirs).max()
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * scale)
    assert tadori.get_rng_state().tolist() == torch.get_rng_state().tolist()


#: name -> the first numbers after manual_seed(3), as PyTorch 2.13 prints them
PINNED = {
    "rand": (lambda t: t.rand(3), [0.004263520240783691, 0.10556936264038086, 0.2858424782752991]),
    "randn, few": (
        lambda t: t.randn(3),
        [0.8032760620117188, 0.17483338713645935, 0.08897809684276581],
    ),
    "randn, many": (
        lambda t: t.randn(20),
        [
            -0.07664429396390915,
            0.35988152027130127,
            -0.7820168137550354,
            0.07152773439884186,
            1.0460227727890015,
        ],
    ),
    "randn float64": (
        lambda t: t.randn(3, dtype=t.float64),
        [0.8032760780963507, 0.17483339327910358, 0.08897809502587893],
    ),
    "randint": (lambda t: t.randint(100, (5,)), [86, 48, 37, 67, 60]),
    "randperm": (lambda t: t.randperm(8), [2, 4, 3, 5, 1]),
    "exponential_": (
        lambda t: t.empty(3).exponential_(),
        [0.03470345586538315, 0.3379095792770386, 1.4824306964874268],
    ),
    "cauchy_": (
        lambda t: t.empty(3).cauchy_(),
        [-9.296612739562988, -0.792214035987854, 1.1554373502731323],
    ),
    "geometric_": (lambda t: t.empty(5).geometric_(0.2), [16.0, 6.0, 2.0, 8.0, 2.0]),
    "log_normal_": (
        lambda t: t.empty(3).log_normal_(),
        [13.552244186401367, 3.856140375137329, 3.247729778289795],
    ),
    "poisson": (lambda t: t.poisson(t.full((6,), 20.0)), [24.0, 24.0, 15.0, 19.0, 15.0]),
    "binomial": (
        lambda t: t.binomial(t.full((6,), 50.0), t.full((6,), 0.4)),
        [11.0, 23.0, 23.0, 17.0, 19.0],
    ),
    "multinomial": (lambda t: t.multinomial(t.ones(9), 5), [0, 3, 6, 1, 8]),
    "bernoulli_": (lambda t: t.empty(8).bernoulli_(0.5), [1.0, 1.0, 0.0, 1.0, 0.0]),
    "Linear": (
        lambda t: t.nn.Linear(2, 2).weight,
        [-0.7010772228240967, -0.5578091740608215, -0.3028644621372223, -0.6689868569374084],
    ),
}


@pytest.mark.parametrize("name", PINNED)
def test_pinned_numbers(name):
    draw, expected = PINNED[name]
    tadori.manual_seed(3)
    assert draw(tadori).flatten().tolist()[: len(expected)] == expected
