"""Choosing and putting by place."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor

argwhere = Tensor.argwhere
gather = Tensor.gather
index_add = Tensor.index_add
index_copy = Tensor.index_copy
index_fill = Tensor.index_fill
index_put = Tensor.index_put
index_select = Tensor.index_select
masked_fill = Tensor.masked_fill
masked_scatter = Tensor.masked_scatter
masked_select = Tensor.masked_select
nonzero = Tensor.nonzero
scatter = Tensor.scatter
scatter_add = Tensor.scatter_add
take = Tensor.take
take_along_dim = Tensor.take_along_dim


def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """`input` where the condition holds, `other` elsewhere; alone, the indices where it holds."""
    if input is None and other is None:
        return np.where(condition)
    return np.where(condition, input, other)
