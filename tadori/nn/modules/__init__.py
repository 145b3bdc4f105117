"""Where PyTorch's programs look for layers: `nn.modules.conv`, `nn.modules.module`, ...

The layers live in `tadori.nn`; here are PyTorch's names of the places.
"""

from . import module, utils

__all__ = ["module", "utils"]
