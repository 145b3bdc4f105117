"""RAdam: Adam that waits until it knows the variance of its pace."""

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


class RAdam(Optimizer):
    """Rectified Adam (Liu et al., 2020): momentum alone until √v̂ can be trusted.

        ρ∞ = 2 / (1 − β₂) − 1        ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)         how many steps v knows
        p ← p − lr · m̂                                                    if ρ ≤ 5, and else
        p ← p − lr · m̂ · r / (√v̂ + ε)     r² = (ρ−4)(ρ−2) ρ∞ / ((ρ∞−4)(ρ∞−2) ρ)

    with Adam's m̂ and v̂. `weight_decay` is Adam's, or AdamW's with `decoupled_weight_decay`.
    """

    engines = ("foreach", "capturable", "differentiable")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
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
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        if not state:
            state["step"] = counter()
            state["exp_avg"] = zeros(p)
            state["exp_avg_sq"] = zeros(p)
        beta1, beta2 = group["betas"]
        update.radam(
            p,
            g,
            state["exp_avg"].array,
            state["exp_avg_sq"].array,
            step=count(state),
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            decoupled=group["decoupled_weight_decay"],
        )
