"""oneDNN's C library, reached through `ctypes`: find it, load it, run it on NumPy arrays.

oneDNN (https://oneapi-src.github.io/oneDNN) calls one computation on fixed shapes a *primitive*. It
may want its operands in a memory layout of its own, so around it stand *reorders* from and to plain
C order. A `Plan` is the whole row: reorders in, the primitive, a reorder out. It is made once for
each signature and kept.

All that changes during a call (the addresses of the memories, the scratch space) belongs to one
thread, so calls from several threads do not meet. After `os.fork` the child leaves the library
alone: libgomp's worker threads were not copied, and waiting for them would last forever.
"""

from __future__ import annotations

import ctypes
import logging
import os
import site
import sys
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from ctypes import byref, c_char_p, c_int, c_int64, c_size_t, c_uint, c_void_p
from pathlib import Path
from typing import Any

import numpy as np

from tadori.kernels import blas

log = logging.getLogger("tadori.kernels")

# Numbers from oneDNN's public headers, the same in every version 3.
SRC, DST, WEIGHTS, BIAS, SCRATCHPAD = 1, 17, 33, 41, 80
DIFF_SRC, DIFF_DST, DIFF_WEIGHTS = 129, 145, 161
CPU, IN_ORDER, FLOAT32, ANY_LAYOUT, USER_SCRATCHPAD, LAYOUT_OF_ARGUMENT = 1, 1, 3, 1, 1, 255
OPENMP = 2

ALIGNMENT = 64  # bytes: one cache line
SMALL = 500_000  # products; measured on two Zen 3 cores, where two threads begin to be quicker
KEPT_PLANS = 256  # per thread
KEPT_SCRATCH = 64 << 20  # bytes per thread; a plan in need of more gets them for the call only

Shape = tuple[int, ...]
Dims = c_int64 * 12  # dnnl_dims_t


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


class Argument(ctypes.Structure):
    """dnnl_exec_arg_t: a memory and its role in a primitive."""

    _fields_ = (("role", c_int), ("memory", c_void_p))


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


class Plan:
    """One computation on fixed shapes, with the reorders around it, for use by one thread.

    Who makes a plan describes the primitive with `any` and `describe`, then calls `finish`.
    """

    inputs: list[c_void_p]
    output: c_void_p
    shape: Shape

    def __init__(self, library: Library):
        self.library = library
        self.owned: list[tuple[str, c_void_p]] = []
        self.steps: list[tuple[c_void_p, int, Any]] = []  # primitive, count, arguments
        self.scratch: list[tuple[c_void_p, int]] = []  # memory, offset in bytes
        self.scratch_size = 0
        self.scratch_start = 0  # the address
        self.alone = False  # so small that a second thread would not pay
        weakref.finalize(self, library.destroy, self.owned).atexit = False

    def expect(self, products: int) -> None:
        """Say, before the rest, how many products the computation sums."""
        if products < SMALL:
            self.alone = True
            self.library.set_threads(1)

    def make(self, kind: str, constructor: str, *arguments: Any) -> c_void_p:
        """A oneDNN object that lives as long as the plan."""
        made = self.library.make(constructor, *arguments)
        self.owned.append((kind, made))
        return made

    def any(self, shape: Shape) -> c_void_p:
        """A float32 layout that oneDNN may choose."""
        arguments = (len(shape), Dims(*shape), FLOAT32, ANY_LAYOUT)
        return self.make("memory_desc", "memory_desc_create_with_tag", *arguments)

    def plain(self, shape: Shape) -> c_void_p:
        """A float32 layout in C order."""
        strides = [1]
        for length in shape[:0:-1]:
            strides.insert(0, strides[0] * length)
        arguments = (len(shape), Dims(*shape), FLOAT32, Dims(*strides))
        return self.make("memory_desc", "memory_desc_create_with_strides", *arguments)

    def describe(self, name: str, *arguments: Any) -> c_void_p:
        """A primitive descriptor."""
        constructor = name + "_primitive_desc_create"
        return self.make("primitive_desc", constructor, *arguments, self.library.attributes)

    def finish(
        self, description: c_void_p, inputs: dict[int, Shape], output: dict[int, Shape]
    ) -> None:
        """Lay out the steps. The order of the roles in `inputs` is that of the arrays of `run`."""
        inside = {}
        self.inputs = []
        for role, shape in inputs.items():
            outside, inside[role] = self.place(description, role, shape)
            self.inputs.append(outside)
            self.add_reorder(outside, inside[role])
        ((role, self.shape),) = output.items()
        self.output, inside[role] = self.place(description, role, self.shape)
        self.add_step(description, inside)
        self.add_reorder(inside[role], self.output)

    def place(self, description: c_void_p, role: int, shape: Shape) -> tuple[c_void_p, c_void_p]:
        """The memory in C order and the one the primitive wants: the same if the layouts agree."""
        plain = self.plain(shape)
        wanted = self.wanted(description, role)
        memory = self.make("memory", "memory_create", plain, self.library.engine, None)
        if self.library.c.dnnl_memory_desc_equal(plain, wanted):
            return memory, memory
        return memory, self.add_scratch(wanted)

    def wanted(self, description: c_void_p, role: int) -> c_void_p:
        """The layout that a primitive wants for one of its arguments."""
        query = self.library.c.dnnl_primitive_desc_query_md
        return c_void_p(query(description, LAYOUT_OF_ARGUMENT, role))

    def add_scratch(self, layout: c_void_p) -> c_void_p:
        """A memory within the thread's scratch space."""
        memory = self.make("memory", "memory_create", layout, self.library.engine, None)
        self.scratch.append((memory, self.scratch_size))
        self.scratch_size += aligned(self.library.c.dnnl_memory_desc_get_size(layout))
        return memory

    def add_step(self, description: c_void_p, memories: dict[int, c_void_p]) -> None:
        """Have `run` run the described primitive on these memories."""
        layout = self.wanted(description, SCRATCHPAD)
        if layout and self.library.c.dnnl_memory_desc_get_size(layout):
            memories = {**memories, SCRATCHPAD: self.add_scratch(layout)}
        primitive = self.make("primitive", "primitive_create", description)
        arguments = (Argument * len(memories))()
        arguments[:] = [Argument(role, memory) for role, memory in memories.items()]
        self.steps.append((primitive, len(memories), arguments))

    def add_reorder(self, source: c_void_p, target: c_void_p) -> None:
        """Have `run` copy from one memory to another, unless they are the same."""
        if source is target:
            return
        arguments = []
        for memory in source, target:
            layout = c_void_p()
            self.library.c.dnnl_memory_get_memory_desc(memory, byref(layout))
            arguments += [layout, self.library.engine]
        self.add_step(self.describe("reorder", *arguments), {SRC: source, DST: target})

    def run(self, *arrays: np.ndarray) -> np.ndarray:
        """The result for float32 arrays of the planned shapes: a new array in C order."""
        set_address = self.library.set_address
        arrays = tuple([a if in_order(a) else a.copy() for a in arrays])
        for memory, array in zip(self.inputs, arrays):
            set_address(memory, address(array))
        result = np.empty(self.shape, np.float32)
        set_address(self.output, address(result))
        if self.scratch:
            space = mine.space(self.scratch_size)
            self.move_scratch(aligned(address(space)))
        if not self.alone:
            if self.library.get_threads() > 1:
                blas.give_way()
            self.run_steps()
            return result
        threads = self.library.get_threads()
        self.library.set_threads(1)
        try:
            self.run_steps()
        finally:
            self.library.set_threads(threads)
        return result

    def run_steps(self) -> None:
        """Reorders in, the primitive, a reorder out."""
        execute, stream = self.library.execute, self.library.stream
        for primitive, count, arguments in self.steps:
            if status := execute(primitive, stream, count, arguments):
                raise RuntimeError(f"dnnl_primitive_execute answered with status {status}")

    def move_scratch(self, start: int) -> None:
        """Have the scratch memories begin at this address."""
        if start != self.scratch_start:
            for memory, offset in self.scratch:
                self.library.set_address(memory, start + offset)
            self.scratch_start = start


def in_order(array: np.ndarray) -> bool:
    """Whether the data lie in C order, at addresses that suit float32."""
    flags = array.flags
    return flags.c_contiguous and flags.aligned


def aligned(number: int) -> int:
    """The next multiple of ALIGNMENT."""
    return -(-number // ALIGNMENT) * ALIGNMENT


def address(array: np.ndarray) -> int:
    """Where an array's data begin. `array.ctypes.data` says the same in 1.4 us, this in 0.15.

    CPython's `id` is the address of the object, and the pointer to the data is the first field of
    NumPy's PyArrayObject: its C API lays that open.
    """
    return c_void_p.from_address(id(array) + object.__basicsize__).value or 0


class Mine(threading.local):
    """What each thread has of its own: its plans, and the scratch space that one at a time uses."""

    def __init__(self) -> None:
        self.plans: OrderedDict[tuple[Any, ...], Plan | None] = OrderedDict()
        self.kept = np.empty(0, np.uint8)
        self.num_threads = 0  # the wish that libgomp knows of

    def space(self, size: int) -> np.ndarray:
        """At least `size` bytes from the first aligned address on."""
        if size > KEPT_SCRATCH:
            return np.empty(size + ALIGNMENT, np.uint8)
        if size + ALIGNMENT > self.kept.size:
            self.kept = np.empty(size + ALIGNMENT, np.uint8)
        return self.kept


class Ours:
    """What the process has: the library, once it was looked for, and how many threads to use."""

    def __init__(self) -> None:
        self.library: Library | None = None
        self.searched = False
        self.num_threads = 0  # 0: libgomp's own choice, OMP_NUM_THREADS or one for each core
        self.lock = threading.Lock()


mine = Mine()
ours = Ours()


def plan_for(make: Callable[..., None], *signature: Any) -> Plan | None:
    """This thread's plan, filled by `make(plan, *signature)`; None if oneDNN cannot serve it."""
    library = load()
    if library is None:
        return None
    plans = mine.plans
    if mine.num_threads != ours.num_threads:
        mine.num_threads = ours.num_threads
        library.set_threads(ours.num_threads)
    threads = library.get_threads()
    key = (make, threads, *signature)
    if key in plans:
        plans.move_to_end(key)
        return plans[key]
    plan: Plan | None = Plan(library)
    try:
        make(plan, *signature)
    except (Unsupported, ValueError) as reason:
        log.debug("oneDNN does not serve %s: %s", key, reason)
        plan = None
    finally:
        library.set_threads(threads)
    plans[key] = plan
    if len(plans) > KEPT_PLANS:
        plans.popitem(last=False)
    return plan


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
    log.info("no oneDNN, NumPy does its work: %s", "; ".join(failures) or "no libdnnl found")
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
    mine.plans.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=leave)
