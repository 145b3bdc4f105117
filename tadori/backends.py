"""`torch.backends`: switches of engines that are not here, so that programs can set them.

What is read back is what was set; nothing else follows from it. `tadori.show_config()` says which
engines are in use.
"""

from __future__ import annotations

from types import SimpleNamespace

__all__ = ["cudnn", "cuda", "mps", "mkl", "mkldnn", "openmp"]


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
mkldnn = SimpleNamespace(is_available=_absent, enabled=False)
openmp = SimpleNamespace(is_available=_absent)
