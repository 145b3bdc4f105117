"""Rows for tadori/ops/fft.py. Complex tensors are made of two real ones, and shown as two."""

from __future__ import annotations

import tadori

from .case import Case
from .complex import parts


def of_complex(name, *shape, **how):
    """torch.fft.name(a + ib)."""

    def ours(a, b):
        return parts(getattr(tadori.fft, name)(tadori.complex(a, b), **how))

    def theirs(a, b):
        import torch

        return parts(getattr(torch.fft, name)(torch.complex(a, b), **how))

    told = ", ".join(f"{key}={value}" for key, value in how.items())
    return Case(f"{name} {shape} {told}".strip(), ours, (shape, shape), None, theirs)


def of_real(name, *shape, **how):
    """torch.fft.name(x) of a real x."""

    def ours(x):
        return parts(getattr(tadori.fft, name)(x, **how))

    def theirs(x):
        import torch

        return parts(getattr(torch.fft, name)(x, **how))

    told = ", ".join(f"{key}={value}" for key, value in how.items())
    return Case(f"{name} of real {shape} {told}".strip(), ours, (shape,), None, theirs)


def stft(name, *shape, **how):
    """The spectra of x under a window that is differentiated too."""

    def function(x, window):
        y = x.stft(window=window, return_complex=True, **how)
        return parts(y)

    return Case(f"stft {name}", function, (shape, (4,)), None, function, domain=(0.5, 1.5))


def istft(a, b, window):
    z = tadori.complex(a, b)
    return z.istft(4, 1, window=window)


def istft_of_pytorch(a, b, window):
    import torch

    return torch.complex(a, b).istft(4, 1, window=window)


CASES = [
    stft("of a batch", 2, 10, n_fft=4),
    stft("with a short window", 12, n_fft=6, win_length=4, hop_length=3, center=False),
    stft("normalized, padded otherwise", 9, n_fft=4, normalized=True, pad_mode="constant"),
    Case("istft", istft, ((3, 6), (3, 6), (4,)), None, istft_of_pytorch, domain=(0.5, 1.5)),
    of_complex("fft", 5),
    of_complex("fft", 2, 4, dim=0, norm="ortho"),
    of_complex("fft", 4, n=6),
    of_complex("fft", 4, n=3, norm="forward"),
    of_complex("ifft", 2, 5),
    of_complex("fft2", 2, 3, 4),
    of_complex("ifft2", 3, 4, s=(2, 5)),
    of_complex("fftn", 2, 3, 2),
    of_complex("ifftn", 2, 3, 2, dim=(0, 2), norm="ortho"),
    of_complex("irfft", 4),
    of_complex("irfft", 4, n=7, norm="ortho"),
    of_complex("irfft2", 3, 4),
    of_complex("irfftn", 2, 3, 3, s=(2, 5), dim=(0, 1), norm="forward"),
    of_complex("hfft", 2, 4),
    of_complex("hfft2", 3, 4, norm="ortho"),
    of_complex("hfftn", 2, 3, 3, s=(3, 3)),
    of_complex("fftshift", 4, 5),
    of_complex("ifftshift", 4, 5, dim=1),
    of_real("fft", 5),
    of_real("ifft2", 2, 3),
    of_real("rfft", 6),
    of_real("rfft", 2, 5, n=7, norm="ortho"),
    of_real("rfft", 5, 2, n=3, dim=0, norm="forward"),
    of_real("rfft2", 3, 4),
    of_real("rfftn", 2, 3, 5),
    of_real("irfft", 4),
    of_real("ihfft", 5, norm="ortho"),
    of_real("ihfft2", 3, 4),
    of_real("ihfftn", 2, 3, 5, dim=(1, 2)),
]
