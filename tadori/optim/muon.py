"""Muon: the direction of the gradient as a matrix, all its singular values alike."""

from __future__ import annotations

from math import sqrt
from typing import Any

from ..kernels import update
from .optimizer import Group, Optimizer, Params, State, at_least_zero, zeros


class Muon(Optimizer):
    """Muon (Jordan et al., 2024), for the weights of inner layers, which are matrices.

        m ← µ m + (1 − µ) g                  u = g + µ (m − g) with `nesterov`, else m
        p ← (1 − lr λ) p − lr r · (U Vᵀ of u = U S Vᵀ, nearly)

    The singular values are brought near 1 by `ns_steps` Newton-Schulz steps with `ns_coefficients`,
    in bfloat16. r is √max(1, rows / columns), or, with adjust_lr_fn="match_rms_adamw", 0.2 √ of the
    longer side. Raises ValueError for parameters that are no matrices.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        at_least_zero(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        if ns_steps >= 100:
            raise ValueError("Number of steps must be less than 100 for computational efficiency")
        if len(ns_coefficients) != 3:
            raise ValueError("Coefficients must be a tuple of exactly 3 values")
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)
        for p in (p for group in self.param_groups for p in group["params"]):
            if p.ndim != 2:
                raise ValueError(
                    "Muon only supports 2D parameters whereas we found a parameter with size: "
                    f"{tuple(p.shape)}. Remedy: give the others to AdamW"
                )

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        if p.dtype.kind == "c":
            raise ValueError("Complex parameters are not supported")
        if not state:
            state["momentum_buffer"] = zeros(p)
        rows, columns = p.shape
        if group["adjust_lr_fn"] == "match_rms_adamw":
            ratio = 0.2 * sqrt(max(rows, columns))
        else:
            ratio = sqrt(max(1, rows / columns))
        update.muon(
            p,
            g,
            state["momentum_buffer"].array,
            lr=group["lr"],
            ratio=ratio,
            momentum=group["momentum"],
            nesterov=group["nesterov"],
            coefficients=group["ns_coefficients"],
            steps=group["ns_steps"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
        )
