"""Parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ...autograd.version import written
from ...language import np
from ...tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All parameters, one behind another, as one vector; gradients go back through it."""
    return np.concatenate([np.reshape(p, -1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Write the numbers of a vector into the parameters, in order.

    Raises TypeError if vec is no Tensor, RuntimeError if its length is not theirs.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected Tensor, but got: {type(vec).__name__}")
    given = list(parameters)
    total = sum(p.array.size for p in given)
    if vec.array.size != total:
        raise RuntimeError(
            f"vector_to_parameters: the vector has {vec.array.size} numbers, the parameters {total}"
        )
    start = 0
    for parameter in given:
        end = start + parameter.array.size
        parameter.array[...] = vec.array[start:end].reshape(parameter.shape)
        written(parameter.array, "vector_to_parameters")
        start = end
