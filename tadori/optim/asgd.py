"""Averaged SGD: down the gradient, and the mean of the places passed."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtype import get_default_dtype
from ..kernels import update
from ..tensor import Tensor
from .optimizer import Group, Optimizer, Params, State, at_least_zero, count, counter, zeros


class ASGD(Optimizer):
    """Averaged stochastic gradient descent (Polyak and Juditsky, 1992).

        p ← (1 − λ η) p − η g            η = lr / (1 + λ lr t)^α, and lr in the first step
        a ← a + µ (p − a)                µ = 1 / max(1, t − t0)

    λ is `lambd`. a, the mean, is `ax` in the state. `weight_decay` adds a part of p to g.
    """

    engines = ("foreach", "differentiable", "capturable")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **engine: Any,
    ) -> None:
        at_least_zero(lr=lr, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        lr, lambd = group["lr"], group["lambd"]
        if not state:
            state["step"] = counter()
            state["eta"] = Tensor(np.asarray(lr, get_default_dtype()))
            state["mu"] = Tensor(np.ones((), get_default_dtype()))
            state["ax"] = zeros(p)
        step = count(state)
        update.asgd(
            p,
            g,
            state["ax"].array,
            eta=state["eta"].item(),
            mu=state["mu"].item(),
            lambd=lambd,
            weight_decay=group["weight_decay"],
        )
        state["eta"].array[...] = lr / (1 + lambd * lr * step) ** group["alpha"]
        state["mu"].array[...] = 1 / max(1, step - group["t0"])
