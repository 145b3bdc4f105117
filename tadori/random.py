"""Random tensors, and the seeds they come from: the same seed gives the numbers that PyTorch gives
on the CPU.

Numbers are drawn on the CPU, in PyTorch's order, and then moved: a program gives the same ones on
every device. NumPy's own generators are not touched.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import kernels
from .creation import as_dtype, made
from .device import CPU, to_device
from .device import device as Device
from .dtype import DType
from .kernels import rejection
from .kernels import stream as streams
from .layout import takes_hints, takes_out
from .methods.creation import shape_of
from .methods.random import require, require_fit, require_floating
from .tensor import Tensor

__all__ = [
    "Generator",
    "default_generator",
    "manual_seed",
    "seed",
    "initial_seed",
    "get_rng_state",
    "set_rng_state",
    "fork_rng",
    "rand",
    "randn",
    "randint",
    "randperm",
    "rand_like",
    "randn_like",
    "randint_like",
    "normal",
    "bernoulli",
    "multinomial",
    "poisson",
    "binomial",
]


class Generator:
    """A stream of random numbers of its own: `rand(3, generator=Generator().manual_seed(1))`.

    Its numbers, and the states it saves, are those of PyTorch's CPU generator. Threads may share
    one.
    """

    def __init__(self, device: Any = "cpu") -> None:
        self.device = Device(device)
        self.stream = streams.Stream(67280421310721)  # PyTorch's choice where nobody chooses

    def manual_seed(self, seed: int) -> Generator:
        """Begin anew, with the numbers that follow from this seed. Returns the generator."""
        self.stream.restart(checked_seed(seed))
        return self

    def seed(self) -> int:
        """Begin anew from a seed that the operating system draws, and return it."""
        self.manual_seed(secrets.randbits(53))
        return self.initial_seed()

    def initial_seed(self) -> int:
        """The seed with which the stream began."""
        return self.stream.seed

    def get_state(self) -> Tensor:
        """Where the stream stands, as a uint8 tensor, in PyTorch's own layout."""
        return Tensor(self.stream.get_state())

    def set_state(self, new_state: Tensor) -> Generator:
        """Go on from what `get_state` gave. Returns the generator."""
        self.stream.set_state(np.asarray(new_state))
        return self

    def clone_state(self) -> Generator:
        """Another generator that stands where this one stands."""
        return _restored(str(self.device), self.stream.get_state())

    def __reduce__(self) -> Any:
        return _restored, (str(self.device), self.stream.get_state())

    def __repr__(self) -> str:
        return f"<tadori.Generator, initial_seed={self.initial_seed()}>"


def _restored(device: str, state: Any) -> Generator:
    generator = Generator(device)
    generator.stream.set_state(state)
    return generator


def checked_seed(seed: int) -> int:
    """The seed as PyTorch counts it: a negative one stands for itself + 2^64."""
    seed = int(seed)
    if not -(1 << 63) <= seed < 1 << 64:
        raise ValueError(f"manual_seed: a seed lies between -2^63 and 2^64 - 1, got {seed}")
    return seed % (1 << 64)


#: what all functions here draw from when no generator is given
default_generator = Generator()
default_generator.stream = streams.default


def manual_seed(seed: int) -> Generator:
    """Begin the default generator anew from `seed`; the same seed gives the same numbers. Returns
    it.
    """
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Begin the default generator anew from a seed that the operating system draws; return the
    seed.
    """
    return default_generator.seed()


def initial_seed() -> int:
    """The seed with which the default generator began."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Where the default generator stands, a uint8 tensor: for checkpoints."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Let the default generator go on from what `get_rng_state` gave."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(enabled: bool = True) -> Iterator[None]:
    """A block after which the default generator stands where it stood before."""
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)


def stream_of(generator: Generator | None) -> streams.Stream:
    """The stream to draw from."""
    return streams.default if generator is None else generator.stream


def drawn(draw: Any, name: str, shape: Any, dtype: DType, generator: Any, *arguments: Any) -> Any:
    """What `draw` gives in this dtype. A complex number is two real ones."""
    if dtype.kind != "c":
        require_floating(dtype, name)
        return draw(stream_of(generator), shape, dtype, *arguments)
    real = np.dtype(f"f{dtype.itemsize // 2}")
    return draw(stream_of(generator), (*shape, 2), real, *arguments).view(dtype)[..., 0]


@takes_hints
def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Uniform numbers in [0, 1): `rand(2, 3)` or `rand((2, 3))`."""
    numbers = drawn(streams.uniform, "rand", shape_of(size), as_dtype(dtype), generator)
    return made(numbers, device, requires_grad)


@takes_hints
def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Standard normal numbers (mean 0, variance 1): `randn(2, 3)` or `randn((2, 3))`."""
    kind = as_dtype(dtype)
    std = 1 / math.sqrt(2) if kind.kind == "c" else 1.0  # a complex number has variance 1 in all
    numbers = drawn(streams.normal, "randn", shape_of(size), kind, generator, 0.0, std)
    return made(numbers, device, requires_grad)


@takes_hints
def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = np.int64,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Integers in [low, high): `randint(high, size)` from 0, or `randint(low, high, size)`; `size`
    is a tuple.
    """
    if size is None:
        low, high, size = 0, low, high
    if not isinstance(size, tuple | list):
        raise TypeError(f"randint: expected the size as a tuple of integers, got {size!r}")
    require(low < high, f"randint: expected low < high, got low={low} >= high={high}")
    require_fit(np.dtype(dtype), low, high, "randint")
    shape = shape_of((size,))
    numbers = streams.integers(stream_of(generator), shape, np.dtype(dtype), low, high)
    return made(numbers, device, requires_grad)


@takes_hints
def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: Any = np.int64,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The integers from 0 to n - 1 in random order."""
    (n,) = shape_of((n,))
    numbers = streams.permutation(stream_of(generator), n).astype(dtype, copy=False)
    return made(numbers, device, requires_grad)


@takes_hints
def rand_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Uniform numbers in [0, 1) of the shape, dtype and device of `input`."""
    kind, where = dtype or input.dtype, device or input.device
    return rand(input.shape, dtype=kind, device=where, requires_grad=requires_grad)


@takes_hints
def randn_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Standard normal numbers of the shape, dtype and device of `input`."""
    kind, where = dtype or input.dtype, device or input.device
    return randn(input.shape, dtype=kind, device=where, requires_grad=requires_grad)


@takes_hints
def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Integers in [low, high), or [0, low), of the shape, dtype and device of `input`."""
    low, high = (0, low) if high is None else (low, high)
    kind, where = dtype or input.dtype, device or input.device
    return randint(low, high, input.shape, dtype=kind, device=where, requires_grad=requires_grad)


@takes_hints
def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers: of one mean and std, `normal(0.0, 1.0, (2, 3))`, or of each element's own.

    In the second case mean or std, or both, are tensors; their shapes broadcast. Raises
    RuntimeError if an std is negative.
    """
    means, stds = (getattr(x, "array", x) for x in (mean, std))
    require(bool(np.all(stds >= 0)), f"normal: expected every std >= 0, got {std}")
    stream = stream_of(generator)
    if size is not None:
        shape, kind = shape_of((size,)), as_dtype(dtype)
        numbers = drawn(streams.normal, "normal", shape, kind, generator, float(mean), float(std))
        return made(numbers, device, requires_grad)
    given = [x for x in (mean, std) if isinstance(x, Tensor)]
    if not given:
        raise TypeError("normal: two numbers need a size. Remedy: normal(mean, std, (2, 3))")
    kind = given[0].dtype
    means, stds = (
        to_device(x, CPU) if hasattr(x, "dtype") else kind.type(x) for x in (means, stds)
    )
    require_floating(kind, "normal")
    shape = np.broadcast_shapes(np.shape(means), np.shape(stds))
    numbers = streams.normal(stream, shape, kind) * stds + means
    new = made(numbers, given[0].device if device is None else device, requires_grad)
    return kernels.drawn(*given, numbers=new.array) if any(x.requires_grad for x in given) else new


@takes_out
def bernoulli(
    input: Tensor, p: float | None = None, *, generator: Generator | None = None
) -> Tensor:
    """Ones and zeros: 1 with the probability that `input` has at that place, or with probability
    `p` everywhere.
    """
    if p is None:
        return Tensor.bernoulli(input, generator=generator)
    chances = input.detach().contiguous()
    return np.empty_like(chances).bernoulli_(p, generator=generator)  # type: ignore[attr-defined]


@takes_out
def multinomial(
    input: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Indices drawn by weight, int64 of shape (num_samples,) or (rows, num_samples).

    `input` holds weights >= 0, one row or a matrix of rows; they need not sum to 1. Without
    replacement no index comes twice in a row. Raises RuntimeError for weights that are negative,
    infinite, NaN or all zero.
    """
    weights = to_device(input.array, CPU)
    check_weights(weights, num_samples, replacement)
    choose = with_replacement if replacement and num_samples > 1 else without_replacement
    rows = choose(np.atleast_2d(weights), num_samples, stream_of(generator))
    return made(rows.reshape(*weights.shape[:-1], num_samples), input.device)


def check_weights(weights: Any, num_samples: int, replacement: bool) -> None:
    """Raise RuntimeError if these are no weights to draw so many indices by."""
    require(
        weights.ndim in (1, 2) and weights.dtype.kind == "f",
        "multinomial: expected floating-point weights with one axis or two, got "
        f"{weights.dtype}{weights.shape}",
    )
    require(num_samples > 0, f"multinomial: expected num_samples > 0, got {num_samples}")
    require(
        replacement or num_samples <= weights.shape[-1],
        f"multinomial: {num_samples} different indices cannot be drawn from {weights.shape[-1]}. "
        "Remedy: replacement=True",
    )
    require(
        bool(np.all((weights >= 0) & (weights < np.inf))),
        "multinomial: a weight is negative, infinite or NaN",
    )
    require(bool(np.all(weights.sum(axis=-1) > 0)), "multinomial: all weights of a row are zero")


def without_replacement(weights: Any, count: int, stream: streams.Stream) -> Any:
    """A race: index i arrives after an exponential time of rate weights[i]; `count` win."""
    times = streams.exponential(stream, weights.shape, weights.dtype)
    with np.errstate(all="ignore"):  # a time may be 0
        speed = weights / times
    if count == 1:
        return np.argmax(speed, axis=1)[:, None]
    return np.argsort(-speed, axis=1, kind="stable")[:, :count]


def with_replacement(weights: Any, count: int, stream: streams.Stream) -> Any:
    """Each index by bisection: where a uniform number falls among the sums of the weights."""
    sums = np.cumsum(weights, axis=1)
    off = np.abs(sums[:, -1:] - 1) > 1e-5
    sums = np.where(off, sums / sums[:, -1:], sums)
    sums[:, -1] = 1
    numbers = streams.uniform(stream, (len(weights), count), np.dtype(np.float64))
    return np.stack([np.searchsorted(row, u) for row, u in zip(sums, numbers, strict=True)])


def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """How many events there are when `input` are expected, at each place; of the same dtype."""
    rates = to_device(input.array, CPU)
    require_floating(rates.dtype, "poisson")
    require(bool(np.all(rates >= 0)), "poisson: expected every rate >= 0")
    counts = rejection.sampled(stream_of(generator), rejection.poisson, rates)
    return made(counts.astype(rates.dtype), input.device)


def binomial(count: Tensor, prob: Tensor, generator: Generator | None = None) -> Tensor:
    """How many of `count` trials succeed, each with probability `prob`; the two broadcast."""
    counts, chances = np.broadcast_arrays(to_device(count.array, CPU), to_device(prob.array, CPU))
    require_floating(counts.dtype, "binomial")
    require(counts.dtype == chances.dtype, "binomial: count and prob differ in dtype")
    numbers = rejection.sampled(stream_of(generator), rejection.binomial, counts, chances)
    return made(numbers.astype(counts.dtype), count.device)


def standard_gamma(alpha: Any, generator: Generator | None = None) -> Any:
    """An array of gamma numbers of the shapes that an array gives, and rate 1."""
    kind = alpha.dtype.type
    small = alpha < 1
    d = np.where(small, alpha + kind(1), alpha) - kind(np.float32(1 / 3))
    boost = np.where(small, 1 / np.where(small, alpha, kind(1)), kind(0))
    numbers = rejection.sampled(stream_of(generator), rejection.gamma, d, boost)
    return np.maximum(numbers.astype(alpha.dtype), np.finfo(kind).tiny)
