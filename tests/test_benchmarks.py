"""The workloads of the benchmark do the same work in Tadori and in PyTorch."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import tadori
from size import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import machine
import run
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
