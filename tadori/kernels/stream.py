"""Random numbers as arrays: the stream that PyTorch draws from on the CPU, number for number.

A `Stream` gives 32-bit words (Mersenne Twister, MT19937); each function here says how many words a
number takes and what becomes of them. The same seed and the same calls give PyTorch's numbers, bit
for bit.
"""

from __future__ import annotations

import ctypes
import math
import os
import threading
from array import array
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from .box_muller import box_muller, fma, fma_double, libm
from .numba_pool import FLOAT32, run, served

Shape = tuple[int, ...]

CHUNK = 1 << 15  # numbers worked on at a time: they stay in the processor's cache
SINGLE, DOUBLE = 24, 53  # bits of a random float32 and float64
WIDE_RANGE = 1 << 28  # from this range on, an integer takes two words

#: PyTorch's own layout of a saved state, so that states can be exchanged with it
STATE = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("words", "<u8", 624),
        ("unused", "<f8"),
        ("spare", "<f8"),
        ("unused2", "<f8"),
        ("has_spare", "<i4"),
        ("unused3", "u1", 12),
    ]
)


class Stream:
    """The words, the seed they began with, and the second normal number of a pair, kept for the
    next call.

    Threads may share a stream: each function below holds its lock while it draws.
    """

    def __init__(self, seed: int) -> None:
        self.lock = threading.RLock()
        self.spare: float | None = None
        self.restart(seed)

    def restart(self, seed: int) -> None:
        """Begin anew from `seed`, of which the lower 32 bits count."""
        with self.lock:
            self.seed, self.spare = seed, None
            self.__dict__.pop("bits", None)
            self.__dict__.pop("memory", None)

    @cached_property
    def bits(self) -> Any:
        """NumPy's generator of words, made when the first is drawn: `numpy.random` is slow to
        import. It begins as Matsumoto and Nishimura's init_genrand does.
        """
        word = self.seed & 0xFFFFFFFF
        words = [word]
        for i in range(1, 624):
            word = (1812433253 * (word ^ (word >> 30)) + i) & 0xFFFFFFFF
            words.append(word)
        bits = np.random.MT19937(0)
        inner: Any = {"key": np.array(words, dtype=np.uint64), "pos": 624}
        bits.state = {"bit_generator": "MT19937", "state": inner}
        return bits

    def _set_words(self, words: Any, position: int) -> None:
        state: Any = {"key": words, "pos": position}
        self.bits.state = {"bit_generator": "MT19937", "state": state}

    @cached_property
    def memory(self) -> Any:
        """The generator's own state: its 624 words, and how many are used up; (625,) of uint32."""
        place: Any = (ctypes.c_uint32 * 625).from_address(self.bits.ctypes.state_address)
        return np.frombuffer(place, np.uint32)

    def filled(self, name: str, numbers: Any) -> bool:
        """Whether the loop `name` of `numba_random` has filled `numbers`, which are many."""
        found = served("random", (numbers.dtype,), numbers)
        if found is not None:
            getattr(found, name)(self.memory, numbers)
        return found is not None

    def words(self, count: int) -> Any:
        """The next `count` words of 32 bits, as uint64."""
        numbers = np.empty(count, np.uint64)
        return numbers if self.filled("words", numbers) else self.bits.random_raw(count)

    def pairs(self, count: int) -> Any:
        """`count` numbers of 64 bits, each of two words, the high one first."""
        numbers = np.empty(count, np.uint64)
        if self.filled("pairs", numbers):
            return numbers
        words = self.bits.random_raw(2 * count)
        high, low = words[0::2], words[1::2]
        return (high << np.uint64(32)) | low

    def get_state(self) -> Any:
        """All there is to know, as 5056 bytes."""
        with self.lock:
            inner: Any = self.bits.state["state"]
            state = np.zeros((), STATE)
            state["seed"], state["seeded"], state["words"] = self.seed, 1, inner["key"]
            unused = inner["pos"] == 624 and inner["key"][0] == self.seed & 0xFFFFFFFF
            state["next"] = 0 if unused else inner["pos"]
            state["left"] = 1 if inner["pos"] == 624 else 625 - inner["pos"]
            if self.spare is not None:
                state["spare"], state["has_spare"] = self.spare, 1
        return np.frombuffer(state.tobytes(), np.uint8).copy()

    def set_state(self, data: Any) -> None:
        """Go on from what `get_state`, or PyTorch's CPU generator, gave."""
        if data.dtype != np.uint8 or data.size != STATE.itemsize:
            raise TypeError(
                f"set_state: a state is a uint8 tensor of {STATE.itemsize} elements, as "
                f"get_state gives; got "
                f"{data.dtype}{tuple(data.shape)}"
            )
        state = np.frombuffer(data.tobytes(), STATE)[0]
        left, position = int(state["left"]), int(state["next"])
        sane = left == 1 or left + position == 625
        if state["seeded"] != 1 or not sane:
            raise RuntimeError("set_state: these bytes are not the state of a generator")
        with self.lock:
            self.seed = int(state["seed"])
            self.spare = float(state["spare"]) if state["has_spare"] else None
            self._set_words(state["words"], 624 if left == 1 else position)


#: what is drawn from when no generator is named; the operating system chooses its seed
default = Stream(int.from_bytes(os.urandom(8), "little") & ((1 << 53) - 1))


def parts(numbers: Any) -> Iterator[Any]:
    """Views of `numbers`, of CHUNK elements at most."""
    for start in range(0, len(numbers), CHUNK):
        yield numbers[start : start + CHUNK]


def singles(stream: Stream, count: int) -> Any:
    """float32 numbers in [0, 1): the lower 24 bits of a word each."""
    numbers = np.empty(count, np.float32)
    if stream.filled("singles", numbers):
        return numbers
    for part in parts(numbers):
        words = stream.words(len(part))
        words &= np.uint64((1 << SINGLE) - 1)
        part[:] = words.view(np.int64)
        part *= 2.0**-SINGLE
    return numbers


def doubles(stream: Stream, count: int) -> Any:
    """float64 numbers in [0, 1): the lower 53 bits of a pair of words each."""
    numbers = np.empty(count, np.float64)
    if stream.filled("doubles", numbers):
        return numbers
    for part in parts(numbers):
        pairs = stream.pairs(len(part))
        pairs &= np.uint64((1 << DOUBLE) - 1)
        part[:] = pairs.view(np.int64)
        part *= 2.0**-DOUBLE
    return numbers


def uniform(
    stream: Stream,
    shape: Shape,
    dtype: Any,
    low: float = 0.0,
    high: float = 1.0,
) -> Any:
    """Uniform in [low, high). Types of 16 bits are rounded from float32; what rounding brings to
    `high` becomes `low`.
    """
    wide = dtype == np.float64
    kind: Any = np.float64 if wide else np.float32
    with stream.lock:
        numbers = (doubles if wide else singles)(stream, math.prod(shape))
    if (low, high) != (0, 1):
        low, span = kind(low), kind(high) - kind(low)
        found = served("random", (numbers.dtype,), numbers)
        if found is not None:
            run(found.scale, numbers, also=(span, low))
        else:
            for part in parts(numbers):
                part[:] = (fma_double if wide else fma)(part, span, low)
    numbers = numbers.astype(dtype, copy=False).reshape(shape)
    if (low, high) != (0, 1) or numbers.itemsize == 2:
        numbers[numbers == numbers.dtype.type(high)] = low
    return numbers


def normal(
    stream: Stream,
    shape: Shape,
    dtype: Any,
    mean: float = 0.0,
    std: float = 1.0,
    bulk: bool = True,
) -> Any:
    """Normal with this mean and standard deviation: in blocks of 16, or one at a time if fewer (or
    not `bulk`).
    """
    count = math.prod(shape)
    if count < 16 or not bulk:
        numbers = fma_double(one_by_one(stream, count), float(std), float(mean))
        return numbers.astype(dtype, copy=False).reshape(shape)
    wide = dtype == np.float64
    draw = doubles if wide else singles
    rest = count % 16
    with stream.lock:
        numbers = draw(stream, count - rest)
        if rest and np.dtype(dtype).itemsize > 2:
            draw(stream, rest)  # PyTorch draws these too, and then does not use them
        last = draw(stream, 16) if rest else None
    if not wide:
        mean, std = float(np.float32(mean)), float(np.float32(std))
    found = served("random", (FLOAT32,), numbers)
    if found is not None:
        run(found.box_muller, numbers.reshape(-1, 16), also=(np.float32(mean), np.float32(std)))
    else:
        for part in parts(numbers):
            part[:] = box_muller(part, mean, std)
    if last is not None:  # sixteen new numbers at the end
        numbers = np.concatenate([numbers[: count - 16], box_muller(last, mean, std)])
    return numbers.astype(dtype, copy=False).reshape(shape)


def one_by_one(stream: Stream, count: int) -> Any:
    """Standard normal numbers in float64. Each Box-Muller pair serves two calls: the second one is
    kept.
    """
    with stream.lock:
        numbers = [] if stream.spare is None else [stream.spare]
        missing = max(count - len(numbers), 0)
        uniforms = iter(doubles(stream, missing + missing % 2).tolist())
        for u, v in zip(uniforms, uniforms):
            radius, angle = math.sqrt(-2 * math.log1p(-v)), 2 * math.pi * u
            numbers += [radius * math.cos(angle), radius * math.sin(angle)]
        stream.spare = numbers.pop() if len(numbers) > count else None
    return np.array(numbers)


def exponential(stream: Stream, shape: Shape, dtype: Any, rate: float = 1.0) -> Any:
    """Exponential with this rate: -log(1 - u) / rate, in float64."""
    with stream.lock:
        u = doubles(stream, math.prod(shape))
    numbers = -1 / rate * libm(math.log1p, -u)
    return numbers.astype(dtype, copy=False).reshape(shape)


def log_normal(stream: Stream, shape: Shape, dtype: Any, mean: float, std: float) -> Any:
    """The exponentials of normal numbers, which are drawn one at a time, in float64."""
    numbers = normal(stream, shape, np.dtype(np.float64), mean, std, bulk=False)
    return libm(math.exp, numbers).astype(dtype, copy=False)


def cauchy(stream: Stream, shape: Shape, dtype: Any, median: float, sigma: float) -> Any:
    """Cauchy: median + sigma tan(pi (u - 1/2)), in float64."""
    with stream.lock:
        u = doubles(stream, math.prod(shape))
    numbers = median + sigma * libm(math.tan, math.pi * (u - 0.5))
    return numbers.astype(dtype, copy=False).reshape(shape)


def geometric(stream: Stream, shape: Shape, dtype: Any, p: float) -> Any:
    """How many trials until the first success: log(u) / log(1 - p), rounded up."""
    with stream.lock:
        u = doubles(stream, math.prod(shape))
    with np.errstate(divide="ignore"):
        numbers = np.ceil(np.log(u) / math.log1p(-p))
    return numbers.astype(dtype).reshape(shape)


def bernoulli(stream: Stream, shape: Shape, dtype: Any, p: Any) -> Any:
    """1 with probability p, else 0. A number, or a float64 p, is compared with float64 draws."""
    wide = not isinstance(p, np.ndarray) or p.dtype == np.float64
    with stream.lock:
        u = (doubles if wide else singles)(stream, math.prod(shape))
    return (u.reshape(shape) < p).astype(dtype)


def integers(stream: Stream, shape: Shape, dtype: Any, low: int, high: int) -> Any:
    """Integers in [low, high): a word, or a pair of words, modulo the range."""
    span, count = high - low, math.prod(shape)
    with stream.lock:
        drawn = stream.words(count) if span < WIDE_RANGE else stream.pairs(count)
    if span < 1 << 64:
        drawn %= np.uint64(span)
    return (drawn.view(np.int64) + low).astype(dtype).reshape(shape)


def any_integers(stream: Stream, shape: Shape, dtype: Any) -> Any:
    """Integers from 0 to the largest that a dtype holds, or that it holds exactly if it is a
    floating one.
    """
    dtype = np.dtype(dtype)
    top = 2  # of bools
    if dtype.kind in "iu":
        top = int(np.iinfo(dtype).max) + 1
    elif dtype.kind == "f":
        top = (1 << (np.finfo(dtype).nmant + 1)) + 1
    count = math.prod(shape)
    with stream.lock:
        drawn = stream.pairs(count) if dtype.itemsize == 8 else stream.words(count)
    drawn %= np.uint64(top)
    return drawn.astype(dtype).reshape(shape)


def permutation(stream: Stream, count: int) -> Any:
    """The numbers below `count` in random order: Fisher-Yates from the front, a word a step."""
    steps = max(count - 1, 0)
    numbers = np.empty(count, np.int64)
    with stream.lock:
        if stream.filled("permutation", numbers):
            return numbers
        words = stream.words(steps)
    places = np.arange(steps, dtype=np.uint64)
    places += words % (np.uint64(count) - places)
    order = array("q", range(count))  # a third quicker than a list, and a NumPy array at once
    for i, place in enumerate(places.tolist()):
        order[i], order[place] = order[place], order[i]
    return np.array(order, dtype=np.int64)
