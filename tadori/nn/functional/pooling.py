"""Pooling."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ... import kernels
from ...kernels.reference import counts
from ...kernels.window import Window
from ...language import np
from ...tensor import Tensor
from .conv import unbatched
from .sizes import ntuple


def max_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest of each window, (N, C, L) -> (N, C, OL); stride is kernel_size unless given.

    return_indices: also where it stood.
    """
    steps = (kernel_size, stride, padding, dilation)
    return _max_pool("max_pool1d", 1, input, *steps, ceil_mode, return_indices)


def max_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest of each window, (N, C, H, W) -> (N, C, OH, OW), as `max_pool1d`.

    return_indices: also where it stood, counting row by row within the plane of its channel.
    """
    steps = (kernel_size, stride, padding, dilation)
    return _max_pool("max_pool2d", 2, input, *steps, ceil_mode, return_indices)


def max_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest of each window, (N, C, D, H, W) -> (N, C, OD, OH, OW), as `max_pool2d`."""
    steps = (kernel_size, stride, padding, dilation)
    return _max_pool("max_pool3d", 3, input, *steps, ceil_mode, return_indices)


def _max_pool(
    name: str,
    n: int,
    x: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    window = {
        "kernel_size": ntuple(kernel_size, n),
        "stride": ntuple(kernel_size if stride in (None, [], ()) else stride, n),
        "padding": ntuple(padding, n),
        "dilation": ntuple(dilation, n),
    }

    def pool(batch: Tensor) -> Any:
        y, tap = kernels.max_pool(batch, **window, ceil_mode=ceil_mode)
        return (y, kernels.tap_index(tap, size=x.shape[-n:], **window)) if return_indices else y

    return batched(name, x, n, pool)


def batched(name: str, x: Tensor, n: int, function: Callable[[Tensor], Any]) -> Any:
    """`function` of a batch; one image becomes a batch of one, and its results images again."""
    if not unbatched(name, x, n):
        return function(x)
    result = function(np.expand_dims(x, 0))
    return tuple(y[0] for y in result) if isinstance(result, tuple) else result[0]


def avg_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window, (N, C, L) -> (N, C, OL); stride is kernel_size unless given.

    count_include_pad: padding counts as zeros; otherwise not at all.
    """
    options = (kernel_size, stride, padding, ceil_mode, count_include_pad)
    return _avg_pool("avg_pool1d", 1, input, *options)


def avg_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window, (N, C, H, W) -> (N, C, OH, OW), as `avg_pool1d`.

    divisor_override: divide the sum by this instead of by the number of values.
    """
    options = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
    return _avg_pool("avg_pool2d", 2, input, *options)


def avg_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window, (N, C, D, H, W) -> (N, C, OD, OH, OW), as `avg_pool2d`."""
    options = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
    return _avg_pool("avg_pool3d", 3, input, *options)


def _avg_pool(
    name: str,
    n: int,
    x: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None = None,
) -> Tensor:
    window = ntuple(kernel_size, n)

    strides = window if stride in (None, [], ()) else ntuple(stride, n)
    paddings = ntuple(padding, n)
    included = count_include_pad or divisor_override is not None

    def pool(batch: Tensor) -> Tensor:
        return kernels.avg_pool(
            batch,
            kernel_size=window,
            stride=strides,
            padding=paddings,
            ceil_mode=ceil_mode,
            count_include_pad=included,
        )

    if x.dtype.kind in "iu":  # the quotients of integers, cut off towards 0
        options = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
        return np.astype(_avg_pool(name, n, np.astype(x, np.float64), *options), x.dtype)
    y = batched(name, x, n, pool)
    if divisor_override is None:
        return y
    if divisor_override == 0:
        raise RuntimeError(f"{name}: divisor must be not zero")
    view = Window(window, strides, paddings, (1,) * n)
    count = counts(tuple(x.shape[-n:]), view, tuple(y.shape[-n:]), True)
    return y * Tensor(np.asarray(count / divisor_override, y.dtype, like=y.array))


#: PyTorch's names for the same with the places of the values
max_pool1d_with_indices = partial(max_pool1d, return_indices=True)
max_pool2d_with_indices = partial(max_pool2d, return_indices=True)
max_pool3d_with_indices = partial(max_pool3d, return_indices=True)
