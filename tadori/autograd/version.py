"""Which memory was written in place, and when.

A node keeps arrays for its backward formulas; writing into one of them in between would make the
gradient silently wrong. Instead of a counter on every tensor, each write stamps the memory block
with the moment, taken from the same counter that orders the nodes: an array kept by a node is stale
if its block was written after the node was made. A program that writes nothing pays one integer
comparison.
"""

from __future__ import annotations

from typing import Any
from weakref import ref

from ..tensor import latest, order
from .hooks import observers, user_line


class Write:
    """The last write into one memory block."""

    __slots__ = ("block", "by", "line", "moment", "times")

    moment: int
    times: int
    by: str
    line: str
    block: Any  # a weak reference: the entry goes when the memory goes


_writes: dict[int, Write] = {}


def block_of(array: Any) -> Any:
    """The array that owns the memory `array` looks at."""
    while hasattr(array.base, "base"):  # the end is None, or a buffer of another library's
        array = array.base
    return array


def written(array: Any, by: str, moment: int | None = None, line: str | None = None) -> None:
    """Note that the memory of `array` was changed in place by `by`.

    Who writes many arrays at once looks up `line`, the user's, only once: it is half of the cost.
    """
    block = array if array.base is None else block_of(array)
    key = id(block)
    write = _writes.get(key)
    if write is None:
        write = _writes[key] = Write()
        write.block, write.times = ref(block, lambda _: _writes.pop(key, None)), 0
    write.moment = moment = next(order) if moment is None else moment
    if moment > latest[0]:
        latest[0] = moment
    write.times += 1
    write.by, write.line = by, user_line() if line is None else line
    for observer in observers:
        observer.written(array, by)


def last_write(array: Any) -> Write | None:
    """The last in-place write into the memory of `array`, or None."""
    return _writes.get(id(block_of(array))) if hasattr(array, "base") else None
