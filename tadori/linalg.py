"""Linear algebra under PyTorch's names in `torch.linalg`: norms, products, decompositions.

Each is NumPy's function of the same name; on Tensors it is recorded.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.linalg import LinAlgError

__all__ = [
    "LinAlgError",
    "norm",
    "vector_norm",
    "matrix_norm",
    "matmul",
    "multi_dot",
    "vecdot",
    "matrix_power",
    "diagonal",
    "inv",
    "pinv",
    "solve",
    "det",
    "slogdet",
    "cholesky",
    "qr",
    "eigh",
    "eigvalsh",
    "svd",
    "svdvals",
]


class Slogdet(NamedTuple):
    """The sign of a determinant, and the logarithm of its absolute value."""

    sign: Any
    logabsdet: Any


class QR(NamedTuple):
    """Orthogonal columns, and an upper triangular matrix."""

    Q: Any
    R: Any


class Eigh(NamedTuple):
    """The eigenvalues, ascending, and the eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


class SVD(NamedTuple):
    """The singular vectors, the singular values, descending, and the other vectors as rows."""

    U: Any
    S: Any
    Vh: Any


def norm(A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False) -> Any:
    """The norm of all elements, or `ord` of vectors (one dim) or of matrices (two)."""
    return np.linalg.norm(A, ord, dim, keepdim)


def vector_norm(x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False) -> Any:
    """(sum of |x|^ord)^(1/ord) over all elements or some axes."""
    axis = tuple(dim) if isinstance(dim, list) else dim
    return np.linalg.vector_norm(x, axis=axis, keepdims=keepdim, ord=ord)


def matrix_norm(A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False) -> Any:
    """The norm of matrices: "fro", "nuc", inf, -inf, 1, -1, 2, -2."""
    return np.linalg.norm(A, ord, tuple(dim), keepdim)


def matmul(input: Any, other: Any) -> Any:
    """input @ other."""
    return np.matmul(input, other)


def multi_dot(tensors: Any) -> Any:
    """a @ b @ c ..., in the order that costs least; the first and the last may be vectors."""
    return np.linalg.multi_dot(tensors)


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """The sum of conj(x) * y over one axis."""
    return np.linalg.vecdot(x, y, axis=dim)  # type: ignore[call-overload]


def matrix_power(A: Any, n: int) -> Any:
    """A @ A @ ... @ A, n times; of the inverse for a negative n."""
    return np.linalg.matrix_power(A, n)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The diagonal of two axes, as the last axis of a view."""
    return np.diagonal(A, offset, dim1, dim2)


def inv(A: Any) -> Any:
    """The inverse. Raises LinAlgError for a singular matrix."""
    return np.linalg.inv(A)


def pinv(A: Any, *, rtol: float | None = None) -> Any:
    """The inverse of Moore and Penrose."""
    limit: Any = rtol
    return np.linalg.pinv(A, rtol=limit)


def solve(A: Any, B: Any, *, left: bool = True) -> Any:
    """The X with A @ X = B; with left=False, X @ A = B. B is a vector if it has one axis.

    A batch of vectors, (*any, n) beside (*any, n, n), is one too.
    """
    if not left:
        return np.swapaxes(solve(np.swapaxes(A, -1, -2), np.swapaxes(B, -1, -2)), -1, -2)
    if B.ndim > 1 and B.shape == A.shape[:-1]:
        return np.squeeze(np.linalg.solve(A, np.expand_dims(B, -1)), -1)
    return np.linalg.solve(A, B)


def det(A: Any) -> Any:
    """The determinant."""
    return np.linalg.det(A)


def slogdet(A: Any) -> Slogdet:
    """The sign of the determinant and log |det|, which neither overflows nor underflows."""
    return Slogdet(*np.linalg.slogdet(A))


def cholesky(A: Any, *, upper: bool = False) -> Any:
    """The lower triangular L with L @ L.T = A (or U with U.T @ U = A); only one half of A is read.

    Raises LinAlgError if A is not positive definite.
    """
    return np.linalg.cholesky(A, upper=upper)


def qr(A: Any, mode: Any = "reduced") -> QR:
    """A = Q @ R: orthogonal columns times an upper triangular matrix."""
    return QR(*np.linalg.qr(A, mode))


def eigh(A: Any, UPLO: Any = "L") -> Eigh:
    """Eigenvalues and eigenvectors of a symmetric matrix, of which one half is read."""
    return Eigh(*np.linalg.eigh(A, UPLO))


def eigvalsh(A: Any, UPLO: Any = "L") -> Any:
    """The eigenvalues of a symmetric matrix, ascending."""
    return np.linalg.eigvalsh(A, UPLO)


def svd(A: Any, full_matrices: bool = True) -> SVD:
    """A = U @ diag(S) @ Vh. Full matrices of an A that is not square have no derivative."""
    return SVD(*np.linalg.svd(A, full_matrices))


def svdvals(A: Any) -> Any:
    """The singular values, descending."""
    return np.linalg.svdvals(A)
