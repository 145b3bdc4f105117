"""One number for each spatial dimension, as layers of one's own ask for it."""

from collections.abc import Callable, Iterable
from typing import Any

Numbers = tuple[Any, ...]


def repeated(n: int) -> Callable[[Any], Numbers]:
    """The function that makes a tuple of n numbers of one, and leaves several as they are."""

    def numbers(x: Any) -> Numbers:
        if isinstance(x, Iterable):
            return tuple(x)
        return (x,) * n

    return numbers


_single = repeated(1)
_pair = repeated(2)
_triple = repeated(3)
_quadruple = repeated(4)
