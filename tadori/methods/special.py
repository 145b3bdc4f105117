"""Methods of special functions: Bessel's I0, the incomplete gamma functions, parts of numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..kernels import bessel, gamma
from .return_types import frexp as Frexp


class SpecialFunctions:
    """Those special functions that PyTorch has as methods; the others are in `tadori.special`."""

    __slots__ = ()

    def i0(self: Any) -> Any:
        """Bessel's I0: the mean of e^(self cos t) over the angles t."""
        return bessel.i0(self)

    def igamma(self: Any, other: Any) -> Any:
        """The integral of e^-t t^(self-1) from 0 to `other`, over Gamma(self). Needs SciPy.

        The derivative with respect to `self` is not there, as in PyTorch.
        """
        return gamma.gammainc(self, other)

    def igammac(self: Any, other: Any) -> Any:
        """1 - igamma(self, other), exact where it is tiny. Needs SciPy."""
        return gamma.gammaincc(self, other)

    def mvlgamma(self: Any, p: int) -> Any:
        """log of the p-dimensional gamma function: p (p-1) / 4 log(pi) + the sum of

        lgamma(self - j / 2) for j = 0 ... p-1. Raises RuntimeError for p < 1.
        """
        if p < 1:
            raise RuntimeError(f"mvlgamma: p has to be greater than or equal to 1, got {p}")
        total: Any = p * (p - 1) / 4 * math.log(math.pi)
        for j in range(p):
            total = kernels.lgamma(self - j / 2) + total
        return total

    def frexp(self: Any) -> Any:
        """(mantissa, exponent): self = mantissa * 2^exponent, |mantissa| in [1/2, 1)."""
        if self.dtype.kind not in "fV":
            raise RuntimeError(
                f"torch.frexp() only supports floating-point dtypes, this one is {self.dtype}"
            )
        found: Any = np.frexp(self)
        return Frexp(*found)

    # In place.

    def i0_(self: Any) -> Any:
        """`i0` in place."""
        return self.write(self.i0(), "i0_")

    def igamma_(self: Any, other: Any) -> Any:
        """`igamma` in place."""
        return self.write(self.igamma(other), "igamma_")

    def igammac_(self: Any, other: Any) -> Any:
        """`igammac` in place."""
        return self.write(self.igammac(other), "igammac_")

    def mvlgamma_(self: Any, p: int) -> Any:
        """`mvlgamma` in place."""
        return self.write(self.mvlgamma(p), "mvlgamma_")
