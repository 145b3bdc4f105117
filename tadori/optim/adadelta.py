"""Adadelta: steps in the units of the parameter itself."""

from __future__ import annotations

from typing import Any

from ..kernels import update
from .optimizer import Group, Optimizer, Params, State, at_least_zero, count, counter, zeros


class Adadelta(Optimizer):
    """Adadelta (Zeiler, 2012): the size of past updates in the place of a learning rate.

        v ← ρ v + (1 − ρ) g²
        Δ = √(d + ε) / √(v + ε) · g
        d ← ρ d + (1 − ρ) Δ²
        p ← p − lr · Δ

    `weight_decay` λ adds λ p to g. `maximize` turns the sign of g.
    """

    engines = ("foreach", "capturable", "differentiable")

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **engine: Any,
    ) -> None:
        at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay)
        if not 0 <= rho <= 1:
            raise ValueError(f"Invalid rho: {rho}. It must be in [0, 1]")
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        if not state:
            state["step"] = counter()
            state["square_avg"] = zeros(p)
            state["acc_delta"] = zeros(p)
        count(state)
        update.adadelta(
            p,
            g,
            state["square_avg"].array,
            state["acc_delta"].array,
            lr=group["lr"],
            rho=group["rho"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
        )
