"""Dropout: values left out at random, so that no unit relies on another."""

from __future__ import annotations

import math
from typing import Any

from ...language import np
from ...tensor import Tensor


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
    """`dropout` of whole channels, of (N, C, H, W), or of (N, C, L) too."""
    return _channels("dropout2d", 2, input, p, training, inplace)


def dropout3d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels, of (N, C, D, H, W) or (C, D, H, W)."""
    return _channels("dropout3d", 3, input, p, training, inplace)


#: what SELU's lower branch tends to, -scale alpha, with the sign turned
SELU_LIMIT = 1.7580993408473766


def alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """`dropout` for SELU: values left out become SELU's lower limit instead of 0.

    All values are then moved and scaled so that mean 0 and variance 1 stay (Klambauer et al.,
    "Self-Normalizing Neural Networks", 2017).
    """
    return _alpha_dropout(input, p, training, inplace, input.shape)


def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """`alpha_dropout` of whole channels, of (N, C, *any)."""
    if input.ndim < 2 and training and p:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    shape = (*input.shape[:2], *[1] * (input.ndim - 2))
    return _alpha_dropout(input, p, training, inplace, shape)


def _alpha_dropout(
    x: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...]
) -> Tensor:
    check_probability(p)
    if not training or p == 0 or x.array.size == 0:
        return x
    if p == 1:
        y = x * 0.0
    else:
        kept = noise(x, shape).bernoulli_(1 - p)
        scale = 1 / math.sqrt((SELU_LIMIT**2 * p + 1) * (1 - p))
        shift = (kept - 1) * (SELU_LIMIT * scale) + SELU_LIMIT * scale * p
        y = x * (kept * scale) + shift
    return x.write(y, "alpha_dropout") if inplace else y


def _channels(name: str, n: int, x: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
    if x.ndim not in (n + 1, n + 2):
        raise RuntimeError(
            f"{name}: expected an input of {n + 1} or {n + 2} dimensions, got {tuple(x.shape)}"
        )
    inner = x.ndim - 2 if name == "dropout2d" else n  # (C, H, W) is (N, C, L) there, as in PyTorch
    return _dropout(x, p, training, inplace, (*x.shape[: x.ndim - inner], *[1] * inner))


def _dropout(x: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Tensor:
    check_probability(p)
    if not training or p == 0:
        return x
    if p == 1:
        y = x * 0.0
    else:
        kept = noise(x, shape).bernoulli_(1 - p)
        y = x * kept.div_(1 - p)
    return x.write(y, "dropout") if inplace else y


def noise(x: Tensor, shape: tuple[int, ...]) -> Any:
    """A tensor to be filled by chance: in memory as x, or, of one number a channel, in order."""
    whole = tuple(shape) == tuple(x.shape)
    return Tensor(np.empty_like(x.array, order="K" if whole else "C", shape=shape))


def check_probability(p: float) -> None:
    """Raise ValueError for what is no probability."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
