"""Rows for tadori/ops/decompose.py and inverse.py.

Factors with free signs are multiplied so that they vanish.
"""

from __future__ import annotations

import numpy as np

import tadori
from tadori import linalg

from .case import Case
from .complex import parts


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


def modules(x):
    """The whole of PyTorch for its tensors, of Tadori for ours."""
    if type(x).__module__.startswith("torch"):
        import torch

        return torch
    return tadori


def top(name, function, *shapes, **more):
    """A row for functions with older names, f(torch, ...)."""

    def call(*xs):
        return function(modules(xs[0]), *xs)

    return Case(name, call, shapes, None, call, **more)


def hermitian(z):
    return z + z.mH


def definite(module, z):
    """A Hermitian, positive definite matrix."""
    return z @ z.mH + 4 * module.eye(z.shape[-1], dtype=z.real.dtype)


def complexly(name, function, *shape, **more):
    """f(torch, a + ib), shown as real and imaginary parts."""

    def call(a, b):
        found = function(modules(a), modules(a).complex(a, b))
        found = found if isinstance(found, tuple) else (found,)
        return tuple(part for y in found for part in parts(y))

    return Case(name, call, (shape, shape), None, call, **more)


def size(z):
    """|z|^2, which does not depend on the free angle of a vector."""
    return z.abs() ** 2


COMPLEX = [
    complexly("complex inv", lambda m, z: m.linalg.inv(z), 2, 3, 3),
    complexly("complex slogdet", lambda m, z: m.linalg.slogdet(z), 3, 3),
    complexly("complex cholesky", lambda m, z: m.linalg.cholesky(definite(m, z)), 3, 3),
    complexly(
        "complex cholesky upper", lambda m, z: m.linalg.cholesky(definite(m, z), upper=True), 3, 3
    ),
    complexly("complex qr", lambda m, z: m.linalg.qr(z)[1], 4, 3),
    complexly("complex qr wide", lambda m, z: m.linalg.qr(z)[1], 2, 4),
    complexly(
        "complex eigh",
        lambda m, z: (m.linalg.eigh(hermitian(z))[0], size(m.linalg.eigh(hermitian(z))[1])),
        3,
        3,
    ),
    complexly("complex eig", lambda m, z: (size(m.linalg.eig(z)[1]), m.linalg.eig(z)[0]), 3, 3),
    complexly(
        "complex svd",
        lambda m, z: (size(m.linalg.svd(z, False)[0]), size(m.linalg.svd(z, False)[2])),
        3,
        4,
    ),
    complexly("complex svdvals", lambda m, z: m.linalg.svdvals(z), 3, 4),
    complexly("complex pinv", lambda m, z: m.linalg.pinv(z), 4, 3),
    complexly("complex lu", lambda m, z: m.linalg.lu(z)[1:], 3, 3),
    complexly("complex matrix_exp", lambda m, z: m.linalg.matrix_exp(z / 2), 3, 3),
    complexly(
        "complex householder_product",
        lambda m, z: m.linalg.householder_product(z, z[0] / 4),
        4,
        3,
    ),
    complexly(
        "complex cholesky_solve", lambda m, z: m.cholesky_solve(z, definite(m, z).tril()), 3, 3
    ),
]

SOLVERS = [
    both("inv_ex", lambda la, x: la.inv_ex(x)[0], (2, 3, 3)),
    both("solve_ex", lambda la, a, b: la.solve_ex(a, b)[0], (3, 3), (3, 2)),
    both(
        "solve_triangular upper",
        lambda la, a, b: la.solve_triangular(a, b, upper=True),
        (2, 3, 3),
        (3, 2),
        domain=(0.5, 1.5),
    ),
    both(
        "solve_triangular from the right",
        lambda la, a, b: la.solve_triangular(a, b, upper=False, left=False, unitriangular=True),
        (3, 3),
        (2, 3),
    ),
    both("lstsq", lambda la, a, b: la.lstsq(a, b)[0], (4, 3), (4, 2)),
    both("lstsq of a wide one", lambda la, a, b: la.lstsq(a, b)[0], (2, 4), (2, 2)),
    both("tensorinv", lambda la, x: la.tensorinv(x, 1), (4, 2, 2)),
    both("tensorsolve", lambda la, a, b: la.tensorsolve(a, b), (2, 2, 4), (2, 2)),
    both("pinv hermitian", lambda la, x: la.pinv(positive(x), hermitian=True), (3, 3)),
    both("pinv wide", lambda la, x: la.pinv(x), (2, 4)),
    both("cond", lambda la, x: la.cond(x), (3, 3)),
    Case(  # PyTorch's own derivative fails
        "cond fro",
        lambda x: linalg.cond(x, "fro"),
        ((3, 3),),
        lambda x: np.linalg.cond(x, "fro"),
    ),
    both("matrix_exp", lambda la, x: la.matrix_exp(x), (2, 3, 3)),
    both("matrix_exp of a large one", lambda la, x: la.matrix_exp(x), (3, 3), domain=(2, 6)),
    both("vander", lambda la, x: la.vander(x, N=4), (3,)),
    both("linalg.cross", lambda la, a, b: la.cross(a, b), (2, 3), (1, 3)),
    both("vector_norm 0", lambda la, x: la.vector_norm(x, 0), (3, 4)),
]

FACTORS = [
    both("cholesky_ex", lambda la, x: la.cholesky_ex(positive(x))[0], (3, 3)),
    both("lu", lambda la, x: la.lu(x), (2, 3, 3)),
    both("lu of a tall one", lambda la, x: la.lu(x), (4, 3)),
    both("lu of a wide one", lambda la, x: la.lu(x), (3, 4)),
    both("lu_factor", lambda la, x: la.lu_factor(x), (3, 3)),
    both(
        "lu_solve",
        lambda la, x, b: la.lu_solve(*la.lu_factor(x), b, adjoint=True),
        (3, 3),
        (3, 2),
    ),
    both(
        "lu_solve from the right",
        lambda la, x, b: la.lu_solve(*la.lu_factor(x), b, left=False),
        (3, 3),
        (2, 3),
    ),
    both("ldl", lambda la, x: la.ldl_factor(symmetric(x).detach())[0], (3, 3), first=False),
    both(
        "ldl_solve",
        lambda la, x: la.ldl_solve(*la.ldl_factor(symmetric(x).detach()), x.detach()),
        (3, 3),
        first=False,
    ),
    both("qr wide", lambda la, x: tuple(map(squares, la.qr(x))), (3, 5)),
    both("qr complete", lambda la, x: la.qr(x.detach(), "complete")[1], (4, 3), first=False),
    both("householder_product", lambda la, x: la.householder_product(x, x[0] / 4), (4, 3)),
    both("eigvals", lambda la, x: la.eigvals(positive(x)).real, (3, 3)),
    top("logdet", lambda m, x: m.logdet(positive(x)), (2, 3, 3)),
    top(
        "cholesky_inverse", lambda m, x: m.cholesky_inverse(positive(x).triu(), upper=True), (3, 3)
    ),
    top("cholesky_solve", lambda m, x: m.cholesky_solve(x, positive(x).tril()), (3, 3)),
    Case(
        "triangular_solve",
        lambda b, a: b.triangular_solve(a, transpose=True)[0],
        ((3, 2), (3, 3)),
        lambda b, a: np.linalg.solve(np.triu(a).T, b),
        domain=(0.5, 1.5),
    ),
    top("geqrf", lambda m, x: m.geqrf(x.detach()), (4, 3), first=False),
    top("ormqr", lambda m, x, b: m.ormqr(x, x[0] / 4, b, True, True), (4, 3), (4, 2)),
    top("torch.svd", lambda m, x: tuple(map(squares, m.svd(x))), (4, 3)),
    top("torch.cross", lambda m, a, b: m.cross(a, b, dim=0), (3, 2), (3, 2)),
]

CASES = [
    *COMPLEX,
    *SOLVERS,
    *FACTORS,
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
    both("svd full", lambda la, x: la.svd(x)[1], (3, 4)),
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
