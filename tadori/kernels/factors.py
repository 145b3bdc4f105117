"""Matrices taken apart and put together, beyond `numpy.linalg`. All take batches, (*any, m, n).

Those that only call NumPy's functions and one another run on Tensors too, and record themselves.
"""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import Any

import numpy as np

from tadori.kernels import kernel
from tadori.kernels.window import Array

HAS_SCIPY = find_spec("scipy") is not None


def routine(name: str, x: Array, needed: bool = False) -> Any:
    """LAPACK's routine of this name for the dtype of x, from SciPy.

    Without SciPy it is None, or an ImportError if it is `needed`.
    """
    if not HAS_SCIPY:
        if needed:
            raise ImportError(f"LAPACK's {name} comes with SciPy. Remedy: pip install scipy")
        return None
    from scipy.linalg import get_lapack_funcs

    return get_lapack_funcs(name, (x,))


def matrices(x: Array) -> Array:
    """All matrices of a batch in one row: (*any, m, n) -> (rows, m, n)."""
    return x.reshape(math.prod(x.shape[:-2]), *x.shape[-2:])


def adjoint(x):
    """The last two axes exchanged, and conjugated."""
    y = np.swapaxes(x, -1, -2)
    return np.conjugate(y) if x.dtype.kind == "c" else y


def identity(x, rows=None, columns=None):
    """Ones on the diagonal, in the dtype of x; as many rows and columns as x has, or as named."""
    m = x.shape[-2] if rows is None else rows
    n = x.shape[-1] if columns is None else columns
    return np.eye(m, n, dtype=x.dtype)


# ----------------------------------------------------------------------------- triangular systems


@kernel
def solve_triangular(
    a: Array,
    b: Array,
    *,
    upper: bool,
    unit: bool = False,
) -> Array:
    """y with a y = b, of the upper or lower triangle of a; `unit`: with ones on its diagonal."""
    a = np.triu(a) if upper else np.tril(a)
    if unit:
        strict = np.triu(a, 1) if upper else np.tril(a, -1)
        a = strict + identity(a)
    return np.linalg.solve(a, b)


@kernel
def cholesky_solve(b, factor, *, upper=False):
    """y with x y = b for x = l l^H, of which `factor` is l, or l^H if it is `upper`."""
    lower = adjoint(factor) if upper else factor
    half = solve_triangular(lower, b, upper=False)
    return solve_triangular(adjoint(lower), half, upper=True)


# -------------------------------------------------------------------------------- lower and upper


@kernel
def lu_factor(x: Array) -> tuple[Array, Array]:
    """l below the diagonal (where it has ones) and u above, with rows of x exchanged: (lu, pivots).

    In step i row i is exchanged with row pivots[i], counted from 1: the one whose entry is largest.
    """
    lu = np.array(x, order="C")
    batch = matrices(lu)
    pivots = np.zeros((len(batch), min(x.shape[-2:])), dtype=np.int32)
    getrf = routine("getrf", x)
    for i in range(len(batch)):
        if getrf is None or batch[i].size == 0:
            eliminate(batch[i], pivots[i])
        else:
            batch[i], places, _ = getrf(batch[i])
            pivots[i] = places + 1
    return lu, pivots.reshape(*x.shape[:-2], min(x.shape[-2:]))


def eliminate(x: Array, pivots: Array) -> None:
    """Gauss's elimination of one matrix, in its own memory."""
    for i in range(len(pivots)):
        column = x[i:, i]
        best = i + int(np.argmax(np.abs(column.real) + np.abs(column.imag)))
        pivots[i] = best + 1
        x[[i, best]] = x[[best, i]]
        if x[i, i] != 0:
            x[i + 1 :, i] /= x[i, i]
        x[i + 1 :, i + 1 :] -= np.outer(x[i + 1 :, i], x[i, i + 1 :])


@kernel
def permutation(pivots: Array, *, size: int, dtype: Any) -> Array:
    """The matrix p with x = p l u, for the row exchanges of `lu_factor`."""
    rows = pivots.reshape(math.prod(pivots.shape[:-1]), pivots.shape[-1])
    orders = np.tile(np.arange(size), (len(rows), 1))
    for order, exchanged in zip(orders, rows):
        for i, place in enumerate(exchanged):
            order[[i, place - 1]] = order[[place - 1, i]]
    p = np.swapaxes(np.eye(size, dtype=dtype)[orders], -1, -2)
    return p.reshape(*pivots.shape[:-1], size, size)


def lower_of(lu):
    """l of a packed lu: (m, k), with ones on its diagonal."""
    k = min(lu.shape[-2:])
    return np.tril(lu, -1)[..., :k] + identity(lu, columns=k)


def upper_of(lu):
    """u of a packed lu: (k, n)."""
    k = min(lu.shape[-2:])
    return np.triu(lu)[..., :k, :]


@kernel
def lu_solve(
    lu,
    b,
    pivots,
    *,
    conjugate_transpose=False,
):
    """y with x y = b (or x^H y = b) for the x of which `lu_factor` made lu and pivots."""
    p = permutation(pivots, size=lu.shape[-2], dtype=lu.dtype)
    if conjugate_transpose:
        half = solve_triangular(adjoint(np.triu(lu)), b, upper=False)
        back = adjoint(lower_of(lu))
        return p @ solve_triangular(back, half, upper=True, unit=True)
    half = solve_triangular(lu, adjoint(p) @ b, upper=False, unit=True)
    return solve_triangular(lu, half, upper=True)


# ------------------------------------------------------------------- symmetric, with 1x1, 2x2 steps


@kernel
def ldl_factor(x: Array, *, hermitian: bool = False) -> tuple[Array, Array, Array]:
    """Bunch and Kaufman's factors of a symmetric (or Hermitian) matrix: (ld, pivots, info).

    Of x its lower triangle is read. Needs SciPy.
    """
    name = "hetrf" if hermitian and x.dtype.kind == "c" else "sytrf"
    factor = routine(name, x, needed=True)
    batch = matrices(x)
    ld = np.zeros_like(batch)
    pivots = np.zeros(batch.shape[:2], dtype=np.int32)
    info = np.zeros(len(batch), dtype=np.int32)
    for i in range(len(batch) if x.size else 0):
        packed, pivots[i], info[i] = factor(batch[i], lower=1)
        ld[i] = np.tril(packed)
    lead = x.shape[:-2]
    return ld.reshape(x.shape), pivots.reshape(x.shape[:-1]), info.reshape(lead)


@kernel
def ldl_solve(
    ld: Array,
    b: Array,
    pivots: Array,
    *,
    hermitian: bool = False,
) -> Array:
    """y with x y = b for the x of which `ldl_factor` made ld and pivots. Needs SciPy."""
    name = "hetrs" if hermitian and ld.dtype.kind == "c" else "sytrs"
    solve = routine(name, ld, needed=True)
    lead = np.broadcast_shapes(ld.shape[:-2], b.shape[:-2])
    left = matrices(np.broadcast_to(ld, lead + ld.shape[-2:]))
    right = matrices(np.broadcast_to(b, lead + b.shape[-2:]))
    places = np.broadcast_to(pivots, lead + pivots.shape[-1:]).reshape(left.shape[:2])
    y = np.zeros_like(right)
    for i in range(len(left) if b.size else 0):
        y[i], _ = solve(left[i], places[i], right[i], lower=1)
    return y.reshape(lead + b.shape[-2:])


# ------------------------------------------------------------------------------------- reflections


def reflectors(x, count):
    """The vectors v of the reflections 1 - tau v v^H: the columns below the diagonal, 1 on it."""
    below = np.tril(x, -1)[..., :count]
    return below + identity(x, columns=count)


@kernel
def geqrf(x: Array) -> tuple[Array, Array]:
    """x = q r: r on and above the diagonal, below it the reflections of which q is the product."""
    packed, tau = np.linalg.qr(x, mode="raw")
    return np.ascontiguousarray(np.swapaxes(packed, -1, -2)), tau


@kernel
def householder_product(x, tau):
    """The first columns of q, as many as x has, from the reflections of `geqrf`."""
    q = identity(x) + x * 0.0
    return reflected(x, tau, q, left=True, transpose=False)


@kernel
def reflected(
    x,
    tau,
    other,
    *,
    left=True,
    transpose=False,
):
    """q @ other, with q (m, m) from the reflections of `geqrf`; or q^H, or from the right."""
    count = tau.shape[-1]
    v = reflectors(x, count)
    steps = list(range(count))
    if left != transpose:
        steps.reverse()
    if transpose and tau.dtype.kind == "c":
        tau = np.conjugate(tau)
    for i in steps:
        column = v[..., i : i + 1]
        scaled = column * tau[..., i, None, None]
        if left:
            other = other - scaled @ (adjoint(column) @ other)
        else:
            other = other - (other @ scaled) @ adjoint(column)
    return other


# ------------------------------------------------------------------------------ the exponential

#: the numerator of Pade's approximation of e^x of order 13, lowest power first (Higham 2005)
PADE = (
    64764752532480000,
    32382376266240000,
    7771770303897600,
    1187353796428800,
    129060195264000,
    10559470521600,
    670442572800,
    33522128640,
    1323241920,
    40840800,
    960960,
    16380,
    182,
    1,
)
#: the largest 1-norm for which that is exact to the last place of float64
REACH = 5.37


@kernel
def matrix_exp(x: Array) -> Array:
    """1 + x + x^2 / 2 + x^3 / 6 + ...: of x / 2^k by Pade's quotient, then squared k times."""
    if x.size == 0:
        return np.array(x)
    size = np.abs(x).sum(-2).max()
    squarings = max(0, int(np.ceil(np.log2(size / REACH)))) if np.isfinite(size) and size else 0
    x = x / 2.0**squarings
    square = x @ x
    even = odd = np.zeros_like(x)
    power = identity(x)
    for i in range(0, len(PADE), 2):
        scale = float(PADE[0])
        even = even + power * (PADE[i] / scale)
        odd = odd + power * (PADE[i + 1] / scale)
        power = power @ square
    odd = x @ odd
    y = np.linalg.solve(even - odd, even + odd)
    for _ in range(squarings):
        y = y @ y
    return y
