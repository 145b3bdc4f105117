"""Images looked at through a grid of places: what a spatial transformer does."""

from __future__ import annotations

import warnings
from functools import reduce
from itertools import product
from operator import mul
from typing import Any

from ... import kernels
from ...language import np
from ...tensor import Tensor


def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """For each point of an image of `size` the place that an affine map sends it to.

    theta (N, 2, 3) and size (N, C, H, W) -> (N, H, W, 2); (N, 3, 4) and (N, C, D, H, W) -> (N, D,
    H, W, 3). Places are (x, y) or (x, y, z) in [-1, 1], as `grid_sample` takes them.
    """
    align = usual_alignment("affine_grid", align_corners)
    n = len(size) - 2
    if n not in (2, 3) or tuple(theta.shape[1:]) != (n, n + 1):
        raise ValueError(
            f"Expected a batch of 2D or 3D affine matrices of shape Nx{n}x{n + 1} for size "
            f"{tuple(size)}. Got {tuple(theta.shape)}."
        )
    if theta.dtype.kind != "f":
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {tuple(size)}")
    lines = [points(length, align) for length in size[2:]]
    axes = np.meshgrid(*lines, indexing="ij")[::-1]  # x, the last axis, comes first
    places = np.stack([*axes, np.ones_like(axes[0])], axis=-1).astype(theta.dtype)
    base = Tensor(np.asarray(places.reshape(1, -1, n + 1), like=theta.array))
    grid = np.matmul(base, np.swapaxes(theta, 1, 2))
    return np.reshape(grid, (size[0], *size[2:], n))


def points(length: int, align: bool) -> Any:
    """The places of the points along an axis, within [-1, 1]."""
    if length == 1:
        return np.zeros(1)
    line = np.linspace(-1, 1, length)
    return line if align else line * (length - 1) / length


def usual_alignment(name: str, align_corners: bool | None) -> bool:
    """`align_corners`, False by default, with PyTorch's warning."""
    if align_corners is None:
        warnings.warn(
            f"Default {name} behavior is align_corners=False. Remedy: say align_corners=True if "
            "-1 and 1 are meant as the centres of the corner points",
            UserWarning,
            stacklevel=3,
        )
    return bool(align_corners)


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """The values of an image at the places of a grid, found between its points.

    input (N, C, H, W), grid (N, OH, OW, 2) of places (x, y) -> (N, C, OH, OW); with D in front and
    (x, y, z) likewise. -1 and 1 are the outer edges of the image or, with align_corners, the
    centres of its corner points. mode: "bilinear", "nearest" or "bicubic". padding_mode, for places
    outside: "zeros", "border" or "reflection".
    """
    n = input.ndim - 2
    check_grid(input, grid, mode, padding_mode)
    align = usual_alignment("grid_sample", align_corners)
    size = input.shape[2:]
    # from [-1, 1] to numbers of points, in the order of the image's axes
    at = [to_points(grid[..., n - 1 - i], size[i], align) for i in range(n)]
    if mode != "bicubic":
        at = [inside(x, length, padding_mode, align) for x, length in zip(at, size)]
    if mode == "nearest":
        return looked_up(input, [np.round(x.array) for x in at])
    low = [np.floor(x.array) for x in at]
    past = [x - Tensor(floor) for x, floor in zip(at, low)]
    weigh: Any = cubic_weights if mode == "bicubic" else lambda t: {0: 1 - t, 1: t}
    weights = [weigh(t) for t in past]
    total: Any = 0
    for taps in product(*weights):
        share = reduce(mul, [w[tap] for w, tap in zip(weights, taps)])
        places = [floor + tap for floor, tap in zip(low, taps)]
        if mode == "bicubic":
            places = [
                inside(Tensor(x), length, padding_mode, align).array
                for x, length in zip(places, size)
            ]
        total = total + looked_up(input, places) * np.expand_dims(share, 1)
    return total


def check_grid(x: Tensor, grid: Tensor, mode: str, padding_mode: str) -> None:
    """Raise for modes that do not exist and shapes that do not go together."""
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError(
            "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', "
            f"but got: '{mode}'"
        )
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or "
            f"'reflection', but got: '{padding_mode}'"
        )
    n = x.ndim - 2
    fits = grid.ndim == x.ndim and grid.shape[0] == x.shape[0] and grid.shape[-1] == n
    if n not in (2, 3) or not fits:
        raise RuntimeError(
            "grid_sampler(): expected 4D or 5D input and grid with same number of dimensions and "
            f"batch size, and the grid's last axis as long as the image has axes, but got input "
            f"with sizes {tuple(x.shape)} and grid with sizes {tuple(grid.shape)}"
        )
    if mode == "bicubic" and n != 2:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    if x.dtype != grid.dtype:
        raise RuntimeError(
            "grid_sampler(): expected input and grid to have same dtype, but input has "
            f"{x.dtype} and grid has {grid.dtype}"
        )


def to_points(x: Tensor, length: int, align: bool) -> Tensor:
    """Places in [-1, 1] as numbers of points, from 0 to length - 1."""
    return (x + 1) * ((length - 1) / 2) if align else ((x + 1) * length - 1) / 2


def inside(x: Tensor, length: int, padding_mode: str, align: bool) -> Tensor:
    """Numbers of points brought into the image, as the padding wants it."""
    if padding_mode == "zeros":
        return x
    if padding_mode == "reflection":
        x = reflected(x, *((0, length - 1) if align else (-0.5, length - 0.5)))
    top = length - 1
    kept = np.clip(x.array, 0, top)
    # what is moved to the rim has no derivative, and neither has what stands there
    return np.where((x.array > 0) & (x.array < top), x, Tensor(kept))


def reflected(x: Tensor, low: float, high: float) -> Tensor:
    """x mirrored at `low` and `high` until it lies between them."""
    span = high - low
    if span == 0:
        return x * 0.0
    distance = np.absolute(x - low)
    turns = np.floor(distance.array / span)
    rest = distance - Tensor(turns * span)
    return np.where(turns % 2 == 0, rest + low, high - rest)


def looked_up(image: Tensor, places: list[Any]) -> Tensor:
    """The values at whole places, one array (N, *any) for each axis; 0 outside the image."""
    size = image.shape[2:]
    index: Any = 0
    within: Any = True
    for place, length in zip(places, size):
        within = within & (place >= 0) & (place < length)
        index = index * length + np.clip(np.nan_to_num(place), 0, length - 1).astype(np.int64)
    index = np.broadcast_to(index[:, None], (*image.shape[:2], *index.shape[1:]))
    values = kernels.gather_plane(image, Tensor(index))
    return values if np.all(within) else np.where(Tensor(within[:, None]), values, 0.0)


def cubic_weights(t: Tensor, a: float = -0.75) -> dict[int, Tensor]:
    """The shares of the four points around a place that lies t past the second (Keys, 1981)."""

    def near(x: Tensor) -> Tensor:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: Tensor) -> Tensor:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    return {-1: far(t + 1), 0: near(t), 1: near(1 - t), 2: far(2 - t)}
