"""Recording modes: whether operations write themselves into the graph. Each thread has its own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from .hooks import observers, tell

#: read at every operation: a ContextVar is per thread, and quicker to read than `threading.local`
recording: ContextVar[bool] = ContextVar("recording", default=True)
inference: ContextVar[bool] = ContextVar("inference", default=False)


class Mode:
    """A value of `recording` for a `with` block or, as a decorator, for a function; re-entrant."""

    def __init__(self, mode: bool, inferring: bool | None = None) -> None:
        self.mode, self.inferring = mode, inferring
        self._entered: list[Any] = []

    def __enter__(self) -> None:
        inferring = inference.get() if self.inferring is None else self.inferring
        self._entered.append((recording.set(self.mode), inference.set(inferring)))
        if observers:
            tell("mode", self, entered=True)

    def __exit__(self, *exception: object) -> None:
        outer_recording, outer_inference = self._entered.pop()
        recording.reset(outer_recording)
        inference.reset(outer_inference)
        if observers:
            tell("mode", self, entered=False)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def again() -> Mode:
            return Mode(self.mode, self.inferring)

        if inspect.isgeneratorfunction(function):
            return _resume_inside(function, again)

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with again():
                return function(*args, **kwargs)

        return inside


def _resume_inside(
    function: Callable[..., Any], mode: Callable[[], Mode]
) -> Callable[..., Iterator[Any]]:
    """A generator whose every step runs in the mode, while its consumer does not."""

    @functools.wraps(function)
    def steps(*args: Any, **kwargs: Any) -> Iterator[Any]:
        with mode():
            generator = function(*args, **kwargs)
        resume = functools.partial(generator.send, None)
        while True:
            try:
                with mode():
                    item = resume()
            except StopIteration as end:
                return end.value
            try:
                resume = functools.partial(generator.send, (yield item))
            except GeneratorExit:
                with mode():
                    generator.close()
                raise
            except BaseException as error:
                resume = functools.partial(generator.throw, error)

    return steps


def no_grad(function: Callable[..., Any] | None = None) -> Any:
    """Compute without recording: `with no_grad(): ...`, `@no_grad()` or `@no_grad`.

    Results have no creator, and nothing is kept for backward.
    """
    return Mode(False) if function is None else Mode(False)(function)


def enable_grad(function: Callable[..., Any] | None = None) -> Any:
    """Record again, inside a `no_grad` block: `with enable_grad(): ...`, or as a decorator."""
    return Mode(True) if function is None else Mode(True)(function)


def inference_mode(mode: bool | Callable[..., Any] = True) -> Any:
    """`no_grad` that also says so: `is_inference_mode_enabled()` is True inside."""
    if callable(mode):
        return Mode(False, True)(mode)
    return Mode(False, True) if mode else Mode(True, False)


class set_grad_enabled(Mode):
    """Switch recording on or off: from this line on, for a `with` block, or as a decorator.

    As in PyTorch, the plain call `set_grad_enabled(False)` takes effect at once and stays.
    """

    def __init__(self, mode: bool) -> None:
        super().__init__(bool(mode))
        super().__enter__()

    def __enter__(self) -> None:
        """Nothing to do: the mode was entered when this object was made."""

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        self.__exit__()
        return super().__call__(function)


def is_grad_enabled() -> bool:
    """Whether operations in this thread record themselves now."""
    return recording.get()


def is_inference_mode_enabled() -> bool:
    """Whether this thread is inside `inference_mode()`."""
    return inference.get()
