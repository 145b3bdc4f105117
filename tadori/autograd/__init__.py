"""The heart: how a computation is recorded, and how it is walked back.

`function.py` records one call; `engine.py` walks back; `formula.py` reads what a formula needs;
`mode.py` says whether to record; `hooks.py` lets others watch; `version.py` and `inplace.py` keep
writes in place honest. Around them stand `custom.py` (Functions that users write), `functional.py`
(Jacobians and Hessians), `gradcheck.py`, and who answers questions: `debug.py`, `anomaly.py`,
`explain.py`.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .engine import backward, grad
from .gradcheck import GradcheckError, gradcheck, gradgradcheck
from .mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)

if TYPE_CHECKING:
    from . import functional
    from .anomaly import detect_anomaly, set_detect_anomaly
    from .custom import Function, FunctionCtx, once_differentiable
    from .debug import is_debug_enabled, set_debug
    from .explain import saved, why_no_grad

#: imported when first used
_LATER = {
    "Function": ".custom",
    "FunctionCtx": ".custom",
    "once_differentiable": ".custom",
    "detect_anomaly": ".anomaly",
    "set_detect_anomaly": ".anomaly",
    "set_debug": ".debug",
    "is_debug_enabled": ".debug",
    "why_no_grad": ".explain",
    "saved": ".explain",
    "functional": ".functional",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'tadori.autograd' has no attribute {name!r}")
    module = import_module(_LATER[name], __name__)
    globals()[name] = getattr(module, name, module)
    return globals()[name]


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
    "functional",
]

if os.environ.get("TADORI_DEBUG", "0") not in ("", "0"):
    import_module(".debug", __name__)  # it switches itself on
