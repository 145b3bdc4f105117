"""Activations: those with a formula of their own, for stability or speed, and the composed ones."""

from __future__ import annotations

import inspect
import math

import numpy as np

from .. import kernels
from ..autograd.function import Function
from ..dispatch import implements


@implements(kernels.relu)
class Relu(Function):
    """y = max(x, 0).   d/dx = 1 where y > 0, else 0 (at 0 too)."""

    real = True

    def forward(self, x):
        return kernels.relu(x)

    def backward(self, gy, y):
        return kernels.relu_back(y, gy)


@implements(kernels.leaky_relu)
class LeakyRelu(Function):
    """x, or negative_slope * x where x <= 0.   d/dx = 1 or negative_slope."""

    real = True

    def forward(self, x, *, negative_slope=0.01):
        return kernels.leaky_relu(x, negative_slope=negative_slope)

    def backward(self, gy, x, negative_slope):
        return kernels.select(x > 0, gy, gy * negative_slope)


@implements(kernels.elu)
class Elu(Function):
    """scale * x for x > 0, else scale * alpha * (e^(rate x) - 1); see `kernels.elu`.

    d/dx = scale for x > 0, else scale * alpha * rate * e^(rate x)
    """

    real = True

    def forward(self, x, *, alpha=1.0, scale=1.0, rate=1.0):
        return kernels.elu(x, alpha=alpha, scale=scale, rate=rate)

    def backward(self, gy, x, alpha, scale, rate):
        falling = np.exp(np.minimum(x, 0.0) * rate) * (scale * alpha * rate)
        return gy * np.where(x > 0, scale, falling)


@implements(kernels.hardtanh)
class Hardtanh(Function):
    """x within [min_val, max_val].   d/dx = 1 inside, 0 outside and on the edges."""

    real = True

    def forward(self, x, *, min_val=-1.0, max_val=1.0):
        return kernels.hardtanh(x, min_val=min_val, max_val=max_val)

    def backward(self, gy, x, min_val, max_val):
        return kernels.masked(gy, (x > min_val) & (x < max_val))


@implements(kernels.sigmoid)
class Sigmoid(Function):
    """y = 1 / (1 + e^-x).   d/dx = y (1 - y)."""

    dtypes = "float"

    def forward(self, x):
        return kernels.sigmoid(x)

    def backward(self, gy, y):
        return gy * (y * (1.0 - y))


@implements(kernels.softplus)
class Softplus(Function):
    """log(1 + e^(beta x)) / beta, x where beta x > threshold.   d/dx = sigmoid(beta x), or 1."""

    dtypes = "float"
    real = True

    def forward(self, x, *, beta=1.0, threshold=20.0):
        return kernels.softplus(x, beta=beta, threshold=threshold)

    def backward(self, gy, x, beta, threshold):
        z = x * beta
        return gy * np.maximum(kernels.sigmoid(z), z > threshold)


@implements(kernels.silu)
class Silu(Function):
    """x sigmoid(x).   d/dx = s (1 + x (1 - s)),  s = sigmoid(x)."""

    dtypes = "float"

    def forward(self, x):
        return kernels.silu(x)

    def backward(self, gy, x):
        return gy * kernels.silu_slope(x)


@implements(kernels.gelu)
class Gelu(Function):
    """x Phi(x), Phi the distribution function of the normal one; see `kernels.gelu`."""

    dtypes = "float"
    real = True

    def forward(self, x, *, approximate="none"):
        return kernels.gelu(x, approximate=approximate)

    def backward(self, gy, x, approximate):
        return kernels.gelu_back(x, gy, approximate=approximate)


@implements(kernels.softmax)
class Softmax(Function):
    """y = e^x / sum(e^x) along `axis`.   d/dx: y (gy - sum(gy y))."""

    dtypes = "float"
    real = True

    def forward(self, x, *, axis):
        return kernels.softmax(x, axis=axis)

    def backward(self, gy, y, axis):
        return kernels.softmax_back(y, gy, axis=axis)


@implements(kernels.log_softmax)
class LogSoftmax(Function):
    """y = x - log(sum(e^x)) along `axis`.   d/dx: gy - e^y sum(gy)."""

    dtypes = "float"
    real = True

    def forward(self, x, *, axis):
        return kernels.log_softmax(x, axis=axis)

    def backward(self, gy, y, axis):
        return kernels.log_softmax_back(y, gy, axis=axis)


@implements(kernels.logsumexp)
class LogSumExp(Function):
    """y = log(sum(e^x)) over `axis`.   d/dx = e^(x - y), the softmax; 0 where all x are -inf."""

    dtypes = "float"

    def forward(self, x, *, axis, keepdims=False):
        return kernels.logsumexp(x, axis=axis, keepdims=keepdims)

    def backward(self, gy, x, y, axis, keepdims):
        if not keepdims:
            gy, y = np.expand_dims(gy, axis), np.expand_dims(y, axis)
        return gy * np.exp(x - np.where(y == -math.inf, 0.0, y))


#: their definitions call NumPy and the kernels above: run on Tensors, they record themselves
COMPOSED = (
    kernels.relu_back,
    kernels.logsigmoid,
    kernels.relu6,
    kernels.selu,
    kernels.celu,
    kernels.mish,
    kernels.hardsigmoid,
    kernels.hardswish,
    kernels.softsign,
    kernels.tanhshrink,
    kernels.softshrink,
    kernels.hardshrink,
    kernels.threshold,
    kernels.softmin,
    kernels.glu,
    kernels.prelu,
    kernels.silu_slope,
    kernels.gelu_slope,
    kernels.gelu_back,
    kernels.softmax_back,
    kernels.log_softmax_back,
)
for function in COMPOSED:
    implements(function)(inspect.unwrap(function))
