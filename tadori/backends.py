"""`torch.backends`: the engines under the kernels, and settings that programs make.

`onednn` (also `mkldnn`) and `numba` are here and can be switched off:
`tadori.backends.onednn.flags(enabled=False)` computes without. The others are not: what is read
back is what was set, and nothing else follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from .kernels import engines, numba_pool, switch

__all__ = ["Engine", "onednn", "mkldnn", "numba", "cudnn", "cuda", "mps", "mkl", "openmp"]


class Engine:
    """A library that kernels can run on."""

    def __init__(self, name: str, holder: object, attribute: str) -> None:
        self.name = name
        self._holder, self._attribute = holder, attribute

    def is_available(self) -> bool:
        """Whether the library is installed and of a version that serves."""
        return self.name in engines()

    def version(self) -> str | None:
        """The library's version; None if it is not available."""
        return engines().get(self.name)

    @property
    def enabled(self) -> bool:
        """Whether kernels may use it: oneDNN in this thread, Numba in all. Can be set."""
        return bool(getattr(self._holder, self._attribute))

    @enabled.setter
    def enabled(self, value: bool) -> None:
        setattr(self._holder, self._attribute, bool(value))

    def set_flags(self, enabled: bool) -> tuple[bool]:
        """Set `enabled`, and return what it was before."""
        before = self.enabled
        self.enabled = enabled
        return (before,)

    @contextmanager
    def flags(self, enabled: bool = False) -> Iterator[None]:
        """Let kernels use it, or not, within a `with` block."""
        (before,) = self.set_flags(enabled)
        try:
            yield
        finally:
            self.enabled = before

    def __repr__(self) -> str:
        state = "on" if self.enabled else "off"
        return f"<engine {self.name} {self.version() or 'not available'}, {state}>"


onednn = mkldnn = Engine("onednn", switch, "onednn")
numba = Engine("numba", numba_pool.settings, "enabled")


def _absent() -> bool:
    return False


cudnn = SimpleNamespace(
    enabled=False,
    benchmark=False,
    deterministic=True,
    allow_tf32=False,
    is_available=_absent,
    version=lambda: None,
)
cuda = SimpleNamespace(matmul=SimpleNamespace(allow_tf32=False), is_built=_absent)
mps = SimpleNamespace(is_available=_absent, is_built=_absent)
mkl = SimpleNamespace(is_available=_absent)
openmp = SimpleNamespace(is_available=_absent)
