"""`optim_db`: every optimizer with the settings that PyTorch tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_optimizers import optim_db

import tadori

from .agree import compare, told
from .translate import Translator, find

STEPS = 6
LEFT_OUT = {"SparseAdam": "sparse gradients only"}


def entries() -> Iterator[tuple[str, Callable[[int], None]]]:
    """(name, check) of each optimizer; `check(samples)` raises where we differ."""
    for info in optim_db:
        if info.optim_cls.__name__ not in LEFT_OUT:
            yield f"optim.{info.optim_cls.__name__}", Optimizer(info)


class Optimizer:
    """One optimizer of the database."""

    def __init__(self, info: Any) -> None:
        self.info = info

    def __call__(self, samples: int) -> None:
        ours = find(f"optim.{self.info.optim_cls.__name__}")
        for dtype in (torch.float64, torch.float32):
            for given in self.info.optim_inputs_func("cpu", dtype)[:samples]:
                with told(f"{str(dtype).removeprefix('torch.')}, {given.desc or given.kwargs}"):
                    self.compare(ours, given.kwargs, dtype)

    def compare(self, ours: Any, kwargs: dict[str, Any], dtype: torch.dtype) -> None:
        """Some steps down the same long bowl, from the same place; then the state."""
        rng = np.random.default_rng(3)
        shapes = [(4, 3), (3, 2)] if self.info.optim_cls.__name__ == "Muon" else [(4, 3), (3,)]
        starts = [rng.normal(size=shape) for shape in shapes]
        goals = [rng.normal(size=shape) for shape in shapes]
        name = str(dtype).removeprefix("torch.")
        theirs = [torch.tensor(a, dtype=dtype, requires_grad=True) for a in starts]
        mine = [tadori.tensor(a, dtype=name, requires_grad=True) for a in starts]
        their_goals = [torch.tensor(a, dtype=dtype) for a in goals]
        my_goals = [tadori.tensor(a, dtype=name) for a in goals]
        first = self.info.optim_cls(theirs, **kwargs)
        second = ours(mine, **Translator()(kwargs))
        for _ in range(STEPS):
            descend(first, theirs, their_goals)
            descend(second, mine, my_goals)
        compare(theirs, mine, "parameters")
        states = [first.state_dict()["state"], second.state_dict()["state"]]
        compare(
            {k: sorted(v) for k, v in states[0].items()},
            {k: sorted(v) for k, v in states[1].items()},
        )


def descend(optimizer: Any, parameters: list[Any], goals: list[Any]) -> None:
    """One step; the closure is what LBFGS asks for."""

    def closure() -> Any:
        optimizer.zero_grad()
        pairs = zip(parameters, goals, strict=True)
        loss = sum(((p - g) ** 2 * (1 + g**2)).sum() for p, g in pairs)
        loss.backward()
        return loss

    optimizer.step(closure)
