"""The heart: how a computation is recorded, and how it is walked back.

`function.py` records one call; `engine.py` walks back; `formula.py` reads what a formula needs;
`mode.py` says whether to record; `hooks.py` lets others watch; `version.py` and `inplace.py` keep
writes in place honest. Around them stand `custom.py` (Functions that users write), `gradcheck.py`,
and who answers questions: `debug.py`, `anomaly.py`, `explain.py`.
"""

from .anomaly import detect_anomaly, set_detect_anomaly
from .custom import Function, FunctionCtx, once_differentiable
from .debug import is_debug_enabled, set_debug
from .engine import backward, grad
from .explain import saved, why_no_grad
from .gradcheck import GradcheckError, gradcheck, gradgradcheck
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
    "grad",
    "Function",
    "FunctionCtx",
    "once_differentiable",
    "no_grad",
    "enable_grad",
    "inference_mode",
    "set_grad_enabled",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "gradcheck",
    "gradgradcheck",
    "GradcheckError",
    "detect_anomaly",
    "set_detect_anomaly",
    "set_debug",
    "is_debug_enabled",
    "why_no_grad",
    "saved",
]
