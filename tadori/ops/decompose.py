"""Matrices taken apart: triangular factors, eigenvalues, singular values.

All take batches, (*any, n, n) or (*any, m, n), of real or complex numbers: y^H is y^T where they
are real. Where a factor is not unique (equal eigenvalues, equal singular values), its gradient
leaves out those pairs.
"""

from __future__ import annotations

import numpy as np

from ..autograd.convert import conjugate
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels import factors
from ..kernels.factors import adjoint, identity, lower_of, upper_of
from .inverse import require_square
from .linalg import turned
from .reduce import require_floating


def column_wise(values):
    """A number for each column: to be multiplied with a matrix from the right, as diag(values)."""
    return np.expand_dims(values, -2)


def row_wise(values):
    """A number for each row: to be multiplied with a matrix from the left, as diag(values)."""
    return np.expand_dims(values, -1)


def inverse_differences(values):
    """F[i, j] = 1 / (values[j] - values[i]), and 0 where they are equal."""
    differences = column_wise(values) - row_wise(values)
    equal = differences == 0
    return np.where(equal, 0.0, 1 / np.where(equal, 1.0, differences))


def half_lower(x):
    """What lies below the diagonal, and half of the diagonal."""
    return (np.tril(x) + np.tril(x, -1)) / 2


def diagonal_of(x):
    """The diagonal of the last two axes."""
    return np.diagonal(x, 0, -2, -1)


# --------------------------------------------------------------------------- triangular factors


@implements(np.linalg.cholesky)
class Cholesky(Function):
    """The lower triangular y with y y^H = x.   gx = y^-T p conj(y)^-1,

    where p is half the lower part of y^T gy, and mirrored above the diagonal.
    """

    def forward(self, x, *, upper=False):
        require_square("cholesky", x)
        if upper:  # NumPy reads the other half
            return np.ascontiguousarray(adjoint(np.linalg.cholesky(adjoint(x))))
        return np.linalg.cholesky(x)

    def backward(self, gy, y, upper):
        if upper:
            y, gy = adjoint(y), adjoint(gy)
        back = turned(y)
        p = back @ gy
        p = (np.tril(p) + adjoint(np.tril(p, -1))) / 2
        left = np.linalg.solve(back, p)
        return turned(np.linalg.solve(adjoint(y), turned(left)))


class LU(Function):
    """x = p l u: l and u in one matrix, and the exchanges of rows.   With k = min(m, n),

    gx = p l^-T (tril(l^T gl, -1) + triu(gu u^T)) u^-T  for square matrices; of others the first k
    rows and columns so, the others before that.
    """

    returns = ("lu", "pivots")
    integer = ("pivots",)

    def forward(self, x):
        require_floating("lu_factor", x)
        return factors.lu_factor(x)

    def backward(self, glu, lu, pivots):
        m, n = lu.shape[-2:]
        k = min(m, n)
        square, gsquare = lu[..., :k, :k], glu[..., :k, :k]
        right, gright = lu[..., :k, k:], glu[..., :k, k:]
        below, gbelow = lu[..., k:, :k], glu[..., k:, :k]
        l_back, u_back = turned(lower_of(square)), turned(upper_of(square))
        p = l_back @ np.tril(gsquare, -1) - gright @ turned(right)
        q = np.triu(gsquare) @ u_back - turned(below) @ gbelow
        inside = over_u(np.tril(p, -1) + np.triu(q), square)
        top = np.concatenate([inside, gright], axis=-1)
        top = factors.solve_triangular(l_back, top, upper=True, unit=True)
        if m > k:
            top = np.concatenate([top, over_u(gbelow, square)], axis=-2)
        return factors.permutation(pivots, size=m, dtype=lu.dtype) @ top


def over_u(x, lu):
    """x u^-T."""
    return turned(factors.solve_triangular(lu, turned(x), upper=True))


implements(factors.lu_factor)(LU)


class Permutation(Function):
    """The matrix of row exchanges. No derivative."""

    dtypes = "any"

    def forward(self, pivots, *, size, dtype):
        return factors.permutation(pivots, size=size, dtype=dtype)


implements(factors.permutation)(Permutation)


class QR(Function):
    """x = q r.   gx = (gq + conj(q s)) r^-T,  s the Hermitian matrix of r gr^T - gq^T q's lower

    part. For (m, n) with m >= n, where q is (m, n).
    """

    returns = ("q", "r")

    def forward(self, x):
        return tuple(np.linalg.qr(x))

    def backward(self, gq, gr, q, r):
        half = half_lower(r @ turned(gr) - turned(gq) @ q)
        s = half + adjoint(half)
        back = np.linalg.solve(r, turned(gq + conjugate(q @ s)))
        return turned(back)


class FullQR(Function):
    """x = q r with a square q. No derivative."""

    returns = ("q", "r")

    def forward(self, x):
        return tuple(np.linalg.qr(x, "complete"))


@implements(np.linalg.qr)
def qr(x, mode="reduced"):
    """x = q r: orthogonal columns and an upper triangular matrix; mode "reduced", "complete", "r".

    The square q of a matrix with more rows than columns has no derivative.
    """
    require_floating("qr", x)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', "
            "or 'complete'"
        )
    m, n = x.shape[-2:]
    if mode == "complete" and m > n:
        return FullQR.apply(x)
    if m < n:  # r of the columns beyond the square follows from q
        q, r = QR.apply(x[..., :m])
        r = np.concatenate([r, adjoint(q) @ x[..., m:]], axis=-1)
    else:
        q, r = QR.apply(x)
    return r if mode == "r" else (q, r)


@implements(factors.geqrf)
class Geqrf(Function):
    """r and the reflections that make q. No derivative."""

    returns = ("packed", "tau")

    def forward(self, x):
        require_floating("geqrf", x)
        return factors.geqrf(x)


@implements(factors.ldl_factor)
class LDLFactor(Function):
    """The factors of a symmetric matrix. No derivative."""

    returns = ("ld", "pivots", "info")

    def forward(self, x, *, hermitian=False):
        require_square("ldl_factor", x)
        return factors.ldl_factor(x, hermitian=hermitian)


@implements(factors.ldl_solve)
class LDLSolve(Function):
    """The quotient by a matrix that `LDLFactor` took apart. No derivative."""

    dtypes = "any"

    def forward(self, ld, b, pivots, *, hermitian=False):
        return factors.ldl_solve(ld, b, pivots, hermitian=hermitian)


# ----------------------------------------------------------------- eigenvalues, singular values


@implements(np.linalg.eigh)
class Eigh(Function):
    """x = v diag(w) v^H, for a Hermitian x; w ascends.   gx = conj(v) (diag(gw) + F * p) v^T

    with p = (v^T gv - its adjoint) / 2 and F[i, j] = 1 / (w[j] - w[i]).
    """

    returns = ("w", "v")

    def forward(self, x, *, UPLO="L"):
        require_square("eigh", x)
        return tuple(np.linalg.eigh(x, UPLO))

    def backward(self, gw, gv, w, v):
        back = turned(v)
        p = back @ gv
        inner = inverse_differences(w) * (p - adjoint(p)) / 2
        around = conjugate(v)
        return (around * column_wise(gw) + around @ inner) @ back


@implements(np.linalg.eigvalsh)
def eigvalsh(x, UPLO="L"):
    """The eigenvalues of a Hermitian matrix, ascending."""
    return np.linalg.eigh(x, UPLO)[0]


class Eig(Function):
    """x = v diag(w) v^-1, both complex; the columns of v have length 1.   With p = v^T gv,

    gx = v^-T (diag(gw) + F * (p - v^T conj(v) diag(Re p))) v^T,  F[i, j] = 1 / (w[j] - w[i]).
    """

    returns = ("w", "v")

    def forward(self, x):
        w, v = np.linalg.eig(x)
        return w.astype(x.dtype), v.astype(x.dtype)

    def backward(self, gw, gv, w, v):
        back = turned(v)
        p = back @ gv
        lengths = np.real(diagonal_of(p))
        inner = p - (back @ np.conjugate(v)) * column_wise(lengths)
        inner = inverse_differences(w) * inner + identity(v) * column_wise(gw)
        return np.linalg.solve(back, inner @ back)


@implements(np.linalg.eig)
def eig(x):
    """Eigenvalues and eigenvectors, as columns; complex, since those of real matrices may be."""
    require_square("eig", x)
    return Eig.apply(np.astype(x, np.result_type(x.dtype, np.complex64)))


@implements(np.linalg.eigvals)
def eigvals(x):
    """The eigenvalues, complex."""
    return eig(x)[0]


class SVD(Function):
    """x = u diag(s) vh, s descends.   With p = F * skew(u^H gu), q = F * skew(v^H gv),

    gx = u (p s + diag(gs) + s q) vh + (gu - u u^H gu) s^-1 vh + u s^-1 (gvh - gvh v vh),
    skew(a) = a - a^H and F[i, j] = 1 / (s[j]^2 - s[i]^2), plus u diag(i Im(u^H gu) / s) vh where x
    is complex: so in users' gradients, of which those here are the conjugates.
    """

    returns = ("u", "s", "vh")

    def forward(self, x):
        require_floating("svd", x)
        return tuple(np.linalg.svd(x, full_matrices=False))

    def backward(self, gu, gs, gvh, u, s, vh):
        return svd_back(gu, gs, gvh, u, s, vh)


def svd_back(gu, gs, gvh, u, s, vh):
    """The gradient of x, from those of the factors of `SVD`."""
    gu, gvh = conjugate(gu), conjugate(gvh)
    gaps = inverse_differences(s * s)
    of_u = adjoint(u) @ gu
    of_v = vh @ adjoint(gvh)
    p = gaps * (of_u - adjoint(of_u))
    q = gaps * (of_v - adjoint(of_v))
    if u.dtype.kind == "c":
        gs = gs + np.imag(diagonal_of(of_u)) / s * 1j
    inside = u @ (p * column_wise(s) + q * row_wise(s)) + u * column_wise(gs)
    beside_u = (gu - u @ of_u) / column_wise(s)
    beside_v = (gvh - adjoint(of_v) @ vh) / row_wise(s)
    return conjugate((inside + beside_u) @ vh + u @ beside_v)


@implements(np.linalg.svd)
def svd(x, full_matrices=True, compute_uv=True, hermitian=False):
    """x = u @ diag(s) @ vh; with full_matrices u and vh are square."""
    if not compute_uv:
        return np.linalg.svdvals(x)
    if full_matrices and x.shape[-1] != x.shape[-2]:
        return FullSVD.apply(x)
    return SVD.apply(x)


class FullSVD(Function):
    """x = u diag(s) vh with square u and vh.   gx as of `SVD`: what was added to u, vh is not

    determined by x, and its gradient does not count.
    """

    returns = ("u", "s", "vh")

    def forward(self, x):
        require_floating("svd", x)
        return tuple(np.linalg.svd(x))

    def backward(self, gu, gs, gvh, u, s, vh):
        k = s.shape[-1]
        first, last = (..., slice(k)), (..., slice(k), slice(None))
        return svd_back(gu[first], gs, gvh[last], u[first], s, vh[last])


@implements(np.linalg.svdvals)
class SVDVals(Function):
    """The singular values, descending.   gx = conj(u diag(gs) vh)."""

    def forward(self, x):
        require_floating("svdvals", x)
        return np.linalg.svdvals(x)

    def backward(self, gy, x):
        u, _, vh = np.linalg.svd(x, full_matrices=False)
        return conjugate((u * column_wise(gy)) @ vh)
