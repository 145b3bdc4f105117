"""What the functions here return that have several results: tuples whose parts have names."""

from __future__ import annotations

from typing import Any, NamedTuple


class Slogdet(NamedTuple):
    """The sign of a determinant, and the logarithm of its absolute value."""

    sign: Any
    logabsdet: Any


class QR(NamedTuple):
    """Orthogonal columns, and an upper triangular matrix."""

    Q: Any
    R: Any


class Eig(NamedTuple):
    """The eigenvalues, and the eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


class SVD(NamedTuple):
    """The singular vectors, the singular values, descending, and the other vectors as rows."""

    U: Any
    S: Any
    Vh: Any


class CholeskyEx(NamedTuple):
    """The triangular factor, and 0, or which leading minor is not positive."""

    L: Any
    info: Any


class InvEx(NamedTuple):
    """The inverse, and 0, or which diagonal element of u is 0."""

    inverse: Any
    info: Any


class SolveEx(NamedTuple):
    """The quotient, and 0, or which diagonal element of u is 0."""

    result: Any
    info: Any


class LU(NamedTuple):
    """A = P @ L @ U."""

    P: Any
    L: Any
    U: Any


class LUFactor(NamedTuple):
    """L and U in one matrix, and the exchanges of rows, counted from 1."""

    LU: Any
    pivots: Any


class LUFactorEx(NamedTuple):
    """L and U in one matrix, the exchanges of rows, and 0, or which diagonal element of U is 0."""

    LU: Any
    pivots: Any
    info: Any


class LDLFactor(NamedTuple):
    """L and D in one matrix, and the exchanges and 2 x 2 steps."""

    LD: Any
    pivots: Any


class LDLFactorEx(NamedTuple):
    """L and D in one matrix, the exchanges and 2 x 2 steps, and 0, or where D is 0."""

    LD: Any
    pivots: Any
    info: Any


class LstSq(NamedTuple):
    """The solution, the squared errors, the rank, the singular values; empty what is not known."""

    solution: Any
    residuals: Any
    rank: Any
    singular_values: Any
