"""Along an axis, each place with all before it: running sums and products, recurrences.

Nothing is divided by, so zeros do no harm to the gradient of a product, of any order.
"""

from __future__ import annotations

import math

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from .reduce import in_dtype, restored


def part(x, axis, start, stop):
    """A slice of one axis."""
    whole = (slice(None),) * (axis % x.ndim)
    return x[(*whole, slice(start, stop))]


def later(x, axis, first):
    """x moved one place along the axis: each place has its predecessor, the first has `first`."""
    start = np.full_like(part(x, axis, 0, 1), first)
    rest = part(x, axis, 0, -1)
    return np.concatenate([start, rest], axis)


def sooner(x, axis):
    """x moved one place back along the axis: each place has its successor, the last has 0."""
    rest = part(x, axis, 1, None)
    end = np.zeros_like(part(x, axis, 0, 1))
    return np.concatenate([rest, end], axis)


def backwards(a, b, axis):
    """y[t] = a[t] y[t+1] + b[t]."""
    return kernels.recurrence(a, b, axis=axis, reverse=True)


@implements(kernels.recurrence)
class Recurrence(Function):
    """y[t] = a[t] y[t-1] + b[t].   gb[t] = a[t+1] gb[t+1] + gy[t],  ga[t] = gb[t] y[t-1].

    So a gradient runs the other way.
    """

    def forward(self, a, b, *, axis, reverse=False):
        return kernels.recurrence(a, b, axis=axis, reverse=reverse)

    def backward(self, gy, a, y, axis, reverse):
        if reverse:
            a = later(a, axis, 0)
            gb = kernels.recurrence(a, gy, axis=axis)
            return gb * sooner(y, axis), gb
        a = sooner(a, axis)
        gb = backwards(a, gy, axis)
        return gb * later(y, axis, 0), gb


# ------------------------------------------------------------------------------------- the sums


def accumulator(x):
    """The dtype in which x is summed: int64 for booleans and integers."""
    return np.int64 if x.dtype.kind in "bui" else x.dtype


class CumSum(Function):
    """y[t] = x[0] + ... + x[t].   gx[t] = gy[t] + gy[t+1] + ..."""

    dtypes = "any"

    def forward(self, x, *, axis):
        return np.cumsum(x, axis=axis, dtype=accumulator(x))

    def backward(self, gy, axis):
        from_end = np.flip(gy, axis)
        return np.flip(np.cumsum(from_end, axis=axis), axis)


class CumProd(Function):
    """y[t] = x[0] ... x[t].   gx[t] = (x[0] ... x[t-1]) s[t],  s[t] = gy[t] + x[t+1] s[t+1]."""

    dtypes = "any"

    def forward(self, x, *, axis):
        return np.cumprod(x, axis=axis, dtype=accumulator(x))

    def backward(self, gy, x, y, axis):
        before = later(y, axis, 1)
        following = sooner(x, axis)
        return before * backwards(following, gy, axis)


def along(operation):
    """`operation` along an axis in NumPy's manner: without one, of all elements in a row."""

    def call(x, axis=None, dtype=None):
        x = in_dtype(x, dtype)
        if axis is None:
            x = np.reshape(x, -1)
            axis = 0
        return operation.apply(x, axis=axis)

    return call


implements(np.cumsum)(along(CumSum))
implements(np.cumprod)(along(CumProd))


@implements(kernels.logcumsumexp)
class LogCumSumExp(Function):
    """y[t] = log(exp x[0] + ... + exp x[t]).   gx[t] = exp(x[t] - y[t]) s[t]

    with s[t] = gy[t] + exp(y[t] - y[t+1]) s[t+1]: no power is above 1.
    """

    def forward(self, x, *, axis):
        return kernels.logcumsumexp(x, axis=axis)

    def backward(self, gy, x, y, axis):
        end = part(y, axis, -1, None)
        following = np.concatenate([part(y, axis, 1, None), end], axis)
        fade = np.exp(y - following)
        return np.exp(x - y) * backwards(fade, gy, axis)


@implements(kernels.cumargmax)
class CumArgMax(Function):
    """Where the largest so far stands. No derivative."""

    real = True

    def forward(self, x, *, axis, largest=True):
        return kernels.cumargmax(x, axis=axis, largest=largest)


@implements(np.diff)
def diff(x, n=1, axis=-1):
    """y[t] = x[t+1] - x[t], n times over; of booleans, whether they differ."""
    if x.ndim == 0:
        raise RuntimeError("diff: expects input to be at least one-dimensional")
    change: np.ufunc = np.subtract
    if x.dtype.kind == "b":
        change = np.not_equal
    for _ in range(n):
        after = part(x, axis, 1, None)
        x = change(after, part(x, axis, 0, -1))
    return x


# ------------------------------------------------------------------------------------ the product


class Prod(Function):
    """y = x1 x2 ...   d/dx = the product of all others: those before times those behind."""

    dtypes = "any"

    def forward(self, x, *, axis, keepdims):
        return np.prod(x, axis=axis, keepdims=keepdims, dtype=accumulator(x))

    def backward(self, gy, x, axis, keepdims):
        before = np.cumprod(later(x, axis, 1), axis=axis)
        from_end = later(np.flip(x, axis), axis, 1)
        behind = np.cumprod(from_end, axis=axis)
        gy = restored(gy, axis, keepdims)
        return gy * before * np.flip(behind, axis)


@implements(np.prod)
def prod(x, axis=None, dtype=None, *, keepdims=False):
    """The product, of booleans and integers in int64, or in `dtype`."""
    if dtype == np.bool_:
        return np.all(in_dtype(x, dtype), axis=axis, keepdims=keepdims)
    x = in_dtype(x, dtype)
    if isinstance(axis, int):
        return Prod.apply(x, axis=axis, keepdims=keepdims)
    axes = list(range(x.ndim))
    if axis is not None:
        axes = [i % x.ndim for i in axis]
    others = [i for i in range(x.ndim) if i not in axes]
    last = np.transpose(x, [*others, *axes])
    shape = [x.shape[i] for i in others]
    length = math.prod(x.shape[i] for i in axes)
    rows = np.reshape(last, (*shape, length))
    y = Prod.apply(rows, axis=-1, keepdims=False)
    if keepdims:
        return np.expand_dims(y, tuple(axes))
    return y
