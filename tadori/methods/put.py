"""Methods that put many values where few are: sums, products, extremes at places of an index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import kernels
from ..kernels.indexing import ARRAY
from .index import covered, lined_up, refuse_negative

HOW = ("sum", "prod", "mean", "amax", "amin")
LINE = (ARRAY,)


class Putting:
    """Reductions by index, and writing into the flattened tensor."""

    __slots__ = ()

    def scatter_reduce(
        self: Any,
        dim: int,
        index: Any,
        src: Any,
        reduce: str,
        *,
        include_self: bool = True,
    ) -> Any:
        """x[i, index[i, j, k], k] and all src[i, j, k] for it reduced to one, for dim = 1; a copy.

        reduce: "sum", "prod", "mean", "amax" or "amin". include_self: whether x counts too; places
        that no index names keep it in any case. Equal extremes share the gradient evenly.
        """
        x, index, pattern = lined_up(self, dim, index)
        numbers = np.arange(x.array.size).reshape(x.shape)
        places = kernels.pick(numbers, index.array, pattern=pattern)
        values = np.broadcast_to(covered(src, index), index.shape)
        return reduced_at(self, places, values, reduce, include_self)

    def index_reduce(
        self: Any,
        dim: int,
        index: Any,
        source: Any,
        reduce: str,
        *,
        include_self: bool = True,
    ) -> Any:
        """x[:, index[j]] and all source[:, j] for it reduced to one, for dim = 1, in a copy.

        reduce: "prod", "mean", "amax" or "amin"; else as `scatter_reduce`.
        """
        if reduce not in HOW[1:]:
            raise RuntimeError(f"index_reduce: reduce is one of {HOW[1:]}, not {reduce!r}")
        refuse_negative("index_reduce", index)
        x: Any = self if self.ndim else np.reshape(self, 1)
        axis = normalize_axis_index(dim, x.ndim)
        numbers = np.arange(x.array.size).reshape(x.shape)
        places = np.take(numbers, np.atleast_1d(index.array), axis)
        return reduced_at(self, places, source, reduce, include_self)

    def put(
        self: Any,
        index: Any,
        source: Any,
        accumulate: bool = False,
    ) -> Any:
        """The flattened tensor with `source` at the places `index`, in its old shape: a copy.

        With `accumulate` the values are added to what is there.
        """
        line: Any = np.reshape(self, -1)
        values, places = np.reshape(source, -1), np.reshape(index, -1)
        if accumulate:
            line = line + kernels.unpick(values, places, pattern=LINE, shape=line.shape)
        else:
            line = kernels.put(line, values, places, pattern=LINE)
        return np.reshape(line, self.shape)

    # In place.

    def scatter_reduce_(
        self: Any,
        dim: int,
        index: Any,
        src: Any,
        reduce: str,
        *,
        include_self: bool = True,
    ) -> Any:
        """`scatter_reduce` in place."""
        result = self.scatter_reduce(dim, index, src, reduce, include_self=include_self)
        return self.write(result, "scatter_reduce_")

    def index_reduce_(
        self: Any,
        dim: int,
        index: Any,
        source: Any,
        reduce: str,
        *,
        include_self: bool = True,
    ) -> Any:
        """`index_reduce` in place."""
        result = self.index_reduce(dim, index, source, reduce, include_self=include_self)
        return self.write(result, "index_reduce_")

    def put_(
        self: Any,
        index: Any,
        source: Any,
        accumulate: bool = False,
    ) -> Any:
        """`put` in place."""
        return self.write(self.put(index, source, accumulate), "put_")


def reduced_at(
    x: Any,
    places: Any,
    values: Any,
    how: str,
    include_self: bool,
) -> Any:
    """x, flattened, and the values reduced into its places; in the shape of x."""
    if how not in HOW:
        raise RuntimeError(f"scatter_reduce: reduce is one of {HOW}, not {how!r}")
    line: Any = np.reshape(x, -1)
    values, places = np.reshape(values, -1), places.reshape(-1)
    if not include_self:
        line = kernels.put(line, neutral(how, x.dtype), places, pattern=LINE)
    if how == "prod":
        line = products_at(line, places, values)
    elif how in ("amax", "amin"):
        line = kernels.extreme_at(line, values, places, largest=how == "amax")
    else:
        line = line + kernels.unpick(values, places, pattern=LINE, shape=line.shape)
    if how == "mean":
        count = np.bincount(places, minlength=line.array.size) + int(include_self)
        count = np.maximum(count, 1)
        whole = x.dtype.kind in "biu"
        line = line // count if whole else line / count.astype(x.dtype)
    return np.reshape(line, x.shape)


def neutral(how: str, dtype: Any) -> Any:
    """The number that changes nothing in such a reduction."""
    if how in ("amax", "amin"):
        sign = -1 if how == "amax" else 1
        if dtype.kind == "f":
            return sign * math.inf
        if dtype.kind == "b":
            return sign > 0
        limits = np.iinfo(dtype)
        return limits.min if sign < 0 else limits.max
    return 1 if how == "prod" else 0


def products_at(
    line: Any,
    places: Any,
    values: Any,
) -> Any:
    """The products of line[p] and all values for p.

    The values stand in a table, a row for each place that is named, filled up with ones: so the
    derivatives are those of `prod`, which are right where there are zeros.
    """
    if not places.size:
        return np.copy(line)
    named, row = np.unique(places, return_inverse=True)
    order = np.argsort(row, kind="stable")
    count = np.bincount(row)
    column = np.empty_like(row)
    column[order] = np.arange(row.size) - np.repeat(np.cumsum(count) - count, count)
    ones = np.ones_like(values, shape=(named.size, count.max()))
    table = kernels.put(ones, values, row, column, pattern=(ARRAY, ARRAY))
    inside = kernels.pick(line, named, pattern=LINE)
    product = np.astype(inside * np.prod(table, axis=1), line.dtype)
    return kernels.put(line, product, named, pattern=LINE)
