"""bfloat16, the upper half of a float32, which NumPy lacks: the one of the package ml_dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np


def bfloat16() -> np.dtype[Any]:
    """The dtype. Raises AttributeError where ml_dtypes is not installed."""
    try:
        import ml_dtypes  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise AttributeError(
            "NumPy does not know bfloat16. Remedy: pip install ml_dtypes"
        ) from None
    return np.dtype(ml_dtypes.bfloat16)
