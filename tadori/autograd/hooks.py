"""The moments of the core at which observers hang: profilers, printers, anomaly detection, the
trace.

`Function.apply` and `engine.walk` tell every observer in `observers`; with none there they loop
over an empty list.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Observer:
    """Override the moments you want to see. Arrays and nodes are the real ones: look, do not
    keep."""

    def before_forward(
        self, operation: type, inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        """`operation` (a Function class) is about to compute on `inputs` (Tensors, arrays,
        numbers)."""

    def after_forward(self, node: Any, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        """`node` has computed `outputs` (Tensors). It is in the graph only if `outputs[0].creator
        is node`."""

    def before_backward(self, node: Any, gradient: Any) -> None:
        """The walk back has reached `node` with the gradient of its output (a list of them, for
        several outputs)."""

    def after_backward(self, node: Any) -> None:
        """`node` was passed: its formulas ran, and what it kept is released."""

    def sent(self, node: Any, number: int, gradient: Any) -> None:
        """`node` has computed `gradient` for its input `number`."""

    def accumulated(self, tensor: Any, gradient: Any) -> None:
        """`gradient` was added to the `.grad` of the leaf `tensor`."""

    def written(self, array: Any, by: str) -> None:
        """`array` was changed in place by the operation named `by`."""

    def told(self, what: str, who: Any, details: dict[str, Any]) -> None:
        """`who` does `what`: what happens around the operations, see `tell`."""


#: everyone who watches, in every thread
observers: list[Observer] = []


def tell(what: str, who: Any, **details: Any) -> None:
    """Tell the observers what happens around the operations. Callers look first if there are any.

    "backward", "passed": the roots of a walk, before and after it.   "mode": a Mode is entered or
    left.   "enter", "leave", "train": a Module.   "zero_grad", "step", "updating", "updated",
    "stepped": an Optimizer, the two in the middle once for each parameter.   "schedule": a
    scheduler.   "batch": a DataLoader.
    """
    for observer in observers:
        observer.told(what, who, details)


@contextmanager
def observe(observer: Observer) -> Iterator[Observer]:
    """Let `observer` watch every operation inside the block, in all threads."""
    observers.append(observer)
    try:
        yield observer
    finally:
        observers.remove(observer)


def user_frame() -> FrameType | None:
    """The innermost frame outside Tadori: the line of the user's program that is being executed."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame


def user_line() -> str:
    """`file:line` of the user's program that is being executed, or '' when there is none."""
    frame = user_frame()
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


class RemovableHandle:
    """What a `register_*` method returns: `remove()` takes the hook out again."""

    def __init__(self, hooks: dict[int, Any], hook: Any) -> None:
        self._hooks = hooks
        self.id = max(hooks, default=-1) + 1
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook out; a second call does nothing."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()
