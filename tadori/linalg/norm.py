"""How large a vector or a matrix is, how near to singular, of what rank."""

from __future__ import annotations

import math
from typing import Any

from ..language import np
from .solve import inv_ex


def in_dtype(x: Any, dtype: Any) -> Any:
    """x in `dtype`, or as it is for None; RuntimeError where that would lose precision."""
    if dtype is None:
        return x
    wanted = np.dtype(dtype)
    if wanted.kind not in "fc" or np.promote_types(x.dtype, wanted) != wanted:
        raise RuntimeError(
            f"linalg.norm: dtype should be floating point or complex and at least as precise as "
            f"the input's, {x.dtype}, but got {wanted}"
        )
    return np.astype(x, wanted)


def axes(dim: Any) -> Any:
    """An axis, a tuple of them, or None."""
    return tuple(dim) if isinstance(dim, list | tuple) else dim


def norm(
    A: Any,
    ord: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Any:
    """The norm of all elements, or `ord` of vectors (one dim) or of matrices (two)."""
    dim = axes(dim)
    if isinstance(dim, tuple) and len(dim) == 1:
        dim = dim[0]
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if dim is None:
        if A.ndim not in (1, 2):
            raise RuntimeError(
                "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. "
                f"Got {A.ndim}D."
            )
        dim = 0 if A.ndim == 1 else (0, 1)
    if isinstance(dim, int):
        return vector_norm(A, ord, dim, keepdim, dtype=dtype)
    return matrix_norm(A, ord, dim, keepdim, dtype=dtype)


def vector_norm(
    x: Any,
    ord: float = 2,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Any:
    """(sum of |x|^ord)^(1/ord) over all elements or some axes; see `norm` for inf, -inf and 0."""
    x = in_dtype(x, dtype)
    dim = axes(dim)
    return np.linalg.vector_norm(x, axis=None if dim == () else dim, keepdims=keepdim, ord=ord)


def matrix_norm(
    A: Any,
    ord: Any = "fro",
    dim: Any = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Any:
    """The norm of matrices: "fro", "nuc", inf, -inf, 1, -1, 2, -2."""
    A = in_dtype(A, dtype)
    return np.linalg.norm(A, ord, axes(dim), keepdim)


def cond(A: Any, p: Any = None) -> Any:
    """norm(A, p) * norm(inv(A), p), inf for a singular A; for p = None the 2-norm."""
    if p in (None, 2, -2):
        sizes = np.linalg.svdvals(A)
        if A.numel() == 0 or sizes.shape[-1] == 0:
            return np.sum(sizes, axis=-1)
        first, last = sizes[..., 0], sizes[..., -1]
        return last / first if p == -2 else first / last
    if p not in ("fro", "nuc", 1, -1, math.inf, -math.inf):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}")
    inverse, info = inv_ex(A)
    product = matrix_norm(A, p) * matrix_norm(inverse, p)
    return np.where(info == 0, product, math.inf)


def matrix_rank(
    A: Any,
    tol: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
) -> Any:
    """How many singular values are above atol (or tol) and above rtol times the largest; int64."""
    if atol is None:
        atol = tol
        if tol is not None and rtol is None:
            rtol = 0.0
    return np.linalg.matrix_rank(A, atol, hermitian, rtol=rtol)
