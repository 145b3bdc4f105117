"""Automatic mixed precision, with PyTorch's names: costly operations compute in bfloat16.

`autocast` changes what the table of operations answers; the operations know nothing of it.
"""

from .autocast_mode import (
    autocast,
    get_autocast_dtype,
    is_autocast_available,
    is_autocast_enabled,
)
from .grad_scaler import GradScaler

__all__ = [
    "autocast",
    "is_autocast_available",
    "is_autocast_enabled",
    "get_autocast_dtype",
    "GradScaler",
]
