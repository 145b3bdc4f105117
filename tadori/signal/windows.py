"""Windows under PyTorch's names in `torch.signal.windows`: weights for M samples in a row.

M: the number of samples. sym: the window is symmetric; False makes it one period of M samples, for
spectra. The other arguments are those of every function that makes a tensor; dtype is float32 or
float64. All raise ValueError for a negative M and for another dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ..creation import made
from ..dtype import float32, float64, get_default_dtype

__all__ = [
    "bartlett",
    "blackman",
    "cosine",
    "exponential",
    "gaussian",
    "general_cosine",
    "general_hamming",
    "hamming",
    "hann",
    "kaiser",
    "nuttall",
]

Samples = Any  # a float64 array


def window(formula: Callable[..., Samples]) -> Callable[..., Any]:
    """The maker of a tensor, from a formula of the samples' numbers n and the last one's, N."""

    @wraps(formula)
    def make(
        M: int,
        *args: Any,
        sym: bool = True,
        dtype: Any = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        **options: Any,
    ) -> Any:
        kind = np.dtype(get_default_dtype() if dtype is None else dtype)
        if M < 0:
            raise ValueError(f"{formula.__name__}: requires non-negative window length, got M={M}")
        if kind not in (float32, float64):
            raise ValueError(f"{formula.__name__}: expected float32 or float64 dtypes, got: {kind}")
        if sym and options.get("center") is not None:
            raise ValueError("Center must be None for symmetric windows")
        n = np.arange(M, dtype=float64)
        last = max(M - 1 if sym else M, 1)
        values = formula(n, last, *args, **options) if M > 1 else np.ones(M)
        return made(values.astype(kind), device, requires_grad)

    return make


@window
def exponential(n: Samples, N: float, *, center: float | None = None, tau: float = 1.0) -> Samples:
    """e^(-|n - center| / tau); the center is the middle unless given, which sym forbids."""
    if tau <= 0:
        raise ValueError(f"exponential: tau must be positive, got: {tau}")
    middle = N / 2 if center is None else center
    return np.exp(-np.abs(n - middle) / tau)


@window
def cosine(n: Samples, N: float) -> Samples:
    """sin(pi (n + 1/2) / (N + 1))."""
    return np.sin(math.pi * (n + 0.5) / (N + 1))


@window
def gaussian(n: Samples, N: float, *, std: float = 1.0) -> Samples:
    """e^(-((n - N/2) / std)^2 / 2)."""
    if std <= 0:
        raise ValueError(f"gaussian: standard deviation must be positive, got: {std}")
    return np.exp(-(((n - N / 2) / std) ** 2) / 2)


@window
def kaiser(n: Samples, N: float, *, beta: float = 12.0) -> Samples:
    """I0(beta sqrt(1 - (2n/N - 1)^2)) / I0(beta), with Bessel's I0."""
    if beta < 0:
        raise ValueError(f"kaiser: beta must be non-negative, got: {beta}")
    inside = np.maximum(1 - (2 * n / N - 1) ** 2, 0.0)
    return np.i0(beta * np.sqrt(inside)) / np.i0(beta)


@window
def bartlett(n: Samples, N: float) -> Samples:
    """1 - |2n/N - 1|, a triangle."""
    return 1 - np.abs(2 * n / N - 1)


def cosines(n: Samples, N: float, a: Sequence[float]) -> Samples:
    """a[0] - a[1] cos(2 pi n / N) + a[2] cos(4 pi n / N) - ..."""
    turn = 2 * math.pi * n / N
    return sum((-1) ** i * weight * np.cos(i * turn) for i, weight in enumerate(a))


@window
def general_cosine(n: Samples, N: float, *, a: Sequence[float]) -> Samples:
    """a[0] - a[1] cos(2 pi n / N) + a[2] cos(4 pi n / N) - ..."""
    if not isinstance(a, list | tuple):
        raise TypeError(f"general_cosine: coefficients must be a list/tuple, got {type(a)}")
    if not a:
        raise ValueError("general_cosine: coefficients cannot be empty")
    return cosines(n, N, a)


@window
def general_hamming(n: Samples, N: float, *, alpha: float = 0.54) -> Samples:
    """alpha - (1 - alpha) cos(2 pi n / N)."""
    return cosines(n, N, (alpha, 1 - alpha))


@window
def hamming(n: Samples, N: float) -> Samples:
    """0.54 - 0.46 cos(2 pi n / N)."""
    return cosines(n, N, (0.54, 0.46))


@window
def hann(n: Samples, N: float) -> Samples:
    """1/2 - 1/2 cos(2 pi n / N)."""
    return cosines(n, N, (0.5, 0.5))


@window
def blackman(n: Samples, N: float) -> Samples:
    """0.42 - 0.5 cos(2 pi n / N) + 0.08 cos(4 pi n / N)."""
    return cosines(n, N, (0.42, 0.5, 0.08))


@window
def nuttall(n: Samples, N: float) -> Samples:
    """Four cosines whose side lobes lie below -93 dB (Nuttall 1981)."""
    return cosines(n, N, (0.3635819, 0.4891775, 0.1365995, 0.0106411))
