"""`autocast`: inside it, products and convolutions get their inputs in bfloat16.

What is lowered, what is computed in float32 and what takes the widest dtype of its inputs are lists
of entries of the table of operations. They follow "CPU Op-Specific Behavior" of PyTorch's page on
`torch.amp`. While a thread is inside, these entries are wrapped; the wrapper asks whether it runs
in such a thread. All other operations compute in the dtype that reaches them.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import numpy as np

from .. import kernels
from ..dispatch import operations
from ..dtype import float16, float32, is_floating_point
from ..kernels import halves
from ..methods import convert  # noqa: F401 - Tensor.to
from ..tensor import Tensor

#: computed in the lower precision
LOWER = (
    np.matmul,
    kernels.matmul,
    kernels.linear,
    kernels.contract,
    kernels.conv,
    kernels.conv_transpose,
    kernels.attention,
)
#: computed in float32
WIDE = (
    kernels.cross_entropy,
    kernels.binary_cross_entropy,
    np.prod,
    np.trace,
    np.linalg.inv,
    np.linalg.cholesky,
)
#: the weight and bias of a normalisation follow its input, which may be bfloat16
FOLLOWING = (kernels.normalize,)

Operation = Callable[..., Any]


class State:
    """What is the case inside: the lower dtype, and the weights that were lowered already."""

    def __init__(self, dtype: Any, cache: bool) -> None:
        self.dtype = dtype
        self.cache: dict[int, tuple[Tensor, Tensor]] | None = {} if cache else None


#: None: outside, or inside `autocast(enabled=False)`
current: ContextVar[State | None] = ContextVar("autocast", default=None)


class Table:
    """Wraps the entries of the table of operations while somebody is inside."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.plain: dict[Any, Operation] = {}

    def enter(self) -> None:
        """One more is inside."""
        with self.lock:
            self.inside += 1
            if self.inside == 1:
                for functions, wrap in ((LOWER, lowered), (WIDE, widened), (FOLLOWING, following)):
                    for function in functions:
                        self.plain[function] = operations[function]
                        operations[function] = wrap(operations[function])

    def leave(self) -> None:
        """One fewer."""
        with self.lock:
            self.inside -= 1
            if self.inside == 0:
                operations.update(self.plain)


table = Table()


def castable(x: Any) -> bool:
    """Whether autocast may change the dtype of x: floating tensors that are not float64."""
    return isinstance(x, Tensor) and is_floating_point(x) and x.dtype.itemsize < 8


def lower(x: Any, state: State) -> Any:
    """x in the lower dtype. A parameter is lowered once for the whole block."""
    if not castable(x) or x.dtype == state.dtype:
        return x
    if state.cache is None or not (x.requires_grad and x.is_leaf):
        return x.to(state.dtype)
    known = state.cache.get(id(x))
    if known is None:
        known = state.cache[id(x)] = (x, x.to(state.dtype))
    return known[1]


def lowered(operation: Operation) -> Operation:
    """The operation in the lower dtype."""

    def call(*inputs: Any, **options: Any) -> Any:
        if (state := current.get()) is None:
            return operation(*inputs, **options)
        options = {name: lower(x, state) for name, x in options.items()}
        return operation(*[lower(x, state) for x in inputs], **options)

    return call


def widened(operation: Operation) -> Operation:
    """The operation in float32 at least."""

    def wide(x: Any) -> Any:
        return x.to(float32) if castable(x) else x

    def call(*inputs: Any, **options: Any) -> Any:
        if current.get() is None:
            return operation(*inputs, **options)
        return operation(*map(wide, inputs), **options)

    return call


def following(operation: Operation) -> Operation:
    """The operation in the dtype of its first input, if that is the lower one."""

    def call(x: Any, *others: Any, **options: Any) -> Any:
        state = current.get()
        if state is None or not castable(x) or x.dtype != state.dtype:
            return operation(x, *others, **options)
        return operation(x, *[lower(o, state) for o in others], **options)

    return call


class autocast:
    """Compute products and convolutions in bfloat16: `with autocast("cpu", dtype=bfloat16): ...`.

    Use it around the forward pass and the loss; the backward pass computes each operation in the
    dtype of its forward pass. Parameters stay float32, and so do their gradients. Also a decorator.
    dtype: bfloat16, which is the default, or float16. enabled=False: a block without it.
    cache_enabled: parameters are lowered once a block. Raises RuntimeError for another dtype or
    device, AttributeError if ml_dtypes, which has bfloat16, is missing.
    """

    def __init__(
        self,
        device_type: str = "cpu",
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        if not is_autocast_available(device_type):
            raise RuntimeError(
                f"User specified an unsupported autocast device_type {device_type!r}. Remedy: 'cpu'"
            )
        self.device, self.fast_dtype, self.enabled = device_type, dtype, enabled
        if enabled:
            self.fast_dtype = halves.bfloat16() if dtype is None else np.dtype(dtype)
            if self.fast_dtype != float16 and self.fast_dtype.name != "bfloat16":
                raise RuntimeError(
                    f"autocast: dtype must be bfloat16 or float16, got {self.fast_dtype}"
                )
        self.cache_enabled = cache_enabled is not False
        self._entered: list[Any] = []

    def __enter__(self) -> autocast:
        outer = current.get()
        state = None
        if self.enabled:
            state = State(self.fast_dtype, self.cache_enabled)
            if outer is not None and outer.dtype == state.dtype and self.cache_enabled:
                state.cache = outer.cache
        table.enter()
        self._entered.append(current.set(state))
        return self

    def __exit__(self, *error: object) -> None:
        current.reset(self._entered.pop())
        table.leave()

    def __call__(self, function: Operation) -> Operation:
        @functools.wraps(function)
        def inside(*args: Any, **options: Any) -> Any:
            with self:
                return function(*args, **options)

        return inside


def is_autocast_available(device_type: str) -> bool:
    """Whether `autocast` knows this kind of device: "cpu" and "cuda"."""
    return device_type in ("cpu", "cuda")


def is_autocast_enabled(device_type: str = "cpu") -> bool:
    """Whether this thread is inside `autocast`."""
    return current.get() is not None


def get_autocast_dtype(device_type: str = "cpu") -> Any:
    """The dtype to which operations are lowered, here or, outside, by default: bfloat16."""
    state = current.get()
    return halves.bfloat16() if state is None else state.dtype
