"""Inverses, determinants and factors of matrices under PyTorch's older names.

Those of `tadori.linalg` do more; most of these take batches, (*any, m, n), too.
"""

from __future__ import annotations

from typing import Any

from ..kernels import factors
from ..language import np
from .return_types import qr as QR
from .return_types import slogdet as SlogDet
from .return_types import svd as SVD
from .return_types import triangular_solve as TriangularSolve


class Decompositions:
    """Methods for square matrices and for matrices that are taken apart."""

    __slots__ = ()

    def det(self: Any) -> Any:
        """The determinant."""
        return np.linalg.det(self)

    def slogdet(self: Any) -> Any:
        """The sign of the determinant, and log |det|."""
        return SlogDet(*np.linalg.slogdet(self))

    def logdet(self: Any) -> Any:
        """log(det): NaN of a negative determinant, -inf of 0."""
        sign, size = np.linalg.slogdet(self)
        if self.dtype.kind == "c":
            return size + np.log(sign)
        return np.where(sign < 0, np.nan, size)

    def inverse(self: Any) -> Any:
        """The inverse. Raises LinAlgError for a singular matrix."""
        return np.linalg.inv(self)

    def pinverse(self: Any, rcond: float = 1e-15) -> Any:
        """The inverse of Moore and Penrose, of singular values above rcond times the largest."""
        return np.linalg.pinv(self, rcond)

    def matrix_power(self: Any, n: int) -> Any:
        """The n-th power; of the inverse for a negative n."""
        return np.linalg.matrix_power(self, n)

    def matrix_exp(self: Any) -> Any:
        """1 + x + x^2 / 2 + x^3 / 6 + ..."""
        return factors.matrix_exp(self)

    def cross(self: Any, other: Any, dim: int | None = None) -> Any:
        """The vector across two; `dim` is by default the first axis of 3 elements."""
        if dim is None:
            threes = [i for i, n in enumerate(self.shape) if n == 3]
            if not threes:
                raise RuntimeError(
                    f"cross: no dimension of size 3 in input of shape {tuple(self.shape)}"
                )
            dim = threes[0]
        return np.cross(self, other, axis=dim)

    def cholesky(self: Any, upper: bool = False) -> Any:
        """The lower triangular l with l @ l.mH = self, or u with u.mH @ u = self."""
        return np.linalg.cholesky(self, upper=upper)

    def cholesky_solve(self: Any, input2: Any, upper: bool = False) -> Any:
        """The x with a @ x = self, for the a of which `input2` is Cholesky's factor."""
        return factors.cholesky_solve(self, input2, upper=upper)

    def cholesky_inverse(self: Any, upper: bool = False) -> Any:
        """The inverse of the matrix of which this is Cholesky's factor."""
        one = np.eye(self.shape[-1], dtype=self.dtype)
        return factors.cholesky_solve(one, self, upper=upper)

    def qr(self: Any, some: bool = True) -> Any:
        """Orthogonal columns and an upper triangular matrix; without `some`, square columns."""
        return QR(*np.linalg.qr(self, "reduced" if some else "complete"))

    def svd(self: Any, some: bool = True, compute_uv: bool = True) -> Any:
        """u, s, v with self = u @ diag(s) @ v.mH; without `compute_uv` zeros for u and v."""
        if compute_uv:
            u, s, vh = np.linalg.svd(self, not some)
            return SVD(u, s, factors.adjoint(vh))
        m, n = self.shape[-2:]
        zeros = [np.zeros_like(self, shape=(*self.shape[:-2], size, size)) for size in (m, n)]
        return SVD(zeros[0], np.linalg.svdvals(self), zeros[1])

    def lu(self: Any, pivot: bool = True, get_infos: bool = False) -> Any:
        """L and U in one matrix and the exchanges of rows; with `get_infos` also zeros."""
        if not pivot:
            raise RuntimeError("lu: LU without pivoting is not implemented on the CPU")
        packed, pivots = factors.lu_factor(self)
        if not get_infos:
            return packed, pivots
        zero = np.diagonal(packed, 0, -2, -1) == 0
        return packed, pivots, np.astype(np.any(zero, axis=-1), np.int32)

    def lu_solve(self: Any, LU_data: Any, LU_pivots: Any) -> Any:
        """The x with a @ x = self, for the a of which `lu` made the others."""
        return factors.lu_solve(LU_data, self, LU_pivots)

    def triangular_solve(
        self: Any,
        A: Any,
        upper: bool = True,
        transpose: bool = False,
        unitriangular: bool = False,
    ) -> Any:
        """The x with A @ x = self (A.mT for `transpose`), of a triangle of A; and A."""
        matrix = np.swapaxes(A, -1, -2) if transpose else A
        above = upper != transpose
        x = factors.solve_triangular(matrix, self, upper=above, unit=unitriangular)
        return TriangularSolve(x, A)

    def geqrf(self: Any) -> Any:
        """r on and above the diagonal, below it the reflections whose product is q; and tau."""
        return factors.geqrf(self)

    def orgqr(self: Any, input2: Any) -> Any:
        """q, from the reflections of `geqrf` and their tau."""
        return factors.householder_product(self, input2)

    def ormqr(
        self: Any,
        input2: Any,
        input3: Any,
        left: bool = True,
        transpose: bool = False,
    ) -> Any:
        """q @ input3 with the square q of `geqrf` and tau, input2; q.mH, or from the right."""
        return factors.reflected(self, input2, input3, left=left, transpose=transpose)


# Functions that PyTorch has not as methods.


def lu_unpack(
    LU_data: Any,
    LU_pivots: Any,
    unpack_data: bool = True,
    unpack_pivots: bool = True,
) -> Any:
    """P, L, U of what `lu` made; empty what is not to be unpacked."""
    empty = np.zeros_like(LU_data.detach(), shape=(0,))
    p = lower = upper = empty
    if unpack_pivots:
        p = factors.permutation(LU_pivots, size=LU_data.shape[-2], dtype=LU_data.dtype)
    if unpack_data:
        lower, upper = factors.lower_of(LU_data), factors.upper_of(LU_data)
    return p, lower, upper
