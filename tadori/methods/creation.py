"""New tensors of a tensor's own dtype and device."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from ..layout import takes_hints


class Creation:
    """`new_zeros` and its relatives. What they make has no history."""

    __slots__ = ()

    @takes_hints
    def new_zeros(
        self,
        *size: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Any:
        """Zeros of this size, in this tensor's dtype and on its device unless said otherwise."""
        new = np.zeros_like(self, dtype, shape=shape_of(size))
        return finish(new, device, requires_grad)

    @takes_hints
    def new_ones(
        self,
        *size: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Any:
        """Ones of this size, in this tensor's dtype and on its device unless said otherwise."""
        new = np.ones_like(self, dtype, shape=shape_of(size))
        return finish(new, device, requires_grad)

    @takes_hints
    def new_empty(
        self,
        *size: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Any:
        """Memory of this size, not yet written."""
        new = np.empty_like(self, dtype, shape=shape_of(size))
        return finish(new, device, requires_grad)

    @takes_hints
    def new_full(
        self,
        size: Any,
        fill_value: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Any:
        """This size, filled with `fill_value`, in this tensor's dtype and on its device."""
        new = np.full_like(self, fill_value, dtype, shape=shape_of((size,)))
        return finish(new, device, requires_grad)

    @takes_hints
    def new_tensor(
        self,
        data: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Any:
        """A copy of `data` in this tensor's dtype and on its device unless said otherwise."""
        array = data.array if hasattr(data, "array") else np.asarray(data)
        given = getattr(data, "dtype", None)
        new: Any = np.empty_like(self, dtype or given, shape=array.shape)  # type: ignore[arg-type]
        new.array[...] = array
        return finish(new, device, requires_grad)


def finish(tensor: Any, device: Any, requires_grad: bool) -> Any:
    """`tensor` on `device`, if one is named, and asked for a gradient, if so wished."""
    if device is not None:
        tensor = tensor.to(device)
    return tensor.requires_grad_() if requires_grad else tensor


def shape_of(size: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape meant by `f(2, 3)`, `f((2, 3))`, `f([2, 3])`: the arguments that came in."""
    if len(size) == 1 and isinstance(size[0], tuple | list):
        size = tuple(size[0])
    try:
        shape = tuple(map(index, size))
    except TypeError:
        raise TypeError(f"size: expected integers, or one tuple of them, got {size}") from None
    if any(n < 0 for n in shape):
        raise RuntimeError(f"size: no axis can have a negative size, got {shape}")
    return shape
