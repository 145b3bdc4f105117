"""The trace lives here: what happened behind every line of a program, recorded, told and shown.

`record.py` listens to the core's moments and writes them down as plain data, with the help of
`frames.py` (whose line it is), `lives.py` (what was born, what died) and `values.py` (what was in
an array). `docs/trace_schema.md` describes that data field by field. `html.py` makes a page of it
from the modules in `page/`; `cards.py` and `mathml.py` give it the operations' formulas.
"""

from __future__ import annotations

from typing import Any

__all__ = ["trace"]


def trace(input: Any = None, **options: Any) -> Any:
    """Record the block: `with tadori.trace() as t: ...`. Given a matrix, the sum of its diagonal.

    In the block every operation, every backward visit, birth and death of an array, every update
    is written down: `t.events` is plain data, `t.save("walk.html")` writes the page, `t.text()` is
    the same walk in text. Options: `max_mb=20`, how large the recording may grow; `steps=None`,
    after how many training steps the block ends. Called with a matrix it is PyTorch's `trace`.
    """
    if input is not None:
        return input.trace()
    from .record import Recorder

    return Recorder(**options)
