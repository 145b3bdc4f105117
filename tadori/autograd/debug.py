"""Debug mode: every node knows the line that made it, and what it keeps is watched for changes.

`set_debug(True)`, or TADORI_DEBUG=1 in the environment. Programs run more slowly and keep arrays
longer; errors in backward then name the user's line, and `why_no_grad` the line of a cut.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from typing import Any
from weakref import ref

from ..dtype import is_floating
from ..tensor import Tensor
from .errors import describe
from .hooks import Observer, observers, user_line
from .mode import recording
from .version import last_write

__all__ = ["is_debug_enabled", "set_debug"]


class Notes:
    """Remarks on objects, by identity (Tensors compare by value); gone when the object is."""

    def __init__(self) -> None:
        self.entries: dict[int, tuple[Any, Any]] = {}

    def put(self, thing: Any, note: Any) -> None:
        """Remember `note` on `thing`, as long as it lives."""
        key = id(thing)
        with suppress(TypeError):  # not every kind of array can be watched
            self.entries[key] = ref(thing, lambda _: self.entries.pop(key, None)), note

    def get(self, thing: Any) -> Any:
        """The last note on `thing`, or None."""
        entry = self.entries.get(id(thing))
        return entry[1] if entry is not None and entry[0]() is thing else None


#: array -> the description of a recorded tensor that holds it
recorded_arrays = Notes()
#: tensor -> where its history was cut
cuts = Notes()
#: leaf -> the line that used it last
uses = Notes()


class Debug(Observer):
    """Writes lines on nodes, and checks what they keep."""

    def after_forward(self, node: Any, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        """Note where `node` was made; if it is not in the graph, why."""
        node.line = line = user_line()
        tensors = [x for x in inputs if isinstance(x, Tensor)]
        made = [y for y in outputs if isinstance(y, Tensor)]
        recorded = any(y.creator is node for y in made)
        for x in tensors:
            if x.requires_grad:
                described = f"a leaf used at {line}" if x.is_leaf else f"the output of {origin(x)}"
                recorded_arrays.put(x.array, described)
                if recorded and x.is_leaf:
                    uses.put(x, line)
        for y in made:
            if y.creator is node:
                recorded_arrays.put(y.array, f"the output of {node!r} at {line}")
            elif not y.requires_grad and (cut := cut_here(y, node, line, tensors)):
                cuts.put(y, cut)
        if recorded:
            node.cuts = [cut for x in tensors if (cut := cut_of(x, line))]
            node.witness = [(name, a, fingerprint(a)) for name, a in arrays_kept(node)]

    def before_backward(self, node: Any, gradient: Any) -> None:
        """Raise if an array that `node` keeps is not what it was."""
        for name, array, before in getattr(node, "witness", ()):
            write = last_write(array)
            if write is not None and write.moment >= node.seq:
                continue  # seen: the engine has judged it
            if fingerprint(array) != before:
                raise RuntimeError(
                    f"{node!r}, made at {node.line}, keeps {name}, {describe(array)}, for "
                    "backward, but its memory was changed since, unseen by Tadori: through "
                    ".numpy(), .array or an array it was made from. Remedy: write to a copy"
                )

    def after_backward(self, node: Any) -> None:
        """Let go of what was released."""
        if node.saved is None:
            node.__dict__.pop("witness", None)


debug = Debug()


def set_debug(mode: bool = True) -> None:
    """Switch debug mode on or off, for all threads; nodes made before know nothing of it."""
    if mode and debug not in observers:
        observers.append(debug)
    elif not mode and debug in observers:
        observers.remove(debug)


def is_debug_enabled() -> bool:
    """Whether debug mode is on."""
    return debug in observers


def origin(tensor: Tensor) -> str:
    """The operation that made `tensor` and, if it is known, the line."""
    line = getattr(tensor.creator, "line", "")
    return f"{tensor.creator!r}" + (f" at {line}" if line else "")


def cut_here(y: Tensor, node: Any, line: str, tensors: list[Tensor]) -> str | None:
    """Why `y`, an output of `node`, has no history although something it was made from has one."""
    if any(x.requires_grad for x in tensors):
        if not recording.get():
            return f"cut at {line}: {node!r} was computed under no_grad"
        why = "has no derivative" if is_floating(y.dtype) else "gives integers"
        return f"cut at {line}: {node!r} {why}"
    return next((cut for x in tensors if (cut := cut_of(x, line))), None)


def cut_of(tensor: Tensor, line: str = "") -> str | None:
    """Where the history of `tensor`, which requires no gradient, was cut, if debug mode saw it."""
    noted: str | None = cuts.get(tensor)
    if noted is not None or tensor.requires_grad:
        return noted
    described = recorded_arrays.get(tensor.array)
    if described is None:
        return None
    before = f" before {line}" if line else ""
    return f"cut by detach() or .data{before}: it holds the array of {described}"


def arrays_kept(node: Any) -> list[tuple[str, Any]]:
    """(name, array) of what `node` keeps, with the members of a list one by one."""
    found: list[tuple[str, Any]] = []
    for name, value in node.kept():
        if isinstance(value, tuple | list):
            found.extend((f"{name}[{i}]", array) for i, array in enumerate(value))
        else:
            found.append((name, value))
    return [(name, array) for name, array in found if hasattr(array, "nbytes")]


def fingerprint(array: Any) -> int:
    """A checksum of the numbers in `array`."""
    return zlib.crc32(array.tobytes())


if os.environ.get("TADORI_DEBUG", "0") not in ("", "0"):
    set_debug(True)
