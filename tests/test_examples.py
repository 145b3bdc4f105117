"""Every example runs, learns, and leaves its files; each reads as PyTorch, and runs as PyTorch too."""

from __future__ import annotations

import importlib
import math
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from size import ROOT

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

EXAMPLES = ROOT / "examples"
PROGRAMS = sorted(file.stem for file in EXAMPLES.glob("*.py") if file.stem != "common")

#: what makes each program short enough for a test
SMALL = {
    "char_gpt": "--steps 40 --channels 32 --layers 1 --batch-size 8 --length 40",
    "digits_cnn": "--epochs 3",
    "digits_gan": "--epochs 4",
    "digits_vae": "--epochs 4",
    "newton_rosenbrock": "--limit 500",
    "sine_lstm": "--epochs 8",
    "sine_taylor": "--angle 1.5",
    "spiral_mlp": "--steps 150",
}

Results = dict[str, Any]


@pytest.fixture(autouse=True)
def examples_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Results, Path]]:
    """What each program gave, and its folder: each runs once for all the tests."""
    return {}


@pytest.fixture
def run(outputs: dict, tmp_path: Path) -> Any:
    """`run(name)`: what the program gives on its small setting."""

    def results_of(name: str) -> Results:
        if name not in outputs:
            arguments = [*SMALL[name].split(), "--out", str(tmp_path / name)]
            outputs[name] = importlib.import_module(name).main(arguments)
        return outputs[name]

    return results_of


def test_every_program_is_tested() -> None:
    assert PROGRAMS == sorted(SMALL)


@pytest.mark.parametrize("name", PROGRAMS)
def test_files_are_written_and_named(name: str, run: Any, capsys: pytest.CaptureFixture) -> None:
    pass
