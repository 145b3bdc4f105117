"""Vectors of normal variables that depend on each other."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .. import linalg
from ..tensor import Tensor
from . import constraints
from .distribution import LOG_2PI, Distribution, standard_normal

__all__ = ["LowRankMultivariateNormal", "MultivariateNormal"]


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


class LowRankMultivariateNormal(Distribution):
    """loc + W z + sqrt(D) e with standard normal z and e: covariance W W^T + D, with
    W = cov_factor (*batch, n, rank) and D of the diagonal cov_diag (*batch, n).

    Woodbury's identity and the determinant lemma keep every system at the size of the rank.
    """

    arg_constraints: ClassVar = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.real_matrix,
        "cov_diag": constraints.positive_vector,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self, loc: Any, cov_factor: Any, cov_diag: Any, validate_args: bool | None = None
    ) -> None:
        if loc.ndim < 1 or cov_factor.ndim < 2:
            raise ValueError("loc must be a vector and cov_factor a matrix, or more in batches")
        n = loc.shape[-1]
        if cov_factor.shape[-2] != n or tuple(cov_diag.shape[-1:]) != (n,):
            raise ValueError(
                f"cov_factor must be {n} x rank and cov_diag have {n} elements, as loc has; got "
                f"{tuple(cov_factor.shape)} and {tuple(cov_diag.shape)}"
            )
        batch = np.broadcast_shapes(loc.shape[:-1], cov_factor.shape[:-2], cov_diag.shape[:-1])
        self.loc = loc.expand((*batch, n))
        self.cov_factor = cov_factor.expand((*batch, *cov_factor.shape[-2:]))
        self.cov_diag = cov_diag.expand((*batch, n))
        super().__init__(batch, (n,), validate_args)
        scaled = self._scaled()
        eye = Tensor(np.eye(cov_factor.shape[-1], dtype=loc.dtype))
        self._capacitance = linalg.cholesky(eye + scaled @ self.cov_factor)

    def _scaled(self) -> Any:
        """W^T D^-1."""
        return self.cov_factor.transpose(-2, -1) / self.cov_diag.unsqueeze(-2)

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
        return self.cov_factor.pow(2).sum(-1) + self.cov_diag  # type: ignore[no-any-return]

    @property
    def covariance_matrix(self) -> Tensor:
        """W W^T + D."""
        return self.cov_factor @ self.cov_factor.transpose(-2, -1) + self.cov_diag.diag_embed()

    @property
    def scale_tril(self) -> Tensor:
        """The covariance's lower triangular factor."""
        return linalg.cholesky(self.covariance_matrix)  # type: ignore[no-any-return]

    @property
    def precision_matrix(self) -> Tensor:
        """The covariance's inverse, D^-1 - A^T A with A = C^-1/2 W^T D^-1."""
        a = linalg.solve_triangular(self._capacitance, self._scaled(), upper=False)
        return (1 / self.cov_diag).diag_embed() - a.transpose(-2, -1) @ a

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """loc + W z + sqrt(D) e."""
        shape = self.shape_of(sample_shape)
        z = standard_normal((*shape[:-1], self.cov_factor.shape[-1]), self.loc)
        e = standard_normal(shape, self.loc)
        spread: Tensor = self.cov_factor @ z.unsqueeze(-1)
        return self.loc + spread.squeeze(-1) + self.cov_diag.sqrt() * e

    def square(self, x: Any) -> Tensor:
        """x^T covariance^-1 x."""
        inner = (self._scaled() @ x.unsqueeze(-1)).squeeze(-1)
        plain: Tensor = (x.pow(2) / self.cov_diag).sum(-1)
        return plain - distance(self._capacitance, inner)

    def log_size(self) -> Tensor:
        """The logarithm of the covariance's determinant."""
        return 2 * log_det(self._capacitance) + self.cov_diag.log().sum(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        """-(n log 2 pi + log det + the squared distance) / 2."""
        self.check_value(value)
        edges = self.event_shape[0] * LOG_2PI + self.log_size()
        return -0.5 * (edges + self.square(value - self.loc))

    def entropy(self) -> Tensor:
        """(n (1 + log 2 pi) + log det) / 2."""
        return 0.5 * (self.event_shape[0] * (1.0 + LOG_2PI) + self.log_size())


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
