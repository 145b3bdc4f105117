"""From all real numbers onto where a parameter may lie: what an optimizer may walk freely."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensor import Tensor
from . import constraints
from . import transforms as t
from .constraints import Constraint

__all__ = ["ConstraintRegistry", "biject_to", "transform_to"]

Factory = Callable[[Constraint], t.Transform]


class ConstraintRegistry:
    """constraint -> the transform whose values satisfy it; `register` adds one."""

    def __init__(self, known: dict[Constraint, t.Transform]) -> None:
        self.factories: dict[Constraint, Factory] = {}
        for constraint, transform in known.items():
            self.register(constraint, lambda _, transform=transform: transform)

    def register(self, constraint: Constraint, factory: Any = None) -> Any:
        """Use factory(constraint) for this constraint; a decorator without `factory`."""
        if factory is None:
            return lambda given: self.register(constraint, given)
        self.factories[constraint] = factory
        return factory

    def __call__(self, constraint: Constraint) -> t.Transform:
        """The transform. Raises NotImplementedError for an unknown constraint."""
        if constraint in self.factories:
            return self.factories[constraint](constraint)
        low, high = constraint.lower, constraint.upper
        if constraint.is_discrete or (low is None and high is None):
            raise NotImplementedError(
                f"Cannot transform {constraint!r} constraints. Remedy: register a transform"
            )
        if low is None:
            return t.ComposeTransform([t.ExpTransform(), t.AffineTransform(high, -1)])
        if high is None:
            shift = t.AffineTransform(low, 1)
            return t.ComposeTransform([t.ExpTransform(), shift])
        if not isinstance(low, Tensor) and (low, high) == (0, 1):
            return t.SigmoidTransform()
        stretch = t.AffineTransform(low, high - low)
        return t.ComposeTransform([t.SigmoidTransform(), stretch])


BOTH: dict[Constraint, t.Transform] = {
    constraints.real: t.identity_transform,
    constraints.real_vector: t.IndependentTransform(t.identity_transform, 1),
    constraints.real_matrix: t.IndependentTransform(t.identity_transform, 2),
    constraints.positive: t.ExpTransform(),
    constraints.nonnegative: t.ExpTransform(),
    constraints.positive_vector: t.IndependentTransform(t.ExpTransform(), 1),
    constraints.corr_cholesky: t.CorrCholeskyTransform(),
}

#: bijections: densities can be carried through them
biject_to = ConstraintRegistry({**BOTH, constraints.simplex: t.StickBreakingTransform()})

#: simpler ones, that need not be bijections: for optimizers
transform_to = ConstraintRegistry(
    {
        **BOTH,
        constraints.simplex: t.SoftmaxTransform(),
        constraints.lower_cholesky: t.LowerCholeskyTransform(),
        constraints.positive_definite: t.PositiveDefiniteTransform(),
    }
)
