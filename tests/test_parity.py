"""What docs/parity.md says passes beside PyTorch still does, on a few samples of each entry."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tadori

pytest.importorskip("torch")
pytest.importorskip("expecttest", reason="PyTorch's databases of samples import it")

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tools/parity.py", "--check", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_what_passed_passes() -> None:
    done = run("--samples", "1")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "operations, all" in done.stdout


def test_differences_are_caught() -> None:
    """Test the tester: a dtype, a value, a first and a second derivative that are not PyTorch's."""
    torch = pytest.importorskip("torch")
    from oracle.agree import Wrong, compare, compare_derivatives

    t = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    x = tadori.tensor([1.0, 2.0], dtype="float64", requires_grad=True)
    compare(t**3, x**3)
    compare_derivatives(t**3, x**3, [(t, x)], second=True)
    for found in ((x**3).float(), x**3 + 1e-6, (x**3)[:1], (x**3, x)):
        with pytest.raises(Wrong):
            compare(t**3, found)
    c = x.detach()
    with pytest.raises(Wrong, match="first derivative"):
        compare_derivatives(t**3, c * c * x, [(t, x)], second=True)
    with pytest.raises(Wrong, match="second derivative"):
        compare_derivatives(t**3, 3 * c * c * x - 2 * c**3, [(t, x)], second=True)
