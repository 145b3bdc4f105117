"""Products of matrices."""

from __future__ import annotations

from ... import kernels
from ...language import np
from ...tensor import Tensor


def linear(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
) -> Tensor:
    """x @ weight.T + bias: x (*any, in), weight (out, in), bias (out,) -> (*any, out)."""
    return kernels.linear(input, weight, bias)


def bilinear(
    input1: Tensor,
    input2: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
) -> Tensor:
    """x1 @ weight[o] @ x2 + bias[o]: x1 (*any, I), x2 (*any, J), weight (O, I, J) -> (*any, O)."""
    out, into, _ = weight.shape
    # for each item, x1 @ weight (O, I, J) is a matrix (O, J), which meets x2
    rows = np.reshape(np.swapaxes(weight, 1, 2), (-1, into))
    matrices = np.reshape(kernels.linear(input1, rows), (*input1.shape[:-1], out, input2.shape[-1]))
    y = np.sum(matrices * np.expand_dims(input2, -2), axis=-1)
    return y if bias is None else y + bias
