"""A walk through every room in a few seconds: run it on every save."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori import nn
from tadori.nn import functional as F
from tadori.utils.data import DataLoader, TensorDataset


def test_a_gradient():
    x = tadori.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_the_graph_can_be_walked():
    x = tadori.tensor(3.0, requires_grad=True)
    y = x**2
    assert y.creator.inputs[0] is x
    assert y.creator.outputs[0] is y
    assert x.creator is None


def test_numpy_functions_differentiate():
    x = tadori.tensor([0.5, 1.0], dtype=tadori.float64, requires_grad=True)
    np.sum(np.sin(x) * np.exp(x)).backward()
    expected = np.exp(x.detach().numpy()) * (np.sin([0.5, 1.0]) + np.cos([0.5, 1.0]))
    np.testing.assert_allclose(x.grad.numpy(), expected)


def test_newtons_method_by_double_backward():
    x = tadori.tensor(2.0, dtype=tadori.float64, requires_grad=True)
    for _ in range(8):
        y = x**4 - 2 * x**2
        (slope,) = tadori.autograd.grad(y, x, create_graph=True)
        (curvature,) = tadori.autograd.grad(slope, x)
        x.data = x.data - slope.detach() / curvature
    assert x.item() == pytest.approx(1.0)


NETWORKS = {
    "mlp": lambda: [nn.Flatten(), nn.Linear(64, 16), nn.Tanh()],
    "cnn": lambda: [
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    ],
    "norm": lambda: [nn.Flatten(), nn.LayerNorm(64), nn.Linear(64, 16), nn.GELU()],
}


@pytest.mark.parametrize("name", NETWORKS)
def test_training_lowers_the_loss(name):
    tadori.manual_seed(0)
    layers = NETWORKS[name]()
    width = 64 if name == "cnn" else 16
    model = nn.Sequential(*layers, nn.Linear(width, 3))
    x = tadori.randn(24, 1, 8, 8)
    t = tadori.arange(24) % 3
    loader = DataLoader(TensorDataset(x, t), batch_size=8, shuffle=True)
    optimizer = tadori.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(10):
        for batch, labels in loader:
            loss = F.cross_entropy(model(batch), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_a_recurrent_network_and_attention():
    tadori.manual_seed(0)
    x = tadori.randn(5, 2, 8)
    h, _ = nn.LSTM(8, 8)(x)
    y, _ = nn.MultiheadAttention(8, 2)(h, h, h)
    y.square().mean().backward()
    assert y.shape == (5, 2, 8)


def test_save_and_load(tmp_path):
    model, other = nn.Linear(2, 2), nn.Linear(2, 2)
    tadori.save(model.state_dict(), tmp_path / "model.safetensors")
    other.load_state_dict(tadori.load(tmp_path / "model.safetensors"))
    assert all(tadori.equal(p, q) for p, q in zip(model.parameters(), other.parameters()))


def test_the_readers_of_the_graph():
    x = tadori.tensor(2.0, requires_grad=True)
    with tadori.profile() as profile:
        y = x.exp() * x
    assert "Exp" in str(profile)
    assert "Exp" in tadori.draw(y).dot
    assert tadori.autograd.saved(y)
    assert "retain_grad" in tadori.autograd.why_no_grad(y)
