"""Rows for tadori/ops/activation.py."""

from __future__ import annotations

import math

import numpy as np

from tadori import kernels

from .case import Case

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    torch = F = None


def row(name, numpy, theirs=None, *shapes, domain=(-3.0, 3.0), **options):
    """A kernel against a plain formula, and PyTorch's function of that name, or `theirs`."""
    if torch is None:
        oracle = None
    else:
        oracle = theirs or (lambda *xs: getattr(F, name)(*xs, **options))
    told = ", ".join([name, *(f"{k}={v}" for k, v in options.items())])
    kernel = getattr(kernels, name)
    return Case(
        told,
        lambda *xs: kernel(*xs, **options),
        shapes or ((4, 5),),
        numpy,
        oracle,
        domain=domain,
    )


def along(name, numpy, axis):
    """A kernel that works along an axis."""
    return row(
        name, lambda x: numpy(x, axis), lambda x: getattr(torch, name)(x, axis), (3, 4), axis=axis
    )


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.log(1 + np.exp(x))


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def relu6(x):
    return x.clip(0, 6)


def softmax(x, axis):
    return np.exp(x) / np.exp(x).sum(axis, keepdims=True)


def normal_share(x):
    erf = np.vectorize(math.erf, otypes=[x.dtype])
    return (1 + erf(x / math.sqrt(2))) / 2


CASES = [
    row("relu", lambda x: x.clip(0)),
    row("relu6", relu6, domain=(-3.0, 9.0)),
    row("hardtanh", lambda x: x.clip(-1, 1)),
    row("hardtanh", lambda x: x.clip(-2, 1.5), min_val=-2.0, max_val=1.5),
    row(  # PyTorch's own takes the sixth of float32
        "hardsigmoid",
        lambda x: relu6(x + 3) / 6,
        lambda x: F.relu6(x + 3) / 6,
        domain=(-5.0, 5.0),
    ),
    row("hardswish", lambda x: x * relu6(x + 3) / 6, domain=(-5.0, 5.0)),
    row("leaky_relu", lambda x: np.where(x > 0, x, 0.01 * x)),
    row("leaky_relu", lambda x: np.where(x > 0, x, 0.3 * x), negative_slope=0.3),
    row(
        "prelu",
        lambda x, w: np.where(x > 0, x, w * x),
        lambda x, w: torch.where(x > 0, x, w * x),
        (4, 3, 2),
        (3, 1),
    ),
    Case(
        "prelu by channel",
        lambda x, w: x.prelu(w),
        ((4, 3, 2), (3,)),
        lambda x, w: np.where(x > 0, x, w[:, None] * x),
        lambda x, w: x.prelu(w),
    ),
    row("threshold", lambda x: np.where(x > 0.5, x, 2), threshold=0.5, value=2.0),
    row("hardshrink", lambda x: np.where(np.abs(x) > 0.5, x, 0)),
    row("softshrink", lambda x: np.sign(x) * (np.abs(x) - 0.7).clip(0), lambd=0.7),
    row("elu", elu),
    row("elu", lambda x: elu(x, 0.5), alpha=0.5),
    row("selu", lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
    row("celu", lambda x: x.clip(0) + (2 * (np.exp(x / 2) - 1)).clip(None, 0), alpha=2.0),
    row("sigmoid", sigmoid),
    row("logsigmoid", lambda x: np.log(sigmoid(x))),
    row("softplus", softplus),
    row(
        "softplus",
        lambda x: np.where(2 * x > 3, x, softplus(2 * x) / 2),
        beta=2.0,
        threshold=3.0,
    ),
    row("softsign", lambda x: x / (1 + np.abs(x))),
    row("tanhshrink", lambda x: x - np.tanh(x)),
    row("mish", lambda x: x * np.tanh(softplus(x))),
    row("silu", lambda x: x * sigmoid(x)),
    row("gelu", lambda x: x * normal_share(x)),
    row(
        "gelu",
        lambda x: x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
        approximate="tanh",
    ),
    along("softmax", softmax, 0),
    along("softmax", softmax, -1),
    along("log_softmax", lambda x, axis: np.log(softmax(x, axis)), 1),
    row("softmin", lambda x: softmax(-x, 0), lambda x: F.softmin(x, 0), axis=0),
    along("logsumexp", lambda x, axis: np.log(np.exp(x).sum(axis)), 1),
    along("logsumexp", lambda x, axis: np.log(np.exp(x).sum(axis)), (0, 1)),
    Case(
        "logsumexp with keepdim",
        lambda x: x.logsumexp(-1, keepdim=True),
        ((3, 4),),
        lambda x: np.log(np.exp(x).sum(-1, keepdims=True)),
        lambda x: x.logsumexp(-1, keepdim=True),
    ),
    row("glu", lambda x: x[:, :3] * sigmoid(x[:, 3:]), None, (2, 6)),
    row("glu", lambda x: x[:1] * sigmoid(x[1:]), lambda x: F.glu(x, 0), (2, 6), axis=0),
]
