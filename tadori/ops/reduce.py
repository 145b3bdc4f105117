"""Many numbers become one: sums, means, variances, extremes, truth.

Where a reduction has to choose (max, min), the chosen share the gradient evenly, as in PyTorch.
"""

from __future__ import annotations

import math

import numpy as np

from .. import kernels
from ..autograd.convert import conjugate
from ..autograd.function import Function
from ..dispatch import implements


def restored(y, axis, keepdims):
    """A result with its reduced axes put back, of size 1, so that it meets the input again."""
    if keepdims or axis is None or y.ndim == 0:
        return y
    return np.expand_dims(y, axis)


def in_dtype(x, dtype):
    """x in `dtype`, or as it is for None."""
    return x if dtype is None else np.astype(x, dtype)


def total(x, axis, keepdims):
    """The sum in PyTorch's number types: integers in int64, float16 and bfloat16 in float32."""
    if x.dtype.kind in "bui":
        return x.sum(axis, np.int64, keepdims=keepdims)
    if x.dtype == np.float16:
        y = x.sum(axis, np.float32, keepdims=keepdims)
        return y.astype(np.float16)
    if x.dtype.kind == "V":
        y = x.astype(np.float32).sum(axis, keepdims=keepdims)
        return y.astype(x.dtype)
    return x.sum(axis, keepdims=keepdims)


def average(x, axis, keepdims, correction=0):
    """The sum of x over the count of what was summed, less `correction`; NaN where that is 0."""
    y = total(x, axis, keepdims)
    count = summed(x.shape, y.shape) - correction
    return y / count if count > 0 else y * math.nan


def summed(shape, result_shape):
    """How many numbers went into each one of a result."""
    return math.prod(shape) // max(1, math.prod(result_shape))


def require_floating(name, x):
    """Raise for booleans and integers."""
    if x.dtype.kind in "bui":
        raise RuntimeError(
            f"{name}: could not infer output dtype. Input dtype must be either a floating point "
            f"or complex dtype, this is {x.dtype}. Remedy: convert it, as in x.float()"
        )


# ------------------------------------------------------------------------------- sums and means


class Sum(Function):
    """y = x1 + x2 + ...   d/dx = 1."""

    dtypes = "any"

    def forward(self, x, *, axis, keepdims):
        return total(x, axis, keepdims)

    def backward(self, gy, x_shape, axis, keepdims):
        gy = restored(gy, axis, keepdims)
        return np.broadcast_to(gy, x_shape)


@implements(np.sum)
def sum(x, axis=None, dtype=None, *, keepdims=False):
    """The sum, of booleans and integers in int64."""
    x = in_dtype(x, dtype)
    return Sum.apply(x, axis=axis, keepdims=keepdims)


class Mean(Function):
    """y = (x1 + ... + xn) / n.   d/dx = 1 / n."""

    def forward(self, x, *, axis, keepdims):
        require_floating("mean", x)
        return average(x, axis, keepdims)

    def backward(self, gy, x_shape, axis, keepdims):
        share = gy / max(1, summed(x_shape, gy.shape))
        share = restored(share, axis, keepdims)
        return np.broadcast_to(share, x_shape)


@implements(np.mean)
def mean(x, axis=None, dtype=None, *, keepdims=False):
    """The mean. Raises RuntimeError for integers, whose mean is none."""
    x = in_dtype(x, dtype)
    return Mean.apply(x, axis=axis, keepdims=keepdims)


@implements(np.nansum)
def nansum(x, axis=None, dtype=None, *, keepdims=False):
    """The sum of all that is not NaN."""
    x = np.where(np.isnan(x), 0, x)
    return sum(x, axis, dtype, keepdims=keepdims)


@implements(np.nanmean)
def nanmean(x, axis=None, dtype=None, *, keepdims=False):
    """The mean of all that is not NaN."""
    known = ~np.isnan(x)
    count = sum(known, axis, keepdims=keepdims)
    return nansum(x, axis, dtype, keepdims=keepdims) / count


# ------------------------------------------------------------------------------------ variances


class Var(Function):
    """y = sum of |x - mean|^2 / (n - correction).   d/dx = 2 (x - mean) / (n - correction)."""

    def forward(self, x, *, axis, keepdims, correction):
        return deviation(x, axis, keepdims, correction)

    def backward(self, gy, x, axis, keepdims, correction):
        count = divisor(x, gy, correction)
        gy = restored(gy * (2 / count), axis, keepdims)
        return gy * conjugate(centred(x, axis))


class Std(Function):
    """y = sqrt of the variance.   d/dx = (x - mean) / ((n - correction) y); 0 where y = 0."""

    def forward(self, x, *, axis, keepdims, correction):
        variance = deviation(x, axis, keepdims, correction)
        return np.sqrt(variance)

    def backward(self, gy, x, y, axis, keepdims, correction):
        count = divisor(x, gy, correction)
        y = np.where(y == 0, 1.0, y)
        gy = restored(gy / y, axis, keepdims)
        return gy * conjugate(centred(x, axis)) / count


def deviation(x, axis, keepdims, correction):
    """The variance of an array."""
    require_floating("var", x)
    x = x - average(x, axis, keepdims=True)
    return average(squares(x), axis, keepdims, correction)


def squares(x):
    """|x|^2, real."""
    if x.dtype.kind == "c":
        return np.real(x) ** 2 + np.imag(x) ** 2
    return x * x


def centred(x, axis):
    """x less its mean."""
    return x - np.mean(x, axis=axis, keepdims=True)


def divisor(x, y, correction):
    """What the squares are divided by; NaN where that would be 0 or less."""
    count = summed(x.shape, y.shape) - correction
    return count if count > 0 else math.nan


@implements(np.var)
def var(x, axis=None, dtype=None, *, ddof=0, keepdims=False, correction=None):
    """The variance, by NumPy's default divided by n."""
    return spread(Var, x, axis, dtype, ddof, keepdims, correction)


@implements(np.std)
def std(x, axis=None, dtype=None, *, ddof=0, keepdims=False, correction=None):
    """The standard deviation, by NumPy's default of the variance divided by n."""
    return spread(Std, x, axis, dtype, ddof, keepdims, correction)


def spread(operation, x, axis, dtype, ddof, keepdims, correction):
    """`operation` (Var, Std), with NumPy's two names for the correction."""
    return operation.apply(
        in_dtype(x, dtype),
        axis=axis,
        keepdims=keepdims,
        correction=ddof if correction is None else correction,
    )


# ------------------------------------------------------------------------------------- extremes


class Extreme(Function):
    """What max, min and median have in common: d/dx = 1 where the result stands.

    Where it stands several times, each has an equal share.
    """

    def backward(self, gy, x, y, axis, keepdims):
        y = restored(y, axis, keepdims)
        gy = restored(gy, axis, keepdims)
        chosen = (x == y) | (x != x)  # x has a NaN only where y is NaN
        number = np.sum(chosen, axis=axis, keepdims=True)
        share = gy / np.astype(number, gy.dtype)
        return np.where(chosen, share, 0.0)


def require_elements(name, x, axis):
    """Raise where nothing is there to choose from."""
    if x.size > 0:
        return
    if axis is None:
        raise RuntimeError(
            f"{name}: expected reduction dim to be specified for input.numel() == 0; "
            f"its shape is {x.shape}"
        )
    for i in axis if isinstance(axis, tuple) else (axis,):
        if x.ndim and x.shape[i] == 0:
            raise IndexError(f"{name}: expected reduction dim {i} to have non-zero size")


@implements(np.max)
class Max(Extreme):
    """The largest."""

    real = True

    def forward(self, x, *, axis=None, keepdims=False):
        require_elements("max", x, axis)
        return np.max(x, axis=axis, keepdims=keepdims)


@implements(np.min)
class Min(Extreme):
    """The smallest."""

    real = True

    def forward(self, x, *, axis=None, keepdims=False):
        require_elements("min", x, axis)
        return np.min(x, axis=axis, keepdims=keepdims)


@implements(kernels.lower_median)
class LowerMedian(Extreme):
    """The middle of all values, the lower one of two; NaN of none."""

    real = True

    def forward(self, x, *, axis=None, keepdims=False):
        if x.size == 0:
            return np.full_like(x, math.nan, shape=())
        return kernels.lower_median(x)


@implements(np.argmax)
class ArgMax(Function):
    """Where the largest stands: the first of equals; a NaN is largest. No derivative."""

    real = True

    def forward(self, x, *, axis=None, keepdims=False):
        require_elements("argmax", x, axis)
        return np.argmax(x, axis=axis, keepdims=keepdims)


@implements(np.argmin)
class ArgMin(Function):
    """Where the smallest stands: the first of equals; a NaN is smallest. No derivative."""

    real = True

    def forward(self, x, *, axis=None, keepdims=False):
        require_elements("argmin", x, axis)
        return np.argmin(x, axis=axis, keepdims=keepdims)


# ------------------------------------------------------------------------------ truth and counts


@implements(np.all)
class All(Function):
    """Whether all are true (not zero). No derivative."""

    dtypes = "any"

    def forward(self, x, *, axis=None, keepdims=False):
        return np.all(x, axis=axis, keepdims=keepdims)


@implements(np.any)
class Any(Function):
    """Whether any is true (not zero). No derivative."""

    dtypes = "any"

    def forward(self, x, *, axis=None, keepdims=False):
        return np.any(x, axis=axis, keepdims=keepdims)


@implements(np.count_nonzero)
class CountNonzero(Function):
    """How many are not zero. No derivative."""

    dtypes = "any"

    def forward(self, x, *, axis=None, keepdims=False):
        return total(x != 0, axis, keepdims)
