"""Convolution and its two adjoints: each of the three has the other two for derivatives."""

from __future__ import annotations

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements


@implements(kernels.conv)
class Conv(Function):
    """y = bias + x * weight, the sum over all taps of the window."""

    def forward(self, x, weight, bias=None, *, stride, padding, dilation, groups):
        return kernels.conv(
            x,
            weight,
            bias,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
        )

    def grad_x(self, gy, weight, x_shape, **options):
        return kernels.conv_transpose(gy, weight, size=x_shape[2:], **options)

    def grad_weight(self, gy, x, weight_shape, **options):
        return kernels.conv_weight(x, gy, kernel_size=weight_shape[2:], **options)

    def grad_bias(self, gy):
        return kernels.add_up(gy, axis=every_place(gy))


@implements(kernels.conv_transpose)
class ConvTranspose(Function):
    """Every value of x spreads the filter over an image of `size`; bias is added."""

    def forward(self, x, weight, bias=None, *, stride, padding, dilation, groups, size):
        return kernels.conv_transpose(
            x,
            weight,
            bias,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            size=size,
        )

    def grad_x(self, gy, weight, **options):
        return kernels.conv(gy, weight, **without(options, "size"))

    def grad_weight(self, gy, x, weight_shape, **options):
        options = without(options, "size")
        return kernels.conv_weight(gy, x, kernel_size=weight_shape[2:], **options)

    def grad_bias(self, gy):
        return kernels.add_up(gy, axis=every_place(gy))


@implements(kernels.conv_weight)
class ConvWeight(Function):
    """How the channels of g go together with the taps on x: the filter that correlates them."""

    def forward(self, x, g, *, kernel_size, stride, padding, dilation, groups):
        return kernels.conv_weight(
            x,
            g,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
        )

    def grad_x(self, gy, g, x_shape, **options):
        options = without(options, "kernel_size")
        return kernels.conv_transpose(g, gy, size=x_shape[2:], **options)

    def grad_g(self, gy, x, **options):
        return kernels.conv(x, gy, **without(options, "kernel_size"))


def every_place(y):
    """All axes of (N, C, *size) but the channels."""
    return (0, *range(2, y.ndim))


def without(options, name):
    """All options but one."""
    return {key: value for key, value in options.items() if key != name}
