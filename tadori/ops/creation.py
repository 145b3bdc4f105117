"""Tensors shaped like another one. They have no history: none of its values is in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dispatch import implements
from ..tensor import Tensor


@implements(np.zeros_like)
def zeros_like(
    x: Any,
    dtype: Any = None,
    *,
    shape: Any = None,
    **layout: Any,
) -> Any:
    """Zeros."""
    return Tensor(np.zeros_like(x.array, dtype=dtype, shape=shape, **layout))


@implements(np.ones_like)
def ones_like(
    x: Any,
    dtype: Any = None,
    *,
    shape: Any = None,
    **layout: Any,
) -> Any:
    """Ones."""
    return Tensor(np.ones_like(x.array, dtype=dtype, shape=shape, **layout))


@implements(np.empty_like)
def empty_like(
    x: Any,
    dtype: Any = None,
    *,
    shape: Any = None,
    **layout: Any,
) -> Any:
    """Memory that nobody has written yet."""
    return Tensor(np.empty_like(x.array, dtype=dtype, shape=shape, **layout))


@implements(np.full_like)
def full_like(
    x: Any,
    value: Any,
    dtype: Any = None,
    *,
    shape: Any = None,
    **layout: Any,
) -> Any:
    """`value` everywhere: a number, or a tensor of one element that needs no gradient."""
    if isinstance(value, Tensor):
        value = value.item()
    x = getattr(x, "array", x)
    return Tensor(np.full_like(x, value, dtype=dtype, shape=shape, **layout))
