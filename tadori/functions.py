"""PyTorch's functions that are methods of Tensor: `tadori.exp(x)` is `x.exp()`, one and the same.

The functions that are no method (`cat`, `where`, `einsum`, ...) stand at the end or come from
`ops/`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .tensor import Tensor

# elementwise
abs = Tensor.abs
absolute = Tensor.absolute
acos = Tensor.acos
acosh = Tensor.acosh
add = Tensor.add
addcdiv = Tensor.addcdiv
addcmul = Tensor.addcmul
arccos = Tensor.arccos
arccosh = Tensor.arccosh
arcsin = Tensor.arcsin
arcsinh = Tensor.arcsinh
arctan = Tensor.arctan
arctan2 = Tensor.arctan2
arctanh = Tensor.arctanh
asin = Tensor.asin
asinh = Tensor.asinh
atan = Tensor.atan
atan2 = Tensor.atan2
atanh = Tensor.atanh
ceil = Tensor.ceil
clamp = Tensor.clamp
clamp_max = Tensor.clamp_max
clamp_min = Tensor.clamp_min
clip = Tensor.clip
copysign = Tensor.copysign
cos = Tensor.cos
cosh = Tensor.cosh
deg2rad = Tensor.deg2rad
digamma = Tensor.digamma
div = Tensor.div
divide = Tensor.divide
erf = Tensor.erf
erfc = Tensor.erfc
erfinv = Tensor.erfinv
exp = Tensor.exp
exp2 = Tensor.exp2
expm1 = Tensor.expm1
fix = Tensor.fix
float_power = Tensor.float_power
floor = Tensor.floor
floor_divide = Tensor.floor_divide
fmax = Tensor.fmax
fmin = Tensor.fmin
fmod = Tensor.fmod
frac = Tensor.frac
gcd = Tensor.gcd
heaviside = Tensor.heaviside
hypot = Tensor.hypot
lcm = Tensor.lcm
ldexp = Tensor.ldexp
lerp = Tensor.lerp
lgamma = Tensor.lgamma
log = Tensor.log
log10 = Tensor.log10
log1p = Tensor.log1p
log2 = Tensor.log2
logaddexp = Tensor.logaddexp
logaddexp2 = Tensor.logaddexp2
maximum = Tensor.maximum
minimum = Tensor.minimum
mul = Tensor.mul
multiply = Tensor.multiply
nan_to_num = Tensor.nan_to_num
neg = Tensor.neg
negative = Tensor.negative
nextafter = Tensor.nextafter
polygamma = Tensor.polygamma
positive = Tensor.positive
pow = Tensor.pow
rad2deg = Tensor.rad2deg
reciprocal = Tensor.reciprocal
remainder = Tensor.remainder
round = Tensor.round
rsqrt = Tensor.rsqrt
sgn = Tensor.sgn
sign = Tensor.sign
sin = Tensor.sin
sinc = Tensor.sinc
sinh = Tensor.sinh
sqrt = Tensor.sqrt
square = Tensor.square
sub = Tensor.sub
subtract = Tensor.subtract
tan = Tensor.tan
tanh = Tensor.tanh
true_divide = Tensor.true_divide
trunc = Tensor.trunc

# activations
hardshrink = Tensor.hardshrink
log_softmax = Tensor.log_softmax
logit = Tensor.logit
logsumexp = Tensor.logsumexp
prelu = Tensor.prelu
relu = Tensor.relu
sigmoid = Tensor.sigmoid
softmax = Tensor.softmax

# questions
allclose = Tensor.allclose
bitwise_and = Tensor.bitwise_and
bitwise_left_shift = Tensor.bitwise_left_shift
bitwise_not = Tensor.bitwise_not
bitwise_or = Tensor.bitwise_or
bitwise_right_shift = Tensor.bitwise_right_shift
bitwise_xor = Tensor.bitwise_xor
eq = Tensor.eq
equal = Tensor.equal
ge = Tensor.ge
greater = Tensor.greater
greater_equal = Tensor.greater_equal
gt = Tensor.gt
isclose = Tensor.isclose
isfinite = Tensor.isfinite
isinf = Tensor.isinf
isnan = Tensor.isnan
isneginf = Tensor.isneginf
isposinf = Tensor.isposinf
le = Tensor.le
less = Tensor.less
less_equal = Tensor.less_equal
logical_and = Tensor.logical_and
logical_not = Tensor.logical_not
logical_or = Tensor.logical_or
logical_xor = Tensor.logical_xor
lt = Tensor.lt
ne = Tensor.ne
not_equal = Tensor.not_equal
signbit = Tensor.signbit

# conversions
clone = Tensor.clone

# reductions
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

# products
addbmm = Tensor.addbmm
addmm = Tensor.addmm
addmv = Tensor.addmv
addr = Tensor.addr
baddbmm = Tensor.baddbmm
bmm = Tensor.bmm
diag = Tensor.diag
diag_embed = Tensor.diag_embed
diagflat = Tensor.diagflat
diagonal = Tensor.diagonal
dot = Tensor.dot
ger = Tensor.ger
inner = Tensor.inner
kron = Tensor.kron
matmul = Tensor.matmul
mm = Tensor.mm
mv = Tensor.mv
outer = Tensor.outer
trace = Tensor.trace
vdot = Tensor.vdot

# shapes
broadcast_to = Tensor.broadcast_to
chunk = Tensor.chunk
flatten = Tensor.flatten
flip = Tensor.flip
fliplr = Tensor.fliplr
flipud = Tensor.flipud
moveaxis = Tensor.moveaxis
movedim = Tensor.movedim
narrow = Tensor.narrow
numel = Tensor.numel
permute = Tensor.permute
ravel = Tensor.ravel
repeat_interleave = Tensor.repeat_interleave
reshape = Tensor.reshape
roll = Tensor.roll
rot90 = Tensor.rot90
select = Tensor.select
split = Tensor.split
squeeze = Tensor.squeeze
swapaxes = Tensor.swapaxes
swapdims = Tensor.swapdims
t = Tensor.t
tensor_split = Tensor.tensor_split
tile = Tensor.tile
transpose = Tensor.transpose
tril = Tensor.tril
triu = Tensor.triu
unbind = Tensor.unbind
unflatten = Tensor.unflatten
unsqueeze = Tensor.unsqueeze

# indexing
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

# tensor
detach = Tensor.detach
# What is no method.


def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """`input` where the condition holds, `other` elsewhere; alone, the indices where it holds."""
    if input is None and other is None:
        return np.where(condition)
    return np.where(condition, input, other)


def is_tensor(obj: Any) -> bool:
    """Whether `obj` is a Tensor."""
    return isinstance(obj, Tensor)


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors, each broadcast to the shape that all of them have together."""
    shape = np.broadcast_shapes(*(t.shape for t in tensors))
    return tuple(t.broadcast_to(shape) for t in tensors)


def atleast_1d(tensor: Tensor) -> Any:
    """The tensor, a 0-d one as one of shape (1,)."""
    return np.atleast_1d(tensor)


def atleast_2d(tensor: Tensor) -> Any:
    """The tensor with at least two axes; new ones come first."""
    return np.atleast_2d(tensor)
