"""Matrices of low rank: the largest singular values and eigenvalues, found with random vectors."""

from __future__ import annotations

from typing import Any

from ..kernels import factors
from ..language import np
from ..random import randn
from ..tensor import Tensor


def basis(
    A: Tensor,
    q: int,
    niter: int,
) -> Tensor:
    """q orthogonal columns that nearly span those of A (Halko, Martinsson and Tropp 2009)."""
    start = randn(A.shape[-1], q, dtype=A.dtype, device=A.device)
    columns = np.linalg.qr(A @ start)[0]
    for _ in range(niter):
        rows = np.linalg.qr(A.mH @ columns)[0]
        columns = np.linalg.qr(A @ rows)[0]
    return columns


def svd_lowrank(
    A: Tensor,
    q: int | None = 6,
    niter: int | None = 2,
    M: Tensor | None = None,
) -> tuple[Any, Any, Any]:
    """About the q largest singular values of A (of A - M): U, S, V with A near U @ diag(S) @ V.mH.

    niter: how often the random start is improved.
    """
    q, niter = 6 if q is None else q, 2 if niter is None else niter
    if M is not None:
        A = A - M
    wide = A.shape[-2] < A.shape[-1]
    tall = A.mH if wide else A
    columns = basis(tall, q, niter)
    u, s, vh = np.linalg.svd(columns.mH @ tall, full_matrices=False)
    u, v = columns @ u, vh.mH
    return (v, s, u) if wide else (u, s, v)


def pca_lowrank(
    A: Tensor,
    q: int | None = None,
    center: bool = True,
    niter: int = 2,
) -> tuple[Any, Any, Any]:
    """The q (by default 6) principal components of the rows of A: U, S, V; see `svd_lowrank`.

    center: the mean of the rows is taken off first. Raises ValueError for a q that does not fit.
    """
    m, n = A.shape[-2:]
    q = min(6, m, n) if q is None else q
    if not 0 <= q <= min(m, n):
        raise ValueError(
            f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}"
        )
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    if center:
        A = A - A.mean(-2, keepdim=True)
    return svd_lowrank(A, q, niter)


def lobpcg(
    A: Tensor,
    k: int | None = None,
    B: Tensor | None = None,
    X: Tensor | None = None,
    n: int | None = None,
    iK: Tensor | None = None,
    niter: int | None = None,
    tol: float | None = None,
    largest: bool | None = None,
    method: str | None = None,
    tracker: Any = None,
    **orthogonalisation: Any,
) -> tuple[Any, Any]:
    """The k (by default 1) largest eigenvalues w of A v = w B v, and the vectors, as columns.

    A is symmetric (Hermitian), B also positive definite, 1 by default; largest=False gives the
    smallest, ascending. Tadori has dense matrices only, and computes all their eigenvalues: what
    steers PyTorch's iteration (X but for its width, iK, niter, tol, method, ...) has no effect.
    Raises ValueError where PyTorch does: for an A with fewer than 3 k rows.
    """
    if k is None:
        k = 1 if X is None else X.shape[-1]
    if A.shape[-1] < 3 * k:
        raise ValueError(
            f"lobpcg is not applicable when the number of A rows (={A.shape[-1]}) is smaller than "
            f"3 x the number of requested eigenpairs (={k}). Remedy: tadori.linalg.eigh"
        )
    if B is not None:  # with B = l l^H, the eigenvalues of l^-1 A l^-H
        lower = np.linalg.cholesky(B)
        half = factors.solve_triangular(lower, A, upper=False)
        A = factors.adjoint(factors.solve_triangular(lower, factors.adjoint(half), upper=False))
    w, v = np.linalg.eigh(A)
    if largest is None or largest:
        w, v = np.flip(w, -1), np.flip(v, -1)
    w, v = w[..., :k], v[..., :k]
    if B is not None:
        v = factors.solve_triangular(factors.adjoint(lower), v, upper=True)
    return w, v
