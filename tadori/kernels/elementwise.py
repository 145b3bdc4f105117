"""Functions of single entries that NumPy lacks: selection, conversion, arithmetic.

A composed kernel here uses operators, NumPy's functions and other kernels only: it runs on Tensors
too. All take and give arrays; `select` and `masked` are quicker twins of np.where.
"""

from __future__ import annotations

from functools import wraps

import numpy as np

from tadori import kernels

#: the integers of the same width, for bitwise work on floating-point numbers
BITS = {np.dtype(f"float{n}"): np.dtype(f"int{n}") for n in (16, 32, 64)}
#: entries from which bitwise work pays off
MANY = 2000
#: entries whose temporary arrays stay in the cache
BLOCK = 16384


def in_blocks(definition):
    """Let a function of single entries work through a large array piece by piece, in the cache."""

    @wraps(definition)
    def function(x, **options):
        if type(x) is not np.ndarray or x.size <= 2 * BLOCK or not x.flags.c_contiguous:
            return definition(x, **options)
        y = np.empty_like(x)
        source = x.reshape(-1)
        target = y.reshape(-1)
        for start in range(0, x.size, BLOCK):
            part = slice(start, start + BLOCK)
            target[part] = definition(source[part], **options)
        return y

    return function


def masked(x, mask):
    """x where `mask` holds, 0 elsewhere, even if x is not finite there."""
    if like(x, mask) and mask.dtype == bool:
        # The bits times 0 or 1. np.where waits for the branch it guessed wrong: at a random mask
        # of a million it takes 6.4 ms, the product 0.4.
        bits = x.view(BITS[x.dtype])
        return (bits * mask).view(x.dtype)
    return np.where(mask, x, 0)


def select(mask, a, b):
    """np.where(mask, a, b), quicker where the three are large and have the same shape."""
    if like(a, mask) and like(b, mask) and a.dtype == b.dtype and mask.dtype == bool:
        above = a.view(BITS[a.dtype])
        below = b.view(BITS[a.dtype])
        return ((above - below) * mask + below).view(a.dtype)
    return np.where(mask, a, b)


def like(x, mask):
    """Whether x is a large floating-point array of NumPy's, of the shape of `mask`."""
    if type(x) is not np.ndarray or type(mask) is not np.ndarray:
        return False
    return x.size > MANY and x.shape == mask.shape and x.dtype in BITS


def cast(x, *, dtype):
    """x in another dtype; x itself if it has that already."""
    return x.astype(dtype, copy=False)


def drawn(*xs, numbers):
    """The numbers, which were drawn as the arrays say: their place in a graph is behind those."""
    return numbers


def overwrite(x, value):
    """A new array of `value`, in the shape and dtype of x."""
    y = np.empty_like(x)
    y[...] = value
    return y


def trunc_divide(a, b):
    """a / b, rounded towards 0."""
    if np.result_type(a, b).kind in "iub":
        return np.floor_divide(a - np.fmod(a, b), b)
    return np.trunc(a / b)


def rsqrt(x):
    """1 / sqrt(x)."""
    return 1.0 / np.sqrt(x)


def frac(x):
    """x - trunc(x)."""
    return x - np.trunc(x)


def xlogy(x, y):
    """x log(y), and 0 where x is 0, whatever y is."""
    zero = x == 0
    log = np.log(np.where(zero, 1.0, y))
    return kernels.masked(x * log, ~zero)


def logit(x):
    """log(x / (1 - x))."""
    return np.log(x / (1.0 - x))
