"""Rows for tadori/ops/complex.py. A complex tensor is made of two real ones, and shown as its two
parts, so that every row has real inputs and outputs."""

from __future__ import annotations

import numpy as np

from .case import Case


def parts(z):
    return z.real, z.imag


def shown(z):
    return np.real(z), np.imag(z)


def row(name, ours, torch_name, *, numpy=None, **how):
    """f(a + ib) as its two parts."""

    def of_parts(a, b):
        return shown(ours(a + b * 1j))

    def on_arrays(a, b):
        return shown((numpy or ours)(a + b * 1j))

    def on_torch(a, b):
        import torch

        y = getattr(torch, torch_name)(a + b * 1j).resolve_conj()
        return parts(y) if y.is_complex() else (y, torch.zeros_like(y))

    return Case(name, of_parts, ((3, 4), (3, 4)), on_arrays, on_torch, **how)


CASES = [
    row("conj", np.conjugate, "conj"),
    row("sgn of complex", np.sign, "sgn"),
]
