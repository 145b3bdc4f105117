"""Normalisation: batch, layer, group and instance norm are one operation over different axes."""

from __future__ import annotations

from math import prod

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements


@implements(kernels.normalize)
class Normalize(Function):
    """y = n weight + bias,  n = (x - mean) / s,  s = sqrt(var + eps); mean and var come from x.

    With m( ) the mean over `axis`, of N values, and gn = gy weight:
        gx = (gn - m(gn) - n m(gn n)) / s,
    because x moves its own mean and variance. What reaches mean and var adds
        gmean / N  and  gvar 2 (x - mean) / N.
    """

    returns = ("y", "mean", "var")

    def forward(self, x, weight=None, bias=None, *, axis, eps):
        return kernels.normalize(x, weight, bias, axis=axis, eps=eps)

    def backward(self, gy, gmean, gvar, x, weight, mean, var, axis, eps):
        scale = 1 / np.sqrt(var + eps)
        n = (x - mean) * scale
        gyn = gy * n
        if weight is None:
            gn, gnn = gy, gyn
        else:
            gn, gnn = gy * weight, gyn * weight
        # the small terms are brought together first: they have one value for each mean
        share = prod(mean.shape) / prod(x.shape)
        level = np.mean(gn, axis=axis, keepdims=True) - gmean * share / scale
        slope = np.mean(gnn, axis=axis, keepdims=True) - gvar * (2 * share) / scale**2
        gx = (gn - level - n * slope) * scale
        return gx, gyn, gy
