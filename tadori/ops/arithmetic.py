"""+ - * / and powers, and their relatives: the derivatives of school."""


from __future__ import annotations

import numpy as np

from ..autograd.function import Function
from ..dispatch import implements


@implements(np.add)
class Add(Function):
    """a + b.   d/da = 1,  d/db = 1."""

    def forward(self, a, b):
        return a + b

    def grad_a(self, gy):
        return gy

    def grad_b(self, gy):
        return gy


@implements(np.subtract)
class Subtract(Function):
    """a - b.   d/da = 1,  d/db = -1."""

    def forward(self, a, b):
        return a - b

    def grad_a(self, gy):
        return gy

    def grad_b(self, gy):
        return -gy


@implements(np.multiply)
class Multiply(Function):
    """a * b.   d/da = b,  d/db = a."""

    def forward(self, a, b):
        return a * b

    def grad_a(self, gy, b):
        return gy * b

    def grad_b(self, gy, a):
        return gy * a


@implements(np.sum)
class Sum(Function):
    def forward(self, x, *, axis=None, keepdims=False):
        return np.sum(x, axis=axis, keepdims=keepdims)

    def backward(self, gy, x_shape, axis, keepdims):
        if axis is not None and not keepdims:
            gy = np.expand_dims(gy, axis)
        return np.broadcast_to(gy, x_shape)
