"""Products in plain NumPy: of a layer's rows, Einstein's sum of two arrays; and diagonals."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tadori import kernels
from tadori.kernels.window import Array, Ints


def matmul(a: Array, b: Array) -> Array:
    """a @ b over the last two axes, the others broadcast; a vector is a row on the left and a
    column on the right.
    """
    # One large product is quicker than many with the same matrix.
    if b.ndim != 2 or a.ndim < 3:
        return np.matmul(a, b)
    *lead, width = a.shape
    rows = a.reshape(math.prod(lead), width)
    y = np.dot(rows, b)
    return y.reshape(*lead, b.shape[-1])


def add_up(x: Array, *, axis: int | Ints) -> Array:
    """The sum over one axis or some, such as that of a bias; that of bfloat16 in float32."""
    return x.sum(axis=axis)


def repeated(b: Array, *, rows: int) -> Callable[[Array, Array], object]:
    """A function of a and y that writes a @ b to y, for many a of so many rows.

    b (n, m), a (rows, n) and y (rows, m), both in C order. Serves until the next call of this.
    """
    return lambda a, y: np.matmul(a, b, y)


def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """y = x @ weight.T + bias: each row of x meets each row of weight.

    x (*any, in), weight (out, in), bias (out,) or None -> (*any, out).
    """
    if x.ndim == 0 or weight.ndim != 2 or x.shape[-1] != weight.shape[-1]:
        raise ValueError(
            f"linear: x {x.shape} and weight {weight.shape} do not fit; they must be (..., in) and "
            "(out, in), with the same number of inputs"
        )
    # np.dot takes half of np.matmul's time for small matrices (30x2 by 2x10: 1.6 us and 3.0), and
    # one large product is quicker than many small ones.
    if x.ndim > 2:
        *lead, width = x.shape
        rows = x.reshape(math.prod(lead), width)
        y = rows.dot(weight.T)
        y = y.reshape(*lead, len(weight))
    else:
        y = x.dot(weight.T)
    if bias is not None:
        y += bias
    return y


# ------------------------------------------------------------------------------- Einstein's sum


class Layout(NamedTuple):
    """How `contract` orders the axes of a, of b and of y; and how many there are of each kind."""

    a: Ints
    b: Ints
    y: Ints
    batch: int
    left: int
    summed: int


@lru_cache(1024)
def layout(equation: str) -> Layout:
    """Read "bik,bkj->bij": b is batch, i left, k summed, j right."""
    terms, result = equation.split("->")
    a, b = terms.split(",")
    batch = [n for n in a if n in b and n in result]
    left = [n for n in a if n not in b]
    summed = [n for n in a if n in b and n not in result]
    right = [n for n in b if n not in a]
    product = batch + left + right
    return Layout(
        tuple(map(a.index, batch + left + summed)),
        tuple(map(b.index, batch + summed + right)),
        tuple(map(product.index, result)),
        len(batch),
        len(left),
        len(summed),
    )


def contract(a: Array, b: Array, *, equation: str) -> Array:
    """Einstein's sum of two arrays as a product of matrices: "ij,jk->ik" is a @ b.

    Each letter of the equation stands in two or three of its terms, once in each, for one size.
    """
    order = layout(equation)
    a = np.transpose(a, order.a)  # batch left summed
    b = np.transpose(b, order.b)  # batch summed right
    batch, rest = a.shape[: order.batch], a.shape[order.batch :]
    left, summed = rest[: order.left], rest[order.left :]
    right = b.shape[order.batch + order.summed :]
    rows, depth, columns = math.prod(left), math.prod(summed), math.prod(right)
    a = a.reshape((*batch, rows, depth))
    b = b.reshape((*batch, depth, columns))
    y = kernels.matmul(a, b) if summed else a * b
    return y.reshape((*batch, *left, *right)).transpose(order.y)


# ------------------------------------------------------------------------------------- diagonals


def diagonal_embed(x: Array, *, shape: Ints, offset: int, axis1: int, axis2: int) -> Array:
    """Zeros of `shape`, with x on a diagonal of its axes axis1 and axis2: np.diagonal's adjoint.

    x (*any, n): n is the length of that diagonal, *any are the other axes of `shape`.
    """
    y = np.zeros_like(x, shape=shape)
    planes = np.moveaxis(y, (axis1, axis2), (-2, -1))
    steps = np.arange(x.shape[-1], like=x)
    planes[..., steps + max(-offset, 0), steps + max(offset, 0)] = x
    return y
