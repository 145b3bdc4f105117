"""Rprop: the sign of the gradient alone, with a step of its own for each number."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..kernels import update
from ..tensor import Tensor
from .optimizer import Group, Optimizer, Params, State, at_least_zero, count, counter, zeros


class Rprop(Optimizer):
    """Resilient backpropagation (Riedmiller and Braun, 1993), for whole batches.

        s ← η⁺ s where g has the sign of the last one, η⁻ s where it has not
        p ← p − sign(g) s            not where the sign changed

    s starts at `lr` and stays within `step_sizes`; `etas` are (η⁻, η⁺).
    """

    engines = ("foreach", "capturable", "differentiable")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
        **engine: Any,
    ) -> None:
        at_least_zero(lr=lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}. They lie around 1")
        defaults = {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize}
        super().__init__(params, defaults, **engine)

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        if not state:
            state["step"] = counter()
            state["prev"] = zeros(p)
            state["step_size"] = Tensor(np.full_like(p, group["lr"]))
            if p.dtype.kind == "c":  # the two parts of a number go each their way
                state["step_size"].array.imag = group["lr"]
        count(state)
        shrink, grow = group["etas"]
        least, most = group["step_sizes"]
        update.rprop(
            p,
            g,
            state["prev"].array,
            state["step_size"].array,
            shrink=shrink,
            grow=grow,
            least=least,
            most=most,
        )
