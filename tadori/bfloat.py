"""`tadori.bfloat16`: its package is imported when a program or a file asks for it."""

from __future__ import annotations

from typing import Any

from .kernels import halves


def __getattr__(name: str) -> Any:
    if name != "bfloat16":
        raise AttributeError(f"module 'tadori.bfloat' has no attribute {name!r}")
    return halves.bfloat16()
