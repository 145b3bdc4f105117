"""Fourier transforms. With w = e^(-2 pi i / n), an FFT is the product with the matrix w^(jk).

That matrix is symmetric, so a gradient, which in the walk back is the conjugate of what users see,
goes back by the very same transform. `norm` says what the sum is divided by, as in NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.convert import to_dtype
from ..autograd.function import Function
from ..dispatch import implements
from ..dtype import complex64, complex128, float64, get_default_dtype, is_floating

#: the transform that divides where the other does not
OPPOSITE: dict[str, Any] = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


class FFT(Function):
    """y[k] = sum of w^(jk) x[j] over the axes; its inverse has conj(w).   gx = the same of gy."""

    def forward(
        self,
        x,
        *,
        axes,
        norm,
        inverse=False,
    ):
        transform = np.fft.ifftn if inverse else np.fft.fftn
        return transform(x, axes=axes, norm=norm)

    def backward(
        self,
        gy,
        axes,
        norm,
        inverse,
    ):
        transform = np.fft.ifftn if inverse else np.fft.fftn
        return transform(gy, axes=axes, norm=norm)


class RealFFT(Function):
    """The first n // 2 + 1 of the n numbers of the FFT of a real x.   gx = Re(FFT of gy, 0, ...).

    The other numbers are conjugates of these.
    """

    def forward(
        self,
        x,
        *,
        axis,
        norm,
    ):
        return np.fft.rfft(x, axis=axis, norm=norm)

    def backward(
        self,
        gy,
        x_shape,
        axis,
        norm,
    ):
        return np.real(np.fft.fft(gy, x_shape[axis], axis, norm))


class InverseRealFFT(Function):
    """The n real numbers whose FFT begins with x.   gx = c ihfft(gy), c = 1, 2, 2, ..., 2 or 1.

    c is how often a number stands in the whole FFT; of those that stand once, only the real part
    counts.
    """

    def forward(
        self,
        x,
        *,
        n,
        axis,
        norm,
    ):
        return np.fft.irfft(x, n, axis, norm)

    def backward(
        self,
        gy,
        n,
        axis,
        norm,
    ):
        once = 2 * np.arange(n // 2 + 1) % n == 0
        counts = np.where(once, 1, 2).astype(gy.dtype)
        behind = gy.ndim - 1 - axis % gy.ndim
        return np.fft.ihfft(gy, axis=axis, norm=norm) * counts.reshape(-1, *[1] * behind)


# -------------------------------------------------------------------- NumPy's functions, on Tensors


def complex_of(x):
    """A tensor in the complex dtype that has its precision."""
    if x.dtype.kind == "c":
        return x
    return to_dtype(x, complex128 if real_dtype(x) == float64 else complex64)


def real_dtype(x):
    """The dtype of a real tensor, and the default one for integers."""
    return x.dtype if is_floating(x.dtype) else get_default_dtype()


def real_of(name, x):
    """A real tensor of floating-point numbers; RuntimeError for a complex one."""
    if x.dtype.kind == "c":
        raise RuntimeError(f"{name} expects a real input tensor, but got {x.dtype}")
    return to_dtype(x, real_dtype(x))


def fitted(
    x,
    lengths,
    axes,
):
    """x cut at the end of the axes, or filled with zeros there, to these lengths."""
    for n, axis in zip(lengths, axes):
        size = x.shape[axis]
        if n < 1:
            raise RuntimeError(f"fft: invalid number of data points ({n}) specified")
        if n < size:
            whole = (slice(None),) * axis
            x = x[(*whole, slice(0, n))]
        elif n > size:
            widths = [(0, 0)] * x.ndim
            widths[axis] = (0, n - size)
            x = np.pad(x, widths)
    return x


def checked_axes(
    x,
    s,
    axes,
):
    """The lengths and the axes, counted from the left, of a transform over several axes.

    Without both it is over all axes; with s alone over the last ones.
    """
    if axes is None:
        axes = range(x.ndim) if s is None else range(x.ndim - len(s), x.ndim)
    axes = [axes] if isinstance(axes, int) else list(axes)
    for axis in axes:
        if not -x.ndim <= axis < x.ndim:
            raise IndexError(
                f"fft: dimension out of range (expected to be in range of [{-x.ndim}, "
                f"{x.ndim - 1}], but got {axis})"
            )
    axes = [axis % x.ndim for axis in axes]
    if len(set(axes)) < len(axes):
        raise RuntimeError(f"fft: dims must be unique, got {axes}")
    if s is None:
        s = [-1] * len(axes)
    if len(s) != len(axes):
        raise RuntimeError(f"fft: {len(s)} lengths {s} for {len(axes)} axes {axes}")
    lengths = [x.shape[axis] if n == -1 else n for n, axis in zip(s, axes)]
    return lengths, axes


def checked_norm(norm):
    """The name of a norm, "backward" for None. Raises RuntimeError for another."""
    if norm is not None and norm not in OPPOSITE:
        raise RuntimeError(f"fft: invalid normalization mode {norm!r}; {', '.join(OPPOSITE)}")
    return norm or "backward"


@implements(np.fft.fftn)
def fftn(
    a,
    s=None,
    axes=None,
    norm=None,
):
    """The FFT over several axes."""
    return transformed(a, s, axes, norm, inverse=False)


@implements(np.fft.ifftn)
def ifftn(
    a,
    s=None,
    axes=None,
    norm=None,
):
    """The inverse of `fftn`."""
    return transformed(a, s, axes, norm, inverse=True)


def transformed(
    x,
    s,
    axes,
    norm,
    inverse,
):
    """`fftn` or its inverse."""
    lengths, axes = checked_axes(x, s, axes)
    x = fitted(complex_of(x), lengths, axes)
    return FFT.apply(x, axes=tuple(axes), norm=checked_norm(norm), inverse=inverse)


@implements(np.fft.rfftn)
def rfftn(
    a,
    s=None,
    axes=None,
    norm=None,
):
    """The FFT of a real tensor over several axes, of the last axis the first half."""
    a = real_of("rfft", a)
    lengths, axes = checked_axes(a, s, axes)
    if not axes:
        raise RuntimeError("rfftn must transform at least one axis")
    a = fitted(a, lengths, axes)
    half = RealFFT.apply(a, axis=axes[-1], norm=checked_norm(norm))
    return np.fft.fftn(half, axes=axes[:-1], norm=norm) if axes[1:] else half


@implements(np.fft.irfftn)
def irfftn(
    a,
    s=None,
    axes=None,
    norm=None,
):
    """The inverse of `rfftn`. Its last length is even unless `s` says otherwise."""
    lengths, axes = checked_axes(a, s, axes)
    if not axes:
        raise RuntimeError("irfftn must transform at least one axis")
    last = axes[-1]
    n = lengths[-1]
    if s is None or s[-1] in (None, -1):
        n = 2 * (a.shape[last] - 1)
    if n < 1:
        raise RuntimeError(f"irfft: invalid number of data points ({n}) specified")
    half = complex_of(a)
    half = fitted(half, [*lengths[:-1], n // 2 + 1], axes)
    if axes[1:]:
        half = np.fft.ifftn(half, axes=axes[:-1], norm=norm)
    return InverseRealFFT.apply(half, n=n, axis=last, norm=checked_norm(norm))


def over_one(several):
    """The transform over one axis, from that over several."""

    def transform(
        a,
        n=None,
        axis=-1,
        norm=None,
    ):
        return several(a, None if n is None else (n,), (axis,), norm)

    return transform


def over_two(several):
    """The transform over the last two axes, from that over several."""

    def transform(
        a,
        s=None,
        axes=(-2, -1),
        norm=None,
    ):
        return several(a, s, axes, norm)

    return transform


implements(np.fft.fft)(over_one(fftn))
implements(np.fft.ifft)(over_one(ifftn))
implements(np.fft.rfft)(over_one(rfftn))
implements(np.fft.irfft)(over_one(irfftn))
implements(np.fft.fft2)(over_two(fftn))
implements(np.fft.ifft2)(over_two(ifftn))
implements(np.fft.rfft2)(over_two(rfftn))
implements(np.fft.irfft2)(over_two(irfftn))


@implements(np.fft.hfft)
def hfft(
    a,
    n=None,
    axis=-1,
    norm=None,
):
    """The FFT, which is real, of a signal whose first half is `a`, the rest its conjugate."""
    return np.fft.irfft(np.conjugate(a), n, axis, OPPOSITE[checked_norm(norm)])


@implements(np.fft.ihfft)
def ihfft(
    a,
    n=None,
    axis=-1,
    norm=None,
):
    """The inverse of `hfft`."""
    return np.conjugate(np.fft.rfft(a, n, axis, OPPOSITE[checked_norm(norm)]))


@implements(np.fft.fftshift)
def fftshift(x, axes=None):
    """The number for frequency 0 moved to the middle of the axes."""
    axes = shifted_axes(x, axes)
    return np.roll(x, tuple(x.shape[i] // 2 for i in axes), axes)


@implements(np.fft.ifftshift)
def ifftshift(x, axes=None):
    """The inverse of `fftshift`."""
    axes = shifted_axes(x, axes)
    return np.roll(x, tuple(-(x.shape[i] // 2) for i in axes), axes)


def shifted_axes(x, axes):
    """The axes as a tuple; all of them for None."""
    if axes is None:
        return tuple(range(x.ndim))
    return (axes,) if isinstance(axes, int) else tuple(axes)
