"""Activations: the functions between layers. `inplace=True` writes the result over the input."""

from __future__ import annotations

from typing import Any

from ... import kernels
from ...language import np
from ...tensor import Tensor


def put(input: Tensor, result: Tensor, inplace: bool, name: str) -> Tensor:
    """The result, or the input with the result written over it."""
    return input.write(result, name) if inplace else result


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0)."""
    y = kernels.relu(input)
    return put(input, y, inplace, "relu_")


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """x within [0, 6]."""
    y = np.clip(input, 0, 6) if input.dtype.kind in "iu" else kernels.relu6(input)
    return put(input, y, inplace, "relu6_")


def leaky_relu(
    input: Tensor,
    negative_slope: float = 0.01,
    inplace: bool = False,
) -> Tensor:
    """x where x > 0, negative_slope * x elsewhere."""
    y = kernels.leaky_relu(input, negative_slope=negative_slope)
    return put(input, y, inplace, "leaky_relu_")


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x where x > 0, weight * x elsewhere; weight has one number, or one for each channel."""
    if weight.shape == (1,):
        weight = np.reshape(weight, ())
    elif input.ndim > 1:
        weight = np.reshape(weight, (-1, *[1] * (input.ndim - 2)))
    return kernels.prelu(input, weight)


def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """Leaky ReLU whose slope is drawn from [lower, upper], or is their mean when not training."""
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    falling = input.array <= 0
    slope = np.ones_like(input.array)
    slope[falling] = _drawn_slopes(int(falling.sum()), lower, upper)
    y = input * Tensor(slope)
    return put(input, y, inplace, "rrelu_")


def _drawn_slopes(count: int, lower: float, upper: float) -> Any:
    return Tensor(np.empty(count, np.float64)).uniform_(lower, upper).array


def elu(
    input: Tensor,
    alpha: float = 1.0,
    inplace: bool = False,
) -> Tensor:
    """x where x > 0, alpha (e^x - 1) elsewhere."""
    y = kernels.elu(input, alpha=alpha)
    return put(input, y, inplace, "elu_")


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """`elu` with the scale and alpha that keep mean 0 and variance 1."""
    y = kernels.selu(input)
    return put(input, y, inplace, "selu_")


def celu(
    input: Tensor,
    alpha: float = 1.0,
    inplace: bool = False,
) -> Tensor:
    """x where x > 0, alpha (e^(x / alpha) - 1) elsewhere."""
    y = kernels.celu(input, alpha=alpha)
    return put(input, y, inplace, "celu_")


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """x within [min_val, max_val]."""
    if input.dtype.kind in "iu":
        y = np.clip(input, int(min_val), int(max_val))
    else:
        y = kernels.hardtanh(input, min_val=min_val, max_val=max_val)
    return put(input, y, inplace, "hardtanh_")


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """relu6(x + 3) / 6."""
    y = kernels.hardsigmoid(input)
    return put(input, y, inplace, "hardsigmoid_")


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x relu6(x + 3) / 6."""
    y = kernels.hardswish(input)
    return put(input, y, inplace, "hardswish_")


def threshold(
    input: Tensor,
    threshold: float,
    value: float,
    inplace: bool = False,
) -> Tensor:
    """x where x > threshold, `value` elsewhere."""
    y = kernels.threshold(input, threshold=threshold, value=value)
    return put(input, y, inplace, "threshold_")


def relu_(input: Tensor) -> Tensor:
    """`relu`, written over the input."""
    return relu(input, True)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`leaky_relu`, written over the input."""
    return leaky_relu(input, negative_slope, True)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`elu`, written over the input."""
    return elu(input, alpha, True)


def selu_(input: Tensor) -> Tensor:
    """`selu`, written over the input."""
    return selu(input, True)


def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`celu`, written over the input."""
    return celu(input, alpha, True)


def rrelu_(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    """`rrelu`, written over the input."""
    return rrelu(input, lower, upper, training, True)


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """`hardtanh`, written over the input."""
    return hardtanh(input, min_val, max_val, True)


def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """`threshold`, written over the input."""
    y = kernels.threshold(input, threshold=threshold, value=value)
    return input.write(y, "threshold_")


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x, but 0 within [-lambd, lambd]."""
    return kernels.hardshrink(input, lambd=lambd)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x moved by lambd towards 0, and 0 within [-lambd, lambd]."""
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd}.")
    return kernels.softshrink(input, lambd=lambd)


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x)."""
    return kernels.tanhshrink(input)


def tanh(input: Tensor) -> Tensor:
    """tanh(x)."""
    return np.tanh(input)


def sigmoid(input: Tensor) -> Tensor:
    """1 / (1 + e^-x)."""
    return kernels.sigmoid(input)


def logsigmoid(input: Tensor) -> Tensor:
    """log(1 / (1 + e^-x))."""
    return kernels.logsigmoid(input)


def softplus(
    input: Tensor,
    beta: float = 1.0,
    threshold: float = 20.0,
) -> Tensor:
    """log(1 + e^(beta x)) / beta; x itself where beta x > threshold."""
    return kernels.softplus(input, beta=beta, threshold=threshold)


def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|)."""
    return kernels.softsign(input)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x sigmoid(x)."""
    y = kernels.silu(input)
    return put(input, y, inplace, "silu_")


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x tanh(softplus(x))."""
    y = kernels.mish(input)
    return put(input, y, inplace, "mish_")


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x Phi(x), Phi the distribution function of the normal distribution, or its "tanh" form."""
    return kernels.gelu(input, approximate=approximate)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half of x along `dim`, times the sigmoid of the second half."""
    if input.shape[dim] % 2:
        raise RuntimeError(
            f"Halving dimension must be even, but dimension {dim} is size {input.shape[dim]}"
        )
    return kernels.glu(input, axis=dim)


def softmax(input: Tensor, dim: int | None = None, dtype: Any = None) -> Tensor:
    """e^x / sum(e^x) along `dim`."""
    return kernels.softmax(cast(input, dtype), axis=usual_axis(input, dim))


def softmin(input: Tensor, dim: int | None = None, dtype: Any = None) -> Tensor:
    """softmax(-x)."""
    return kernels.softmin(cast(input, dtype), axis=usual_axis(input, dim))


def log_softmax(input: Tensor, dim: int | None = None, dtype: Any = None) -> Tensor:
    """x - log(sum(e^x)) along `dim`."""
    return kernels.log_softmax(cast(input, dtype), axis=usual_axis(input, dim))


def cast(x: Tensor, dtype: Any) -> Tensor:
    """x in this dtype; x itself for None."""
    return x if dtype is None else np.astype(x, dtype)


def usual_axis(x: Tensor, dim: int | None) -> int:
    """`dim`, or the axis of the classes: 1 for two and for four dimensions, else 0."""
    return dim if dim is not None else 1 if x.ndim in (2, 4) else 0


def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """softmax((x + Gumbel noise) / tau): a differentiable draw from the distribution softmax(x).

    hard: one-hot in value, with the gradient of the soft one.
    """
    noise = -np.log(Tensor(np.empty_like(logits.array)).exponential_())
    soft = kernels.softmax((logits + noise) / tau, axis=dim)
    if not hard:
        return soft
    chosen = np.argmax(soft.array, axis=dim, keepdims=True)
    onehot = np.zeros_like(soft.array)
    np.put_along_axis(onehot, chosen, 1, axis=dim)
    return Tensor(onehot) - soft.detach() + soft
