"""What was recorded, and the forms in which it leaves: plain data, JSON, the page, text."""

from __future__ import annotations

import json
import sys
from collections import Counter
from os import PathLike
from pathlib import Path
from typing import Any

from .frames import Frames
from .story import Story
from .values import Values, plain

SCHEMA, VERSION = "tadori-trace", 1

Event = dict[str, Any]


class Recording:
    """Events, with the tables they point into."""

    def __init__(self, values: Values) -> None:
        self.events: list[Event] = []
        self.values = values
        self.frames = Frames(None)
        self.program: dict[str, Any] | None = None  # for the command line: what was run
        self.names: dict[str, Any] = {"tensors": {}, "paths": {}}
        self.counted: Counter[tuple[str, int]] = Counter()
        self.visits_counted = 0

    @property
    def data(self) -> dict[str, Any]:
        """The whole recording: the head, the tables and the events, ready to be JSON."""
        from .. import __version__

        return plain(
            {
                "schema": SCHEMA,
                "version": VERSION,
                "tadori": __version__,
                "python": sys.version.split()[0],
                "program": self.program,
                "files": self.frames.sources(),
                "stacks": self.frames.stacks,
                "modules": self.names["paths"],
                "left_out": self.left_out(),
                "events": self.events,
            }
        )

    @property
    def html(self) -> str:
        """The recording as one page that works offline, from disk."""
        from .html import page

        name = self.program["script"] if self.program else "tadori.trace()"
        return page(self.data, Path(name).name)

    def _repr_html_(self) -> str:
        from .html import frame

        return frame(self.html)

    def left_out(self) -> dict[str, Any]:
        """What there was no room for."""
        counted = [[op, at, n] for (op, at), n in self.counted.most_common(1000)]
        total = sum(self.counted.values())
        return {
            "values": self.values.left_out,
            "functions": total,
            "counted": counted,
            "visits": self.visits_counted,
        }

    @property
    def story(self) -> Story:
        """The recording as tables, of which `explain` and `trouble` answer questions."""
        return Story(self.data)

    def text(self) -> str:
        """The walk as text: lines, operations, the order of backward, bytes."""
        from .text import text

        return text(self.story)

    def save(self, path: str | PathLike[str]) -> None:
        """Write a file: the page where it ends in .html, else the recording as JSON."""
        if str(path).endswith((".html", ".htm")):
            Path(path).write_text(self.html, encoding="utf-8")
            return
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.data, file, separators=(",", ":"), allow_nan=False)
