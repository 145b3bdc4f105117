"""Products of matrices and vectors, and powers."""

from __future__ import annotations

from typing import Any

from ..kernels import factors
from ..language import np


def matmul(input: Any, other: Any) -> Any:
    """input @ other."""
    return np.matmul(input, other)


def multi_dot(tensors: Any) -> Any:
    """a @ b @ c ..., in the order that costs least; the first and the last may be vectors."""
    return np.linalg.multi_dot(tensors)


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """The sum of conj(x) * y over one axis."""
    return np.linalg.vecdot(x, y, axis=dim)


def cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """The vector across two vectors of 3 elements along `dim`; the other axes broadcast."""
    return np.cross(input, other, axis=dim)


def diagonal(
    A: Any,
    *,
    offset: int = 0,
    dim1: int = -2,
    dim2: int = -1,
) -> Any:
    """The diagonal of two axes, as the last axis of a view."""
    return np.diagonal(A, offset, dim1, dim2)


def vander(x: Any, *, N: int | None = None) -> Any:
    """The powers 0 to N - 1 (by default as many as x has elements), as a new last axis."""
    x = np.atleast_1d(x)
    count = x.shape[-1] if N is None else N
    if count <= 1 and N is not None:
        raise RuntimeError(f"N must be greater than 1, got {N}")
    base = np.expand_dims(x, -1)
    one = np.ones_like(base)
    same = np.broadcast_to(base, (*x.shape, count - 1))
    return np.cumprod(np.concatenate([one, same], axis=-1), axis=-1)


def matrix_power(A: Any, n: int) -> Any:
    """A @ A @ ... @ A, n times; of the inverse for a negative n."""
    return np.linalg.matrix_power(A, n)


def matrix_exp(A: Any) -> Any:
    """1 + A + A^2 / 2 + A^3 / 6 + ..."""
    return factors.matrix_exp(A)
