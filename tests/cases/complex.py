"""Rows for tadori/ops/complex.py. A complex tensor is made of two real ones, and shown as its two
parts, so that every row has real inputs and outputs."""

from __future__ import annotations

import numpy as np

import tadori

from .case import Case


def parts(z):
    """The real and the imaginary part of ours or of PyTorch's; a real one beside zeros."""
    if z.dtype in (tadori.complex64, tadori.complex128) or str(z.dtype).startswith("torch.complex"):
        z = z.resolve_conj()
        return z.real * 1, z.imag * 1
    return z, z * 0


def shown(z):
    return np.real(z), np.imag(z)


def row(name, function, numpy=None, **how):
    """f(a + ib) as its two parts; `function` gets a module and the tensor."""

    def ours(a, b):
        return parts(function(tadori, tadori.complex(a, b)))

    def theirs(a, b):
        import torch

        return parts(function(torch, torch.complex(a, b)))

    def on_arrays(a, b):
        return shown(numpy(a + b * 1j))

    return Case(name, ours, ((3, 4), (3, 4)), numpy and on_arrays, theirs, **how)


def halves(module, z):
    """Uses the two parts of z for one another."""
    pair = module.view_as_real(z)
    return module.view_as_complex(pair * pair.flip(-1))


def written_into(name):
    """f(z) with one of its parts written in place."""

    def function(module, z):
        w = z * z
        part = getattr(w, name) if name in ("real", "imag") else module.view_as_real(w)
        part.mul_(part * 0.5)
        return w * z

    return function


CASES = [
    row("conj", lambda m, z: m.conj(z) * z, lambda z: np.conj(z) * z),
    row("real", lambda m, z: m.real(z) * z, lambda z: z.real * z),
    row("imag", lambda m, z: m.imag(z) * z, lambda z: z.imag * z),
    row("sgn of complex", lambda m, z: m.sgn(z), np.sign),
    row("abs of complex", lambda m, z: m.abs(z), np.abs),
    row("angle of complex", lambda m, z: m.angle(z), np.angle),
    row("polar", lambda m, z: m.polar(m.abs(z), m.angle(z)), lambda z: z),
    row("view_as_real, view_as_complex", halves),
    row("written into the real part", written_into("real")),
    row("written into the imaginary part", written_into("imag")),
    row("written into both parts", written_into("view_as_real")),
    row("adjoint", lambda m, z: m.adjoint(z), lambda z: np.conj(z.T)),
    row("var of complex", lambda m, z: z.var(0), lambda z: z.var(0, ddof=1)),
    row("std of complex", lambda m, z: z.std(1), lambda z: z.std(1, ddof=1)),
    row("norm of complex", lambda m, z: z.norm(), np.linalg.norm),
    row("norm of complex, p = 3", lambda m, z: z.norm(3, 1)),
    row("logaddexp of complex", lambda m, z: m.logaddexp(z, z * z)),
    row("logsumexp of complex", lambda m, z: z.logsumexp(1)),
    Case(
        "angle",
        lambda x: x.angle() * x,
        ((3, 4),),
        lambda x: np.angle(x) * x,
        lambda x: x.angle() * x,
    ),
]
