"""Where the time goes: by operation, and by line of the user's program.

with tadori.profile() as p:
    loss = model(x).sum()
    loss.backward()
print(p)
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from os import PathLike
from time import perf_counter
from typing import Any

from .autograd.hooks import Observer, observers, user_line
from .autograd.version import block_of

__all__ = ["Event", "Row", "profile"]


@dataclass
class Event:
    """One operation computed, or passed by backward; seconds, counted from the profile's start."""

    phase: str  #: "forward" or "backward"
    operation: str
    line: str  #: the user's line that called it; '' for a node made before profiling
    start: float
    seconds: float
    self_seconds: float  #: without the operations that ran inside it
    bytes: int  #: of the memory it made: outputs, or gradients of its inputs; views count 0
    shapes: tuple[tuple[int, ...], ...]  #: of its inputs, in forward
    thread: int


@dataclass
class Row:
    """The events of one operation, or of one line, added up. Times in seconds."""

    name: str
    calls: int = 0
    forward: float = 0.0
    backward: float = 0.0
    bytes: int = 0

    @property
    def total(self) -> float:
        """Forward and backward time."""
        return self.forward + self.backward

    def add(self, event: Event) -> None:
        """Count `event` in."""
        self.bytes += event.bytes
        if event.phase == "forward":
            self.calls += 1
            self.forward += event.self_seconds
        else:
            self.backward += event.self_seconds


class profile(Observer):
    """Watch every operation in the block, in all threads; print it, or read `events`.

    Times are wall-clock and an operation's own: what ran inside it (in a Function of the user's) is
    counted there. On a GPU they are the times of the launches. Printing gives two tables, by
    operation and by line; `rows` and `table` give one, sorted as you like.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._local = threading.local()
        self._began = perf_counter()

    def __enter__(self) -> profile:
        observers.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        observers.remove(self)

    # What the core tells us. A stack per thread, because operations can run inside others.

    def before_forward(
        self, operation: type, inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        """Start the clock of a call."""
        self._start(operation)

    def after_forward(self, node: Any, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        """Stop it."""
        now = perf_counter()
        if not hasattr(node, "line"):
            node.line = user_line()
        shapes = tuple(tuple(x.shape) for x in inputs if hasattr(x, "shape"))
        made = bytes_made(outputs, set(map(block_id, inputs)))
        self._stop(type(node), now, "forward", node, shapes, made)

    def before_backward(self, node: Any, gradient: Any) -> None:
        """Start the clock of a node."""
        self._start(node)
        incoming = gradient if isinstance(gradient, list) else [gradient]
        self._stack[-1].blocks.update(map(block_id, incoming))

    def sent(self, node: Any, number: int, gradient: Any) -> None:
        """Count the memory of a gradient."""
        clock = self._stack[-1]
        clock.bytes += bytes_made((gradient,), clock.blocks)

    def after_backward(self, node: Any) -> None:
        """Stop it."""
        now = perf_counter()
        self._stop(node, now, "backward", node, (), 0)

    @property
    def _stack(self) -> list[_Clock]:
        if not hasattr(self._local, "stack"):
            self._local.stack = []
        return self._local.stack

    def _start(self, what: Any) -> None:
        self._stack.append(_Clock(what, perf_counter()))

    def _stop(self, what: Any, now: float, phase: str, node: Any, shapes: Any, made: int) -> None:
        stack = self._stack
        clock = stack.pop()
        while clock.what is not what:  # those in between ended in an exception
            clock = stack.pop()
        seconds = now - clock.start
        if stack:
            stack[-1].inside += seconds
        self.events.append(
            Event(
                phase,
                node.name(),
                getattr(node, "line", ""),
                clock.start - self._began,
                seconds,
                seconds - clock.inside,
                made + clock.bytes,
                shapes,
                threading.get_ident(),
            )
        )

    # What users read.

    def rows(self, by: str = "operation", sort_by: str = "total") -> list[Row]:
        """The events added up `by` "operation" or "line", the largest first.

        sort_by: "total", "forward", "backward", "calls", "bytes" or "name".
        """
        found: dict[str, Row] = {}
        for event in self.events:
            name = getattr(event, by)
            found.setdefault(name, Row(name)).add(event)
        return sorted(found.values(), key=lambda r: getattr(r, sort_by), reverse=sort_by != "name")

    def table(self, by: str = "operation", sort_by: str = "total", limit: int = 30) -> str:
        """`rows` as text, the first `limit` of them; times in milliseconds."""
        rows = self.rows(by, sort_by)
        names = [_short(row.name) if by == "line" else row.name for row in rows[:limit]]
        width = max([len(by), *map(len, names)])
        lines = [
            f"{by:<{width}} {'calls':>8} {'forward ms':>11} {'backward ms':>12} {'total ms':>10}"
            f" {'bytes made':>14}"
        ]
        for name, row in zip(names, rows, strict=False):
            lines.append(
                f"{name:<{width}} {row.calls:>8} {row.forward * 1e3:>11.3f} "
                f"{row.backward * 1e3:>12.3f} {row.total * 1e3:>10.3f} {row.bytes:>14,}"
            )
        if len(rows) > limit:
            lines.append(f"... and {len(rows) - limit} more")
        return "\n".join(lines)

    def __str__(self) -> str:
        return f"{self.table('operation')}\n\n{self.table('line')}"

    def export_chrome_trace(self, path: str | PathLike[str]) -> None:
        """Write the events as JSON that chrome://tracing and Perfetto show on a time line."""
        trace = [
            {
                "ph": "X",
                "pid": 0,
                "tid": event.thread,
                "name": event.operation,
                "cat": event.phase,
                "ts": event.start * 1e6,
                "dur": event.seconds * 1e6,
                "args": asdict(event),
            }
            for event in self.events
        ]
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"traceEvents": trace}, file)


@dataclass
class _Clock:
    what: Any  # the operation, or the node, that is running
    start: float
    inside: float = 0.0
    bytes: int = 0
    blocks: set[int] = field(default_factory=set)  # memory that was there before


def bytes_made(results: Iterable[Any], before: set[int]) -> int:
    """The bytes of memory that `results` look into and that was not there `before`."""
    blocks = [block_of(getattr(y, "array", y)) for y in results if hasattr(y, "shape")]
    return sum(block.nbytes for block in blocks if id(block) not in before)


def block_id(x: Any) -> int:
    """What tells the memory of a tensor or an array apart; 0 for a number."""
    return id(block_of(getattr(x, "array", x))) if hasattr(x, "shape") else 0


def _short(line: str) -> str:
    """The last two parts of a path are enough to know the file."""
    return "/".join(line.replace("\\", "/").split("/")[-2:]) or "(before profiling)"
