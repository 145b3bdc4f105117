"""Along one axis, in plain NumPy: who comes in which place, and sums that remember."""

from __future__ import annotations

import numpy as np

from tadori.kernels.window import Array


def select_along(
    x: Array,
    places: Array,
    *,
    axis: int,
) -> Array:
    """np.take_along_axis, where along the axis no place is named twice: max, sort, topk."""
    return np.take_along_axis(x, places, axis)


def put_along(
    y: Array,
    places: Array,
    *,
    axis: int,
    length: int,
) -> Array:
    """Zeros, `length` of them along the axis, with y at the places: the adjoint of select_along.

    Because no place is named twice nothing need be added, which would take several times as long.
    """
    shape = list(y.shape)
    shape[axis] = length
    x = np.zeros_like(y, shape=shape)
    np.put_along_axis(x, places, y, axis)
    return x


def argsort(
    x: Array,
    *,
    axis: int = -1,
    descending: bool = False,
) -> Array:
    """The places from which a sorted x is taken; equals keep their order, NaN counts as largest."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    # -x would not do: the least integer has no negative, and NaN has to come first
    behind = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return np.flip(x.shape[axis] - 1 - behind, axis)


def argtop(
    x: Array,
    *,
    k: int,
    axis: int = -1,
    largest: bool = True,
) -> Array:
    """The places of the k largest (or smallest), the first of them first; NaN counts as largest."""
    n = x.shape[axis]
    if k == 0 or k == n:
        found = argsort(x, axis=axis, descending=largest)
        return found.take(np.arange(k), axis)
    first, kth = (n - k, n - k) if largest else (0, k - 1)
    near = np.argpartition(x, kth, axis)
    near = near.take(np.arange(first, first + k), axis)
    values = np.take_along_axis(x, near, axis)
    found = argsort(values, axis=axis, descending=largest)
    return np.take_along_axis(near, found, axis)


def argkth(
    x: Array,
    *,
    k: int,
    axis: int = -1,
) -> Array:
    """The place of the k-th smallest, counted from 1; the axis stays, with size 1."""
    order = np.argpartition(x, k - 1, axis)
    return order.take([k - 1], axis)


def argmedian(x: Array, *, axis: int = -1) -> Array:
    """The place of the middle value, the lower one of two, or of the first NaN; the axis stays."""
    k = (x.shape[axis] + 1) // 2
    middle = argkth(x, k=k, axis=axis)
    unknown = x != x
    first = np.argmax(unknown, axis=axis, keepdims=True)
    spoiled = np.any(unknown, axis=axis, keepdims=True)
    return np.where(spoiled, first, middle)


def argnanmedian(x: Array, *, axis: int = -1) -> Array:
    """The place of the middle value of those that are not NaN, the lower of two; the axis stays."""
    order = argsort(x, axis=axis)
    count = np.sum(x == x, axis=axis, keepdims=True)
    return np.take_along_axis(order, np.maximum(count - 1, 0) // 2, axis)


def argmode(x: Array, *, axis: int = -1) -> Array:
    """The last place of the most frequent value, the smallest of equals; the axis stays."""
    order = argsort(x, axis=axis)
    value = np.take_along_axis(x, order, axis)
    place = places(x, axis)
    start = np.where(value != np.roll(value, 1, axis), place, 0)
    length = place - accumulate(np.maximum, start, axis)
    longest = np.argmax(length, axis=axis, keepdims=True)
    return np.take_along_axis(order, longest, axis)


def places(x: Array, axis: int) -> Array:
    """0, 1, 2, ... along an axis of x, in a shape that broadcasts against it."""
    behind = x.ndim - 1 - axis % x.ndim
    line = np.arange(x.shape[axis], like=x)
    return line.reshape(-1, *[1] * behind)


def cumargmax(
    x: Array,
    *,
    axis: int,
    largest: bool = True,
) -> Array:
    """For each place, where the largest (or smallest) up to it stands: the last of equals.

    A NaN wins over everything.
    """
    extreme = np.maximum if largest else np.minimum
    best = accumulate(extreme, x, axis)
    is_best = (x == best) | (x != x)
    found = np.where(is_best, places(x, axis), 0)
    return accumulate(np.maximum, found, axis)


def lower_median(x: Array) -> Array:
    """The middle of all values, the lower one of two; NaN if there is one. x has elements."""
    flat = x.reshape(-1)
    k = (flat.size - 1) // 2
    middle = np.partition(flat, k)[k]
    return np.where(np.any(flat != flat), np.max(flat), middle)


def logcumsumexp(x: Array, *, axis: int) -> Array:
    """y[t] = log(exp x[0] + ... + exp x[t]), without large powers."""
    if x.dtype.kind == "c":
        raise NotImplementedError(
            "logcumsumexp of complex numbers is not there. Remedy: x.exp().cumsum(dim).log()"
        )
    return accumulate(np.logaddexp, x, axis)


def accumulate(
    ufunc: np.ufunc,
    x: Array,
    axis: int,
) -> Array:
    """ufunc.accumulate, for CuPy's arrays too: see `recurrence` for the rounds."""
    if type(x) is np.ndarray:
        return ufunc.accumulate(x, axis)
    x = np.moveaxis(x, axis, 0)
    reach = 1
    while reach < len(x):
        met = ufunc(x[reach:], x[:-reach])
        x = np.concatenate([x[:reach], met])
        reach *= 2
    return np.moveaxis(x, 0, axis)


def recurrence(
    a: Array,
    b: Array,
    *,
    axis: int,
    reverse: bool = False,
) -> Array:
    """y[t] = a[t] y[t-1] + b[t], from y[-1] = 0; with `reverse`, y[t] = a[t] y[t+1] + b[t].

    a and b have one shape. Two neighbouring steps are again such a step, so each round lets every
    place look twice as far: log2(n) rounds instead of n steps.
    """
    if reverse:
        a, b = np.flip(a, axis), np.flip(b, axis)
        return np.flip(recurrence(a, b, axis=axis), axis)
    a = np.moveaxis(a, axis, 0)
    b = np.moveaxis(b, axis, 0)
    reach = 1
    while reach < len(b):
        sums = b[reach:] + a[reach:] * b[:-reach]
        b = np.concatenate([b[:reach], sums])
        products = a[reach:] * a[:-reach]
        a = np.concatenate([a[:reach], products])
        reach *= 2
    return np.moveaxis(b, 0, axis)
