"""The memory of a tensor seen with other steps: `as_strided`."""

from __future__ import annotations

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from ..kernels.indexing import ARRAY


@implements(kernels.as_strided)
class AsStrided(Function):
    """The memory in which x lies, read with steps of one's own: a view.

    d/dx: each number of the memory gets the sum over where it is seen; x has its own places of it.
    """

    dtypes = "any"
    view = True

    def forward(self, x, *, size, stride, offset, own=None, length=None):
        return kernels.as_strided(
            x, size=size, stride=stride, offset=offset, own=own, length=length
        )

    def backward(self, gy, x_shape, size, stride, offset, own, length):
        places = kernels.places_of(size, stride, offset)
        line = kernels.unpick(gy, places, pattern=(ARRAY,), shape=(length,))
        if own is not None:
            line = kernels.pick(line, own, pattern=(ARRAY,)) / shared(own)
        return np.reshape(line, x_shape)


def shared(own):
    """How many elements of x lie at the place of each: as in PyTorch, they share its gradient."""
    count = np.bincount(own.reshape(-1))
    most = int(count.max(initial=1))
    return 1 if most == 1 else count[own].astype(np.float32)
