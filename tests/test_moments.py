"""The moments around the operations are told, in the order in which they happen."""

from __future__ import annotations

from typing import Any

import tadori
from tadori import nn, optim
from tadori.autograd.hooks import Observer, observe, observers
from tadori.utils.data import DataLoader, TensorDataset


class Listener(Observer):
    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.details: list[dict[str, Any]] = []

    def told(self, what: str, who: Any, details: dict[str, Any]) -> None:
        self.heard.append((what, type(who).__name__))
        self.details.append(details)


def test_a_training_step_is_told_in_order() -> None:
    model = nn.Sequential(nn.Linear(2, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 1)
    loader = DataLoader(TensorDataset(tadori.ones(2, 2)), batch_size=2)
    with observe(Listener()) as listener:
        model.train()
        (x,) = next(iter(loader))
        loss = model(x).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        with tadori.no_grad():
            pass
    assert not observers
    heard = [pair for pair in listener.heard if pair != ("mode", "Mode")]
    assert heard == [
        ("train", "Sequential"),
        ("train", "Linear"),
        ("batch", "DataLoader"),
        ("enter", "Sequential"),
        ("enter", "Linear"),
        ("leave", "Linear"),
        ("leave", "Sequential"),
        ("zero_grad", "SGD"),
        ("backward", "list"),
        ("passed", "list"),
        ("step", "SGD"),
        *[("updating", "SGD"), ("updated", "SGD")] * 2,
        ("stepped", "SGD"),
        ("schedule", "StepLR"),
    ]
    told = dict(zip([what for what, _ in listener.heard], listener.details))
    assert told["batch"]["number"] == 1
    assert told["schedule"]["before"] == [0.1]
    assert told["schedule"]["after"] == [0.1 * 0.1]
    assert told["mode"] == {"entered": False}
