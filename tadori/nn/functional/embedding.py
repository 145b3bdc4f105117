"""Rows looked up in a table: one by one, or a bag of them at a time."""

from __future__ import annotations

from typing import Any

from ...autograd.mode import no_grad
from ...language import np
from ...tensor import Tensor


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """weight[input]: rows of a table, (*any) of integers -> (*any, embedding_dim).

    padding_idx: a row that gets no gradient. max_norm: rows that are longer are scaled down to it,
    in place. scale_grad_by_freq: the gradient of a row is divided by how often it is looked up.
    Raises IndexError for a row that does not exist.
    """
    if weight.ndim != 2:
        raise RuntimeError(f"embedding: 'weight' must be 2-D, got {tuple(weight.shape)}")
    rows = weight.shape[0]
    refuse_sparse("embedding", sparse)
    check_rows("embedding", input, rows)
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise IndexError(f"Padding_idx must be within num_embeddings, got {padding_idx}")
    if max_norm is not None:
        renormalize(weight, input, max_norm, norm_type)
    y = np.take(weight, input, axis=0)
    if not weight.requires_grad:
        return y
    if scale_grad_by_freq:
        y = counted_gradient(y, input)
    if padding_idx is None:
        return y
    padding = np.expand_dims(input == padding_idx % rows, -1)
    return np.where(padding, y.detach(), y)


def refuse_sparse(name: str, sparse: bool) -> None:
    """Raise NotImplementedError if a sparse gradient is asked for."""
    if sparse:
        raise NotImplementedError(
            f"{name}: Tadori has no sparse gradients. Remedy: sparse=False; the gradient has the "
            "same numbers, and zeros between them"
        )


def check_rows(name: str, input: Tensor, rows: int) -> None:
    """Raise for what are no numbers of rows."""
    if input.dtype.kind not in "iu":
        raise RuntimeError(f"{name}: expected indices of an integer type, got {input.dtype}")
    if input.array.size:
        low, high = input.array.min(), input.array.max()
        if low < 0 or high >= rows:
            raise IndexError(
                f"index out of range in self: {name} has {rows} rows, and indices go from {low} "
                f"to {high}"
            )


def counted_gradient(y: Tensor, input: Tensor) -> Tensor:
    """y, whose gradient is divided by how often its row stands in the input."""
    _, places, counts = np.unique(input.array, return_inverse=True, return_counts=True)
    share = (1 / counts[places]).reshape(input.shape).astype(y.dtype)
    scaled = y * Tensor(np.expand_dims(share, -1))
    return y.detach() + (scaled - scaled.detach())


def renormalize(weight: Tensor, input: Tensor, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are looked up, and longer than max_norm, down to that length."""
    rows = np.unique(input.array)
    lengths = np.linalg.norm(weight.array[rows], norm_type, axis=1, keepdims=True)
    factor = np.where(lengths > max_norm, max_norm / (lengths + 1e-7), 1)
    with no_grad():
        weight[rows] = Tensor(weight.array[rows] * factor.astype(weight.dtype))


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The sum, mean or max of the rows in each bag: (bags, embedding_dim).

    input (bags, n), or (total,) with offsets (bags,) that say where each bag begins and, with
    include_last_offset, one more where the last ends. An empty bag gives zeros.
    per_sample_weights, of the shape of input: factors, for mode "sum" alone. padding_idx: a row
    that does not count.
    """
    input, offsets, factors = as_bags(
        input, weight, offsets, mode, per_sample_weights, include_last_offset
    )
    refuse_sparse("embedding_bag", sparse)
    check_rows("embedding_bag", input, weight.shape[0])
    if scale_grad_by_freq and mode == "max":
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if max_norm is not None:
        renormalize(weight, input, max_norm, norm_type)
    ends = np.append(offsets[1:], input.shape[0])
    bag = np.repeat(np.arange(len(offsets)), ends - offsets)
    if padding_idx is not None:
        counted = np.nonzero(input.array != padding_idx % weight.shape[0])[0]
        input, bag = input[counted], bag[counted]
        factors = None if factors is None else factors[counted]
    rows = np.take(weight, input, axis=0)
    if mode == "max":
        return largest_of_bags(rows, bag, len(offsets))
    if scale_grad_by_freq and weight.requires_grad:
        rows = counted_gradient(rows, input)
    rows = rows if factors is None else rows * np.expand_dims(factors, 1)
    nothing = np.zeros_like(weight.detach(), shape=(len(offsets), weight.shape[1]))
    total = nothing.index_add(0, Tensor(bag), rows)
    if mode == "sum":
        return total
    counts = np.maximum(np.bincount(bag, minlength=len(offsets)), 1)
    return total / Tensor(counts[:, None].astype(weight.dtype))


def as_bags(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None,
    mode: str,
    factors: Tensor | None,
    include_last_offset: bool,
) -> tuple[Tensor, Any, Tensor | None]:
    """The rows' numbers, (total,), where each bag begins, and the factors, (total,) or None."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if factors is not None and tuple(factors.shape) != tuple(input.shape):
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({tuple(factors.shape)}) is not None, then it "
            f"must have the same shape as the input ({tuple(input.shape)})"
        )
    if factors is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported "
            f"for mode='sum' (got mode='{mode}')"
        )
    if weight.ndim != 2:
        raise RuntimeError(f"embedding_bag: 'weight' must be 2-D, got {tuple(weight.shape)}")
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError("if input is 2D, then offsets has to be None, as input is bags itself")
        begins = np.arange(input.shape[0]) * input.shape[1]
        factors = None if factors is None else np.reshape(factors, -1)
        return np.reshape(input, -1), begins, factors
    if input.ndim != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got {input.ndim} dimensions")
    if offsets is None or offsets.ndim != 1:
        raise ValueError("offsets has to be a 1D Tensor if input is 1D, and is " + repr(offsets))
    begins = offsets.array
    if len(begins) and (begins[0] != 0 or begins[-1] > input.shape[0]):
        raise RuntimeError(
            "offsets must begin with 0 and not go beyond input, which has "
            f"{input.shape[0]} indices; got {begins}"
        )
    return input, begins[:-1] if include_last_offset else begins, factors


def largest_of_bags(rows: Tensor, bag: Any, count: int) -> Tensor:
    """The largest numbers of each bag's rows, column by column; zeros for an empty bag."""
    begins = np.searchsorted(bag, np.arange(count + 1))
    width = rows.shape[1]
    places = np.zeros((count, width), np.int64)
    for i in np.nonzero(begins[1:] > begins[:-1])[0]:
        begin, end = begins[i], begins[i + 1]
        places[i] = begin + np.argmax(rows.array[begin:end], axis=0)
    if not len(bag):
        return np.zeros_like(rows.detach(), shape=(count, width))
    chosen = np.take_along_axis(rows, Tensor(places), axis=0)
    return np.where(Tensor((begins[1:] > begins[:-1])[:, None]), chosen, 0.0)


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
