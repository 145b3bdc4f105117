"""Methods that count: what occurs, how often, and where. No result carries a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import return_types


class Counting:
    """Histograms, and neighbours that are equal."""

    __slots__ = ()

    def histogram(
        self: Any,
        bins: Any,
        *,
        range: Any = None,
        weight: Any = None,
        density: bool = False,
    ) -> Any:
        """(how many values, or what weight of them, lies in each bin; the edges of the bins).

        bins: a number of equal bins over `range`, by default from the smallest to the largest
        value; or a 1-d tensor of edges. density: so that the area is 1.
        """
        x = self.detach().array
        edges = bin_edges(x.reshape(-1), bins, range)
        weights = None if weight is None else weight.array.reshape(-1)
        hist, _ = np.histogram(x.reshape(-1), edges, density=density, weights=weights)
        found = hist.astype(x.dtype), edges
        return return_types.histogram(*map(self.detach().new_tensor, found))

    def unique_consecutive(
        self: Any,
        return_inverse: bool = False,
        return_counts: bool = False,
        dim: int | None = None,
    ) -> Any:
        """The values without those that equal their forerunner; along `dim`, slices are compared.

        Then, if asked for: which of them each element is, and how many equals each stands for.
        """
        x = self.array.reshape(-1) if dim is None else np.moveaxis(self.array, dim, 0)
        fresh = np.ones(len(x), bool)
        fresh[1:] = (x[1:] != x[:-1]).any(tuple(range(1, x.ndim)))
        first = np.flatnonzero(fresh)
        which = np.cumsum(fresh) - 1
        kept = x[first] if dim is None else np.moveaxis(x[first], 0, dim)
        found = [self.new_tensor(kept)]
        if return_inverse:
            found.append(self.new_tensor(which.reshape(self.shape) if dim is None else which))
        if return_counts:
            found.append(self.new_tensor(np.diff(first, append=len(x))))
        return found[0] if len(found) == 1 else tuple(found)

    def nonzero_static(
        self: Any,
        *,
        size: int,
        fill_value: int = -1,
    ) -> Any:
        """The indices of the first `size` elements that are not 0, one a row; then `fill_value`."""
        found = np.argwhere(self.array)[:size]
        rows = np.full((size, self.ndim), fill_value)
        rows[: len(found)] = found
        return self.new_tensor(rows)


def bin_edges(
    x: Any,
    bins: Any,
    span: Any,
) -> Any:
    """The edges of equal bins over the span, or from the smallest to the largest value."""
    if not isinstance(bins, int):
        return bins.array
    low, high = span if span is not None else (x.min(), x.max()) if x.size else (0, 1)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1, dtype=x.dtype)
