"""Normalisation: batch, layer, group and instance norm are one operation over different axes."""

from __future__ import annotations

import inspect

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements


@implements(kernels.normalize)
class Normalize(Function):
    """y = (x - mean) / sqrt(var + eps) * weight + bias.   d/dx: see `kernels.normalize_back`."""

    returns = ("y", "mean", "var")

    def forward(self, x, weight=None, bias=None, *, axis, eps):
        return kernels.normalize(x, weight, bias, axis=axis, eps=eps)

    def backward(self, gy, gmean, gvar, x, weight, mean, var, axis, eps):
        return kernels.normalize_back(
            x,
            gy,
            gmean,
            gvar,
            mean,
            var,
            weight,
            axis=axis,
            eps=eps,
        )


#: made of NumPy's functions: run on Tensors, it records itself
implements(kernels.normalize_back)(inspect.unwrap(kernels.normalize_back))
