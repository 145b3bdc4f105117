"""Activations, each in plain NumPy. Arrays in, arrays out; x has any shape.

Their formulas use operators, NumPy's functions and other kernels. The composed ones therefore run
on Tensors too, and need no derivative of their own (`ops/activation.py` has the list).
"""

from __future__ import annotations

import math

import numpy as np

from tadori import kernels
from tadori.kernels.elementwise import in_blocks, select

# ------------------------------------------------------------------------------------ with a kink


def relu(x):
    """max(x, 0)."""
    return np.maximum(x, 0)


def relu_back(y, gy):
    """The gradient of x in y = relu(x): gy where y > 0, else 0 (at 0 too)."""
    return kernels.masked(gy, y > 0)


def relu6(x):
    """x within [0, 6]."""
    return kernels.hardtanh(x, min_val=0.0, max_val=6.0)


def hardtanh(x, *, min_val=-1.0, max_val=1.0):
    """x within [min_val, max_val]."""
    y = np.maximum(x, min_val)
    return np.minimum(y, max_val)


def hardsigmoid(x):
    """relu6(x + 3) / 6: the sigmoid in three straight pieces."""
    return kernels.relu6(x + 3.0) / 6.0


def hardswish(x):
    """x hardsigmoid(x)."""
    return x * kernels.hardsigmoid(x)


def leaky_relu(x, *, negative_slope=0.01):
    """x where x > 0, negative_slope * x elsewhere."""
    negative = x * negative_slope
    return select(x > 0, x, negative)


def prelu(x, weight):
    """x where x > 0, weight * x elsewhere; `weight` must broadcast with x."""
    negative = weight * x
    return np.where(x > 0, x, negative)


def threshold(x, *, threshold, value):
    """x where x > threshold, `value` elsewhere."""
    return np.where(x > threshold, x, value)


def hardshrink(x, *, lambd=0.5):
    """x, but 0 within [-lambd, lambd]."""
    return kernels.masked(x, np.abs(x) > lambd)


def softshrink(x, *, lambd=0.5):
    """x moved by lambd towards 0, and 0 within [-lambd, lambd]."""
    removed = np.clip(x, -lambd, lambd)
    return x - removed


def elu(x, *, alpha=1.0, scale=1.0, rate=1.0):
    """scale * x where x > 0, scale * alpha * (e^(rate x) - 1) elsewhere."""
    z = np.minimum(x, 0.0) * rate
    # e^z - 1, exact near 0; NumPy's expm1 takes 15 ms for a million, these two 7
    falling = np.tanh(z * 0.5)
    falling = falling * (np.exp(z) + 1.0)
    rising = np.maximum(x, 0.0)
    return (rising + falling * alpha) * scale


def selu(x):
    """`elu` with the scale and alpha that keep mean 0 and variance 1."""
    alpha = 1.6732632423543772848
    scale = 1.0507009873554804934
    return kernels.elu(x, alpha=alpha, scale=scale)


def celu(x, *, alpha=1.0):
    """max(x, 0) + min(0, alpha * (e^(x / alpha) - 1))."""
    rate = 1.0 / alpha
    return kernels.elu(x, alpha=alpha, rate=rate)


# ----------------------------------------------------------------------------------------- smooth


@np.errstate(over="ignore")  # e^-x may become infinite; its reciprocal is 0, as it should be
def sigmoid(x):
    """1 / (1 + e^-x)."""
    return 1.0 / (1.0 + np.exp(-x))


def logsigmoid(x):
    """log(sigmoid(x)) = -log(1 + e^-x)."""
    return -kernels.softplus(-x, threshold=math.inf)


@in_blocks
def softplus(x, *, beta=1.0, threshold=20.0):
    """log(1 + e^(beta x)) / beta; x itself where beta x > threshold."""
    z = x * beta
    bend = log_1_plus(np.exp(-np.abs(z)))
    smooth = np.maximum(z, 0.0) + bend
    smooth = smooth / beta
    if threshold == math.inf:
        return smooth
    return select(z > threshold, x, smooth)


def log_1_plus(x):
    """log(1 + x) for 0 <= x <= 1, exact near 0. NumPy's log1p takes five times as long.

    The rounding of u = 1 + x loses digits of x, but log(u) / (u - 1) hardly changes there
    (Kahan's remark).
    """
    u = 1.0 + x
    kept = u - 1.0
    lost = kept == 0
    ratio = x / (kept + lost)
    return np.log(u) * ratio + x * lost


def softsign(x):
    """x / (1 + |x|)."""
    return x / (1.0 + np.abs(x))


def tanhshrink(x):
    """x - tanh(x)."""
    return x - np.tanh(x)


def mish(x):
    """x tanh(softplus(x))."""
    z = kernels.softplus(x)
    return x * np.tanh(z)


def silu(x):
    """x sigmoid(x)."""
    return x * sigmoid(x)


def silu_slope(x):
    """The derivative of silu: s (1 + x (1 - s)) with s = sigmoid(x)."""
    s = kernels.sigmoid(x)
    bend = x * (1.0 - s)
    return s * (1.0 + bend)


@in_blocks
def gelu(x, *, approximate="none"):
    """x Phi(x), Phi(x) = erfc(-x / sqrt 2) / 2 the distribution function of the normal one.

    "tanh" takes Phi(x) = sigmoid(2u), u = sqrt(2 / pi) (x + 0.044715 x^3), which is
    (1 + tanh(u)) / 2; it is quicker, and at most 0.0005 away.
    """
    return x * share_below(x, approximate)


@in_blocks
def gelu_slope(x, *, approximate="none"):
    """The derivative of gelu: Phi(x) + x Phi'(x)."""
    share = share_below(x, approximate)
    square = x * x
    if approximate == "tanh":
        inner = GELU_RATE + 3.0 * GELU_CUBE * square
        density = share * (1.0 - share) * inner
    else:
        density = np.exp(square * -0.5) * NORMAL_PEAK
    return share + x * density


def gelu_back(x, gy, *, approximate="none"):
    """gy times the derivative of gelu."""
    return gy * kernels.gelu_slope(x, approximate=approximate)


NORMAL_PEAK = 1 / math.sqrt(2 * math.pi)
GELU_RATE = 2 * math.sqrt(2 / math.pi)
GELU_CUBE = GELU_RATE * 0.044715


def share_below(x, approximate):
    """Phi(x), the share of the normal distribution that lies below x."""
    if approximate == "none":
        return kernels.erfc(x * -math.sqrt(0.5)) * 0.5
    if approximate == "tanh":
        inner = GELU_RATE + GELU_CUBE * (x * x)
        return kernels.sigmoid(x * inner)
    raise RuntimeError(
        f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}",
    )


# ---------------------------------------------------------------------------------- along an axis


def softmax(x, *, axis):
    """e^x / sum(e^x) along `axis`."""
    if not x.size:
        return np.copy(x)
    top = x.max(axis, keepdims=True)
    y = np.exp(x - top)
    return y / y.sum(axis, keepdims=True)


def softmax_back(y, gy, *, axis):
    """The gradient of x in y = softmax(x): y (gy - sum(gy y))."""
    return y * (gy - np.sum(gy * y, axis=axis, keepdims=True))


def softmin(x, *, axis):
    """softmax(-x)."""
    return kernels.softmax(-x, axis=axis)


def log_softmax(x, *, axis):
    """x - log(sum(e^x)) along `axis`."""
    if not x.size:
        return np.copy(x)
    y = x - x.max(axis, keepdims=True)
    mass = np.exp(y).sum(axis, keepdims=True)
    return y - np.log(mass)


def log_softmax_back(y, gy, *, axis):
    """The gradient of x in y = log_softmax(x): gy - e^y sum(gy)."""
    return gy - np.exp(y) * np.sum(gy, axis=axis, keepdims=True)


@np.errstate(divide="ignore")  # where all x are -inf, the sum is 0
def logsumexp(x, *, axis, keepdims=False):
    """log(sum(e^x)) over `axis`."""
    top = x.real.max(axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    mass = np.exp(x - top).sum(axis, keepdims=True)
    y = np.log(mass) + top
    if keepdims:
        return y
    return np.squeeze(y, axis=axis)


def glu(x, *, axis=-1):
    """The first half of x along `axis`, times the sigmoid of the second half."""
    value, gate = np.split(x, 2, axis=axis)
    return value * kernels.sigmoid(gate)
