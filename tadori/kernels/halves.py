"""bfloat16, the upper half of a float32, which NumPy lacks: the one of the package ml_dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tadori.kernels import along, elementwise, indexing

#: the files of kernels that move or compare numbers, in whatever dtype; others compute with them
MOVERS = frozenset({along.__file__, elementwise.__file__, indexing.__file__})


def bfloat16() -> np.dtype[Any]:
    """The dtype. Raises AttributeError where ml_dtypes is not installed."""
    try:
        import ml_dtypes  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise AttributeError(
            "NumPy does not know bfloat16. Remedy: pip install ml_dtypes"
        ) from None
    return np.dtype(ml_dtypes.bfloat16)


def narrow(x: Any) -> bool:
    """Whether x is an array of bfloat16, which to NumPy is of kind "V"."""
    return type(x) is np.ndarray and x.dtype.kind == "V"


def in_float32(function: Callable[..., Any], arrays: Any, options: dict[str, Any]) -> Any:
    """`function` of bfloat16 arrays, computed in float32; floating results are rounded once."""
    result = function(*[wide(a) for a in arrays], **options)
    dtype = bfloat16()
    if isinstance(result, tuple):
        return tuple(rounded(y, dtype) for y in result)
    return rounded(result, dtype)


def wide(x: Any) -> Any:
    """An array of bfloat16 in float32; anything else as it is."""
    return x.astype(np.float32) if narrow(x) else x


def rounded(x: Any, dtype: np.dtype[Any]) -> Any:
    """An array of float32 in `dtype`; integers and others as they are."""
    return x.astype(dtype) if getattr(x, "dtype", None) == np.float32 else x
