"""How far vectors are apart."""

from __future__ import annotations

from ...language import np
from ...tensor import Tensor


def cosine_similarity(
    x1: Tensor,
    x2: Tensor,
    dim: int = 1,
    eps: float = 1e-8,
) -> Tensor:
    """x1 . x2 / (|x1| |x2|) along `dim`, of their common shape; each length is at least eps."""
    if x1.shape != x2.shape:
        x1, x2 = np.broadcast_arrays(x1, x2)
    lengths = [np.sqrt(np.maximum(np.sum(np.square(x), axis=dim), eps * eps)) for x in (x1, x2)]
    return np.sum(x1 * x2, axis=dim) / (lengths[0] * lengths[1])


def pairwise_distance(
    x1: Tensor,
    x2: Tensor,
    p: float = 2.0,
    eps: float = 1e-6,
    keepdim: bool = False,
) -> Tensor:
    """|x1 - x2 + eps|_p along the last axis."""
    return (x1 - x2 + eps).norm(p, -1, keepdim)


def pdist(
    input: Tensor,
    p: float = 2,
) -> Tensor:
    """|x[i] - x[j]|_p for every i < j: (N, M) -> (N (N - 1) / 2,)."""
    if input.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    first, second = (Tensor(i) for i in np.triu_indices(input.shape[0], 1))
    return (np.take(input, first, axis=0) - np.take(input, second, axis=0)).norm(p, -1)
