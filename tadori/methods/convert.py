"""Methods that copy, or give the same numbers another dtype or device."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtype as types
from ..device import device as Device
from ..device import device_of, to_device
from ..dispatch import operations
from ..kernels import halves

#: PyTorch's names of the tensor types
NAMES = {
    types.float16: "Half",
    types.float32: "Float",
    types.float64: "Double",
    types.uint8: "Byte",
    types.int8: "Char",
    types.int16: "Short",
    types.int32: "Int",
    types.int64: "Long",
    types.bool_: "Bool",
    types.complex64: "ComplexFloat",
    types.complex128: "ComplexDouble",
}


class Conversions:
    """Another dtype, another device, another copy. What is there already is given as it is."""

    __slots__ = ()

    def to(self: Any, *args: Any, dtype: Any = None, device: Any = None, **options: Any) -> Any:
        """In another dtype, on another device, or both: to(dtype), to(device), to(device, dtype).

        A tensor as argument stands for its dtype and device. With copy=True the result is a copy
        even if nothing changes; other options of PyTorch's are accepted. The gradient comes back
        in the dtype, and to the device, of `self`.
        """
        for given in args:
            if hasattr(given, "array"):
                dtype, device = given.dtype, given.device
            elif isinstance(given, str | Device) or type(given) is int:
                device = given
            elif type(given) is not bool:
                dtype = given
        result = self
        if dtype is not None and self.dtype != dtype:
            result = np.astype(result, dtype)
        where = None if device is None else placed(device)
        if where is not None and where != device_of(self.array):
            result = operations[to_device](result, where=where)
        return result.clone() if result is self and options.get("copy") else result

    def cpu(self: Any, **options: Any) -> Any:
        """In the memory of the CPU."""
        return self.to("cpu", **options)

    def cuda(self: Any, device: Any = None, **options: Any) -> Any:
        """In the memory of a GPU: the first one, or number `device`."""
        return self.to("cuda" if device is None else device, **options)

    def type(self: Any, dtype: Any = None, **options: Any) -> Any:
        """In another dtype; without one, the name of the type, such as "tadori.FloatTensor"."""
        if dtype is not None:
            return self.to(dtype=dtype, **options)
        room = "tadori" if self.device.type == "cpu" else "tadori.cuda"
        return f"{room}.{NAMES.get(self.dtype, str(self.dtype))}Tensor"

    def type_as(self: Any, other: Any) -> Any:
        """In the dtype of `other`, and on its device."""
        return self.to(other)

    def is_floating_point(self: Any) -> Any:
        """Whether it holds real floating-point numbers."""
        return types.is_floating_point(self)

    def is_complex(self: Any) -> Any:
        """Whether it holds complex numbers."""
        return types.is_complex(self)

    def is_signed(self: Any) -> Any:
        """Whether it can hold negative numbers."""
        return self.dtype.kind not in "bu"

    def clone(self: Any, **options: Any) -> Any:
        """A copy in memory of its own; the gradient passes through to `self`."""
        return np.copy(self)

    def contiguous(self: Any, **options: Any) -> Any:
        """In C order: itself if it is so already, else a copy."""
        if self.array.flags.c_contiguous:
            return self
        return np.copy(self, order="C")

    def double(self: Any, **options: Any) -> Any:
        """In float64."""
        return self.to(types.float64)

    def bfloat16(self: Any, **options: Any) -> Any:
        """In bfloat16, which needs the package ml_dtypes."""
        return self.to(halves.bfloat16())

    def half(self: Any, **options: Any) -> Any:
        """In float16."""
        return self.to(types.float16)

    def cfloat(self: Any, **options: Any) -> Any:
        """In complex64."""
        return self.to(types.complex64)

    def chalf(self: Any, **options: Any) -> Any:
        """PyTorch's complex numbers of two float16: NumPy has none."""
        raise NotImplementedError("chalf: there is no complex32. Remedy: use cfloat()")

    def cdouble(self: Any, **options: Any) -> Any:
        """In complex128."""
        return self.to(types.complex128)

    def byte(self: Any, **options: Any) -> Any:
        """In uint8, without the fractions."""
        return self.to(types.uint8)

    def char(self: Any, **options: Any) -> Any:
        """In int8, without the fractions."""
        return self.to(types.int8)

    def short(self: Any, **options: Any) -> Any:
        """In int16, without the fractions."""
        return self.to(types.int16)

    def long(self: Any, **options: Any) -> Any:
        """In int64, without the fractions."""
        return self.to(types.int64)

    # These three have the names of Python's own; from here on they mean the methods.

    def float(self: Any, **options: Any) -> Any:
        """In float32."""
        return self.to(types.float32)

    def int(self: Any, **options: Any) -> Any:
        """In int32, without the fractions."""
        return self.to(types.int32)

    def bool(self: Any, **options: Any) -> Any:
        """Whether the entries are not 0."""
        return self.to(types.bool_)


def placed(device: Any) -> Device:
    """A device, from its name or the number of a GPU as well."""
    return Device("cuda", device) if isinstance(device, int) else Device(device)
