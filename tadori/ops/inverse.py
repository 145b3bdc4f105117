"""Matrices as numbers: inverses, quotients, determinants, powers, the exponential.

All take batches, (*any, n, n) or (*any, m, n). Most are holomorphic, and their formulas hold for
real and complex matrices alike.
"""

from __future__ import annotations

import inspect

import numpy as np

from ..autograd.convert import conjugate
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels import factors
from ..kernels.factors import adjoint
from .linalg import turned
from .reduce import require_floating


def require_square(name, x):
    """Raise for integers, and for what is no square matrix."""
    require_floating(name, x)
    if x.ndim < 2:
        raise RuntimeError(
            f"linalg.{name}: The input tensor A must have at least 2 dimensions, it has {x.ndim}."
        )
    if x.shape[-1] != x.shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: A must be batches of square matrices, but they are "
            f"{x.shape[-2]} by {x.shape[-1]} matrices"
        )


@implements(np.linalg.inv)
class Inv(Function):
    """y = x^-1.   gx = -y^T gy y^T.   Raises LinAlgError for a singular matrix."""

    def forward(self, x):
        require_square("inv", x)
        return np.linalg.inv(x)

    def backward(self, gy, y):
        y = turned(y)
        return -(y @ gy @ y)


class Solve(Function):
    """y = a^-1 b.   gb = a^-T gy,  ga = -gb y^T."""

    def forward(self, a, b):
        require_square("solve", a)
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


@implements(factors.solve_triangular)
class SolveTriangular(Function):
    """y = a^-1 b, of a triangle of a.   gb = a^-T gy,  ga = -gb y^T in the triangle, else 0."""

    def forward(self, a, b, *, upper, unit=False):
        require_square("solve_triangular", a)
        return factors.solve_triangular(a, b, upper=upper, unit=unit)

    def backward(self, gy, a, y, upper, unit):
        gb = factors.solve_triangular(turned(a), gy, upper=not upper, unit=unit)
        ga = -(gb @ turned(y))
        edge = 1 if unit else 0
        return np.triu(ga, edge) if upper else np.tril(ga, -edge), gb


@implements(factors.cholesky_solve)
class CholeskySolve(Function):
    """y = x^-1 b with x = l l^H.   gb = x^-1 gy,  gl = -(gb y^H + y gb^H) l.

    So in users' gradients, of which those here are the conjugates.
    """

    def forward(self, b, factor, *, upper=False):
        require_square("cholesky_solve", factor)
        return factors.cholesky_solve(b, factor, upper=upper)

    def backward(self, gy, factor, y, upper):
        gb = factors.cholesky_solve(conjugate(gy), factor, upper=upper)
        gx = gb @ adjoint(y)
        gx = gx + adjoint(gx)
        gl = factor @ gx if upper else gx @ factor
        return conjugate(gb), -conjugate(gl)


@implements(np.linalg.det)
class Det(Function):
    """y = the determinant.   gx = gy y x^-T, which needs an x that is not singular."""

    def forward(self, x):
        require_square("det", x)
        return np.linalg.det(x)

    def backward(self, gy, x, y):
        scale = gy * y
        return scale[..., None, None] * turned(np.linalg.inv(x))


@implements(np.linalg.slogdet)
class SlogDet(Function):
    """The sign of the determinant, and log |det|.   gx = (glog + i Im(gsign sign)) x^-T.

    A real sign is constant.
    """

    returns = ("sign", "logabsdet")

    def forward(self, x):
        require_square("slogdet", x)
        return tuple(np.linalg.slogdet(x))

    def backward(self, gsign, glogabsdet, x, sign):
        scale = glogabsdet
        if x.dtype.kind == "c":
            scale = scale + np.imag(gsign * sign) * 1j
        return scale[..., None, None] * turned(np.linalg.inv(x))


class PInv(Function):
    """y = the inverse of Moore and Penrose: of the singular values, the small ones count as 0.

    gx = -y^T gy y^T + conj((1 - x y) gy^T y y^H + y^H y gy^T (1 - y x)), of constant rank
    (Golub and Pereyra 1973).
    """

    def forward(self, x, *, least, hermitian):
        if hermitian:
            values, v = np.linalg.eigh(x)
            sizes, u, vh = np.abs(values), v, adjoint(v)
            inverses = values
        else:
            u, inverses, vh = np.linalg.svd(x, full_matrices=False)
            sizes = inverses
        limit = least(sizes)
        small = sizes <= limit[..., None]
        inverses = np.where(small, 0.0, 1 / np.where(small, 1.0, inverses)).astype(sizes.dtype)
        return adjoint(vh) @ (inverses[..., :, None] * adjoint(u))

    def backward(self, gy, x, y):
        back, rest = turned(y), turned(gy)
        xy, yx = x @ y, y @ x
        across = rest @ y @ adjoint(y)
        along = adjoint(y) @ y @ rest
        normal = across - xy @ across + along - along @ yx
        return conjugate(normal) - back @ gy @ back


@implements(np.linalg.pinv)
def pinv(x, rcond=None, hermitian=False, *, rtol=None, atol=None):
    """The inverse of Moore and Penrose; singular values below rtol times the largest count as 0.

    So do those below atol: numbers, or tensors of one for each matrix.
    """
    require_floating("pinv", x)
    given = rcond if rtol is None else rtol
    least = threshold(x, given, atol)
    return PInv.apply(x, least=least, hermitian=hermitian)


def threshold(x, rtol, atol):
    """A function from singular values to the size up to which they count as 0."""
    if rtol is None:
        none = atol is None or not np.any(np.asarray(plain(atol)) > 0)
        rtol = max(x.shape[-2:]) * np.finfo(x.dtype).eps if none else 0.0
    rtol, atol = plain(rtol), plain(0.0 if atol is None else atol)

    def least(sizes):
        largest = np.max(sizes, axis=-1, initial=0.0)
        return np.maximum(largest * rtol, atol)

    return least


def plain(x):
    """A tensor's array; a number as it is."""
    return getattr(x, "array", x)


@implements(np.linalg.matrix_rank)
def matrix_rank(x, tol=None, hermitian=False, *, rtol=None):
    """How many singular values are above `tol`, and above rtol times the largest. No derivative."""
    require_floating("matrix_rank", x)
    least = threshold(x, rtol, tol)
    x = x.detach()
    sizes = np.abs(np.linalg.eigvalsh(x)) if hermitian else np.linalg.svdvals(x)
    limit = least(plain(sizes))
    return np.sum(sizes > limit[..., None], axis=-1)


@implements(np.linalg.matrix_power)
def matrix_power(x, n):
    """x @ x @ ... @ x, n times; of x^-1 for a negative n."""
    require_square("matrix_power", x)
    if n < 0:
        x, n = np.linalg.inv(x), -n
    if n == 0:
        return x * 0 + np.eye(x.shape[-1], dtype=x.dtype)
    if n == 1:
        return x
    half = matrix_power(x, n // 2)
    y = half @ half
    return y @ x if n % 2 else y


@implements(factors.matrix_exp)
class MatrixExp(Function):
    """y = e^x.   gx = the upper right block of the exponential of (x^T gy; 0 x^T)."""

    def forward(self, x):
        require_square("matrix_exp", x)
        return factors.matrix_exp(x)

    def backward(self, gy, x):
        n = x.shape[-1]
        back = turned(x)
        above = np.concatenate([back, gy], axis=-1)
        below = np.concatenate([np.zeros_like(back), back], axis=-1)
        blocks = np.concatenate([above, below], axis=-2)
        return factors.matrix_exp(blocks)[..., :n, n:]


#: their definitions call NumPy and the kernels above: run on Tensors, they record themselves
COMPOSED = (
    factors.lu_solve,
    factors.householder_product,
    factors.reflected,
)
for function in COMPOSED:
    implements(function)(inspect.unwrap(function))
