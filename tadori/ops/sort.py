"""Who comes in which place: sorting, the largest few, the middle, what occurs how often.

Places carry no gradient. The gradient of the values that stand there goes back to those places.
"""

from __future__ import annotations

import math

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from ..tensor import Tensor
from .reduce import require_elements


@implements(kernels.select_along)
class SelectAlong(Function):
    """The values at `places` along an axis, none named twice.   Back: put where they came from."""

    dtypes = "any"

    def forward(self, x, places, *, axis):
        return kernels.select_along(x, places, axis=axis)

    def grad_x(self, gy, x_shape, places, axis):
        return kernels.put_along(gy, places, axis=axis, length=x_shape[axis])


@implements(kernels.put_along)
class PutAlong(Function):
    """Zeros with x at `places` along an axis.   Back: what stands there."""

    dtypes = "any"

    def forward(self, x, places, *, axis, length):
        return kernels.put_along(x, places, axis=axis, length=length)

    def grad_x(self, gy, places, axis):
        return kernels.select_along(gy, places, axis=axis)


@implements(kernels.argsort)
class ArgSort(Function):
    """The places from which a sorted x is taken. No derivative."""

    real = True

    def forward(self, x, *, axis=-1, descending=False):
        return kernels.argsort(x, axis=axis, descending=descending)


@implements(kernels.argtop)
class ArgTop(Function):
    """The places of the k largest (or smallest), in order. No derivative."""

    real = True

    def forward(self, x, *, k, axis=-1, largest=True):
        if not 0 <= k <= x.shape[axis]:
            raise RuntimeError(
                f"topk: selected index k out of range: k={k}, but axis {axis} has {x.shape[axis]}"
            )
        return kernels.argtop(x, k=k, axis=axis, largest=largest)


@implements(kernels.argkth)
class ArgKth(Function):
    """The place of the k-th smallest. No derivative."""

    real = True

    def forward(self, x, *, k, axis=-1):
        if not 0 < k <= x.shape[axis]:
            raise RuntimeError(
                f"kthvalue: selected number k out of range for dimension {axis}: k={k}, "
                f"but it has {x.shape[axis]}"
            )
        return kernels.argkth(x, k=k, axis=axis)


@implements(kernels.argmedian)
class ArgMedian(Function):
    """The place of the middle value. No derivative."""

    real = True

    def forward(self, x, *, axis=-1):
        require_elements("median", x, axis)
        return kernels.argmedian(x, axis=axis)


@implements(kernels.argnanmedian)
class ArgNanMedian(Function):
    """The place of the middle value of those that are not NaN. No derivative."""

    real = True

    def forward(self, x, *, axis=-1):
        require_elements("nanmedian", x, axis)
        return kernels.argnanmedian(x, axis=axis)


@implements(kernels.argmode)
class ArgMode(Function):
    """The place of the most frequent value. No derivative."""

    real = True

    def forward(self, x, *, axis=-1):
        require_elements("mode", x, axis)
        return kernels.argmode(x, axis=axis)


@implements(np.argsort)
def argsort(x, axis=-1, kind=None, order=None, *, stable=None):
    """The places from which a sorted x is taken; always stable."""
    x, axis = (np.reshape(x, -1), 0) if axis is None else (x, axis)
    return ArgSort.apply(x, axis=axis, descending=False)


@implements(np.sort)
def sort(x, axis=-1, kind=None, order=None, *, stable=None):
    """x sorted along an axis; NaN comes last."""
    x, axis = (np.reshape(x, -1), 0) if axis is None else (x, axis)
    return kernels.select_along(x, argsort(x, axis), axis=axis)


@implements(np.median)
def median(x, axis=None, *, keepdims=False):
    """NumPy's median: of an even number, the mean of the middle two."""
    return quantile(x, 0.5, axis, keepdims=keepdims, method="midpoint")


@implements(np.quantile)
def quantile(x, q, axis=None, *, keepdims=False, method="linear"):
    """The value below which the part q of x lies; between two values, by `method`.

    q: a number or a 1-d tensor of them in [0, 1], whose axis comes first in the result. `method`:
    "linear", "lower", "higher", "midpoint", "nearest". NaN anywhere gives NaN.
    """
    y = known_quantile(x, q, axis, keepdims, method)
    unknown = np.any(np.isnan(x), axis=axis, keepdims=keepdims)
    return np.where(unknown, math.nan, y)


@implements(np.nanquantile)
def known_quantile(x, q, axis=None, keepdims=False, method="linear"):
    """`quantile` of what is not NaN."""
    if not isinstance(q, Tensor):
        q = np.asarray(q, dtype=x.dtype)
    share = getattr(q, "array", q)
    if share.ndim > 1 or (share < 0).any() or (share > 1).any():
        raise RuntimeError(f"quantile: q must be a number or 1-d, in the range [0, 1], got {q}")
    if x.dtype.kind != "f":
        raise RuntimeError(f"quantile: input must be a floating-point tensor, got {x.dtype}")
    kept = [1] * x.ndim
    if axis is None:
        x = np.reshape(x, -1)
    else:
        kept = [1 if i == axis % x.ndim else n for i, n in enumerate(x.shape)]
        x = np.moveaxis(x, axis, -1)
    if x.shape[-1] == 0:
        raise RuntimeError("quantile: input tensor must be non-empty")
    y = np.moveaxis(at_rank(np.sort(x, axis=-1), np.reshape(q, -1), method), -1, 0)
    return np.reshape(y, (*share.shape, *(kept if keepdims else y.shape[1:])))


def at_rank(ordered, share, method):
    """What stands at the share q of the way along the last axis, up to the first NaN."""
    count = np.sum(np.isnan(ordered) == 0, axis=-1, keepdims=True)
    rank = share * np.astype(np.maximum(count, 1) - 1, ordered.dtype)
    if method == "nearest":
        return standing_at(ordered, np.rint(rank))
    low = standing_at(ordered, np.floor(rank))
    high = standing_at(ordered, np.ceil(rank))
    if method in ("lower", "higher"):
        return low if method == "lower" else high
    return low + (high - low) * (0.5 if method == "midpoint" else rank - np.floor(rank))


def standing_at(ordered, place):
    """The values at these places along the last axis."""
    return np.take_along_axis(ordered, np.astype(place, np.int64), -1)


@implements(np.unique)
class Unique(Function):
    """The values that occur, sorted; then their first places, whose place each takes, how often.

    No derivative.
    """

    many = True

    def forward(
        self,
        x,
        *,
        return_index=False,
        return_inverse=False,
        return_counts=False,
        axis=None,
        equal_nan=True,
    ):
        return np.unique(x, return_index, return_inverse, return_counts, axis, equal_nan=equal_nan)


@implements(np.bincount)
class BinCount(Function):
    """How often each integer from 0 on occurs, or the sum of the weights there. No derivative."""

    dtypes = "any"

    def forward(self, x, weights=None, *, minlength=0):
        if x.ndim != 1 or x.dtype.kind not in "bui" or (x.size and x.min() < 0):
            raise RuntimeError(
                f"bincount: 1-d and non-negative integers are needed, got {x.dtype}{x.shape}"
            )
        y = np.bincount(x, weights, minlength)
        return y if weights is None else y.astype(np.promote_types(weights.dtype, np.float32))


@implements(np.histogram)
class Histogram(Function):
    """How many values lie in each bin, and the edges of the bins. No derivative."""

    returns = ("count", "edges")

    def forward(self, x, *, bins=10, range=None):
        count, edges = np.histogram(x, bins, range)
        return count.astype(x.dtype), edges.astype(x.dtype)
