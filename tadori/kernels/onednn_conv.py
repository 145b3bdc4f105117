"""Convolution on oneDNN: names and signatures of `reference`, for NumPy arrays of float32.

bfloat16 is served where the processor has instructions for it, or AVX512 to do without.
"""

from __future__ import annotations

import math
from ctypes import c_void_p
from typing import Any

from tadori.kernels import onednn_plan as onednn
from tadori.kernels.onednn_library import Unsupported
from tadori.kernels.onednn_plan import Dims, Plan, narrow_too, plan_for
from tadori.kernels.window import Array, Ints, Window, conv_shape

FORWARD, DIRECT = 64, 1


def conv(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    groups: int,
) -> Any:
    """As `reference.conv`."""
    dtype = narrow_too(x, weight, bias)
    if dtype is None:
        return NotImplemented
    bias_shape = None if bias is None else bias.shape
    steps = (stride, padding, dilation)
    plan = plan_for(plan_conv, x.shape, weight.shape, bias_shape, *steps, groups, dtype=dtype)
    if plan is None:
        return NotImplemented
    return plan.run(x, weight) if bias is None else plan.run(x, weight, bias)


def conv_transpose(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    groups: int,
    size: Ints,
) -> Any:
    """As `reference.conv_transpose`."""
    dtype = narrow_too(x, weight, bias)
    if dtype is None:
        return NotImplemented
    steps = (stride, padding, dilation)
    shapes = (x.shape, weight.shape)
    plan = plan_for(plan_conv_transpose, *shapes, *steps, groups, size, dtype=dtype)
    if plan is None:
        return NotImplemented
    y = plan.run(x, weight)
    if bias is None:
        return y
    if bias.shape != y.shape[1:2]:
        return NotImplemented
    y += bias.reshape(-1, *[1] * len(size))
    return y


def conv_weight(
    x: Array,
    gy: Array,
    *,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    groups: int,
) -> Any:
    """As `reference.conv_weight`."""
    dtype = narrow_too(x, gy)
    if dtype is None:
        return NotImplemented
    steps = (stride, padding, dilation)
    shapes = (x.shape, gy.shape)
    plan = plan_for(plan_conv_weight, *shapes, kernel_size, *steps, groups, dtype=dtype)
    return NotImplemented if plan is None else plan.run(x, gy)


# ------------------------------------------------------------------------------ plans, from shapes


def plan_conv(
    plan: Plan,
    x: Ints,
    weight: Ints,
    bias: Ints | None,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    groups: int,
) -> None:
    """Fill the plan of `conv`."""
    window = Window(weight[2:], stride, padding, dilation)
    y = conv_shape("conv", x, weight, window, groups)
    if bias not in (None, weight[:1]):
        raise Unsupported("the shape of bias")
    plan.expect(products(y, weight))
    weight = by_group(weight, groups)
    inputs = {onednn.SRC: x, onednn.WEIGHTS: weight}
    if bias is not None:
        inputs[onednn.BIAS] = bias
    plan.finish(forward(plan, x, weight, bias, y, window), inputs, {onednn.DST: y})


def plan_conv_transpose(
    plan: Plan,
    x: Ints,
    weight: Ints,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    groups: int,
    size: Ints,
) -> None:
    """Fill the plan of `conv_transpose`: to oneDNN, a convolution's backward pass to its data."""
    window = Window(weight[2:], stride, padding, dilation)
    y = (x[0], weight[1] * groups, *size)
    if x != conv_shape("conv_transpose", y, weight, window, groups):
        raise Unsupported("the shape of x")
    plan.expect(products(x, weight))
    weight = by_group(weight, groups)
    description = plan.describe(
        "convolution_backward_data",
        plan.library.engine,
        DIRECT,
        *[plan.any(shape) for shape in (y, weight, x)],
        *steps(window),
        forward(plan, y, weight, None, x, window),
    )
    plan.finish(description, {onednn.DIFF_DST: x, onednn.WEIGHTS: weight}, {onednn.DIFF_SRC: y})


def plan_conv_weight(
    plan: Plan,
    x: Ints,
    gy: Ints,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    groups: int,
) -> None:
    """Fill the plan of `conv_weight`: to oneDNN, a convolution's backward pass to its weights."""
    window = Window(kernel_size, stride, padding, dilation)
    shape = (gy[1], x[1] // max(groups, 1), *kernel_size)
    if gy != conv_shape("conv_weight", x, shape, window, groups):
        raise Unsupported("the shape of gy")
    plan.expect(products(gy, shape))
    weight = by_group(shape, groups)
    description = plan.describe(
        "convolution_backward_weights",
        plan.library.engine,
        DIRECT,
        plan.any(x),
        plan.any(weight),
        None,
        plan.any(gy),
        *steps(window),
        forward(plan, x, weight, None, gy, window),
    )
    inputs = {onednn.SRC: x, onednn.DIFF_DST: gy}
    plan.finish(description, inputs, {onednn.DIFF_WEIGHTS: weight}, shape)


def forward(
    plan: Plan, x: Ints, weight: Ints, bias: Ints | None, y: Ints, window: Window
) -> c_void_p:
    """The description of the convolution itself, which the others take as a hint."""
    return plan.describe(
        "convolution_forward",
        plan.library.engine,
        FORWARD,
        DIRECT,
        plan.any(x),
        plan.any(weight),
        plan.any(bias) if bias else None,
        plan.any(y),
        *steps(window),
    )


def steps(window: Window) -> tuple[Any, ...]:
    """Strides, dilations and both paddings in oneDNN's terms; its dilation of 0 is our 1."""
    padding = Dims(*window.padding)
    return Dims(*window.stride), Dims(*[d - 1 for d in window.dilation]), padding, padding


def by_group(weight: Ints, groups: int) -> Ints:
    """(O, C / groups, KH, KW) -> (groups, O / groups, C / groups, KH, KW), oneDNN's shape of it."""
    return weight if groups == 1 else (groups, weight[0] // groups, *weight[1:])


def products(y: Ints, weight: Ints) -> int:
    """How many products all three kernels sum."""
    return math.prod(y) * math.prod(weight[1:])
