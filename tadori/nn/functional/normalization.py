"""Normalisation: to mean 0 and variance 1 over some of the axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ... import kernels
from ...autograd.mode import no_grad
from ...language import np
from ...tensor import Tensor


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Each channel over the whole batch: (x - mean) / sqrt(var + eps) * weight + bias; (N, C, ...).

    training: with the mean and variance of this batch, and running_mean and running_var move a
    share of `momentum` towards them, in place; otherwise with the running ones.
    """
    if input.ndim < 2 and not input.array.size:
        return np.copy(input)  # PyTorch has nothing to say against it
    check_channels("batch_norm", input, running_mean, running_var, weight, bias)
    axes = (0, *range(2, input.ndim))
    shape = (1, -1, *[1] * (input.ndim - 2))
    weight = None if weight is None else np.reshape(weight, shape)
    bias = None if bias is None else np.reshape(bias, shape)
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError(
                "Expected running_mean and running_var to be defined when not training"
            )
        mean, var = np.reshape(running_mean, shape), np.reshape(running_var, shape)
        scale = 1 / np.sqrt(var + eps)
        scale = scale if weight is None else scale * weight
        shift = -mean * scale
        return input * scale + (shift if bias is None else shift + bias)
    count = math.prod(input.shape[i] for i in axes)
    if count == 1:
        raise ValueError(
            "Expected more than 1 value per channel when training, got input size "
            f"{tuple(input.shape)}. Remedy: a larger batch (drop_last=True), or model.eval()"
        )
    y, mean, var = kernels.normalize(input, weight, bias, axis=axes, eps=eps)
    if count:
        with no_grad():
            move(running_mean, mean, momentum)
            move(running_var, var * (count / (count - 1)), momentum)
    return y


def check_channels(name: str, x: Tensor, *each: Tensor | None) -> None:
    """Raise RuntimeError if one of `each` does not have one number for each channel of x."""
    for vector in each:
        if vector is not None and vector.shape != (x.shape[1],):
            raise RuntimeError(
                f"{name}: input {tuple(x.shape)} has {x.shape[1]} channels, but running_mean, "
                f"running_var, weight or bias has shape {tuple(vector.shape)}. Remedy: a layer "
                "made for as many channels as axis 1 of its input has"
            )


def move(running: Tensor | None, new: Tensor, momentum: float) -> None:
    """Move a running mean a share of `momentum` towards `new`, in place."""
    if running is not None:
        running.write(running * (1 - momentum) + np.reshape(new, -1) * momentum, "batch_norm")


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Each channel of each image over its own points; (N, C, ...)."""
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    check_channels("instance_norm", input, running_mean, running_var, weight, bias)
    axes = tuple(range(2, input.ndim))
    count = math.prod(input.shape[2:])
    if count == 1:
        raise ValueError(
            "Expected more than 1 spatial element when training, got input size "
            f"{tuple(input.shape)}"
        )
    shape = (1, -1, *[1] * (input.ndim - 2))
    weight = None if weight is None else np.reshape(weight, shape)
    bias = None if bias is None else np.reshape(bias, shape)
    y, mean, var = kernels.normalize(input, weight, bias, axis=axes, eps=eps)
    with no_grad():
        move(running_mean, np.mean(mean, axis=0), momentum)
        move(running_var, np.mean(var, axis=0) * (count / (count - 1)), momentum)
    return y


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Each item over its last axes, which have normalized_shape; so have weight and bias."""
    axes = last_axes("layer_norm", input, normalized_shape)
    return kernels.normalize(input, weight, bias, axis=axes, eps=eps)[0]


def last_axes(name: str, x: Tensor, shape: Sequence[int]) -> tuple[int, ...]:
    """The axes of `shape`, counted from the end. Raises RuntimeError if x does not end with it."""
    wanted = tuple(shape)
    if not wanted or tuple(x.shape[-len(wanted) :]) != wanted:
        raise RuntimeError(
            f"{name}: given normalized_shape={list(wanted)}, expected input with shape "
            f"[*, {', '.join(map(str, wanted))}], but got input of size {tuple(x.shape)}"
        )
    return tuple(range(-len(wanted), 0))


def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """x / sqrt(mean(x^2) + eps) * weight over the last axes; eps: by default the dtype's own."""
    axes = last_axes("rms_norm", input, normalized_shape)
    if eps is None:
        eps = float(np.finfo(input.dtype).eps)
    y = input / np.sqrt(np.mean(np.square(input), axis=axes, keepdims=True) + eps)
    return y if weight is None else y * weight


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Each image over the channels of a group and all points; (N, C, ...), weight and bias (C,)."""
    n, channels, *size = input.shape
    if channels % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            f"shape {tuple(input.shape)} and num_groups={num_groups}"
        )
    check_channels("group_norm", input, weight, bias)
    parts = (num_groups, channels // num_groups, *[1] * len(size))
    x = np.reshape(input, (n, *parts[:2], *size))
    weight = None if weight is None else np.reshape(weight, (1, *parts))
    bias = None if bias is None else np.reshape(bias, (1, *parts))
    axes = tuple(range(2, x.ndim))
    y = kernels.normalize(x, weight, bias, axis=axes, eps=eps)[0]
    return np.reshape(y, input.shape)


def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """x / max(|x|_p, eps) along `dim`: vectors of length 1."""
    if p == 2:
        square = np.sum(np.square(input), axis=dim, keepdims=True)
        # under the root, so that the zero vector has a derivative
        return input / np.sqrt(np.maximum(square, eps * eps))
    return input / np.maximum(input.norm(p, dim, True), eps)


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """x / (k + alpha mean of x^2 over `size` neighbouring channels)^beta; (N, C, ...)."""
    if not input.array.size:
        return input
    square = np.square(input)
    rims = [(0, 0)] * input.ndim
    rims[1] = (size // 2, (size - 1) // 2)
    square = np.pad(square, rims)
    channels = input.shape[1]
    total = sum(square[:, i : i + channels] for i in range(size))
    if input.dtype.kind in "iu":
        total, size = total // size, 1  # PyTorch's mean of integers is one
    return input / (total * (alpha / size) + k) ** beta
