"""Two networks play against each other until one of them writes digits on request: a small DCGAN.

The generator turns noise, and the digit it was asked for, into an image. The discriminator tells
such images from handwritten ones, knowing what was asked for. Each learns from the other.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from common import BLUE, RED, digits, farewell, finite, options, picture, save, show_grid
from tqdm import tqdm

import tadori
import tadori.nn.functional as F
from tadori import nn, optim
from tadori.utils.data import DataLoader, TensorDataset

NOISE = 16


class Generator(nn.Module):
    """Noise (N, 16) and the wanted digits (N, 10), one-hot, to images (N, 1, 8, 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(NOISE + 10, 64 * 2 * 2),
            nn.Unflatten(1, (64, 2, 2)),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.ConvTranspose2d(64, 32, kernel_size=4, stride=2, padding=1),  # N 32 4 4
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 1, kernel_size=4, stride=2, padding=1),  # N 1 8 8
            nn.Sigmoid(),
        )

    def forward(self, noise: tadori.Tensor, wanted: tadori.Tensor) -> tadori.Tensor:
        return self.layers(tadori.cat([noise, wanted], dim=1))


class Discriminator(nn.Module):
    """Images and the wanted digits to scores (N, 1), positive for "handwritten"."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(1, 32, kernel_size=3, stride=2, padding=1),  # N 32 4 4
            nn.LeakyReLU(0.2),
            nn.Conv2d(32, 64, kernel_size=3, stride=2, padding=1),  # N 64 2 2
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Flatten(),
        )
        self.judge = nn.Sequential(
            nn.Linear(64 * 2 * 2 + 10, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 1),
        )

    def forward(self, images: tadori.Tensor, wanted: tadori.Tensor) -> tadori.Tensor:
        return self.judge(tadori.cat([self.look(images), wanted], dim=1))


def one_hot(labels: tadori.Tensor) -> tadori.Tensor:
    """Digits (N,) as rows of zeros with a single one (N, 10)."""
    return F.one_hot(labels, num_classes=10).float()


def draw_game(history: np.ndarray, out: Path) -> Path:
    """Both losses, epoch by epoch; and the one of a discriminator that can only guess."""
    figure = picture(8, 3.4)
    axis = figure.subplots()
    epochs = range(1, len(history) + 1)
    axis.plot(epochs, history[:, 0], color=BLUE, label="discriminator")
    axis.plot(epochs, history[:, 1], color=RED, linestyle="--", label="generator")
    axis.axhline(2 * np.log(2), color="0.6", linestyle=":", label="discriminator that guesses")
    axis.set(title="the game", xlabel="epoch", ylabel="loss")
    axis.legend()
    return save(figure, out, "game.png")


def draw_samples(images: np.ndarray, title: str, out: Path, name: str) -> Path:
    """Digits in rows of ten."""
    figure = picture(7, 4)
    figure.suptitle(title)
    show_grid(figure, images, columns=10)
    return save(figure, out, name)


def main(argv: list[str] | None = None) -> dict:
    parser = options(__doc__, "digits_gan")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1e-3, help="learning rate")
    args = parser.parse_args(argv)

    tadori.manual_seed(args.seed)
    images, labels = map(tadori.from_numpy, digits(args.seed)[:2])
    loader = DataLoader(TensorDataset(images, labels), batch_size=args.batch_size, shuffle=True)
    generator, discriminator = Generator(), Discriminator()
    betas = (0.5, 0.999)  # the momentum that keeps such games steady
    generator_optimizer = optim.Adam(generator.parameters(), lr=args.lr, betas=betas)
    discriminator_optimizer = optim.Adam(discriminator.parameters(), lr=args.lr, betas=betas)
    history = []
    for epoch in range(1, args.epochs + 1):
        losses = []
        for real, digit in tqdm(loader, leave=False, disable=None):
            wanted = one_hot(digit)
            yes, no = tadori.ones(len(real), 1), tadori.zeros(len(real), 1)
            fake = generator(tadori.randn(len(real), NOISE), wanted)

            # The discriminator learns to say yes to real digits and no to false ones.
            # detach(): this lesson is not the generator's.
            real_score = discriminator(real, wanted)
            fake_score = discriminator(fake.detach(), wanted)
            real_loss = F.binary_cross_entropy_with_logits(real_score, yes)
            fake_loss = F.binary_cross_entropy_with_logits(fake_score, no)
            discriminator_loss = real_loss + fake_loss
            discriminator_optimizer.zero_grad()
            discriminator_loss.backward()
            discriminator_optimizer.step()

            # The generator learns to be answered yes.
            score = discriminator(fake, wanted)
            generator_loss = F.binary_cross_entropy_with_logits(score, yes)
            generator_optimizer.zero_grad()
            generator_loss.backward()
            generator_optimizer.step()
            losses.append((finite(discriminator_loss.item()), finite(generator_loss.item())))
        history.append(np.mean(losses, axis=0))
        if epoch % 10 == 0 or epoch == args.epochs:
            d, g = history[-1]
            print(f"epoch {epoch:3}/{args.epochs}   discriminator {d:.3f}   generator {g:.3f}")

    generator.eval()
    wanted = one_hot(tadori.arange(50) % 10)
    with tadori.no_grad():
        samples = generator(tadori.randn(50, NOISE), wanted).numpy()
    title = "digits nobody wrote, on request: 0 to 9"
    files = [
        draw_samples(samples, title, args.out, "samples.png"),
        draw_samples(images[:50].numpy(), "digits people wrote", args.out, "real.png"),
        draw_game(np.array(history), args.out),
    ]
    farewell(
        files,
        "digits_gan.py --epochs 10    # the same game, cut short",
        "digits_vae.py    # new digits another way",
    )
    return {"losses": history, "samples": samples, "files": files}


if __name__ == "__main__":
    main()
