"""The house rules: small files, readable lines, imports that point down only; read from the source.

Raising a budget is a decision: write down why, in docs/architecture.md and in CHANGELOG.md.
"""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

import pytest

from size import ROOT, Size, measure, python_files

PACKAGE = ROOT / "tadori"

FILE_LINES = 400
TOKENS_PER_LINE = 11
COLUMNS = 100
HEART = ("tensor", *(f"autograd/{n}" for n in ("function", "formula", "engine", "mode", "hooks")))
HEART_LINES = 1150  # together: readable in one sitting
RECORD_LINES = 60  # Function.apply
WALK_LINES = 75  # the walk back

CORE = (
    "autograd",
    "tensor",
    "dtype",
    "device",
    "layout",
    "dispatch",
    "language",
    "methods",
    "printing",
)
FRONTS = (
    "tadori",
    "tadori.testing",
    "tadori.backends",
    "tadori.nn",
    "tadori.nn.functional",
    "tadori.optim",
    "tadori.utils.data",
    "tadori.linalg",
    "tadori.fft",
    "tadori.special",
    "tadori.signal.windows",
)


# ------------------------------------------------------------------------------ reading the package


@cache
def text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(text(file), str(file))


@cache
def size(file: Path) -> Size:
    return measure(text(file))


@cache
def code_lines(file: Path) -> int:
    return len(size(file).lines)


def package_files() -> list[Path]:
    assert (PACKAGE / "__init__.py").exists(), "there is no tadori/__init__.py"
    return python_files(PACKAGE)


def all_files() -> list[Path]:
    """Every Python file of the project. Other folders may be missing, the package may not."""
    rooms = [ROOT / room for room in ("benchmarks", "course", "examples", "tests", "tools")]
    return package_files() + python_files(*(room for room in rooms if room.exists()))


def room_files(*rooms: str) -> list[Path]:
    """The files of rooms of the package; each room must be there: a folder, or a single file."""
    files = []
    for room in rooms:
        folder, file = PACKAGE / room, PACKAGE / f"{room}.py"
        found = python_files(folder) if folder.is_dir() else [file] * file.exists()
        assert found, f"there is no tadori/{room}"
        files += found
    return files


def shown(file: Path, line: int | None = None) -> str:
    return f"{file.relative_to(ROOT).as_posix()}" + ("" if line is None else f":{line}")


def listed(things: Iterable[object]) -> str:
    """One a line: a failing test shows them all."""
    return "\n".join(["", *map(str, things)])


def find_function(file: Path, *names: str) -> list[ast.FunctionDef]:
    assert file.exists(), f"there is no {shown(file)}"
    functions = (node for node in ast.walk(tree(file)) if isinstance(node, ast.FunctionDef))
    return [function for function in functions if function.name in names]


def lines_of(file: Path, function: ast.FunctionDef) -> int:
    return len(size(file).lines & set(range(function.lineno, (function.end_lineno or 0) + 1)))


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(name: str) -> bool:
    place = ROOT / name.replace(".", "/")
    return place.is_dir() or place.with_suffix(".py").exists()


def imports(module: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    """(line, absolute module name) of each import: at the top, in a function, by import_module."""
    for node in ast.walk(module):
        match node:
            case ast.Import():
                yield from ((node.lineno, name.name) for name in node.names)
            case ast.ImportFrom():
                source = resolve_name("." * node.level + (node.module or ""), package)
                for name in node.names:
                    inner = f"{source}.{name.name}"
                    yield node.lineno, inner if is_module(inner) else source
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module"),
                args=[ast.Constant(value=str(given)), *_],
            ):
                yield node.lineno, resolve_name(given, package)


def imports_of(file: Path) -> list[tuple[int, str]]:
    name = module_name(file)
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    return list(imports(tree(file), package))


def inside(name: str, *rooms: str) -> bool:
    """Whether the module `name` lies in one of these rooms of the package."""
    return any(f"{name}.".startswith(f"tadori.{room}.") for room in rooms)


def forbidden_imports(files: list[Path], *allowed: str) -> list[str]:
    """Imports of modules of tadori that lie outside the allowed rooms."""
    return [
        f"{shown(file, line)} imports {name}"
        for file in files
        for line, name in imports_of(file)
        if name.split(".")[0] == "tadori" and not inside(name, *allowed)
    ]


# ------------------------------------------------------------------------------------------ budgets


def test_no_file_is_too_long() -> None:
    sizes = {shown(file): code_lines(file) for file in package_files()}
    long = [f"{file}: {lines} code lines" for file, lines in sizes.items() if lines > FILE_LINES]
    assert not long, listed(long)


def test_no_file_is_too_dense() -> None:
    dense = [
        f"{shown(file)}: {size(file).density:.2f} tokens per code line"
        for file in package_files()
        if size(file).density > TOKENS_PER_LINE
    ]
    assert not dense, listed(dense)


def test_no_line_is_too_wide() -> None:
    wide = [
        f"{shown(file, number)}: {len(line)} columns"
        for file in all_files()
        for number, line in enumerate(text(file).splitlines(), start=1)
        if len(line) > COLUMNS
    ]
    assert not wide, listed(wide)


def test_the_heart_is_read_in_one_sitting() -> None:
    files = [PACKAGE / f"{name}.py" for name in HEART]
    sizes = {shown(file): code_lines(file) for file in files}
    total = sum(sizes.values())
    assert total <= HEART_LINES, listed(sizes.items())


def test_recording_a_call_stays_short() -> None:
    file = PACKAGE / "autograd" / "function.py"
    lengths = {f.name: lines_of(file, f) for f in find_function(file, "apply", "call")}
    assert lengths, "no Function.apply and no Function.call found"
    assert max(lengths.values()) <= RECORD_LINES, "a new branch belongs into an observer"


def test_the_walk_back_stays_short() -> None:
    file = PACKAGE / "autograd" / "engine.py"
    lengths = [lines_of(file, function) for function in find_function(file, "walk")]
    assert lengths, "no function `walk` found in the engine"
    assert max(lengths) <= WALK_LINES


# ----------------------------------------------------------------------------- the order of imports


def test_the_core_imports_core_and_kernels() -> None:
    wrong = forbidden_imports(room_files(*CORE), *CORE, "kernels")
    assert not wrong, listed(wrong)


def test_the_core_needs_only_numpy() -> None:
    """One exception: device.py imports CuPy inside a function, for who asks for a GPU."""
    wrong = [
        f"{shown(file, line)} imports {name}"
        for file in room_files(*CORE)
        for line, name in imports_of(file)
        if (top := name.split(".")[0]) not in sys.stdlib_module_names | {"numpy", "tadori"}
        and (file.name, top) != ("device.py", "cupy")
    ]
    assert not wrong, listed(wrong)


def test_kernels_know_nothing_of_tensors() -> None:
    wrong = forbidden_imports(room_files("kernels"), "kernels")
    assert not wrong, listed(wrong)


def test_operations_import_core_and_kernels() -> None:
    wrong = forbidden_imports(room_files("ops"), *CORE, "kernels", "ops")
    assert not wrong, listed(wrong)


def test_layers_know_nothing_of_compile_and_trace() -> None:
    wrong = [
        f"{shown(file, line)} imports {name}"
        for file in room_files("nn")
        for line, name in imports_of(file)
        if inside(name, "compile", "tracing")
    ]
    assert not wrong, listed(wrong)


def test_import_tadori_loads_only_numpy_and_the_standard_library() -> None:
    """And none of the front rooms that are imported when first used."""
    program = """
import sys, numpy, numpy.fft, numpy.linalg, numpy.random
before = set(sys.modules)
import tadori
tadori.__all__  # a folder without __init__.py can be imported too, and is empty
tops = {name.split(".")[0] for name in set(sys.modules) - before}
print(*sorted(tops - set(sys.stdlib_module_names) - {"numpy", "tadori"}))
print(*sorted(name for name in tadori._LATER.values() if f"tadori{name}" in sys.modules))
"""
    command = [sys.executable, "-W", "error", "-c", program]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    foreign, fronts = run.stdout.splitlines()
    assert foreign == ""
    assert set(fronts.split()) <= {".autograd", ".signal"}  # the core; windows, which are small


def test_mathematics_does_not_bring_the_layers_along() -> None:
    program = (
        "import sys, tadori.fft, tadori.linalg, tadori.special; print('tadori.nn' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


# -------------------------------------------------------------------------------- names and manners


def test_every_folder_says_who_lives_there() -> None:
    folders = sorted({file.parent for file in package_files()})
    doors = [folder / "__init__.py" for folder in folders]
    told = [door for door in doors if door.exists() and ast.get_docstring(tree(door))]
    silent = [f"{shown(door)}: no docstring" for door in doors if door not in told]
    assert not silent, listed(silent)


def test_no_star_imports() -> None:
    stars = [
        shown(file, node.lineno)
        for file in all_files()
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names)
    ]
    assert not stars, listed(stars)


def test_no_bare_asserts_in_the_package() -> None:
    """`python -O` removes them, and their message teaches nobody: raise an error that does."""
    asserts = [
        shown(file, node.lineno)
        for file in package_files()
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Assert)
    ]
    assert not asserts, listed(asserts)


def test_no_machine_paths() -> None:
    machine_path = re.compile(r"(?<![\w./])/(home|mnt|opt|root|tmp|work|Users)/|\b[A-Z]:\\+Users")
    found = [
        shown(file, number)
        for file in all_files()
        if file != Path(__file__).resolve()
        for number, line in enumerate(text(file).splitlines(), start=1)
        if machine_path.search(line)
    ]
    assert not found, listed(found)


@pytest.mark.parametrize("name", FRONTS)
def test_public_names_are_written_out_and_exist(name: str) -> None:
    module = importlib.import_module(name)
    names = module.__all__
    assert names
    assert len(names) == len(set(names)), "a name stands twice"
    missing = [public for public in names if not hasattr(module, public)]
    assert not missing, listed(missing)


def test_all_is_a_plain_list_of_names() -> None:
    """So that every public name is found by search, and by ruff and mypy."""
    wrong = []
    for file in package_files():
        for node in tree(file).body:
            match node:
                case ast.Assign(
                    targets=[ast.Name(id="__all__")],
                    value=ast.List(elts=names) | ast.Tuple(elts=names),
                ) if all(isinstance(name, ast.Constant) for name in names):
                    pass
                case (
                    ast.Assign(targets=[ast.Name(id="__all__")])
                    | ast.AugAssign(target=ast.Name(id="__all__"))
                ):
                    wrong.append(shown(file, node.lineno))
    assert not wrong, listed(wrong)


# ---------------------------------------------------------------------------------- test the tester

SAMPLE = '''"""A docstring of
two lines."""

# a comment
def f(x):  # a comment beside code
    """f-strings count as one token."""
    return g(f"{x!r:>{x + 1}} and {x}")


class C:
    """Nothing else."""

    text = """not a docstring:
it counts its two lines"""
'''


def test_size_counts_code_only() -> None:
    found = measure(SAMPLE)
    assert sorted(found.lines) == [5, 7, 10, 13, 14]
    #                      def f ( x ) :   return g ( "" )   class C :   text = ""
    assert found.tokens == 6 + 5 + 3 + 3


def test_imports_are_found_in_every_form() -> None:
    module = ast.parse("""
import numpy as np, tadori.nn
from .function import Function
from ..tools import size
from tadori import nowhere
def late():
    from ..tools.size import measure
    importlib.import_module("..tools.size", __package__)
""")
    assert sorted(imports(module, "tadori.autograd")) == [
        (2, "numpy"),
        (2, "tadori.nn"),
        (3, "tadori.autograd.function"),
        (4, "tadori.tools"),
        (5, "tadori"),  # a name that is no module comes from the front
        (7, "tadori.tools.size"),
        (8, "tadori.tools.size"),
    ]


def test_rooms_are_told_apart() -> None:
    assert inside("tadori.kernels.reference", "kernels")
    assert inside("tadori.kernels", "kernels")
    assert not inside("tadori.kernels_of_truth", "kernels")
    assert not inside("tadori", "kernels")
