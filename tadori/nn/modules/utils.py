"""One number for each spatial dimension, as layers of one's own ask for it."""

from collections.abc import Iterable
from typing import Any


def _repeated(x: Any, n: int) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, Iterable) else (x,) * n


def _single(x: Any) -> tuple[Any, ...]:
    return _repeated(x, 1)


def _pair(x: Any) -> tuple[Any, ...]:
    return _repeated(x, 2)


def _triple(x: Any) -> tuple[Any, ...]:
    return _repeated(x, 3)


def _quadruple(x: Any) -> tuple[Any, ...]:
    return _repeated(x, 4)
