"""Matrices of low rank: the largest singular values and eigenvalues, found with random vectors."""

from __future__ import annotations

from typing import Any

import numpy

from ..random import randn
from ..tensor import Tensor

np: Any = numpy  # as `nn.language`, which would bring all of `nn` along


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
