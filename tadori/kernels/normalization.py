"""Normalisation in plain NumPy: mean 0 and variance 1 over some axes, then a weight and a bias."""

from __future__ import annotations

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
    scale = 1 / np.sqrt(var + eps)
    if weight is not None and weight.shape == scale.shape:
        scale = scale * weight  # one multiplication less for each value: batch norm
    y *= scale
    if weight is not None and weight.shape != mean.shape:
        y *= weight
    if bias is not None:
        y += bias
    return y.astype(x.dtype, copy=False), mean.astype(x.dtype), var.astype(x.dtype)
