"""Methods that end in _: the result takes the place of `self`, in its memory and its history.

All return `self`. See `Tensor.write` for what they refuse.
"""

# mypy: disable-error-code="attr-defined"
# The methods called here are those of a Tensor, of which this class becomes a part.

from __future__ import annotations

from .. import kernels


class InPlace:
    """The in-place forms of the methods without the _, and writes over what was there."""

    __slots__ = ()

    def copy_(self, src, non_blocking=False):
        """The entries of `src`, broadcast, and cast to the dtype and device of `self`."""
        if hasattr(src, "to"):
            src = src.to(self.device, self.dtype)
        return self.write(kernels.overwrite(self, src), "copy_")

    def fill_(self, value):
        """`value`, a number or a tensor without dimensions, everywhere."""
        if getattr(value, "ndim", 0) > 0:
            raise RuntimeError(
                "fill_ only supports 0-dimension value tensor but got tensor with "
                f"{value.ndim} dimensions. Remedy: use copy_()"
            )
        return self.write(kernels.overwrite(self, value), "fill_")

    def zero_(self):
        """0 everywhere."""
        return self.write(kernels.overwrite(self, 0), "zero_")

    # Arithmetic and powers.

    def add_(self, other, *, alpha=1):
        """`add` in place."""
        return self.write(self.add(other, alpha=alpha), "add_")

    def sub_(self, other, *, alpha=1):
        """`sub` in place."""
        return self.write(self.sub(other, alpha=alpha), "sub_")

    subtract_ = sub_

    def mul_(self, other):
        """`mul` in place."""
        return self.write(self.mul(other), "mul_")

    multiply_ = mul_

    def div_(self, other, *, rounding_mode=None):
        """`div` in place."""
        return self.write(self.div(other, rounding_mode=rounding_mode), "div_")

    divide_ = div_

    def true_divide_(self, other):
        """`true_divide` in place."""
        return self.write(self.true_divide(other), "true_divide_")

    def floor_divide_(self, other):
        """`floor_divide` in place."""
        return self.write(self.floor_divide(other), "floor_divide_")

    def remainder_(self, other):
        """`remainder` in place."""
        return self.write(self.remainder(other), "remainder_")

    def fmod_(self, other):
        """`fmod` in place."""
        return self.write(self.fmod(other), "fmod_")

    def addcmul_(self, tensor1, tensor2, *, value=1):
        """`addcmul` in place."""
        return self.write(self.addcmul(tensor1, tensor2, value=value), "addcmul_")

    def addcdiv_(self, tensor1, tensor2, *, value=1):
        """`addcdiv` in place."""
        return self.write(self.addcdiv(tensor1, tensor2, value=value), "addcdiv_")

    def lerp_(self, end, weight):
        """`lerp` in place."""
        return self.write(self.lerp(end, weight), "lerp_")

    def neg_(self):
        """`neg` in place."""
        return self.write(self.neg(), "neg_")

    negative_ = neg_

    def abs_(self):
        """`abs` in place."""
        return self.write(self.abs(), "abs_")

    absolute_ = abs_

    def sign_(self):
        """`sign` in place."""
        return self.write(self.sign(), "sign_")

    sgn_ = sign_

    def gcd_(self, other):
        """`gcd` in place."""
        return self.write(self.gcd(other), "gcd_")

    def lcm_(self, other):
        """`lcm` in place."""
        return self.write(self.lcm(other), "lcm_")

    def pow_(self, exponent):
        """`pow` in place."""
        return self.write(self.pow(exponent), "pow_")

    def float_power_(self, exponent):
        """`float_power` in place."""
        return self.write(self.float_power(exponent), "float_power_")

    def square_(self):
        """`square` in place."""
        return self.write(self.square(), "square_")

    def sqrt_(self):
        """`sqrt` in place."""
        return self.write(self.sqrt(), "sqrt_")

    def rsqrt_(self):
        """`rsqrt` in place."""
        return self.write(self.rsqrt(), "rsqrt_")

    def reciprocal_(self):
        """`reciprocal` in place."""
        return self.write(self.reciprocal(), "reciprocal_")

    def hypot_(self, other):
        """`hypot` in place."""
        return self.write(self.hypot(other), "hypot_")

    def ldexp_(self, other):
        """`ldexp` in place."""
        return self.write(self.ldexp(other), "ldexp_")

    # Exponentials, logarithms, angles.

    def exp_(self):
        """`exp` in place."""
        return self.write(self.exp(), "exp_")

    def exp2_(self):
        """`exp2` in place."""
        return self.write(self.exp2(), "exp2_")

    def expm1_(self):
        """`expm1` in place."""
        return self.write(self.expm1(), "expm1_")

    def log_(self):
        """`log` in place."""
        return self.write(self.log(), "log_")

    def log2_(self):
        """`log2` in place."""
        return self.write(self.log2(), "log2_")

    def log10_(self):
        """`log10` in place."""
        return self.write(self.log10(), "log10_")

    def log1p_(self):
        """`log1p` in place."""
        return self.write(self.log1p(), "log1p_")

    def xlogy_(self, other):
        """`xlogy` in place."""
        return self.write(self.xlogy(other), "xlogy_")

    def sin_(self):
        """`sin` in place."""
        return self.write(self.sin(), "sin_")

    def cos_(self):
        """`cos` in place."""
        return self.write(self.cos(), "cos_")

    def tan_(self):
        """`tan` in place."""
        return self.write(self.tan(), "tan_")

    def asin_(self):
        """`asin` in place."""
        return self.write(self.asin(), "asin_")

    arcsin_ = asin_

    def acos_(self):
        """`acos` in place."""
        return self.write(self.acos(), "acos_")

    arccos_ = acos_

    def atan_(self):
        """`atan` in place."""
        return self.write(self.atan(), "atan_")

    arctan_ = atan_

    def atan2_(self, other):
        """`atan2` in place."""
        return self.write(self.atan2(other), "atan2_")

    arctan2_ = atan2_

    def sinh_(self):
        """`sinh` in place."""
        return self.write(self.sinh(), "sinh_")

    def cosh_(self):
        """`cosh` in place."""
        return self.write(self.cosh(), "cosh_")

    def tanh_(self):
        """`tanh` in place."""
        return self.write(self.tanh(), "tanh_")

    def asinh_(self):
        """`asinh` in place."""
        return self.write(self.asinh(), "asinh_")

    arcsinh_ = asinh_

    def acosh_(self):
        """`acosh` in place."""
        return self.write(self.acosh(), "acosh_")

    arccosh_ = acosh_

    def atanh_(self):
        """`atanh` in place."""
        return self.write(self.atanh(), "atanh_")

    arctanh_ = atanh_

    def deg2rad_(self):
        """`deg2rad` in place."""
        return self.write(self.deg2rad(), "deg2rad_")

    def rad2deg_(self):
        """`rad2deg` in place."""
        return self.write(self.rad2deg(), "rad2deg_")

    def sinc_(self):
        """`sinc` in place."""
        return self.write(self.sinc(), "sinc_")

    # Rounding and choices.

    def floor_(self):
        """`floor` in place."""
        return self.write(self.floor(), "floor_")

    def ceil_(self):
        """`ceil` in place."""
        return self.write(self.ceil(), "ceil_")

    def trunc_(self):
        """`trunc` in place."""
        return self.write(self.trunc(), "trunc_")

    fix_ = trunc_

    def round_(self, *, decimals=0):
        """`round` in place."""
        return self.write(self.round(decimals=decimals), "round_")

    def frac_(self):
        """`frac` in place."""
        return self.write(self.frac(), "frac_")

    def clamp_(self, min=None, max=None):
        """`clamp` in place."""
        return self.write(self.clamp(min, max), "clamp_")

    clip_ = clamp_

    def clamp_min_(self, min):
        """`clamp_min` in place."""
        return self.write(self.clamp_min(min), "clamp_min_")

    def clamp_max_(self, max):
        """`clamp_max` in place."""
        return self.write(self.clamp_max(max), "clamp_max_")

    def nan_to_num_(self, nan=0.0, posinf=None, neginf=None):
        """`nan_to_num` in place."""
        return self.write(self.nan_to_num(nan, posinf, neginf), "nan_to_num_")

    def copysign_(self, other):
        """`copysign` in place."""
        return self.write(self.copysign(other), "copysign_")

    def heaviside_(self, values):
        """`heaviside` in place."""
        return self.write(self.heaviside(values), "heaviside_")

    def nextafter_(self, other):
        """`nextafter` in place."""
        return self.write(self.nextafter(other), "nextafter_")

    # Special functions and activations.

    def erf_(self):
        """`erf` in place."""
        return self.write(self.erf(), "erf_")

    def erfc_(self):
        """`erfc` in place."""
        return self.write(self.erfc(), "erfc_")

    def erfinv_(self):
        """`erfinv` in place."""
        return self.write(self.erfinv(), "erfinv_")

    def lgamma_(self):
        """`lgamma` in place."""
        return self.write(self.lgamma(), "lgamma_")

    def digamma_(self):
        """`digamma` in place."""
        return self.write(self.digamma(), "digamma_")

    def polygamma_(self, n):
        """`polygamma` in place."""
        return self.write(self.polygamma(n), "polygamma_")

    def relu_(self):
        """`relu` in place."""
        return self.write(self.relu(), "relu_")

    def sigmoid_(self):
        """`sigmoid` in place."""
        return self.write(self.sigmoid(), "sigmoid_")

    def logit_(self, eps=None):
        """`logit` in place."""
        return self.write(self.logit(eps), "logit_")

    # Questions: the answer, 0 or 1, in the dtype of `self`.

    def eq_(self, other):
        """`eq` in place."""
        return self.write(self.eq(other), "eq_")

    def ne_(self, other):
        """`ne` in place."""
        return self.write(self.ne(other), "ne_")

    not_equal_ = ne_

    def lt_(self, other):
        """`lt` in place."""
        return self.write(self.lt(other), "lt_")

    less_ = lt_

    def le_(self, other):
        """`le` in place."""
        return self.write(self.le(other), "le_")

    less_equal_ = le_

    def gt_(self, other):
        """`gt` in place."""
        return self.write(self.gt(other), "gt_")

    greater_ = gt_

    def ge_(self, other):
        """`ge` in place."""
        return self.write(self.ge(other), "ge_")

    greater_equal_ = ge_

    def logical_not_(self):
        """`logical_not` in place."""
        return self.write(self.logical_not(), "logical_not_")

    def logical_and_(self, other):
        """`logical_and` in place."""
        return self.write(self.logical_and(other), "logical_and_")

    def logical_or_(self, other):
        """`logical_or` in place."""
        return self.write(self.logical_or(other), "logical_or_")

    def logical_xor_(self, other):
        """`logical_xor` in place."""
        return self.write(self.logical_xor(other), "logical_xor_")

    def bitwise_not_(self):
        """`bitwise_not` in place."""
        return self.write(self.bitwise_not(), "bitwise_not_")

    def bitwise_and_(self, other):
        """`bitwise_and` in place."""
        return self.write(self.bitwise_and(other), "bitwise_and_")

    def bitwise_or_(self, other):
        """`bitwise_or` in place."""
        return self.write(self.bitwise_or(other), "bitwise_or_")

    def bitwise_xor_(self, other):
        """`bitwise_xor` in place."""
        return self.write(self.bitwise_xor(other), "bitwise_xor_")

    def bitwise_left_shift_(self, other):
        """`bitwise_left_shift` in place."""
        return self.write(self.bitwise_left_shift(other), "bitwise_left_shift_")

    def bitwise_right_shift_(self, other):
        """`bitwise_right_shift` in place."""
        return self.write(self.bitwise_right_shift(other), "bitwise_right_shift_")

    # Operators; those of arithmetic are in `Tensor`.

    def __ifloordiv__(self, other):
        return self.write(self.floor_divide(other), "//=")

    def __imod__(self, other):
        return self.write(self.remainder(other), "%=")

    def __iand__(self, other):
        return self.write(self.bitwise_and(other), "&=")

    def __ior__(self, other):
        return self.write(self.bitwise_or(other), "|=")

    def __ixor__(self, other):
        return self.write(self.bitwise_xor(other), "^=")

    def __ilshift__(self, other):
        return self.write(self.bitwise_left_shift(other), "<<=")

    def __irshift__(self, other):
        return self.write(self.bitwise_right_shift(other), ">>=")
