"""RMSprop: steps in the scale of the recent gradients."""

from __future__ import annotations

from typing import Any

from ..kernels import update
from .optimizer import Group, Optimizer, Params, State, at_least_zero, count, counter, zeros


class RMSprop(Optimizer):
    """RMSprop (Hinton, 2012): the gradient over its own root mean square.

        v ← α v + (1 − α) g²
        p ← p − lr · g / (√v + ε)

    `centered` (Graves, 2013) takes the variance v − ḡ² in place of v, with ḡ the moving mean of g.
    `momentum` µ collects the quotients: b ← µ b + g / (√v + ε), p ← p − lr · b. `weight_decay` λ
    adds λ p to g. `maximize` turns the sign of g.
    """

    engines = ("capturable", "foreach", "differentiable")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
        **engine: Any,
    ) -> None:
        at_least_zero(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        if not state:
            state["step"] = counter()
            state["square_avg"] = zeros(p)
            if group["momentum"]:
                state["momentum_buffer"] = zeros(p)
            if group["centered"]:
                state["grad_avg"] = zeros(p)
        count(state)
        update.rmsprop(
            p,
            g,
            state["square_avg"].array,
            state["grad_avg"].array if group["centered"] else None,
            state["momentum_buffer"].array if group["momentum"] else None,
            lr=group["lr"],
            alpha=group["alpha"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            momentum=group["momentum"],
        )
