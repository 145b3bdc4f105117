"""Losses that are operations of their own, for their stability and speed."""

from __future__ import annotations

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels.loss import bounded_log


@implements(kernels.cross_entropy)
class CrossEntropy(Function):
    """loss = lse(x) - x[target].   d lse/dx = softmax(x) = exp(x - lse),  d x[target]/dx = onehot.

    So gx = softmax(x) (gloss + glse) - onehot gloss: with glse = 0, the famous difference.
    """

    returns = ("loss", "lse")
    dtypes = "any"

    def forward(self, x, target, *, ignore_index=-100):
        return kernels.cross_entropy(x, target, ignore_index=ignore_index)

    def grad_x(self, gloss, glse, x, target, lse, ignore_index):
        softmax = np.exp(x - lse[..., None])
        classes = np.arange(x.shape[-1], like=target)
        onehot = target[..., None] == classes
        gloss = np.where(target == ignore_index, 0.0, gloss)
        total = gloss + glse
        return softmax * total[..., None] - np.where(onehot, gloss[..., None], 0.0)


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
