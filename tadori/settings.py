"""PyTorch's settings that programs make: which hold here anyway, and which cannot be had."""

from __future__ import annotations

from typing import Any

from .device import device as Device

__all__ = [
    "use_deterministic_algorithms",
    "are_deterministic_algorithms_enabled",
    "set_float32_matmul_precision",
    "get_float32_matmul_precision",
    "set_default_device",
    "get_default_device",
]

_chosen: dict[str, Any] = {"deterministic": False, "precision": "highest"}


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Remembered: the operations here are deterministic on the CPU in any case."""
    _chosen["deterministic"] = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """What `use_deterministic_algorithms` was told."""
    return _chosen["deterministic"]


def set_float32_matmul_precision(precision: str) -> None:
    """Remembered: "highest", "high" or "medium"; products here are always of full precision."""
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(f"{precision!r} is not one of 'highest', 'high', or 'medium'.")
    _chosen["precision"] = precision


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` was told."""
    return _chosen["precision"]


def set_default_device(device: Any) -> None:
    """Only the CPU can be the default. Raises NotImplementedError for another device."""
    if device is not None and Device(device).type != "cpu":
        raise NotImplementedError(
            f"set_default_device: new tensors are on the CPU here, not on {device}. Remedy: "
            "give device= where they are made, or use .to(device)"
        )


def get_default_device() -> Device:
    """The CPU."""
    return Device("cpu")
