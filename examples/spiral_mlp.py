"""Teach a small network to tell three spiral arms apart, and draw where it draws the line.

No straight line separates the arms: without its hidden layers the network reads half the points
wrongly (try --hidden 0).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from common import BLUE, GREEN, ORANGE, farewell, finite, options, picture, save

import tadori
import tadori.nn.functional as F
from tadori import nn, optim

COLORS = (BLUE, ORANGE, GREEN)
MARKS = ("o", "s", "^")


def spirals(points: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three arms of `points` points each: positions (N, 2) in float32, and arms (N,)."""
    rng = np.random.default_rng(seed)
    arm = np.repeat(np.arange(3), points)
    radius = np.tile(np.linspace(0.05, 1, points), 3)
    angle = 4 * arm + 4 * radius + rng.normal(scale=0.15, size=3 * points)
    positions = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    return np.float32(positions), arm


def make_model(hidden: int) -> nn.Module:
    """Two hidden layers of `hidden` units each; for 0, a linear model."""
    if hidden == 0:
        return nn.Linear(2, 3)
    return nn.Sequential(
        nn.Linear(2, hidden),
        nn.Tanh(),
        nn.Linear(hidden, hidden),
        nn.Tanh(),
        nn.Linear(hidden, 3),
    )


def draw(model: nn.Module, x: np.ndarray, arm: np.ndarray, losses: list, out: Path) -> Path:
    """The loss, and the arm that the network sees at each place."""
    across, up = np.meshgrid(np.linspace(-1.2, 1.2, 240), np.linspace(-1.2, 1.2, 240))
    places = np.float32(np.stack([across.ravel(), up.ravel()], axis=1))
    with tadori.no_grad():
        seen = model(tadori.from_numpy(places)).argmax(dim=1).numpy().reshape(across.shape)

    figure = picture(9, 4.4)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.2))
    left.semilogy(losses, color=BLUE)
    left.set(title="training loss", xlabel="step", ylabel="cross entropy")
    left.grid(alpha=0.3)
    right.contourf(across, up, seen, levels=[-0.5, 0.5, 1.5, 2.5], colors=COLORS, alpha=0.3)
    for index, (color, mark) in enumerate(zip(COLORS, MARKS)):
        right.scatter(*x[arm == index].T, color=color, marker=mark, s=18, edgecolor="k", lw=0.4)
    right.set(title="what the network sees where", aspect="equal", xticks=[], yticks=[])
    return save(figure, out, "spiral.png")


def main(argv: list[str] | None = None) -> dict:
    parser = options(__doc__, "spiral_mlp")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--hidden", type=int, default=32, help="units in each hidden layer")
    parser.add_argument("--lr", type=float, default=1e-2, help="learning rate")
    args = parser.parse_args(argv)

    tadori.manual_seed(args.seed)
    positions, arms = spirals(points=100, seed=args.seed)
    x, arm = tadori.from_numpy(positions), tadori.from_numpy(arms)
    model = make_model(args.hidden)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)

    losses = []
    for step in range(1, args.steps + 1):
        optimizer.zero_grad()
        scores = model(x)
        loss = F.cross_entropy(scores, arm)
        loss.backward()
        optimizer.step()
        losses.append(finite(loss.item()))
        if step % 100 == 0 or step == args.steps:
            accuracy = (scores.argmax(dim=1) == arm).float().mean().item()
            print(f"step {step:4}   loss {losses[-1]:.4f}   accuracy {accuracy:7.2%}")

    files = [draw(model, positions, arms, losses, args.out)]
    farewell(
        files,
        "spiral_mlp.py --hidden 0    # a linear model",
        "spiral_mlp.py --hidden 4    # how few units are enough?",
    )
    return {"losses": losses, "accuracy": accuracy, "files": files}


if __name__ == "__main__":
    main()
