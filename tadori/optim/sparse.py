"""SparseAdam, which is absent."""

from __future__ import annotations

from typing import Any

from .optimizer import Optimizer


class SparseAdam(Optimizer):
    """Absent: Adam for sparse gradients, which Tadori does not have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(
            "SparseAdam is absent: Tadori has no sparse gradients. Remedy: Adam, with sparse=False "
            "in the embedding"
        )
