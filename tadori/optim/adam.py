"""Adam: every number has its own pace, from the mean and the size of its gradients."""

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


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015): moving means of the gradient and of its square.

        m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
        v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
        p ← p − lr · m̂ / (√v̂ + ε)

    The divisions make up for m and v starting from zero. `amsgrad` (Reddi et al., 2018) takes the
    largest v so far. `weight_decay` λ adds λ p to g, or, with `decoupled_weight_decay`, is AdamW's.
    """

    engines = ("foreach", "capturable", "differentiable", "fused")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        **engine: Any,
    ) -> None:
        at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay)
        below_one(*betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        adam_step(p, g, state, group, decoupled=group["decoupled_weight_decay"])


class AdamW(Adam):
    """Adam with weight decay on its own (Loshchilov and Hutter, 2019).

        p ← (1 − lr · λ) p           and then Adam's step, without any decay in g

    In Adam, λ p in g is divided by √v̂ like the rest, so numbers with large gradients hardly decay.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        **engine: Any,
    ) -> None:
        options = (lr, betas, eps, weight_decay, amsgrad)
        Adam.__init__(
            self, params, *options, maximize=maximize, decoupled_weight_decay=True, **engine
        )


def adam_step(p: Any, g: Any, state: State, group: Group, decoupled: bool) -> None:
    """What Adam and AdamW share: keep m and v, and take the step."""
    if not state:
        state["step"] = counter()
        state["exp_avg"] = zeros(p)
        state["exp_avg_sq"] = zeros(p)
        if group["amsgrad"]:
            state["max_exp_avg_sq"] = zeros(p)
    beta1, beta2 = group["betas"]
    update.adam(
        p,
        g,
        state["exp_avg"].array,
        state["exp_avg_sq"].array,
        state["max_exp_avg_sq"].array if group["amsgrad"] else None,
        step=count(state),
        lr=group["lr"],
        beta1=beta1,
        beta2=beta2,
        eps=group["eps"],
        weight_decay=group["weight_decay"],
        decoupled=decoupled,
    )
