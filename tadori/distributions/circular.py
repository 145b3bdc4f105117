"""A distribution of angles."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from .. import special
from ..autograd.mode import no_grad
from ..random import rand
from ..tensor import Tensor
from . import constraints
from .distribution import LOG_2PI, Distribution, together

__all__ = ["VonMises"]


class VonMises(Distribution):
    """Angles in radians about `loc`: density exp(k cos(x - loc)) / (2 pi I0(k)), with
    k = concentration. Mean and variance are the circular ones.
    """

    arg_constraints: ClassVar = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = together(loc, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def mode(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def variance(self) -> Tensor:
        """1 - I1(k) / I0(k)."""
        k = self.concentration
        return 1 - special.i1e(k) / special.i0e(k)  # type: ignore[no-any-return]

    def log_prob(self, value: Tensor) -> Tensor:
        """k cos(x - loc) - log 2 pi - log I0(k)."""
        self.check_value(value)
        k = self.concentration
        scaled: Tensor = special.i0e(k)  # exp(-k) I0(k), which stays finite
        return k * ((value - self.loc).cos() - 1) - LOG_2PI - scaled.log()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """By rejection from a wrapped Cauchy variable (Best and Fisher, 1979), in float64."""
        loc, k = (x.array.astype(np.float64) for x in (self.loc, self.concentration))
        r = proposal(k)
        angle = np.zeros(self.shape_of(sample_shape))
        done = np.zeros(angle.shape, bool)
        while not done.all():
            with no_grad():
                first, second, side = rand((3, *angle.shape), dtype=np.dtype(np.float64)).array
            z = np.cos(math.pi * first)
            f = (1 + r * z) / (r + z)
            c = k * (r - f)
            with np.errstate(divide="ignore"):
                surely = c * (2 - c) - second > 0
                taken = surely | (np.log(c / second) + 1 - c >= 0)
            # a place drawn again and taken again gets the later angle, as in PyTorch
            turned = np.sign(side - 0.5) * np.arccos(f)
            angle = np.where(taken, turned, angle)
            done = done | taken
        shifted = (angle + math.pi + loc) % (2 * math.pi)
        return Tensor((shifted - math.pi).astype(self.loc.dtype))


def proposal(k: Any) -> Any:
    """The wrapped Cauchy variable's parameter, whose density lies closest above."""
    tau = 1 + np.sqrt(1 + 4 * k**2)
    rho = (tau - np.sqrt(2 * tau)) / (2 * k)
    exact = (1 + rho**2) / (2 * rho)
    return np.where(k < 1e-5, 1 / k + k, exact)
