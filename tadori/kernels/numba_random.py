"""Loops that draw random numbers: the Mersenne Twister and what `stream.py` makes of its words.

`state` (625,) of uint32 is the memory of NumPy's generator itself: 624 words, and how many of them
are used up. Nothing here may be contracted or reordered: results are PyTorch's to the last bit.
"""

# mypy: ignore-errors
# (what Numba compiles is typed when it is called)

from __future__ import annotations

import math
from functools import partial

import numpy as np
from llvmlite import ir
from numba.extending import intrinsic
from numpy import float32, int32, uint32

from tadori.kernels import box_muller as reference
from tadori.kernels.numba_parts import loop, part

STRICT = {"error_model": "numpy"}
strict = partial(loop, rules=STRICT)

WORDS, MIDDLE = 624, 397
UPPER, LOWER, MATRIX = uint32(0x80000000), uint32(0x7FFFFFFF), uint32(0x9908B0DF)
ONE_BIT = uint32(1)
MASK_B, MASK_C = uint32(0x9D2C5680), uint32(0xEFC60000)
LOW_24 = uint32((1 << 24) - 1)
UNIT_24, UNIT_53 = float32(2.0**-24), 2.0**-53


@part
def twisted(word, following, distant):
    """The word that replaces `word` in the next round of 624 (Matsumoto and Nishimura, 1998)."""
    mixed = uint32(uint32(word & UPPER) | uint32(following & LOWER))
    odd = uint32(mixed & ONE_BIT)
    return uint32(distant ^ uint32(mixed >> ONE_BIT) ^ uint32(uint32(-odd) & MATRIX))


@part
def tempered(word):
    """The word as it is given out."""
    word = uint32(word ^ uint32(word >> uint32(11)))
    word = uint32(word ^ uint32(uint32(word << uint32(7)) & MASK_B))
    word = uint32(word ^ uint32(uint32(word << uint32(15)) & MASK_C))
    return uint32(word ^ uint32(word >> uint32(18)))


@strict
def draw(state, words):
    """Fill `words` (N,) of uint32 with the next words of the stream."""
    done = 0
    while done < words.size:
        if state[WORDS] >= WORDS:
            for i in range(WORDS - MIDDLE):
                state[i] = twisted(state[i], state[i + 1], state[i + MIDDLE])
            for i in range(WORDS - MIDDLE, WORDS - 1):
                state[i] = twisted(state[i], state[i + 1], state[i + MIDDLE - WORDS])
            state[WORDS - 1] = twisted(state[WORDS - 1], state[0], state[MIDDLE - 1])
            state[WORDS] = 0
        used = int(state[WORDS])
        count = min(WORDS - used, words.size - done)
        source = state[used : used + count]
        target = words[done : done + count]
        for i in range(count):
            target[i] = tempered(source[i])
        state[WORDS] = used + count
        done += count


CHUNK = 4096  # words that are drawn at a time, and stay in the cache


@strict
def words(state, numbers):
    """Fill `numbers` of uint64 with a word each."""
    drawn = np.empty(CHUNK, np.uint32)
    for start in range(0, numbers.size, CHUNK):
        target = numbers[start : start + CHUNK]
        draw(state, drawn[: target.size])
        for i in range(target.size):
            target[i] = drawn[i]


@strict
def pairs(state, numbers):
    """Fill `numbers` of uint64 with two words each, the high one first."""
    drawn = np.empty(2 * CHUNK, np.uint32)
    for start in range(0, numbers.size, CHUNK):
        target = numbers[start : start + CHUNK]
        draw(state, drawn[: 2 * target.size])
        for i in range(target.size):
            high = np.uint64(drawn[2 * i])
            target[i] = (high << np.uint64(32)) | np.uint64(drawn[2 * i + 1])


@strict
def singles(state, numbers):
    """As `stream.singles`."""
    drawn = np.empty(CHUNK, np.uint32)
    for start in range(0, numbers.size, CHUNK):
        target = numbers[start : start + CHUNK]
        draw(state, drawn[: target.size])
        for i in range(target.size):
            target[i] = float32(int32(drawn[i] & LOW_24)) * UNIT_24


@strict
def doubles(state, numbers):
    """As `stream.doubles`: of the high word the lower 21 bits count."""
    drawn = np.empty(2 * CHUNK, np.uint32)
    for start in range(0, numbers.size, CHUNK):
        target = numbers[start : start + CHUNK]
        draw(state, drawn[: 2 * target.size])
        for i in range(target.size):
            high = np.int64(drawn[2 * i] & uint32((1 << 21) - 1))
            whole = (high << 32) | np.int64(drawn[2 * i + 1])
            target[i] = float(whole) * UNIT_53


@strict
def permutation(state, order):
    """As `stream.permutation`."""
    count = order.size
    for i in range(count):
        order[i] = i
    drawn = np.empty(CHUNK, np.uint32)
    for start in range(0, count - 1, CHUNK):
        steps = min(CHUNK, count - 1 - start)
        draw(state, drawn[:steps])
        rest = order[start:]
        for j in range(steps):
            drawn[j] = uint32(drawn[j] % uint32(rest.size - j))
        for j in range(steps):
            place = j + np.int64(drawn[j])
            rest[j], rest[place] = rest[place], rest[j]


# ---------------------------------------------------------------------------- normal numbers


@intrinsic
def fma(context, a, b, c):
    """a * b + c, rounded once."""

    def build(context, builder, signature, arguments):
        kind = arguments[0].type
        name = "llvm.fma." + ("f32" if isinstance(kind, ir.FloatType) else "f64")
        function = builder.module.declare_intrinsic(name, (), ir.FunctionType(kind, [kind] * 3))
        return builder.call(function, arguments)

    return a(a, a, a), build


def constants(numbers):
    """Of the text that explains them, `box_muller.py`, as float32."""
    return tuple(map(float32, numbers))


LOG, SIN, COS = map(constants, (reference.LOG, reference.SIN, reference.COS))
LN2 = constants(reference.LN2)
QUARTER_PI = constants(reference.QUARTER_PI)
ROOT_HALF, HALF, ONE, ZERO = constants((math.sqrt(0.5), 0.5, 1.0, 0.0))
TURN, EIGHTHS, MINUS_TWO = constants((2 * math.pi, 4 / math.pi, -2.0))
FRACTION, HALF_BITS = int32(0x7FFFFF), int32(0x3F000000)  # bits of a float32


@part
def log(u):
    """As `box_muller.log`; u is a normal number."""
    bits = float32(u).view(np.int32)
    fraction = int32(int32(bits & FRACTION) | HALF_BITS).view(np.float32)
    small = fraction < ROOT_HALF
    x = fraction - ONE + (fraction if small else ZERO)
    e = float32(int32(int32(bits >> 23) - 126)) - (ONE if small else ZERO)
    square = x * x
    y = LOG[0]
    for c in LOG[1:]:
        y = fma(y, x, c)
    y = fma(y * x, square, e * LN2[0]) - square * HALF
    return fma(e, LN2[1], x + y)


@part
def sin_cos(angle):
    """As `box_muller.sin_cos`."""
    octant = int32(angle * EIGHTHS)
    octant = int32(octant + int32(octant & int32(1)))
    x = angle
    eighths = float32(octant)
    for c in QUARTER_PI:
        x = fma(eighths, c, x)
    square = x * x
    y = SIN[0]
    for c in SIN[1:]:
        y = fma(y, square, c)
    sine = fma(y * square, x, x)
    y = COS[0]
    for c in COS[1:]:
        y = fma(y, square, c)
    cosine = fma(y * square, square, square * -HALF) + ONE
    swap = int32(octant & int32(2)) != 0
    first = cosine if swap else sine
    second = sine if swap else cosine
    first = -first if int32(octant & int32(4)) != 0 else first
    second = -second if int32(int32(octant + int32(2)) & int32(4)) != 0 else second
    return first, second


@strict
def box_muller(blocks, mean, std):
    """As `box_muller.box_muller`, in place: (N, 16) of float32."""
    plain = std == ONE
    for i in range(len(blocks)):
        for j in range(8):
            radius = np.sqrt(MINUS_TWO * log(ONE - blocks[i, j]))
            sine, cosine = sin_cos(blocks[i, j + 8] * TURN)
            first = radius * cosine
            second = radius * sine
            blocks[i, j] = first + mean if plain else fma(first, std, mean)
            blocks[i, j + 8] = second + mean if plain else fma(second, std, mean)


@strict
def scale(numbers, span, low):
    """numbers span + low, rounded once; in place."""
    for i in range(numbers.size):
        numbers[i] = fma(numbers[i], span, low)
