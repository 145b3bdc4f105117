"""The text twin: golden files, folding, and what it says of programs that end badly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from size import ROOT
from tadori.tracing.fold import Block, blocks, folded
from tadori.tracing.sections import loops_of
from tadori.tracing.story import Story
from tadori.tracing.text import text

GOLDEN = Path(__file__).parent / "golden"


def trace(*arguments: str, cwd: Path, code: int = 0) -> tuple[str, str]:
    """What `tadori trace` prints: its output and its errors."""
    command = [sys.executable, "-m", "tadori", "trace", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    run = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env=environment
    )
    assert run.returncode == code, run.stderr
    return run.stdout, run.stderr


@pytest.mark.parametrize("name", ["branches", "training"])
def test_golden(name: str) -> None:
    """Made anew by `python -m tadori trace --text NAME.py > NAME.txt` in tests/golden."""
    found, _ = trace("--text", f"{name}.py", cwd=GOLDEN)
    assert found == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_repeats_are_told_once() -> None:
    lines = ["start", *[f"  #{i} Tanh(h)" for i in range(30)], "end"]
    assert list(blocks(lines)) == [Block(0, 1, 1), Block(1, 1, 30), Block(31, 1, 1)]
    assert folded(lines) == [
        "start",
        "  #0 Tanh(h)",
        "  ... the line above 29 more times (× 30)",
        "end",
    ]


def test_a_block_of_several_lines_folds() -> None:
    step = ["h = cell(x)", "  #{} Linear", "  #{} Tanh"]
    lines = [line.format(3 * i) for i in range(30) for line in step]
    assert list(blocks(lines)) == [Block(0, 3, 30)]
    assert len(folded(lines)) == 4


def test_what_differs_is_not_folded() -> None:
    lines = ["a (1)", "a (2)", "a (3)"]
    assert folded(lines) == lines


def test_a_hundred_thousand_lines_fold_in_no_time() -> None:
    lines = [f"#{i} {'Add' if i % 7 else 'Sum'}" for i in range(100_000)]
    assert len(folded(lines)) < 30


def test_loops_are_read_from_the_source() -> None:
    assert loops_of("for i in x:\n    while i:\n        pass\n    i\n") == [(1, 4), (2, 3)]
    assert loops_of("not python !") == []


def test_thirty_lstm_steps_are_one_block(tmp_path: Path) -> None:
    program = """
import torch
from torch import nn
cell = nn.LSTMCell(1, 4)
x = torch.randn(31, 2, 1)
h = c = torch.zeros(2, 4)
for t in range(30):
    h, c = cell(x[t], (h, c))
h.sum().backward()
"""
    (tmp_path / "lstm.py").write_text(program)
    found, _ = trace("--text", "-o", "x.json", "lstm.py", cwd=tmp_path)
    assert "(× 29)" in found or "(× 28)" in found, "forward; the first of them names x otherwise"
    assert len(found.splitlines()) < 200
    saved = json.loads((tmp_path / "x.json").read_text())
    assert text(Story(saved)) == found, "the same from the saved file"
