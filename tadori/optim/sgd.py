"""SGD: down the gradient, with or without momentum."""

from __future__ import annotations

from typing import Any

from ..kernels import update
from .optimizer import Group, Optimizer, Params, State, at_least_zero, zeros


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum (Polyak, 1964; Sutskever et al., 2013).

        p ← p − lr · g

    with momentum µ and dampening τ (none in the first step)

        v ← µ v + (1 − τ) g          p ← p − lr · v
                                     p ← p − lr · (g + µ v)        with `nesterov`

    `weight_decay` λ adds λ p to g. `maximize` turns the sign of g.
    """

    engines = ("foreach", "differentiable", "fused")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        **engine: Any,
    ) -> None:
        at_least_zero(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        velocity, dampening = None, group["dampening"]
        if group["momentum"]:
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = zeros(p)
                dampening = 0
            velocity = state["momentum_buffer"].array
        update.sgd(
            p,
            g,
            velocity,
            lr=group["lr"],
            momentum=group["momentum"],
            dampening=dampening,
            weight_decay=group["weight_decay"],
            nesterov=group["nesterov"],
        )
