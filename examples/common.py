"""What the examples share: their options, the digits, the pictures, the last lines they print.

Nothing here knows the framework: arrays come in and go out.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

EXAMPLES = Path(__file__).resolve().parent

REMEDY = """This example needs {missing}, which this Python does not have. Remedy:
    pip install {missing}
or, in a checkout of Tadori, everything at once:  make demo"""

# Colours that colour-blind readers tell apart (Okabe and Ito).
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#888888"


def need(**packages: str) -> None:
    """Stop with the remedy if a module is missing: before an hour of training, not after it."""
    missing = [package for module, package in packages.items() if find_spec(module) is None]
    if missing:
        raise SystemExit(REMEDY.format(missing=" ".join(missing)))


need(matplotlib="matplotlib")
# A Figure of its own draws into files only: it needs no display and no backend.
from matplotlib.figure import Figure  # noqa: E402


def options(about: str, folder: str) -> argparse.ArgumentParser:
    """The options every example has: --seed, and --out for what it leaves behind."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=about, formatter_class=form)
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same run")
    parser.add_argument("--out", type=Path, default=Path("outputs", folder), help="output folder")
    return parser


def digits(seed: int, tests: int = 360) -> tuple[np.ndarray, ...]:
    """Handwritten digits of scikit-learn: train images, train labels, test images, test labels.

    1797 images (N, 1, 8, 8), float32 from 0 to 1. The split holds each digit's share in both parts.
    """
    need(sklearn="scikit-learn")
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    data = load_digits()
    images = np.float32(data.images[:, None] / 16)
    split = train_test_split(
        images, data.target, test_size=tests, stratify=data.target, random_state=seed
    )
    train_images, test_images, train_labels, test_labels = split
    return train_images, train_labels, test_images, test_labels


def finite(loss: float) -> float:
    """The loss, if it is a number; else stop: all that follows a NaN is NaN."""
    if math.isfinite(loss):
        return loss
    raise FloatingPointError(f"the loss became {loss}. Remedy: a smaller learning rate (--lr)")


def picture(width: float = 9, height: float = 4) -> Figure:
    """An empty picture, in inches."""
    return Figure(figsize=(width, height), layout="constrained")


def show_grid(figure: Figure, images: np.ndarray, columns: int, gap: int = 2) -> Any:
    """Draw images (N, 1, H, W) row by row, `gap` pixels apart; give the axes, in pixels.

    All on one sheet: a hundred axes of their own would take Matplotlib longer than the training.
    """
    rows = math.ceil(len(images) / columns)
    missing = rows * columns - len(images)
    side = gap // 2
    sheet = np.pad(images[:, 0], [(0, missing), (gap, 0), (side, side)])  # rows*columns H W
    sheet = sheet.reshape(rows, columns, *sheet.shape[1:]).swapaxes(1, 2)  # rows H columns W
    axes = figure.subplots()
    axes.imshow(sheet.reshape(rows * sheet.shape[1], -1), cmap="gray_r", vmin=0, vmax=1)
    axes.set_axis_off()
    return axes


def save(figure: Figure, folder: Path, name: str) -> Path:
    """Write the picture into the folder and give its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    figure.savefig(path, dpi=120)
    return path


def farewell(files: list[Path], *ideas: str) -> None:
    """Say where the files are, and what to try next: ideas are programs with their options."""
    python = "python" if shutil.which("python") == sys.executable else near(sys.executable)
    print("\nWritten:")
    for file in files:
        print(f"  {file}")
    print("Try next:")
    for idea in ideas:
        print(f"  {python} {near(EXAMPLES)}/{idea}")
    print(f"All the examples: {near(EXAMPLES / 'README.md')}")


def near(path: str | Path) -> Path:
    """The path from the current folder, if it lies inside; else as it is."""
    here = Path.cwd()
    return Path(path).relative_to(here) if Path(path).is_relative_to(here) else Path(path)
