"""Who owns an array: NumPy on the CPU, CuPy on a GPU. CuPy is imported only when somebody asks for a GPU."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np


class device:
    """A place where arrays live: `device("cpu")`, `device("cuda")`, `device("cuda", 1)`, `device("cuda:1")`."""

    __slots__ = ("index", "type")

    def __init__(self, type: str | device, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        name, _, number = str(type).partition(":")
        if name not in ("cpu", "cuda") or (number and not number.isdigit()):
            raise RuntimeError(f"device: expected 'cpu', 'cuda' or 'cuda:<number>', got {type!r}")
        self.type = name
        self.index = int(number) if number else index

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            other = device(other)
        return isinstance(other, device) and (self.type, self.index or 0) == (
            other.type,
            other.index or 0,
        )

    def __hash__(self) -> int:
        return hash((self.type, self.index or 0))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return (
            f"device(type={self.type!r}"
            + ("" if self.index is None else f", index={self.index}")
            + ")"
        )


CPU = device("cpu")


def cupy() -> ModuleType:
    """The CuPy module, imported now; a RuntimeError that says what to do when it or a GPU is not there."""
    try:
        import cupy
    except ImportError as error:
        raise RuntimeError(
            "cuda: CuPy is not installed, so there is no GPU to use. Remedy: pip install 'tadori[gpu]'"
        ) from error
    return cupy


def array_module(array: Any) -> ModuleType:
    """NumPy or CuPy, from the type of the array at hand; CuPy counts only where somebody imported it."""
    if type(array).__module__.partition(".")[0] == "cupy":
        return sys.modules["cupy"]
    return np


def device_of(array: Any) -> device:
    """The device that owns `array`."""
    return CPU if array_module(array) is np else device("cuda", array.device.id)


def to_device(array: Any, where: str | device) -> Any:
    """`array` on device `where`: the same object if it is there already, else a copy."""
    target = device(where)
    if target == device_of(array) or (target.type == "cpu" and array_module(array) is np):
        return array
    if target.type == "cpu":
        return array.get()
    with cupy().cuda.Device(target.index or 0):
        return cupy().asarray(array)
