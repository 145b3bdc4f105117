"""Train a small convolutional network on handwritten digits, in well under a minute.

The digits (8x8 pixels) come with scikit-learn: nothing is downloaded. The program shows the
accuracy epoch by epoch, saves the trained network, loads it into a fresh one, and draws two
pictures: how the training went, and which test digits were misread.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from common import BLUE, RED, digits, farewell, finite, options, picture, save, show_grid
from matplotlib.patches import Rectangle
from tqdm import tqdm

import tadori
import tadori.nn.functional as F
from tadori import nn, optim
from tadori.utils.data import DataLoader, TensorDataset


class DigitsCNN(nn.Module):
    """Three convolutions and one linear layer: images (N, 1, 8, 8) to scores (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=3, padding=1)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3, padding=1)
        self.norm2 = nn.BatchNorm2d(32)
        self.conv3 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.norm3 = nn.BatchNorm2d(64)
        self.dropout = nn.Dropout(0.3)
        self.linear = nn.Linear(64 * 2 * 2, 10)

    def forward(self, x: tadori.Tensor) -> tadori.Tensor:
        x = F.relu(self.norm1(self.conv1(x)))  # N 16 8 8
        x = F.relu(self.norm2(self.conv2(x)))  # N 32 8 8
        x = F.max_pool2d(x, 2)  # N 32 4 4
        x = F.relu(self.norm3(self.conv3(x)))  # N 64 4 4
        x = F.max_pool2d(x, 2)  # N 64 2 2
        x = self.dropout(x.flatten(1))  # N 256
        return self.linear(x)


def train_epoch(model: nn.Module, loader: DataLoader, optimizer: optim.Optimizer) -> float:
    """Show the model every training digit once; give the mean loss."""
    model.train()
    total = 0.0
    for images, labels in tqdm(loader, leave=False, disable=None):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        total += finite(loss.item()) * len(labels)
    return total / len(loader.dataset)


def predict(model: nn.Module, images: tadori.Tensor) -> tadori.Tensor:
    """The digit the model reads in each image."""
    model.eval()
    with tadori.no_grad():
        return model(images).argmax(dim=1)


def accuracy(model: nn.Module, images: tadori.Tensor, labels: tadori.Tensor) -> float:
    """The share of images read rightly, from 0 to 1."""
    return (predict(model, images) == labels).float().mean().item()


def draw_curves(history: list[tuple[float, float, float]], out: Path) -> Path:
    """Loss and accuracy, epoch by epoch."""
    epochs = range(1, len(history) + 1)
    losses, train, test = np.array(history).T
    figure = picture(9, 3.6)
    left, right = figure.subplots(1, 2)
    left.semilogy(epochs, losses, color=BLUE, marker="o")
    left.set(title="training loss", xlabel="epoch", ylabel="cross entropy")
    right.plot(epochs, 100 * train, color=BLUE, marker="o", label="training digits")
    right.plot(epochs, 100 * test, color=RED, marker="s", linestyle="--", label="test digits")
    right.set(title="accuracy", xlabel="epoch", ylabel="read rightly (%)")
    right.legend()
    for axis in (left, right):
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(alpha=0.3)
    return save(figure, out, "curves.png")


def draw_predictions(
    images: np.ndarray, labels: np.ndarray, predictions: np.ndarray, out: Path
) -> Path:
    """Sixty test digits with what was read in them: the mistakes first, in a frame."""
    wrong = predictions != labels
    chosen = np.argsort(~wrong, kind="stable")[:60]
    figure = picture(9, 4.3)
    figure.suptitle(f"{wrong.sum()} of {len(labels)} test digits misread (framed): ✗ read / is")
    axis = show_grid(figure, images[chosen], columns=12, gap=4)
    for place, index in enumerate(chosen):
        left, top = 12 * (place % 12) + 2, 12 * (place // 12)
        text, color = f"{predictions[index]}", "black"
        if wrong[index]:
            text, color = f"✗ {predictions[index]} / {labels[index]}", RED
            axis.add_patch(Rectangle((left - 1, top + 3), 9, 9, fill=False, color=RED, linewidth=3))
        axis.text(left + 3.5, top + 2.4, text, color=color, ha="center")
    return save(figure, out, "predictions.png")


def main(argv: list[str] | None = None) -> dict:
    parser = options(__doc__, "digits_cnn")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3, help="learning rate")
    args = parser.parse_args(argv)
    started = time.perf_counter()

    tadori.manual_seed(args.seed)
    data = digits(args.seed)
    train_images, train_labels, test_images, test_labels = map(tadori.from_numpy, data)
    train_set = TensorDataset(train_images, train_labels)
    loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)

    model = DigitsCNN()
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
    weights = sum(p.numel() for p in model.parameters())
    print(f"{len(train_labels)} training digits, {len(test_labels)} test digits, {weights} weights")

    history = []
    for epoch in range(1, args.epochs + 1):
        loss = train_epoch(model, loader, optimizer)
        scheduler.step()
        train_accuracy = accuracy(model, train_images, train_labels)
        test_accuracy = accuracy(model, test_images, test_labels)
        history.append((loss, train_accuracy, test_accuracy))
        print(
            f"epoch {epoch:2}/{args.epochs}   loss {loss:.4f}   "
            f"train {train_accuracy:7.2%}   test {test_accuracy:7.2%}"
        )

    args.out.mkdir(parents=True, exist_ok=True)
    model_file = args.out / "model.safetensors"
    tadori.save(model.state_dict(), model_file)
    fresh = DigitsCNN()
    fresh.load_state_dict(tadori.load(model_file))
    reloaded_accuracy = accuracy(fresh, test_images, test_labels)
    print(f"saved, loaded into a fresh network: test {reloaded_accuracy:7.2%}")

    predictions = predict(fresh, test_images).numpy()
    files = [
        model_file,
        draw_curves(history, args.out),
        draw_predictions(data[2], data[3], predictions, args.out),
    ]
    print(f"{time.perf_counter() - started:.0f} seconds")
    farewell(
        files,
        "digits_cnn.py --epochs 30 --seed 1    # another start",
        "char_gpt.py    # a small GPT learns to write",
    )
    return {
        "losses": [loss for loss, _, _ in history],
        "train_accuracy": train_accuracy,
        "test_accuracy": test_accuracy,
        "reloaded_accuracy": reloaded_accuracy,
        "files": files,
    }


if __name__ == "__main__":
    main()
