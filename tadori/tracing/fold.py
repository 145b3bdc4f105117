"""Repeats are told once: which blocks of a list of lines come again and again, and how often."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

LONGEST = 400  # lines of a block
FEWEST = 3  # times it must come to be folded

#: what differs from one time to the next: numbers of nodes and walks, and measured figures
_VARYING = re.compile(
    r"#\d+|-?\d+\.\d+(e[-+]?\d+)?|\b(walk|version|step|batch) \d+|\[[\d, ]*\]|(?<= = )-?\d[\de+-]*"
)


class Block(NamedTuple):
    """Lines `start` to `start + length`, which come `times` times in a row."""

    start: int
    length: int
    times: int


def signature(line: str) -> str:
    """A line without what varies from one time to the next."""
    return _VARYING.sub("#", line)


def blocks(lines: Sequence[str]) -> Iterator[Block]:
    """The lines as blocks in order, repeats found; a block that does not repeat is one line."""
    known: dict[str, int] = {}
    ids = [known.setdefault(signature(line), len(known)) for line in lines]
    after = next_alike(ids)
    start = 0
    while start < len(ids):
        length, times = repeat(ids, start, after)
        yield Block(start, length, times)
        start += length * times


def next_alike(ids: list[int]) -> list[int]:
    """For each place the next one with the same number, or the end."""
    found = [len(ids)] * len(ids)
    last: dict[int, int] = {}
    for place in range(len(ids) - 1, -1, -1):
        found[place] = last.get(ids[place], len(ids))
        last[ids[place]] = place
    return found


def repeat(ids: list[int], start: int, after: list[int]) -> tuple[int, int]:
    """The shortest block that comes at least `FEWEST` times from `start` on: length, times."""
    other = after[start]
    while other < len(ids) and other - start <= LONGEST:
        length = other - start
        block = ids[start:other]
        times = 1
        while ids[start + times * length : start + (times + 1) * length] == block:
            times += 1
        if times >= FEWEST:
            return length, times
        other = after[other]
    return 1, 1


def folded(lines: Sequence[str]) -> list[str]:
    """The lines, each repeated block once, with a line that says how often it comes."""
    found: list[str] = []
    for start, length, times in blocks(lines):
        found += lines[start : start + length]
        if times > 1:
            indent = " " * (len(lines[start]) - len(lines[start].lstrip()))
            what = "the line above" if length == 1 else f"the {length} lines above"
            found.append(f"{indent}... {what} {times - 1} more times (× {times})")
    return found
