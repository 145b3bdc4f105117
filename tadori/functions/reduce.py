"""Many numbers to fewer: sums, extremes, orders, statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..methods import return_types
from ..methods.counting import bin_edges
from ..tensor import Tensor

all = Tensor.all
amax = Tensor.amax
amin = Tensor.amin
aminmax = Tensor.aminmax
any = Tensor.any
argmax = Tensor.argmax
argmin = Tensor.argmin
argsort = Tensor.argsort
bincount = Tensor.bincount
count_nonzero = Tensor.count_nonzero
cummax = Tensor.cummax
cummin = Tensor.cummin
cumprod = Tensor.cumprod
cumsum = Tensor.cumsum
diff = Tensor.diff
dist = Tensor.dist
histc = Tensor.histc
kthvalue = Tensor.kthvalue
logcumsumexp = Tensor.logcumsumexp
max = Tensor.max
mean = Tensor.mean
median = Tensor.median
min = Tensor.min
mode = Tensor.mode
msort = Tensor.msort
nanmean = Tensor.nanmean
nansum = Tensor.nansum
norm = Tensor.norm
prod = Tensor.prod
quantile = Tensor.quantile
sort = Tensor.sort
std = Tensor.std
sum = Tensor.sum
topk = Tensor.topk
unique = Tensor.unique
var = Tensor.var
corrcoef = Tensor.corrcoef
cov = Tensor.cov
nanmedian = Tensor.nanmedian
nanquantile = Tensor.nanquantile
renorm = Tensor.renorm
histogram = Tensor.histogram
unique_consecutive = Tensor.unique_consecutive


def histogramdd(
    input: Tensor,
    bins: Any,
    *,
    range: Any = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> Any:
    """(how many rows, which are points, lie in each box; the edges along each coordinate).

    bins: how many along each coordinate, one number for all, or a tensor of edges for each. range:
    all lower and upper ends in a row; by default those of the points.
    """
    x = input.detach().array.reshape(-1, input.shape[-1])
    coordinates = x.shape[1]
    wanted = [bins] * coordinates if isinstance(bins, int) else list(bins)
    spans = [None] * coordinates if range is None else list(zip(range[::2], range[1::2]))
    edges = [bin_edges(*one) for one in zip(x.T, wanted, spans)]
    weights = None if weight is None else weight.array.reshape(-1)
    hist, _ = np.histogramdd(x, edges, density=density, weights=weights)
    found = Tensor(hist.astype(x.dtype)), tuple(map(Tensor, edges))
    return return_types.histogramdd(*found)
