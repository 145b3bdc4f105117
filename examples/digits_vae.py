"""A variational autoencoder squeezes handwritten digits into two numbers, and makes new ones.

The encoder gives each image a mean and a standard deviation; a point is drawn from there,
z = mean + deviation * noise, and the decoder draws the image again. Because noise comes from
outside, gradients pass through mean and deviation (the "reparameterisation trick"). With two
numbers an image, the whole world of digits fits on one page: map.png.
"""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import numpy as np
from common import digits, farewell, finite, options, picture, save, show_grid
from tqdm import tqdm

import tadori
import tadori.nn.functional as F
from tadori import nn, optim
from tadori.utils.data import DataLoader, TensorDataset


class VAE(nn.Module):
    """Images (N, 1, 8, 8) to points (N, latent) and back, to logits of the pixels."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Flatten(),
            nn.Linear(64, 256),
            nn.ReLU(),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Linear(128, 2 * latent),
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent, 128),
            nn.ReLU(),
            nn.Linear(128, 256),
            nn.ReLU(),
            nn.Linear(256, 64),
            nn.Unflatten(1, (1, 8, 8)),
        )

    def forward(self, x: tadori.Tensor) -> tuple[tadori.Tensor, ...]:
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        # The deviation is the variance's root, hence the half.
        deviation = tadori.exp(0.5 * log_variance)
        z = mean + deviation * tadori.randn_like(deviation)
        return self.decoder(z), mean, log_variance


def vae_loss(
    logits: tadori.Tensor, x: tadori.Tensor, mean: tadori.Tensor, log_variance: tadori.Tensor
) -> tadori.Tensor:
    """How badly the images were drawn again, plus how far the points are from normal; per image.

    The second part is the Kullback-Leibler divergence of N(mean, variance) from N(0, 1).
    """
    redrawing = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum()
    return (redrawing + divergence) / len(x)


def draw_digits(model: VAE, z: tadori.Tensor) -> np.ndarray:
    """What the decoder draws for these points: images (N, 1, 8, 8)."""
    with tadori.no_grad():
        return tadori.sigmoid(model.decoder(z)).numpy()


def draw_redrawn(model: VAE, images: tadori.Tensor, out: Path) -> Path:
    """Test images, and below each the image drawn again from its mean."""
    with tadori.no_grad():
        mean, _ = model.encoder(images).chunk(2, dim=1)
    figure = picture(9, 2)
    figure.suptitle("test digits, and what comes back from the code of each")
    show_grid(figure, np.concatenate([images.numpy(), draw_digits(model, mean)]), len(images))
    return save(figure, out, "redrawn.png")


def draw_map(model: VAE, out: Path) -> Path:
    """The digits at a grid of points that cuts the normal distribution into equal shares."""
    shares = np.linspace(0.03, 0.97, 15)
    marks = [NormalDist().inv_cdf(share) for share in shares]
    points = np.float32([(across, up) for up in reversed(marks) for across in marks])
    figure = picture(7, 7.4)
    figure.suptitle("the world of digits: two numbers each")
    show_grid(figure, draw_digits(model, tadori.from_numpy(points)), len(marks))
    return save(figure, out, "map.png")


def draw_samples(model: VAE, latent: int, out: Path) -> Path:
    """Digits nobody wrote, from points drawn at random."""
    figure = picture(7, 4)
    figure.suptitle("digits nobody wrote")
    show_grid(figure, draw_digits(model, tadori.randn(50, latent)), columns=10)
    return save(figure, out, "samples.png")


def main(argv: list[str] | None = None) -> dict:
    parser = options(__doc__, "digits_vae")
    parser.add_argument("--epochs", type=int, default=80)
    parser.add_argument("--latent", type=int, default=2, help="numbers an image is squeezed into")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3, help="learning rate")
    args = parser.parse_args(argv)

    tadori.manual_seed(args.seed)
    train_images, _, test_images, _ = map(tadori.from_numpy, digits(args.seed))
    loader = DataLoader(TensorDataset(train_images), batch_size=args.batch_size, shuffle=True)
    model = VAE(args.latent)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)

    losses = []
    for epoch in range(1, args.epochs + 1):
        total = 0.0
        for (x,) in tqdm(loader, leave=False, disable=None):
            optimizer.zero_grad()
            logits, mean, log_variance = model(x)
            loss = vae_loss(logits, x, mean, log_variance)
            loss.backward()
            optimizer.step()
            total += finite(loss.item()) * len(x)
        losses.append(total / len(train_images))
        if epoch % 10 == 0 or epoch == args.epochs:
            print(f"epoch {epoch:3}/{args.epochs}   loss {losses[-1]:.3f}")

    files = [
        draw_samples(model, args.latent, args.out),
        draw_redrawn(model, test_images[:12], args.out),
    ]
    if args.latent == 2:
        files.append(draw_map(model, args.out))
    farewell(
        files,
        "digits_vae.py --latent 8    # more room, no map",
        "digits_gan.py    # new digits another way",
    )
    return {"losses": losses, "files": files}


if __name__ == "__main__":
    main()
