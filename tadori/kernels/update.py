"""Update rules: an optimizer's step on one parameter, in place, in the lines of its formula.

Arrays come first and share one shape: the parameter `p` and what is remembered between steps are
written, the gradient `g` never is. Options are Python numbers. `step` counts from 1.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from functools import wraps
from math import sqrt
from typing import Any

import numpy as np

from tadori.kernels.numba_many import Arrays, many
from tadori.kernels.numba_pool import LARGE

#: elements of a block: five arrays of float32 blocks and two temporaries stay in a core's cache
BLOCK = 1 << 15


class Mine(threading.local):
    """What this thread has collected within `together`: how to carry it out, arrays, options."""

    calls: list[tuple[Any, Arrays, dict[str, Any]]] | None = None


mine = Mine()


class together:
    """Collect the calls of rules within the block, and carry them out at its end, all in one.

    What a rule changes can therefore be read after the block only.
    """

    __slots__ = ("outer",)

    def __enter__(self) -> None:
        self.outer, mine.calls = mine.calls, []

    def __exit__(self, *exception: object) -> None:
        calls, mine.calls = mine.calls or [], self.outer
        sizes: list[Any] = [getattr(arrays[0], "size", 0) for _, arrays, _ in calls]
        if sum(sizes) < LARGE:
            for (definition, _), arrays, options in calls:
                definition(*arrays, **options)
            return
        while calls:
            rule, first, options = calls[0]
            kind = kind_of(first)
            members = []
            for other, arrays, given in calls:
                if other is not rule or given != options or kind_of(arrays) != kind:
                    break
                members.append(arrays)
            del calls[: len(members)]
            rule[1](members, options)


def kind_of(arrays: Arrays) -> tuple[Any, list[bool]]:
    """What all members of one call of a loop share: the dtype, and which arrays are there."""
    return arrays[0].dtype, [x is None for x in arrays]  # type: ignore[union-attr]


def blockwise(definition: Callable[..., None]) -> Callable[..., None]:
    """Let a rule, which is elementwise, walk large arrays block by block, or let Numba do it.

    The temporaries of its formula are then small: no large memory is asked for, and ten passes over
    a block run in the cache where ten passes over the array would run in main memory.
    """
    parameters = inspect.signature(definition).parameters.values()
    arrays = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}

    def carry_out(members: list[Arrays], options: dict[str, Any]) -> None:
        options = {name: options.get(name, default) for name, default in defaults.items()}
        there = [p.name for p, x in zip(arrays, members[0]) if p.default is None and x is not None]
        for member in many("_".join([definition.__name__, *there]), members, options):
            walk(definition, member, options)

    @wraps(definition)
    def rule(*given: Any, **options: Any) -> None:
        if type(given[0]) is not np.ndarray:
            return definition(*given, **options)
        if given[0].dtype.kind == "c":
            given = tuple(map(as_pairs, given))
        if mine.calls is None:
            return carry_out([given], options)
        return mine.calls.append((both, given, options))

    both = definition, carry_out
    return rule


def walk(definition: Callable[..., None], arrays: Arrays, options: dict[str, Any]) -> None:
    """The formula on NumPy's arrays, block by block where they are large."""
    p: Any = arrays[0]
    if p.size <= BLOCK:
        return definition(*arrays, **options)
    if all(x is None or x.flags.c_contiguous for x in arrays):
        arrays = tuple(x if x is None else x.reshape(-1) for x in arrays)
    rows = len(arrays[0])  # type: ignore[arg-type]
    some = max(1, rows * BLOCK // p.size)
    for i in range(0, rows, some):
        definition(*(x if x is None else x[i : i + some] for x in arrays), **options)
    return None


def as_pairs(x: Any) -> Any:
    """Complex numbers as two real ones each, in the same memory: rules treat them apart."""
    return x if x is None else x[..., None].view(x.real.dtype)


@blockwise
def sgd(
    p: Any,
    g: Any,
    velocity: Any = None,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
) -> None:
    """Gradient descent; with `velocity`, the array of the moving sum, with momentum."""
    if weight_decay:
        g = g + weight_decay * p
    if velocity is not None:
        velocity *= momentum
        velocity += (1 - dampening) * g
        g = g + momentum * velocity if nesterov else velocity
    p -= lr * g


@blockwise
def adam(
    p: Any,
    g: Any,
    m: Any,
    v: Any,
    v_max: Any = None,
    *,
    step: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> None:
    """Adam; with `v_max`, the largest `v` so far, AMSGrad."""
    if decoupled:
        p *= 1 - lr * weight_decay
    elif weight_decay:
        g = g + weight_decay * p
    m += (1 - beta1) * (g - m)
    v *= beta2
    v += (1 - beta2) * g * g
    if v_max is not None:
        v = np.maximum(v_max, v, out=v_max)
    root = np.sqrt(v) / sqrt(1 - beta2**step) + eps
    p -= lr / (1 - beta1**step) * m / root


@blockwise
def rmsprop(
    p: Any,
    g: Any,
    v: Any,
    mean: Any = None,
    velocity: Any = None,
    *,
    lr: float,
    alpha: float,
    eps: float,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
) -> None:
    """RMSprop; `mean` is the moving mean of the gradient of the centered form."""
    if weight_decay:
        g = g + weight_decay * p
    v *= alpha
    v += (1 - alpha) * g * g
    variance = v
    if mean is not None:
        mean += (1 - alpha) * (g - mean)
        # A variance is not negative, but rounding can make this difference so.
        variance = np.maximum(v - mean * mean, 0.0)
    root = np.sqrt(variance) + eps
    if velocity is None:
        p -= lr * g / root
    else:
        velocity *= momentum
        velocity += g / root
        p -= lr * velocity


@blockwise
def adagrad(
    p: Any,
    g: Any,
    total: Any,
    *,
    step: int,
    lr: float,
    lr_decay: float,
    eps: float,
    weight_decay: float = 0.0,
) -> None:
    """Adagrad; `total` is the sum of the squared gradients."""
    if weight_decay:
        g = g + weight_decay * p
    total += g * g
    p -= lr / (1 + (step - 1) * lr_decay) * g / (np.sqrt(total) + eps)


@blockwise
def adadelta(
    p: Any,
    g: Any,
    v: Any,
    d: Any,
    *,
    lr: float,
    rho: float,
    eps: float,
    weight_decay: float = 0.0,
) -> None:
    """Adadelta; `v` and `d` are the moving means of the squared gradients and squared updates."""
    if weight_decay:
        g = g + weight_decay * p
    v *= rho
    v += (1 - rho) * g * g
    change = np.sqrt(d + eps) / np.sqrt(v + eps) * g
    d *= rho
    d += (1 - rho) * change * change
    p -= lr * change


@blockwise
def adamax(
    p: Any,
    g: Any,
    m: Any,
    u: Any,
    *,
    step: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float = 0.0,
) -> None:
    """Adamax; `u` is the fading maximum of the gradient's size."""
    if weight_decay:
        g = g + weight_decay * p
    m += (1 - beta1) * (g - m)
    u *= beta2
    np.maximum(u, np.abs(g) + eps, out=u)
    p -= lr / (1 - beta1**step) * m / u


@blockwise
def nadam(
    p: Any,
    g: Any,
    m: Any,
    v: Any,
    *,
    step: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    mu: float,
    mu_next: float,
    mu_product: float,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> None:
    """NAdam; `mu` and `mu_next` are the momenta of this step and the next, `mu_product` of all."""
    if decoupled:
        p *= 1 - lr * weight_decay
    elif weight_decay:
        g = g + weight_decay * p
    m += (1 - beta1) * (g - m)
    v *= beta2
    v += (1 - beta2) * g * g
    root = np.sqrt(v / (1 - beta2**step)) + eps
    p -= lr * (1 - mu) / (1 - mu_product) * g / root
    p -= lr * mu_next / (1 - mu_product * mu_next) * m / root


@blockwise
def radam(
    p: Any,
    g: Any,
    m: Any,
    v: Any,
    *,
    step: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> None:
    """RAdam: adaptive only once enough steps are seen to know the variance of 1 / root."""
    if decoupled:
        p *= 1 - lr * weight_decay
    elif weight_decay:
        g = g + weight_decay * p
    m += (1 - beta1) * (g - m)
    v *= beta2
    v += (1 - beta2) * g * g
    correction = 1 - beta2**step
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * step * beta2**step / correction
    update = lr / (1 - beta1**step) * m
    if length > 5:
        seen = (length - 4) * (length - 2) * longest
        full = (longest - 4) * (longest - 2) * length
        update = update * (sqrt(correction) / (np.sqrt(v) + eps)) * sqrt(seen / full)
    p -= update


@blockwise
def asgd(
    p: Any,
    g: Any,
    mean: Any,
    *,
    eta: float,
    mu: float,
    lambd: float,
    weight_decay: float = 0.0,
) -> None:
    """Averaged gradient descent; `mean` is the mean of all places so far, `mu` its share."""
    if weight_decay:
        g = g + weight_decay * p
    p *= 1 - lambd * eta
    p -= eta * g
    mean += mu * (p - mean)


@blockwise
def rprop(
    p: Any,
    g: Any,
    before: Any,
    size: Any,
    *,
    shrink: float,
    grow: float,
    least: float,
    most: float,
) -> None:
    """Rprop; `before` is the last gradient, `size` the length of each number's step."""
    agreement = np.sign(g * before)
    size *= np.where(agreement > 0, grow, np.where(agreement < 0, shrink, 1.0))
    np.clip(size, least, most, out=size)
    before[...] = np.where(agreement < 0, 0.0, g)
    p -= np.sign(before) * size


def adafactor(
    p: Any,
    g: Any,
    rows: Any,
    columns: Any,
    variance: Any,
    *,
    step: int,
    lr: float,
    beta2_decay: float,
    eps1: float,
    eps2: float,
    d: float,
    weight_decay: float = 0.0,
) -> None:
    """Adafactor; `rows` and `columns` factor the mean squares of a matrix, else `variance`."""
    share = float(step) ** beta2_decay
    rate = max(eps2, length(p)) * min(lr, 1 / sqrt(step))
    if weight_decay:
        p *= 1 - lr * weight_decay
    if not p.size:
        return  # no numbers, no means
    square = g * g
    if variance is None:
        rows += share * (np.mean(square, axis=-1, keepdims=True) - rows)
        columns += share * (np.mean(square, axis=-2, keepdims=True) - columns)
        guess = rows @ columns / np.maximum(np.mean(rows, axis=-2, keepdims=True), eps1)
    else:
        variance += share * (square - variance)
        guess = variance
    change = g / np.sqrt(np.maximum(guess, eps1 * eps1))
    p -= rate / max(1.0, length(change) / d) * change


def length(x: Any) -> float:
    """The root of the mean square."""
    return float(np.linalg.norm(x)) / sqrt(x.size) if x.size else 0.0


def muon(
    p: Any,
    g: Any,
    mean: Any,
    *,
    lr: float,
    ratio: float,
    momentum: float,
    nesterov: bool,
    coefficients: tuple[float, float, float],
    steps: int,
    eps: float,
    weight_decay: float = 0.0,
) -> None:
    """Muon; `mean` is the moving mean of the gradient, `ratio` what the shape makes of lr."""
    mean += (1 - momentum) * (g - mean)
    change = g + momentum * (mean - g) if nesterov else mean
    p *= 1 - lr * weight_decay
    p -= lr * ratio * orthogonal(change, coefficients, steps, eps).astype(p.dtype)


def orthogonal(x: Any, coefficients: tuple[float, float, float], steps: int, eps: float) -> Any:
    """A matrix near x with singular values near 1, by Newton-Schulz steps in bfloat16 (as float32).

    Each step maps every singular value s to a s + b s^3 + c s^5.
    """
    a, b, c = coefficients
    tall = x.shape[0] > x.shape[1]
    y = bfloat16(x.T if tall else x)
    y = bfloat16(y / np.maximum(bfloat16(np.linalg.norm(y)), eps))
    for _ in range(steps):
        gram = bfloat16(y @ y.T)
        change = bfloat16(b * gram + c * (gram @ gram))
        y = bfloat16(a * y + change @ y)
    return y.T if tall else y


def bfloat16(x: Any) -> Any:
    """float32 numbers rounded to the nearest that bfloat16 has: the upper half of their bits."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    bits = (bits + np.uint32(0x7FFF) + odd) & np.uint32(0xFFFF0000)
    return bits.view(np.float32)
