"""Reductions, running sums, sorting: what PyTorch calls `dim` is NumPy's `axis`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .. import kernels
from . import return_types

Dim = int | Sequence[int] | None
_OTHER_NAMES = {"axis": "dim", "keepdims": "keepdim"}


def numpy_names(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method also take NumPy's axis= and keepdims=, as PyTorch does."""

    @wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = {_OTHER_NAMES.get(name, name): value for name, value in kwargs.items()}
        return method(self, *args, **kwargs)

    return call


def axes(x: Any, dim: Dim) -> Any:
    """dim as NumPy's axis: None (all), a number or a tuple. A 0-d tensor has a dim 0, or -1."""
    if dim is None or isinstance(dim, int):
        return None if x.ndim == 0 and dim in (0, -1) else dim
    return tuple(dim) or None


def row(x: Any) -> Any:
    """x with an axis to work along: a 0-d tensor as a vector of one."""
    return x if x.ndim else np.reshape(x, 1)


def at(
    x: Any,
    places: Any,
    dim: int,
    keepdim: bool = True,
) -> tuple[Any, Any]:
    """The values of x at `places` along dim, and the places; without that axis if not kept."""
    values = kernels.select_along(row(x), places, axis=dim)
    if keepdim and x.ndim:
        return values, places
    return np.squeeze(values, dim), np.squeeze(places, dim)


def so_far(x: Any, dim: int, largest: bool) -> tuple[Any, Any]:
    """The extremes so far and their places, where one place may be named many times."""
    places = kernels.cumargmax(row(x), axis=dim, largest=largest)
    values = np.take_along_axis(row(x), places, dim)
    return np.reshape(values, x.shape), np.reshape(places, x.shape)


def in_dtype(x: Any, dtype: Any) -> Any:
    """x in `dtype`, or as it is for None."""
    return x if dtype is None else np.astype(x, dtype)


def divisor(dim: Any, unbiased: bool | None, correction: float | None) -> tuple[Any, float]:
    """The three ways PyTorch has to say what a variance is divided by: (dim, correction)."""
    if isinstance(dim, bool):  # var(False)
        dim, unbiased = None, dim
    if unbiased is not None:
        return dim, 1 if unbiased else 0
    return dim, 1 if correction is None else correction


class Reductions:
    """Methods that make one number of many, or put them in order."""

    __slots__ = ()

    # Sums, means, products.

    @numpy_names
    def sum(
        self: Any,
        dim: Dim = None,
        keepdim: bool = False,
        *,
        dtype: Any = None,
    ) -> Any:
        """The sum over all axes, or over `dim`. Booleans and integers are summed in int64."""
        return np.sum(in_dtype(self, dtype), axis=axes(self, dim), keepdims=keepdim)

    @numpy_names
    def nansum(
        self: Any,
        dim: Dim = None,
        keepdim: bool = False,
        *,
        dtype: Any = None,
    ) -> Any:
        """The sum of what is not NaN."""
        return np.nansum(in_dtype(self, dtype), axis=axes(self, dim), keepdims=keepdim)

    @numpy_names
    def mean(
        self: Any,
        dim: Dim = None,
        keepdim: bool = False,
        *,
        dtype: Any = None,
    ) -> Any:
        """The mean. Raises RuntimeError for integers without `dtype`."""
        return np.mean(in_dtype(self, dtype), axis=axes(self, dim), keepdims=keepdim)

    @numpy_names
    def nanmean(
        self: Any,
        dim: Dim = None,
        keepdim: bool = False,
        *,
        dtype: Any = None,
    ) -> Any:
        """The mean of what is not NaN."""
        return np.nanmean(in_dtype(self, dtype), axis=axes(self, dim), keepdims=keepdim)

    @numpy_names
    def prod(
        self: Any,
        dim: Dim = None,
        keepdim: bool = False,
        *,
        dtype: Any = None,
    ) -> Any:
        """The product. Its gradient is right where there are zeros, too."""
        return np.prod(self, axis=axes(self, dim), dtype=dtype, keepdims=keepdim)

    @numpy_names
    def var(
        self: Any,
        dim: Dim = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Any:
        """The variance: the sum of (x - mean)^2 over n - correction, which is 1 by default."""
        dim, ddof = divisor(dim, unbiased, correction)
        return np.var(self, axis=axes(self, dim), ddof=ddof, keepdims=keepdim)

    @numpy_names
    def std(
        self: Any,
        dim: Dim = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Any:
        """The standard deviation, the square root of `var`; where it is 0, so is its gradient."""
        dim, ddof = divisor(dim, unbiased, correction)
        return np.std(self, axis=axes(self, dim), ddof=ddof, keepdims=keepdim)

    @numpy_names
    def norm(
        self: Any, p: Any = "fro", dim: Dim = None, keepdim: bool = False, dtype: Any = None
    ) -> Any:
        """(sum of |x|^p)^(1/p) over all axes, or over `dim`; for p = inf the largest |x|."""
        x, axis = in_dtype(self, dtype), axes(self, dim)
        if p == "nuc":
            axis = (-2, -1) if axis is None else axis
            return np.linalg.norm(x, p, axis, keepdim)
        ord = 2 if p in ("fro", None) else p
        return np.linalg.vector_norm(x, ord=ord, axis=axis, keepdims=keepdim)

    def dist(self: Any, other: Any, p: float = 2) -> Any:
        """The p-norm of the difference."""
        return np.linalg.vector_norm(self - other, ord=p, axis=None, keepdims=False)

    # Extremes.

    @numpy_names
    def max(self: Any, dim: Any = None, keepdim: bool = False) -> Any:
        """The largest of all; along `dim` (values, indices); with a tensor the larger of each two.

        Along `dim` the gradient goes to the one at the index, without it equals share evenly.
        """
        if dim is None:
            return np.max(self, axis=None, keepdims=False)
        if not isinstance(dim, int):
            return np.maximum(self, dim)
        places = np.argmax(row(self), axis=dim, keepdims=True)
        return return_types.max(*at(self, places, dim, keepdim))

    @numpy_names
    def min(self: Any, dim: Any = None, keepdim: bool = False) -> Any:
        """The smallest of all; along `dim` (values, indices); with a tensor the smaller of two."""
        if dim is None:
            return np.min(self, axis=None, keepdims=False)
        if not isinstance(dim, int):
            return np.minimum(self, dim)
        places = np.argmin(row(self), axis=dim, keepdims=True)
        return return_types.min(*at(self, places, dim, keepdim))

    @numpy_names
    def amax(self: Any, dim: Dim = None, keepdim: bool = False) -> Any:
        """The largest over `dim`; equals share the gradient evenly."""
        return np.max(self, axis=axes(self, dim), keepdims=keepdim)

    @numpy_names
    def amin(self: Any, dim: Dim = None, keepdim: bool = False) -> Any:
        """The smallest over `dim`; equals share the gradient evenly."""
        return np.min(self, axis=axes(self, dim), keepdims=keepdim)

    def aminmax(self: Any, *, dim: int | None = None, keepdim: bool = False) -> Any:
        """The smallest and the largest, as (min, max)."""
        return return_types.aminmax(self.amin(dim, keepdim), self.amax(dim, keepdim))

    @numpy_names
    def argmax(self: Any, dim: int | None = None, keepdim: bool = False) -> Any:
        """Where the largest stands, the first of equals; without `dim`, in the flattened tensor."""
        return np.argmax(self, axis=axes(self, dim), keepdims=keepdim)

    @numpy_names
    def argmin(self: Any, dim: int | None = None, keepdim: bool = False) -> Any:
        """Where the smallest stands, the first of equals; without `dim` in the flattened tensor."""
        return np.argmin(self, axis=axes(self, dim), keepdims=keepdim)

    # Truth and counts.

    @numpy_names
    def all(self: Any, dim: Dim = None, keepdim: bool = False) -> Any:
        """Whether all are true."""
        return np.all(self, axis=axes(self, dim), keepdims=keepdim)

    @numpy_names
    def any(self: Any, dim: Dim = None, keepdim: bool = False) -> Any:
        """Whether any is true."""
        return np.any(self, axis=axes(self, dim), keepdims=keepdim)

    @numpy_names
    def count_nonzero(self: Any, dim: Dim = None) -> Any:
        """How many are not zero."""
        return np.count_nonzero(self, axis=axes(self, dim), keepdims=False)

    def bincount(self: Any, weights: Any = None, minlength: int = 0) -> Any:
        """How often each integer from 0 on occurs, or the sum of its weights."""
        return np.bincount(self, weights, minlength=minlength)

    def histc(
        self: Any,
        bins: int = 100,
        min: float = 0,
        max: float = 0,
    ) -> Any:
        """How many values lie in each of `bins` equal parts of [min, max], or of all there are."""
        if min == max:
            min, max = (x.item() for x in self.aminmax()) if self.array.size else (0, 1)
        if min == max:
            min, max = min - 1, max + 1
        return np.histogram(self, bins=bins, range=(min, max))[0]

    def unique(
        self: Any,
        sorted: bool = True,
        return_inverse: bool = False,
        return_counts: bool = False,
        dim: int | None = None,
    ) -> Any:
        """The values that occur, sorted; then which of them each element is, and how often each is.

        Carries no gradient. Each NaN counts as a value of its own.
        """
        options: dict[str, Any] = {"return_inverse": return_inverse, "return_counts": return_counts}
        return np.unique(self, axis=dim, equal_nan=False, **options)

    # Running sums.

    @numpy_names
    def cumsum(self: Any, dim: int, *, dtype: Any = None) -> Any:
        """y[t] = x[0] + ... + x[t] along `dim`."""
        return np.reshape(np.cumsum(row(in_dtype(self, dtype)), axis=dim), self.shape)

    @numpy_names
    def cumprod(self: Any, dim: int, *, dtype: Any = None) -> Any:
        """y[t] = x[0] ... x[t] along `dim`."""
        return np.reshape(np.cumprod(row(in_dtype(self, dtype)), axis=dim), self.shape)

    @numpy_names
    def logcumsumexp(self: Any, dim: int) -> Any:
        """y[t] = log(exp x[0] + ... + exp x[t]) along `dim`."""
        return np.reshape(kernels.logcumsumexp(row(self), axis=dim), self.shape)

    @numpy_names
    def cummax(self: Any, dim: int) -> Any:
        """The largest so far along `dim`, and where it stands: the last of equals."""
        return return_types.cummax(*so_far(self, dim, largest=True))

    @numpy_names
    def cummin(self: Any, dim: int) -> Any:
        """The smallest so far along `dim`, and where it stands: the last of equals."""
        return return_types.cummin(*so_far(self, dim, largest=False))

    def diff(
        self: Any,
        n: int = 1,
        dim: int = -1,
        prepend: Any = None,
        append: Any = None,
    ) -> Any:
        """y[t] = x[t+1] - x[t] along `dim`, n times over."""
        if n == 0:
            return self
        parts = [x for x in (prepend, self, append) if x is not None]
        return np.diff(self if len(parts) == 1 else np.concatenate(parts, dim), n, dim)

    # Order.

    def sort(
        self: Any,
        dim: int = -1,
        descending: bool = False,
        stable: bool = False,
    ) -> Any:
        """(values, indices) in order along `dim`; always stable. NaN counts as largest."""
        places = kernels.argsort(row(self), axis=dim, descending=descending)
        return return_types.sort(*at(self, places, dim))

    def argsort(
        self: Any,
        dim: int = -1,
        descending: bool = False,
        stable: bool = False,
    ) -> Any:
        """The indices that sort along `dim`; always stable."""
        places = kernels.argsort(row(self), axis=dim, descending=descending)
        return np.reshape(places, self.shape)

    def msort(self: Any) -> Any:
        """The values in order along the first axis."""
        return self.sort(0).values

    def topk(
        self: Any,
        k: int,
        dim: int = -1,
        largest: bool = True,
        sorted: bool = True,
    ) -> Any:
        """The k largest (or smallest) along `dim`, in order, as (values, indices)."""
        places = kernels.argtop(row(self), k=k, axis=dim, largest=largest)
        return return_types.topk(*at(self, places, dim))

    def kthvalue(
        self: Any,
        k: int,
        dim: int = -1,
        keepdim: bool = False,
    ) -> Any:
        """The k-th smallest along `dim`, counted from 1, as (values, indices)."""
        places = kernels.argkth(row(self), k=k, axis=dim)
        return return_types.kthvalue(*at(self, places, dim, keepdim))

    @numpy_names
    def median(self: Any, dim: int | None = None, keepdim: bool = False) -> Any:
        """The middle value, the lower one of two; along `dim`, (values, indices)."""
        if dim is None:
            return kernels.lower_median(self)
        places = kernels.argmedian(row(self), axis=dim)
        return return_types.median(*at(self, places, dim, keepdim))

    def mode(self: Any, dim: int = -1, keepdim: bool = False) -> Any:
        """The most frequent value along `dim`, the smallest of equals, as (values, indices)."""
        places = kernels.argmode(row(self), axis=dim)
        return return_types.mode(*at(self, places, dim, keepdim))

    @numpy_names
    def quantile(
        self: Any,
        q: Any,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        interpolation: Any = "linear",
    ) -> Any:
        """The value below which the part q of x lies; for a 1-d q one each, as the first axis."""
        return np.quantile(self, q, axis=axes(self, dim), keepdims=keepdim, method=interpolation)


# Functions that PyTorch has not as methods.


def var_mean(
    input: Any,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Any, Any]:
    """The variance and the mean."""
    dim, correction = divisor(dim, unbiased, correction)
    return input.var(dim, None, keepdim, correction=correction), input.mean(dim, keepdim)


def std_mean(
    input: Any,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Any, Any]:
    """The standard deviation and the mean."""
    dim, correction = divisor(dim, unbiased, correction)
    return input.std(dim, None, keepdim, correction=correction), input.mean(dim, keepdim)


def cdist(
    x1: Any,
    x2: Any,
    p: float = 2.0,
    compute_mode: str = "use_mm_for_euclid_dist_if_necessary",
) -> Any:
    """The distance of each row of x1 to each row of x2: (*, P, M), (*, R, M) -> (*, P, R).

    compute_mode is PyTorch's choice between two ways to the same numbers; here is one.
    """
    between = np.expand_dims(x1, -2) - np.expand_dims(x2, -3)
    return np.linalg.vector_norm(between, ord=p, axis=-1, keepdims=False)
