"""Random numbers by rejection: drawn until one is accepted, as often as PyTorch draws on the CPU.

Each sampler gives one number, of the draws it takes and its parameters. The methods are W.
Hörmann's for Poisson ("The transformed rejection method for generating Poisson random variables",
1993) and binomial numbers ("The generation of binomial random variates", 1993), and Marsaglia and
Tsang's for gamma ("A simple method for generating gamma variables", 2000).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .stream import Stream, doubles

AHEAD = 256  # uniform numbers drawn at a time
SQUEEZE = float(np.float32(0.0331))  # as PyTorch has it


class Draws:
    """Numbers one by one from a stream, which is the caller's alone meanwhile.

    They are drawn ahead; `end` lets the stream stand after the last one that was taken.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream, self.start = stream, stream.bits.state
        self.taken = 0
        self.ahead: Iterator[float] = iter(())

    def uniform(self) -> float:
        """The next float64 in [0, 1)."""
        self.taken += 1
        for number in self.ahead:
            return number
        self.ahead = iter(doubles(self.stream, AHEAD).tolist())
        return next(self.ahead)

    def normal(self) -> float:
        """The next standard normal number: of each Box-Muller pair the second is kept."""
        number = self.stream.spare
        if number is not None:
            self.stream.spare = None
            return number
        angle = 2 * math.pi * self.uniform()
        radius = math.sqrt(-2 * math.log1p(-self.uniform()))
        self.stream.spare = radius * math.sin(angle)
        return radius * math.cos(angle)

    def end(self) -> None:
        """Give back what was drawn and not taken."""
        self.stream.bits.state = self.start
        self.stream.words(2 * self.taken)


def sampled(stream: Stream, sampler: Callable[..., float], *parameters: Any) -> Any:
    """A float64 number of `sampler` for each element of the parameters, arrays of one shape, in
    C order.
    """
    columns = [x.ravel().tolist() for x in parameters]
    with stream.lock:
        draws = Draws(stream)
        numbers = [sampler(draws, *row) for row in zip(*columns)]
        draws.end()
    return np.array(numbers, np.float64).reshape(parameters[0].shape)


def poisson(draws: Draws, rate: float) -> float:
    """How many events there are when `rate` are expected."""
    if rate == 0:
        return 0
    if rate < 10:  # events come until their gaps, each exponential, fill the time
        count, product, end = 0, draws.uniform(), math.exp(-rate)
        while product > end:
            count += 1
            product *= draws.uniform()
        return count
    width = 0.931 + 2.53 * math.sqrt(rate)
    slant = -0.059 + 0.02483 * width
    inverse_alpha = 1.1239 + 1.1328 / (width - 3.4)
    box = 0.9277 - 3.6224 / (width - 2)
    while True:
        u, v = draws.uniform() - 0.5, draws.uniform()
        edge = 0.5 - abs(u)
        count = guess((2 * slant / max(edge, 5e-324) + width) * u + rate + 0.43)
        if edge >= 0.07 and v <= box:
            return count
        if count < 0 or (edge < 0.013 and v > edge):
            continue
        hat = log(v) + math.log(inverse_alpha) - math.log(slant / (edge * edge) + width)
        if hat <= -rate + count * math.log(rate) - math.lgamma(count + 1):
            return count


def binomial(draws: Draws, count: float, p: float) -> float:
    """How many of `count` trials succeed, each with probability p."""
    if count <= 0 or p <= 0:
        return 0
    if p >= 1:
        return count
    if p > 0.5:
        return count - binomial(draws, count, 1 - p)
    find = by_box if count * p >= 10 else by_gaps
    return find(draws, count, p)


def by_gaps(draws: Draws, count: float, p: float) -> float:
    """A binomial number: the gaps between successes are geometric."""
    scale, trials, successes = math.log1p(-p), 0.0, -1
    while trials <= count:
        u = draws.uniform()
        trials += math.ceil(math.log(u) / scale) if u else math.inf
        successes += 1
    return successes


def by_box(draws: Draws, count: float, p: float) -> float:
    """A binomial number, by transformed rejection (the paper's BTRS)."""
    spread = math.sqrt(count * p * (1 - p))
    width = 1.15 + 2.53 * spread
    slant = -0.0873 + 0.0248 * width + 0.01 * p
    box, odds = 0.92 - 4.2 / width, p / (1 - p)
    alpha = (2.83 + 5.1 / width) * spread
    mode = math.floor((count + 1) * p)
    while True:
        u, v = draws.uniform() - 0.5, draws.uniform()
        edge = 0.5 - abs(u)
        k = guess((2 * slant / max(edge, 5e-324) + width) * u + count * p + 0.5)
        if k < 0 or k > count:
            continue
        if edge >= 0.07 and v <= box:
            return k
        rest, left = count - mode + 1, count - k + 1
        bound = (
            (mode + 0.5) * math.log((mode + 1) / (odds * rest))
            + (count + 1) * math.log(rest / left)
            + (k + 0.5) * math.log(odds * left / (k + 1))
            + stirling_error(mode)
            + stirling_error(count - mode)
            - stirling_error(k)
            - stirling_error(count - k)
        )
        if log(v * alpha / (slant / (edge * edge) + width)) <= bound:
            return k


def gamma(draws: Draws, d: float, boost: float = 0.0) -> float:
    """A gamma number of shape d + 1/3 and rate 1; or, with a boost of 1 / shape, of a shape that is
    smaller by 1, and less than 1.
    """
    scale = (1 - draws.uniform()) ** boost if boost else 1.0
    c = 1 / math.sqrt(9 * d)
    while True:
        x = draws.normal()
        if (y := 1 + c * x) <= 0:
            continue
        v, u, square = y * y * y, 1 - draws.uniform(), x * x
        if u < 1 - SQUEEZE * square * square:
            return scale * d * v
        if math.log(u) < 0.5 * square + d * (1 - v + math.log(v)):
            return scale * d * v


def log(u: float) -> float:
    """The logarithm of a number in [0, 1]: minus infinity at 0."""
    return math.log(u) if u else -math.inf


def guess(x: float) -> int:
    """The integer below x, within 64 bits."""
    return math.floor(min(max(x, -(2.0**63)), 2.0**63 - 1024))


#: log k! minus Stirling's approximation of it, for small k
STIRLING_ERRORS = [
    math.lgamma(k + 1) - ((k + 0.5) * math.log(k + 1) - (k + 1) + 0.5 * math.log(2 * math.pi))
    for k in range(10)
]


def stirling_error(k: float) -> float:
    """log k! - ((k + 1/2) log(k + 1) - (k + 1) + log(2 pi) / 2)."""
    if k <= 9:
        return STIRLING_ERRORS[int(k)]
    square = (k + 1) * (k + 1)
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)
