"""Every example runs, learns and leaves its files; as PyTorch it runs with a changed import."""

from __future__ import annotations

import importlib
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import tadori
from size import ROOT

imread = pytest.importorskip("matplotlib.image").imread
pytest.importorskip("sklearn")

EXAMPLES = ROOT / "examples"
PROGRAMS = sorted(file.stem for file in EXAMPLES.glob("*.py") if file.stem != "common")

#: what makes each program short enough for a test
SMALL = {
    "char_gpt": "--steps 60 --channels 32 --layers 1 --batch-size 8 --length 40",
    "digits_cnn": "--epochs 3",
    "digits_gan": "--epochs 4",
    "digits_vae": "--epochs 4",
    "newton_rosenbrock": "--limit 500",
    "sine_lstm": "--epochs 10",
    "sine_taylor": "--angle 1.5",
    "spiral_mlp": "--steps 150",
}


@dataclass(frozen=True)
class Run:
    """What a program gave, printed and was told to write into."""

    results: dict[str, Any]
    printed: str
    out: Path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Run]]:
    """`run(name)`: the program on its small setting, once for all tests."""
    runs: dict[str, Run] = {}

    def once(name: str) -> Run:
        if name not in runs:
            out = tmp_path_factory.mktemp(name) / "new" / "folder"
            with redirect_stdout(StringIO()) as printed:
                results = importlib.import_module(name).main(
                    [*SMALL[name].split(), "--out", str(out)]
                )
            runs[name] = Run(results, printed.getvalue(), out)
        return runs[name]

    threads = tadori.get_num_threads()
    tadori.set_num_threads(1)  # for work so small, and beside other tests, more are slower
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLES)
        yield once
    tadori.set_num_threads(threads)


def test_every_program_is_here() -> None:
    assert sorted(SMALL) == PROGRAMS


# --------------------------------------------------------------------------------- all the programs


@pytest.mark.parametrize("name", PROGRAMS)
def test_files_are_written_and_told(name: str, run: Callable[[str], Run]) -> None:
    done = run(name)
    assert done.results["files"]
    for file in done.results["files"]:
        assert file.parent == done.out
        assert str(file) in done.printed
        assert file.stat().st_size > 0
    assert sorted(done.results["files"]) == sorted(done.out.iterdir()), "an output is not told"
    _, ideas = done.printed.split("Try next:")
    assert ideas.strip()


@pytest.mark.parametrize("name", PROGRAMS)
def test_pictures_show_something(name: str, run: Callable[[str], Run]) -> None:
    pictures = [file for file in run(name).results["files"] if file.suffix in (".png", ".svg")]
    assert pictures
    for file in pictures:
        if file.suffix == ".png":
            assert imread(file).std() > 0.01, f"{file.name} is blank"
        else:
            text = file.read_text(encoding="utf-8")
            assert "<svg" in text
            assert "</svg>" in text


@pytest.mark.parametrize(
    "name", ["char_gpt", "digits_cnn", "digits_vae", "sine_lstm", "spiral_mlp"]
)
def test_the_loss_falls(name: str, run: Callable[[str], Run]) -> None:
    losses = run(name).results["losses"]
    part = max(1, len(losses) // 4)
    assert np.mean(losses[-part:]) < 0.95 * np.mean(losses[:part])


# --------------------------------------------------------------------------------------- one by one


def test_digits_are_read_and_the_file_gives_the_same_network(run: Callable[[str], Run]) -> None:
    results = run("digits_cnn").results
    assert results["test_accuracy"] > 0.9
    assert results["reloaded_accuracy"] == results["test_accuracy"]


def test_newton_arrives_and_descent_is_on_its_way(run: Callable[[str], Run]) -> None:
    descent, newton = run("newton_rosenbrock").results["paths"].values()
    assert np.allclose(newton[-1], 1, atol=1e-12)
    assert len(newton) < 10

    def height(point: np.ndarray) -> float:
        return 100 * (point[1] - point[0] ** 2) ** 2 + (1 - point[0]) ** 2

    assert height(descent[-1]) < height(descent[100]) < height(descent[0])


def test_the_series_of_sine_is_as_deep_as_needed(run: Callable[[str], Run]) -> None:
    results = run("sine_taylor").results
    terms, errors, slope_errors = np.array(results["series"]).T
    assert list(terms) == sorted(set(terms))
    assert abs(errors[-1]) < 1e-8
    assert abs(slope_errors[-1]) < 1e-6
    x = np.linspace(-7, 7, 200)
    for order, curve in enumerate(results["curves"]):
        assert np.allclose(curve, np.sin(x + order * math.pi / 2), atol=1e-5)


def test_spirals_are_told_apart(run: Callable[[str], Run]) -> None:
    assert run("spiral_mlp").results["accuracy"] > 0.9


def test_the_wave_goes_on(run: Callable[[str], Run]) -> None:
    assert run("sine_lstm").results["error"] < 1  # as often wrong as right: sqrt(2) times that


def test_generated_digits_come_nearer_to_written_ones(run: Callable[[str], Run]) -> None:
    samples = run("digits_gan").results["samples"]
    real = importlib.import_module("common").digits(0)[0]
    noise = np.random.default_rng(0).uniform(size=samples.shape)

    def distance(images: np.ndarray) -> float:
        """From each image to the nearest written digit, in the mean."""
        apart = images.reshape(-1, 1, 64) - real.reshape(1, -1, 64)
        return float(np.sqrt((apart**2).sum(axis=2)).min(axis=1).mean())

    assert samples.min() >= 0
    assert samples.max() <= 1
    assert distance(samples) < 0.8 * distance(noise)


def test_the_writer_goes_on_after_the_prompt(run: Callable[[str], Run]) -> None:
    results = run("char_gpt").results
    assert results["unread"] < 3.5  # guessing blindly: log(64) = 4.16
    prompt = "'Which way?' said Alice."
    assert results["sample"].startswith(prompt)
    assert len(results["sample"]) == len(prompt) + 40


# ----------------------------------------------------------------------------- when things go wrong


@pytest.mark.allow_fp_faults
def test_a_loss_that_is_no_number_stops_with_the_remedy(
    run: Callable[[str], Run], tmp_path: Path
) -> None:
    program = importlib.import_module("digits_cnn")
    with pytest.raises(FloatingPointError, match=r"loss became (nan|inf).*--lr"):
        program.main(["--lr", "1e38", "--epochs", "2", "--out", str(tmp_path)])


def test_a_missing_package_stops_with_the_remedy(run: Callable[[str], Run]) -> None:
    need = importlib.import_module("common").need
    need(numpy="numpy")
    with pytest.raises(SystemExit, match=r"pip install no-such-thing\n.*make demo"):
        need(numpy="numpy", no_such_thing="no-such-thing")


def test_the_demo_runs_from_any_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", str(EXAMPLES / "digits_cnn.py"), "--epochs", "1"]
    finished = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""  # the progress bar is for terminals only
    written = sorted(file.name for file in (tmp_path / "outputs" / "digits_cnn").iterdir())
    assert written == ["curves.png", "model.safetensors", "predictions.png"]


# ------------------------------------------------------------------------------------------ PyTorch


def as_pytorch(name: str) -> ModuleType:
    """The program with nothing changed but the framework's name."""
    file = EXAMPLES / f"{name}.py"
    module = ModuleType(f"{name}_in_pytorch")
    module.__file__ = str(file)
    source = file.read_text(encoding="utf-8").replace("tadori", "torch")
    exec(compile(source, file, "exec"), vars(module))
    return module


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_pytorch_when_the_imports_change(
    name: str, run: Callable[[str], Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    # What PyTorch has elsewhere, or not at all: safetensors, and drawings of graphs.
    safetensors = pytest.importorskip("safetensors.torch")
    monkeypatch.setattr(torch, "save", safetensors.save_file)
    drawing = SimpleNamespace(save=lambda path: path.write_text("<svg></svg>"))
    monkeypatch.setattr(torch, "draw", lambda y, names: drawing, raising=False)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with redirect_stdout(StringIO()):
        theirs = as_pytorch(name).main([*SMALL[name].split(), "--out", str(tmp_path)])
    torch.set_num_threads(threads)
    ours = run(name).results
    assert theirs.keys() == ours.keys()
    assert [file.name for file in theirs["files"]] == [file.name for file in ours["files"]]
    if "losses" in ours:  # the same seeds give the same numbers; training magnifies the rounding
        assert np.allclose(theirs["losses"], ours["losses"], rtol=0.05)
