"""Adafactor: the mean squares of a matrix's gradients, kept as a row and a column."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..kernels import update
from ..tensor import Tensor
from .optimizer import Group, Optimizer, Params, State, at_least_zero, count, counter, zeros


class Adafactor(Optimizer):
    """Adafactor (Shazeer and Stern, 2018): Adam's scale with the memory of a row and a column.

        r ← r + β (mean of g² over columns − r)      c likewise over rows       β = t^beta2_decay
        u = g / √(r c / mean(r))                     of a vector: of its own mean of g²
        p ← p − max(ε₂, rms(p)) min(lr, 1/√t) u / max(1, rms(u) / d)

    `eps` is (ε₁, ε₂); ε₁, by default the dtype's own, keeps the roots above 0. `weight_decay` λ:
    p ← (1 − lr λ) p before the step.
    """

    engines = ("foreach",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        **engine: Any,
    ) -> None:
        at_least_zero(lr=lr, eps2=eps[1], weight_decay=weight_decay, eps1=eps[0] or 0)
        if beta2_decay > 0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if d < 1:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        if p.dtype.kind == "c":
            raise RuntimeError("Adafactor does not support complex parameters")
        if not state:
            state["step"] = counter()
            if p.ndim > 1:
                state["row_var"] = Tensor(np.zeros_like(g[..., :1]))
                state["col_var"] = Tensor(np.zeros_like(g[..., :1, :]))
            else:
                state["variance"] = zeros(p)
        kept = [state.get(name) for name in ("row_var", "col_var", "variance")]
        eps1, eps2 = group["eps"]
        update.adafactor(
            p,
            g,
            *(None if x is None else x.array for x in kept),
            step=count(state),
            lr=group["lr"],
            beta2_decay=group["beta2_decay"],
            eps1=float(np.finfo(p.dtype).eps) if eps1 is None else eps1,
            eps2=eps2,
            d=group["d"],
            weight_decay=group["weight_decay"],
        )
