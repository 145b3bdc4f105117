"""PyTorch's scaler of losses for half precision on a GPU, switched off."""

from __future__ import annotations

import warnings
from typing import Any

from .. import cuda

__all__ = ["GradScaler"]


class GradScaler:
    """The steps of a scaler that does nothing: as PyTorch's does nothing without a GPU.

    Raises NotImplementedError where there is one: nothing is scaled here.
    """

    def __init__(self, device: str = "cuda", enabled: bool = True, **options: Any) -> None:
        if enabled and not cuda.is_available():
            warnings.warn("CUDA is not available: GradScaler is switched off", stacklevel=2)
        elif enabled:
            raise NotImplementedError("GradScaler scales nothing here. Remedy: enabled=False")

    def is_enabled(self) -> bool:
        """False."""
        return False

    def scale(self, outputs: Any) -> Any:
        """The loss itself."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Nothing."""

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """The optimizer's own step."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: Any = None) -> None:
        """Nothing."""

    def get_scale(self) -> float:
        """1."""
        return 1.0

    def state_dict(self) -> dict[str, Any]:
        """Nothing to keep."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Nothing to take."""
