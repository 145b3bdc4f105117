"""Products of matrices, vectors and batches of them; of a layer's rows; and diagonals."""

from __future__ import annotations

import inspect
import math

import numpy as np

from .. import kernels
from ..autograd.convert import conjugate
from ..autograd.errors import ShapeError
from ..autograd.function import Function
from ..device import array_module
from ..dispatch import implements

FEW = 100_000  # products


def turned(x):
    """The last two axes exchanged."""
    return np.swapaxes(x, -1, -2)


def rows(x):
    """All rows below one another: (*any, n) -> (rows, n)."""
    if x.ndim == 2:
        return x
    *lead, last = x.shape
    return np.reshape(x, (math.prod(lead), last))


def product(a, b):
    """a @ b, of matrices or more; np.dot computes small ones in half the time of a kernel."""
    if a.ndim == 2 and b.ndim == 2 and math.prod(a.shape) * b.shape[1] < FEW:
        return np.dot(a, b)
    return kernels.matmul(a, b)


@implements(np.matmul, kernels.matmul)
class Matmul(Function):
    """a @ b over the last two axes, the others broadcast.   ga = gy @ b^T,  gb = a^T @ gy.

    A vector stands for a row on the left, for a column on the right.
    """

    numbers = False

    def forward(self, a, b):
        try:
            if a.ndim > 1:
                return product(a, b)
            return np.matmul(a, b)
        except ValueError as error:
            raise ShapeError(
                f"matmul: mat1 and mat2 shapes cannot be multiplied ({by(a)} and {by(b)}): the "
                "last axis of the first must be as long as the last but one of the second (the "
                "only one of a vector), and axes before those must be equal or 1"
            ) from error

    def grad_a(self, gy, b):
        if b.ndim == 1:
            return gy[..., None] * b
        if gy.ndim < b.ndim:  # a is a vector
            return np.matmul(b, gy[..., None])[..., 0]
        return product(gy, turned(b))

    def grad_b(self, gy, a, b_shape):
        if a.ndim == 1:
            return gy * a if gy.ndim == 0 else np.expand_dims(gy, -2) * a[:, None]
        if len(b_shape) == 1:
            return np.matmul(gy[..., None, :], a)[..., 0, :]
        if len(b_shape) == 2:
            return product(rows(a).T, rows(gy))
        return product(turned(a), gy)


def by(x):
    """A shape in PyTorch's manner: 2x3."""
    return "x".join(map(str, x.shape)) or "a number"


@implements(kernels.linear)
class Linear(Function):
    """y = x @ weight^T + bias.   gx = gy @ weight,  gweight = gy^T @ x,  gbias = the sum of gy."""

    def forward(self, x, weight, bias=None):
        return kernels.linear(x, weight, bias)

    def grad_x(self, gy, weight):
        if gy.ndim == 1:
            return np.dot(gy, weight)
        return product(gy, weight)

    def grad_weight(self, gy, x):
        return product(rows(gy).T, rows(x))

    def grad_bias(self, gy):
        return kernels.add_up(rows(gy), axis=0)


#: made of NumPy's functions: run on Tensors, it records itself
implements(kernels.add_up)(inspect.unwrap(kernels.add_up))


@implements(np.dot)
def dot(a, b):
    """NumPy's dot: a @ b of vectors and matrices; further axes are not broadcast but all kept."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    if np.ndim(b) <= 2:
        return Matmul.apply(a, b)
    return np.tensordot(a, b, ((-1,), (-2,)))


@implements(np.vdot)
def vdot(a, b):
    """The sum of conj(a) * b over all elements."""
    a = conjugate(np.reshape(a, -1))
    b = np.reshape(b, -1)
    return np.matmul(a, b)


@implements(np.vecdot, np.linalg.vecdot)
def vecdot(a, b, *, axis=-1):
    """The sum of conj(a) * b over one axis."""
    return np.sum(conjugate(a) * b, axis=axis)


@implements(np.inner)
def inner(a, b):
    """The sum over the last axis of both."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return np.tensordot(a, b, ((-1,), (-1,)))


@implements(np.outer)
def outer(a, b):
    """y[i, j] = a[i] * b[j]."""
    column = np.reshape(a, (-1, 1))
    return column * np.reshape(b, -1)


@implements(np.kron)
def kron(a, b):
    """Kronecker's product: in the place of each element of a, that element times b."""
    ndim = max(a.ndim, b.ndim)
    left = (1,) * (ndim - a.ndim) + a.shape
    right = (1,) * (ndim - b.ndim) + b.shape
    blocks = np.reshape(a, [size for n in left for size in (n, 1)])
    inside = np.reshape(b, [size for n in right for size in (1, n)])
    return np.reshape(blocks * inside, [m * n for m, n in zip(left, right)])


@implements(np.cross)
def cross(a, b, *, axis=-1):
    """The vector across two: y[i] = a[i+1] b[i+2] - a[i+2] b[i+1], counted around the three."""
    a, b = np.broadcast_arrays(a, b)
    if a.shape[axis] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {axis} must have length 3. Got {a.shape[axis]}"
        )
    left = np.roll(a, -1, axis) * np.roll(b, -2, axis)
    return left - np.roll(a, -2, axis) * np.roll(b, -1, axis)


# ------------------------------------------------------------------------------------- diagonals


@implements(np.diagonal)
class Diagonal(Function):
    """The diagonal of two axes, as the last axis of y.   Back: the gradient on that diagonal."""

    dtypes = "any"
    view = True

    def forward(self, x, *, offset=0, axis1=0, axis2=1):
        y = np.diagonal(x, offset, axis1, axis2)
        if array_module(x) is np and isinstance(y, np.ndarray):
            y.flags.writeable = x.flags.writeable  # as PyTorch's; NumPy's is read-only
        return y

    def backward(self, gy, x_shape, offset, axis1, axis2):
        return kernels.diagonal_embed(gy, shape=x_shape, offset=offset, axis1=axis1, axis2=axis2)


@implements(kernels.diagonal_embed)
class DiagonalEmbed(Function):
    """Zeros with x on the diagonal of two axes.   Back: that diagonal of the gradient."""

    dtypes = "any"

    def forward(self, x, *, shape, offset, axis1, axis2):
        return kernels.diagonal_embed(x, shape=shape, offset=offset, axis1=axis1, axis2=axis2)

    def backward(self, gy, offset, axis1, axis2):
        return np.diagonal(gy, offset, axis1, axis2)


@implements(np.diag)
def diag(v, k=0):
    """A matrix with the vector v on its diagonal k; or the diagonal k of the matrix v."""
    if v.ndim == 2:
        return np.diagonal(v, k)
    if v.ndim != 1:
        raise RuntimeError(f"diag: 1-d or 2-d is needed, got shape {v.shape}")
    size = len(v) + abs(k)
    shape = (size, size)
    return kernels.diagonal_embed(v, shape=shape, offset=k, axis1=0, axis2=1)


@implements(np.trace)
def trace(x, offset=0, axis1=0, axis2=1):
    """The sum of a diagonal."""
    found = np.diagonal(x, offset, axis1, axis2)
    return np.sum(found, axis=-1)
