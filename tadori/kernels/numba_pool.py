"""When Numba's loops are used, and how threads share them.

Numba is imported when the first large array comes; without it, or with TADORI_NUMBA=0, it never is.
Its loops let go of the interpreter's lock, so that Python threads share an array: Numba's own
threads would end the process where two Python threads use them at once, or a child is forked.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module, metadata
from itertools import pairwise
from threading import Lock, Thread
from types import ModuleType
from typing import Any

import numpy as np

from tadori.kernels.window import Array

log = logging.getLogger("tadori")

#: entries from which Numba pays off, whose import takes half a second; and that are worth a thread.
#: Only the size decides, so that a program that goes on from a file computes the same numbers.
LARGE = 1 << 12
PIECE = 1 << 17
FLOAT32 = np.dtype(np.float32)
FLOATS = (FLOAT32, np.dtype(np.float64))


class Settings:
    """What all threads share: whether to use Numba, and how many threads an array gets."""

    enabled = os.environ.get("TADORI_NUMBA", "1") != "0"
    threads = os.cpu_count() or 1


settings = Settings()


@cache
def loops(name: str) -> ModuleType | None:
    """A module of compiled loops, or None where Numba is missing."""
    try:
        return import_module("tadori.kernels.numba_" + name)
    except ImportError as reason:
        log.info("no Numba, NumPy does its work, more slowly: %s", reason)
        return None


def version() -> str | None:
    """Numba's version, without importing it; None where it is missing."""
    try:
        return metadata.version("numba")
    except metadata.PackageNotFoundError:
        return None


class Helper:
    """A thread that works for one caller at a time.

    Two locks hand work over in 5 us; an executor of `concurrent.futures` takes 20.
    """

    def __init__(self) -> None:
        self.free, self.called, self.done = Lock(), Lock(), Lock()
        self.called.acquire()
        self.done.acquire()
        self.work: Callable[[], None] | None = None
        self.error: BaseException | None = None
        Thread(target=self.serve, name="tadori-loops", daemon=True).start()

    def serve(self) -> None:
        while True:
            self.called.acquire()
            try:
                if self.work is not None:
                    self.work()
            except BaseException as error:
                self.error = error
            self.work = None  # lets go of the arrays
            self.done.release()

    def start(self, work: Callable[[], None]) -> bool:
        """Begin with `work`, unless another caller has the thread."""
        if not self.free.acquire(blocking=False):
            return False
        self.work, self.error = work, None
        self.called.release()
        return True

    def finish(self) -> BaseException | None:
        """Wait for the end of what was started; what it raised."""
        try:
            self.done.acquire()
        except KeyboardInterrupt:
            helper.cache_clear()  # this one is still at work
            raise
        error = self.error
        self.free.release()
        return error


@cache
def helper(number: int) -> Helper:
    """One of the threads beside the caller's own."""
    return Helper()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=helper.cache_clear)  # a child has none of the threads


def set_num_threads(number: int) -> None:
    """Let each loop use so many threads."""
    settings.threads = number


def served(name: str, dtypes: Any, *arrays: Array | None, least: int = LARGE) -> ModuleType | None:
    """The loops, if all arrays are contiguous, of one of these dtypes, and the first is large."""
    first = arrays[0]
    if type(first) is not np.ndarray or first.size < least or not settings.enabled:
        return None
    for x in arrays:
        if x is not None and (x.dtype != first.dtype or not x.flags.c_contiguous):
            return None
    return loops(name) if first.dtype in dtypes else None


def run(loop: Callable[..., None], *arrays: Array, also: Any = ()) -> None:
    """`loop(*arrays, *also)`, with a piece of the arrays, cut along axis 0, in each thread."""
    first = arrays[0]
    count = min(settings.threads, first.size // PIECE, len(first))
    if count < 2:
        loop(*arrays, *also)
        return
    cuts = [len(first) * i // count for i in range(count + 1)]
    share(loop, [(*(x[a:b] for x in arrays), *also) for a, b in pairwise(cuts)])


def share(loop: Callable[..., None], jobs: list[tuple[Any, ...]]) -> None:
    """`loop(*job)` for each job, shared among the threads that are free."""
    count = min(settings.threads, len(jobs))
    started = []
    own = jobs[::count] if count > 1 else jobs
    for i in range(1, count):
        part = jobs[i::count]
        other = helper(i)
        if other.start(partial(do, loop, part)):
            started.append(other)
        else:
            own += part
    try:
        do(loop, own)
    finally:
        errors = [other.finish() for other in started]
    for error in errors:
        if error is not None:
            raise error


def do(loop: Callable[..., None], jobs: list[tuple[Any, ...]]) -> None:
    """`loop(*job)` for each job."""
    for job in jobs:
        loop(*job)
