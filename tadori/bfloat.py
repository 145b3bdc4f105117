"""bfloat16, the upper half of a float32, which NumPy lacks: the one of the package ml_dtypes.

It is imported when a program or a file asks for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def __getattr__(name: str) -> Any:
    if name != "bfloat16":
        raise AttributeError(f"module 'tadori.bfloat' has no attribute {name!r}")
    try:
        import ml_dtypes  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise AttributeError(
            "NumPy does not know bfloat16. Remedy: pip install ml_dtypes"
        ) from None
    return np.dtype(ml_dtypes.bfloat16)
