"""Transforms of whole vectors and matrices: onto shares, triangular and definite matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import kernels, linalg
from ...ops.join import cat
from ...tensor import Tensor
from .plain import Shape, SigmoidTransform, TanhTransform, Transform

__all__ = [
    "CorrCholeskyTransform",
    "LowerCholeskyTransform",
    "PositiveDefiniteTransform",
    "SoftmaxTransform",
    "StickBreakingTransform",
]


class SoftmaxTransform(Transform):
    """Vectors onto shares that sum to 1; many x give one y."""

    bijective = False
    event_dim = 1

    def __call__(self, x: Tensor) -> Tensor:
        """softmax(x)."""
        return x.softmax(-1)  # type: ignore[no-any-return]

    def _inverse(self, y: Tensor) -> Tensor:
        return y.log()


class StickBreakingTransform(Transform):
    """n numbers onto n + 1 shares: each breaks off its part of what the earlier ones left. Zeros
    give equal shares.
    """

    event_dim = 1

    def __call__(self, x: Tensor) -> Tensor:
        """The shares."""
        z = SigmoidTransform()(x - to_come(x))
        left = (1 - z).cumprod(-1)
        one = z[..., :1] * 0 + 1
        shares = cat([z, one], -1)
        return shares * cat([one, left], -1)

    def _inverse(self, y: Tensor) -> Tensor:
        parts = y[..., :-1]
        tiny = float(np.finfo(y.dtype).tiny)
        left = (1 - parts.cumsum(-1)).clamp(min=tiny)
        return parts.log() - left.log() + to_come(parts)  # type: ignore[no-any-return]

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The sum of log(1 - z) + log y, with z the part that is broken off."""
        lost = kernels.softplus(x - to_come(x))
        return (y[..., :-1].log() - lost).sum(-1)  # type: ignore[no-any-return]

    def forward_shape(self, shape: Shape) -> Shape:
        """One more."""
        return (*shape[:-1], shape[-1] + 1)

    def inverse_shape(self, shape: Shape) -> Shape:
        """One less."""
        return (*shape[:-1], shape[-1] - 1)


def to_come(x: Tensor) -> Tensor:
    """The logarithm of how many shares are still to come at each of n numbers."""
    counts = np.arange(x.shape[-1], 0, -1)
    return Tensor(np.log(counts).astype(x.dtype))


class LowerCholeskyTransform(Transform):
    """Square matrices onto lower triangular ones with a positive diagonal."""

    bijective = False
    event_dim = 2

    def __call__(self, x: Tensor) -> Tensor:
        """exp of the diagonal, and what is below it."""
        edge = x.diagonal(dim1=-2, dim2=-1).exp()
        return x.tril(-1) + edge.diag_embed()  # type: ignore[no-any-return]

    def _inverse(self, y: Tensor) -> Tensor:
        edge = y.diagonal(dim1=-2, dim2=-1).log()
        return y.tril(-1) + edge.diag_embed()  # type: ignore[no-any-return]


class PositiveDefiniteTransform(Transform):
    """Square matrices onto positive definite ones, L L^T of their LowerCholeskyTransform L."""

    bijective = False
    event_dim = 2

    def __call__(self, x: Tensor) -> Tensor:
        """L L^T."""
        lower = LowerCholeskyTransform()(x)
        return lower @ lower.transpose(-2, -1)

    def _inverse(self, y: Tensor) -> Tensor:
        return LowerCholeskyTransform()._inverse(linalg.cholesky(y))


class CorrCholeskyTransform(Transform):
    """n (n - 1) / 2 numbers onto the Cholesky factor of an n x n correlation matrix: in each row,
    tanh of a number is its part of the length that the earlier ones left of 1 (Stan's reference
    manual, Cholesky factors of correlation matrices).
    """

    event_dim = 1
    own_out_dim = 2

    def __call__(self, x: Tensor) -> Tensor:
        """The factor."""
        n = self.forward_shape(tuple(x.shape))[-1]
        edge = 1 - float(np.finfo(x.dtype).eps)
        parts = x.tanh().clamp(min=-edge, max=edge)
        one = parts[..., :1] * 0 + 1
        rows, start = [], 0
        for row in range(n):
            part = parts[..., start : start + row]
            left = (1 - part.pow(2)).sqrt().cumprod(-1)
            parts_and_one = cat([part, one], -1)
            filled = parts_and_one * cat([one, left], -1)
            zeros = one.expand((*one.shape[:-1], n - 1 - row)) * 0
            filled = cat([filled, zeros], -1)
            rows.append(filled.unsqueeze(-2))
            start += row
        return cat(rows, -2)

    def _left(self, y: Tensor, upto: int) -> Tensor:
        """What each row's length leaves of 1 after the entries below the diagonal `upto`."""
        used = y.pow(2).cumsum(-1)
        if upto == -1:  # the entry itself does not count
            nothing = used[..., :1] * 0
            used = cat([nothing, used[..., :-1]], -1)
        return 1 - below(used, upto)

    def _inverse(self, y: Tensor) -> Tensor:
        return (below(y, -1) / self._left(y, -1).sqrt()).atanh()  # type: ignore[no-any-return]

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Of x and what is below y's diagonal."""
        lengths = 0.5 * self._left(y, -2).log().sum(-1)
        turned = TanhTransform().log_abs_det_jacobian(x, x)
        return lengths + turned.sum(-1)

    def forward_shape(self, shape: Shape) -> Shape:
        """From n (n - 1) / 2 to n x n. Raises ValueError for other numbers."""
        count = shape[-1]
        n = (1 + math.isqrt(1 + 8 * count)) // 2
        held = n * (n - 1) // 2
        if held != count:
            raise ValueError(
                f"CorrCholeskyTransform: {count} numbers do not fill the triangle below a "
                "diagonal; 1, 3, 6, 10, ... do"
            )
        return (*shape[:-1], n, n)

    def inverse_shape(self, shape: Shape) -> Shape:
        """From n x n to n (n - 1) / 2."""
        n = shape[-1]
        return (*shape[:-2], n * (n - 1) // 2)


def below(matrix: Any, diagonal: int) -> Any:
    """The entries below (and on) a diagonal, row by row, as a vector."""
    n = matrix.shape[-1]
    row, column = np.tril_indices(n, diagonal)
    flat = matrix.reshape((*matrix.shape[:-2], n * n))
    return flat[..., Tensor(row * n + column)]
