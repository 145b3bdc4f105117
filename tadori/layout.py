"""PyTorch's words for how numbers lie in memory. NumPy's arrays need none of them.

They are accepted where they change no number: `layout=strided`, `pin_memory`, `memory_format`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar


class layout:
    """How a tensor keeps its numbers: here always `strided`, as an array of NumPy's does."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"tadori.{self.name}"

    def __reduce__(self) -> str:
        return self.name


class memory_format(layout):
    """In which order the axes lie in memory: a hint, which changes no number."""


strided = layout("strided")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")

HINTS = frozenset({"layout", "pin_memory", "memory_format", "out"})

Maker = TypeVar("Maker", bound=Callable[..., Any])


def takes_hints(maker: Maker) -> Maker:
    """Let a function that makes a tensor take PyTorch's layout, pin_memory, memory_format and out.

    Raises NotImplementedError for a layout other than `strided`.
    """

    @wraps(maker)
    def call(*args: Any, **options: Any) -> Any:
        if HINTS.isdisjoint(options):
            return maker(*args, **options)
        check_layout(options.get("layout"))
        wanted = {name: value for name, value in options.items() if name not in HINTS}
        return written(maker(*args, **wanted), options.get("out"))

    return call  # type: ignore[return-value]


def takes_out(function: Maker) -> Maker:
    """Let a function take `out=`, a tensor (or several) into which its result is written."""

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if "out" not in options:
            return function(*args, **options)
        out = options.pop("out")
        return written(function(*args, **options), out)

    return call  # type: ignore[return-value]


def check_layout(given: Any) -> None:
    """Raise NotImplementedError for a sparse layout."""
    if given is not None and given is not strided:
        raise NotImplementedError(
            f"layout {given!r}: there are only strided tensors here, no sparse ones. Remedy: leave "
            "layout= out"
        )


def written(result: Any, out: Any) -> Any:
    """`out` with the result in it, made as large as that; the result, where `out` is None."""
    if out is None:
        return result
    if isinstance(out, tuple | list):
        parts = list(map(written, result, out))
        return type(result)(*parts) if hasattr(result, "_fields") else tuple(parts)
    if out.requires_grad or result.requires_grad:
        raise RuntimeError(
            "out=: functions with out=... arguments don't support automatic differentiation, but "
            "one of the arguments requires grad. Remedy: leave out= out, or use no_grad()"
        )
    if out.shape != result.shape:
        out.resize_(result.shape)
    return out.write(result, "out=")
