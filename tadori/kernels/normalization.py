"""Normalisation in plain NumPy: mean 0 and variance 1 over some axes, then a weight and a bias."""

from __future__ import annotations

from math import prod

import numpy as np

from tadori.kernels.window import Array, Ints


def normalize(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    axis: Ints,
    eps: float,
) -> tuple[Array, Array, Array]:
    """y = (x - mean) / sqrt(var + eps) * weight + bias, and the mean and the variance over `axis`.

    weight and bias broadcast to x. mean and var keep the axes, with length 1; var divides by the
    number of values. float16 is summed in float32.
    """
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    mean = np.mean(wide, axis=axis, keepdims=True)
    y = wide - mean
    var = np.mean(np.square(y), axis=axis, keepdims=True)
    y *= 1 / np.sqrt(var + eps)
    if weight is not None:
        y *= weight
    if bias is not None:
        y += bias
    return y.astype(x.dtype, copy=False), mean.astype(x.dtype), var.astype(x.dtype)


def normalize_back(
    x: Array,
    gy: Array,
    gmean: Array,
    gvar: Array,
    mean: Array,
    var: Array,
    weight: Array | None = None,
    *,
    axis: Ints,
    eps: float,
) -> tuple[Array, Array, Array]:
    """From the gradients of y, mean and var those of x, weight and bias.

    The latter two are gy n and gy, still to be summed to the shape of weight; an engine that has
    their sums may give these instead.

    n = (x - mean) / s,  s = sqrt(var + eps); mean and var come from x. With m( ) the mean over
    `axis`, of N values, and gn = gy weight:
        gx = (gn - m(gn) - n m(gn n)) / s,
    because x moves its own mean and variance. What reaches mean and var adds
        gmean / N  and  gvar 2 (x - mean) / N.
    """
    scale = 1 / np.sqrt(var + eps)
    n = (x - mean) * scale
    gyn = gy * n
    gn, gnn = (gy, gyn) if weight is None else (gy * weight, gyn * weight)
    # the small terms come together first: they have one value for each mean
    share = prod(mean.shape) / max(prod(x.shape), 1)
    level = np.mean(gn, axis=axis, keepdims=True) - gmean * share / scale
    slope = np.mean(gnn, axis=axis, keepdims=True) - gvar * (2 * share) / scale**2
    return (gn - level - n * slope) * scale, gyn, gy
