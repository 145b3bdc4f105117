"""utils.checkpoint: the same numbers, with less memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import tadori
from tadori import nn
from tadori.autograd import grad
from tadori.utils.checkpoint import checkpoint, checkpoint_sequential


def deep():
    tadori.manual_seed(0)
    layers = [nn.Sequential(nn.Linear(32, 32), nn.Tanh(), nn.Dropout(0.2)) for _ in range(12)]
    return nn.Sequential(*layers)


def gradients(model, forward):
    """(bytes kept for backward, the gradients) of one step, dropout drawn from one seed."""
    x = tadori.linspace(-1, 1, 64 * 32).reshape(64, 32).requires_grad_()
    model.zero_grad()
    tadori.manual_seed(1)
    tracemalloc.start()
    loss = forward(x).pow(2).mean()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    loss.backward()
    after = tadori.rand(1)
    return kept, [x.grad, *(p.grad for p in model.parameters()), after]


def test_a_deep_network_keeps_less_and_learns_the_same():
    model = deep()
    kept, expected = gradients(model, model)
    less, found = gradients(model, lambda x: checkpoint_sequential(model, 4, x))
    assert less < kept / 2
    for mine, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(mine.numpy(), other.numpy())


def test_gradients_reach_what_the_function_uses_from_outside():
    w = tadori.tensor([1.0, 2.0], requires_grad=True)
    scaled = w * 3  # no leaf
    x = tadori.tensor([0.5, -1.0], requires_grad=True)
    y = checkpoint(lambda x, by: {"y": scaled * x.exp() * by["k"]}, x, {"k": x})["y"]
    y.sum().backward()
    np.testing.assert_allclose(w.grad.numpy(), 3 * np.exp([0.5, -1.0]) * [0.5, -1.0], rtol=1e-6)
    np.testing.assert_allclose(
        x.grad.numpy(), np.array([3.0, 6.0]) * np.exp([0.5, -1.0]) * [1.5, 0.0], atol=1e-6
    )


def test_second_derivatives():
    w = tadori.tensor([0.3, -0.7], requires_grad=True)
    x = tadori.tensor([1.1, 0.4], requires_grad=True)

    def f(x):
        return (w * x).sin() * x

    results = []
    for call in (f, lambda x: checkpoint(f, x)):
        (first,) = grad(call(x).sum(), x, create_graph=True)
        results.append([first, *grad((first**2).sum(), (x, w))])
    for mine, other in zip(*results, strict=True):
        np.testing.assert_allclose(mine.detach().numpy(), other.detach().numpy(), rtol=1e-6)


def test_a_function_that_changes_is_an_error():
    sizes = iter([2, 3])
    x = tadori.ones(4, requires_grad=True)
    y = checkpoint(lambda x: x[: next(sizes)] * 2, x)
    with pytest.raises(RuntimeError, match=r"gave \[\(3,\)\], where it gave \[\(2,\)\] before"):
        y.sum().backward()


def test_nothing_to_differentiate():
    x = tadori.ones(2)
    assert not checkpoint(lambda x: x * 2, x).requires_grad
    with tadori.no_grad():
        assert not checkpoint(lambda x: x * 2, x.requires_grad_()).requires_grad
    with pytest.raises(ValueError, match="5 segments of 2"):
        checkpoint_sequential([tadori.sin, tadori.cos], 5, x)
