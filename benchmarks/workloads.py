"""What is measured: small real programs and single parts, written once in PyTorch's names.

Each workload takes the framework as a module, `tadori` or `torch`, and returns a function that runs
one step. `whole` marks what `torch.compile` may take as one piece.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from models import gpt_model, resnet18

Step = Callable[[], Any]
Workload = Callable[[Any], Step]


def whole(torch: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, compiled where the framework was loaded to compile."""
    return torch.compile(function) if getattr(torch, "compiling", False) else function


def floats(torch: Any, *shape: int, seed: int = 0) -> Any:
    """Normal numbers, the same in every framework."""
    numbers = np.random.default_rng(seed).normal(size=shape)
    return torch.from_numpy(numbers.astype("float32"))


def below(torch: Any, limit: int, *shape: int) -> Any:
    """Integers below `limit`, the same in every framework."""
    return torch.from_numpy(np.random.default_rng(0).integers(0, limit, shape))


# -------------------------------------------------------------------------------- the tape itself


def chain(size: int) -> Workload:
    """y = y * w + b on `size` elements, fifty times, and a sum: 101 operations, forward and
    backward."""

    def workload(torch: Any) -> Step:
        x, w, b = (torch.ones(size, requires_grad=True) for _ in range(3))

        def fifty(y: Any) -> Any:
            for _ in range(50):
                y = y * w + b
            return y.sum()

        forward = whole(torch, fifty)

        def step() -> Any:
            loss = forward(x)
            loss.backward()
            x.grad = w.grad = b.grad = None
            return loss

        return step

    return workload


def newton(torch: Any) -> Step:
    """Ten steps of Newton's method on Rosenbrock's function; the Hessian by second derivatives."""
    grad = torch.autograd.grad

    def step() -> Any:
        x = torch.tensor([-1.2, 1.0], requires_grad=True)
        for _ in range(10):
            y = 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2
            (g,) = grad(y, x, create_graph=True)
            rows = [grad(g[i], x, retain_graph=True)[0] for i in range(2)]
            change = torch.linalg.solve(torch.stack(rows), g.detach())
            x = (x.detach() - change).requires_grad_()
        return x

    return step


def wide(width: int) -> Workload:
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


# --------------------------------------------------------------------------------- training steps


def train(torch: Any, optimizer: Any, loss_of: Callable[..., Any], *data: Any) -> Step:
    """The usual five lines."""
    loss_of = whole(torch, loss_of)

    def step() -> Any:
        optimizer.zero_grad()
        loss = loss_of(*data)
        loss.backward()
        optimizer.step()
        return loss

    return step


def classifier(torch: Any, model: Any, optimizer: Any, x: Any, t: Any) -> Step:
    """A step of classification with cross-entropy."""
    F = torch.nn.functional
    return train(torch, optimizer, lambda x, t: F.cross_entropy(model(x), t), x, t)


def spiral(torch: Any) -> Step:
    """The MLP 2-10-3 on thirty points, SGD."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(2, 10), nn.Sigmoid(), nn.Linear(10, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    return classifier(torch, model, optimizer, floats(torch, 30, 2), below(torch, 3, 30))


def mlp(torch: Any) -> Step:
    """MNIST's shape: 784-1000-1000-10, batch 100, Adam."""
    nn = torch.nn
    layers = [nn.Linear(784, 1000), nn.ReLU(), nn.Linear(1000, 1000), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(1000, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    return classifier(torch, model, optimizer, floats(torch, 100, 784), below(torch, 10, 100))


def cnn(torch: Any) -> Step:
    """MNIST's shape: two convolutions with pooling, two linear layers, batch 100, Adam."""
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
    x = floats(torch, 100, 1, 28, 28)
    return classifier(torch, model, optimizer, x, below(torch, 10, 100))


def resnet_training(torch: Any) -> Step:
    """ResNet-18 on 32 images of 32x32, SGD with momentum."""
    model = resnet18(torch, small=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    x = floats(torch, 32, 3, 32, 32)
    return classifier(torch, model, optimizer, x, below(torch, 10, 32))


def resnet_inference(torch: Any) -> Step:
    """ResNet-18 on one image of 224x224, a thousand classes."""
    return inference(torch, resnet18(torch, classes=1000), floats(torch, 1, 3, 224, 224))


def lstm_cell(torch: Any) -> Step:
    """The sine wave: an LSTMCell with 100 hidden units, thirty steps of time, batch 30, Adam."""
    nn, F = torch.nn, torch.nn.functional
    cell, head = nn.LSTMCell(1, 100), nn.Linear(100, 1)
    optimizer = torch.optim.Adam([*cell.parameters(), *head.parameters()], lr=1e-3)

    def loss_of(xs: Any, ts: Any) -> Any:
        state, loss = None, 0.0
        for i in range(30):
            state = cell(xs[i], state)
            loss = loss + F.mse_loss(head(state[0]), ts[i])
        return loss

    xs, ts = floats(torch, 30, 30, 1), floats(torch, 30, 30, 1, seed=1)
    return train(torch, optimizer, loss_of, xs, ts)


def gpt(torch: Any) -> Step:
    """A small GPT: 4 layers, width 128, 4 heads, 64 tokens, batch 8, vocabulary 65, AdamW."""
    F = torch.nn.functional
    model = gpt_model(torch, vocabulary=65, width=128, heads=4, layers=4, length=64)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    tokens = below(torch, 65, 8, 65)

    def loss_of(x: Any, t: Any) -> Any:
        return F.cross_entropy(model(x).reshape(-1, 65), t)

    return train(torch, optimizer, loss_of, tokens[:, :-1], tokens[:, 1:].reshape(-1))


def gpt_token(torch: Any) -> Step:
    """The same GPT finds the next token after 64."""
    model = gpt_model(torch, vocabulary=65, width=128, heads=4, layers=4, length=64)
    return inference(torch, model, below(torch, 65, 1, 64), lambda scores: scores[:, -1].argmax(-1))


def inference(torch: Any, model: Any, x: Any, then: Callable[[Any], Any] | None = None) -> Step:
    """The answer of a model, without recording."""
    model.eval()
    forward = whole(torch, model)

    def step() -> Any:
        with torch.no_grad():
            y = forward(x)
            return y if then is None else then(y)

    return step


def critic(torch: Any) -> Step:
    """A step of WGAN-GP's critic 784-256-256-1, batch 64. The size of its gradient, which the
    penalty is on, is differentiated."""
    nn, grad = torch.nn, torch.autograd.grad
    layers = [nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256), nn.LeakyReLU(0.2)]
    model = nn.Sequential(*layers, nn.Linear(256, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, betas=(0.0, 0.9))
    real, fake = floats(torch, 64, 784), floats(torch, 64, 784, seed=1)
    share = torch.from_numpy(np.random.default_rng(2).random((64, 1), "float32"))

    def step() -> Any:
        optimizer.zero_grad()
        between = (share * real + (1 - share) * fake).requires_grad_()
        (slope,) = grad(model(between).sum(), between, create_graph=True)
        penalty = ((slope.norm(2, 1) - 1) ** 2).mean()
        loss = model(fake).mean() - model(real).mean() + 10 * penalty
        loss.backward()
        optimizer.step()
        return loss

    return step


# ------------------------------------------------------------------------------------ single parts


def back_and_forth(torch: Any, function: Callable[[Any], Any], x: Any, leaves: list[Any]) -> Step:
    """`function(x)` and the gradients of x and the leaves, for a given gradient of the result."""
    x.requires_grad_()
    gy = floats(torch, *function(x).shape, seed=1)
    forward = whole(torch, function)

    def step() -> Any:
        y = forward(x)
        y.backward(gy)
        for leaf in (x, *leaves):
            leaf.grad = None
        return y

    return step


def recurrent(name: str) -> Workload:
    """nn.LSTM or nn.GRU: 64 steps of time, batch 32, 128 features in and out."""

    def workload(torch: Any) -> Step:
        layer = getattr(torch.nn, name)(128, 128)
        x = floats(torch, 64, 32, 128)
        return back_and_forth(torch, lambda x: layer(x)[0], x, list(layer.parameters()))

    return workload


def vgg_block(torch: Any) -> Step:
    """Two convolutions of 64 channels at 56x56, each with BatchNorm and ReLU; pooling. Batch 8."""
    nn = torch.nn
    layers: list[Any] = []
    for _ in range(2):
        layers += [nn.Conv2d(64, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU()]
    model = nn.Sequential(*layers, nn.MaxPool2d(2))
    x = floats(torch, 8, 64, 56, 56)
    return back_and_forth(torch, model, x, list(model.parameters()))


def gelu_norm_softmax(torch: Any) -> Step:
    """GELU, LayerNorm and softmax on 8x512x512."""
    nn = torch.nn
    model = nn.Sequential(nn.GELU(), nn.LayerNorm(512), nn.Softmax(-1))
    return back_and_forth(torch, model, floats(torch, 8, 512, 512), list(model.parameters()))


def adam(count: int, size: int, **options: Any) -> Workload:
    """A step of Adam alone, on `count` tensors of `size`."""

    def workload(torch: Any) -> Step:
        params = [torch.ones(size, requires_grad=True) for _ in range(count)]
        for i, p in enumerate(params):
            p.grad = floats(torch, size, seed=i)
        optimizer = torch.optim.Adam(params, lr=1e-3, **options)
        return optimizer.step  # type: ignore[no-any-return]

    return workload


def embedding(torch: Any) -> Step:
    """32x64 rows looked up in a table of 20,000 x 64, and their gradients scattered back."""
    layer = torch.nn.Embedding(20_000, 64)
    tokens, gy = below(torch, 20_000, 32, 64), floats(torch, 32, 64, 64)
    forward = whole(torch, layer)

    def step() -> Any:
        forward(tokens).backward(gy)
        layer.weight.grad = None

    return step


#: name -> (workload, ratio to PyTorch's time that is aimed at, or None)
WORKLOADS: dict[str, tuple[Workload, float | None]] = {
    "chain of 101 operations, 1 element": (chain(1), 0.5),
    "chain, 100 elements": (chain(100), 0.5),
    "chain, 10,000 elements": (chain(10_000), 0.5),
    "Newton on Rosenbrock, 10 steps": (newton, 0.5),
    "spiral MLP 2-10-3, batch 30": (spiral, 0.5),
    "sine LSTMCell, hidden 100, 30 steps": (lstm_cell, 0.5),
    "MNIST-shaped MLP, batch 100": (mlp, 0.8),
    "nn.LSTM 64x32x128": (recurrent("LSTM"), 1.0),
    "nn.GRU 64x32x128": (recurrent("GRU"), 1.0),
    "MNIST-shaped CNN, batch 100": (cnn, 1.0),
    "VGG block, 8x64x56x56": (vgg_block, 1.0),
    "ResNet-18 training, 32x3x32x32": (resnet_training, 1.0),
    "ResNet-18 inference, 224x224": (resnet_inference, 1.0),
    "small GPT, 4 layers of 128": (gpt, 0.8),
    "small GPT, the next token": (gpt_token, 0.8),
    "GELU+LayerNorm+softmax 8x512x512": (gelu_norm_softmax, 0.8),
    "Adam, 50 tensors of 10,000": (adam(50, 10_000), 0.2),
    "Adam, 2 tensors of 2 million": (adam(2, 2_000_000), 0.25),
    "Adam 50 x 10,000, fused=True": (adam(50, 10_000, fused=True), None),
    "Adam 2 x 2 million, fused=True": (adam(2, 2_000_000, fused=True), None),
    "embedding, vocabulary 20,000": (embedding, 0.8),
    "WGAN-GP critic step": (critic, 0.8),
    "graph of width 500": (wide(500), None),
    "graph of width 1000": (wide(1000), None),
    "graph of width 2000": (wide(2000), None),
    "graph of width 4000": (wide(4000), None),
}
