"""Products of matrices, and rows looked up in one."""

from __future__ import annotations

from ... import kernels
from ...autograd.mode import no_grad
from ...tensor import Tensor
from ..language import np


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x @ weight.T + bias: x (*any, in), weight (out, in), bias (out,) -> (*any, out)."""
    return kernels.linear(input, weight, bias)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x1 @ weight[o] @ x2 + bias[o]: x1 (*any, I), x2 (*any, J), weight (O, I, J) -> (*any, O)."""
    out, into, _ = weight.shape
    # for each item, x1 @ weight (O, I, J) is a matrix (O, J), which meets x2
    rows = np.reshape(np.swapaxes(weight, 1, 2), (-1, into))
    matrices = np.reshape(kernels.linear(input1, rows), (*input1.shape[:-1], out, -1))
    y = np.sum(matrices * np.expand_dims(input2, -2), axis=-1)
    return y if bias is None else y + bias


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
) -> Tensor:
    """weight[input]: rows of a table, (*any) of integers -> (*any, embedding_dim).

    padding_idx: a row that gets no gradient. max_norm: rows that are longer are scaled down to it,
    in place. Raises IndexError for a row that does not exist.
    """
    if weight.ndim != 2:
        raise RuntimeError(f"embedding: 'weight' must be 2-D, got {tuple(weight.shape)}")
    rows = weight.shape[0]
    if input.dtype.kind not in "iu":
        raise RuntimeError(f"embedding: expected indices of an integer type, got {input.dtype}")
    if input.array.size:
        low, high = input.array.min(), input.array.max()
        if low < 0 or high >= rows:
            raise IndexError(
                f"index out of range in self: embedding has {rows} rows, and indices go from {low} "
                f"to {high}"
            )
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise IndexError(f"Padding_idx must be within num_embeddings, got {padding_idx}")
    if max_norm is not None:
        renormalize(weight, input, max_norm, norm_type)
    y = np.take(weight, input, axis=0)
    if padding_idx is None or not weight.requires_grad:
        return y
    padding = np.expand_dims(input == padding_idx % rows, -1)
    return np.where(padding, y.detach(), y)


def renormalize(weight: Tensor, input: Tensor, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are looked up, and longer than max_norm, down to that length."""
    rows = np.unique(input.array)
    lengths = np.linalg.norm(weight.array[rows], norm_type, axis=1, keepdims=True)
    factor = np.where(lengths > max_norm, max_norm / (lengths + 1e-7), 1)
    with no_grad():
        weight[rows] = Tensor(weight.array[rows] * factor.astype(weight.dtype))


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Integers (*any) -> (*any, num_classes), 1 where the class is, 0 elsewhere; int64."""
    values = tensor.array
    if values.dtype.kind not in "iu":
        raise RuntimeError(f"one_hot is only applicable to index tensors, got {values.dtype}")
    if values.size and values.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        if not values.size:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        num_classes = int(values.max()) + 1
    if values.size and values.max() >= num_classes:
        raise RuntimeError(f"Class values must be smaller than num_classes, got {values.max()}.")
    return Tensor((values[..., None] == np.arange(num_classes, like=values)).astype(np.int64))
