"""The machine under Tadori: the memory allocator, the threads, and a report of what is in use."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import warnings

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


def keep_quiet_about_infinities() -> None:
    """Ignore the RuntimeWarnings that NumPy gives inside Tadori: log(0) is -inf and 0/0 is NaN
    without a word, as in PyTorch. `autograd.detect_anomaly` is there for who wants to know; NumPy's
    warnings in the user's own files stay.
    """
    warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"tadori\.")


def set_num_threads(n: int) -> None:
    """Compute with `n` threads: the one setting for OpenBLAS, oneDNN and Numba.

    Where oneDNN shares work among threads, OpenBLAS keeps to one (`kernels/blas.py` says why).
    Raises ValueError unless `n` is at least 1.
    """
    if n < 1:
        raise ValueError(f"set_num_threads: expected a number of at least 1, got {n}")
    kernels.blas.set_num_threads(n)
    kernels.set_num_threads(n)
    kernels.numba_pool.set_num_threads(n)
    if "numba" in sys.modules:
        numba = sys.modules["numba"]
        numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))


def get_num_threads() -> int:
    """The number of threads that computations use."""
    return kernels.blas.get_num_threads()


def show_config() -> None:
    """Print versions, engines, threads and what is switched off."""
    from . import __version__, backends

    print(f"Tadori {__version__}, Python {platform.python_version()}, {platform.machine()}")
    print(f"  numpy {_version('numpy')}")
    for engine in (backends.onednn, backends.numba):
        found = engine.version() or "not installed"
        print(f"  {engine.name} {found}" + ("" if engine.enabled else ", switched off"))
    if library := kernels.onednn_library.load():
        print(f"  onednn computes with {library.instructions()}")
    for name in ("scipy", "ml_dtypes", "cupy"):
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
