"""What was born and what died: numbers for things, given in order, and word of their end.

Numbers are counters, never `id()`, so that the same program gives the same recording. Nothing is
kept alive: things are looked at weakly, and their end is told by their finaliser.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref


class Watch(ref[Any]):
    """A weak reference that knows the number of what it looks at."""

    __slots__ = ("key", "number")

    key: int
    number: int


class Lives:
    """The things of one kind. `died(number)` is called when one of them is freed."""

    def __init__(self, died: Callable[[int], None]) -> None:
        self.count = 0
        self.living: set[int] = set()
        self._died = died
        self._watches: dict[int, Watch] = {}

    def known(self, thing: Any) -> int | None:
        """The number of `thing`, or None for one not seen yet."""
        return self.by_id(id(thing))

    def by_id(self, key: int) -> int | None:
        """The number of the living thing whose `id()` is `key`."""
        watch = self._watches.get(key)
        return None if watch is None else watch.number

    def add(self, thing: Any) -> int:
        """A number for `thing`, which was not seen yet."""
        self.count += 1
        try:
            watch = Watch(thing, self._end)
        except TypeError:  # not everything can be watched: it gets a number every time
            return self.count
        watch.key, watch.number = id(thing), self.count
        self._watches[watch.key] = watch
        self.living.add(watch.number)
        return self.count

    def _end(self, watch: Watch) -> None:
        if self._watches.get(watch.key) is watch:
            del self._watches[watch.key]
            self.living.discard(watch.number)
            self._died(watch.number)

    def forget(self) -> None:
        """Stop watching."""
        self._watches.clear()
