"""Pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import kernels
from ...tensor import Tensor
from ..language import np
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
        "stride": ntuple(kernel_size if stride in (None, []) else stride, n),
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

    def pool(batch: Tensor) -> Tensor:
        return kernels.avg_pool(
            batch,
            kernel_size=window,
            stride=window if stride in (None, []) else ntuple(stride, n),
            padding=ntuple(padding, n),
            ceil_mode=ceil_mode and divisor_override is None,
            count_include_pad=count_include_pad or divisor_override is not None,
        )

    if divisor_override is not None and ceil_mode:
        raise NotImplementedError(f"{name}: divisor_override with ceil_mode is not supported")
    y = batched(name, x, n, pool)
    return y if divisor_override is None else y * (np.prod(window).item() / divisor_override)


# Adaptive: the output size is given, the windows follow from it.


def windows(n: int, out: int) -> list[tuple[int, int]]:
    """(start, end) of `out` windows that cover n points: as equal as they can be."""
    return [(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """The means of output_size windows that cover the axis: (N, C, L) -> (N, C, OL)."""
    return _adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The means of as many windows as output_size says; None keeps that size: -> (N, C, OH, OW)."""
    return _adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """The means of as many windows as output_size says; -> (N, C, OD, OH, OW)."""
    return _adaptive_avg_pool("adaptive_avg_pool3d", 3, input, output_size)


def _adaptive_avg_pool(name: str, n: int, x: Tensor, output_size: Any) -> Tensor:
    unbatched(name, x, n)
    size = x.shape[-n:]
    out = adaptive_size(size, output_size)
    if all(o > 0 and s % o == 0 for s, o in zip(size, out)):
        window = tuple(s // o for s, o in zip(size, out))
        return _avg_pool(name, n, x, window, window, 0, False, True)
    for axis, o in zip(range(-n, 0), out):
        # each mean is a row of a matrix, so along each axis the pooling is a product
        rows = np.zeros((x.shape[axis], o), x.dtype)
        for i, (start, end) in enumerate(windows(x.shape[axis], o)):
            rows[start:end, i] = 1 / (end - start)
        matrix = Tensor(np.asarray(rows, like=x.array))
        x = np.swapaxes(np.matmul(np.swapaxes(x, axis, -1), matrix), axis, -1)
    return x


def adaptive_size(size: tuple[int, ...], output_size: Any) -> tuple[int, ...]:
    """The output size, with the image's own where None was given."""
    wanted = output_size if isinstance(output_size, list | tuple) else [output_size] * len(size)
    return tuple(s if o is None else int(o) for s, o in zip(size, wanted, strict=True))


def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima of output_size windows that cover the axis: (N, C, L) -> (N, C, OL)."""
    return _adaptive_max_pool("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima of as many windows as output_size says; -> (N, C, OH, OW)."""
    return _adaptive_max_pool("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima of as many windows as output_size says; -> (N, C, OD, OH, OW)."""
    return _adaptive_max_pool("adaptive_max_pool3d", 3, input, output_size, return_indices)


def _adaptive_max_pool(name: str, n: int, x: Tensor, output_size: Any, return_indices: bool) -> Any:
    unbatched(name, x, n)
    size = x.shape[-n:]
    out = adaptive_size(size, output_size)
    if all(o > 0 and s % o == 0 for s, o in zip(size, out)):
        window = tuple(s // o for s, o in zip(size, out))
        return _max_pool(name, n, x, window, window, 0, 1, False, return_indices)
    if return_indices:
        raise NotImplementedError(
            f"{name}: return_indices needs sizes {size} that are multiples of output_size {out}"
        )
    for axis, o in zip(range(-n, 0), out):
        every = [slice(None)] * (x.ndim + axis)
        parts = [slice(start, end) for start, end in windows(x.shape[axis], o)]
        x = np.stack([np.max(x[(*every, part)], axis=axis) for part in parts], axis=axis)
    return x
