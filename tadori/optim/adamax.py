"""Adamax: Adam with the largest gradient in place of the root mean square."""

from __future__ import annotations

from typing import Any

from ..kernels import update
from .optimizer import (
    Group,
    Optimizer,
    Params,
    State,
    at_least_zero,
    below_one,
    count,
    counter,
    zeros,
)


class Adamax(Optimizer):
    """Adamax (Kingma and Ba, 2015): Adam in the infinity norm.

        m ← β₁ m + (1 − β₁) g
        u ← max(β₂ u, |g| + ε)
        p ← p − lr / (1 − β₁ᵗ) · m / u

    `weight_decay` λ adds λ p to g. `maximize` turns the sign of g.
    """

    engines = ("foreach", "differentiable", "capturable")

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **engine: Any,
    ) -> None:
        at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay)
        below_one(*betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        if not state:
            state["step"] = counter()
            state["exp_avg"] = zeros(p)
            state["exp_inf"] = zeros(p)
        beta1, beta2 = group["betas"]
        update.adamax(
            p,
            g,
            state["exp_avg"].array,
            state["exp_inf"].array,
            step=count(state),
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            eps=group["eps"],
            weight_decay=group["weight_decay"],
        )
