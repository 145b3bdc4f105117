"""Making tensors: from data, from a shape, from another tensor."""

from __future__ import annotations

import math
import operator
from typing import Any, NoReturn

import numpy as np

from .device import array_module, to_device
from .dtype import DType, bool_, get_default_dtype, holds_numbers, int64, number_dtype, result_type
from .kernels.box_muller import fma, fma_double
from .layout import takes_hints
from .methods.creation import shape_of
from .tensor import Tensor

builtin_range = range

__all__ = [
    "tensor",
    "as_tensor",
    "asarray",
    "from_numpy",
    "zeros",
    "ones",
    "full",
    "empty",
    "eye",
    "arange",
    "linspace",
    "logspace",
    "zeros_like",
    "ones_like",
    "full_like",
    "empty_like",
    "empty_strided",
    "empty_permuted",
    "scalar_tensor",
    "range",
    "frombuffer",
    "from_dlpack",
    "tril_indices",
    "triu_indices",
]


def made(array: Any, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A leaf of `array`, moved to `device` if one is named."""
    new = Tensor(array if device is None else to_device(array, device))
    return new.requires_grad_() if requires_grad else new


# From data.


@takes_hints
def tensor(data: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A new leaf with a copy of `data`: a number, nested lists, an array, a tensor.

    Python floats take the default dtype (float32), integers int64; arrays and tensors keep theirs.
    Raises TypeError for what is not a number, ValueError for lists of unequal lengths.
    """
    return made(array_from(data, dtype, copy=True), device, requires_grad)


@takes_hints
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` as a tensor: itself if it is one already, sharing memory if it is an array, else a new
    one.
    """
    if isinstance(data, Tensor):
        if dtype is not None and data.dtype != np.dtype(dtype):
            data = np.astype(data, np.dtype(dtype))  # type: ignore[call-overload]
        here: Any = data
        return here if device is None else here.to(device)
    return made(array_from(data, dtype, copy=False), device)


def asarray(
    obj: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`as_tensor` with the choice to copy always (`copy=True`), or where needed (the default).

    Raises ValueError if `copy=False` and a copy is needed.
    """
    if copy:
        return tensor(obj, dtype, device, requires_grad)
    new = as_tensor(obj, dtype, device)
    if copy is False and not np.may_share_memory(new.array, getattr(obj, "array", obj)):
        raise ValueError("asarray: copy=False, but this object cannot become a tensor uncopied")
    return new.requires_grad_() if requires_grad else new


def from_numpy(ndarray: Any) -> Tensor:
    """A tensor on the memory of a NumPy array: a change of one is seen in the other."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(
            f"from_numpy: expected a NumPy array, got {type(ndarray).__name__}. "
            "Remedy: tadori.tensor(data)"
        )
    check_dtype(ndarray.dtype)
    return Tensor(np.asarray(ndarray))


def array_from(data: Any, dtype: Any, copy: bool) -> Any:
    """The array a tensor is made of. Not `copy`: only where there is no array to share."""
    wanted = None if dtype is None else np.dtype(dtype)
    if isinstance(data, Tensor):
        data = data.array
    if array_module(data) is not np:
        return array_module(data).array(data, dtype=wanted, copy=copy or None)
    if hasattr(data, "__array__") or hasattr(data, "__array_interface__"):
        array = np.asarray(data)
        check_dtype(array.dtype)
        native = array.dtype.newbyteorder("=") if wanted is None else wanted
        return np.array(array, dtype=native, copy=True if copy else None, order="K")
    data = with_arrays(data)
    try:
        found = np.array(data)
    except ValueError as error:
        raise ValueError(
            "tensor: the lists do not form a rectangle, or hold tensors of more than one element. "
            "Remedy: pad them to one length; join tensors with tadori.stack"
        ) from error
    plain = not hasattr(first_of(data), "dtype")
    if found.dtype.kind not in "biufc" or (plain and found.dtype.kind == "u"):
        refuse(found)
    if wanted is None and plain and found.dtype.kind in "fc":
        return found.astype(number_dtype(1j if found.dtype.kind == "c" else 1.0))
    try:
        return np.array(data, dtype=wanted)
    except OverflowError as error:
        raise RuntimeError(f"tensor: a value does not fit into {wanted} ({error})") from error


def with_arrays(data: Any) -> Any:
    """The same nested lists, with arrays in place of tensors."""
    if isinstance(data, Tensor):
        return data.array
    return type(data)(map(with_arrays, data)) if type(data) in (list, tuple) else data


def first_of(data: Any) -> Any:
    """The first thing in nested lists: Python's number, or NumPy's, which has a dtype to keep."""
    while isinstance(data, list | tuple) and data:
        data = data[0]
    return data


def refuse(found: Any) -> NoReturn:
    """Say what `found`, an array of something else than numbers, has in it."""
    things = found.ravel().tolist()
    strange = [x for x in things if not isinstance(x, int | float | complex)]
    if not strange:
        raise ValueError("tensor: an integer is too large for int64")
    what = "text" if isinstance(strange[0], str | bytes) else type(strange[0]).__name__
    raise TypeError(
        f"tensor: expected numbers, nested lists of numbers, or an array; found {what}. "
        "Remedy: turn it into numbers first"
    )


def check_dtype(dtype: DType) -> None:
    """Raise TypeError for arrays whose numbers no tensor can hold."""
    if not holds_numbers(dtype):
        raise TypeError(
            f"tensor: an array of {dtype} cannot become a tensor; bool, integers, float16 to "
            "float64 and complex numbers can. Remedy: convert it, as in array.astype('float32')"
        )


# From a shape.


def as_dtype(dtype: Any) -> DType:
    """`dtype`, or the default one if it is None."""
    return get_default_dtype() if dtype is None else np.dtype(dtype)


@takes_hints
def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros: `zeros(2, 3)` or `zeros((2, 3))`."""
    return made(np.zeros(shape_of(size), as_dtype(dtype)), device, requires_grad)


@takes_hints
def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones: `ones(2, 3)` or `ones((2, 3))`."""
    return made(np.ones(shape_of(size), as_dtype(dtype)), device, requires_grad)


@takes_hints
def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Memory of this size, not yet written: what is in it is chance."""
    return made(np.empty(shape_of(size), as_dtype(dtype)), device, requires_grad)


@takes_hints
def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of shape `size` filled with one number, whose kind decides the dtype unless one is
    given.
    """
    value = fill_value.item() if hasattr(fill_value, "item") else fill_value
    kind = number_dtype(value) if dtype is None else np.dtype(dtype)
    return made(np.full(shape_of((size,)), value, kind), device, requires_grad)


@takes_hints
def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The n x m matrix, or n x n, with ones on the diagonal and zeros elsewhere."""
    rows, columns = shape_of((n, n if m is None else m))
    return made(np.eye(rows, columns, dtype=as_dtype(dtype)), device, requires_grad)


@takes_hints
def arange(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """start, start + step, ... below `end`: `arange(end)`, `arange(start, end)`, `arange(start,
    end, step)`.

    int64 if all are integers, else the default float. Raises RuntimeError if `step` is 0 or leads
    away from `end`.
    """
    if end is None:
        start, end = 0, start
    start, end, step = (x.item() if hasattr(x, "item") else x for x in (start, end, step))
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange: from {start}, steps of {step} never reach {end}")
    kind = result_type(start, end, step) if dtype is None else np.dtype(dtype)
    kind = int64 if kind == bool_ else kind
    if kind.kind in "iu":
        start, end, step = int(start), int(end), int(step)
    count = math.ceil((end - start) / step)
    wide = np.arange(count, dtype=np.float64 if kind.kind in "fc" else np.int64)
    return made((start + wide * step).astype(kind), device, requires_grad)


@takes_hints
def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers from `start` to `end`, both included, at equal distances."""
    kind = as_dtype(dtype)
    return made(evenly(start, end, steps, kind, "linspace"), device, requires_grad)


@takes_hints
def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers from base^start to base^end, both included, at equal ratios."""
    kind = as_dtype(dtype)
    if kind.kind in "iu":
        start, end = int(start), int(end)
    numbers = base ** evenly(start, end, steps, np.dtype(np.float64), "logspace")
    return made(numbers.astype(kind), device, requires_grad)


def evenly(start: Any, end: Any, steps: int, kind: DType, name: str) -> Any:
    """Numbers from start to end; the second half counted back from `end`, so that `end` is met
    exactly. float32 and float64 have PyTorch's bits, of fused multiply-adds.
    """
    if operator.index(steps) < 0:
        raise RuntimeError(f"{name}: the number of steps cannot be negative, got {steps}")
    work = kind if kind.kind == "f" and kind.itemsize > 2 else np.dtype(np.float64)
    start, end = (work.type(int(x) if kind.kind in "iu" else x) for x in (start, end))
    step = (end - start) / work.type(max(steps - 1, 1))
    i = np.arange(steps).astype(work)
    fused = fma if work == np.float32 else fma_double
    forth, back = fused(i, step, start), fused(i[::-1], -step, end)
    return np.where(np.arange(steps) < max(steps // 2, steps == 1), forth, back).astype(
        kind, copy=False
    )


@takes_hints
def empty_strided(
    size: Any,
    stride: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Memory of this size with these steps between neighbours, not yet written."""
    line = empty_line(size, stride, as_dtype(dtype))
    return made(line, device, requires_grad)


def empty_line(size: Any, stride: Any, dtype: DType) -> Any:
    """The array of `empty_strided`."""
    shape, steps = shape_of((size,)), tuple(stride)
    if len(shape) != len(steps) or any(step < 0 for step in steps):
        raise RuntimeError(
            f"empty_strided: size {shape} and stride {steps} must have one length, and no stride "
            "may be negative"
        )
    last = sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
    line = np.empty(last + 1 if math.prod(shape) else 0, dtype)
    return np.ndarray(shape, dtype, line, strides=[step * dtype.itemsize for step in steps])


@takes_hints
def empty_permuted(
    size: Any,
    physical_layout: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Memory of this size whose axes lie in the order `physical_layout`, not yet written."""
    shape, order = shape_of((size,)), tuple(physical_layout)
    if sorted(order) != [*builtin_range(len(shape))]:
        raise RuntimeError(
            f"empty_permuted: {order} is not an order of the {len(shape)} dimensions of {shape}"
        )
    array = np.empty([shape[i] for i in order], as_dtype(dtype))
    return made(array.transpose(np.argsort(order)), device, requires_grad)


@takes_hints
def scalar_tensor(
    s: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A number as a tensor without dimensions, in the default dtype unless one is given."""
    return made(np.full((), s, as_dtype(dtype)), device, requires_grad)


@takes_hints
def range(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """start, start + step, ... up to `end`, which is included: PyTorch's old `arange`."""
    if end is None:
        raise TypeError("range: it needs an end. Remedy: arange(end)")
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"range: from {start}, steps of {step} never reach {end}")
    places = np.arange(int((end - start) / step) + 1)
    return made((start + places * step).astype(as_dtype(dtype)), device, requires_grad)


def frombuffer(
    buffer: Any,
    *,
    dtype: Any,
    count: int = -1,
    offset: int = 0,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor on the memory of an object with the buffer protocol, such as a bytearray."""
    return made(np.frombuffer(buffer, np.dtype(dtype), count, offset), None, requires_grad)


def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor on the memory of another library's array on the CPU, through DLPack: no copy."""
    if isinstance(ext_tensor, Tensor):
        return ext_tensor.detach()
    return Tensor(np.from_dlpack(ext_tensor))


@takes_hints
def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = np.int64, device: Any = None
) -> Tensor:
    """The places, (2, N): rows and columns, on and below a diagonal of a row x col matrix."""
    return made(np.stack(np.tril_indices(row, offset, col)).astype(dtype), device)


@takes_hints
def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = np.int64, device: Any = None
) -> Tensor:
    """The places, (2, N): rows and columns, on and above a diagonal of a row x col matrix."""
    return made(np.stack(np.triu_indices(row, offset, col)).astype(dtype), device)


# From another tensor: its shape, dtype and device, unless said otherwise.


def like(fill: Any, x: Any, dtype: Any, device: Any, requires_grad: bool, *value: Any) -> Tensor:
    """What the NumPy function `fill` makes of `x`."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{fill.__name__}: expected a Tensor, got {type(x).__name__}")
    return made(fill(x, *value, dtype=dtype).array, device, requires_grad)


@takes_hints
def zeros_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Zeros of the shape, dtype and device of `input`."""
    return like(np.zeros_like, input, dtype, device, requires_grad)


@takes_hints
def ones_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Ones of the shape, dtype and device of `input`."""
    return like(np.ones_like, input, dtype, device, requires_grad)


@takes_hints
def empty_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Memory of the shape, dtype and device of `input`, not yet written."""
    return like(np.empty_like, input, dtype, device, requires_grad)


@takes_hints
def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`fill_value` in the shape, dtype and device of `input`."""
    return like(np.full_like, input, dtype, device, requires_grad, fill_value)
