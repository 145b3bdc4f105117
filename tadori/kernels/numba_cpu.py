"""Large arrays on Numba: names and signatures of `update` and `activation`, for NumPy arrays.

A kernel returns NotImplemented for a case it does not serve, and the NumPy formula then computes.
Numba is imported when the first large array comes; without it, or with TADORI_NUMBA=0, none is
served. Its loops let go of the interpreter's lock, so that Python threads share an array: Numba's
own threads would end the process where two Python threads use them at once, or a child is forked.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from math import sqrt
from types import ModuleType
from typing import Any

import numpy as np

from tadori.kernels.window import Array

#: entries from which Numba pays off, whose import takes half a second; and that are worth a thread.
#: Only the size decides, so that a program that goes on from a file computes the same numbers.
LARGE = 1 << 16
PIECE = 1 << 17
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


class Settings:
    """What all threads share: whether to use Numba, and how many threads an array gets."""

    enabled = os.environ.get("TADORI_NUMBA", "1") != "0"
    threads = os.cpu_count() or 1


settings = Settings()


@cache
def loops() -> ModuleType | None:
    """The compiled loops, or None where Numba is missing or has no folder for what it compiles."""
    try:
        from tadori.kernels import numba_loops
    except (ImportError, RuntimeError):
        return None
    return numba_loops


@cache
def pool(threads: int) -> ThreadPoolExecutor:
    """So many threads, beside the caller's own."""
    return ThreadPoolExecutor(threads, "tadori-loops")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=pool.cache_clear)  # a child has none of the threads


def set_num_threads(number: int) -> None:
    """Let each loop use so many threads."""
    settings.threads = number


def served(dtypes: Any, *arrays: Array | None) -> ModuleType | None:
    """The loops, if all arrays are large, contiguous and of one of these dtypes."""
    first = arrays[0]
    if type(first) is not np.ndarray or first.size < LARGE or not settings.enabled:
        return None
    for x in arrays:
        if x is not None and (x.dtype != first.dtype or not x.flags.c_contiguous):
            return None
    return loops() if first.dtype in dtypes else None


def run(loop: Callable[..., None], *arrays: Array, numbers: Any = ()) -> None:
    """`loop(*arrays, *numbers)` with flat arrays, a piece of them in each thread."""
    flat = [x.reshape(-1) for x in arrays]
    size = flat[0].size
    numbers = [flat[0].dtype.type(number) for number in numbers]
    count = min(settings.threads, size // PIECE)
    if count < 2:
        loop(*flat, *numbers)
        return
    cuts = [size * i // count for i in range(count + 1)]
    pieces = [[x[a:b] for x in flat] for a, b in pairwise(cuts)]
    others = [pool(count - 1).submit(loop, *piece, *numbers) for piece in pieces[1:]]
    loop(*pieces[0], *numbers)
    for other in others:
        other.result()


# ----------------------------------------------------------------------------------- update rules


def sgd(
    p: Array,
    g: Array,
    velocity: Array | None = None,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
) -> Any:
    """As `update.sgd`."""
    found = served(FLOATS, p, g, velocity)
    if found is None:
        return NotImplemented
    if velocity is None:
        return run(found.sgd, p, g, numbers=(lr, weight_decay))
    ahead = momentum if nesterov else 0.0
    numbers = (lr, momentum, 1 - dampening, ahead, weight_decay)
    return run(found.momentum, p, g, velocity, numbers=numbers)


def adam(
    p: Array,
    g: Array,
    m: Array,
    v: Array,
    v_max: Array | None = None,
    *,
    step: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> Any:
    """As `update.adam`, but not AMSGrad."""
    found = served(FLOATS, p, g, m, v)
    if found is None or v_max is not None:
        return NotImplemented
    rates = (1 - beta1, beta2, 1 - beta2, lr / (1 - beta1**step), sqrt(1 - beta2**step), eps)
    shrink = 1 - lr * weight_decay if decoupled else 1.0
    return run(found.adam, p, g, m, v, numbers=(*rates, shrink, 0.0 if decoupled else weight_decay))


# ------------------------------------------------------------------------------------ activations


def gelu(x: Array, *, approximate: str = "none") -> Any:
    """As `activation.gelu`, for float32."""
    return mapped(x, {"none": "gelu", "tanh": "gelu_tanh"}.get(approximate))


def gelu_slope(x: Array, *, approximate: str = "none") -> Any:
    """As `activation.gelu_slope`, for float32."""
    return mapped(x, {"none": "gelu_slope", "tanh": "gelu_tanh_slope"}.get(approximate))


def mapped(x: Array, name: str | None) -> Any:
    """A new array of what the loop `name` makes of each entry."""
    found = served(FLOATS[:1], x)
    if found is None or name is None:
        return NotImplemented
    y = np.empty_like(x)
    run(getattr(found, name), x, y)
    return y
