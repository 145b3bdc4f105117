"""Copies: what is copied deeply or pickled is the same, and its own."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import tadori
from tadori import nn, optim

COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "old pickle": lambda thing: pickle.loads(pickle.dumps(thing, protocol=2)),
}


@pytest.fixture(params=COPIES)
def copied(request):
    return COPIES[request.param]


@pytest.mark.parametrize("kind", [tadori.Tensor, nn.Parameter])
@pytest.mark.parametrize("trained", [True, False])
def test_tensors(copied, kind, trained):
    x = kind(tadori.arange(6.0).reshape(2, 3)).requires_grad_(trained)
    new = copied(x)
    assert type(new) is kind
    assert new.requires_grad == trained
    assert new.is_leaf
    assert new.tolist() == x.tolist()
    with tadori.no_grad():
        new.add_(1)
    assert x[0, 0] == 0


def test_a_model_and_its_optimizer_go_on_alike(copied):
    """One copy of both: the optimizer's parameters are the model's."""
    tadori.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    x = tadori.randn(5, 3)

    def steps(model, optimizer):
        losses = []
        for _ in range(3):
            loss = model(x).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    steps(model, optimizer)
    optimizer.zero_grad()
    other_model, other_optimizer = copied((model, optimizer))
    first = other_optimizer.param_groups[0]["params"][0]
    assert first is other_model[0].weight
    assert first is not model[0].weight
    before = other_model[0].weight.tolist()
    expected = steps(model, optimizer)
    assert other_model[0].weight.tolist() == before
    assert steps(other_model, other_optimizer) == expected


def test_what_is_shared_stays_shared(copied):
    weight = nn.Parameter(tadori.ones(2, 2))
    a, b = copied([weight, {"same": weight}])
    assert b["same"] is a


def test_layouts_and_generators(copied):
    x = tadori.arange(6.0).reshape(2, 3).T
    np.testing.assert_array_equal(copied(x).numpy(), x.numpy())
    generator = tadori.Generator().manual_seed(4)
    tadori.randn(3, generator=generator)
    other = copied(generator)
    assert tadori.rand(3, generator=other).tolist() == tadori.rand(3, generator=generator).tolist()
