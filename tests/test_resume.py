"""Ten steps are five steps, a checkpoint, a new process, and five more: to the last bit.

Run as a program, `python -m tests.test_resume CASE FROM TO STEPS`, this file trains: from the
checkpoint FROM, or from nothing if it is ""; and then it writes the checkpoint TO.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tadori
from tadori import Tensor, nn, optim
from tadori.optim import lr_scheduler
from tadori.random import get_rng_state, manual_seed, rand, set_rng_state
from tadori.serialization import load, save
from tadori.utils.data import DataLoader, TensorDataset

ROOT = Path(__file__).resolve().parent.parent
STEPS = 10


def warmup(optimizer: Any) -> Any:
    parts = [
        lr_scheduler.LinearLR(optimizer, 0.1, total_iters=4),
        lr_scheduler.CosineAnnealingLR(optimizer, 6),
    ]
    return lr_scheduler.SequentialLR(optimizer, parts, [4])


@dataclass
class Case:
    """An optimizer, a schedule of its rate, and how batches are loaded."""

    optimizer: Callable[[Any], Any]
    schedule: Callable[[Any], Any]
    workers: int = 0


CASES = {
    "momentum": Case(
        lambda params: optim.SGD(params, lr=0.1, momentum=0.9),
        lambda o: lr_scheduler.OneCycleLR(o, 0.3, total_steps=20),
    ),
    "adam": Case(
        lambda params: optim.Adam(params, lr=0.01, amsgrad=True),
        lambda o: lr_scheduler.StepLR(o, 3, gamma=0.5),
    ),
    "adamw": Case(lambda params: optim.AdamW(params, lr=0.01), warmup, workers=2),
}


class Training:
    """What a checkpoint must hold: seven batches an epoch, so that the fifth step is amid one."""

    def __init__(self, case: Case) -> None:
        manual_seed(0)
        dataset = TensorDataset(rand(20, 4), rand(20, 2))
        layers = (nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.3), nn.Linear(8, 2))
        self.model = nn.Sequential(*layers)
        self.optimizer = case.optimizer(self.model.parameters())
        self.scheduler = case.schedule(self.optimizer)
        self.loader = DataLoader(dataset, batch_size=3, shuffle=True, num_workers=case.workers)
        self.parts = (self.model, self.optimizer, self.scheduler, self.loader)

    def steps(self) -> Iterator[float]:
        """Train for ever; the losses."""
        while True:
            for x, target in self.loader:
                self.optimizer.zero_grad()
                loss = nn.functional.mse_loss(self.model(x), target)
                loss.backward()
                self.optimizer.step()
                self.scheduler.step()
                yield loss.item()

    def checkpoint(self) -> dict[str, Any]:
        return {
            "parts": [part.state_dict() for part in self.parts],
            "random": get_rng_state(),
        }

    def restore(self, checkpoint: dict[str, Any]) -> None:
        for part, state in zip(self.parts, checkpoint["parts"]):
            part.load_state_dict(state)
        set_rng_state(checkpoint["random"])


def train(name: str, source: str, target: str, count: int) -> None:
    training = Training(CASES[name])
    if source:
        manual_seed(12345)  # whatever a new process has done before
        training.restore(load(source))
    steps = training.steps()
    losses = [next(steps) for _ in range(count)]
    save({**training.checkpoint(), "losses": losses}, target)


def run(name: str, source: Any, target: Any, count: int) -> Any:
    command = [sys.executable, "-m", "tests.test_resume", name, str(source), str(target)]
    subprocess.run([*command, str(count)], cwd=ROOT, check=True)
    return load(target)


def leaves(tree: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """(place, leaf) of nested dicts and lists."""
    if isinstance(tree, dict | list | tuple):
        pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, branch in pairs:
            yield from leaves(branch, f"{place}.{key}")
    else:
        yield place, tree


@pytest.mark.parametrize("name", CASES)
def test_ten_steps_are_five_and_five(name: str, tmp_path: Path) -> None:
    straight = run(name, "", tmp_path / "straight", STEPS)
    first = run(name, "", tmp_path / "first", STEPS // 2)
    second = run(name, tmp_path / "first", tmp_path / "second", STEPS // 2)
    assert first["losses"] + second["losses"] == straight["losses"]
    assert len(set(straight["losses"])) == STEPS
    one, two = dict(leaves(straight["parts"])), dict(leaves(second["parts"]))
    assert one.keys() == two.keys()
    for place, value in one.items():
        if isinstance(value, Tensor):
            assert value.dtype == two[place].dtype
            np.testing.assert_array_equal(value.array, two[place].array, err_msg=place)
        else:
            assert value == two[place], place
    assert straight["random"].tolist() == second["random"].tolist()


def test_what_a_checkpoint_must_hold(tmp_path: Path) -> None:
    """Without any one of its parts, the second half comes out differently."""
    manual_seed(0)
    straight = Training(CASES["momentum"])
    steps = straight.steps()
    before = [next(steps) for _ in range(5)]
    save(straight.checkpoint(), tmp_path / "checkpoint")
    expected = [next(steps) for _ in range(5)]
    assert before != expected
    for missing in (None, 0, 1, 2, 3, "random"):
        again = Training(CASES["momentum"])
        whole, fresh = load(tmp_path / "checkpoint"), again.checkpoint()
        if isinstance(missing, int):
            whole["parts"][missing] = fresh["parts"][missing]
        elif missing == "random":
            whole["random"] = fresh["random"]
        again.restore(whole)
        more = again.steps()
        found = [next(more) for _ in range(5)]
        assert (found == expected) == (missing is None), missing


if __name__ == "__main__":
    assert tadori.__file__.startswith(str(ROOT))
    train(*sys.argv[1:4], int(sys.argv[4]))  # type: ignore[call-arg]
