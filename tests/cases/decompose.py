"""Rows for tadori/ops/decompose.py. Factors with free signs are multiplied so that they vanish."""

from __future__ import annotations

import numpy as np

from tadori import linalg

from .case import Case


def library(x):
    """torch.linalg for PyTorch's tensors, ours for ours."""
    if type(x).__module__.startswith("torch"):
        import torch

        return torch.linalg
    return linalg


def both(name, function, *shapes, numpy=None, **more):
    def call(*xs):
        return function(library(xs[0]), *xs)

    return Case(name, call, shapes, numpy, call, **more)


def positive(x):
    """A symmetric, positive definite matrix."""
    return x @ x.mT + x.shape[-1] * (x * 0 + 1).sum(0).diag() / x.shape[0]


def symmetric(x):
    return x + x.mT


def squares(u):
    return u * u


CASES = [
    both("inv", lambda la, x: la.inv(x), (2, 3, 3), numpy=np.linalg.inv, rtol=1e-3),
    both(
        "solve", lambda la, a, b: la.solve(a, b), (3, 3), (3, 2), numpy=np.linalg.solve, rtol=1e-3
    ),
    both("solve for a vector", lambda la, a, b: la.solve(a, b), (3, 3), (3,), rtol=1e-3),
    both("solve for vectors", lambda la, a, b: la.solve(a, b), (2, 3, 3), (2, 3), rtol=1e-3),
    both("solve from the right", lambda la, a, b: la.solve(a, b, left=False), (3, 3), (2, 3)),
    both("det", lambda la, x: la.det(x), (2, 3, 3), numpy=np.linalg.det, rtol=1e-3),
    both("slogdet", lambda la, x: la.slogdet(x), (2, 3, 3), rtol=1e-3),
    both("cholesky", lambda la, x: la.cholesky(positive(x)), (3, 3), rtol=1e-3),
    both("cholesky upper", lambda la, x: la.cholesky(positive(x), upper=True), (3, 3), rtol=1e-3),
    both("qr", lambda la, x: tuple(map(squares, la.qr(x))), (4, 3), rtol=1e-3),
    both("eigh", lambda la, x: tuple(map(squares, la.eigh(symmetric(x)))), (3, 3), rtol=1e-3),
    both("eigvalsh", lambda la, x: la.eigvalsh(symmetric(x)), (3, 3), rtol=1e-3),
    both("svd", lambda la, x: tuple(map(squares, la.svd(x, full_matrices=False))), (4, 3)),
    both("svd wide", lambda la, x: tuple(map(squares, la.svd(x, full_matrices=False))), (3, 4)),
    both("svd full", lambda la, x: la.svd(x)[1].detach(), (3, 4), first=False),
    both("svdvals", lambda la, x: la.svdvals(x), (3, 4), rtol=1e-3),
    both("pinv", lambda la, x: la.pinv(x), (4, 3), rtol=1e-3),
    both("matrix_power", lambda la, x: la.matrix_power(x, 5), (3, 3), rtol=1e-3),
    both("matrix_power inverse", lambda la, x: la.matrix_power(x, -2), (3, 3), rtol=1e-2),
    both("matrix_norm nuc", lambda la, x: la.matrix_norm(x, "nuc"), (3, 4)),
    both("matrix_norm 2", lambda la, x: la.matrix_norm(x, 2), (3, 4)),
    both("matrix_norm -1", lambda la, x: la.matrix_norm(x, -1), (3, 4)),
    both("matrix_norm fro", lambda la, x: la.norm(x), (3, 4), numpy=np.linalg.norm),
    both("vector_norm dims", lambda la, x: la.vector_norm(x, 3, [0, 2]), (2, 3, 4)),
    both("multi_dot", lambda la, *xs: la.multi_dot(xs), (2, 3), (3, 4), (4, 2)),
    both("linalg.vecdot", lambda la, x, y: la.vecdot(x, y, dim=0), (3, 4), (3, 4)),
    both("linalg.diagonal", lambda la, x: la.diagonal(x), (2, 3, 4)),
]
