"""Special functions that PyTorch has at the top, too; the others are in `tadori.special`."""

from __future__ import annotations

from ..tensor import Tensor

frexp = Tensor.frexp
i0 = Tensor.i0
igamma = Tensor.igamma
igammac = Tensor.igammac
mvlgamma = Tensor.mvlgamma
xlogy = Tensor.xlogy
