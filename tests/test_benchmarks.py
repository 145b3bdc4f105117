"""The workloads of the benchmark do the same work in Tadori and in PyTorch."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tadori
from size import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import machine
import report
import run
import work
from workloads import WORKLOADS

#: seconds each, and made of what the others are made of
SLOW = ("ResNet-18 training, 32x3x32x32", "VGG block, 8x64x56x56")


@pytest.mark.parametrize("name", [name for name in WORKLOADS if name not in SLOW])
def test_frameworks_agree_on_a_step(name: str) -> None:
    torch = pytest.importorskip("torch")
    results: list[Any] = []
    for framework in (tadori, torch):
        framework.manual_seed(0)
        step = WORKLOADS[name][0](framework)
        step()
        result = step()
        results.append(None if result is None else np.asarray(result.detach()))
    if results[0] is None:  # the step of an optimizer alone, which its own tests hold to PyTorch's
        return
    np.testing.assert_allclose(*results, rtol=1e-4, atol=1e-4)


def test_a_comparison_has_times_and_ratios() -> None:
    pytest.importorskip("torch")
    name = "chain of 101 operations, 1 element"
    found = run.compare(name, ["tadori", "torch"], blocks=3, seconds=0.001)
    assert found["us"].keys() == found["MiB"].keys() == found["first"].keys() == {"tadori", "torch"}
    median, low, high = found["ratio"]["tadori"]
    assert 0 < low <= median <= high
    text = run.line({**found, "aim": 0.5}, name, ["tadori", "torch"])
    assert f"{median:7.2f}" in text


def test_the_machine_is_described() -> None:
    assert machine.describe(2)["threads"] == 2
    assert machine.best(lambda: None, seconds=0.001) < 1


def test_the_work_of_a_step_is_counted() -> None:
    layer = tadori.nn.Linear(20, 30)
    x = tadori.ones(10, 20, requires_grad=True)
    found = work.count(lambda: layer(x).sum().backward())
    assert found["calls"] == 4
    assert found["flops"] == 3 * 2 * 10 * 20 * 30  # forward, for x and for the weight
    assert found["near"] > 4 * (10 * 20 + 20 * 30 + 10 * 30)
    assert found["far"] == 0
    counted = work.count(WORKLOADS["Adam, 2 tensors of 2 million"][0](tadori))
    assert counted["far"] == pytest.approx(2 * 7 * 4 * 2_000_000, rel=1e-3)


def test_the_report_tells_what_was_measured(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    times = {"tadori": 400.0, "torch": 1000.0}
    row = {
        "us": times,
        "ratio": {"tadori": [0.4, 0.35, 0.45]},
        "MiB": {"tadori": 1.0, "torch": 2.0},
        "base": {"tadori": 50.0, "torch": 300.0},
        "work": {"tadori": {"calls": 200, "flops": 0, "near": 0, "far": 0}},
        "aim": 0.5,
    }
    heavy = {"calls": 0, "flops": 10_000_000, "near": 0, "far": 10_000_000}
    slow = {**row, "ratio": {"tadori": [1.5, 1.4, 1.6]}, "work": {"tadori": heavy}, "aim": 1.0}
    figures = {
        "machine": machine.describe(2),
        "peaks": {"gflops": 100.0, "bandwidth": 50.0, "cache": 100.0, "call": 0.3},
        "versions": {"tadori": "1"},
        "import": {"numpy": 0.1, "tadori": 0.2},
        "results": {report.FIRST: row, "a slow one": slow},
    }
    (tmp_path / "figures.json").write_text(json.dumps(figures))
    report.main([str(tmp_path / "figures.json"), "--docs", str(tmp_path)])
    page = (tmp_path / "performance.md").read_text()
    assert "**0.40** (0.35 to 0.45)" in page
    assert "Not reached: a slow one (1.50, aim 1.0)." in page
    assert "| a slow one | 25% | 50% | 0% | 25% | memory bandwidth |" in page
    assert "costs 2.0 us" in page
    assert "a slow one" in (tmp_path / "performance.svg").read_text()
