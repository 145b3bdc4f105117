"""What recording costs: python benchmarks/tracing.py

Steps of the eager program alternate with recorded ones; the ratio is the median over the rounds.
The aim is at most 3 for the MLP. Then the size of what was recorded, and the time to write it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from workloads import WORKLOADS

import tadori

NAMES = (
    "MNIST-shaped MLP, batch 100",
    "spiral MLP 2-10-3, batch 30",
    "sine LSTMCell, hidden 100, 30 steps",
    "ResNet-18 training, 32x3x32x32",
    "small GPT, 4 layers of 128",
)
AIMS = {NAMES[0]: 3.0}
ROUNDS = 9


def timed(step: Callable[[], Any]) -> float:
    """The seconds of one step."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def measure(name: str) -> str:
    """One row: both times, their ratio, events and bytes of a step."""
    step = WORKLOADS[name][0](tadori)
    for _ in range(3):
        step()
    plain, recorded = [], []
    for _ in range(ROUNDS):
        plain.append(min(timed(step), timed(step)))
        with tadori.trace() as trace:
            step()
            recorded.append(min(timed(step), timed(step)))
    start = time.perf_counter()
    size = len(json.dumps(trace.data))
    write = time.perf_counter() - start
    ratio = median(r / p for r, p in zip(recorded, plain))
    aim = f" (aim {AIMS[name]:g})" if name in AIMS else ""
    return (
        f"{name:36} {median(plain) * 1e3:8.2f} ms {median(recorded) * 1e3:8.2f} ms "
        f"{ratio:6.2f}{aim}; a step: {len(trace.events) // 3:,} events, {size / 3e6:.2f} MB; "
        f"written in {write:.2f} s"
    )


if __name__ == "__main__":
    print(f"{'':36} {'plain':>11} {'recorded':>11} {'ratio':>6}")
    for name in sys.argv[1:] or NAMES:
        print(measure(name))
