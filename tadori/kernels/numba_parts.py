"""What Numba's loops are made of: how they are compiled, and functions that Numba lacks.

Numba has no vector form of exp, so there is one here, of operations that have one. What Numba keeps
on disk is outdated by a change of the file of a loop, not by one of this file: after that, remove
`__pycache__`.
"""

# mypy: ignore-errors
# (what Numba compiles is typed when it is called)

from __future__ import annotations

import math
from functools import partial

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy import float32, int32

# Only a * b + c is contracted to one rounding: NaN and infinity keep their meaning. In `sums`,
# terms may be added in any order, several at once.
CONTRACT = {"fastmath": {"contract"}, "error_model": "numpy"}
REORDER = {"fastmath": {"contract", "reassoc"}, "error_model": "numpy"}
part = partial(numba.njit, inline="always", **CONTRACT)


def loop(function, rules=CONTRACT):
    """Compile `function` at its first call; keep the result on disk, if there is a place for it."""
    try:
        return numba.njit(cache=True, nogil=True, **rules)(function)
    except RuntimeError:  # neither the folder of the file nor the user's can be written
        return numba.njit(nogil=True, **rules)(function)


sums = partial(loop, rules=REORDER)


# ------------------------------------------------------------------------------------------- exp


ZERO, HALF, ONE = map(float32, (0.0, 0.5, 1.0))
PER_LOG_2 = float32(1 / math.log(2))
LOG_2 = float32(0.693359375)  # a short one, so that its products are exact
LOG_2_REST = float32(-2.12194440e-4)
TAYLOR = tuple(float32(1 / math.factorial(i)) for i in range(6, -1, -1))
EXP_END = float32(-87.3)  # e^-87.3 is about the smallest normal number


@part
def exp(x):
    """e^x for -87.3 <= x <= 0: 2^n e^r, with r at most log(2) / 2 in size; error 2e-7 of it."""
    n = np.floor(x * PER_LOG_2 + HALF)
    r = x - n * LOG_2
    r -= n * LOG_2_REST
    y = TAYLOR[0]
    for c in TAYLOR[1:]:
        y = y * r + c
    bits = int32((int32(n) + 127) << 23)  # those of 2^n
    return y * bits.view(np.float32)


@part
def exp_down(x):
    """e^x for x <= 0, with 0 for what is no normal number; NaN for NaN."""
    y = exp(max(x, EXP_END))
    return y if x > EXP_END else (ZERO if x <= EXP_END else x)


@part
def exp_any(x):
    """e^x for every x, with 0 for what is no normal number, and infinity; NaN for NaN."""
    y = exp_down(-abs(x))
    return y if x <= 0 else ONE / y


@part
def sigmoid(x):
    """1 / (1 + e^-x)."""
    power = exp_down(-abs(x))
    return (ONE if x > 0 else power) / (ONE + power)


# ------------------------------------------------------------------------------------ the largest


LEAST, UNSIGNED = int32(-(2**31)), int32(2**31 - 1)


@part
def ordered(bits):
    """Those of a float32 as an integer in the same order, and back; the order's top is NaN.

    The largest integer is found several at once, the largest float one by one, because of NaN.
    """
    return int32(bits ^ int32(int32(bits >> 31) & UNSIGNED))  # Numba would widen them to 64 bits


# ------------------------------------------------------------------- arrays known by their id

FIRST_FIELD = object.__basicsize__
LIKE_ADDRESS = np.empty(0, np.int64)


@intrinsic
def pointer(context, address, like):
    """The address, an integer, as a pointer to what the array `like` holds."""
    kind = types.CPointer(like.dtype)

    def build(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(kind))

    return kind(address, like), build


@part
def entries(row, number, like):
    """The entries of array `number` that the row tells of: (how many, the first, *ids of arrays).

    CPython's id is the address of the object, and the pointer to the data is the first field of
    NumPy's PyArrayObject: its C API lays that open. Whoever makes the row holds the arrays.
    """
    data = numba.carray(pointer(row[2 + number] + FIRST_FIELD, LIKE_ADDRESS), (1,))[0]
    return numba.carray(pointer(data + row[1] * like.itemsize, like), (row[0],))


@part
def two(row, like):
    """The first two arrays that a row tells of."""
    return entries(row, 0, like), entries(row, 1, like)


@part
def three(row, like):
    """The first three."""
    p, g = two(row, like)
    return p, g, entries(row, 2, like)


@part
def four(row, like):
    """The first four."""
    p, g, m = three(row, like)
    return p, g, m, entries(row, 3, like)
