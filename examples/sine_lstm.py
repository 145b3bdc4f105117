"""An LSTM learns to continue a noisy sine wave, by truncated backpropagation through time.

The wave is read in pieces of 30 steps. The network's memory goes on from piece to piece, but the
graph does not: detach() cuts it, so that the walk back ends where the piece began. The picture
shows the wave continued by the network alone, fed with nothing but its own predictions.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from common import BLUE, GREY, RED, farewell, finite, options, picture, save

import tadori
import tadori.nn.functional as F
from tadori import nn, optim

PERIOD = 50  # steps


class Forecaster(nn.Module):
    """From each value of the waves (T, B, 1), and a memory, to the next value."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=hidden)
        self.linear = nn.Linear(hidden, 1)

    def forward(self, x: tadori.Tensor, memory: tuple | None = None) -> tuple:
        x, memory = self.lstm(x, memory)
        return self.linear(x), memory


def waves(steps: int, starts: np.ndarray, noise: float, seed: int) -> np.ndarray:
    """Sine waves that start at the given steps, with noise: (T, B, 1) in float32."""
    rng = np.random.default_rng(seed)
    time = np.arange(steps)[:, None] + starts
    values = np.sin(2 * np.pi * time / PERIOD) + rng.normal(scale=noise, size=time.shape)
    return np.float32(values[:, :, None])


def train(model: Forecaster, x: tadori.Tensor, args: argparse.Namespace) -> list[float]:
    """Read the waves epoch by epoch, piece by piece; give the mean loss of each epoch."""
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    history = []
    for epoch in range(1, args.epochs + 1):
        memory = None
        losses = []
        for start in range(0, len(x) - args.piece, args.piece):
            now = x[start : start + args.piece]
            soon = x[start + 1 : start + args.piece + 1]
            if memory is not None:
                memory = tuple(part.detach() for part in memory)
            prediction, memory = model(now, memory)
            loss = F.mse_loss(prediction, soon)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
            optimizer.step()
            losses.append(finite(loss.item()))
        history.append(float(np.mean(losses)))
        if epoch % 10 == 0 or epoch == args.epochs:
            print(f"epoch {epoch:3}/{args.epochs}   mean squared error {history[-1]:.5f}")
    return history


def continue_wave(model: Forecaster, heard: tadori.Tensor, steps: int) -> np.ndarray:
    """Let the network listen to `heard` (T, 1, 1), then go on by itself: the next steps."""
    with tadori.no_grad():
        prediction, memory = model(heard)
        value = prediction[-1:]
        wave = [value.item()]
        for _ in range(steps - 1):
            value, memory = model(value, memory)
            wave.append(value.item())
    return np.array(wave)


def draw(
    history: list[float], heard: np.ndarray, wave: np.ndarray, truth: np.ndarray, out: Path
) -> Path:
    """The loss, and the wave: what the network heard, what it made of it, and the truth."""
    figure = picture(9, 5)
    above, below = figure.subplots(2, 1, height_ratios=(1, 1.5))
    above.semilogy(range(1, len(history) + 1), history, color=BLUE)
    above.set(title="training loss", xlabel="epoch", ylabel="mean squared error")
    above.grid(alpha=0.3)
    future = np.arange(len(heard), len(heard) + len(wave))
    below.plot(heard, ".", color=GREY, label="heard, with noise")
    below.plot(future, truth, "--", color=BLUE, label="the sine, never shown")
    below.plot(future, wave, color=RED, label="the network alone")
    below.axvline(len(heard) - 0.5, color="0.7")
    below.set(title="a wave continued", xlabel="step")
    below.legend(loc="lower left", ncols=3)
    below.set_ylim(-1.9, 1.4)
    return save(figure, out, "wave.png")


def main(argv: list[str] | None = None) -> dict:
    parser = options(__doc__, "sine_lstm")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--piece", type=int, default=30, help="steps between two cuts of the graph")
    parser.add_argument("--hidden", type=int, default=32, help="units of the LSTM")
    parser.add_argument("--lr", type=float, default=5e-3, help="learning rate")
    parser.add_argument("--noise", type=float, default=0.1, help="standard deviation of the noise")
    args = parser.parse_args(argv)

    tadori.manual_seed(args.seed)
    starts = np.arange(0, PERIOD, 3)
    model = Forecaster(args.hidden)
    history = train(model, tadori.from_numpy(waves(301, starts, args.noise, args.seed)), args)

    heard = waves(100, np.array([7]), args.noise, args.seed + 1)
    wave = continue_wave(model, tadori.from_numpy(heard), steps=150)
    truth = waves(250, np.array([7]), 0, 0)[100:, 0, 0]
    error = float(np.sqrt(np.mean((wave - truth) ** 2)))
    print(f"150 steps continued alone: typical error {error:.3f}; the noise was {args.noise}")

    files = [draw(history, heard[:, 0, 0], wave, truth, args.out)]
    farewell(
        files,
        "sine_lstm.py --noise 0.4    # a wave one can hardly see",
        "sine_lstm.py --piece 5    # a shorter look back",
    )
    return {"losses": history, "error": error, "files": files}


if __name__ == "__main__":
    main()
