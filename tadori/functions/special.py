"""Special functions that PyTorch has at the top, too; the others are in `tadori.special`."""

from __future__ import annotations

from ..layout import takes_out
from ..tensor import Tensor

frexp = Tensor.frexp
i0 = takes_out(Tensor.i0)
igamma = takes_out(Tensor.igamma)
igammac = takes_out(Tensor.igammac)
mvlgamma = takes_out(Tensor.mvlgamma)
xlogy = takes_out(Tensor.xlogy)
