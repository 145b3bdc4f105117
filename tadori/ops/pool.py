"""Pooling: the largest or the mean of each window, and the adjoints that carry gradients back."""

from __future__ import annotations

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements
from .conv import without


@implements(kernels.max_pool)
class MaxPool(Function):
    """The largest of each window, and its tap; the gradient goes to what that tap met, alone."""

    returns = ("y", "tap")
    integer = ("tap",)

    def forward(self, x, *, kernel_size, stride, padding, dilation, ceil_mode=False):
        steps = {"stride": stride, "padding": padding, "dilation": dilation}
        return kernels.max_pool(x, kernel_size=kernel_size, ceil_mode=ceil_mode, **steps)

    def backward(self, gy, tap, x_shape, **options):
        return kernels.max_pool_back(gy, tap, size=x_shape[2:], **options)


@implements(kernels.max_pool_back)
class MaxPoolBack(Function):
    """Each value of g added where the tap of its window points, in an image of zeros."""

    dtypes = "any"

    def forward(self, g, tap, *, size, kernel_size, stride, padding, dilation, ceil_mode=False):
        steps = {"stride": stride, "padding": padding, "dilation": dilation}
        steps |= {"kernel_size": kernel_size, "ceil_mode": ceil_mode}
        return kernels.max_pool_back(g, tap, size=size, **steps)

    def grad_g(self, gy, tap, **options):
        return kernels.max_pool_taken(gy, tap, **without(options, "size"))


@implements(kernels.max_pool_taken)
class MaxPoolTaken(Function):
    """What the tap of each window meets: linear, so its gradient is the adjoint."""

    dtypes = "any"

    def forward(self, x, tap, *, kernel_size, stride, padding, dilation, ceil_mode=False):
        steps = {"stride": stride, "padding": padding, "dilation": dilation}
        return kernels.max_pool_taken(x, tap, kernel_size=kernel_size, ceil_mode=ceil_mode, **steps)

    def grad_x(self, gy, tap, x_shape, **options):
        return kernels.max_pool_back(gy, tap, size=x_shape[2:], **options)


@implements(kernels.tap_index)
class TapIndex(Function):
    """The places of taps, whole numbers: no gradient."""

    dtypes = "any"

    def forward(self, tap, *, size, kernel_size, stride, padding, dilation):
        steps = {"stride": stride, "padding": padding, "dilation": dilation}
        return kernels.tap_index(tap, size=size, kernel_size=kernel_size, **steps)


@implements(kernels.scatter_plane)
class ScatterPlane(Function):
    """Each value of g added to its place in a plane of zeros: the adjoint of looking there."""

    dtypes = "any"

    def forward(self, g, index, *, size):
        return kernels.scatter_plane(g, index, size=size)

    def grad_g(self, gy, index):
        return kernels.gather_plane(gy, index)


@implements(kernels.gather_plane)
class GatherPlane(Function):
    """The values of a plane at the places that index names."""

    dtypes = "any"

    def forward(self, x, index):
        return kernels.gather_plane(x, index)

    def grad_x(self, gy, index, x_shape):
        return kernels.scatter_plane(gy, index, size=x_shape[2:])


@implements(kernels.avg_pool)
class AvgPool(Function):
    """The mean of each window: linear, so its gradient is the adjoint."""

    def forward(self, x, *, kernel_size, stride, padding, ceil_mode=False, count_include_pad=True):
        return kernels.avg_pool(
            x,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )

    def backward(self, gy, x_shape, **options):
        return kernels.avg_pool_transpose(gy, size=x_shape[2:], **options)


@implements(kernels.avg_pool_transpose)
class AvgPoolTranspose(Function):
    """Each value of g shared out over its window of an image of `size`."""

    def forward(
        self,
        g,
        *,
        size,
        kernel_size,
        stride,
        padding,
        ceil_mode=False,
        count_include_pad=True,
    ):
        return kernels.avg_pool_transpose(
            g,
            size=size,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )

    def backward(self, gy, kernel_size, stride, padding, ceil_mode, count_include_pad):
        return kernels.avg_pool(
            gy,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )
