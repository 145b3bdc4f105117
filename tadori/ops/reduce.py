"""Many numbers become one: sums, means, extremes, norms; and sums that remember each step.

Where a reduction has to choose (max, min), the chosen share the gradient evenly, as in PyTorch.
"""

from __future__ import annotations

import math

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements


def restored(y, axis, keepdims):
    """A result with its reduced axes put back, of size 1, so that it meets the input again."""
    return y if keepdims or axis is None or y.ndim == 0 else np.expand_dims(y, axis)


def in_dtype(x, dtype):
    """x in `dtype`, or as it is for None."""
    return x if dtype is None else np.astype(x, dtype)


def total(x, axis, keepdims):
    """The sum in PyTorch's number types: integers are summed in int64, float16 in float32."""
    if x.dtype.kind in "bui":
        return x.sum(axis=axis, keepdims=keepdims, dtype=np.int64)
    if x.dtype == np.float16:
        return x.sum(axis=axis, keepdims=keepdims, dtype=np.float32).astype(np.float16)
    return x.sum(axis=axis, keepdims=keepdims)


def average(x, axis, keepdims, correction=0):
    """The sum of x over the count of what was summed, less `correction`; NaN where that is 0."""
    y = total(x, axis, keepdims)
    count = x.size // max(1, np.size(y)) - correction
    return y / count if count > 0 else y * math.nan


# ------------------------------------------------------------------------------- sums and means


class Sum(Function):
    """y = x1 + x2 + ...   d/dx = 1."""

    dtypes = "any"

    def forward(self, x, *, axis, keepdims):
        return total(x, axis, keepdims)

    def backward(self, gy, x_shape, axis, keepdims):
        return np.broadcast_to(restored(gy, axis, keepdims), x_shape)


@implements(np.sum)
def sum(x, axis=None, dtype=None, *, keepdims=False):
    """The sum, of booleans and integers in int64."""
    return Sum.apply(in_dtype(x, dtype), axis=axis, keepdims=keepdims)


class Mean(Function):
    """y = (x1 + ... + xn) / n.   d/dx = 1 / n."""

    def forward(self, x, *, axis, keepdims):
        if x.dtype.kind not in "fcV":
            raise RuntimeError(
                f"mean: could not infer output dtype. Input dtype must be either a floating point "
                f"or complex dtype, got {x.dtype}. Remedy: x.float().mean(), or pass dtype="
            )
        return average(x, axis, keepdims)

    def backward(self, gy, x_shape, axis, keepdims):
        count = math.prod(x_shape) / max(1, math.prod(gy.shape))
        return np.broadcast_to(restored(gy / count, axis, keepdims), x_shape)


@implements(np.mean)
def mean(x, axis=None, dtype=None, *, keepdims=False):
    """The mean. Raises RuntimeError for integers, whose mean is none."""
    return Mean.apply(in_dtype(x, dtype), axis=axis, keepdims=keepdims)


@implements(np.nansum)
def nansum(x, axis=None, dtype=None, *, keepdims=False):
    """The sum of all that is not NaN."""
    x = in_dtype(x, dtype)
    return sum(np.where(np.isnan(x), 0, x), axis, keepdims=keepdims)


@implements(np.nanmean)
def nanmean(x, axis=None, dtype=None, *, keepdims=False):
    """The mean of all that is not NaN."""
    count = np.sum(~np.isnan(x), axis=axis, keepdims=keepdims)
    return nansum(x, axis, dtype, keepdims=keepdims) / count


class Var(Function):
    """y = sum of (x - mean)^2 / (n - correction).   d/dx = 2 (x - mean) / (n - correction)."""

    def forward(self, x, *, axis, keepdims, correction):
        return deviation(x, axis, keepdims, correction)

    def backward(self, gy, x, axis, keepdims, correction):
        centred, count = from_mean(x, axis, gy, correction)
        return restored(gy, axis, keepdims) * centred * (2 / count)


class Std(Function):
    """y = sqrt of the variance.   d/dx = (x - mean) / ((n - correction) y); 0 where y = 0."""

    def forward(self, x, *, axis, keepdims, correction):
        return np.sqrt(deviation(x, axis, keepdims, correction))

    def backward(self, gy, x, y, axis, keepdims, correction):
        centred, count = from_mean(x, axis, gy, correction)
        return restored(gy / np.where(y == 0, 1.0, y), axis, keepdims) * centred * (1 / count)


def deviation(x, axis, keepdims, correction):
    """The variance on arrays."""
    if x.dtype.kind not in "fcV":
        raise RuntimeError(f"var and std only support floating-point inputs, got {x.dtype}")
    centred = x - average(x, axis, keepdims=True)
    return average(centred * centred, axis, keepdims, correction)


def from_mean(x, axis, y, correction):
    """x less its mean, and what the squares were divided by."""
    count = math.prod(x.shape) / max(1, math.prod(y.shape)) - correction
    centred = x - np.mean(x, axis=axis, keepdims=True)
    return centred, count if count > 0 else math.nan


@implements(np.var)
def var(x, axis=None, dtype=None, *, ddof=0, keepdims=False, correction=None):
    """The variance, by NumPy's default divided by n."""
    correction = ddof if correction is None else correction
    return Var.apply(in_dtype(x, dtype), axis=axis, keepdims=keepdims, correction=correction)


@implements(np.std)
def std(x, axis=None, dtype=None, *, ddof=0, keepdims=False, correction=None):
    """The standard deviation, by NumPy's default of the variance divided by n."""
    correction = ddof if correction is None else correction
    return Std.apply(in_dtype(x, dtype), axis=axis, keepdims=keepdims, correction=correction)


# ------------------------------------------------------------------------------------- extremes


def shared(gy, x, y, axis, keepdims):
    """gy to the places of x that equal the result, in even parts: the gradient of an extreme."""
    chosen = (x == restored(y, axis, keepdims)) | (x != x)  # x has NaN only where y is NaN
    chosen = np.astype(chosen, gy.dtype)
    share = restored(gy, axis, keepdims) / np.sum(chosen, axis=axis, keepdims=True)
    return np.where(chosen != 0, share, 0.0)


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
class Max(Function):
    """The largest.   d/dx = 1 where it stands; several share evenly."""

    def forward(self, x, *, axis=None, keepdims=False):
        require_elements("max", x, axis)
        return np.max(x, axis=axis, keepdims=keepdims)

    def backward(self, gy, x, y, axis, keepdims):
        return shared(gy, x, y, axis, keepdims)


@implements(np.min)
class Min(Function):
    """The smallest.   d/dx = 1 where it stands; several share evenly."""

    def forward(self, x, *, axis=None, keepdims=False):
        require_elements("min", x, axis)
        return np.min(x, axis=axis, keepdims=keepdims)

    def backward(self, gy, x, y, axis, keepdims):
        return shared(gy, x, y, axis, keepdims)


@implements(kernels.lower_median)
class LowerMedian(Function):
    """The middle of all values, the lower one of two.   d/dx = 1 there; equals share evenly."""

    def forward(self, x):
        return kernels.lower_median(x) if x.size else np.asarray(math.nan, x.dtype, like=x)

    def backward(self, gy, x, y):
        return shared(gy, x, y, axis=None, keepdims=False)


@implements(np.argmax)
class ArgMax(Function):
    """Where the largest stands: the first of equals; a NaN is largest. No derivative."""

    def forward(self, x, *, axis=None, keepdims=False):
        require_elements("argmax", x, axis)
        return np.argmax(x, axis=axis, keepdims=keepdims)


@implements(np.argmin)
class ArgMin(Function):
    """Where the smallest stands: the first of equals; a NaN is smallest. No derivative."""

    def forward(self, x, *, axis=None, keepdims=False):
        require_elements("argmin", x, axis)
        return np.argmin(x, axis=axis, keepdims=keepdims)


@implements(kernels.cumargmax)
class CumArgMax(Function):
    """Where the largest so far stands. No derivative."""

    def forward(self, x, *, axis, largest=True):
        return kernels.cumargmax(x, axis=axis, largest=largest)


# ------------------------------------------------------------------------------ truth and counts


@implements(np.all)
class All(Function):
    """Whether all are true (not zero). No derivative."""

    def forward(self, x, *, axis=None, keepdims=False):
        return np.all(x, axis=axis, keepdims=keepdims)


@implements(np.any)
class Any(Function):
    """Whether any is true (not zero). No derivative."""

    def forward(self, x, *, axis=None, keepdims=False):
        return np.any(x, axis=axis, keepdims=keepdims)


@implements(np.count_nonzero)
class CountNonzero(Function):
    """How many are not zero. No derivative."""

    def forward(self, x, *, axis=None, keepdims=False):
        return np.sum(x != 0, axis=axis, keepdims=keepdims, dtype=np.int64)


# --------------------------------------------------------------------------------- running sums


def part(x, axis, start, stop):
    """A slice of one axis."""
    return x[(slice(None),) * (axis % x.ndim) + (slice(start, stop),)]


def later(x, axis, first):
    """x moved one place along the axis: each place has its predecessor, the first has `first`."""
    return np.concatenate([np.full_like(part(x, axis, 0, 1), first), part(x, axis, 0, -1)], axis)


def sooner(x, axis):
    """x moved one place back along the axis: each place has its successor, the last has 0."""
    return np.concatenate([part(x, axis, 1, None), np.zeros_like(part(x, axis, 0, 1))], axis)


@implements(kernels.recurrence)
class Recurrence(Function):
    """y[t] = a[t] y[t-1] + b[t].   A gradient runs the other way: gb[t] = gy[t] + a[t+1] gb[t+1]."""

    def forward(self, a, b, *, axis, reverse=False):
        return kernels.recurrence(a, b, axis=axis, reverse=reverse)

    def backward(self, gy, a, y, axis, reverse):
        if reverse:
            gb = kernels.recurrence(later(a, axis, 0), gy, axis=axis)
            return gb * sooner(y, axis), gb
        gb = kernels.recurrence(sooner(a, axis), gy, axis=axis, reverse=True)
        return gb * later(y, axis, 0), gb


class CumSum(Function):
    """y[t] = x[0] + ... + x[t].   gx[t] = gy[t] + gy[t+1] + ..."""

    dtypes = "any"

    def forward(self, x, *, axis):
        return np.cumsum(x, axis=axis, dtype=np.int64 if x.dtype.kind in "bui" else x.dtype)

    def backward(self, gy, axis):
        return np.flip(np.cumsum(np.flip(gy, axis), axis=axis), axis)


class CumProd(Function):
    """y[t] = x[0] ... x[t].   Nothing is divided, so zeros do no harm:

    gx[t] = (x[0] ... x[t-1]) s[t]  with  s[t] = gy[t] + x[t+1] s[t+1].
    """

    dtypes = "any"

    def forward(self, x, *, axis):
        return np.cumprod(x, axis=axis, dtype=np.int64 if x.dtype.kind in "bui" else x.dtype)

    def backward(self, gy, x, y, axis):
        behind = kernels.recurrence(sooner(x, axis), gy, axis=axis, reverse=True)
        return later(y, axis, 1) * behind


@implements(kernels.logcumsumexp)
class LogCumSumExp(Function):
    """y[t] = log(exp x[0] + ... + exp x[t]).   gx[t] = exp(x[t] - y[t]) s[t]

    with s[t] = gy[t] + exp(y[t] - y[t+1]) s[t+1]: no power is above 1.
    """

    def forward(self, x, *, axis):
        return kernels.logcumsumexp(x, axis=axis)

    def backward(self, gy, x, y, axis):
        fade = np.exp(y - np.concatenate([part(y, axis, 1, None), part(y, axis, -1, None)], axis))
        return np.exp(x - y) * kernels.recurrence(fade, gy, axis=axis, reverse=True)


class Prod(Function):
    """y = x1 x2 ...   d/dx = the product of all others, from both sides: zeros do no harm."""

    dtypes = "any"

    def forward(self, x, *, axis, keepdims):
        dtype = np.int64 if x.dtype.kind in "bui" else x.dtype
        return np.prod(x, axis=axis, keepdims=keepdims, dtype=dtype)

    def backward(self, gy, x, axis, keepdims):
        before = np.cumprod(later(x, axis, 1), axis=axis)
        behind = np.cumprod(later(np.flip(x, axis), axis, 1), axis=axis)
        return restored(gy, axis, keepdims) * before * np.flip(behind, axis)


@implements(np.prod)
def prod(x, axis=None, dtype=None, *, keepdims=False):
    """The product, of booleans and integers in int64."""
    x = in_dtype(x, dtype)
    if isinstance(axis, int):
        return Prod.apply(x, axis=axis, keepdims=keepdims)
    axes = range(x.ndim) if axis is None else sorted(i % x.ndim for i in axis)
    kept = [1 if i in axes else n for i, n in enumerate(x.shape)]
    rest = [n for i, n in enumerate(x.shape) if i not in axes]
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    length = math.prod(x.shape[i] for i in axes)
    y = Prod.apply(np.reshape(moved, (*rest, length)), axis=-1, keepdims=False)
    return np.reshape(y, kept) if keepdims else y


def along(operation):
    """`operation` along an axis in NumPy's manner: without one, of all elements in a row."""

    def call(x, axis=None, dtype=None):
        x = in_dtype(x, dtype)
        return operation.apply(np.reshape(x, -1) if axis is None else x, axis=axis or 0)

    return call


implements(np.cumsum)(along(CumSum))
implements(np.cumprod)(along(CumProd))


@implements(np.diff)
def diff(x, n=1, axis=-1):
    """y[t] = x[t+1] - x[t], n times over; of booleans, whether they differ."""
    if x.ndim == 0:
        raise RuntimeError("diff: expects input to be at least one-dimensional")
    for _ in range(n):
        change = np.not_equal if x.dtype.kind == "b" else np.subtract
        x = change(part(x, axis, 1, None), part(x, axis, 0, -1))
    return x


# ---------------------------------------------------------------------------------------- norms


class VectorNorm(Function):
    """y = (sum of |x|^p)^(1/p).   d/dx = sign(x) (|x| / y)^(p-1); 0 where x = 0 or y = 0."""

    def forward(self, x, *, ord, axis, keepdims):
        if ord == 2 and axis is None and not keepdims and x.dtype in (np.float32, np.float64):
            flat = x.reshape(-1)
            return np.sqrt(flat.dot(flat))
        return total(np.abs(x) ** ord, axis, keepdims) ** (1 / ord)

    def backward(self, gy, x, y, ord, axis, keepdims):
        y = restored(np.where(y == 0, 1.0, y), axis, keepdims)
        gy = restored(gy, axis, keepdims)
        if ord == 2:
            return gy * (x / y)
        size = np.where(x == 0, 1.0, np.abs(x))
        return gy * np.sign(x) * (size / y) ** (ord - 1)


@implements(np.linalg.vector_norm)
def vector_norm(x, *, axis=None, keepdims=False, ord=2):
    """The p-norm over some or all axes; for p = inf, -inf the extreme, for 0 the count."""
    if x.dtype.kind not in "fcV":
        raise RuntimeError(f"norm: input dtype must be floating point or complex, got {x.dtype}")
    if ord == math.inf:
        return np.max(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == -math.inf:
        return np.min(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum(np.astype(x != 0, x.dtype), axis=axis, keepdims=keepdims)
    return VectorNorm.apply(x, ord=ord, axis=axis, keepdims=keepdims)


@implements(np.linalg.matrix_norm)
def matrix_norm(x, *, keepdims=False, ord="fro", axis=(-2, -1)):
    """ "fro"; inf or 1 (the largest sum of a row or a column); -inf or -1 (the smallest).

    2, -2 and "nuc" (the largest, the smallest, the sum of the singular values).
    """
    if ord in ("fro", None):
        return vector_norm(x, axis=axis, keepdims=keepdims)
    if ord not in ("nuc", 2, -2, 1, -1, math.inf, -math.inf):
        raise RuntimeError(f"matrix_norm: there is no order {ord!r} for matrices")
    x = np.moveaxis(x, axis, (-2, -1))
    if ord == "nuc":
        y = np.sum(np.linalg.svdvals(x), axis=-1)
    else:
        extreme = np.max if ord > 0 else np.min
        sizes = {1: -2, math.inf: -1}.get(abs(ord))
        y = np.linalg.svdvals(x) if sizes is None else np.sum(np.abs(x), axis=sizes)
        y = extreme(y, axis=-1)
    return np.expand_dims(y, axis) if keepdims else y


@implements(np.linalg.norm)
def norm(x, ord=None, axis=None, keepdims=False):
    """Of a vector (one axis, or ord=None) or of matrices (two axes), as np.linalg.norm."""
    if ord is None or isinstance(axis, int) or (axis is None and x.ndim == 1):
        return vector_norm(x, axis=axis, keepdims=keepdims, ord=2 if ord is None else ord)
    return matrix_norm(x, axis=(0, 1) if axis is None else axis, keepdims=keepdims, ord=ord)
