"""Inverses, quotients, least squares, determinants."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..autograd.errors import LinAlgError
from ..kernels import factors
from ..language import np
from ..ops import inverse
from ..tensor import Tensor
from .results import InvEx, LstSq, Slogdet, SolveEx


def swapped(x: Any) -> Any:
    """The last two axes exchanged."""
    return np.swapaxes(x, -1, -2)


def inv(A: Any) -> Any:
    """The inverse. Raises LinAlgError for a singular matrix."""
    return np.linalg.inv(A)


def inv_ex(A: Any, *, check_errors: bool = False) -> InvEx:
    """The inverse, and for each matrix 0 or the place of the pivot that is 0.

    The inverse of a singular matrix is NaN; with `check_errors` it is a LinAlgError.
    """
    try:
        return InvEx(np.linalg.inv(A), Tensor(np.zeros(A.shape[:-2], np.int32)))
    except LinAlgError:
        if check_errors:
            raise
    info = each(zero_pivot, A)
    return InvEx(np.linalg.inv(mended(A, info)) * spoiling(A, info), info)


def solve(A: Any, B: Any, *, left: bool = True) -> Any:
    """The X with A @ X = B; with left=False, X @ A = B. B is a vector if it has one axis.

    A batch of vectors, (*any, n) beside (*any, n, n), is one too.
    """
    if is_vector(A, B):
        return np.squeeze(solve(A, np.expand_dims(B, -1)), -1)
    if not left:
        return swapped(solve(swapped(A), swapped(B)))
    return np.linalg.solve(A, B)


def is_vector(A: Any, B: Any) -> bool:
    """Whether B is one right side, or one for each matrix, rather than a matrix of them."""
    return B.ndim == 1 or (A.ndim - 1 == B.ndim and B.shape == A.shape[:-1])


def solve_ex(
    A: Any,
    B: Any,
    *,
    left: bool = True,
    check_errors: bool = False,
) -> SolveEx:
    """`solve`, and for each matrix 0 or the place of the pivot that is 0; see `inv_ex`."""
    try:
        return SolveEx(solve(A, B, left=left), Tensor(np.zeros(A.shape[:-2], np.int32)))
    except LinAlgError:
        if check_errors:
            raise
    info = each(zero_pivot, A)
    spoilt = spoiling(A, info)
    if is_vector(A, B):
        spoilt = spoilt[..., 0]
    return SolveEx(solve(mended(A, info), B, left=left) * spoilt, info)


def each(question: Callable[..., int], x: Any) -> Any:
    """An int32 tensor with the answer for each matrix of the batch."""
    array = x.detach().numpy()
    found = [question(matrix) for matrix in factors.matrices(array)]
    return Tensor(np.reshape(np.array(found, np.int32), array.shape[:-2]))


def zero_pivot(matrix: Any) -> int:
    """Which diagonal element of u is the first that is 0, counted from 1; 0 for none."""
    lu, _ = factors.lu_factor(matrix)
    zeros = np.flatnonzero(np.diagonal(lu) == 0)
    return int(zeros[0]) + 1 if len(zeros) else 0


def mended(x: Any, info: Any) -> Any:
    """x, with the identity for each matrix that failed."""
    failed = np.expand_dims(info != 0, (-2, -1))
    return np.where(failed, np.eye(x.shape[-1], dtype=x.dtype), x)


def spoiling(x: Any, info: Any) -> Any:
    """A factor for each matrix: 1, or NaN for one that failed."""
    factor = np.where(info.numpy() != 0, math.nan, 1.0)
    return Tensor(factor.astype(x.dtype)[..., None, None])


def solve_triangular(
    A: Any,
    B: Any,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
) -> Any:
    """The X with A @ X = B (or X @ A = B), of the upper or lower triangle of A."""
    if not left:
        y = factors.solve_triangular(swapped(A), swapped(B), upper=not upper, unit=unitriangular)
        return swapped(y)
    return factors.solve_triangular(A, B, upper=upper, unit=unitriangular)


def lu_solve(
    LU: Any,
    pivots: Any,
    B: Any,
    *,
    left: bool = True,
    adjoint: bool = False,
) -> Any:
    """The X with A @ X = B for the A of `lu_factor`; X @ A = B without `left`; A^H for `adjoint`.

    Of X A = B the adjoint is A^H X^H = B^H.
    """
    if left:
        return factors.lu_solve(LU, B, pivots, conjugate_transpose=adjoint)
    turned = factors.adjoint(B)
    return factors.adjoint(factors.lu_solve(LU, turned, pivots, conjugate_transpose=not adjoint))


def ldl_solve(
    LD: Any,
    pivots: Any,
    B: Any,
    *,
    hermitian: bool = False,
) -> Any:
    """The X with A @ X = B for the A of `ldl_factor`. No derivative. Needs SciPy."""
    return factors.ldl_solve(LD, B, pivots, hermitian=hermitian)


def det(A: Any) -> Any:
    """The determinant."""
    return np.linalg.det(A)


def slogdet(A: Any) -> Slogdet:
    """The sign of the determinant and log |det|, which neither overflows nor underflows."""
    return Slogdet(*np.linalg.slogdet(A))


def pinv(
    A: Any,
    rcond: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
) -> Any:
    """The inverse of Moore and Penrose, of singular values above atol and rtol times the largest.

    rtol is max(m, n) times the dtype's eps unless one of the limits is given; rcond is its old
    name. `hermitian` reads one half of A.
    """
    return inverse.pinv(A, rcond, hermitian, rtol=rtol, atol=atol)


#: which results each of LAPACK's drivers knows: the rank, the singular values
DRIVERS = {
    "gels": (False, False),
    "gelsy": (True, False),
    "gelsd": (True, True),
    "gelss": (True, True),
}


def lstsq(
    A: Any,
    B: Any,
    rcond: float | None = None,
    *,
    driver: str | None = None,
) -> LstSq:
    """The X with the least |A @ X - B|, and of those the least |X|: pinv(A) @ B.

    driver: "gels", "gelsy" (the default), "gelsd", "gelss" say which results are filled in; all
    compute alike. Residuals are there for m > n and full rank, but not of "gelsy".
    """
    driver = "gelsy" if driver is None else driver
    if driver not in DRIVERS:
        raise RuntimeError(
            f"linalg.lstsq: parameter `driver` should be one of {tuple(DRIVERS)}, got {driver!r}"
        )
    m, n = A.shape[-2:]
    vector = is_vector(A, B)
    right = np.expand_dims(B, -1) if vector else B
    x = np.linalg.pinv(A, rtol=rcond) @ right
    rank = np.linalg.matrix_rank(A, rtol=rcond)
    residuals = nothing(x)
    if m > n and driver != "gelsy" and bool(np.all(rank == n)):
        error = np.abs(A @ x - right)
        residuals = np.sum(error * error, axis=-2)
        residuals = np.squeeze(residuals, -1) if vector else residuals
    knows_rank, knows_sizes = DRIVERS[driver]
    sizes = np.linalg.svdvals(A.detach()) if knows_sizes else nothing(x.detach())
    return LstSq(
        np.squeeze(x, -1) if vector else x,
        residuals,
        rank if knows_rank else Tensor(np.zeros(0, np.int64)),
        sizes,
    )


def nothing(x: Any) -> Any:
    """An empty part of x, real."""
    return np.real(np.reshape(x, -1)[:0])


def tensorinv(A: Any, ind: int = 2) -> Any:
    """The inverse for tensordot: of A as a matrix whose rows are its first `ind` axes."""
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', got {ind}")
    rows, columns = A.shape[:ind], A.shape[ind:]
    if math.prod(rows) != math.prod(columns):
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == "
            f"prod(self.shape[:ind]), but got {math.prod(columns)} != {math.prod(rows)}"
        )
    matrix = np.reshape(A, (math.prod(rows), math.prod(columns)))
    inverse.require_square("tensorinv", matrix)
    return np.reshape(np.linalg.inv(matrix), (*columns, *rows))


def tensorsolve(A: Any, B: Any, dims: Any = None) -> Any:
    """The X with tensordot(A, X, X.ndim) = B; `dims` are axes of A that first move to its end."""
    if dims is not None:
        A = np.moveaxis(A, tuple(dims), tuple(range(A.ndim - len(dims), A.ndim)))
    shape = A.shape[B.ndim :]
    if math.prod(shape) != B.numel():
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            f"prod(self.shape[:other.ndim]), but got {math.prod(shape)} != {B.numel()}"
        )
    matrix = np.reshape(A, (B.numel(), math.prod(shape)))
    x = np.linalg.solve(matrix, np.reshape(B, -1))
    return np.reshape(x, shape)
