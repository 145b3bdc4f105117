"""A plan: one computation of oneDNN on fixed shapes, as it runs on NumPy arrays.

oneDNN (https://oneapi-src.github.io/oneDNN) calls one computation on fixed shapes a *primitive*. It
may want its operands in a memory layout of its own, so around it stand *reorders* from and to plain
C order. A `Plan` is the whole row: reorders in, the primitive, reorders out. It is made once for
each signature and kept.

All that changes during a call (the addresses of the memories, the scratch space) belongs to one
thread, so calls from several threads do not meet.
"""

from __future__ import annotations

import ctypes
import logging
import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping
from ctypes import byref, c_int, c_int64, c_void_p
from typing import Any

import numpy as np

from tadori.kernels import blas
from tadori.kernels.onednn_library import Library, Unsupported, load, ours

log = logging.getLogger("tadori.kernels")

# Numbers from oneDNN's public headers, the same in every version 3: roles of memories,
SRC, DST, WEIGHTS, BIAS, WORKSPACE, SCRATCHPAD = 1, 17, 33, 41, 64, 80
MEAN, VARIANCE, SCALE, SHIFT = 49, 50, 51, 52
DIFF_SRC, DIFF_DST, DIFF_WEIGHTS, DIFF_SCALE, DIFF_SHIFT = 129, 145, 161, 255, 256
# element types, layouts and what a description can be asked.
ELEMENTS = {"float32": 3, "bfloat16": 2, "int32": 4, "uint8": 6}
ANY_LAYOUT, LAYOUT_OF_ARGUMENT = 1, 255

FLOAT32 = np.dtype(np.float32)
ALIGNMENT = 64  # bytes: one cache line
SMALL = 500_000  # products; measured on two Zen 3 cores, where two threads begin to be quicker
KEPT_PLANS = 256  # per thread
KEPT_SCRATCH = 64 << 20  # bytes per thread; a plan in need of more gets them for the call only

Shape = tuple[int, ...]
DType = np.dtype[Any]
Dims = c_int64 * 12  # dnnl_dims_t


class Argument(ctypes.Structure):
    """dnnl_exec_arg_t: a memory and its role in a primitive."""

    _fields_ = (("role", c_int), ("memory", c_void_p))


class Plan:
    """One computation on fixed shapes, with the reorders around it, for use by one thread.

    Who makes a plan describes the primitive with `any` and `describe`, then calls `finish`.
    """

    inputs: list[c_void_p]
    outputs: list[tuple[c_void_p, Shape, DType]]

    def __init__(self, library: Library, dtype: DType = FLOAT32):
        self.library = library
        self.dtype = dtype
        self.owned: list[tuple[str, c_void_p]] = []
        self.steps: list[tuple[c_void_p, int, Any]] = []  # primitive, count, arguments
        self.scratch: list[tuple[c_void_p, int]] = []  # memory, offset in bytes
        self.scratch_size = 0
        self.scratch_start = 0  # the address
        self.alone = False  # so small that a second thread would not pay
        self.dtypes: dict[int, DType] = {}  # by role, where it is another
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
        """A layout that oneDNN may choose."""
        return self.tagged(shape, ANY_LAYOUT)

    def tagged(self, shape: Shape, tag: int) -> c_void_p:
        """A layout that has a number in oneDNN's headers."""
        arguments = (len(shape), Dims(*shape), ELEMENTS[self.dtype.name], tag)
        return self.make("memory_desc", "memory_desc_create_with_tag", *arguments)

    def plain(self, shape: Shape, dtype: DType | None = None) -> c_void_p:
        """A layout in C order."""
        dtype = dtype or self.dtype
        strides = [dtype.itemsize]
        for length in shape[:0:-1]:
            strides.insert(0, strides[0] * length)
        return self.strided(shape, tuple(strides), dtype)

    def strided(self, shape: Shape, strides: Shape, dtype: DType | None = None) -> c_void_p:
        """A layout with NumPy's strides, in bytes."""
        dtype = dtype or self.dtype
        steps = [s // dtype.itemsize for s in strides]
        arguments = (len(shape), Dims(*shape), ELEMENTS[dtype.name], Dims(*steps))
        return self.make("memory_desc", "memory_desc_create_with_strides", *arguments)

    def describe(self, name: str, *arguments: Any) -> c_void_p:
        """A primitive descriptor."""
        constructor = name + "_primitive_desc_create"
        return self.make("primitive_desc", constructor, *arguments, self.library.attributes)

    def finish(
        self,
        description: c_void_p,
        inputs: Mapping[int, Shape | c_void_p],
        outputs: dict[int, Shape],
        shape: Shape | None = None,
    ) -> None:
        """Lay out the steps. The order of the roles is that of the arrays `run` takes and gives.

        An input has a shape and comes in C order, or has a layout. `shape`: that of the first
        output outside, if it is another.
        """
        inside = {}
        self.inputs, self.outputs = [], []
        for role, size in inputs.items():
            outside, inside[role] = self.place(description, role, size)
            self.inputs.append(outside)
            self.add_reorder(outside, inside[role])
        for role, size in outputs.items():
            outside, inside[role] = self.place(description, role, size)
            self.outputs.append((outside, shape or size, self.dtypes.get(role, self.dtype)))
            shape = None
        self.add_step(description, inside)
        for role, (outside, _, _) in zip(outputs, self.outputs):
            self.add_reorder(inside[role], outside)

    def place(
        self, description: c_void_p, role: int, given: Shape | c_void_p
    ) -> tuple[c_void_p, c_void_p]:
        """The memory outside and the one the primitive wants: the same if the layouts agree."""
        if isinstance(given, tuple):
            given = self.plain(given, self.dtypes.get(role, self.dtype))
        wanted = self.wanted(description, role)
        memory = self.make("memory", "memory_create", given, self.library.engine, None)
        if self.library.c.dnnl_memory_desc_equal(given, wanted):
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

    def run(self, *arrays: np.ndarray) -> Any:
        """The result for arrays of the planned shapes: a new array in C order, or a tuple of
        them."""
        return self.start(*[a if in_order(a) else a.copy() for a in arrays])

    def start(self, *arrays: np.ndarray) -> Any:
        """`run` for arrays that lie in memory as the plan says."""
        set_address = self.library.set_address
        for memory, array in zip(self.inputs, arrays):
            set_address(memory, address(array))
        results = []
        for memory, shape, dtype in self.outputs:
            result = np.empty(shape, dtype)
            set_address(memory, address(result))
            results.append(result)
        if self.scratch:
            space = mine.space(self.scratch_size)
            self.move_scratch(aligned(address(space)))
        self.run_steps(self.steps)
        return results[0] if len(results) == 1 else tuple(results)

    def hold(self, first: np.ndarray) -> Callable[[np.ndarray, np.ndarray], None]:
        """`run` for many second inputs with one first: a function that writes to a given result.

        The first input's reorder runs now. The function serves until the plan is used again.
        """
        set_address = self.library.set_address
        space = np.empty(self.scratch_size + ALIGNMENT, np.uint8)
        self.move_scratch(aligned(address(space)))
        set_address(self.inputs[0], address(first))
        whole = self.steps
        self.run_steps(whole[:-1])
        (_, second), ((target, *_),) = self.inputs, self.outputs

        def run(array: np.ndarray, result: np.ndarray, kept: Any = (space, first)) -> None:
            set_address(second, address(array))
            set_address(target, address(result))
            self.run_steps(whole[-1:])

        return run

    def run_steps(self, steps: list[tuple[c_void_p, int, Any]]) -> None:
        """Reorders in, the primitive, reorders out; with one thread if more would not pay."""
        library = self.library
        execute, stream = library.execute, library.stream
        threads = library.get_threads()
        if threads > 1:
            if self.alone:
                library.set_threads(1)
            else:
                blas.give_way()
        try:
            for primitive, count, arguments in steps:
                if status := execute(primitive, stream, count, arguments):
                    raise RuntimeError(f"dnnl_primitive_execute answered with status {status}")
        finally:
            if self.alone:
                library.set_threads(threads)

    def move_scratch(self, start: int) -> None:
        """Have the scratch memories begin at this address."""
        if start != self.scratch_start:
            for memory, offset in self.scratch:
                self.library.set_address(memory, start + offset)
            self.scratch_start = start


def in_order(array: np.ndarray) -> bool:
    """Whether the data lie in C order, at addresses that suit their type."""
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


mine = Mine()


def plan_for(make: Callable[..., None], *signature: Any, dtype: DType = FLOAT32) -> Plan | None:
    """This thread's plan, filled by `make(plan, *signature)`; None if oneDNN cannot serve it.

    dtype: of the arrays, unless `make` says otherwise.
    """
    library = load()
    if library is None:
        return None
    plans = mine.plans
    if mine.num_threads != ours.num_threads:
        mine.num_threads = ours.num_threads
        library.set_threads(ours.num_threads)
    threads = library.get_threads()
    key = (make, threads, dtype, *signature)
    if key in plans:
        plans.move_to_end(key)
        return plans[key]
    plan: Plan | None = Plan(library, dtype)
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


def served(*arrays: np.ndarray | None) -> bool:
    """Whether all are float32 and have elements."""
    for array in arrays:
        if array is not None and (array.dtype != FLOAT32 or array.size == 0):
            return False
    return True


def narrow_too(*arrays: np.ndarray | None) -> DType | None:
    """The dtype of all, float32 or bfloat16, if they have elements; else None."""
    first = arrays[0]
    if first is None or (first.dtype != FLOAT32 and first.dtype.name != "bfloat16"):
        return None
    for array in arrays:
        if array is not None and (array.dtype != first.dtype or array.size == 0):
            return None
    return first.dtype


if hasattr(os, "register_at_fork"):  # a child is without the library
    os.register_at_fork(after_in_child=lambda: mine.plans.clear())
