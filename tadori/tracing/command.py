"""`tadori trace`: a program, untouched, and what happened behind its lines."""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..as_torch.program import run_program
from . import html, text
from .loop import StopTrace
from .record import Recorder

__all__ = ["main"]

#: what writes a recording is imported now: the program's folder may have an html.py of its own
WRITERS = (html.page, text)

#: the exit code of `run_program` for a program that is not there
CANNOT_OPEN = 2


def main(arguments: Sequence[str]) -> int:
    """The command `tadori trace`."""
    options, rest = given(arguments)
    recorder = Recorder(max_mb=options.max_mb, steps=options.steps)
    recorder.program = {"script": options.program, "arguments": rest}
    output = options.output or f"{Path(options.program).stem}.trace.html"
    Path(output).parent.mkdir(parents=True, exist_ok=True)  # rather than fail after the program
    process = os.getpid()
    code = record(recorder, options.program, rest, options.module)
    if os.getpid() != process or (code == CANNOT_OPEN and not recorder.events):
        return code  # a forked child leaves the recording to its parent
    if options.text:
        print(recorder.text(), end="")
    if options.output or options.open or not options.text:
        recorder.save(output)
        print(f"tadori trace: {len(recorder.events):,} events in {output}", file=sys.stderr)
    if options.open:
        webbrowser.open(Path(output).resolve().as_uri())
    return code


def given(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and the program's own arguments: what stands after `--`, and before it all that
    is no option of ours."""
    parser = argparse.ArgumentParser(
        prog="tadori trace",
        usage="tadori trace [options] script.py [options] [-- argument ...]",
        description="Run a program, untouched (Tadori answers its `import torch`), and write what "
        "happened behind its lines.",
        epilog="What stands after -- is given to the program; before it, so is what is no option "
        "of this command.",
        allow_abbrev=False,
    )
    parser.add_argument("program", help="script.py, or package.module after -m")
    parser.add_argument("-m", dest="module", action="store_true", help="a module, not a file")
    parser.add_argument("--steps", type=int, help="stop after so many steps of the optimizer")
    parser.add_argument("--text", action="store_true", help="print the walk as text")
    parser.add_argument("--max-mb", type=float, default=20, help="room for the recording (20)")
    parser.add_argument("-o", dest="output", help="the file to write: .html or .json")
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    ours = list(arguments)
    rest: list[str] = []
    if "--" in ours:
        cut = ours.index("--")
        ours, rest = ours[:cut], ours[cut + 1 :]
    options, others = parser.parse_known_args(ours)
    return options, [*others, *rest]


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
