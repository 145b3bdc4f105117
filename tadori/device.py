"""Who owns an array: NumPy on the CPU, CuPy on a GPU. CuPy is imported only when somebody asks for
a GPU.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

import numpy as np


class device:
    """A place where arrays live: `device("cpu")`, `device("cuda")`, `device("cuda", 1)`,
    `device("cuda:1")`, `device(1)`.

    "cuda" without a number is the current GPU; compared with others, it counts as number 0.
    """

    __slots__ = ("index", "type")

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        text = f"cuda:{type}" if isinstance(type, int) else str(type)
        name, colon, number = text.partition(":")
        twice = bool(colon) and index is not None
        if name not in ("cpu", "cuda") or twice or (colon and not number.isdecimal()):
            raise RuntimeError(
                f"device: expected 'cpu', 'cuda' or 'cuda:<number>', got {text!r}"
                + (f" and the number {index}" if index is not None else "")
            )
        self.type: str = name
        self.index: int | None = int(number) if number else index

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            try:
                other = device(other)
            except RuntimeError:
                return False
        if not isinstance(other, device):
            return NotImplemented
        return (self.type, self.index or 0) == (other.type, other.index or 0)

    def __hash__(self) -> int:
        return hash((self.type, self.index or 0))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        number = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{number})"


CPU = device("cpu")


def gpu_count() -> int:
    """The number of GPUs that can be used: 0 without CuPy, without a driver, without a GPU. Never
    raises.
    """
    try:
        if importlib.util.find_spec("cupy") is None:
            return 0
        return int(importlib.import_module("cupy").cuda.runtime.getDeviceCount())
    except Exception:  # a missing driver shows itself in many ways, and none is the caller's fault
        return 0


def cupy() -> ModuleType:
    """The CuPy module, imported now; a RuntimeError that says what to do when it or a GPU is not
    there.
    """
    try:
        module = importlib.import_module("cupy")
    except ImportError as error:
        raise RuntimeError(
            f"cuda: CuPy cannot be imported ({error}), so there is no GPU to use. Remedy: "
            "pip install 'tadori[gpu]', or stay on the CPU: "
            "device = 'cuda' if tadori.cuda.is_available() else 'cpu'"
        ) from error
    if gpu_count() == 0:
        raise RuntimeError(
            "cuda: CuPy is installed, but finds no GPU. Remedy: see whether nvidia-smi lists one, "
            "and whether this CuPy is the one for your CUDA version; or stay on the CPU"
        )
    return module


def array_module(array: Any) -> ModuleType:
    """NumPy or CuPy, from the type of the array at hand; CuPy counts only where somebody imported
    it.
    """
    if type(array).__module__.partition(".")[0] == "cupy":
        return sys.modules["cupy"]
    return np


def device_of(array: Any) -> device:
    """The device that owns `array`."""
    return CPU if array_module(array) is np else device("cuda", array.device.id)


def to_device(array: Any, where: str | device) -> Any:
    """`array` on device `where`: the same object if it is there already, else a copy."""
    target = device(where)
    if target.type == "cpu":
        return array if array_module(array) is np else array.get()
    module = cupy()
    number = module.cuda.Device().id if target.index is None else target.index
    if device_of(array) == device("cuda", number):
        return array
    with module.cuda.Device(number):
        return module.asarray(array)
