"""Filling a tensor with random numbers, in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..device import CPU, to_device
from ..kernels import stream as streams


class Random:
    """`uniform_` and its relatives. Each takes a `generator`, and returns the tensor itself.

    The new values have no history. As every in-place write, they are refused to a leaf that
    requires a gradient, except under `no_grad()`.
    """

    __slots__ = ()

    def uniform_(self: Any, a: float = 0.0, b: float = 1.0, *, generator: Any = None) -> Any:
        """Uniform in [a, b). Raises RuntimeError if a > b."""
        require(a <= b, f"uniform_: expected a range [a, b), got a={a} > b={b}")
        return fill(self, "uniform_", generator, streams.uniform, a, b)

    def normal_(self: Any, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Any:
        """Normal with this mean and standard deviation. Raises RuntimeError if std is negative."""
        require(std >= 0, f"normal_: expected std >= 0, got {std}")
        bulk = self.array.flags.c_contiguous
        return fill(self, "normal_", generator, streams.normal, mean, std, bulk)

    def exponential_(self: Any, lambd: float = 1.0, *, generator: Any = None) -> Any:
        """Exponential with density lambd exp(-lambd x). Raises RuntimeError if lambd is not
        positive.
        """
        require(lambd > 0, f"exponential_: expected lambd > 0, got {lambd}")
        return fill(self, "exponential_", generator, streams.exponential, lambd)

    def log_normal_(
        self: Any, mean: float = 1.0, std: float = 2.0, *, generator: Any = None
    ) -> Any:
        """exp of normal numbers with this mean and std. Raises RuntimeError if std <= 0."""
        require(std > 0, f"log_normal_: expected std > 0, got {std}")
        return fill(self, "log_normal_", generator, streams.log_normal, mean, std)

    def cauchy_(
        self: Any, median: float = 0.0, sigma: float = 1.0, *, generator: Any = None
    ) -> Any:
        """Cauchy with density sigma / (pi (sigma^2 + (x - median)^2)). Raises RuntimeError if
        sigma <= 0.
        """
        require(sigma > 0, f"cauchy_: expected sigma > 0, got {sigma}")
        return fill(self, "cauchy_", generator, streams.cauchy, median, sigma)

    def geometric_(self: Any, p: float, *, generator: Any = None) -> Any:
        """The number of trials up to the first success, each with probability p: 1, 2, ... Raises
        RuntimeError unless 0 < p < 1.
        """
        require(0 < p < 1, f"geometric_: expected p between 0 and 1, got {p}")
        return fill(self, "geometric_", generator, streams.geometric, p, numbers=True)

    def bernoulli_(self: Any, p: Any = 0.5, *, generator: Any = None) -> Any:
        """1 with probability p, else 0; p is a number, or a tensor that broadcasts."""
        chance = to_device(p.array, CPU) if hasattr(p, "array") else p
        require_probabilities(chance, "bernoulli_")
        if isinstance(chance, np.ndarray):
            chance = along_memory(np.broadcast_to(chance, self.shape), self.array)
        return fill(self, "bernoulli_", generator, streams.bernoulli, chance, numbers=True)

    def random_(
        self: Any,
        from_: int | None = None,
        to: int | None = None,
        *,
        generator: Any = None,
    ) -> Any:
        """Integers: `random_(from, to)` below `to`, `random_(to)` from 0, `random_()` as far as the
        dtype goes.
        """
        if from_ is None:
            return fill(self, "random_", generator, streams.any_integers, numbers=True)
        low, high = (0, from_) if to is None else (from_, to)
        require(low < high, f"random_: expected from < to, got from={low} >= to={high}")
        require_fit(self.dtype, low, high, "random_")
        return fill(self, "random_", generator, streams.integers, low, high, numbers=True)

    def bernoulli(self: Any, *, generator: Any = None) -> Any:
        """A new tensor of ones and zeros; each is 1 with the probability that stands at its place
        here.
        """
        require_floating(self.dtype, "bernoulli")
        chances = self.detach().contiguous()
        new: Any = np.zeros_like(chances)
        new.bernoulli_(chances, generator=generator)
        return kernels.drawn(self, numbers=new.array) if self.requires_grad else new


def fill(
    tensor: Any,
    name: str,
    generator: Any,
    draw: Any,
    *arguments: Any,
    numbers: bool = False,
) -> Any:
    """Write what `draw` draws into `tensor`. `numbers`: integers and bools are welcome too."""
    if not numbers:
        require_floating(tensor.dtype, name)
    stream = streams.default if generator is None else generator.stream
    array = tensor.array
    order = memory_order(array)
    shape = tuple(array.shape[axis] for axis in order)
    drawn = draw(stream, shape, array.dtype, *arguments).transpose(np.argsort(order))
    new = tensor.detach()
    new.data = to_device(drawn, tensor.device)
    return tensor.write(new, name)


def memory_order(array: Any) -> list[int]:
    """The axes from the widest stride to the narrowest: PyTorch fills memory from front to back."""
    return sorted(range(array.ndim), key=lambda axis: -array.strides[axis])


def along_memory(values: Any, array: Any) -> Any:
    """`values`, of the shape of `array`, with the axes in the order in which `array` is filled."""
    return values.transpose(memory_order(array))


def require(fine: bool, message: str) -> None:
    """Raise RuntimeError(message) if something is not as it must be."""
    if not fine:
        raise RuntimeError(message)


def require_floating(dtype: Any, name: str) -> None:
    """Raise NotImplementedError, as PyTorch does, for integers and bools."""
    if dtype.kind in "biu":
        raise NotImplementedError(
            f"{name}: its numbers are not whole ones, but the dtype is {dtype}. "
            "Remedy: use a floating-point dtype; randint and random_ give integers"
        )


def require_probabilities(p: Any, name: str) -> None:
    """Raise RuntimeError unless all of p lies in [0, 1]."""
    fine = np.all((p >= 0) & (p <= 1))
    require(bool(fine), f"{name}: probabilities lie between 0 and 1, got {p}")


def require_fit(dtype: Any, low: int, high: int, name: str) -> None:
    """Raise RuntimeError if the integers of [low, high) do not fit into an integer dtype."""
    if dtype.kind in "iu":
        span = np.iinfo(dtype)
        fits = span.min <= low and high - 1 <= span.max
        require(fits, f"{name}: {dtype} cannot hold the integers from {low} to {high - 1}")
