"""Matrices taken apart: triangular factors, reflections, eigenvalues, singular values."""

from __future__ import annotations

from typing import Any

from ..autograd.errors import LinAlgError
from ..kernels import factors
from ..language import np
from ..tensor import Tensor
from .results import LU as LUParts
from .results import QR, SVD, CholeskyEx, Eig, LDLFactor, LDLFactorEx, LUFactor, LUFactorEx
from .solve import each, mended, spoiling


def cholesky(A: Any, *, upper: bool = False) -> Any:
    """The lower triangular L with L @ L.mH = A (or U with U.mH @ U = A); one half of A is read.

    Raises LinAlgError if A is not positive definite.
    """
    return np.linalg.cholesky(A, upper=upper)


def cholesky_ex(
    A: Any,
    *,
    upper: bool = False,
    check_errors: bool = False,
) -> CholeskyEx:
    """`cholesky`, and for each matrix 0 or which leading minor is not positive.

    The factor is NaN then; with `check_errors` that is a LinAlgError.
    """
    try:
        return CholeskyEx(cholesky(A, upper=upper), Tensor(np.zeros(A.shape[:-2], np.int32)))
    except LinAlgError:
        if check_errors:
            raise
    lower = factors.adjoint(A) if upper else A
    info = each(failing_minor, lower)
    return CholeskyEx(cholesky(mended(A, info), upper=upper) * spoiling(A, info), info)


def failing_minor(matrix: Any) -> int:
    """The size of the first leading minor that is not positive definite; 0 for none."""
    for size in range(1, len(matrix) + 1):
        try:
            np.linalg.cholesky(matrix[:size, :size])
        except np.linalg.LinAlgError:
            return size
    return 0


def lu(A: Any, *, pivot: bool = True) -> LUParts:
    """A = P @ L @ U: a permutation, ones on L's diagonal and 0 above it, U upper triangular."""
    packed, pivots = lu_factor(A, pivot=pivot)
    p = factors.permutation(pivots, size=A.shape[-2], dtype=A.dtype)
    return LUParts(p, factors.lower_of(packed), factors.upper_of(packed))


def lu_factor(A: Any, *, pivot: bool = True) -> LUFactor:
    """L and U in one matrix, and the exchanges of rows: row i with row pivots[i], counted from 1.

    Raises RuntimeError for pivot=False, as PyTorch on the CPU.
    """
    if not pivot:
        raise RuntimeError(
            "linalg.lu_factor: LU without pivoting is not implemented on the CPU. "
            "Remedy: pivot=True"
        )
    return LUFactor(*factors.lu_factor(A))


def lu_factor_ex(
    A: Any,
    *,
    pivot: bool = True,
    check_errors: bool = False,
) -> LUFactorEx:
    """`lu_factor`, and for each matrix 0 or which diagonal element of U is the first that is 0."""
    packed, pivots = lu_factor(A, pivot=pivot)
    diagonal = np.diagonal(packed.detach().numpy(), 0, -2, -1)
    zero = diagonal == 0
    first = np.argmax(zero, axis=-1) + 1 if diagonal.shape[-1] else 0
    info = np.where(zero.any(-1), first, 0).astype(np.int32)
    if check_errors and info.any():
        raise LinAlgError(f"linalg.lu_factor: U[{info.max()},{info.max()}] is zero, it is singular")
    return LUFactorEx(packed, pivots, Tensor(info))


def ldl_factor(A: Any, *, hermitian: bool = False) -> LDLFactor:
    """A = L @ D @ L.mT (or L.mH) for a symmetric A, in one matrix, for `ldl_solve`. Needs SciPy.

    No derivative.
    """
    packed, pivots, _ = factors.ldl_factor(A, hermitian=hermitian)
    return LDLFactor(packed, pivots)


def ldl_factor_ex(
    A: Any,
    *,
    hermitian: bool = False,
    check_errors: bool = False,
) -> LDLFactorEx:
    """`ldl_factor`, and for each matrix 0 or where D is 0. Needs SciPy."""
    packed, pivots, info = factors.ldl_factor(A, hermitian=hermitian)
    if check_errors and bool((info != 0).any()):
        raise LinAlgError("linalg.ldl_factor: the factor D is exactly singular")
    return LDLFactorEx(packed, pivots, info)


def qr(A: Any, mode: str = "reduced") -> QR:
    """A = Q @ R: orthogonal columns times an upper triangular matrix.

    mode: "reduced"; "complete", with a square Q; "r", without Q. Raises RuntimeError for another.
    """
    if mode == "r":
        return QR(Tensor(np.zeros(0, A.dtype)), np.linalg.qr(A, "r"))
    return QR(*np.linalg.qr(A, mode))


def householder_product(A: Any, tau: Any) -> Any:
    """The first columns of Q, as many as A has, of the reflections of `geqrf`."""
    if A.shape[-2] < A.shape[-1] or A.shape[-1] < tau.shape[-1]:
        raise RuntimeError(
            "householder_product: input.shape[-2] must be greater than or equal to "
            "input.shape[-1], and that to tau.shape[-1]; the shapes are "
            f"{tuple(A.shape)} and {tuple(tau.shape)}"
        )
    return factors.householder_product(A, tau)


def eig(A: Any) -> Eig:
    """Eigenvalues and eigenvectors (columns of length 1) of a square matrix, complex.

    A gradient must not depend on the vectors' free angles.
    """
    return Eig(*np.linalg.eig(A))


def eigvals(A: Any) -> Any:
    """The eigenvalues of a square matrix, complex."""
    return np.linalg.eigvals(A)


def eigh(A: Any, UPLO: Any = "L") -> Eig:
    """Eigenvalues and eigenvectors of a symmetric (Hermitian) matrix, of which one half is read."""
    return Eig(*np.linalg.eigh(A, UPLO))


def eigvalsh(A: Any, UPLO: Any = "L") -> Any:
    """The eigenvalues of a symmetric (Hermitian) matrix, ascending."""
    return np.linalg.eigvalsh(A, UPLO)


def svd(A: Any, full_matrices: bool = True, *, driver: str | None = None) -> SVD:
    """A = U @ diag(S) @ Vh; with full_matrices U and Vh are square.

    What is added to them then has no derivative.
    """
    refuse(driver)
    return SVD(*np.linalg.svd(A, full_matrices))


def svdvals(A: Any, *, driver: str | None = None) -> Any:
    """The singular values, descending."""
    refuse(driver)
    return np.linalg.svdvals(A)


def refuse(driver: Any) -> None:
    """Raise for the choice of a driver, which PyTorch has on CUDA only."""
    if driver is not None:
        raise RuntimeError("linalg.svd: keyword argument `driver=` is only supported on CUDA")
