"""Norms: how large a vector or a matrix is."""

from __future__ import annotations

import math

import numpy as np

from ..autograd.convert import conjugate
from ..autograd.function import Function
from ..dispatch import implements
from .reduce import require_floating, restored, total

WITH_DOT = (np.float32, np.float64)


class VectorNorm(Function):
    """y = (sum of |x|^p)^(1/p).   d/dx = sign(x) (|x| / y)^(p-1), conjugated; 0 at x = 0, y = 0."""

    def forward(self, x, *, ord, axis, keepdims):
        if ord == 2 and axis is None and not keepdims and x.dtype in WITH_DOT:
            flat = x.reshape(-1)
            return np.sqrt(flat.dot(flat))
        powers = total(np.abs(x) ** ord, axis, keepdims)
        return powers ** (1 / ord)

    def backward(self, gy, x, y, ord, axis, keepdims):
        y = np.where(y == 0, 1.0, y)
        y = restored(y, axis, keepdims)
        gy = restored(gy, axis, keepdims)
        if ord == 2:
            return gy * (conjugate(x) / y)
        size = np.where(x == 0, 1.0, np.abs(x))
        share = (size / y) ** (ord - 1)
        return gy * share * conjugate(np.sign(x))


@implements(np.linalg.vector_norm)
def vector_norm(x, *, axis=None, keepdims=False, ord=2):
    """The p-norm over some or all axes; for p = inf, -inf the extreme, for 0 the count."""
    require_floating("norm", x)
    shape = {"axis": axis, "keepdims": keepdims}
    if ord == 0:
        present = np.sign(np.abs(x))
        return np.sum(present, **shape)
    if ord == math.inf:
        return np.max(np.abs(x), **shape)
    if ord == -math.inf:
        return np.min(np.abs(x), **shape)
    return VectorNorm.apply(x, ord=ord, **shape)


@implements(np.linalg.matrix_norm)
def matrix_norm(x, *, keepdims=False, ord="fro", axis=(-2, -1)):
    """Of "fro" as of a vector; of 1 and inf the largest sum of a column, of a row; -1 and -inf:
    the smallest. Of 2, -2 and "nuc" the largest, the smallest, the sum of the singular values.
    """
    if ord in ("fro", None):
        return vector_norm(x, axis=axis, keepdims=keepdims)
    if ord not in ("nuc", 1, -1, 2, -2, math.inf, -math.inf):
        raise RuntimeError(f"matrix_norm: there is no order {ord!r} for matrices")
    x = np.moveaxis(x, axis, (-2, -1))
    if ord in ("nuc", 2, -2):
        sizes = np.linalg.svdvals(x)
    elif abs(ord) == 1:
        sizes = np.sum(np.abs(x), axis=-2)
    else:
        sizes = np.sum(np.abs(x), axis=-1)
    if ord == "nuc":
        y = np.sum(sizes, axis=-1)
    elif ord > 0:
        y = np.max(sizes, axis=-1)
    else:
        y = np.min(sizes, axis=-1)
    if keepdims:
        return np.expand_dims(y, axis)
    return y


@implements(np.linalg.norm)
def norm(x, ord=None, axis=None, keepdims=False):
    """Of a vector (one axis, or ord=None) or of matrices (two axes), as np.linalg.norm."""
    if ord is None:
        return vector_norm(x, axis=axis, keepdims=keepdims)
    if axis is None:
        axis = 0 if x.ndim == 1 else (0, 1)
    kind = vector_norm if isinstance(axis, int) else matrix_norm
    return kind(x, axis=axis, keepdims=keepdims, ord=ord)
