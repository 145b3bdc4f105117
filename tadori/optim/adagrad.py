"""Adagrad: the more a number has moved, the smaller its steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..kernels import update
from ..tensor import Tensor
from .optimizer import Group, Optimizer, Params, State, at_least_zero, count, counter


class Adagrad(Optimizer):
    """Adagrad (Duchi et al., 2011): the gradient over the root of the sum of all its squares.

        s ← s + g²                                       s starts at `initial_accumulator_value`
        p ← p − lr / (1 + (t − 1) η) · g / (√s + ε)      η is `lr_decay`

    `weight_decay` λ adds λ p to g. `maximize` turns the sign of g.
    """

    engines = ("foreach", "differentiable", "fused")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        **engine: Any,
    ) -> None:
        at_least_zero(
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        if not state:
            state["step"] = counter()
            state["sum"] = Tensor(np.full_like(p, group["initial_accumulator_value"]))
        update.adagrad(
            p,
            g,
            state["sum"].array,
            step=count(state),
            lr=group["lr"],
            lr_decay=group["lr_decay"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
        )
