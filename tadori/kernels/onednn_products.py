"""Products of matrices on oneDNN: names and signatures of `products`, for float32 and bfloat16.

It takes matrices as they lie in memory, turned or with gaps between rows, and adds the bias while
the result is at hand. Measured with two threads, in microseconds, oneDNN and NumPy's OpenBLAS: 128
cubed 30 and 67, 32x128x512 35 and 65, 504x128x384 227 and 275, 100x784x1000 730 and 964.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tadori.kernels.onednn_library import Unsupported
from tadori.kernels.onednn_plan import BIAS, DST, FLOAT32, SRC, WEIGHTS, Plan, narrow_too, plan_for
from tadori.kernels.window import Array, Ints

FEW = 500_000  # products; fewer are computed by NumPy before oneDNN is reached


def matmul(a: Array, b: Array) -> Any:
    """As `products.matmul`, for two matrices, or batches of them of one shape."""
    if a.ndim < 2 or b.ndim < 2:
        return NotImplemented
    if a.size * b.shape[-1] < few(a) or narrow_too(a, b) is None:
        return NotImplemented
    if b.ndim != 2:
        return multiply(a, b, None)
    return in_rows(a, b, None)


def linear(x: Array, weight: Array, bias: Array | None = None) -> Any:
    """As `products.linear`."""
    if x.ndim < 2 or weight.ndim != 2:
        return NotImplemented
    if x.size * len(weight) < few(x) or narrow_too(x, weight, bias) is None:
        return NotImplemented
    if bias is not None and bias.shape != weight.shape[:1]:
        return NotImplemented
    return in_rows(x, weight.T, bias)


def repeated(b: Array, *, rows: int) -> Any:
    """As `products.repeated`: b is brought into the layout that suits oneDNN best, once.

    Measured with two threads: 32x128 by 128x512, turned, takes 25 us instead of 44.
    """
    if b.ndim != 2 or rows * b.size < FEW or b.dtype != FLOAT32:
        return NotImplemented
    b = orderly(b)
    plan = plan_for(plan_repeated, b.shape, b.strides, rows)
    return NotImplemented if plan is None else plan.hold(b)


def few(x: Array) -> int:
    """How many products are few: none for bfloat16, which NumPy computes one by one."""
    return FEW if x.dtype == FLOAT32 else 0


def in_rows(a: Array, b: Array, bias: Array | None) -> Any:
    """a @ b + bias, where b is one matrix: a's rows below one another are another."""
    if a.ndim == 2:
        return multiply(a, b, bias)
    *lead, width = a.shape
    rows = a.reshape(-1, width)
    y = multiply(rows, b, bias)
    if y is NotImplemented:
        return y
    return y.reshape(*lead, b.shape[-1])


def multiply(a: Array, b: Array, bias: Array | None) -> Any:
    """a @ b + bias of as many axes each."""
    a = orderly(a)
    b = orderly(b)
    added = bias is not None
    layouts = (a.shape, a.strides, b.shape, b.strides)
    plan = plan_for(plan_matmul, *layouts, added, dtype=a.dtype)
    if plan is None:
        return NotImplemented
    if bias is None:
        return plan.start(a, b)
    bias = np.ascontiguousarray(bias)
    return plan.start(a, b, bias)


def orderly(x: Array) -> Array:
    """x, or a copy of it, such that the numbers of each row or each column lie side by side."""
    *_, far, near = x.strides
    *_, rows, columns = x.shape
    whole = x.flags.aligned and min(x.strides) > 0
    one = x.itemsize
    if whole and not any(s % one for s in x.strides):
        by_row = near == one and far >= columns * one
        by_column = far == one and near >= rows * one
        if by_row or by_column:
            return x
    return x.copy()


def plan_matmul(
    plan: Plan,
    a: Ints,
    a_strides: Ints,
    b: Ints,
    b_strides: Ints,
    added: bool,
) -> None:
    """Fill the plan of a @ b, with a bias or without. Strides are in bytes, as NumPy's."""
    if a[:-2] != b[:-2] or a[-1] != b[-2]:
        raise Unsupported("shapes that do not fit, or are broadcast")
    y = (*a[:-1], b[-1])
    plan.expect(math.prod(y) * a[-1])
    left = plan.strided(a, a_strides)
    right = plan.strided(b, b_strides)
    inputs: dict[int, Any] = {SRC: left, WEIGHTS: right}
    if added:
        inputs[BIAS] = plan.plain((1, y[-1]))  # of two matrices only
    layouts = (left, right, inputs.get(BIAS), plan.plain(y))
    description = plan.describe("matmul", plan.library.engine, *layouts)
    plan.finish(description, inputs, {DST: y})


def plan_repeated(plan: Plan, b: Ints, strides: Ints, rows: int) -> None:
    """Fill the plan of a @ b, for a of so many rows, with b in a layout of oneDNN's choice."""
    a = (rows, b[0])
    y = (rows, b[1])
    plan.expect(math.prod(y) * b[0])
    layouts = (plan.plain(a), plan.any(b), None, plan.plain(y))
    description = plan.describe("matmul", plan.library.engine, *layouts)
    plan.finish(description, {WEIGHTS: plan.strided(b, strides), SRC: a}, {DST: y})
