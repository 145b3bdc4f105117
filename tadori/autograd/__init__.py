"""The heart: how a computation is recorded, and how it is walked back.

`function.py` records one call; `engine.py` walks back; `formula.py` reads what a formula needs;
`mode.py` says whether to record; `hooks.py` lets others watch; `version.py` and `inplace.py` keep
writes in place honest.
"""

from .engine import backward, grad
from .mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)

__all__ = [
    "backward",
    "enable_grad",
    "grad",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_grad_enabled",
]
