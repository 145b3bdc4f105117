"""`tadori trace`: a program, untouched, and what happened behind its lines."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..as_torch.program import add_program, given_program, run_program
from .loop import StopTrace
from .record import Recorder

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """The command `tadori trace`."""
    parser = argparse.ArgumentParser(
        prog="tadori trace",
        description="Run a program, untouched (Tadori answers its `import torch`), and write what "
        "happened behind its lines.",
    )
    parser.add_argument("--text", action="store_true", help="print the walk as text")
    parser.add_argument("--steps", type=int, help="stop after so many steps of the optimizer")
    parser.add_argument("--max-mb", type=float, default=20, help="room for the recording (20)")
    parser.add_argument("-o", dest="output", help="the file to write: .html or .json")
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    add_program(parser)
    options = parser.parse_args(arguments)
    program, rest, module = given_program(parser, arguments)
    recorder = Recorder(max_mb=options.max_mb, steps=options.steps)
    recorder.program = {"script": program, "arguments": rest}
    code = record(recorder, program, rest, module)
    output = options.output or f"{Path(program).stem}.trace.html"
    if options.text:
        print(recorder.text(), end="")
    if options.output or options.open or not options.text:
        recorder.save(output)
        print(f"tadori trace: {len(recorder.events):,} events in {output}", file=sys.stderr)
    if options.open:
        webbrowser.open(Path(output).resolve().as_uri())
    return code


def record(recorder: Recorder, program: str, arguments: list[str], module: bool) -> int:
    """Run the program under the recorder; its exit code, 0 if the recorder stopped it."""
    hook, stopped = sys.excepthook, []

    def tell(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        if isinstance(error, StopTrace):
            stopped.append(error)
        else:
            recorder.failed(error)
            hook(kind, error, traceback)

    recorder.start(sys._getframe())
    hooked: Callable[..., None] = tell
    sys.excepthook = hooked
    try:
        code = run_program(program, arguments, module)
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
        if isinstance(leave.code, str):
            print(leave.code, file=sys.stderr)
    finally:
        sys.excepthook = hook
        recorder.stop()
    return 0 if stopped else code
