"""The threads of OpenBLAS, the library behind NumPy's matrix products.

Its worker threads wait for more work by spinning, some 20 ms long, and so do those of oneDNN: two
pools on the same cores hold each other up. On two cores a training step of a small convolutional
network took 107 ms with two threads in both, 48 ms with one in OpenBLAS. So OpenBLAS keeps to one
thread from the first computation that oneDNN shares among several.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

_wish: int | None = None  # what `set_num_threads` asked for
_gave_way = False


@cache
def _calls() -> tuple[Callable[[int], None], Callable[[], int]] | None:
    """OpenBLAS's own setter and getter of the thread count, from the library NumPy loaded."""
    for path in Path(np.__file__).parent.parent.glob("numpy.libs/*openblas*"):
        library = ctypes.CDLL(str(path))
        for prefix, suffix in (("scipy_", "64_"), ("scipy_", ""), ("", "")):
            setter = getattr(library, f"{prefix}openblas_set_num_threads{suffix}", None)
            getter = getattr(library, f"{prefix}openblas_get_num_threads{suffix}", None)
            if setter is not None and getter is not None:
                return setter, getter
    return None


def set_num_threads(n: int) -> None:
    """Let matrix products use `n` threads, or one if oneDNN has the cores."""
    global _wish
    _wish = n
    if (calls := _calls()) is not None:
        calls[0](1 if _gave_way else n)


def get_num_threads() -> int:
    """The number of threads asked for, or else the one OpenBLAS chose."""
    global _wish
    if _wish is None:
        calls = _calls()
        _wish = calls[1]() if calls is not None else os.cpu_count() or 1
    return _wish


def give_way() -> None:
    """Keep to one thread from now on: oneDNN computes with several."""
    global _gave_way
    if not _gave_way:
        wish = get_num_threads()
        _gave_way = True
        set_num_threads(wish)
