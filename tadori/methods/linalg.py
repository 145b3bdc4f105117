"""Products of matrices and vectors under PyTorch's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..layout import takes_out


def require(name: str, *wanted: tuple[Any, int]) -> None:
    """Raise RuntimeError unless each tensor has the number of axes that stands beside it."""
    if any(x.ndim != ndim for x, ndim in wanted):
        shapes = ", ".join(f"{ndim} (it is {tuple(x.shape)})" for x, ndim in wanted)
        raise RuntimeError(f"{name}: the tensors must have these numbers of axes: {shapes}")


class Products:
    """Methods that multiply matrices and vectors, and those of diagonals."""

    __slots__ = ()

    def matmul(self: Any, other: Any) -> Any:
        """self @ other: the last two axes are matrices, those before broadcast."""
        return np.matmul(self, other)

    def mm(self: Any, mat2: Any) -> Any:
        """The product of two matrices; nothing broadcasts."""
        require("mm", (self, 2), (mat2, 2))
        return np.matmul(self, mat2)

    def bmm(self: Any, mat2: Any) -> Any:
        """The products of two batches of matrices, (B, n, m) and (B, m, p)."""
        require("bmm", (self, 3), (mat2, 3))
        if self.shape[0] != mat2.shape[0]:
            raise RuntimeError(
                f"bmm: the batches have {self.shape[0]} and {mat2.shape[0]} matrices; "
                "they must be of one size"
            )
        return np.matmul(self, mat2)

    def mv(self: Any, vec: Any) -> Any:
        """A matrix times a vector."""
        require("mv", (self, 2), (vec, 1))
        return np.matmul(self, vec)

    def dot(self: Any, tensor: Any) -> Any:
        """The inner product of two vectors."""
        require("dot", (self, 1), (tensor, 1))
        return np.matmul(self, tensor)

    def vdot(self: Any, other: Any) -> Any:
        """The inner product of two vectors, the first conjugated."""
        require("vdot", (self, 1), (other, 1))
        return np.vdot(self, other)

    def inner(self: Any, other: Any) -> Any:
        """The sum over the last axis of both."""
        return np.inner(self, other)

    def outer(self: Any, vec2: Any) -> Any:
        """y[i, j] = self[i] * vec2[j]."""
        require("outer", (self, 1), (vec2, 1))
        return np.outer(self, vec2)

    ger = outer

    def kron(self: Any, other: Any) -> Any:
        """Kronecker's product: in the place of each element, that element times `other`."""
        return np.kron(self, other)

    def addmm(
        self: Any,
        mat1: Any,
        mat2: Any,
        *,
        beta: float = 1,
        alpha: float = 1,
    ) -> Any:
        """beta * self + alpha * (mat1 @ mat2), of matrices."""
        return combine(self, mat1.mm(mat2), beta, alpha)

    def baddbmm(
        self: Any,
        batch1: Any,
        batch2: Any,
        *,
        beta: float = 1,
        alpha: float = 1,
    ) -> Any:
        """beta * self + alpha * (batch1 @ batch2), of batches of matrices."""
        return combine(self, batch1.bmm(batch2), beta, alpha)

    def addbmm(
        self: Any,
        batch1: Any,
        batch2: Any,
        *,
        beta: float = 1,
        alpha: float = 1,
    ) -> Any:
        """beta * self + alpha * (the sum of all batch1[i] @ batch2[i])."""
        return combine(self, batch1.bmm(batch2).sum(0), beta, alpha)

    def addmv(
        self: Any,
        mat: Any,
        vec: Any,
        *,
        beta: float = 1,
        alpha: float = 1,
    ) -> Any:
        """beta * self + alpha * (mat @ vec)."""
        return combine(self, mat.mv(vec), beta, alpha)

    def addr(
        self: Any,
        vec1: Any,
        vec2: Any,
        *,
        beta: float = 1,
        alpha: float = 1,
    ) -> Any:
        """beta * self + alpha * outer(vec1, vec2)."""
        return combine(self, vec1.outer(vec2), beta, alpha)

    def trace(self: Any) -> Any:
        """The sum of a matrix' diagonal."""
        require("trace", (self, 2))
        return np.trace(self)

    def diag(self: Any, diagonal: int = 0) -> Any:
        """The diagonal of a matrix; of a vector, the matrix that has it."""
        return np.diag(self, diagonal)

    def diagonal(
        self: Any,
        offset: int = 0,
        dim1: int = 0,
        dim2: int = 1,
    ) -> Any:
        """The diagonal of two axes, as the last axis of a view."""
        return np.diagonal(self, offset=offset, axis1=dim1, axis2=dim2)

    def diag_embed(
        self: Any,
        offset: int = 0,
        dim1: int = -2,
        dim2: int = -1,
    ) -> Any:
        """Zeros with two axes for the last, on whose diagonal this tensor stands."""
        size, ndim = self.shape[-1] + abs(offset), self.ndim + 1
        axes = dim1 % ndim, dim2 % ndim
        shape = list(self.shape[:-1])
        for axis in sorted(axes):
            shape.insert(axis, size)
        return kernels.diagonal_embed(
            self, shape=tuple(shape), offset=offset, axis1=axes[0], axis2=axes[1]
        )

    def diagflat(self: Any, offset: int = 0) -> Any:
        """A matrix with all elements, in a row, on its diagonal."""
        return np.diag(np.reshape(self, -1), offset)


def combine(
    x: Any,
    product: Any,
    beta: float,
    alpha: float,
) -> Any:
    """beta * x + alpha * product; for beta = 0, x does not count, not even its NaN."""
    if x.dtype.kind in "biu":  # numbers of the kind of x, as in PyTorch
        beta, alpha = (x.dtype.type(number).item() for number in (beta, alpha))
    product = product if alpha == 1 else alpha * product
    if beta == 0:
        return product
    return product + (x if beta == 1 else beta * x)


# Functions that PyTorch has not as methods.


def einsum(equation: Any, *operands: Any) -> Any:
    """Einstein's sum over letters: einsum("ij,jk->ik", a, b) is a @ b.

    Without an arrow the letters that occur once are the result, in alphabetical order. "..." stands
    for further axes, which broadcast; a letter twice in a term is a diagonal.
    """
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = tuple(operands[0])
    return np.einsum(equation, *operands)


@takes_out
def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """The sum over the last `dims` axes of a and the first of b, or over two lists of axes."""
    return np.tensordot(a, b, dims)


def chain_matmul(*matrices: Any) -> Any:
    """a @ b @ c ..., in the order that costs least."""
    return np.linalg.multi_dot(matrices)
