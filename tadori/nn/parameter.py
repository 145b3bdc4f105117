"""Parameter: a tensor that a module owns and training changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..device import device as Device
from ..device import to_device
from ..dtype import get_default_dtype
from ..tensor import Tensor


class Parameter(Tensor):
    """A leaf that asks for its gradient, and that a `Module` finds among its attributes.

    data: a Tensor or an array, whose memory is shared, not copied; None gives an empty one.
    """

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        super().__init__(np.empty(0, get_default_dtype()) if data is None else data)
        if requires_grad:
            self.requires_grad_()


def new_tensor(
    shape: Sequence[int], device: str | Device | None = None, dtype: Any = None
) -> Tensor:
    """Zeros of a floating-point dtype (by default the default one), for an initialiser to fill."""
    array = np.zeros(tuple(shape), get_default_dtype() if dtype is None else dtype)
    return Tensor(array if device is None else to_device(array, device))


def new_parameter(
    shape: Sequence[int], device: str | Device | None = None, dtype: Any = None
) -> Parameter:
    """A Parameter of zeros, for an initialiser to fill."""
    return Parameter(new_tensor(shape, device, dtype))


class Buffer(Tensor):
    """A tensor that becomes a buffer where it is assigned to a module's attribute.

    persistent: whether `state_dict` has it.
    """

    def __init__(self, data: Any = None, *, persistent: bool = True) -> None:
        super().__init__(np.empty(0, get_default_dtype()) if data is None else data)
        self.persistent = persistent


class Uninitialized:
    """What parameters and buffers share that wait for their shape."""

    array: Any
    requires_grad: bool
    requires_grad_: Any

    def materialize(self, shape: Sequence[int], device: Any = None, dtype: Any = None) -> None:
        """Give it a shape, and zeros for an initialiser to fill; it is then a plain one."""
        kind = self.array.dtype if dtype is None else dtype
        array = np.zeros(tuple(shape), kind)
        wanted = self.requires_grad
        self.requires_grad_(False)  # it forgets the leaf of the old shape
        self.array = array if device is None else to_device(array, device)
        self.requires_grad_(wanted)
        self.__class__ = self.cls_to_become  # type: ignore[attr-defined, assignment]

    @property
    def shape(self) -> Any:
        """There is none yet."""
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. Remedy: call the "
            "lazy module once with an input"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(Uninitialized, Parameter):
    """A Parameter whose shape is not known yet: that of a lazy module before its first call."""

    cls_to_become = Parameter

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(new_tensor((0,), device, dtype), requires_grad)


class UninitializedBuffer(Uninitialized, Tensor):
    """A buffer whose shape is not known yet."""

    cls_to_become = Tensor

    def __init__(
        self,
        requires_grad: bool = False,
        device: Any = None,
        dtype: Any = None,
        persistent: bool = True,
    ) -> None:
        super().__init__(new_tensor((0,), device, dtype))
        self.persistent = persistent


def is_lazy(tensor: Any) -> bool:
    """Whether it waits for its shape."""
    return isinstance(tensor, Uninitialized)
