"""`tadori run`: a PyTorch program, untouched, on Tadori.

The program finds what it would find under `python`: its arguments, its folder first on the path,
itself as `__main__`; its exit code and its traceback are its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType

from . import answer_torch

__all__ = ["main", "run_program", "add_program", "given_program"]


def main(arguments: Sequence[str]) -> int:
    """The command `tadori run`."""
    parser = argparse.ArgumentParser(
        prog="tadori run",
        description="Run a PyTorch program, untouched: Tadori answers its `import torch`.",
    )
    add_program(parser)
    return run_program(*given_program(parser, arguments))


def add_program(parser: argparse.ArgumentParser) -> None:
    """Let a command end in a program and its arguments, as Python's own command line does."""
    parser.add_argument("-m", dest="module", action="store_true", help="a module, not a file")
    parser.add_argument(
        "program",
        nargs=argparse.REMAINDER,
        metavar="program [argument ...]",
        help="script.py, or package.module after -m; then what the program itself is given",
    )


def given_program(
    parser: argparse.ArgumentParser, arguments: Sequence[str]
) -> tuple[str, list[str], bool]:
    """The program, its arguments, and whether it is a module: what `run_program` takes."""
    options = parser.parse_args(arguments)
    if not options.program:
        parser.error("which program? Name a script, or -m and a module")
    program, *rest = options.program
    return program, rest, options.module


def run_program(
    program: str, arguments: Sequence[str] = (), module: bool = False, as_torch: bool = True
) -> int:
    """Run a script, or a module by its name, as `python` would; return the exit code.

    What the program raises is printed as Python prints it, with the program's own frames, and
    gives 1. `SystemExit` goes on to the caller. `as_torch`: let Tadori answer `import torch`.
    """
    load = read_module if module else read_script
    sys.argv[:] = [program, *arguments]
    if not sys.flags.safe_path:
        sys.path[0] = os.getcwd() if module else str(Path(program).resolve().parent)
    if as_torch:
        sys.path.insert(1, str(Path(__file__).parent))
    with answer_torch() if as_torch else nullcontext():
        try:
            main, code = load(program)
        except SyntaxError as error:
            sys.excepthook(type(error), error.with_traceback(None), None)
            return 1
        except (OSError, ImportError) as error:
            print(f"tadori: can't open {program!r}: {error}", file=sys.stderr)
            return 2
        if module:
            sys.argv[0] = str(main.__file__)
        sys.modules["__main__"] = main
        return execute(code, main)


def read_script(name: str) -> tuple[ModuleType, CodeType]:
    """The module `__main__` for a script, and its code."""
    path = os.path.join(os.getcwd(), name)  # as Python does, "./" and all
    loader = SourceFileLoader("__main__", path)
    code = loader.source_to_code(loader.get_data(path), path)
    return main_module(path, None, None, loader), code


def read_module(name: str) -> tuple[ModuleType, CodeType]:
    """The module `__main__` for a module of this name, or for a package that has one."""
    spec = find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        name += ".__main__"
        spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no module {name}")
    code = spec.loader.get_code(name)  # type: ignore[attr-defined]
    if code is None:
        raise ImportError(f"{name} has no Python code")
    return main_module(str(spec.origin), spec, spec.parent, spec.loader), code


def main_module(
    file: str, spec: ModuleSpec | None, package: str | None, loader: object
) -> ModuleType:
    """An empty `__main__` that knows where it came from, as Python makes it."""
    module = ModuleType("__main__")
    known = {
        "__file__": file,
        "__spec__": spec,
        "__package__": package,
        "__loader__": loader,
        "__cached__": None if spec is None else spec.cached,
        "__builtins__": sys.modules["builtins"],
    }
    vars(module).update(known)
    return module


def execute(code: CodeType, main: ModuleType) -> int:
    """Run the code of `__main__`; tell what it raises as Python does. Returns the exit code."""
    try:
        exec(code, vars(main))
    except SystemExit:
        raise
    except BaseException as error:
        own = error.__traceback__
        own = own.tb_next if own is not None else None  # without the frame of this function
        error.__traceback__ = own
        sys.excepthook(type(error), error, own)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0
