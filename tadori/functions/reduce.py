"""Many numbers to fewer: sums, extremes, orders, statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..layout import takes_out
from ..methods import return_types
from ..methods.counting import bin_edges
from ..tensor import Tensor

all = takes_out(Tensor.all)
amax = takes_out(Tensor.amax)
amin = takes_out(Tensor.amin)
aminmax = takes_out(Tensor.aminmax)
any = takes_out(Tensor.any)
argmax = takes_out(Tensor.argmax)
argmin = takes_out(Tensor.argmin)
argsort = Tensor.argsort
bincount = Tensor.bincount
count_nonzero = Tensor.count_nonzero
cummax = takes_out(Tensor.cummax)
cummin = takes_out(Tensor.cummin)
cumprod = takes_out(Tensor.cumprod)
cumsum = takes_out(Tensor.cumsum)
diff = takes_out(Tensor.diff)
dist = Tensor.dist
histc = takes_out(Tensor.histc)
kthvalue = takes_out(Tensor.kthvalue)
logcumsumexp = takes_out(Tensor.logcumsumexp)
max = takes_out(Tensor.max)
mean = takes_out(Tensor.mean)
median = Tensor.median
min = takes_out(Tensor.min)
mode = takes_out(Tensor.mode)
msort = takes_out(Tensor.msort)
nanmean = takes_out(Tensor.nanmean)
nansum = takes_out(Tensor.nansum)
norm = takes_out(Tensor.norm)
prod = Tensor.prod
quantile = takes_out(Tensor.quantile)
sort = takes_out(Tensor.sort)
std = takes_out(Tensor.std)
sum = Tensor.sum
topk = takes_out(Tensor.topk)
unique = Tensor.unique
var = takes_out(Tensor.var)
corrcoef = Tensor.corrcoef
cov = Tensor.cov
nanmedian = Tensor.nanmedian
nanquantile = takes_out(Tensor.nanquantile)
renorm = takes_out(Tensor.renorm)
histogram = takes_out(Tensor.histogram)
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
