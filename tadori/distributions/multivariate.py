"""Vectors of normal variables that depend on each other."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .. import linalg
from ..tensor import Tensor
from . import constraints
from .distribution import LOG_2PI, Distribution, standard_normal

__all__ = ["MultivariateNormal"]


class MultivariateNormal(Distribution):
    """loc + L z, with standard normal z: given by L = scale_tril, by the covariance L L^T, or by
    its inverse, the precision. loc (*batch, n), the others (*batch, n, n).
    """

    arg_constraints: ClassVar = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        given = {
            "covariance_matrix": covariance_matrix,
            "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        }
        given = {name: value for name, value in given.items() if value is not None}
        if len(given) != 1:
            raise ValueError(
                "Exactly one of covariance_matrix or precision_matrix or scale_tril may be "
                "specified."
            )
        ((self.given, matrix),) = given.items()
        if loc.ndim < 1 or matrix.ndim < 2:
            raise ValueError(
                "loc must be a vector and the matrix have two axes, or more in batches"
            )
        batch = np.broadcast_shapes(loc.shape[:-1], matrix.shape[:-2])
        self.loc = loc.expand((*batch, loc.shape[-1]))
        self.__dict__[self.given] = matrix.expand((*batch, *matrix.shape[-2:]))
        super().__init__(batch, loc.shape[-1:], validate_args)
        self._factor = self._lower()

    def _lower(self) -> Any:
        """L, from what is given."""
        if self.given == "scale_tril":
            return self.__dict__["scale_tril"]
        if self.given == "covariance_matrix":
            return linalg.cholesky(self.__dict__["covariance_matrix"])
        # P = U^T U, with U the flipped factor of the flipped matrix; then L is the inverse of U
        flipped = linalg.cholesky(self.__dict__["precision_matrix"].flip((-2, -1)))
        upper = flipped.flip((-2, -1)).transpose(-2, -1)
        eye = Tensor(np.eye(self.loc.shape[-1], dtype=self.loc.dtype))
        return linalg.solve_triangular(upper, eye.expand(upper.shape), upper=False)

    def __getattr__(self, name: str) -> Any:
        if name == "scale_tril" and "_factor" in self.__dict__:
            return self._factor
        if name == "covariance_matrix" and "_factor" in self.__dict__:
            return self._factor @ self._factor.transpose(-2, -1)
        if name == "precision_matrix" and "_factor" in self.__dict__:
            return linalg.inv(self._factor @ self._factor.transpose(-2, -1))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def parameters(self) -> list[str]:
        """loc and the given matrix."""
        return ["loc", self.given]

    @property
    def mean(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def mode(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def variance(self) -> Tensor:
        """The covariance's diagonal."""
        return self._factor.pow(2).sum(-1)  # type: ignore[no-any-return]

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """loc + L z."""
        z = standard_normal(self.shape_of(sample_shape), self.loc)
        spread: Tensor = self._factor @ z.unsqueeze(-1)
        return self.loc + spread.squeeze(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        """-(n log 2 pi + |L^-1 (x - loc)|^2) / 2 - log det L."""
        self.check_value(value)
        square = distance(self._factor, value - self.loc)
        return -0.5 * (self.event_shape[0] * LOG_2PI + square) - log_det(self._factor)

    def entropy(self) -> Tensor:
        """n (1 + log 2 pi) / 2 + log det L."""
        return 0.5 * self.event_shape[0] * (1.0 + LOG_2PI) + log_det(self._factor)


def log_det(lower: Any) -> Tensor:
    """The logarithm of a triangular matrix's determinant."""
    return lower.diagonal(dim1=-2, dim2=-1).log().sum(-1)  # type: ignore[no-any-return]


def distance(lower: Any, x: Any) -> Tensor:
    """|L^-1 x|^2."""
    shape = np.broadcast_shapes(lower.shape[:-2], x.shape[:-1])
    column = x.expand((*shape, x.shape[-1])).unsqueeze(-1)
    matrix = lower.expand((*shape, *lower.shape[-2:]))
    solved = linalg.solve_triangular(matrix, column, upper=False)
    return solved.pow(2).sum((-2, -1))  # type: ignore[no-any-return]
