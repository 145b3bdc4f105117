"""Sizes and steps as users write them: one number for all spatial dimensions, or one for each."""

from __future__ import annotations

from collections.abc import Sequence

Size = int | Sequence[int]


def ntuple(size: Size, n: int) -> tuple[int, ...]:
    """One number n times, or the n numbers given. Raises ValueError for another count."""
    if isinstance(size, int):
        return (size,) * n
    if len(size) == 1:
        return (int(size[0]),) * n
    if len(size) != n:
        raise ValueError(f"expected one number or {n}, one for each spatial dimension, got {size}")
    return tuple(map(int, size))
