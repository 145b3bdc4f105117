"""What a PyTorch file may name, and what each name stands for: the whole list."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import bfloat
from ..device import device as Device
from ..dtype import holds_numbers
from ..tensor import Tensor
from .pickles import Refused, Waiting

__all__ = ["known", "STORAGES", "Storage", "element_type"]

#: dtype -> the name of PyTorch's storage for it
STORAGES = {
    "bool": "BoolStorage",
    "uint8": "ByteStorage",
    "int8": "CharStorage",
    "int16": "ShortStorage",
    "int32": "IntStorage",
    "int64": "LongStorage",
    "float16": "HalfStorage",
    "bfloat16": "BFloat16Storage",
    "float32": "FloatStorage",
    "float64": "DoubleStorage",
    "complex64": "ComplexFloatStorage",
    "complex128": "ComplexDoubleStorage",
}
BYTES = "UntypedStorage"  # whose tensors say the dtype themselves
DTYPES = {name: dtype for dtype, name in STORAGES.items()} | {BYTES: "uint8"}


@dataclass(frozen=True)
class Storage:
    """A flat array, a part of which is a tensor's."""

    kind: str
    array: Any


def element_type(kind: str) -> Any:
    """The dtype of a storage's elements."""
    return numpy_dtype(DTYPES[kind])


def numpy_dtype(name: str) -> Any:
    """NumPy's dtype of this name; bfloat16 is ml_dtypes'."""
    if name == "bfloat16":
        try:
            return bfloat.bfloat16
        except AttributeError as error:
            raise ValueError(f"it holds bfloat16 tensors. {error}") from None
    return np.dtype(name)


# ---------------------------------------------------------------------------------- PyTorch tensors


def tensor(
    storage: Any,
    offset: Any,
    size: Any,
    stride: Any,
    requires_grad: Any = False,
    hooks: Any = None,
    metadata: Any = None,
) -> Tensor:
    """A view of a storage as a Tensor. Raises ValueError if it would reach out of it."""
    return viewed(storage, offset, size, stride, requires_grad, None, metadata)


def tensor_with_dtype(
    storage: Any,
    offset: Any,
    size: Any,
    stride: Any,
    requires_grad: Any,
    hooks: Any,
    dtype: Any,
    metadata: Any = None,
) -> Tensor:
    """A view of a storage of bytes."""
    return viewed(storage, offset, size, stride, requires_grad, dtype, metadata)


def viewed(
    storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, dtype: Any, metadata: Any
) -> Tensor:
    """Elements of a storage, from an offset on, at strides counted in elements."""
    if not isinstance(storage, Storage):
        raise TypeError(f"a tensor of {type(storage).__name__}")
    array = storage.array
    if dtype is not None:
        array = array.view(numbers_only(dtype))
    if not all(type(n) is int and n >= 0 for n in (offset, *size, *stride)):
        raise ValueError(f"a tensor of size {size} with strides {stride} at {offset}")
    width = array.dtype.itemsize
    steps = [n * width for n in stride]
    # NumPy checks that no element lies outside of the storage.
    found = np.ndarray(tuple(size), array.dtype, array, offset * width, steps)
    if metadata and metadata.get("conj"):
        found = found.conj()
    if metadata and metadata.get("neg"):
        found = -found
    result = Tensor(found)
    return result.requires_grad_() if requires_grad is True else result


def parameter(data: Any, requires_grad: Any, hooks: Any = None, state: Any = None) -> Any:
    """A Parameter."""
    from ..nn import Parameter

    return Parameter(data, requires_grad is True)


def of_type(function: Any, kind: Any, arguments: Any, state: Any) -> Any:
    """A tensor of a subclass; here, a plain one."""
    if function not in (tensor, tensor_with_dtype, parameter):
        raise Refused(f"it builds a tensor by {function!r}")
    return function(*arguments)


# ----------------------------------------------------------------------------------- NumPy's arrays


class NewArray(Waiting):
    """An array that waits for its state: NumPy's pickles make them so."""

    def __init__(self, *ignored: Any) -> None:
        pass

    def built(self, state: Any) -> Any:
        """The array. Raises ValueError if its bytes are not as many as its shape says."""
        _, shape, dtype, in_columns, data = state
        dtype = numbers_only(dtype)
        flat = np.frombuffer(as_bytes(data), dtype).copy()
        return flat.reshape(shape, order="F" if in_columns else "C")


@dataclass(frozen=True)
class NewDtype(Waiting):
    """A dtype that waits for its byte order."""

    dtype: Any

    def built(self, state: Any) -> Any:
        """The dtype."""
        return self.dtype.newbyteorder(state[1]) if state[1] in ("<", ">") else self.dtype


def new_dtype(code: Any, *ignored: Any) -> NewDtype:
    """The beginning of a dtype."""
    return NewDtype(np.dtype(str(code)))


def scalar(dtype: Any, data: Any) -> Any:
    """A NumPy number."""
    return np.frombuffer(as_bytes(data), numbers_only(dtype), 1)[0]


def numbers_only(dtype: Any) -> Any:
    """A dtype of numbers; others are refused."""
    if not isinstance(dtype, np.dtype) or not holds_numbers(dtype):
        raise Refused(f"it has a NumPy array of {dtype}, not of numbers")
    return dtype


def as_bytes(data: Any) -> bytes:
    """Bytes; Python 2 wrote them as text."""
    return data.encode("latin1") if isinstance(data, str) else bytes(memoryview(data))


# --------------------------------------------------------------------------------------- plain data


def encode(text: Any, encoding: Any = "latin1") -> bytes:
    """Bytes, which protocol 2 writes as text."""
    return str(text).encode("utf-8" if encoding in ("utf8", "utf-8") else "latin1")


def with_default(factory: Any = None, items: Any = ()) -> Any:
    """A defaultdict whose new values are empty containers or zeros."""
    if factory not in (None, list, dict, set, int, float, tuple, str):
        raise Refused(f"it has a defaultdict of {factory!r}")
    return defaultdict(factory, items)


def device(kind: Any, index: Any = None) -> Any:
    """A device; as text where there is none of that kind here."""
    name = kind if index is None else f"{kind}:{index}"
    try:
        return Device(name)
    except RuntimeError:
        return name


def known() -> dict[str, Any]:
    """The list, with bfloat16 where ml_dtypes is installed."""
    with suppress(ValueError):
        return KNOWN | {"torch bfloat16": numpy_dtype("bfloat16")}
    return KNOWN


#: "module name" in the file -> what it stands for
KNOWN: dict[str, Any] = {
    "torch._utils _rebuild_tensor": tensor,
    "torch._utils _rebuild_tensor_v2": tensor,
    "torch._utils _rebuild_tensor_v3": tensor_with_dtype,
    "torch._utils _rebuild_parameter": parameter,
    "torch._utils _rebuild_parameter_with_state": parameter,
    "torch._tensor _rebuild_from_type_v2": of_type,
    "torch Tensor": Tensor,
    "torch.nn.parameter Parameter": Tensor,
    "torch Size": tuple,
    "torch device": device,
    **{f"torch {name}": name for name in DTYPES},
    **{f"torch.cuda {name}": name for name in DTYPES},
    f"torch.storage {BYTES}": BYTES,
    **{f"torch {name}": np.dtype(name) for name in STORAGES if name != "bfloat16"},
    **{f"torch {name}": np.dtype(name) for name in ("uint16", "uint32", "uint64")},
    "collections OrderedDict": OrderedDict,
    "collections Counter": Counter,
    "collections defaultdict": with_default,
    "builtins set": set,
    "builtins frozenset": frozenset,
    "builtins complex": complex,
    "builtins slice": slice,
    "builtins range": range,
    **{f"builtins {kind.__name__}": kind for kind in (list, dict, int, float, tuple, str, bool)},
    "_codecs encode": encode,
    "numpy ndarray": np.ndarray,
    "numpy dtype": new_dtype,
    "numpy.core.multiarray _reconstruct": NewArray,
    "numpy._core.multiarray _reconstruct": NewArray,
    "numpy.core.multiarray scalar": scalar,
    "numpy._core.multiarray scalar": scalar,
}
