"""Same seed, same loss curve: four models trained for 100 steps by PyTorch and by Tadori.

    python tools/same_numbers.py           prints the table
    python tools/same_numbers.py --write   writes docs/same_numbers.md and its picture too

Each trainer below is one program, given the library as `t`; nothing but `t` differs.
"""

from __future__ import annotations

import math
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent / "docs"
STEPS = 100
TOLERANCE = 1e-5

Curve = list[float]


def mlp(t: Any) -> Iterator[float]:
    """A spiral of two arms told apart by three layers; Adam, batches from a shuffling loader."""
    angle = 2 * math.pi * t.rand(256)
    arm = t.randint(0, 2, (256,))
    points = t.stack([angle.cos(), angle.sin()], 1) * (angle * (2 * arm - 1))[:, None] / 3
    data = t.utils.data.TensorDataset(points + 0.02 * t.randn(256, 2), arm)
    loader = t.utils.data.DataLoader(data, batch_size=64, shuffle=True)
    nn = t.nn
    model = nn.Sequential(
        nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2)
    )
    optimizer = t.optim.Adam(model.parameters(), lr=0.02)
    while True:
        for x, y in loader:
            yield step(optimizer, nn.functional.cross_entropy(model(x), y))


def cnn(t: Any) -> Iterator[float]:
    """Bars and crosses told apart by two convolutions with batch norm and dropout; SGD."""
    labels = t.randint(0, 3, (256,))
    pictures = 0.3 * t.randn(256, 1, 12, 12)
    places = t.randint(2, 10, (256,))
    for i, (label, at) in enumerate(zip(labels.tolist(), places.tolist())):
        if label != 1:
            pictures[i, 0, at] += 1
        if label != 0:
            pictures[i, 0, :, at] += 1
    nn = t.nn
    model = nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Dropout2d(0.1), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.25), nn.Linear(144, 3)),
    )
    optimizer = t.optim.SGD(model.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-4)
    while True:
        for batch in t.randperm(256).split(32):
            scores = model(pictures[batch])
            yield step(optimizer, nn.functional.cross_entropy(scores, labels[batch]))


def lstm(t: Any) -> Iterator[float]:
    """The next value of a noisy sine by a two-layer LSTM with dropout; Adam, gradients clipped."""
    nn = t.nn
    model, head = nn.LSTM(1, 16, 2, batch_first=True, dropout=0.1), nn.Linear(16, 1)
    parameters = [*model.parameters(), *head.parameters()]
    optimizer = t.optim.Adam(parameters, lr=0.01)
    while True:
        start = 6 * t.rand(16, 1)
        wave = t.sin(start + 0.3 * t.arange(21)) + 0.05 * t.randn(16, 21)
        hidden, _ = model(wave[:, :-1, None])
        loss = nn.functional.mse_loss(head(hidden)[..., 0], wave[:, 1:])
        yield step(optimizer, loss, parameters, nn.utils.clip_grad_norm_)


def gpt(t: Any) -> Iterator[float]:
    """The next letter of a sentence by a two-layer Transformer with dropout; AdamW, clipped."""
    text = "the road is made by walking; to walk is to make the road. " * 4
    letters = sorted(set(text))
    data = t.tensor([letters.index(c) for c in text])
    nn, width, block = t.nn, 32, 24
    embed, places = nn.Embedding(len(letters), width), nn.Embedding(block, width)
    layers = [nn.TransformerEncoderLayer(width, 2, 64, 0.1, "gelu", batch_first=True,
                                         norm_first=True) for _ in range(2)]  # fmt: skip
    model = nn.ModuleList(
        [embed, places, *layers, nn.LayerNorm(width), nn.Linear(width, len(letters))]
    )
    mask = t.triu(t.full((block, block), -math.inf), diagonal=1)
    optimizer = t.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.95))
    while True:
        at = t.randint(len(data) - block, (8,)).tolist()
        x = t.stack([data[i : i + block] for i in at])
        y = t.stack([data[i + 1 : i + 1 + block] for i in at])
        h = embed(x) + places(t.arange(block))
        for layer in layers:
            h = layer(h, src_mask=mask)
        logits = model[-1](model[-2](h))
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        yield step(optimizer, loss, list(model.parameters()), nn.utils.clip_grad_norm_)


def step(optimizer: Any, loss: Any, parameters: Any = None, clip: Any = None) -> float:
    """One step of training; gives the loss before it."""
    optimizer.zero_grad()
    loss.backward()
    if clip is not None:
        clip(parameters, 1.0)
    optimizer.step()
    return float(loss.item())


TRAINERS: dict[str, Callable[[Any], Iterator[float]]] = {
    "MLP": mlp,
    "CNN with dropout": cnn,
    "LSTM": lstm,
    "GPT": gpt,
}


def curve(name: str, library: Any, seed: int = 0) -> Curve:
    """The losses of the first STEPS steps."""
    library.manual_seed(seed)
    losses = TRAINERS[name](library)
    return [next(losses) for _ in range(STEPS)]


def difference(a: Curve, b: Curve) -> float:
    """The largest distance between two curves."""
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


def table(curves: dict[str, tuple[Curve, Curve]]) -> str:
    """The curves' ends and their largest distance, as a table in Markdown."""
    rows = ["| | first loss | loss 100, PyTorch | loss 100, Tadori | largest difference |"]
    rows += ["|---|---|---|---|---|"]
    for name, (theirs, ours) in curves.items():
        far = difference(theirs, ours)
        rows += [f"| {name} | {ours[0]:.7f} | {theirs[-1]:.7f} | {ours[-1]:.7f} | {far:.1e} |"]
    return "\n".join(rows)


def plot(curves: dict[str, tuple[Curve, Curve]], path: Path) -> None:
    """Both curves of each model, one on the other, and below how far apart they are."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        2, len(curves), figsize=(11, 4.6), sharex=True, layout="constrained"
    )
    for (name, (theirs, ours)), (above, below) in zip(curves.items(), axes.T):
        above.plot(theirs, color="#d65f3c", linewidth=4, alpha=0.45, label="PyTorch")
        above.plot(ours, color="#1d3f72", linewidth=1, label="Tadori")
        above.set_title(name)
        distance = [max(abs(a - b), 1e-9) for a, b in zip(theirs, ours)]
        below.semilogy(distance, color="#1d3f72", linewidth=1)
        below.axhline(TOLERANCE, color="grey", linewidth=0.8, linestyle=":")
        below.set_ylim(5e-10, 1e-4)
        below.set_xlabel("step")
    axes[0, 0].set_ylabel("loss")
    axes[1, 0].set_ylabel("difference")
    axes[0, 2].legend(frameon=False)
    figure.savefig(path, dpi=110)


PAGE = """# Same seed, same numbers

`tadori.manual_seed(0)` and `torch.manual_seed(0)` begin the same stream of random numbers. Data,
shuffles, first weights and dropout masks are PyTorch's bit for bit; sums and products are rounded
in another order here and there, so that the losses agree to a few units in the last place. Four
models, {steps} steps of training each, by one program that is given either library
([tools/same_numbers.py](../tools/same_numbers.py)):

{table}

![The loss curves, one on the other, and the distance between them](same_numbers.png)

Above: the loss, PyTorch's wide and Tadori's thin on it. Below: how far apart they are (the dotted
line is 1e-5; a difference of 0 is drawn at 1e-9).

Measured with PyTorch {torch} on {machine}, by `python tools/same_numbers.py --write`.
`tests/test_same_curves.py` holds the curves to 1e-5.
"""


def main() -> None:
    """Print the table; with --write, write the page and the picture."""
    import torch

    import tadori

    curves = {name: (curve(name, torch), curve(name, tadori)) for name in TRAINERS}
    told = table(curves)
    print(told)
    if "--write" in sys.argv[1:]:
        plot(curves, DOCS / "same_numbers.png")
        machine = f"{platform.system()} {platform.machine()}"
        page = PAGE.format(steps=STEPS, table=told, torch=torch.__version__, machine=machine)
        (DOCS / "same_numbers.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
