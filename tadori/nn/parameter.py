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
