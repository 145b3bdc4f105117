"""What a row of the table says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Sample = np.ndarray | float | int


@dataclass(frozen=True)
class Case:
    """One operation on sample inputs.

    name: unique; shown by pytest.
    function: the operation on Tensors, `function(*inputs)`; gives a Tensor or a tuple of them.
    shapes: the shapes of its floating-point inputs (differentiated), drawn uniformly from `domain`.
    numpy: the same on arrays, in plain NumPy or SciPy-free code independent of Tadori; None:
    `torch` must be there.
    torch: the same on PyTorch tensors (an oracle where PyTorch is installed); None where PyTorch
    has none.
    domain: (low, high) of the samples, away from points where the function has no derivative; or
    one pair per input.
    distinct: samples are spread out, for functions (max, sort, relu) whose choice must not change
    in a difference.
    first, second: whether first and second derivatives are checked (False only for
    piecewise-constant ones).
    rtol: for values in float32.
    """

    name: str
    function: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]
    numpy: Callable[..., Any] | None = None
    torch: Callable[..., Any] | None = None
    domain: tuple[Any, Any] = (-2.0, 2.0)
    distinct: bool = False
    first: bool = True
    second: bool = True
    rtol: float = 2e-5

    def inputs(self, dtype: str = "float64", seed: int = 0) -> list[np.ndarray]:
        """Sample arrays, the same at every call."""
        rng = np.random.default_rng(seed)
        pairs = (
            self.domain if isinstance(self.domain[0], tuple) else (self.domain,) * len(self.shapes)
        )
        found = []
        for shape, (low, high) in zip(self.shapes, pairs, strict=True):
            size = int(np.prod(shape))
            if self.distinct:
                values = rng.permutation(size) + rng.uniform(0.25, 0.75, size)
                values = low + (high - low) * values / max(size, 1)
            else:
                values = rng.uniform(low, high, size)
            found.append(values.reshape(shape).astype(dtype))
        return found
