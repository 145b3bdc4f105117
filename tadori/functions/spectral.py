"""Spectra of pieces of a signal, and the windows for them."""

from __future__ import annotations

from typing import Any

from ..signal import windows
from ..tensor import Tensor

istft = Tensor.istft
stft = Tensor.stft


def hann_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """1/2 - 1/2 cos(2 pi n / N): N is window_length, less 1 unless `periodic`."""
    return of_length("hann_window", windows.hann, window_length, periodic, **options)


def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    **options: Any,
) -> Tensor:
    """alpha - beta cos(2 pi n / N): N is window_length, less 1 unless `periodic`."""
    weights = {"a": (alpha, beta)}
    made = windows.general_cosine
    return of_length("hamming_window", made, window_length, periodic, **weights, **options)


def blackman_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """0.42 - 0.5 cos(2 pi n / N) + 0.08 cos(4 pi n / N): see `hann_window`."""
    return of_length("blackman_window", windows.blackman, window_length, periodic, **options)


def bartlett_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """A triangle: see `hann_window`."""
    return of_length("bartlett_window", windows.bartlett, window_length, periodic, **options)


def kaiser_window(
    window_length: int, periodic: bool = True, beta: float = 12.0, **options: Any
) -> Tensor:
    """I0(beta sqrt(1 - (2n/N - 1)^2)) / I0(beta): see `hann_window`."""
    made = windows.kaiser
    return of_length("kaiser_window", made, window_length, periodic, beta=beta, **options)


def of_length(name: str, make: Any, length: int, periodic: bool, **options: Any) -> Tensor:
    """A window of the other kind of name; RuntimeError for a negative length."""
    if length < 0:
        raise RuntimeError(
            f"{name} requires non-negative window_length, got window_length={length}"
        )
    return make(length, sym=not periodic, **options)
