"""The command `tadori`: a table of commands, each in a module that is imported when asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

__all__ = ["main"]

#: command -> the module whose `main(arguments)` does it and returns the exit code; what it does
COMMANDS = {
    "run": ("tadori.as_torch.program", "run a PyTorch program, untouched, on Tadori"),
    "trace": ("tadori.tracing.command", "run one, and write what happened behind its lines"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    command, *rest = arguments if arguments is not None else sys.argv[1:] or ["--help"]
    if command in ("-h", "--help"):
        print(usage())
        return 0
    if command == "--version":
        print(f"tadori {import_module('tadori').__version__}")
        return 0
    if command not in COMMANDS:
        close = get_close_matches(command, COMMANDS, 1)
        hint = f" Did you mean {close[0]}?" if close else ""
        print(f"tadori: there is no command {command!r}.{hint}\n\n{usage()}", file=sys.stderr)
        return 2
    return int(import_module(COMMANDS[command][0]).main(rest))


def usage() -> str:
    """What `tadori --help` prints."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {what}" for name, (_, what) in COMMANDS.items()]
    return "\n".join(
        [
            "usage: tadori COMMAND ...      (tadori COMMAND --help tells about one)",
            "",
            *lines,
        ]
    )
