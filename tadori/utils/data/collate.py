"""From examples to a batch: what stands at the same place in each is stacked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...autograd.errors import ShapeError
from ...creation import as_tensor, tensor
from ...tensor import Tensor


def default_collate(batch: Sequence[Any]) -> Any:
    """The examples of a batch as one thing of their form, with Tensors of one more axis in it.

    Tensors, arrays and numbers are stacked (Python floats as float64); strings are listed; dicts,
    lists, tuples (as lists) and named tuples of them are batched part by part. Raises ShapeError
    for parts of different shapes and TypeError for other things.
    """
    first = batch[0]
    match first:
        case Tensor():
            return stack(batch)
        case str() | bytes():
            return batch
        case np.ndarray() | np.generic() if first.dtype.kind not in "SUO":
            return stack([as_tensor(x) for x in batch])
        case float():
            return Tensor(np.array(batch, np.float64))
        case int():
            return tensor(list(batch))
        case Mapping():
            columns = {key: default_collate([example[key] for example in batch]) for key in first}
            return rebuilt(first, columns)
        case Sequence():
            check_lengths(batch)
            return rebuilt(first, [default_collate(column) for column in zip(*batch)])
    kind = first.dtype if isinstance(first, np.ndarray) else type(first)
    raise TypeError(
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {kind}. Remedy: give the DataLoader a collate_fn"
    )


def default_convert(data: Any) -> Any:
    """One example, with Tensors in place of arrays: what a loader gives that makes no batches."""
    match data:
        case np.ndarray() | np.generic() if data.dtype.kind not in "SUO":
            return as_tensor(data)
        case str() | bytes() | Tensor():
            return data
        case Mapping():
            return rebuilt(data, {key: default_convert(value) for key, value in data.items()})
        case Sequence():
            return rebuilt(data, [default_convert(value) for value in data])
    return data


def stack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors of one shape, stacked along a new first axis."""
    shapes = {tuple(x.shape) for x in tensors}
    if len(shapes) > 1:
        listed = ", ".join(map(str, sorted(shapes)))
        raise ShapeError(
            f"default_collate: the examples of a batch differ in shape: {listed}. "
            "Remedy: pad or crop them, or give the DataLoader a collate_fn"
        )
    if any(x.requires_grad for x in tensors):
        stacked: Any = np.stack(tensors)  # type: ignore[call-overload]
        return stacked
    return Tensor(np.stack([x.array for x in tensors]))


def check_lengths(batch: Sequence[Any]) -> None:
    """Raise RuntimeError if the examples have different numbers of parts."""
    lengths = {len(example) for example in batch}
    if len(lengths) > 1:
        raise RuntimeError(
            "default_collate: each element in list of batch should be of equal size; "
            f"found {sorted(lengths)} parts"
        )


def rebuilt(model: Any, parts: Any) -> Any:
    """`parts` in the type of `model`, as far as it can be made from them."""
    kind: Callable[..., Any] = type(model)
    if hasattr(model, "_fields"):  # a named tuple
        return kind(*parts)
    if isinstance(model, tuple):
        return parts
    try:
        return kind(parts)
    except TypeError:
        return parts
