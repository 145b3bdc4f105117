"""The machine under Tadori: the memory allocator, the threads, and a report of what is in use."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from . import kernels

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
_KEEP = 1 << 30


def keep_freed_memory() -> bool:
    """Let glibc keep freed memory up to 1 GiB instead of returning it to the system at every free.

    A large NumPy temporary otherwise pays a page fault for every 4 KiB, each time: `maximum` of 10
    million float32 takes 8.5 ms instead of 4.5. The environment variable TADORI_MALLOC=0 leaves the
    allocator alone. Returns whether it was set; on other systems than glibc's nothing happens.
    """
    if os.environ.get("TADORI_MALLOC") == "0" or not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # another C library, such as musl
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _KEEP)) and bool(mallopt(_M_TRIM_THRESHOLD, _KEEP))


@cache
def _blas() -> tuple[Callable[[int], None], Callable[[], int]] | None:
    """OpenBLAS's own setter and getter of the thread count, from the library that NumPy loaded."""
    for path in Path(np.__file__).parent.parent.glob("numpy.libs/*openblas*"):
        library = ctypes.CDLL(str(path))
        for prefix, suffix in (("scipy_", "64_"), ("scipy_", ""), ("", "")):
            setter = getattr(library, f"{prefix}openblas_set_num_threads{suffix}", None)
            getter = getattr(library, f"{prefix}openblas_get_num_threads{suffix}", None)
            if setter is not None and getter is not None:
                return setter, getter
    return None


_threads: int | None = None


def set_num_threads(n: int) -> None:
    """Compute with `n` threads: the one setting for OpenBLAS, oneDNN and Numba.

    Raises ValueError unless `n` is at least 1.
    """
    global _threads
    if n < 1:
        raise ValueError(f"set_num_threads: expected a number of at least 1, got {n}")
    _threads = n
    kernels.set_num_threads(n)
    kernels.numba_cpu.set_num_threads(n)
    if (blas := _blas()) is not None:
        blas[0](n)
    if "numba" in sys.modules:
        numba = sys.modules["numba"]
        numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))


def get_num_threads() -> int:
    """The number of threads that computations use."""
    if _threads is not None:
        return _threads
    blas = _blas()
    return blas[1]() if blas is not None else os.cpu_count() or 1


def show_config() -> None:
    """Print versions, engines, threads and what the environment switches off."""
    from . import __version__

    print(f"Tadori {__version__}, Python {platform.python_version()}, {platform.machine()}")
    for name, version in kernels.engines().items():
        print(f"  {name} {version}")
    for name in ("numba", "scipy", "cupy"):
        print(f"  {name} {_version(name)}")
    print(f"  threads: {get_num_threads()}")
    for variable in ("TADORI_MALLOC", "TADORI_ONEDNN", "TADORI_NUMBA", "TADORI_DEBUG"):
        if variable in os.environ:
            print(f"  {variable}={os.environ[variable]}")


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"
