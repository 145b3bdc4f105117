"""The geometry of a window that slides over an image, shared by convolution and pooling.

A *tap* is one position (KH, KW) within the window. A place (OH, OW) of the output and a tap meet at
one point of the padded image: OH * stride + KH * dilation down, and likewise across. What one tap
meets is therefore a slice with a step, and a kernel is a loop over taps.

What depends on sizes only is remembered: a training loop asks for the same sizes again and again.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

Array = np.ndarray
Ints = tuple[int, ...]  # one number for each spatial dimension


class Window(NamedTuple):
    """Its size in taps, its step from place to place, the rim of zeros, the step between taps."""

    kernel_size: Ints
    stride: Ints
    padding: Ints
    dilation: Ints


def out_size(
    size: Ints,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    ceil_mode: bool = False,
) -> Ints:
    """How many places the window has: OH = (H + 2 padding - dilation (KH - 1) - 1) / stride + 1.

    The quotient is rounded down. With `ceil_mode` it is rounded up, but the last window must start
    within the image or the padding before it (PyTorch's rule). Zero or less: it does not fit.
    """
    out = []
    for n, k, s, p, d in zip(size, kernel_size, stride, padding, dilation):
        free = n + 2 * p - d * (k - 1) - 1
        steps = -(-free // s) if ceil_mode else free // s
        if ceil_mode and steps * s >= n + p:
            steps -= 1
        out.append(steps + 1)
    return tuple(out)


# ---------------------------------------------------------------------- complaints


def require(condition: bool, kernel: str, problem: str) -> None:
    """Raise a ValueError that names the kernel, unless the condition holds."""
    if not condition:
        raise ValueError(f"{kernel}: {problem}")


def require_shape(kernel: str, name: str, shape: Ints, expected: Ints) -> None:
    """Complain about an operand whose shape does not go with the rest."""
    if shape != expected:
        problem = f"{name} has shape {shape}; the other operands and options ask for {expected}"
        raise ValueError(f"{kernel}: {problem}")


@lru_cache(1024)
def fitting(kernel: str, size: Ints, window: Window, ceil_mode: bool = False) -> Ints:
    """The output size, for options that make sense and a window that fits."""
    for name, values in window._asdict().items():
        least = 0 if name == "padding" else 1
        require(
            len(values) == len(size) and min(values, default=1) >= least,
            kernel,
            f"{name}={values} must be {len(size)} numbers >= {least}, one for each spatial "
            f"dimension of the image, which is {size} without N and C",
        )
    out = out_size(size, *window, ceil_mode)
    require(
        min(out, default=1) > 0,
        kernel,
        f"the window does not fit: {window} on an image of {size} gives an output of {out}; "
        "use a smaller kernel or dilation, more padding or a larger image",
    )
    return out


@lru_cache(1024)
def conv_shape(kernel: str, image: Ints, weight: Ints, window: Window, groups: int) -> Ints:
    """The shape (N, O, OH, OW) of `conv`, for operands of these shapes."""
    require(
        len(image) == len(weight) > 2,
        kernel,
        f"image {image} and weight {weight} must have the same number of dimensions, (N, C, *size) "
        "and (O, C / groups, *kernel_size); for a single image use x[None]",
    )
    require(
        groups > 0 and weight[0] % groups == 0,
        kernel,
        f"groups={groups} must divide the {weight[0]} output channels of weight {weight}",
    )
    require(
        image[1] == weight[1] * groups,
        kernel,
        f"image {image} has {image[1]} channels, but weight {weight} with groups={groups} takes "
        f"{weight[1] * groups}, which is weight.shape[1] * groups; change one of the three",
    )
    return (image[0], weight[0], *fitting(kernel, image[2:], window))


# ---------------------------------------------------------------------- taps


@lru_cache(1024)
def taps(window: Window, out: Ints) -> list[tuple[tuple, tuple]]:
    """For each tap its index among columns, [:, :, KH, KW], and the part of the image it meets."""
    every = slice(None)
    result = []
    for tap in product(*map(range, window.kernel_size)):
        met = []
        for k, o, s, d in zip(tap, out, window.stride, window.dilation):
            met.append(slice(k * d, k * d + (o - 1) * s + 1, s))
        result.append(((every, every, *tap), (every, every, *met)))
    return result


def canvas_size(size: Ints, window: Window, out: Ints) -> Ints:
    """The size of the image with its padding, as far as the last tap reaches."""
    lengths = zip(size, out, *window)
    return tuple(max(p + n, (o - 1) * s + (k - 1) * d + 1) for n, o, k, s, p, d in lengths)


def inner(size: Ints, window: Window) -> tuple[slice, ...]:
    """Where the image lies within its padding."""
    within = [slice(p, p + n) for n, p in zip(size, window.padding)]
    return (slice(None), slice(None), *within)


def padded(x: Array, window: Window, out: Ints, value: float = 0) -> Array:
    """x with `value` around it."""
    size = x.shape[2:]
    canvas = canvas_size(size, window, out)
    if canvas == size:
        return x
    framed = np.full_like(x, value, order="C", shape=(*x.shape[:2], *canvas))
    framed[inner(size, window)] = x
    return framed


def im2col(x: Array, window: Window, out: Ints) -> Array:
    """What each place sees through each tap: N C H W -> N C KH KW OH OW."""
    image = padded(x, window, out)
    columns = np.empty_like(x, order="C", shape=(*x.shape[:2], *window.kernel_size, *out))
    for tap, met in taps(window, out):
        columns[tap] = image[met]
    return columns


def col2im(columns: Array, window: Window, size: Ints) -> Array:
    """The adjoint of `im2col`, each point sums what saw it: N C KH KW OH OW -> N C H W."""
    out = columns.shape[2 + len(size) :]
    canvas = canvas_size(size, window, out)
    image = np.zeros_like(columns, order="C", shape=(*columns.shape[:2], *canvas))
    for tap, met in taps(window, out):
        image[met] += columns[tap]
    return np.ascontiguousarray(image[inner(size, window)])
