"""Fourier transforms under PyTorch's names in `torch.fft`. float32 gives complex64 and back.

n, s: the lengths of the transformed axes, to which the input is cut or filled with zeros. norm:
"backward" (the inverse is divided by n), "ortho" (both by sqrt(n)), "forward" (the transform).
All raise RuntimeError for an axis without elements, or named twice, and for an unknown norm.
"""

from __future__ import annotations

from typing import Any

from .creation import made
from .dtype import get_default_dtype
from .language import np
from .ops.fft import OPPOSITE, checked_norm

__all__ = [
    "fft",
    "ifft",
    "fft2",
    "ifft2",
    "fftn",
    "ifftn",
    "rfft",
    "irfft",
    "rfft2",
    "irfft2",
    "rfftn",
    "irfftn",
    "hfft",
    "ihfft",
    "hfft2",
    "ihfft2",
    "hfftn",
    "ihfftn",
    "fftfreq",
    "rfftfreq",
    "fftshift",
    "ifftshift",
]

Sizes = Any  # an int, a sequence of them, or None


def fft(
    input: Any,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
) -> Any:
    """y[k] = sum of x[j] e^(-2 pi i jk / n) over j."""
    return np.fft.fft(input, n, dim, norm)


def ifft(
    input: Any,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
) -> Any:
    """The inverse of `fft`: y[k] = sum of x[j] e^(2 pi i jk / n) / n."""
    return np.fft.ifft(input, n, dim, norm)


def fft2(
    input: Any,
    s: Sizes = None,
    dim: Sizes = (-2, -1),
    norm: str | None = None,
) -> Any:
    """`fft` over two axes."""
    return np.fft.fftn(input, s, dim, norm)


def ifft2(
    input: Any,
    s: Sizes = None,
    dim: Sizes = (-2, -1),
    norm: str | None = None,
) -> Any:
    """The inverse of `fft2`."""
    return np.fft.ifftn(input, s, dim, norm)


def fftn(
    input: Any,
    s: Sizes = None,
    dim: Sizes = None,
    norm: str | None = None,
) -> Any:
    """`fft` over several axes; over all by default, with `s` alone over the last ones."""
    return np.fft.fftn(input, s, dim, norm)


def ifftn(
    input: Any,
    s: Sizes = None,
    dim: Sizes = None,
    norm: str | None = None,
) -> Any:
    """The inverse of `fftn`."""
    return np.fft.ifftn(input, s, dim, norm)


def rfft(
    input: Any,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
) -> Any:
    """The first n // 2 + 1 numbers of the `fft` of a real tensor; the others mirror them."""
    return np.fft.rfft(input, n, dim, norm)


def irfft(
    input: Any,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
) -> Any:
    """The inverse of `rfft`, real; its length n is even unless given."""
    return np.fft.irfft(input, n, dim, norm)


def rfft2(
    input: Any,
    s: Sizes = None,
    dim: Sizes = (-2, -1),
    norm: str | None = None,
) -> Any:
    """`rfft` over the last of two axes, `fft` over the other."""
    return np.fft.rfftn(input, s, dim, norm)


def irfft2(
    input: Any,
    s: Sizes = None,
    dim: Sizes = (-2, -1),
    norm: str | None = None,
) -> Any:
    """The inverse of `rfft2`."""
    return np.fft.irfftn(input, s, dim, norm)


def rfftn(
    input: Any,
    s: Sizes = None,
    dim: Sizes = None,
    norm: str | None = None,
) -> Any:
    """`rfft` over the last of several axes, `fft` over the others."""
    return np.fft.rfftn(input, s, dim, norm)


def irfftn(
    input: Any,
    s: Sizes = None,
    dim: Sizes = None,
    norm: str | None = None,
) -> Any:
    """The inverse of `rfftn`."""
    return np.fft.irfftn(input, s, dim, norm)


def hfft(
    input: Any,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
) -> Any:
    """The `fft`, which is real, of a signal of length n that is its own mirrored conjugate.

    `input` is the first half of that signal.
    """
    return np.fft.hfft(input, n, dim, norm)


def ihfft(
    input: Any,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
) -> Any:
    """The inverse of `hfft`."""
    return np.fft.ihfft(input, n, dim, norm)


def hfft2(
    input: Any,
    s: Sizes = None,
    dim: Sizes = (-2, -1),
    norm: str | None = None,
) -> Any:
    """`hfft` over the last of two axes, `fft` over the other."""
    return hfftn(input, s, dim, norm)


def ihfft2(
    input: Any,
    s: Sizes = None,
    dim: Sizes = (-2, -1),
    norm: str | None = None,
) -> Any:
    """The inverse of `hfft2`."""
    return ihfftn(input, s, dim, norm)


def hfftn(
    input: Any,
    s: Sizes = None,
    dim: Sizes = None,
    norm: str | None = None,
) -> Any:
    """`hfft` over the last of several axes, `fft` over the others."""
    return np.fft.irfftn(np.conjugate(input), s, dim, OPPOSITE[checked_norm(norm)])


def ihfftn(
    input: Any,
    s: Sizes = None,
    dim: Sizes = None,
    norm: str | None = None,
) -> Any:
    """The inverse of `hfftn`."""
    return np.conjugate(np.fft.rfftn(input, s, dim, OPPOSITE[checked_norm(norm)]))


def fftfreq(
    n: int,
    d: float = 1.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """The frequencies of `fft`, for samples d apart: 0, 1, ..., -2, -1, divided by n d."""
    values = np.fft.fftfreq(n, d)
    return made(values.astype(dtype or get_default_dtype()), device, requires_grad)


def rfftfreq(
    n: int,
    d: float = 1.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """The frequencies of `rfft`, for samples d apart: 0, 1, ..., n // 2, divided by n d."""
    values = np.fft.rfftfreq(n, d)
    return made(values.astype(dtype or get_default_dtype()), device, requires_grad)


def fftshift(input: Any, dim: Sizes = None) -> Any:
    """Frequency 0 moved to the middle of the axes, of all by default."""
    return np.fft.fftshift(input, dim)


def ifftshift(input: Any, dim: Sizes = None) -> Any:
    """The inverse of `fftshift`."""
    return np.fft.ifftshift(input, dim)
