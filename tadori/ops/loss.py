"""Losses that are operations of their own, for their stability and speed."""

from __future__ import annotations

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels.loss import bounded_log


@implements(kernels.cross_entropy)
class CrossEntropy(Function):
    """y = log sum exp(x) - x[target].   d/dx = softmax(x) - onehot(target).

    The famous difference: what the model says less what is true.
    """

    dtypes = "any"

    def forward(self, x, target, *, ignore_index=-100, reduction="none"):
        return kernels.cross_entropy(
            x,
            target,
            ignore_index=ignore_index,
            reduction=reduction,
        )

    def grad_x(self, gy, x, target, **options):
        return kernels.cross_entropy_back(x, target, gy, **options)


@implements(kernels.cross_entropy_back)
def cross_entropy_back(x, target, gy, *, ignore_index, reduction):
    """(softmax(x) - onehot(target)) gy, written so that it can be differentiated again."""
    counts = np.astype(target != ignore_index, x.dtype)
    if reduction == "mean":
        gy = gy / np.sum(counts)
    share = gy * counts
    classes = np.arange(x.shape[-1], like=target)
    onehot = np.astype(target[..., None] == classes, x.dtype)
    return (kernels.softmax(x, axis=-1) - onehot) * share[..., None]


@implements(kernels.binary_cross_entropy)
class BinaryCrossEntropy(Function):
    """-(t log p + (1 - t) log(1 - p)).   d/dp = (p - t) / (p (1 - p)),  d/dt = log((1 - p) / p).

    The logarithms are bounded in value, but not in the first derivative: the quotient is.
    """

    def forward(self, p, target):
        return kernels.binary_cross_entropy(p, target)

    def grad_p(self, gy, p, target):
        return gy * (p - target) / np.maximum(p * (1 - p), 1e-12)

    def grad_target(self, gy, p):
        return gy * (bounded_log(1 - p) - bounded_log(p))
