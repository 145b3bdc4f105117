"""Losses that are operations of their own, for their stability and speed."""

from __future__ import annotations

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels.loss import bounded_log


@implements(kernels.cross_entropy)
class CrossEntropy(Function):
    """loss = lse(x) - x[target].   d lse/dx = softmax(x),  d x[target]/dx = onehot(target).

    So a loss alone gives gx = (softmax(x) - onehot) gloss: the famous difference. lse is counted
    from `top`, a constant: the softmax is the same from everywhere.
    """

    returns = ("loss", "lse", "top")
    integer = ("top",)
    dtypes = "any"

    def forward(self, x, target, *, ignore_index=-100, reduction="none"):
        return kernels.cross_entropy(
            x,
            target,
            ignore_index=ignore_index,
            reduction=reduction,
        )

    def grad_x(self, gloss, glse, x, target, lse, top, **options):
        return kernels.cross_entropy_back(x, target, lse, top, gloss, glse, **options)


@implements(kernels.cross_entropy_back)
def cross_entropy_back(x, target, lse, top, gloss, glse, *, ignore_index, reduction):
    """softmax(x) (g + glse) - onehot(target) g, written so that it can be differentiated again."""
    counts = np.astype(target != ignore_index, x.dtype)
    if reduction == "mean":
        gloss = gloss / np.maximum(np.sum(counts), 1.0)
    share = gloss * counts
    softmax = np.exp(x - top[..., None] - lse[..., None])
    classes = np.arange(x.shape[-1], like=target)
    onehot = target[..., None] == classes
    return softmax * (share + glse)[..., None] - np.where(onehot, share[..., None], 0.0)


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
