"""Matrices taken apart: inverses, determinants, triangular factors, eigenvalues, singular values.

All take batches, (*any, n, n) or (*any, m, n). The formulas are for real numbers. Where a factor
is not unique (equal eigenvalues, equal singular values), its gradient leaves out those pairs.
"""

from __future__ import annotations

import numpy as np

from ..autograd.function import Function
from ..dispatch import implements
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


# --------------------------------------------------------------------- inverses and determinants


@implements(np.linalg.inv)
class Inv(Function):
    """y = x^-1.   gx = -y^T gy y^T.   Raises LinAlgError for a singular matrix."""

    def forward(self, x):
        require_floating("inv", x)
        return np.linalg.inv(x)

    def backward(self, gy, y):
        y = turned(y)
        return -(y @ gy @ y)


class Solve(Function):
    """y = a^-1 b.   gb = a^-T gy,  ga = -gb y^T."""

    def forward(self, a, b):
        require_floating("solve", a)
        return np.linalg.solve(a, b)

    def backward(self, gy, a, y):
        gb = np.linalg.solve(turned(a), gy)
        return -(gb @ turned(y)), gb


@implements(np.linalg.solve)
def solve(a, b):
    """The x with a @ x = b, for a vector b (one axis) or the columns of matrices."""
    if b.ndim == 1:
        return np.squeeze(Solve.apply(a, np.expand_dims(b, -1)), -1)
    return Solve.apply(a, b)


@implements(np.linalg.det)
class Det(Function):
    """y = the determinant.   gx = gy y x^-T, which needs an x that is not singular."""

    def forward(self, x):
        require_floating("det", x)
        return np.linalg.det(x)

    def backward(self, gy, x, y):
        scale = gy * y
        return scale[..., None, None] * turned(np.linalg.inv(x))


@implements(np.linalg.slogdet)
class SlogDet(Function):
    """The sign of the determinant, which is constant, and log |det|, whose d/dx = x^-T."""

    returns = ("sign", "logabsdet")

    def forward(self, x):
        require_floating("slogdet", x)
        return tuple(np.linalg.slogdet(x))

    def backward(self, gsign, glogabsdet, x):
        return glogabsdet[..., None, None] * turned(np.linalg.inv(x))


# --------------------------------------------------------------------------- triangular factors


@implements(np.linalg.cholesky)
class Cholesky(Function):
    """The lower triangular y with y y^T = x.   gx = y^-T p y^-1, made symmetric,

    with p = y^T gy above whose diagonal, which counts half, all is 0.
    """

    def forward(self, x, *, upper=False):
        require_floating("cholesky", x)
        y = np.linalg.cholesky(x)
        return np.ascontiguousarray(turned(y)) if upper else y

    def backward(self, gy, y, upper):
        if upper:
            y, gy = turned(y), turned(gy)
        back = turned(y)
        p = back @ gy
        p = (np.tril(p) + np.tril(p, -1)) / 2
        left = np.linalg.solve(back, p)
        gx = np.linalg.solve(back, turned(left))
        return (gx + turned(gx)) / 2


class QR(Function):
    """x = q r.   gx = (gq + q s) r^-T, with s the symmetric matrix of r gr^T - gq^T q's lower part.

    For (m, n) with m >= n, where q is (m, n).
    """

    returns = ("q", "r")

    def forward(self, x):
        require_floating("qr", x)
        return tuple(np.linalg.qr(x))

    def backward(self, gq, gr, q, r):
        if r.shape[-2] < r.shape[-1]:
            raise RuntimeError(
                f"qr: no derivative for a matrix with more columns than rows, {r.shape[-2:]}"
            )
        m = r @ turned(gr) - turned(gq) @ q
        s = np.tril(m) + turned(np.tril(m, -1))
        back = np.linalg.solve(r, turned(gq + q @ s))
        return turned(back)


@implements(np.linalg.qr)
def qr(x, mode="reduced"):
    """x = q r: orthogonal columns and an upper triangular matrix; mode "reduced", or "r"."""
    if mode not in ("reduced", "r"):
        raise NotImplementedError(f"qr: mode {mode!r}; 'reduced' and 'r' are there")
    q, r = QR.apply(x)
    return r if mode == "r" else (q, r)


# ----------------------------------------------------------------- eigenvalues, singular values


@implements(np.linalg.eigh)
class Eigh(Function):
    """x = v diag(w) v^T, for a symmetric x; w ascends.   gx = v (diag(gw) + F * (v^T gv)) v^T

    with F[i, j] = 1 / (w[j] - w[i]).
    """

    returns = ("w", "v")

    def forward(self, x, *, UPLO="L"):
        require_floating("eigh", x)
        return tuple(np.linalg.eigh(x, UPLO))

    def backward(self, gw, gv, w, v):
        back = turned(v)
        inner = inverse_differences(w) * (back @ gv)
        return (v * column_wise(gw) + v @ inner) @ back


@implements(np.linalg.eigvalsh)
def eigvalsh(x, UPLO="L"):
    """The eigenvalues of a symmetric matrix, ascending."""
    return np.linalg.eigh(x, UPLO)[0]


class SVD(Function):
    """x = u diag(s) vh, s descends.   With p = F * (u^T gu - gu^T u), q = F * (v^T gv - gv^T v):

    gx = u (p s + diag(gs) + s q) vh + (gu - u u^T gu) s^-1 vh + u s^-1 (gvh - gvh v vh),
    F[i, j] = 1 / (s[j]^2 - s[i]^2).
    """

    returns = ("u", "s", "vh")

    def forward(self, x):
        require_floating("svd", x)
        return tuple(np.linalg.svd(x, full_matrices=False))

    def backward(self, gu, gs, gvh, u, s, vh):
        factors = inverse_differences(s * s)
        of_u = turned(u) @ gu
        of_v = vh @ turned(gvh)
        p = factors * (of_u - turned(of_u))
        q = factors * (of_v - turned(of_v))
        inside = u @ (p * column_wise(s) + q * row_wise(s)) + u * column_wise(gs)
        beside_u = (gu - u @ of_u) / column_wise(s)
        beside_v = (gvh - turned(of_v) @ vh) / row_wise(s)
        return (inside + beside_u) @ vh + u @ beside_v


@implements(np.linalg.svd)
def svd(x, full_matrices=True, compute_uv=True, hermitian=False):
    """x = u @ diag(s) @ vh. The full u and vh of a matrix that is not square have no derivative."""
    if not compute_uv:
        return np.linalg.svdvals(x)
    if full_matrices and x.shape[-1] != x.shape[-2]:
        return FullSVD.apply(x)
    return SVD.apply(x)


class FullSVD(Function):
    """The singular value decomposition with square u and vh. No derivative."""

    returns = ("u", "s", "vh")

    def forward(self, x):
        require_floating("svd", x)
        return tuple(np.linalg.svd(x))


@implements(np.linalg.svdvals)
class SVDVals(Function):
    """The singular values, descending.   gx = u diag(gs) vh."""

    def forward(self, x):
        require_floating("svdvals", x)
        return np.linalg.svdvals(x)

    def backward(self, gy, x):
        u, _, vh = np.linalg.svd(x, full_matrices=False)
        return (u * column_wise(gy)) @ vh


@implements(np.linalg.pinv)
def pinv(x, rcond=None, hermitian=False, *, rtol=None):
    """The inverse of Moore and Penrose; singular values below rtol times the largest count as 0."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    given = rcond if rtol is None else rtol
    least = max(x.shape[-2:]) * np.finfo(x.dtype).eps if given is None else given
    small = s <= np.max(s, axis=-1, keepdims=True) * float(least)
    inverses = np.where(small, 0.0, 1 / np.where(small, 1.0, s))
    return turned(vh) @ (row_wise(inverses) * turned(u))


@implements(np.linalg.matrix_power)
def matrix_power(x, n):
    """x @ x @ ... @ x, n times; of x^-1 for a negative n."""
    if n < 0:
        x, n = np.linalg.inv(x), -n
    if n == 0:
        return np.zeros_like(x) + np.astype(np.eye(x.shape[-1]), x.dtype)
    if n == 1:
        return x
    half = matrix_power(x, n // 2)
    y = half @ half
    return y @ x if n % 2 else y
