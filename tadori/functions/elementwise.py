"""Number by number: PyTorch's functions that are methods of Tensor."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor

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


def polygamma(n: int, input: Tensor) -> Tensor:
    """The n-th derivative of `digamma`."""
    return input.polygamma(n)


def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """other - alpha * input."""
    return other - input * alpha
