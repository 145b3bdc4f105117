"""Programs written for PyTorch print the same here: each runs untouched under both, and every
number that it prints is compared, and every word.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan)(?!\w)")

#: how far a number may lie from PyTorch's: relative, and absolute
RELATIVE, ABSOLUTE = 1e-4, 2e-5
#: what both say in their own way: names of types, of nodes in the graph, of shapes
SAID = [
    (r"\b(torch|tadori)\.(?=(bool|u?int|float|complex|bfloat)\d*\b)", ""),
    (r"\btadori\b", "torch"),
    (r"(grad_fn|creator)=<\w+>", "creator=<>"),
    (r"torch\.Size\(\[([^]]*)\]\)", r"(\1)"),
    (r",\)", ")"),
]


def printed(*command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def words_and_numbers(text: str) -> tuple[list[str], list[float]]:
    """The words, with # in place of numbers, and the numbers."""
    for theirs, same in SAID:
        text = re.sub(theirs, same, text)
    words = NUMBER.sub(" # ", text).split()  # lines are broken where numbers are long
    return words, [float(x) for x in NUMBER.findall(text)]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_prints_the_same(program):
    pytest.importorskip("torch")
    ours = printed("-m", "tadori", "run", str(program))
    theirs = printed(str(program))
    words, numbers = words_and_numbers(ours)
    expected_words, expected = words_and_numbers(theirs)
    assert words == expected_words
    assert len(expected) >= 15, "a program that prints little compares little"
    far = [
        f"{a} is {b} in PyTorch"
        for a, b in zip(numbers, expected, strict=True)
        if not math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE) and not (a != a and b != b)
    ]
    assert not far, "\n".join(["", *far, ours])


def test_numbers_and_words_are_told_apart():
    words, numbers = words_and_numbers("tadori.float32 (2,) 1.5e-3 -2. nan loss -0.5 conv2d 3,4")
    others, _ = words_and_numbers("torch.float32 torch.Size([2]) 0 7 inf loss 0.5 conv2d 3,4")
    assert " ".join(words) == " ".join(others) == "float32 ( # ) # # # loss # conv2d # , #"
    assert [*numbers[:3], *numbers[-3:]] == [2, 0.0015, -2, -0.5, 3, 4]
