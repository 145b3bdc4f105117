"""PyTorch's names for the GPU. CuPy does the work, and is imported only when somebody asks for a
GPU.
"""

from __future__ import annotations

from typing import Any

from . import random
from .device import cupy, gpu_count
from .device import device as Device

__all__ = [
    "is_available",
    "device_count",
    "current_device",
    "set_device",
    "device",
    "get_device_name",
    "get_device_properties",
    "synchronize",
    "empty_cache",
    "memory_allocated",
    "memory_reserved",
    "manual_seed",
    "manual_seed_all",
]


def device_count() -> int:
    """The number of GPUs that can be used: 0 without CuPy, without a driver, without a GPU."""
    return gpu_count()


def is_available() -> bool:
    """Whether a GPU can be used. Never raises."""
    return gpu_count() > 0


def number_of(where: Any) -> int:
    """The number of a device: `1`, "cuda:1", a device; None is the current one."""
    if where is None:
        return current_device()
    if isinstance(where, int):
        return where
    named = Device(where)
    if named.type != "cuda":
        raise ValueError(f"cuda: expected a GPU, such as 'cuda' or 'cuda:1', got {where!r}")
    return current_device() if named.index is None else named.index


def current_device() -> int:
    """The number of the GPU that "cuda" means now."""
    return int(cupy().cuda.Device().id)


def set_device(device: Any) -> None:
    """Let "cuda" mean this GPU from now on, in this thread."""
    cupy().cuda.Device(number_of(device)).use()


class device:
    """A block in which "cuda" means this GPU: `with tadori.cuda.device(1): ...`."""

    def __init__(self, device: Any) -> None:
        self.inner = cupy().cuda.Device(number_of(device))

    def __enter__(self) -> None:
        self.inner.__enter__()

    def __exit__(self, *error: object) -> None:
        self.inner.__exit__(*error)


def get_device_properties(device: Any = None) -> dict[str, Any]:
    """What the driver says of a GPU: "name", "totalGlobalMem", "major", "minor", and more."""
    return dict(cupy().cuda.runtime.getDeviceProperties(number_of(device)))


def get_device_name(device: Any = None) -> str:
    """The name of a GPU, as its maker gave it."""
    return str(get_device_properties(device)["name"].decode())


def synchronize(device: Any = None) -> None:
    """Wait until a GPU has done all that it was asked to do. Needed before a clock is read."""
    cupy().cuda.Device(number_of(device)).synchronize()


def empty_cache() -> None:
    """Give memory that is kept for later use back to the GPU. Without a GPU, nothing happens."""
    if is_available():
        cupy().get_default_memory_pool().free_all_blocks()


def memory_allocated(device: Any = None) -> int:
    """The bytes of a GPU's memory that arrays use now; 0 without a GPU."""
    return _pool_bytes(device, "used_bytes")


def memory_reserved(device: Any = None) -> int:
    """The bytes of a GPU's memory that are held, in use or kept for later; 0 without a GPU."""
    return _pool_bytes(device, "total_bytes")


def _pool_bytes(device: Any, name: str) -> int:
    if not is_available():
        return 0
    module = cupy()
    with module.cuda.Device(number_of(device)):
        return int(getattr(module.get_default_memory_pool(), name)())


def manual_seed(seed: int) -> None:
    """Seed the random numbers: `tadori.manual_seed`, for one generator serves all devices."""
    random.manual_seed(seed)


manual_seed_all = manual_seed
