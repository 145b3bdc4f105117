"""Where one step of the training loop ends and the next begins: from the loops of the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, NamedTuple

from .story import Event, Story


class Section(NamedTuple):
    """Moments that belong together: those of step `step`, or those `after` it and before the next.

    `step` is None in a program without an optimizer.
    """

    step: int | None
    after: bool
    moments: list[int]


def sections(story: Story) -> Iterator[Section]:
    """The whole recording as steps, with what lies between them."""
    loops = [loops_of(file["text"]) for file in story.data["files"]]
    stepped = any(e["kind"] == "stepped" for e in story.events)
    section = Section(1 if stepped else None, False, [])
    done: Event | None = None  # the end of the step, once it was reached
    for moment, event in enumerate(story.events):
        if done is not None and story.data["stacks"][event["at"]]:
            where = relation(story.data["stacks"], loops, done["at"], event["at"])
            if where == "again" or (where == "outside" and not section.after):
                yield section
                again = where == "again"
                section = Section(done["step"] + again, not again, [])
                done = None if again else done
        section.moments.append(moment)
        if event["kind"] == "stepped":
            done = event
    yield section


def loops_of(text: str) -> list[tuple[int, int]]:
    """(first line, last line) of every loop, the inner ones last."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    loops = [n for n in ast.walk(tree) if isinstance(n, ast.For | ast.While | ast.AsyncFor)]
    return sorted((n.lineno, n.end_lineno or n.lineno) for n in loops)


def relation(stacks: list[Any], loops: list[Any], done: int, now: int) -> str:
    """How a stack lies to that of a step's end: "same" iteration, "again" (the loop has come
    round), or "outside" of the loop."""
    before, present = stacks[done], stacks[now]
    for depth in range(len(before) - 1, -1, -1):
        file, line = before[depth][:2]
        around = [loop for loop in loops[file] if loop[0] <= line <= loop[1]]
        if not around:
            continue
        first, last = around[-1]
        place = present[depth] if depth < len(present) else None
        if place is None or place[0] != file or place[5] != before[depth][5]:
            return "outside"
        if not first <= place[1] <= last:
            return "outside"
        further = place[1] > line or present[: depth + 1] == before
        return "same" if further else "again"
    return "same" if present == before else "again"
