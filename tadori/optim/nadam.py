"""NAdam: Adam that looks one step ahead."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..kernels import update
from ..tensor import Tensor
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


class NAdam(Optimizer):
    """Adam with Nesterov's momentum (Dozat, 2016): the mean is looked at one step ahead.

        µₜ = β₁ (1 − 0.96^(t ψ) / 2)                                 ψ is `momentum_decay`
        p ← p − lr · (1 − µₜ) / (1 − µ₁ ⋯ µₜ) · g / (√v̂ + ε)
              − lr · µₜ₊₁ / (1 − µ₁ ⋯ µₜ₊₁) · m / (√v̂ + ε)

    with Adam's m and v̂. `weight_decay` is Adam's, or AdamW's with `decoupled_weight_decay`.
    """

    engines = ("foreach", "capturable", "differentiable")

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **engine: Any,
    ) -> None:
        at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay)
        below_one(*betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        if not state:
            state["step"] = counter()
            state["mu_product"] = Tensor(np.ones_like(state["step"].array))
            state["exp_avg"] = zeros(p)
            state["exp_avg_sq"] = zeros(p)
        step = count(state)
        beta1, beta2 = group["betas"]
        mu, mu_next = (
            beta1 * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])) for t in (step, step + 1)
        )
        state["mu_product"].array *= mu
        update.nadam(
            p,
            g,
            state["exp_avg"].array,
            state["exp_avg_sq"].array,
            step=step,
            beta1=beta1,
            beta2=beta2,
            mu=mu,
            mu_next=mu_next,
            mu_product=state["mu_product"].item(),
            lr=group["lr"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            decoupled=group["decoupled_weight_decay"],
        )
