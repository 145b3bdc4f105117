"""The same numbers in another dtype, or on another device, or over others in the same memory."""

from __future__ import annotations

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..device import device_of, to_device
from ..dispatch import implements
from ..dtype import is_floating
from ..tensor import Tensor


@implements(np.astype, kernels.cast)
def cast(x, dtype, *, copy=True):
    """x in `dtype`; recorded where a gradient can come back, not for integers and bool."""
    dtype = np.dtype(dtype)
    return (Cast if is_floating(dtype) else CastToInteger).apply(x, dtype=dtype)


class Cast(Function):
    """x in another floating dtype. The gradient comes back in the dtype of x.

    So what a real x gets from a complex computation is the real part.
    """

    dtypes = "any"

    def forward(self, x, *, dtype):
        self.source = x.dtype
        return kernels.cast(x, dtype=dtype)

    def backward(self, gy):
        if gy.dtype.kind == "c" and self.source.kind != "c":
            gy = np.real(gy)
        return kernels.cast(gy, dtype=self.source)


class CastToInteger(Function):
    """x without its fraction, or for bool whether it is not 0."""

    dtypes = "any"

    def forward(self, x, *, dtype):
        return kernels.cast(x, dtype=dtype)


@implements(to_device)
class ToDevice(Function):
    """x in the memory of another device. The gradient goes back to the device of x."""

    dtypes = "any"

    def forward(self, x, *, where):
        self.source = device_of(x)
        return to_device(x, where)

    def backward(self, gy):
        move = ToDevice.apply if isinstance(gy, Tensor) else to_device
        return move(gy, where=self.source)


@implements(kernels.overwrite)
class Overwrite(Function):
    """`value` in the shape and dtype of x, of which nothing remains.   d/dx = 0,  d/dvalue = 1."""

    dtypes = "any"

    def forward(self, x, value):
        return kernels.overwrite(x, value)

    def grad_x(self, gy):
        return np.zeros_like(gy)

    def grad_value(self, gy):
        return gy
