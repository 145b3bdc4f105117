"""TADORI_TRACE_ON_ERROR=path: record all along, and write the last steps if the program fails.

The recording begins anew at the end of a step when half of its room is used, so that it holds the
step that failed and some before it, however long the program ran.
"""

from __future__ import annotations

import sys
from typing import Any

from ..autograd.hooks import observers
from ..tensor import order
from .frames import Frames
from .record import Recorder

__all__ = ["Rolling", "watch"]


class Rolling(Recorder):
    """A recorder that forgets what lies steps back."""

    def told(self, what: str, who: Any, details: dict[str, Any]) -> None:
        """As a recorder; the end of a step, or of a walk back, is a moment to begin anew."""
        super().told(what, who, details)
        if what in ("stepped", "passed") and not self.walks and self.left() < self.max_mb * 5e5:
            self.renew()

    def renew(self) -> None:
        """Forget everything, and go on."""
        Recorder.__init__(self, self.max_mb)
        self.frames = Frames(None)
        self.base = next(order)
        self.active = True


def watch(path: str, max_mb: float = 20) -> None:
    """Record from now on; where an exception ends the program, write the recording to `path`."""
    recorder = Rolling(max_mb)
    recorder.start(None)
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        if recorder in observers and isinstance(error, Exception):
            recorder.failed(error)
            recorder.stop()
            recorder.save(path)
            print(f"tadori: what led to this error is in {path}", file=sys.stderr)
        before(kind, error, traceback)

    sys.excepthook = hook
