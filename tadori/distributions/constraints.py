"""Where parameters and samples may lie: each constraint has a `check`, and a name for messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = [
    "Constraint",
    "boolean",
    "corr_cholesky",
    "greater_than",
    "greater_than_eq",
    "half_open_interval",
    "integer_interval",
    "interval",
    "less_than",
    "lower_cholesky",
    "nonnegative",
    "nonnegative_integer",
    "one_hot",
    "positive",
    "positive_definite",
    "real",
    "real_vector",
    "simplex",
    "unit_interval",
]


@dataclass(frozen=True)
class Constraint:
    """A set of values. holds: of an array, where it lies in the set; `event_dim` axes count as one
    value. is_discrete: whether it is made of separate points. lower, upper: an interval's ends.
    """

    name: str
    holds: Callable[[Any], Any]
    event_dim: int = 0
    is_discrete: bool = False
    lower: Any = field(default=None, compare=False)
    upper: Any = field(default=None, compare=False)

    def check(self, value: Any) -> Any:
        """Whether each value lies in the set, a boolean tensor without the event's axes."""
        from ..tensor import Tensor

        return Tensor(np.asarray(self.holds(value.detach().array)))

    def __repr__(self) -> str:
        return self.name


def interval(lower: Any, upper: Any) -> Constraint:
    """[lower, upper], ends included."""
    low, high = (getattr(x, "array", x) for x in (lower, upper))
    name = f"Interval(lower_bound={lower}, upper_bound={upper})"
    return Constraint(name, lambda x: (low <= x) & (x <= high), lower=lower, upper=upper)


def half_open_interval(lower: Any, upper: Any) -> Constraint:
    """[lower, upper), without its upper end."""
    low, high = (getattr(x, "array", x) for x in (lower, upper))
    name = f"HalfOpenInterval(lower_bound={lower}, upper_bound={upper})"
    return Constraint(name, lambda x: (low <= x) & (x < high), lower=lower, upper=upper)


def integer_interval(lower: Any, upper: Any) -> Constraint:
    """Whole numbers from lower to upper, both included."""
    low, high = (getattr(x, "array", x) for x in (lower, upper))
    name = f"IntegerInterval(lower_bound={lower}, upper_bound={upper})"
    return Constraint(name, lambda x: (x % 1 == 0) & (low <= x) & (x <= high), is_discrete=True)


def greater_than_eq(lower: Any) -> Constraint:
    """Numbers not below `lower`."""
    low = getattr(lower, "array", lower)
    return Constraint(f"GreaterThanEq(lower_bound={lower})", lambda x: x >= low, lower=lower)


def greater_than(lower: Any) -> Constraint:
    """Numbers above `lower`."""
    low = getattr(lower, "array", lower)
    return Constraint(f"GreaterThan(lower_bound={lower})", lambda x: x > low, lower=lower)


def less_than(upper: Any) -> Constraint:
    """Numbers below `upper`."""
    high = getattr(upper, "array", upper)
    return Constraint(f"LessThan(upper_bound={upper})", lambda x: x < high, upper=upper)


def triangular(x: Any) -> Any:
    """Whether matrices are lower triangular with a positive diagonal."""
    below = np.all(np.tril(x) == x, axis=(-2, -1))
    return below & np.all(np.diagonal(x, axis1=-2, axis2=-1) > 0, axis=-1)


def definite(x: Any) -> Any:
    """Whether matrices are symmetric with positive eigenvalues."""
    symmetric = np.all(np.isclose(x, np.swapaxes(x, -2, -1), atol=1e-6), axis=(-2, -1))
    return symmetric & np.all(np.linalg.eigvalsh(x) > 0, axis=-1)


def on_simplex(x: Any) -> Any:
    """Whether vectors are not negative and sum to 1."""
    return np.all(x >= 0, axis=-1) & (abs(x.sum(-1) - 1) < 1e-6)


def hot(x: Any) -> Any:
    """Whether vectors are one 1 among zeros."""
    return np.all((x == 0) | (x == 1), axis=-1) & (x.sum(-1) == 1)


real = Constraint("Real()", lambda x: x == x)
real_vector = Constraint("IndependentConstraint(Real(), 1)", lambda x: np.all(x == x, axis=-1), 1)
real_matrix = Constraint(
    "IndependentConstraint(Real(), 2)", lambda x: np.all(x == x, axis=(-2, -1)), 2
)
positive = greater_than(0.0)
positive_vector = Constraint(
    "IndependentConstraint(GreaterThan(lower_bound=0.0), 1)", lambda x: np.all(x > 0, axis=-1), 1
)
nonnegative = greater_than_eq(0.0)
unit_interval = interval(0.0, 1.0)
boolean = Constraint("Boolean()", lambda x: (x == 0) | (x == 1), is_discrete=True)
nonnegative_integer = Constraint(
    "IntegerGreaterThan(lower_bound=0)", lambda x: (x % 1 == 0) & (x >= 0), is_discrete=True
)
simplex = Constraint("Simplex()", on_simplex, 1)
one_hot = Constraint("OneHot()", hot, 1, is_discrete=True)
corr_cholesky = Constraint(
    "CorrCholesky()",
    lambda x: triangular(x) & np.all(abs((x * x).sum(-1) - 1) < 1e-4, axis=-1),
    2,
)
lower_cholesky = Constraint("LowerCholesky()", triangular, 2)
positive_definite = Constraint("PositiveDefinite()", definite, 2)


def multinomial(upper: int) -> Constraint:
    """Counts that sum to `upper`."""
    return Constraint(
        f"Multinomial(upper_bound={upper})",
        lambda x: np.all(x >= 0, axis=-1) & (x.sum(-1) <= upper),
        1,
        is_discrete=True,
    )
