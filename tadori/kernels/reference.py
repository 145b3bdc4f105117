"""Each kernel in plain NumPy: the definition of what it computes, and the text to learn it from.

One code serves one, two and three spatial dimensions. Comments and names show two:

    x       N C H W      a batch of N images with C channels
    weight  O C KH KW    O filters; with groups, C counts the channels of one group
    y       N O OH OW    how well each filter matches at each place

Sizes and steps are tuples with one number for each spatial dimension; `window.py` has their
geometry. The NumPy functions used are ones that CuPy answers through NumPy's protocols. float16 is
summed in float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, reduce, wraps

import numpy as np

from tadori.kernels.elementwise import masked
from tadori.kernels.window import (
    Array,
    Ints,
    Window,
    canvas_size,
    col2im,
    conv_shape,
    fitting,
    im2col,
    inner,
    padded,
    require,
    require_shape,
    taps,
)


def summed_in_float32(function: Callable[..., Array]) -> Callable[..., Array]:
    """Let a kernel of float16 arrays compute in float32 and round once, at its end."""

    @wraps(function)
    def kernel(*arrays, **options):
        present = [a for a in arrays if a is not None]
        if np.float16 not in [a.dtype for a in present]:
            return function(*arrays, **options)
        wide = [a.astype(np.float32) for a in present]
        return function(*wide, **options).astype(np.result_type(*present))

    return kernel


# ---------------------------------------------------------------------- convolution
#
# conv is linear in x and in weight, and its two adjoints are kernels as well:
#
#     <conv(x, weight), gy>  =  <x, conv_transpose(gy, weight)>  =  <weight, conv_weight(x, gy)>
#
# Each of these is the sum of x * weight * y over all meetings of a place and a tap; each kernel
# leaves out one factor. So the derivatives of any one of them are the other two, and convolution
# has derivatives of every order without a further kernel:
#
#     y = conv(x, w)              gx = conv_transpose(gy, w)     gw = conv_weight(x, gy)
#     x = conv_transpose(y, w)    gy = conv(gx, w)               gw = conv_weight(gx, y)
#     w = conv_weight(x, y)       gx = conv_transpose(y, gw)     gy = conv(x, gw)


@summed_in_float32
def conv(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    groups: int,
) -> Array:
    """Cross-correlation: y[n, o, OH, OW] = bias[o] + sum over C, KH, KW of weight * x.

    x (N, C, *size), weight (O, C / groups, *kernel_size), bias (O,) or None -> (N, O, *out_size).
    """
    window = Window(weight.shape[2:], stride, padding, dilation)
    shape = conv_shape("conv", x.shape, weight.shape, window, groups)
    columns = im2col(x, window, shape[2:])
    # (G, O/G, C KH KW) @ (N, G, C KH KW, OH OW) -> N, G, O/G, OH OW
    y = rows(weight, groups) @ by_group(columns, groups, shape[2:])
    return with_bias("conv", y.reshape(shape), bias)


@summed_in_float32
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
) -> Array:
    """The adjoint of `conv` in its image: every value of x spreads the filter over the result.

    x (N, O, *out_size), weight (O, C / groups, *kernel_size), bias (C,) or None -> (N, C, *size).
    """
    window = Window(weight.shape[2:], stride, padding, dilation)
    shape = (x.shape[0], weight.shape[1] * groups, *size)
    expected = conv_shape("conv_transpose", shape, weight.shape, window, groups)
    require_shape("conv_transpose", "x", x.shape, expected)
    out = x.shape[2:]
    # (G, C KH KW, O/G) @ (N, G, O/G, OH OW) -> N, G, C KH KW, OH OW
    columns = rows(weight, groups).swapaxes(1, 2) @ by_group(x, groups, out)
    columns = columns.reshape(*shape[:2], *window.kernel_size, *out)
    return with_bias("conv_transpose", col2im(columns, window, size), bias)


@summed_in_float32
def conv_weight(
    x: Array,
    gy: Array,
    *,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    groups: int,
) -> Array:
    """The adjoint of `conv` in its weight: how the output channels go together with the taps.

    x (N, C, *size), gy (N, O, *out_size) -> (O, C / groups, *kernel_size).
    """
    window = Window(kernel_size, stride, padding, dilation)
    require(
        groups > 0 and x.shape[1] % groups == 0,
        "conv_weight",
        f"groups={groups} must divide the {x.shape[1]} channels of x {x.shape}",
    )
    shape = (gy.shape[1], x.shape[1] // groups, *kernel_size)
    require_shape(
        "conv_weight", "gy", gy.shape, conv_shape("conv_weight", x.shape, shape, window, groups)
    )
    out = gy.shape[2:]
    columns = by_group(im2col(x, window, out), groups, out)
    gy = by_group(gy, groups, out)
    # for each image (G, O/G, OH OW) @ (G, OH OW, C KH KW); all at once would hold N weights
    products = (gy_n @ columns_n.swapaxes(1, 2) for gy_n, columns_n in zip(gy, columns))
    nothing = np.zeros_like(x, order="C", shape=shape, dtype=np.result_type(x, gy))
    return reduce(np.add, products, rows(nothing, groups)).reshape(shape)


def rows(weight: Array, groups: int) -> Array:
    """O C KH KW -> G, O/G, C KH KW: a matrix for each group."""
    filters = weight.shape[0]
    return weight.reshape(groups, filters // groups, math.prod(weight.shape[1:]))


def by_group(columns: Array, groups: int, out: Ints) -> Array:
    """N C ... OH OW -> N, G, C/G ..., OH OW: a matrix for each image and group."""
    n, *depth = columns.shape[: columns.ndim - len(out)]
    return columns.reshape(n, groups, math.prod(depth) // groups, math.prod(out))


def with_bias(kernel: str, y: Array, bias: Array | None) -> Array:
    """y + bias, one number for each channel."""
    if bias is None:
        return y
    require_shape(kernel, "bias", bias.shape, y.shape[1:2])
    return y + bias.reshape(-1, *[1] * (y.ndim - 2))


# ---------------------------------------------------------------------- pooling


def max_pool(
    x: Array,
    *,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    ceil_mode: bool = False,
) -> tuple[Array, Array]:
    """The largest value in each window, and the tap that met it.

    x (N, C, *size) -> y and tap, both (N, C, *out_size); tap counts row by row within the window
    (uint8, or wider for large windows). The first of equals wins, the last NaN beats all; padding
    never wins.
    """
    window = Window(kernel_size, stride, padding, dilation)
    out = pool_out("max_pool", x.shape[2:], window, ceil_mode)
    least = -math.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    image = padded(x, window, out, least)
    first = np.asarray(positions(x.shape[2:], window, out)[0], like=x)
    number = np.min_scalar_type(math.prod(kernel_size) - 1)
    parts = [image[met].copy() for _, met in taps(window, out)]
    y = parts[0]
    chosen = np.broadcast_to(first.astype(number), y.shape)
    for tap, value in enumerate(parts[1:], start=1):
        wins = (value > y) | (value != value)
        y = np.maximum(y, value)
        # The last to win has the largest number. np.where takes 40 times as long (NumPy 2.4).
        chosen = np.maximum(chosen, wins * number.type(tap))
    return y, chosen


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
) -> Array:
    """The adjoint of `max_pool_taken`, and the backward pass of `max_pool`: each value of gy goes
    to the point that the tap of its window met, where what several windows send adds up.

    gy and tap (N, C, *out_size), as from `max_pool` of an image of `size` -> (N, C, *size).
    """
    window = Window(kernel_size, stride, padding, dilation)
    out = pool_out("max_pool_back", size, window, ceil_mode)
    for name, array in ("gy", gy), ("tap", tap):
        require_shape("max_pool_back", name, array.shape[2:], out)
    canvas = canvas_size(size, window, out)
    image = np.zeros_like(gy, order="C", shape=(*gy.shape[:2], *canvas))
    for number, (_, met) in enumerate(taps(window, out)):
        image[met] += masked(gy, tap == number)
    return np.ascontiguousarray(image[inner(size, window)])


def max_pool_taken(
    x: Array,
    tap: Array,
    *,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    ceil_mode: bool = False,
) -> Array:
    """What the given tap of each window meets: x (N, C, *size), tap (N, C, *out_size) -> as tap."""
    window = Window(kernel_size, stride, padding, dilation)
    out = pool_out("max_pool_taken", x.shape[2:], window, ceil_mode)
    require_shape("max_pool_taken", "tap", tap.shape, (*x.shape[:2], *out))
    image = padded(x, window, out)
    meetings = enumerate(taps(window, out))
    return reduce(np.add, [masked(image[met], tap == number) for number, (_, met) in meetings])


def tap_index(
    tap: Array,
    *,
    size: Ints,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
) -> Array:
    """Where in an image of `size` the tap of each window lies, counted row by row (int64).

    tap (N, C, *out_size), as from `max_pool` -> index, of the same shape.
    """
    window = Window(kernel_size, stride, padding, dilation)
    _, corner, way = positions(size, window, tap.shape[2:])
    return np.asarray(corner, like=tap) + np.asarray(way, like=tap).take(tap)


@lru_cache(256)
def positions(size: Ints, window: Window, out: Ints) -> tuple[Array, Array, Array]:
    """For each window its first tap in the image and its corner; for each tap its way from there.

    Corners and ways count points of the plane, row by row. With padding a corner may be negative.
    """

    def column(numbers: Ints) -> Array:
        return np.reshape(numbers, (-1, *[1] * len(size)))

    def count(point: Array, lengths: Ints) -> Array:
        worth = [math.prod(lengths[axis + 1 :]) for axis in range(len(lengths))]
        return np.tensordot(worth, point, axes=1)

    corner = np.indices(out) * column(window.stride) - column(window.padding)  # (H, W), OH, OW
    outside = -(np.minimum(corner, 0) // column(window.dilation))  # taps before the image begins
    step = np.indices(window.kernel_size) * column(window.dilation)
    return count(outside, window.kernel_size), count(corner, size), count(step, size).ravel()


def scatter_plane(gy: Array, index: Array, *, size: Ints) -> Array:
    """Zeros of (N, C, *size), and each value of gy added where index points, in its own plane.

    gy and index (N, C, *any), index as from `tap_index`. The adjoint of `gather_plane`.
    """
    require_shape("scatter_plane", "index", index.shape, gy.shape)
    plane = math.prod(size)
    flat = np.zeros_like(gy, shape=gy.shape[0] * gy.shape[1] * plane)
    np.add.at(flat, across_planes(index, plane), gy.ravel())
    return flat.reshape(*gy.shape[:2], *size)


def gather_plane(x: Array, index: Array) -> Array:
    """The values to which index points: y[n, c, ...] = x[n, c].ravel()[index[n, c, ...]].

    x (N, C, *size), index (N, C, *any) -> the shape of index.
    """
    require_shape("gather_plane", "index", index.shape, (*x.shape[:2], *index.shape[2:]))
    return x.ravel().take(across_planes(index, math.prod(x.shape[2:]))).reshape(index.shape)


def across_planes(index: Array, plane: int) -> Array:
    """Positions within planes of so many points -> positions in all planes behind one another."""
    planes = index.shape[0] * index.shape[1]
    start = np.arange(0, planes * plane, plane or 1, like=index)
    return (index.reshape(planes, math.prod(index.shape[2:])) + start[:, None]).ravel()


@summed_in_float32
def avg_pool(
    x: Array,
    *,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """The mean of each window: x (N, C, *size) -> (N, C, *out_size).

    Padding counts as zeros or, without `count_include_pad`, not at all. What lies beyond it, where
    `ceil_mode` may let a window end, never counts.
    """
    window = Window(kernel_size, stride, padding, (1,) * len(kernel_size))
    size = x.shape[2:]
    out = pool_out("avg_pool", size, window, ceil_mode)
    image = padded(x, window, out)
    total = reduce(np.add, [image[met] for _, met in taps(window, out)])
    return total / np.asarray(counts(size, window, out, count_include_pad), x.dtype, like=x)


@summed_in_float32
def avg_pool_transpose(
    gy: Array,
    *,
    size: Ints,
    kernel_size: Ints,
    stride: Ints,
    padding: Ints,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """The adjoint of `avg_pool`: each value is shared out over its window.

    gy (N, C, *out_size) -> (N, C, *size).
    """
    window = Window(kernel_size, stride, padding, (1,) * len(kernel_size))
    out = pool_out("avg_pool_transpose", size, window, ceil_mode)
    require_shape("avg_pool_transpose", "gy", gy.shape[2:], out)
    share = gy / np.asarray(counts(size, window, out, count_include_pad), gy.dtype, like=gy)
    share = share.reshape(*gy.shape[:2], *[1] * len(size), *out)
    return col2im(np.broadcast_to(share, (*gy.shape[:2], *kernel_size, *out)), window, size)


@lru_cache(256)
def counts(size: Ints, window: Window, out: Ints, count_include_pad: bool) -> Array:
    """How many points the mean of each window divides by: OH OW."""
    lengths = []
    for n, o, k, s, p in zip(size, out, window.kernel_size, window.stride, window.padding):
        low, high = (0, p + n + p) if count_include_pad else (p, p + n)
        start = np.arange(o) * s
        lengths.append(np.minimum(start + k, high) - np.maximum(start, low))
    return reduce(np.multiply.outer, lengths)


@lru_cache(1024)
def pool_out(kernel: str, size: Ints, window: Window, ceil_mode: bool) -> Ints:
    """The output size of a pooling, each of whose windows has to meet the image."""
    out = fitting(kernel, size, window, ceil_mode)
    for n, k, _, p, d in zip(size, *window):
        require(
            2 * p <= d * (k - 1) + 1 and (p == 0 or d <= n),
            kernel,
            f"a window may meet nothing but padding: {window} on an image of {size}; padding must "
            "be at most half of dilation (kernel_size - 1) + 1, and dilation at most the image",
        )
    return out


# ---------------------------------------------------------------------- rows


def scatter_add(index: Array, source: Array, *, length: int) -> Array:
    """Zeros of `length` rows, each row of source added where index points: out[index] += source.

    index (*any) of integers in [-length, length), source (*any, *row) -> (length, *row). The
    backward pass of x[index]. Raises IndexError for an index that points to no row.
    """
    row = source.shape[index.ndim :]
    require_shape("scatter_add", "source", source.shape, (*index.shape, *row))
    width = math.prod(row)
    total = np.zeros_like(source, shape=(length, *row))
    # np.add.at takes 4 times as long for rows as for numbers (2000x64 into 20000x64, NumPy 2.4).
    places = index.reshape(-1, 1).astype(np.intp) * width + np.arange(width, like=index)
    try:
        np.add.at(total.reshape(-1), places.ravel(), source.ravel())
    except IndexError:
        raise IndexError(
            f"scatter_add: index must lie in [-{length}, {length}), the rows of the result"
        ) from None
    return total
