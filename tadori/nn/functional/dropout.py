"""Dropout: values left out at random, so that no unit relies on another."""

from __future__ import annotations

from ...tensor import Tensor
from ..language import np


def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
) -> Tensor:
    """Each value is 0 with probability p, else x / (1 - p); when not training, the input itself."""
    return _dropout(input, p, training, inplace, input.shape)


def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels, of (N, C, L) or (C, L)."""
    return _channels("dropout1d", 1, input, p, training, inplace)


def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels, of (N, C, H, W) or (C, H, W)."""
    return _channels("dropout2d", 2, input, p, training, inplace)


def dropout3d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels, of (N, C, D, H, W) or (C, D, H, W)."""
    return _channels("dropout3d", 3, input, p, training, inplace)


def _channels(name: str, n: int, x: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
    if x.ndim not in (n + 1, n + 2):
        raise RuntimeError(
            f"{name}: expected an input of {n + 1} or {n + 2} dimensions, got {tuple(x.shape)}"
        )
    return _dropout(x, p, training, inplace, (*x.shape[:-n], *[1] * n))


def _dropout(x: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Tensor:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return x
    if p == 1:
        y = x * 0.0
    else:
        kept = Tensor(np.empty_like(x.array, shape=shape)).bernoulli_(1 - p)
        y = x * kept.div_(1 - p)
    return x.write(y, "dropout") if inplace else y
