"""Initial values of parameters: each function fills a tensor in place, and returns it."""

from __future__ import annotations

import math
import warnings
from functools import wraps
from typing import Any

import numpy as np

from ..autograd.mode import no_grad
from ..autograd.version import written
from ..random import randperm
from ..tensor import Tensor

__all__ = [
    "calculate_gain",
    "uniform_",
    "normal_",
    "trunc_normal_",
    "constant_",
    "ones_",
    "zeros_",
    "eye_",
    "dirac_",
    "xavier_uniform_",
    "xavier_normal_",
    "kaiming_uniform_",
    "kaiming_normal_",
    "orthogonal_",
    "sparse_",
]

_GAINS = {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that keeps the variance of signals through `nonlinearity`: sqrt(2) for "relu".

    param: the negative slope of "leaky_relu", 0.01 by default.
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"negative_slope {slope!r} not a valid number")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity in _GAINS:
        return _GAINS[nonlinearity]
    if nonlinearity in ("linear", "sigmoid") or nonlinearity.startswith("conv"):
        return 1.0
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Numbers drawn uniformly from [a, b)."""
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Numbers drawn from the normal distribution with this mean and standard deviation."""
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> Tensor:
    """Numbers drawn from that part of a normal distribution that lies in [a, b].

    Where much of the distribution lies there, by drawing until all numbers fall into it. Else by
    drawing uniformly from [a, b] and keeping a number with a chance in proportion to its density.
    """

    def below(x: float) -> float:
        return (1 + math.erf((x - mean) / std / math.sqrt(2))) / 2

    def drawn(name: str, *arguments: float) -> Any:
        new = Tensor(np.empty_like(tensor.array))
        return getattr(new, name)(*arguments, generator=generator).array

    pending = np.ones_like(tensor.array, dtype=bool)
    if below(b) - below(a) > 0.3:
        while pending.any():
            np.copyto(tensor.array, drawn("normal_", mean, std), where=pending)
            pending = (tensor.array < a) | (tensor.array > b)
    else:
        peak = ((max(a, min(mean, b)) - mean) / std) ** 2
        while pending.any():
            candidates = drawn("uniform_", a, b)
            np.copyto(tensor.array, candidates, where=pending)
            density = np.exp((peak - ((candidates - mean) / std) ** 2) / 2)
            pending &= drawn("uniform_") > density
    written(tensor.array, "trunc_normal_")
    return tensor


def constant_(tensor: Tensor, val: float) -> Tensor:
    """The same number everywhere."""
    return _put(tensor, val, "constant_")


def ones_(tensor: Tensor) -> Tensor:
    """Ones everywhere."""
    return _put(tensor, 1.0, "ones_")


def zeros_(tensor: Tensor) -> Tensor:
    """Zeros everywhere."""
    return _put(tensor, 0.0, "zeros_")


def eye_(tensor: Tensor) -> Tensor:
    """Ones on the diagonal of a matrix, zeros beside it."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.shape
    return _put(tensor, np.eye(rows, columns, like=tensor.array), "eye_")


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """A convolution's weight (O, C, *kernel_size) that hands on its channels unchanged."""
    if tensor.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    out, channels, *kernel_size = tensor.shape
    if out % groups:
        raise ValueError("dim 0 must be divisible by groups")
    values = np.zeros(tensor.shape)
    per_group = out // groups
    middle = tuple(k // 2 for k in kernel_size)
    for group in range(groups):
        for i in range(min(per_group, channels)):
            values[(group * per_group + i, i, *middle)] = 1
    return _put(tensor, np.asarray(values, like=tensor.array), "dirac_")


def _put(tensor: Tensor, values: Any, by: str) -> Tensor:
    tensor.array[...] = values
    written(tensor.array, by)
    return tensor


def _fans(tensor: Tensor) -> tuple[int, int]:
    """How many values each output sums, and to how many outputs each input goes."""
    if tensor.ndim < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        )
    out, into, *kernel_size = tensor.shape
    field = math.prod(kernel_size)
    return into * field, out * field


def _fan(tensor: Tensor, mode: str) -> int:
    fans = _fans(tensor)
    modes = ("fan_in", "fan_out")
    if mode.lower() not in modes:
        raise ValueError(f"Mode {mode} not supported, please use one of {modes}")
    return fans[modes.index(mode.lower())]


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Uniform with variance gain^2 2 / (fan_in + fan_out): after Glorot and Bengio."""
    bound = gain * math.sqrt(6 / sum(_fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Normal with variance gain^2 2 / (fan_in + fan_out): after Glorot and Bengio."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(_fans(tensor))), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Uniform with variance gain^2 / fan: after He. `a` is the negative slope of the leaky ReLU."""
    if 0 in tensor.shape:
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    bound = math.sqrt(3) * std
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Normal with variance gain^2 / fan: after He. `a` is the negative slope of the leaky ReLU."""
    if 0 in tensor.shape:
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return normal_(tensor, 0.0, std, generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """Rows (or columns, whichever are fewer) of length `gain` at right angles to each other."""
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if 0 in tensor.shape:
        return tensor
    rows = tensor.shape[0]
    matrix = Tensor(np.empty_like(tensor.array).reshape(rows, -1))
    drawn = normal_(matrix, generator=generator).array
    wide = rows < drawn.shape[1]
    q, r = np.linalg.qr(drawn.T if wide else drawn)
    q = q * np.sign(np.diagonal(r))  # makes the factorisation unique, and q uniformly distributed
    return _put(tensor, gain * (q.T if wide else q).reshape(tensor.shape), "orthogonal_")


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Normal numbers in a matrix, of which a share of `sparsity` in each column is zero."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    normal_(tensor, 0.0, std, generator)
    rows, columns = tensor.shape
    orders = [randperm(rows, generator=generator).array for _ in range(columns)]
    zeros = np.stack(orders)[:, : math.ceil(sparsity * rows)]
    tensor.array[zeros, np.arange(columns)[:, None]] = 0
    written(tensor.array, "sparse_")
    return tensor


def _older(function: Any) -> Any:
    """The function under PyTorch's older name, without the underscore; it warns."""
    name = function.__name__

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(
            f"`nn.init.{name[:-1]}` is now deprecated in favor of `nn.init.{name}`.",
            FutureWarning,
            stacklevel=2,
        )
        return function(*args, **kwargs)

    return call


uniform = _older(uniform_)
normal = _older(normal_)
constant = _older(constant_)
eye = _older(eye_)
dirac = _older(dirac_)
xavier_uniform = _older(xavier_uniform_)
xavier_normal = _older(xavier_normal_)
kaiming_uniform = _older(kaiming_uniform_)
kaiming_normal = _older(kaiming_normal_)
orthogonal = _older(orthogonal_)
sparse = _older(sparse_)
