"""Fourier transforms, short-time ones, windows: values beside PyTorch's, dtypes, errors."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori.signal import windows

SHAPES = {
    "general_cosine": {"a": [0.4, 0.5, 0.1]},
    "general_hamming": {"alpha": 0.6},
    "kaiser": {"beta": 8.0},
    "gaussian": {"std": 2.5},
    "exponential": {"tau": 2.0},
}
OLD = ("bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window")


@pytest.mark.parametrize("name", windows.__all__)
@pytest.mark.parametrize("length", [0, 1, 2, 7, 8])
@pytest.mark.parametrize("sym", [True, False])
def test_windows_are_pytorchs(name, length, sym):
    torch = pytest.importorskip("torch")
    how = {**SHAPES.get(name, {}), "sym": sym}
    ours = getattr(windows, name)(length, **how)
    theirs = getattr(torch.signal.windows, name)(length, **how)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("name", OLD)
@pytest.mark.parametrize("periodic", [True, False])
def test_old_names_of_windows(name, periodic):
    torch = pytest.importorskip("torch")
    ours = getattr(tadori, name)(9, periodic, dtype=tadori.float64)
    theirs = getattr(torch, name)(9, periodic, dtype=torch.float64)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-10, atol=1e-12)
    with pytest.raises(RuntimeError, match="non-negative"):
        getattr(tadori, name)(-1)


def test_windows_refuse():
    with pytest.raises(ValueError, match="M=-1"):
        windows.hann(-1)
    with pytest.raises(ValueError, match="float32 or float64"):
        windows.hann(3, dtype=tadori.int64)
    with pytest.raises(ValueError, match="Center"):
        windows.exponential(3, center=1.0)


def test_precision_stays():
    x = tadori.ones(4)
    assert tadori.fft.fft(x).dtype == tadori.complex64
    assert tadori.fft.irfft(tadori.fft.rfft(x)).dtype == tadori.float32
    assert tadori.fft.fft(tadori.ones(4, dtype=tadori.int64)).dtype == tadori.complex64
    assert tadori.fft.rfft(tadori.ones(4, dtype=tadori.float64)).dtype == tadori.complex128


@pytest.mark.parametrize("n", [1, 5, 6])
def test_frequencies(n):
    np.testing.assert_allclose(tadori.fft.fftfreq(n, 0.5).numpy(), np.fft.fftfreq(n, 0.5))
    np.testing.assert_allclose(tadori.fft.rfftfreq(n).numpy(), np.fft.rfftfreq(n))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda x: tadori.fft.fft(x, 0), RuntimeError, "data points"),
        (lambda x: tadori.fft.fft(x, dim=2), IndexError, "out of range"),
        (lambda x: tadori.fft.fftn(x, dim=(0, 0)), RuntimeError, "unique"),
        (lambda x: tadori.fft.fftn(x, s=(2,), dim=(0, 1)), RuntimeError, "lengths"),
        (lambda x: tadori.fft.fft(x, norm="ourtho"), RuntimeError, "ourtho"),
        (lambda x: tadori.fft.rfft(x * 1j), RuntimeError, "real input"),
        (lambda x: tadori.fft.irfft(x[:, :1]), RuntimeError, "data points"),
        (lambda x: x.stft(4), RuntimeError, "return_complex"),
        (lambda x: x[0].stft(8, return_complex=True), RuntimeError, "reflect"),
        (lambda x: x.istft(4), RuntimeError, "complex-valued"),
    ],
)
def test_transforms_refuse(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong(tadori.ones(2, 4))


def test_a_signal_comes_back_from_its_spectra():
    tadori.manual_seed(0)
    x = tadori.randn(2, 400)
    window = tadori.hann_window(64)
    spectra = x.stft(64, 16, window=window, return_complex=True)
    assert spectra.shape == (2, 33, 26)
    back = spectra.istft(64, 16, window=window, length=400)
    np.testing.assert_allclose(back.numpy(), x.numpy(), atol=1e-5)
    with pytest.raises(RuntimeError, match="without weight"):
        spectra.istft(64, 16, window=window, center=False)
