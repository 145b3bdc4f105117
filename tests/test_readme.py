"""The program that both READMEs show runs, learns, and walks its graph as they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_program_runs(name, capsys):
    text = (ROOT / name).read_text(encoding="utf-8")
    program, formula = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(program, name, "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    losses = [float(line.split()[1]) for line in lines if line[0].isdigit()]
    assert losses[-1] < 0.05 * losses[0]
    assert [line.split()[0] for line in lines if line.startswith("<")][-2:] == [
        "<Tanh>",
        "<Linear>",
    ]
    source = (ROOT / "tadori" / "ops" / "trigonometry.py").read_text(encoding="utf-8")
    for line in formula.splitlines()[2:]:  # the formulas are those of the library
        assert line.partition("  #")[0].rstrip() in source
