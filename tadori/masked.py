"""Reductions and normalisations that leave elements out: those where `mask` is False.

A mask broadcasts to the input; without one all elements count. What nothing is left of gets the
value with which the operation begins (0 for a sum), or NaN where there is none (of a mean).
`MaskedTensor` is absent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .dtype import is_floating
from .nn import functional as F
from .tensor import Tensor

Dims = int | Sequence[int] | None

__all__ = [
    "sum",
    "prod",
    "mean",
    "median",
    "var",
    "std",
    "norm",
    "amax",
    "amin",
    "argmax",
    "argmin",
    "logsumexp",
    "cumsum",
    "cumprod",
    "softmax",
    "softmin",
    "log_softmax",
    "normalize",
    "logaddexp",
    "masked_tensor",
    "as_masked_tensor",
    "is_masked_tensor",
]


def boolean(input: Tensor, mask: Tensor) -> Tensor:
    """The mask in the shape of the input, of booleans."""
    if mask.ndim > input.ndim:
        raise IndexError(
            "expected broadcastable mask (got mask dimensionality higher than of the input): mask "
            f"{tuple(mask.shape)}, input {tuple(input.shape)}"
        )
    return mask.bool().broadcast_to(input.shape)


def _input_mask(input: Tensor, *args: Any, **options: Any) -> Tensor:
    """The `mask` among the options of an operation, in the shape of the input; True without one."""
    mask = options.get("mask")
    if mask is None:
        return Tensor(np.ones(input.shape, bool))
    return boolean(input, mask)


def _output_mask(op: Any, input: Tensor, *args: Any, **options: Any) -> Tensor:
    """Which elements of the result of an operation come from something that takes part."""
    there = _input_mask(input, *args, **options)
    if op.__name__ in ("softmax", "log_softmax", "softmin", "normalize", "cumsum", "cumprod"):
        return there
    rest = args[1:] if op.__name__ == "norm" else args  # its order comes first
    dim = rest[0] if rest else options.get("dim")
    keepdim = bool(options.get("keepdim", False))
    return Tensor(np.asarray(np.any(there.array, axes(input, dim), keepdims=keepdim)))


def filled(input: Tensor, mask: Tensor | None, value: Any) -> Tensor:
    """The input with `value` in the place of what is left out."""
    if mask is None:
        return input
    return Tensor.where(input, boolean(input, mask), value)


def least(input: Tensor) -> Any:
    """What no element is below."""
    if is_floating(input.dtype):
        return -math.inf
    return False if input.dtype.kind == "b" else int(np.iinfo(input.dtype).min)


def greatest(input: Tensor) -> Any:
    """What no element is above."""
    if is_floating(input.dtype):
        return math.inf
    return True if input.dtype.kind == "b" else int(np.iinfo(input.dtype).max)


def axes(input: Tensor, dim: Dims) -> tuple[int, ...]:
    """The axes that `dim` names, all for None and (). Raises RuntimeError for one named twice."""
    given = (dim,) if isinstance(dim, int) else dim
    if not given:
        return tuple(range(input.ndim))
    n = max(input.ndim, 1)
    found = []
    for axis in given:
        if not -n <= axis < n:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got "
                f"{axis})"
            )
        if axis % n in found:
            raise RuntimeError(f"dim={axis % n} appears multiple times in the list of dims")
        found.append(axis % n)
    return tuple(found) if input.ndim else ()


def wide(input: Tensor, dtype: Any) -> Any:
    """The dtype of a sum: integers are summed as int64."""
    if dtype is not None:
        return dtype
    return np.dtype(np.int64) if input.dtype.kind in "iub" else input.dtype


def as_type(y: Any, dtype: Any) -> Any:
    """The result in a dtype, or as it is."""
    return y if dtype is None else y.to(dtype)


def sum(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The sum over some or all axes."""
    x = filled(input, mask, 0).to(wide(input, dtype))
    return x.sum(axes(input, dim), bool(keepdim)) if input.ndim else x


def prod(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The product over some or all axes."""
    y = filled(input, mask, 1).to(wide(input, dtype))
    for axis in sorted(axes(input, dim), reverse=True):
        y = y.prod(axis, bool(keepdim))
    return y


def counted(input: Tensor, dim: Dims, keepdim: bool | None, mask: Tensor | None) -> Tensor:
    """How many elements take part."""
    there = np.ones(input.shape, bool) if mask is None else boolean(input, mask).array
    return Tensor(np.asarray(np.sum(there, axes(input, dim), keepdims=bool(keepdim))))


def mean(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The mean over some or all axes; NaN where nothing takes part."""
    kind = np.dtype(input.dtype if dtype is None else dtype)
    if not is_floating(kind) and kind.kind != "c":
        raise ValueError(
            "mean(): Could not infer output dtype. It must be either a floating point or complex "
            f"dtype. Got: {kind}"
        )
    total = sum(input, dim, keepdim=keepdim, dtype=dtype, mask=mask)
    return total / counted(input, dim, keepdim, mask)


def median(
    input: Tensor,
    dim: int = -1,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The median along an axis, the lower one of two; NaN where nothing takes part."""
    floating = is_floating(input.dtype)
    x = filled(input if floating else input.float(), mask, math.nan)
    y: Any = x.nanmedian(axes(input, dim)[0] if input.ndim else -1, keepdim)[0]
    if floating:
        return y
    if bool(y.isnan().any()):
        raise ValueError(
            "masked median expects no fully masked out rows if dtype is not floating point"
        )
    return y.to(input.dtype if dtype is None else dtype)


def spread(
    input: Tensor,
    dim: Dims,
    correction: float,
    keepdim: bool | None,
    dtype: Any,
    mask: Tensor | None,
) -> Tensor:
    """The sum of the squared distances from the mean, over the count less `correction`."""
    if dtype is None:
        plain = is_floating(input.dtype) or input.dtype.kind == "c"
        dtype = input.dtype if plain else np.dtype(np.float32)
    total = sum(input, dim, keepdim=True, dtype=dtype, mask=mask)
    x = input - total / counted(input, dim, True, mask)
    squares = sum(x * x.conj(), dim, keepdim=keepdim, dtype=dtype, mask=mask)
    count = counted(input, dim, keepdim, mask).to(squares.real.dtype)
    return (squares / (count - correction).clamp(min=0)).to(dtype)


def degrees(unbiased: bool | None, correction: float | None) -> float:
    """What is taken off the count: 1, unless said otherwise."""
    if unbiased is not None and correction is not None:
        raise AssertionError("Only one of unbiased and correction may be given")
    if correction is not None:
        return float(correction)
    return 0.0 if unbiased is False else 1.0


def var(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The variance over some or all axes; the count is reduced by `correction`, by default 1."""
    return spread(input, dim, degrees(unbiased, correction), keepdim, dtype, mask)


def std(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The root of `var`."""
    return spread(input, dim, degrees(unbiased, correction), keepdim, dtype, mask).sqrt()


def norm(
    input: Tensor,
    ord: float | None = 2.0,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The norm of order `ord` over some or all axes, as of vectors."""
    x = as_type(filled(input, mask, math.inf if ord == -math.inf else 0), dtype)
    order: Any = 2.0 if ord is None else ord
    named: Any = axes(input, dim) or None
    return np.linalg.vector_norm(x, ord=order, axis=named, keepdims=bool(keepdim))


def amax(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The largest element over some or all axes."""
    return as_type(filled(input, mask, least(input)).amax(axes(input, dim), bool(keepdim)), dtype)


def amin(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The smallest element over some or all axes."""
    x = filled(input, mask, greatest(input))
    return as_type(x.amin(axes(input, dim), bool(keepdim)), dtype)


def argmax(
    input: Tensor,
    dim: int | None = None,
    *,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Where the largest element stands, in the dtype of the input unless another is asked for."""
    y = filled(input, mask, least(input)).argmax(dim, bool(keepdim))
    return y.to(input.dtype if dtype is None else dtype)


def argmin(
    input: Tensor,
    dim: int | None = None,
    *,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Where the smallest element stands, in the dtype of the input unless another is asked for."""
    y = filled(input, mask, greatest(input)).argmin(dim, bool(keepdim))
    return y.to(input.dtype if dtype is None else dtype)


def logsumexp(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """log(sum(e^x)) over some or all axes."""
    y = filled(input, mask, least(input)).logsumexp(axes(input, dim), keepdim)
    return y.to(input.dtype if dtype is None else dtype)


def cumsum(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """The sums up to each element along an axis."""
    kind = input.dtype if dtype is None else dtype
    return filled(input, mask, 0).to(kind).cumsum(dim).to(kind)


def cumprod(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """The products up to each element along an axis."""
    kind = input.dtype if dtype is None else dtype
    return filled(input, mask, 1).to(kind).cumprod(dim).to(kind)


def softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """e^x / sum(e^x) along an axis."""
    return F.softmax(filled(input, mask, least(input)), dim, dtype=dtype)


def log_softmax(
    input: Tensor,
    dim: int,
    *,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """x - log(sum(e^x)) along an axis."""
    return F.log_softmax(filled(input, mask, least(input)), dim, dtype=dtype)


def softmin(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """softmax(-x) along an axis."""
    return F.softmin(filled(input, mask, greatest(input)), dim, dtype=dtype)


def normalize(
    input: Tensor,
    ord: float,
    dim: int,
    *,
    eps: float = 1e-12,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """x / max(|x|, eps) along an axis, by the norm of order `ord`."""
    length = norm(input, ord, dim, keepdim=True, dtype=dtype, mask=mask)
    return filled(input, mask, 0) / length.clamp(min=eps)


def logaddexp(
    input: Tensor,
    other: Tensor,
    *,
    dtype: Any = None,
    input_mask: Tensor | None = None,
    other_mask: Tensor | None = None,
) -> Tensor:
    """log(e^a + e^b), each with a mask of its own."""
    a, b = filled(input, input_mask, -math.inf), filled(other, other_mask, -math.inf)
    return a.logaddexp(b).to(input.dtype if dtype is None else dtype)


def masked_tensor(*args: Any, **kwargs: Any) -> Any:
    """Absent: a tensor that carries its mask along."""
    raise NotImplementedError(
        "masked tensors are absent. Remedy: keep the mask by the tensor, and give it to the "
        "functions of tadori.masked"
    )


as_masked_tensor = masked_tensor


def is_masked_tensor(obj: Any) -> bool:
    """False: there are no masked tensors."""
    return False
