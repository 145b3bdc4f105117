"""oneDNN's C library, reached through `ctypes`: find it, load it, set its threads.

`onednn_plan.py` runs it on NumPy arrays. After `os.fork` the child leaves the library alone:
libgomp's worker threads were not copied, and waiting for them would last forever.
"""

from __future__ import annotations

import ctypes
import logging
import os
import site
import sys
import threading
from collections.abc import Iterator
from ctypes import byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from pathlib import Path
from typing import Any

log = logging.getLogger("tadori.kernels")

# Numbers from oneDNN's public headers, the same in every version 3.
CPU, IN_ORDER, USER_SCRATCHPAD, OPENMP = 1, 1, 1, 2
INSTRUCTIONS = {"AMX": 0xFEF, "AVX512 with bfloat16": 0xE7, "AVX512": 0x27}


class Unsupported(Exception):
    """oneDNN declines the case; the reference shall run."""


class Version(ctypes.Structure):
    """The head of dnnl_version_t."""

    _fields_ = (
        ("major", c_int),
        ("minor", c_int),
        ("patch", c_int),
        ("hash", c_char_p),
        ("cpu_runtime", c_uint),
    )


class Library:
    """A loaded libdnnl, its CPU engine and its stream."""

    def __init__(self, path: str):
        if sys.implementation.name != "cpython":
            raise OSError("`address`, in this file, reads what only CPython has")
        self.c = ctypes.CDLL(path)
        self.c.dnnl_version.restype = ctypes.POINTER(Version)
        found = self.c.dnnl_version().contents
        self.version = f"{found.major}.{found.minor}.{found.patch}"
        if found.major != 3 or found.cpu_runtime != OPENMP:
            raise OSError(f"{path} is oneDNN {self.version}; needed is version 3 with OpenMP")
        self.c.dnnl_primitive_desc_query_md.restype = c_void_p
        self.c.dnnl_memory_desc_get_size.restype = c_size_t
        self.execute = self.c.dnnl_primitive_execute
        self.execute.argtypes = (c_void_p, c_void_p, c_int, c_void_p)
        # PyDLL keeps the interpreter lock: to win it back from a busy thread can take 5 ms.
        holding = ctypes.PyDLL(path)
        self.set_address = holding.dnnl_memory_set_data_handle
        self.set_address.argtypes = (c_void_p, c_void_p)
        # libgomp's settings count for calls from this thread only.
        self.get_threads = holding.omp_get_max_threads
        self.set_threads = holding.omp_set_num_threads
        self.engine = self.make("engine_create", CPU, c_size_t(0))
        self.stream = self.make("stream_create", self.engine, IN_ORDER)
        self.attributes = self.make("primitive_attr_create")
        self.c.dnnl_primitive_attr_set_scratchpad_mode(self.attributes, USER_SCRATCHPAD)

    def instructions(self) -> str:
        """What of the processor it uses, as far as it decides how quick bfloat16 is."""
        used = self.c.dnnl_get_effective_cpu_isa()
        for name, bits in INSTRUCTIONS.items():
            if used & bits == bits:
                return name
        return "no AVX512"

    def make(self, constructor: str, *arguments: Any) -> c_void_p:
        """The new object of a oneDNN constructor, which writes it to its first argument."""
        result = c_void_p()
        status = getattr(self.c, "dnnl_" + constructor)(byref(result), *arguments)
        if status:
            raise Unsupported(f"dnnl_{constructor} answered with status {status}")
        return result

    def destroy(self, owned: list[tuple[str, c_void_p]]) -> None:
        """Free what `make` made: pairs of a oneDNN type and an object."""
        for kind, thing in reversed(owned):
            getattr(self.c, f"dnnl_{kind}_destroy")(thing)


class Ours:
    """What the process has: the library, once it was looked for, and how many threads to use."""

    def __init__(self) -> None:
        self.library: Library | None = None
        self.searched = False
        self.num_threads = 0  # 0: libgomp's own choice, OMP_NUM_THREADS or one for each core
        self.lock = threading.Lock()


ours = Ours()


def load() -> Library | None:
    """The library, looked for at the first call; None if there is none."""
    if not ours.searched:
        with ours.lock:
            if not ours.searched:
                ours.library = search()
                ours.searched = True
    return ours.library


def search() -> Library | None:
    """The first library that loads; the log says how it ended."""
    failures = []
    for path in candidates():
        try:
            library = Library(path)
        except (OSError, AttributeError, Unsupported) as reason:
            failures.append(f"{path}: {reason}")
        else:
            log.info("oneDNN %s from %s", library.version, path)
            return library
    log.info(
        "no oneDNN: NumPy does its work, more slowly: convolution, pooling, batch normalisation, "
        "float32 products of matrices (%s)",
        "; ".join(failures) or "no libdnnl found",
    )
    return None


def candidates() -> Iterator[str]:
    """Where wheels put libdnnl (the environment's lib folder), then where the system looks."""
    folders = [Path(sys.prefix, "lib"), Path(sys.base_prefix, "lib")]
    folders.append(Path(site.getuserbase(), "lib"))
    packages = [folder for folder in map(Path, sys.path) if folder.name == "site-packages"]
    folders += [folder.parents[1] for folder in packages]
    for folder in dict.fromkeys(folders):
        for name in "libdnnl.so.3", "libdnnl.so":
            if (folder / name).exists():
                yield str(folder / name)
                break
    from ctypes.util import find_library  # it loads subprocess and runs a compiler: rarely needed

    if found := find_library("dnnl"):
        yield found


def set_num_threads(number: int) -> bool:
    """Let each call to oneDNN, from whatever Python thread, use so many threads.

    False if there is no oneDNN. Raises ValueError for less than one.
    """
    if number < 1:
        raise ValueError(f"set_num_threads: {number} threads cannot work; at least 1 is needed")
    library = load()
    if library is None:
        return False
    ours.num_threads = number
    return True


def leave() -> None:
    """In a forked child, do without the library: see the head of this file."""
    ours.library = None
    ours.searched = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=leave)
