"""Short-time Fourier transforms: the spectra of pieces of a signal, one after another."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from .. import kernels
from ..kernels.indexing import ARRAY, WHOLE
from ..language import np


class Pieces(NamedTuple):
    """How a signal is cut: n samples each, `hop` apart, weighted by a window of n."""

    n: int
    hop: int
    window: Any

    @property
    def root(self) -> float:
        """What a normalised transform is divided by."""
        return math.sqrt(self.n)


def pieces(name: str, n: int, hop: Any, length: Any, window: Any, like: Any) -> Pieces:
    """The pieces, with PyTorch's defaults: hop n // 4, a window of ones as long as a piece."""
    hop = n // 4 if hop is None else hop
    length = n if length is None else length
    if n <= 0 or hop <= 0 or not 0 < length <= n:
        raise RuntimeError(
            f"{name}: expected n_fft > 0, hop_length > 0 and 0 < win_length <= n_fft, but got "
            f"n_fft={n}, hop_length={hop}, win_length={length}"
        )
    if window is None:
        window = np.ones_like(like, shape=(length,))
        window = np.real(window)
    elif window.shape != (length,):
        raise RuntimeError(
            f"{name}: expected a 1D window tensor of size equal to win_length={length}, but got "
            f"window with size {tuple(window.shape)}"
        )
    before = (n - length) // 2
    return Pieces(n, hop, np.pad(window, [(before, n - length - before)]))


class Spectra:
    """Methods `stft` and `istft`."""

    __slots__ = ()

    def stft(
        self: Any,
        n_fft: int,
        hop_length: int | None = None,
        win_length: int | None = None,
        window: Any = None,
        center: bool = True,
        pad_mode: str = "reflect",
        normalized: bool = False,
        onesided: bool | None = None,
        return_complex: bool | None = None,
        align_to_window: bool | None = None,
    ) -> Any:
        """The spectra of windows of the signal: (*B, L) -> (*B, frequencies, windows), complex.

        center: window t has sample t * hop_length in its middle (the signal is padded by
        `pad_mode`), not at its start. onesided: only frequencies 0 to n_fft // 2, the default for
        real signals. return_complex: must be given for real signals; False gives (..., 2) real
        pairs. Raises RuntimeError for sizes that do not fit.
        """
        complex_input = self.dtype.kind == "c" or (window is not None and window.dtype.kind == "c")
        if return_complex is None and not complex_input:
            raise RuntimeError(
                "stft requires the return_complex parameter be given for real inputs, and will "
                "further require that return_complex=True in a future PyTorch release."
            )
        if self.ndim not in (1, 2):
            raise RuntimeError(
                f"stft: expected a 1D or 2D tensor, but got shape {tuple(self.shape)}"
            )
        if center and align_to_window is not None:
            raise RuntimeError("stft: align_to_window should only be set when center = false")
        cut = pieces("stft", n_fft, hop_length, win_length, window, self)
        onesided = not complex_input if onesided is None else onesided
        if onesided and complex_input:
            raise RuntimeError("stft: cannot have onesided output if window or input is complex")
        signal = self
        if center:
            ends = (n_fft // 2, n_fft // 2)
            mode = {"replicate": "edge", "circular": "wrap"}.get(pad_mode, pad_mode)
            if mode == "reflect" and n_fft // 2 >= self.shape[-1]:
                raise RuntimeError(
                    f"stft: reflect padding of {n_fft // 2} needs a signal that is longer, this "
                    f"one has {self.shape[-1]} samples"
                )
            signal = np.pad(self, [(0, 0)] * (self.ndim - 1) + [ends], mode)
        elif align_to_window is not None and align_to_window:
            raise NotImplementedError("stft: align_to_window=True is not there")
        if n_fft > signal.shape[-1]:
            raise RuntimeError(
                f"stft: expected 0 < n_fft <= {signal.shape[-1]}, but got n_fft={n_fft}"
            )
        frames = kernels.windows(signal, size=n_fft, step=cut.hop, axis=-1) * cut.window
        spectra = (np.fft.rfft if onesided else np.fft.fft)(frames)
        if normalized:
            spectra = spectra / cut.root
        spectra = np.swapaxes(spectra, -1, -2)
        return spectra if return_complex or return_complex is None else spectra.view_as_real()

    def istft(
        self: Any,
        n_fft: int,
        hop_length: int | None = None,
        win_length: int | None = None,
        window: Any = None,
        center: bool = True,
        normalized: bool = False,
        onesided: bool | None = None,
        length: int | None = None,
        return_complex: bool = False,
    ) -> Any:
        """The signal with these spectra, the inverse of `stft`: (*B, F, T) -> (*B, L).

        Windows are added where they overlap, and divided by the sum of their squared weights.
        length: cut or filled with zeros to it. Raises RuntimeError where that sum is 0.
        """
        if self.dtype.kind != "c":
            raise RuntimeError(
                "istft requires a complex-valued input tensor matching the output from stft with "
                "return_complex=True."
            )
        if self.ndim not in (2, 3):
            raise RuntimeError(
                f"istft: expected a tensor with 2 or 3 dimensions, but got {self.ndim}"
            )
        cut = pieces("istft", n_fft, hop_length, win_length, window, self)
        onesided = n_fft != self.shape[-2] if onesided is None else onesided
        expected = n_fft // 2 + 1 if onesided else n_fft
        if self.shape[-2] != expected:
            raise RuntimeError(
                f"istft: expected the frequency dimension (3rd to the last) of the input tensor to "
                f"match n_fft / 2 + 1 when onesided=True, n_fft otherwise: {expected}, but got "
                f"{self.shape[-2]}"
            )
        spectra = np.swapaxes(self, -1, -2)
        if normalized:
            spectra = spectra * cut.root
        if return_complex and onesided:
            raise RuntimeError("istft: cannot have onesided input and complex output")
        half = spectra[..., : n_fft // 2 + 1]
        frames: Any = np.fft.ifft(spectra) if return_complex else np.fft.irfft(half, n_fft)
        return overlapped(frames * cut.window, cut, center, length)


def overlapped(frames: Any, cut: Pieces, center: bool, length: int | None) -> Any:
    """The frames, (*B, T, n), added where they overlap, and divided by the squared weights."""
    count = frames.shape[-2]
    total = cut.n + cut.hop * (count - 1)
    places = np.arange(count)[:, None] * cut.hop + np.arange(cut.n)
    signal = added(frames, places, total)
    weights = np.broadcast_to(cut.window * cut.window, (count, cut.n))
    envelope = added(weights, places, total)
    start = cut.n // 2 if center else 0
    end = total - start if length is None else min(start + length, total)
    signal, envelope = signal[..., start:end], envelope[start:end]
    if float(np.min(np.abs(envelope.detach()))) < 1e-11:
        raise RuntimeError(
            "istft: window overlap add min: 0; the windows leave samples without weight. Remedy: "
            "a smaller hop_length, or center=True"
        )
    signal = signal / envelope
    if length is not None and length > end - start:
        missing = (0, length - (end - start))
        signal = np.pad(signal, [(0, 0)] * (signal.ndim - 1) + [missing])
    return signal


def added(frames: Any, places: Any, total: int) -> Any:
    """Zeros, (*B, total), with each frame added at its places."""
    pattern = (WHOLE,) * (frames.ndim - 2) + (ARRAY,)
    shape = (*frames.shape[:-2], total)
    return kernels.unpick(frames, places, pattern=pattern, shape=shape)
