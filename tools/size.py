"""How much there is to read: code lines, and tokens per code line, file by file.

    python tools/size.py                 the package
    python tools/size.py course tests    other folders or files

A code line holds code: blank lines, comments and docstrings are free, so nobody saves on them.
Tokens keep the lines honest: a file that is short because its lines are packed shows it here. Clear
codebases have 6 to 11.5.
"""

from __future__ import annotations

import ast
import io
import sys
import token
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FREE = {
    token.COMMENT,
    token.DEDENT,
    token.ENCODING,
    token.ENDMARKER,
    token.INDENT,
    token.NEWLINE,
    token.NL,
}


@dataclass(frozen=True)
class Size:
    """The line numbers that hold code, and the number of tokens on them."""

    lines: frozenset[int]
    tokens: int

    @property
    def density(self) -> float:
        """Tokens per code line."""
        return self.tokens / max(1, len(self.lines))


def measure(source: str) -> Size:
    """The size of a Python source text."""
    docstrings = set(docstring_positions(source))
    lines: set[int] = set()
    tokens = 0
    for kind, start, end in code_tokens(source):
        if kind == token.STRING and start in docstrings:
            continue
        lines.update(range(start[0], end[0] + 1))
        tokens += 1
    return Size(frozenset(lines), tokens)


def docstring_positions(source: str) -> Iterator[tuple[int, int]]:
    """(line, column) of each docstring: of the module, its classes and its functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if ast.get_docstring(node, clean=False) is not None and first is not None:
                yield first.lineno, first.col_offset


def code_tokens(source: str) -> Iterator[tuple[int, tuple[int, int], tuple[int, int]]]:
    """(kind, start, end) of each token that is read as code.

    An f-string counts as one, as any string does. Since Python 3.12 `tokenize` gives its parts too,
    and the count must not depend on the Python that counts.
    """
    depth = 0
    opening = (0, 0)
    for item in tokenize.generate_tokens(io.StringIO(source).readline):
        name = token.tok_name[item.type]
        if name in ("FSTRING_START", "TSTRING_START"):
            opening = opening if depth else item.start
            depth += 1
        elif name in ("FSTRING_END", "TSTRING_END"):
            depth -= 1
            if depth == 0:
                yield token.STRING, opening, item.end
        elif depth == 0 and item.type not in FREE:
            yield item.type, item.start, item.end


def python_files(*places: Path) -> list[Path]:
    """The Python files at these places, folder by folder."""
    found = (place.rglob("*.py") if place.is_dir() else [place] for place in places)
    return sorted((file for files in found for file in files), key=lambda file: (file.parent, file))


def report(files: Iterable[Path]) -> Iterator[str]:
    """The table, line by line."""
    total_lines = total_tokens = 0
    for folder, members in groupby(files, key=lambda file: file.parent):
        sizes = [(file.name, measure(file.read_text(encoding="utf-8"))) for file in members]
        lines = sum(len(size.lines) for _, size in sizes)
        tokens = sum(size.tokens for _, size in sizes)
        yield row(f"{shown(folder)}/", lines, tokens)
        yield from (row(f"  {name}", len(size.lines), size.tokens) for name, size in sizes)
        total_lines, total_tokens = total_lines + lines, total_tokens + tokens
    yield row("total", total_lines, total_tokens)


def row(name: str, lines: int, tokens: int) -> str:
    return f"{name:<44} {lines:>6} lines {tokens / max(1, lines):>6.1f} tokens a line"


def shown(folder: Path) -> Path:
    return folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder


if __name__ == "__main__":
    places = [Path(place).resolve() for place in sys.argv[1:]] or [ROOT / "tadori"]
    print("\n".join(report(python_files(*places))))
