"""Numba's loops: what they compute is what NumPy's formulas do, and they come only when asked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from tadori import kernels
from tadori.kernels import numba_cpu, update

SIZES = [0, 1, numba_cpu.LARGE - 1, numba_cpu.LARGE, 3 * numba_cpu.PIECE + 1]
ADAM = {"step": 3, "lr": 0.01, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
RULES: list[tuple[str, int, dict[str, Any]]] = [
    ("sgd", 0, {"lr": 0.1}),
    ("sgd", 0, {"lr": 0.1, "weight_decay": 0.2}),
    ("sgd", 1, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("sgd", 1, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.2}),
    ("adam", 2, ADAM),
    ("adam", 2, {**ADAM, "weight_decay": 0.1}),
    ("adam", 2, {**ADAM, "weight_decay": 0.1, "decoupled": True}),
    ("adam", 3, ADAM),
]


@pytest.fixture(autouse=True)
def two_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    pytest.importorskip("numba")
    monkeypatch.setattr(numba_cpu.settings, "enabled", True)
    monkeypatch.setattr(numba_cpu.settings, "threads", 2)
    return


def without(function: Any, *arrays: Any, **options: Any) -> Any:
    """What NumPy's formula gives."""
    numba_cpu.settings.enabled = False
    try:
        return function(*arrays, **options)
    finally:
        numba_cpu.settings.enabled = True


@pytest.mark.parametrize("name, remembered, options", RULES)
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize("size", SIZES)
def test_update_rules(name: str, remembered: int, options: Any, dtype: str, size: int) -> None:
    rule = getattr(update, name)
    rng = np.random.default_rng(0)
    ours = [np.abs(rng.normal(size=size)).astype(dtype) for _ in range(2 + remembered)]
    theirs = [x.copy() for x in ours]
    rule(*ours, **options)
    without(rule, *theirs, **options)
    for one, other in zip(ours, theirs):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_rows_that_lie_apart_are_updated_too() -> None:
    shape = (300, 2 * numba_cpu.LARGE // 300)
    ours = [np.full(shape, 0.5, "float32")[:, ::2] for _ in range(4)]
    theirs = [x.copy() for x in ours]
    update.adam(*ours, **ADAM)
    without(update.adam, *theirs, **ADAM)
    for one, other in zip(ours, theirs):
        np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.allow_fp_faults
@pytest.mark.parametrize("kernel", [kernels.gelu, kernels.gelu_slope])
@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("size", SIZES)
def test_activations(kernel: Any, approximate: str, size: int) -> None:
    x = np.linspace(-20, 20, size, dtype="float32")
    x[:6] = [0.0, np.nan, np.inf, -np.inf, -1e30, 1e30][:size]
    expected = without(kernel, x, approximate=approximate)
    found = kernel(x, approximate=approximate)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=3e-6)
    layered = np.stack([x, x])
    np.testing.assert_allclose(
        kernel(layered.T, approximate=approximate).T, [expected, expected], rtol=1e-5, atol=3e-6
    )


def test_tails_keep_their_digits() -> None:
    x = np.linspace(-9, -1, numba_cpu.LARGE, dtype="float32")
    wide = x.astype("float64")
    np.testing.assert_allclose(kernels.gelu(x), kernels.gelu(wide), rtol=1e-5)
    np.testing.assert_allclose(without(kernels.gelu, x), kernels.gelu(wide), rtol=1e-5)


def test_what_is_not_served() -> None:
    x = np.zeros(numba_cpu.LARGE, "float32")
    assert numba_cpu.gelu(x) is not NotImplemented
    assert numba_cpu.gelu(x[1:]) is NotImplemented
    assert numba_cpu.gelu(x.astype("float64")) is NotImplemented
    assert numba_cpu.gelu(x, approximate="?") is NotImplemented
    assert without(numba_cpu.gelu, x) is NotImplemented
    mixed = (x, x.astype("float64"), x, x)
    assert numba_cpu.adam(*mixed, **ADAM) is NotImplemented


def test_several_threads_at_once() -> None:
    x = np.linspace(-3, 3, 4 * numba_cpu.PIECE, dtype="float32")
    expected = kernels.gelu(x)
    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(kernels.gelu, [x] * 8):
            np.testing.assert_array_equal(found, expected)


def run(code: str, **environment: str) -> str:
    """What a fresh process prints that runs `code`."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


IMPORTED = """
import sys, numpy as np, tadori
tadori.nn.functional.gelu(tadori.zeros({size}))
print("numba" in sys.modules)
"""


def test_numba_is_imported_for_large_arrays_only() -> None:
    large = IMPORTED.format(size=numba_cpu.LARGE)
    assert run(IMPORTED.format(size=1000)) == "False"
    assert run(large) == "True"
    assert run(large, TADORI_NUMBA="0") == "False"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_has_threads_of_its_own() -> None:
    code = f"""
import os, warnings, numpy as np, tadori
warnings.simplefilter("ignore")
tadori.set_num_threads(2)
x = np.ones({4 * numba_cpu.PIECE}, "float32")
before = tadori.kernels.gelu(x)
child = os.fork()
if not child:
    os._exit(int(not (tadori.kernels.gelu(x) == before).all()))
print(os.waitpid(child, 0)[1])
"""
    assert run(code) == "0"
