"""Pooling on oneDNN: names and signatures of `reference`, for NumPy arrays of float32."""

from __future__ import annotations

import math
from ctypes import c_int
from typing import Any

import numpy as np

from tadori.kernels import onednn_plan as onednn
from tadori.kernels.onednn_library import Unsupported
from tadori.kernels.onednn_plan import Dims, Plan, plan_for, served
from tadori.kernels.reference import pool_out
from tadori.kernels.window import Array, Ints, Window

FORWARD = 64
MAX, MEAN_WITH_PADDING, MEAN = 0x1FF, 0x2FF, 0x3FF
TAP = np.dtype(np.uint8)
WORK = 8  # what an entry costs, in the products that `Plan.expect` counts


def max_pool(
    x: Array,
    *,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    ceil_mode: bool = False,
) -> Any:
    """As `reference.max_pool`. To oneDNN, NaN and -infinity are never the largest: not served."""
    if not served(x):
        return NotImplemented
    window = Window(kernel_size, stride, padding, dilation)
    plan = plan_for(plan_max_pool, x.shape, window, ceil_mode)
    return NotImplemented if plan is None or not finite(x) else plan.run(x)


def finite(x: Array) -> bool:
    """Whether x has neither NaN nor infinity, at the price of one quick pass. May say no for
    numbers whose squares overflow."""
    flat = x.ravel()
    return math.isfinite(flat.dot(flat))


def max_pool_back(
    gy: Array,
    tap: Array,
    *,
    size: Ints,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    ceil_mode: bool = False,
) -> Any:
    """As `reference.max_pool_back`."""
    if not served(gy) or tap.dtype != TAP or tap.shape != gy.shape:
        return NotImplemented
    window = Window(kernel_size, stride, padding, dilation)
    plan = plan_for(plan_max_pool_back, gy.shape, size, window, ceil_mode)
    return NotImplemented if plan is None else plan.run(gy, tap)


def avg_pool(
    x: Array,
    *,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """As `reference.avg_pool`."""
    if not served(x):
        return NotImplemented
    window = Window(kernel_size, stride, padding, (1,) * len(kernel_size))
    plan = plan_for(plan_avg_pool, x.shape, window, ceil_mode, count_include_pad)
    return NotImplemented if plan is None else plan.run(x)


def avg_pool_transpose(
    gy: Array,
    *,
    size: Ints,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """As `reference.avg_pool_transpose`."""
    if not served(gy):
        return NotImplemented
    window = Window(kernel_size, stride, padding, (1,) * len(kernel_size))
    plan = plan_for(plan_avg_pool_back, gy.shape, size, window, ceil_mode, count_include_pad)
    return NotImplemented if plan is None else plan.run(gy)


# ------------------------------------------------------------------------------ plans, from shapes


def plan_max_pool(plan: Plan, x: Ints, window: Window, ceil_mode: bool) -> None:
    """Fill the plan of `max_pool`."""
    y = pooled("max_pool", x, window, ceil_mode)
    require_small(window)
    plan.expect(math.prod(x) * WORK)
    plan.dtypes[onednn.WORKSPACE] = TAP
    description = forward(plan, MAX, x, y, window)
    plan.finish(description, {onednn.SRC: x}, {onednn.DST: y, onednn.WORKSPACE: y})


def plan_max_pool_back(plan: Plan, gy: Ints, size: Ints, window: Window, ceil_mode: bool) -> None:
    """Fill the plan of `max_pool_back`."""
    x = (*gy[:2], *size)
    if gy != pooled("max_pool_back", x, window, ceil_mode):
        raise Unsupported("the shape of gy")
    require_small(window)
    plan.expect(math.prod(x) * WORK)
    plan.dtypes[onednn.WORKSPACE] = TAP
    description = backward(plan, MAX, x, gy, window)
    inputs = {onednn.DIFF_DST: gy, onednn.WORKSPACE: gy}
    plan.finish(description, inputs, {onednn.DIFF_SRC: x})


def plan_avg_pool(
    plan: Plan, x: Ints, window: Window, ceil_mode: bool, count_include_pad: bool
) -> None:
    """Fill the plan of `avg_pool`."""
    y = pooled("avg_pool", x, window, ceil_mode)
    plan.expect(math.prod(x) * WORK)
    kind = mean_kind(x, y, window, count_include_pad)
    plan.finish(forward(plan, kind, x, y, window), {onednn.SRC: x}, {onednn.DST: y})


def plan_avg_pool_back(
    plan: Plan, gy: Ints, size: Ints, window: Window, ceil_mode: bool, count_include_pad: bool
) -> None:
    """Fill the plan of `avg_pool_transpose`."""
    x = (*gy[:2], *size)
    if gy != pooled("avg_pool_transpose", x, window, ceil_mode):
        raise Unsupported("the shape of gy")
    plan.expect(math.prod(x) * WORK)
    kind = mean_kind(x, gy, window, count_include_pad)
    description = backward(plan, kind, x, gy, window)
    plan.finish(description, {onednn.DIFF_DST: gy}, {onednn.DIFF_SRC: x})


def pooled(kernel: str, x: Ints, window: Window, ceil_mode: bool) -> Ints:
    """The shape of the result."""
    return (*x[:2], *pool_out(kernel, x[2:], window, ceil_mode))


def require_small(window: Window) -> None:
    """The number of a tap must fit into a byte."""
    if math.prod(window.kernel_size) > 255:
        raise Unsupported("a window of more taps than a byte can count")


def mean_kind(x: Ints, y: Ints, window: Window, count_include_pad: bool) -> int:
    """oneDNN's number for this mean. It counts all padding, and what `ceil_mode` adds is some."""
    if not count_include_pad or not any(window.padding):
        return MEAN
    if rear(x, y, window) != window.padding:
        raise Unsupported("windows that end beyond the padding")
    return MEAN_WITH_PADDING


def rear(x: Ints, y: Ints, window: Window) -> Ints:
    """The padding behind the image: as much as before it, or what the last window needs."""
    parts = zip(x[2:], y[2:], *window)
    return tuple(max(p, (o - 1) * s + d * (k - 1) + 1 - n - p) for n, o, k, s, p, d in parts)


def steps(x: Ints, y: Ints, window: Window) -> tuple[Any, ...]:
    """Strides, size, dilations (0 is our 1) and both paddings, in oneDNN's terms."""
    dilation = Dims(*[d - 1 for d in window.dilation])
    paddings = Dims(*window.padding), Dims(*rear(x, y, window))
    return Dims(*window.stride), Dims(*window.kernel_size), dilation, *paddings


def forward(plan: Plan, kind: int, x: Ints, y: Ints, window: Window) -> Any:
    """The description of the pooling itself, which `backward` takes as a hint."""
    layouts = plan.plain(x), plan.plain(y)
    arguments = (FORWARD, c_int(kind), *layouts, *steps(x, y, window))
    return plan.describe("pooling_forward", plan.library.engine, *arguments)


def backward(plan: Plan, kind: int, x: Ints, gy: Ints, window: Window) -> Any:
    """The description of its backward pass."""
    hint = forward(plan, kind, x, gy, window)
    layouts = plan.plain(x), plan.plain(gy)
    arguments = (c_int(kind), *layouts, *steps(x, gy, window), hint)
    return plan.describe("pooling_backward", plan.library.engine, *arguments)
