"""Along one axis, in plain NumPy: who comes in which place, and sums that remember."""

from __future__ import annotations

import numpy as np

from tadori.kernels.window import Array


def select_along(x: Array, places: Array, *, axis: int) -> Array:
    """np.take_along_axis, where along the axis no place is named twice: max, sort, topk."""
    return np.take_along_axis(x, places, axis)


def put_along(y: Array, places: Array, *, axis: int, length: int) -> Array:
    """Zeros, `length` of them along the axis, with y at the places: the adjoint of select_along.

    Because no place is named twice nothing need be added, which would take several times as long.
    """
    shape = [length if i == axis % y.ndim else n for i, n in enumerate(y.shape)]
    x = np.zeros_like(y, shape=shape)
    np.put_along_axis(x, places, y, axis)
    return x


def argsort(x: Array, *, axis: int = -1, descending: bool = False) -> Array:
    """The places from which a sorted x is taken; equals keep their order, NaN counts as largest."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    # -x would not do: the least integer has no negative, and NaN has to come first
    behind = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return np.flip(x.shape[axis] - 1 - behind, axis)


def argtop(x: Array, *, k: int, axis: int = -1, largest: bool = True) -> Array:
    """The places of the k largest (or smallest), the first of them first; NaN counts as largest."""
    n = x.shape[axis]
    if k == 0 or k == n:
        return argsort(x, axis=axis, descending=largest).take(np.arange(k), axis)
    first = n - k if largest else 0
    near = np.argpartition(x, first if largest else k - 1, axis)
    near = near.take(np.arange(first, first + k), axis)
    found = argsort(np.take_along_axis(x, near, axis), axis=axis, descending=largest)
    return np.take_along_axis(near, found, axis)


def argkth(x: Array, *, k: int, axis: int = -1) -> Array:
    """The place of the k-th smallest, counted from 1; the axis stays, with size 1."""
    return np.argpartition(x, k - 1, axis).take([k - 1], axis)


def argmedian(x: Array, *, axis: int = -1) -> Array:
    """The place of the middle value, the lower one of two, or of the first NaN; the axis stays."""
    middle = argkth(x, k=(x.shape[axis] + 1) // 2, axis=axis)
    unknown = x != x
    first = np.argmax(unknown, axis=axis, keepdims=True)
    return np.where(np.any(unknown, axis=axis, keepdims=True), first, middle)


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
    return np.arange(x.shape[axis], like=x).reshape(-1, *[1] * (x.ndim - 1 - axis % x.ndim))


def cumargmax(x: Array, *, axis: int, largest: bool = True) -> Array:
    """For each place, where the largest (or smallest) up to it stands: the last of equals.

    A NaN wins over everything.
    """
    best = accumulate(np.maximum if largest else np.minimum, x, axis)
    found = np.where((x == best) | (x != x), places(x, axis), 0)
    return accumulate(np.maximum, found, axis)


def lower_median(x: Array) -> Array:
    """The middle of all values, the lower one of two; NaN if there is one. x has elements."""
    flat = x.reshape(-1)
    middle = np.partition(flat, (flat.size - 1) // 2)[(flat.size - 1) // 2]
    return np.where(np.any(flat != flat), np.max(flat), middle)


def logcumsumexp(x: Array, *, axis: int) -> Array:
    """y[t] = log(exp x[0] + ... + exp x[t]), without large powers."""
    return accumulate(np.logaddexp, x, axis)


def accumulate(ufunc: np.ufunc, x: Array, axis: int) -> Array:
    """ufunc.accumulate, for CuPy's arrays too: see `recurrence` for the rounds."""
    if type(x) is np.ndarray:
        return ufunc.accumulate(x, axis)
    x = np.moveaxis(x, axis, 0)
    reach = 1
    while reach < len(x):
        x = np.concatenate([x[:reach], ufunc(x[reach:], x[:-reach])])
        reach *= 2
    return np.moveaxis(x, 0, axis)


def recurrence(a: Array, b: Array, *, axis: int, reverse: bool = False) -> Array:
    """y[t] = a[t] y[t-1] + b[t], from y[-1] = 0; with `reverse`, y[t] = a[t] y[t+1] + b[t].

    a and b have one shape. Two neighbouring steps are again such a step, so each round lets every
    place look twice as far: log2(n) rounds instead of n steps.
    """
    if reverse:
        return np.flip(recurrence(np.flip(a, axis), np.flip(b, axis), axis=axis), axis)
    a, b = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    reach = 1
    while reach < len(b):
        b = np.concatenate([b[:reach], b[reach:] + a[reach:] * b[:-reach]])
        a = np.concatenate([a[:reach], a[reach:] * a[:-reach]])
        reach *= 2
    return np.moveaxis(b, 0, axis)
