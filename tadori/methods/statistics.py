"""Methods of statistics and of sampled curves: medians and quantiles that skip NaN, covariance,
areas, slopes, norms that are held in bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from .. import kernels
from . import return_types
from .reduce import at, axes, numpy_names, row


class Statistics:
    """What is said about many numbers, beyond sums and extremes."""

    __slots__ = ()

    @numpy_names
    def nanmedian(
        self: Any,
        dim: int | None = None,
        keepdim: bool = False,
    ) -> Any:
        """`median` of what is not NaN; NaN where nothing else is."""
        if dim is None:
            return kernels.lower_median(self[~np.isnan(self)])
        places = kernels.argnanmedian(row(self), axis=dim)
        return return_types.nanmedian(*at(self, places, dim, keepdim))

    @numpy_names
    def nanquantile(
        self: Any,
        q: Any,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        interpolation: Any = "linear",
    ) -> Any:
        """`quantile` of what is not NaN; NaN where nothing else is."""
        axis = axes(self, dim)
        return np.nanquantile(self, q, axis=axis, keepdims=keepdim, method=interpolation)

    def cov(
        self: Any,
        *,
        correction: int = 1,
        fweights: Any = None,
        aweights: Any = None,
    ) -> Any:
        """The covariances of the rows, whose columns are observations.

        fweights: how often each observation counts; aweights: its weight. correction: what the
        number of observations is lessened by.
        """
        x: Any = np.reshape(self, (1, -1)) if self.ndim < 2 else self
        if self.dtype.kind in "biu":
            x = x * 1.0
        if self.ndim > 2:
            raise RuntimeError(
                f"cov(): expected input to have two or fewer dimensions but got {self.ndim}"
            )
        weights = aweights if fweights is None else fweights
        if fweights is not None and aweights is not None:
            weights = fweights * aweights
        if weights is None:
            total, mean = x.shape[1], x.mean(1, keepdim=True)
        else:
            total = weights.sum()
            mean = (x * weights).sum(1, keepdim=True) / total
        count = total - correction
        if aweights is not None and correction:
            count = total - correction * (weights * aweights).sum() / total
        centred = x - mean
        spread = centred if weights is None else centred * weights
        count = np.clip(count, 0, None) if weights is not None else max(count, 0)
        product: Any = np.matmul(spread, np.conjugate(centred.mT) if x.is_complex() else centred.mT)
        return np.squeeze(product / count)

    def corrcoef(self: Any) -> Any:
        """The correlations of the rows, in [-1, 1], whose columns are observations."""
        c = self.cov()
        if c.ndim == 0:
            return c / c
        deviation = np.sqrt(np.real(c.diagonal()) if c.is_complex() else c.diagonal())
        y = c / np.expand_dims(deviation, 1) / deviation
        return y if y.is_complex() else np.clip(y, -1.0, 1.0)

    def renorm(
        self: Any,
        p: float,
        dim: int,
        maxnorm: float,
    ) -> Any:
        """Each slice along `dim` whose p-norm is larger made smaller, to `maxnorm`."""
        axis = normalize_axis_index(dim, self.ndim)
        others = tuple(i for i in range(self.ndim) if i != axis)
        norm = np.linalg.vector_norm(self, ord=p, axis=others, keepdims=True)
        return self * np.where(norm > maxnorm, maxnorm / (norm + 1e-7), 1.0)

    def renorm_(
        self: Any,
        p: float,
        dim: int,
        maxnorm: float,
    ) -> Any:
        """`renorm` in place."""
        return self.write(self.renorm(p, dim, maxnorm), "renorm_")


# Functions that PyTorch has not as methods.


def trapezoid(
    y: Any,
    x: Any = None,
    *,
    dx: float = 1.0,
    dim: int = -1,
) -> Any:
    """The area below the points y, joined by lines, along `dim`; x or dx: where they are."""
    return _areas(y, x, dx, dim).sum(dim)


def cumulative_trapezoid(
    y: Any,
    x: Any = None,
    *,
    dx: float = 1.0,
    dim: int = -1,
) -> Any:
    """The area below the points y, joined by lines, up to each point from the second on."""
    return _areas(y, x, dx, dim).cumsum(dim)


def _areas(
    y: Any,
    x: Any,
    dx: float,
    dim: int,
) -> Any:
    """The area below each line from point to point."""
    n = y.size(dim)
    if n == 0:
        return y * 1.0
    middles = (y.narrow(dim, 0, n - 1) + y.narrow(dim, 1, n - 1)) / 2.0
    if x is None:
        return middles * dx
    if x.ndim < y.ndim:  # it lies along dim, broadcast over the others
        below = y.ndim - 1 - normalize_axis_index(dim, y.ndim)
        if x.ndim == 1:
            x = np.reshape(x, (-1, *[1] * below))
    return middles * x.diff(dim=dim)


def gradient(
    input: Any,
    *,
    spacing: Any = None,
    dim: Any = None,
    edge_order: int = 1,
) -> tuple[Any, ...]:
    """The slope of sampled values along each of `dim`, all by default: a tensor for each.

    spacing: the distance of the samples, 1 by default, one for all or for each dimension; or their
    places: a tensor for each. Inside, the difference of both neighbours, weighted to be exact for
    parabolas; at the edges that of one neighbour (edge_order=1), or of two (2).
    """
    every = range(input.ndim) if dim is None else (dim,) if isinstance(dim, int) else dim
    dims = normalize_axis_tuple(tuple(every), input.ndim)
    spacing = 1 if spacing is None else spacing
    one = isinstance(spacing, int | float) or hasattr(spacing, "ndim")
    steps = [spacing] * len(dims) if one else list(spacing)
    if hasattr(spacing, "ndim"):
        steps = [spacing] * len(dims) if spacing.ndim == 0 else [spacing]
    if len(steps) != len(dims):
        raise RuntimeError(
            f"gradient: expected spacing to be one number or one for each of {len(dims)} "
            f"dimensions, got {len(steps)}"
        )
    if edge_order not in (1, 2):
        raise RuntimeError(f"gradient: edge_order is 1 or 2, not {edge_order}")
    return tuple(_slope(input, h, axis, edge_order) for h, axis in zip(steps, dims, strict=True))


def _slope(
    x: Any,
    h: Any,
    axis: int,
    edge_order: int,
) -> Any:
    """The slope along one axis."""
    n = x.shape[axis]
    if n < edge_order + 1:
        raise RuntimeError(
            f"gradient: expected each dimension size to be at least edge_order+1, this is {n}"
        )
    steps = _steps(x, h, axis)
    rise = x.diff(dim=axis) / steps
    first, last = rise.narrow(axis, 0, 1), rise.narrow(axis, n - 2, 1)
    if n == 2:
        return np.concatenate((first, last), axis)
    before, after = steps.narrow(axis, 0, n - 2), steps.narrow(axis, 1, n - 2)
    left, right = rise.narrow(axis, 0, n - 2), rise.narrow(axis, 1, n - 2)
    middle = (left * after + right * before) / (before + after)
    if edge_order == 2:  # the parabola through the three outermost samples
        bend = (right - left) / (before + after)
        first = (left - bend * before).narrow(axis, 0, 1)
        last = (right + bend * after).narrow(axis, n - 3, 1)
    return np.concatenate((first, middle, last), axis)


def _steps(
    x: Any,
    h: Any,
    axis: int,
) -> Any:
    """The distances from sample to sample, in a shape that meets x."""
    shape = [x.shape[axis] - 1 if i == axis else 1 for i in range(x.ndim)]
    if getattr(h, "ndim", 0) == 1:
        return np.reshape(h.diff(), shape)
    return np.ones_like(x.detach(), shape=shape) * h


def combinations(
    input: Any,
    r: int = 2,
    with_replacement: bool = False,
) -> Any:
    """All choices of r elements of a vector, in order: one a row."""
    from itertools import combinations as chosen
    from itertools import combinations_with_replacement as repeated

    if input.ndim != 1 or r < 0:
        raise RuntimeError(
            f"combinations: expected a 1-d tensor and r >= 0, got {input.ndim} dimensions and {r}"
        )
    choose = repeated if with_replacement else chosen
    rows = np.array(list(choose(range(len(input)), r)), dtype=np.intp).reshape(-1, r)
    return input[rows] if r else np.reshape(input[:0], 0)


def broadcast_shapes(*shapes: int | Sequence[int]) -> tuple[int, ...]:
    """The shape that tensors of these shapes have together; RuntimeError if there is none."""
    wide = [(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]
    try:
        return np.broadcast_shapes(*wide)
    except ValueError:
        raise RuntimeError(
            f"broadcast_shapes: shape mismatch: the shapes {wide} cannot be broadcast to one"
        ) from None
