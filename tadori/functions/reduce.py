"""Many numbers to fewer: sums, extremes, orders, statistics."""

from __future__ import annotations

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
