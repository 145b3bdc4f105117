"""Methods of arithmetic and of functions of single numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels


class Elementwise:
    """Arithmetic, powers, exponentials, angles, rounding, choices; entry by entry, broadcasting."""

    __slots__ = ()

    # Arithmetic.

    def add(self: Any, other: Any, *, alpha: Any = 1) -> Any:
        """self + alpha * other."""
        return np.add(self, other if alpha == 1 else other * alpha)

    def sub(self: Any, other: Any, *, alpha: Any = 1) -> Any:
        """self - alpha * other."""
        return np.subtract(self, other if alpha == 1 else other * alpha)

    subtract = sub

    def mul(self: Any, other: Any) -> Any:
        """self * other."""
        return np.multiply(self, other)

    multiply = mul

    def div(self: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
        """self / other; rounded down for rounding_mode "floor", towards 0 for "trunc"."""
        if rounding_mode is None:
            return np.true_divide(self, other)
        if rounding_mode not in ("floor", "trunc"):
            raise RuntimeError(
                "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
                f"{rounding_mode!r}"
            )
        quotient = np.floor_divide if rounding_mode == "floor" else kernels.trunc_divide
        return quotient(self, other)

    divide = div

    def true_divide(self: Any, other: Any) -> Any:
        """self / other; integers become floats."""
        return np.true_divide(self, other)

    def floor_divide(self: Any, other: Any) -> Any:
        """self / other, rounded down."""
        return np.floor_divide(self, other)

    def remainder(self: Any, other: Any) -> Any:
        """self - other * floor(self / other): the sign is that of `other`, as in Python."""
        return np.remainder(self, other)

    def fmod(self: Any, other: Any) -> Any:
        """self - other * trunc(self / other): the sign is that of `self`, as in C."""
        return np.fmod(self, other)

    def addcmul(self: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:
        """self + value * tensor1 * tensor2."""
        return self + tensor1 * tensor2 * value

    def addcdiv(self: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:
        """self + value * tensor1 / tensor2."""
        return self + tensor1 / tensor2 * value

    def lerp(self: Any, end: Any, weight: Any) -> Any:
        """self + weight * (end - self): from `self` at weight 0 to `end` at weight 1."""
        return self + (end - self) * weight

    def neg(self: Any) -> Any:
        """-self."""
        return np.negative(self)

    negative = neg

    def positive(self: Any) -> Any:
        """self."""
        return self

    def abs(self: Any) -> Any:
        """|self|; the derivative is 0 at 0."""
        return np.absolute(self)

    absolute = abs

    def sign(self: Any) -> Any:
        """-1, 0 or 1."""
        return np.sign(self)

    sgn = sign

    def gcd(self: Any, other: Any) -> Any:
        """The greatest common divisor, of integers."""
        return np.gcd(self, other)

    def lcm(self: Any, other: Any) -> Any:
        """The least common multiple, of integers."""
        return np.lcm(self, other)

    # Powers.

    def pow(self: Any, exponent: Any) -> Any:
        """self ** exponent."""
        return np.power(self, exponent)

    def float_power(self: Any, exponent: Any) -> Any:
        """self ** exponent in float64."""
        return np.power(np.astype(self, np.float64), exponent)

    def square(self: Any) -> Any:
        """self * self; in int64 for booleans."""
        return np.square(np.astype(self, np.int64) if self.dtype.kind == "b" else self)

    def sqrt(self: Any) -> Any:
        """The square root."""
        return np.sqrt(self)

    def rsqrt(self: Any) -> Any:
        """1 / sqrt(self)."""
        return kernels.rsqrt(self)

    def reciprocal(self: Any) -> Any:
        """1 / self."""
        return np.reciprocal(self)

    def hypot(self: Any, other: Any) -> Any:
        """sqrt(self^2 + other^2)."""
        return np.hypot(self, other)

    def ldexp(self: Any, other: Any) -> Any:
        """self * 2^other."""
        return self * np.power(2.0, other)

    # Exponentials and logarithms.

    def exp(self: Any) -> Any:
        """e^self."""
        return np.exp(self)

    def exp2(self: Any) -> Any:
        """2^self."""
        return np.exp2(self)

    def expm1(self: Any) -> Any:
        """e^self - 1, exact near 0."""
        return np.expm1(self)

    def log(self: Any) -> Any:
        """The natural logarithm."""
        return np.log(self)

    def log2(self: Any) -> Any:
        """The logarithm to base 2."""
        return np.log2(self)

    def log10(self: Any) -> Any:
        """The logarithm to base 10."""
        return np.log10(self)

    def log1p(self: Any) -> Any:
        """log(1 + self), exact near 0."""
        return np.log1p(self)

    def logaddexp(self: Any, other: Any) -> Any:
        """log(e^self + e^other), without overflow."""
        return np.logaddexp(self, other)

    def logaddexp2(self: Any, other: Any) -> Any:
        """log2(2^self + 2^other), without overflow."""
        return np.logaddexp2(self, other)

    def xlogy(self: Any, other: Any) -> Any:
        """self * log(other), and 0 where `self` is 0."""
        return kernels.xlogy(self, other)

    # Angles, in radians, and hyperbolic functions.

    def sin(self: Any) -> Any:
        """The sine."""
        return np.sin(self)

    def cos(self: Any) -> Any:
        """The cosine."""
        return np.cos(self)

    def tan(self: Any) -> Any:
        """The tangent."""
        return np.tan(self)

    def asin(self: Any) -> Any:
        """The angle in [-pi/2, pi/2] of this sine."""
        return np.arcsin(self)

    arcsin = asin

    def acos(self: Any) -> Any:
        """The angle in [0, pi] of this cosine."""
        return np.arccos(self)

    arccos = acos

    def atan(self: Any) -> Any:
        """The angle in (-pi/2, pi/2) of this tangent."""
        return np.arctan(self)

    arctan = atan

    def atan2(self: Any, other: Any) -> Any:
        """The angle of the point (other, self), in [-pi, pi]."""
        return np.arctan2(self, other)

    arctan2 = atan2

    def sinh(self: Any) -> Any:
        """(e^self - e^-self) / 2."""
        return np.sinh(self)

    def cosh(self: Any) -> Any:
        """(e^self + e^-self) / 2."""
        return np.cosh(self)

    def tanh(self: Any) -> Any:
        """sinh / cosh; the derivative is 1 - tanh^2."""
        return np.tanh(self)

    def asinh(self: Any) -> Any:
        """The inverse of sinh."""
        return np.arcsinh(self)

    arcsinh = asinh

    def acosh(self: Any) -> Any:
        """The inverse of cosh."""
        return np.arccosh(self)

    arccosh = acosh

    def atanh(self: Any) -> Any:
        """The inverse of tanh."""
        return np.arctanh(self)

    arctanh = atanh

    def deg2rad(self: Any) -> Any:
        """Degrees to radians."""
        return np.deg2rad(self)

    def rad2deg(self: Any) -> Any:
        """Radians to degrees."""
        return np.rad2deg(self)

    def sinc(self: Any) -> Any:
        """sin(pi self) / (pi self), 1 at 0."""
        return np.sinc(self)

    # Rounding. The derivatives are 0.

    def floor(self: Any) -> Any:
        """The largest integer below."""
        return np.floor(self)

    def ceil(self: Any) -> Any:
        """The smallest integer above."""
        return np.ceil(self)

    def trunc(self: Any) -> Any:
        """The integer towards 0."""
        return np.trunc(self)

    fix = trunc

    def round(self: Any, *, decimals: int = 0) -> Any:
        """The nearest number with `decimals` decimals; halves go to the even neighbour."""
        return np.round(self, decimals)

    def frac(self: Any) -> Any:
        """self - trunc(self)."""
        return kernels.frac(self)

    # Choices.

    def maximum(self: Any, other: Any) -> Any:
        """The larger of the two; equal ones share the gradient half and half."""
        return np.maximum(self, other)

    def minimum(self: Any, other: Any) -> Any:
        """The smaller of the two; equal ones share the gradient half and half."""
        return np.minimum(self, other)

    def fmax(self: Any, other: Any) -> Any:
        """The larger of the two, and a number rather than NaN."""
        return np.fmax(self, other)

    def fmin(self: Any, other: Any) -> Any:
        """The smaller of the two, and a number rather than NaN."""
        return np.fmin(self, other)

    def clamp(self: Any, min: Any = None, max: Any = None) -> Any:
        """self, but at least `min`, at most `max`. The derivative is 1 within and on the bounds."""
        return np.clip(self, min, max)

    clip = clamp

    def clamp_min(self: Any, min: Any) -> Any:
        """self, but at least `min`."""
        return np.clip(self, min, None)

    def clamp_max(self: Any, max: Any) -> Any:
        """self, but at most `max`."""
        return np.clip(self, None, max)

    def where(self: Any, condition: Any, other: Any) -> Any:
        """self where the condition holds, `other` elsewhere."""
        return np.where(condition, self, other)

    def nan_to_num(self: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
        """Numbers for NaN and the infinities: for those, by default, the largest the dtype has."""
        return np.nan_to_num(self, nan=nan or 0.0, posinf=posinf, neginf=neginf)

    def copysign(self: Any, other: Any) -> Any:
        """|self| with the sign of `other`."""
        return np.copysign(self, other)

    def heaviside(self: Any, values: Any) -> Any:
        """0 for negative numbers, 1 for positive ones, `values` at 0."""
        return np.heaviside(self, values)

    def nextafter(self: Any, other: Any) -> Any:
        """The next floating-point number towards `other`."""
        return np.nextafter(self, other)

    # The error function and the gamma function.

    def erf(self: Any) -> Any:
        """2 / sqrt(pi) * the integral of e^(-t^2) from 0 to self."""
        return kernels.erf(self)

    def erfc(self: Any) -> Any:
        """1 - erf(self), exact where that is tiny."""
        return kernels.erfc(self)

    def erfinv(self: Any) -> Any:
        """The inverse of erf."""
        return kernels.erfinv(self)

    def lgamma(self: Any) -> Any:
        """log(|Gamma(self)|)."""
        return kernels.lgamma(self)

    def digamma(self: Any) -> Any:
        """The derivative of `lgamma`."""
        return kernels.digamma(self)

    def polygamma(self: Any, n: int) -> Any:
        """The n-th derivative of `digamma`."""
        return kernels.digamma(self) if n == 0 else kernels.polygamma(self, n=n)
