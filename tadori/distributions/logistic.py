"""Shares made of normal variables."""

from __future__ import annotations

from typing import Any, ClassVar

from . import constraints
from .composed import TransformedDistribution
from .continuous import Normal
from .transforms import StickBreakingTransform

__all__ = ["LogisticNormal"]


class LogisticNormal(TransformedDistribution):
    """n + 1 shares that sum to 1, by breaking a stick at n normal variables."""

    arg_constraints: ClassVar = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.simplex

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base: Any = Normal(loc, scale, False)
        if not base.batch_shape:
            base = base.expand((1,))
        self.loc, self.scale = base.loc, base.scale
        super().__init__(base, StickBreakingTransform(), validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """With the parameters expanded; their last axis stays."""
        shape = (*tuple(batch_shape), self.loc.shape[-1])
        return LogisticNormal(self.loc.expand(shape), self.scale.expand(shape), False)
