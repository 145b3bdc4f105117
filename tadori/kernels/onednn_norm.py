"""Batch normalisation on oneDNN: names and signatures of `normalization`, for float32 arrays.

oneDNN's quick code wants the channels in blocks, (N, C / 16, *size, 16). Measured with two threads
on 16x64x56x56, with the reorders to that layout and back: forward 1.6 ms (in NumPy 6.0, PyTorch
3.4), backward 2.3 (13.5; 1.8).
"""

from __future__ import annotations

import math
from ctypes import byref, c_char_p, c_float
from typing import Any

from tadori.kernels.onednn_library import Unsupported
from tadori.kernels.onednn_plan import (
    DIFF_DST,
    DIFF_SCALE,
    DIFF_SHIFT,
    DIFF_SRC,
    DST,
    MEAN,
    SCALE,
    SHIFT,
    SRC,
    VARIANCE,
    Plan,
    plan_for,
    served,
)
from tadori.kernels.window import Array, Ints

FORWARD, BACKWARD = 64, 128
USE_SCALE, USE_SHIFT = 2, 4
IMPLEMENTATION = 8  # what a description is asked for
BLOCKS = ({3: 56, 4: 78, 5: 121}, {3: 69, 4: 102, 5: 142})  # layouts by ndim: of 16 channels, of 8
WORK = 16  # what an entry costs, in the products that `Plan.expect` counts


def normalize(
    x: Array, weight: Array | None = None, bias: Array | None = None, *, axis: Ints, eps: float
) -> Any:
    """As `normalization.normalize`, over all axes but the channels."""
    if not by_channel(x, axis) or not served(x, weight, bias) or not fit(x, weight, bias):
        return NotImplemented
    flags = USE_SCALE * (weight is not None) + USE_SHIFT * (bias is not None)
    plan = plan_for(plan_normalize, x.shape, flags, eps)
    if plan is None:
        return NotImplemented
    y, mean, var = plan.run(*[a for a in (x, weight, bias) if a is not None])
    shape = one_each(x)
    return y, mean.reshape(shape), var.reshape(shape)


def normalize_back(
    x: Array,
    gy: Array,
    gmean: Array,
    gvar: Array,
    mean: Array,
    var: Array,
    weight: Array | None = None,
    *,
    axis: Ints,
    eps: float,
) -> Any:
    """As `normalization.normalize_back`, if no gradient reaches the mean and the variance."""
    if not by_channel(x, axis) or not served(x, gy, mean, var, weight) or not fit(x, weight):
        return NotImplemented
    if gmean.any() or gvar.any():
        return NotImplemented
    plan = plan_for(plan_normalize_back, x.shape, eps)
    if plan is None:
        return NotImplemented
    shape = one_each(x)
    scale = weight if weight is not None else mean * 0 + 1
    gx, gweight, gbias = plan.run(x, gy, mean, var, scale)
    return gx, gweight.reshape(shape), gbias.reshape(shape)


def by_channel(x: Array, axis: Ints) -> bool:
    """Whether the axes are all but the second, of an image."""
    return 2 < x.ndim < 6 and axis == (0, *range(2, x.ndim))


def one_each(x: Array) -> Ints:
    """The shape of one number for each channel, which broadcasts to x."""
    return (1, x.shape[1], *[1] * (x.ndim - 2))


def fit(x: Array, *each: Array | None) -> bool:
    """Whether each has one number for each channel."""
    return all(a is None or a.shape == one_each(x) for a in each)


# ------------------------------------------------------------------------------ plans, from shapes


def plan_normalize(plan: Plan, x: Ints, flags: int, eps: float) -> None:
    """Fill the plan of `normalize`."""
    plan.expect(math.prod(x) * WORK)
    channels = x[1:2]
    inputs = {SRC: x}
    for flag, role in (USE_SCALE, SCALE), (USE_SHIFT, SHIFT):
        if flags & flag:
            inputs[role] = channels
    outputs = {DST: x, MEAN: channels, VARIANCE: channels}
    plan.finish(forward(plan, x, flags, eps)[0], inputs, outputs)


def plan_normalize_back(plan: Plan, x: Ints, eps: float) -> None:
    """Fill the plan of `normalize_back`."""
    plan.expect(math.prod(x) * WORK)
    channels = x[1:2]
    flags = USE_SCALE | USE_SHIFT
    hint, layout = forward(plan, x, flags, eps)
    arguments = (BACKWARD, layout, layout, layout, c_float(eps), flags, hint)
    description = plan.describe("batch_normalization_backward", plan.library.engine, *arguments)
    inputs = {SRC: x, DIFF_DST: x, MEAN: channels, VARIANCE: channels, SCALE: channels}
    outputs = {DIFF_SRC: x, DIFF_SCALE: channels, DIFF_SHIFT: channels}
    plan.finish(description, inputs, outputs)


def forward(plan: Plan, x: Ints, flags: int, eps: float) -> tuple[Any, Any]:
    """The description of the normalisation itself, and the layout for which it has quick code."""
    library = plan.library
    for tags in BLOCKS:
        layout = plan.tagged(x, tags[len(x)])
        arguments = (FORWARD, layout, layout, c_float(eps), flags)
        description = plan.describe("batch_normalization_forward", library.engine, *arguments)
        name = c_char_p()
        library.c.dnnl_primitive_desc_query(description, IMPLEMENTATION, 0, byref(name))
        if b"jit" in (name.value or b""):
            return description, layout
    raise Unsupported("this processor has no quick batch normalisation")
