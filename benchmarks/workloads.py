"""What is measured: small real training steps, written once in PyTorch's names.

Each workload takes the framework as a module, `tadori` or `torch`, and returns a function that runs
one step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Step = Callable[[], Any]


def chain(torch: Any) -> Step:
    """y = y * w + b on one element, fifty times, and a sum: 101 operations, forward and
    backward."""
    x, w, b = (torch.ones(1, requires_grad=True) for _ in range(3))

    def step() -> Any:
        y = x
        for _ in range(50):
            y = y * w + b
        loss = y.sum()
        loss.backward()
        x.grad = w.grad = b.grad = None
        return loss

    return step


def train(torch: Any, model: Any, optimizer: Any, loss_of: Callable[[], Any]) -> Step:
    """The usual five lines."""

    def step() -> Any:
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        return loss

    return step


def classifier(torch: Any, model: Any, optimizer: Any, x: Any, t: Any) -> Step:
    """A step of classification with cross-entropy."""
    F = torch.nn.functional
    x, t = torch.from_numpy(x), torch.from_numpy(t)
    return train(torch, model, optimizer, lambda: F.cross_entropy(model(x), t))


def spiral(torch: Any) -> Step:
    """The MLP 2-10-3 on thirty points, SGD."""
    rng = np.random.default_rng(0)
    nn = torch.nn
    model = nn.Sequential(nn.Linear(2, 10), nn.Sigmoid(), nn.Linear(10, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    x = rng.normal(size=(30, 2)).astype("float32")
    return classifier(torch, model, optimizer, x, rng.integers(0, 3, 30))


def mlp(torch: Any) -> Step:
    """MNIST's shape: 784-1000-1000-10, batch 100, Adam."""
    rng = np.random.default_rng(0)
    nn = torch.nn
    layers = [nn.Linear(784, 1000), nn.ReLU(), nn.Linear(1000, 1000), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(1000, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x = rng.normal(size=(100, 784)).astype("float32")
    return classifier(torch, model, optimizer, x, rng.integers(0, 10, 100))


def cnn(torch: Any) -> Step:
    """MNIST's shape: two convolutions with pooling, two linear layers, batch 100, Adam."""
    rng = np.random.default_rng(0)
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x = rng.normal(size=(100, 1, 28, 28)).astype("float32")
    return classifier(torch, model, optimizer, x, rng.integers(0, 10, 100))


def lstm(torch: Any) -> Step:
    """The sine wave: an LSTMCell with 100 hidden units, thirty steps of time, batch 30, Adam."""
    rng = np.random.default_rng(0)
    nn, F = torch.nn, torch.nn.functional
    cell, head = nn.LSTMCell(1, 100), nn.Linear(100, 1)
    optimizer = torch.optim.Adam([*cell.parameters(), *head.parameters()], lr=1e-3)
    xs = torch.from_numpy(rng.normal(size=(30, 30, 1)).astype("float32"))
    ts = torch.from_numpy(rng.normal(size=(30, 30, 1)).astype("float32"))

    def loss_of() -> Any:
        state, loss = None, 0.0
        for i in range(30):
            state = cell(xs[i], state)
            loss = loss + F.mse_loss(head(state[0]), ts[i])
        return loss

    return train(torch, cell, optimizer, loss_of)


def gpt(torch: Any) -> Step:
    """A small GPT: 4 layers, width 128, 4 heads, 64 tokens, batch 8, vocabulary 65, AdamW."""
    rng = np.random.default_rng(0)
    model = gpt_model(torch, vocabulary=65, width=128, heads=4, layers=4, length=64)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    tokens = torch.from_numpy(rng.integers(0, 65, (8, 65)))
    x, t = tokens[:, :-1], tokens[:, 1:].reshape(-1)
    F = torch.nn.functional
    return train(torch, model, optimizer, lambda: F.cross_entropy(model(x).reshape(-1, 65), t))


def gpt_model(torch: Any, vocabulary: int, width: int, heads: int, layers: int, length: int) -> Any:
    """A decoder-only transformer with pre-normalisation, from modules of the framework."""
    nn, F = torch.nn, torch.nn.functional

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x: Any) -> Any:
            B, T, C = x.shape
            q, k, v = self.qkv(self.norm1(x)).chunk(3, dim=-1)
            q, k, v = (z.view(B, T, heads, C // heads).transpose(1, 2) for z in (q, k, v))
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(y.transpose(1, 2).reshape(B, T, C))
            return x + self.down(F.gelu(self.up(self.norm2(x))))

    class GPT(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.token = nn.Embedding(vocabulary, width)
            self.position = nn.Embedding(length, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(layers)))
            self.norm = nn.LayerNorm(width)
            self.head = nn.Linear(width, vocabulary)

        def forward(self, tokens: Any) -> Any:
            x = self.token(tokens) + self.position(torch.arange(tokens.shape[1]))
            return self.head(self.norm(self.blocks(x)))

    return GPT()


def wide(width: int) -> Callable[[Any], Step]:
    """A graph of `width` branches that meet in one sum: the cost per node must not grow with it."""

    def workload(torch: Any) -> Step:
        x = torch.ones(1, requires_grad=True)
        scale = 1.0 / math.sqrt(width)

        def step() -> Any:
            branches = [x * scale for _ in range(width)]
            while len(branches) > 1:
                pairs = zip(branches[::2], branches[1::2], strict=False)
                branches = [a + b for a, b in pairs] + branches[len(branches) // 2 * 2 :]
            branches[0].backward()
            x.grad = None
            return branches[0]

        return step

    return workload


#: name -> (workload, ratio to PyTorch's time that is aimed at, or None)
WORKLOADS: dict[str, tuple[Callable[[Any], Step], float | None]] = {
    "tiny chain, 101 operations": (chain, 0.7),
    "spiral MLP 2-10-3, batch 30": (spiral, 0.7),
    "sine LSTM, hidden 100, 30 steps": (lstm, 0.7),
    "MNIST-shaped MLP, batch 100": (mlp, 1.3),
    "MNIST-shaped CNN, batch 100": (cnn, 1.5),
    "small GPT, 4 layers of 128": (gpt, None),
    "graph of width 500": (wide(500), None),
    "graph of width 1000": (wide(1000), None),
    "graph of width 2000": (wide(2000), None),
    "graph of width 4000": (wide(4000), None),
}
