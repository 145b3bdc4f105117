"""Attention: as one operation it keeps the weights, and computes nothing twice on the way back."""

from __future__ import annotations

import inspect

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from .linalg import turned


@implements(kernels.attention)
class Attention(Function):
    """y = weights @ value  with  weights = softmax(query @ key^T scale).

    gvalue = weights^T @ gy.  What reaches the weights goes back through the softmax to the scores,
    and from these to query and key. Where a query sees nothing, weights are 0, and so is all that
    comes back.
    """

    returns = ("y", "weights")

    def forward(self, query, key, value, *, scale, is_causal):
        return kernels.attention(query, key, value, scale=scale, is_causal=is_causal)

    def backward(self, gy, gweights, query, key, value, weights, scale):
        gweights = kernels.matmul(gy, turned(value)) + gweights
        gscores = kernels.softmax_back(weights, gweights, axis=-1) * scale
        gquery = kernels.matmul(gscores, key)
        gkey = kernels.matmul(turned(gscores), query)
        return gquery, gkey, kernels.matmul(turned(weights), gy)


#: made of NumPy's functions and kernels: run on Tensors, it records itself
implements(kernels.attention_weights)(inspect.unwrap(kernels.attention_weights))
