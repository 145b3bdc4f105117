"""Rows for tadori/ops/linalg.py and tadori/ops/einsum.py."""

from __future__ import annotations

import numpy as np

from tadori import kernels
from tadori.methods.linalg import chain_matmul, tensordot

from .case import Case


def product(name, *shapes):
    return Case(f"matmul {name}", lambda a, b: a @ b, shapes, np.matmul, lambda a, b: a @ b)


def both(name, method, *shapes, numpy=None):
    """A row whose operation is a method of tensors, ours and PyTorch's."""
    return Case(name, method, shapes, numpy, method)


def einsum(equation, *shapes):
    def sum_of(*xs):
        return np.einsum(equation, *xs)

    return Case(f"einsum {equation}", sum_of, shapes, sum_of)


def linear(x, weight, bias=0.0):
    return np.matmul(x, weight.T) + bias


CASES = [
    product("of matrices", (3, 4), (4, 2)),
    product("of vectors", (4,), (4,)),
    product("vector, matrix", (4,), (4, 2)),
    product("matrix, vector", (3, 4), (4,)),
    product("vector, batch", (4,), (2, 3, 4, 2)),
    product("batch, vector", (2, 3, 4), (4,)),
    product("batch, matrix", (2, 3, 4), (4, 2)),
    product("matrix, batch", (3, 4), (2, 4, 2)),
    product("batches", (2, 3, 4), (2, 4, 2)),
    product("batches broadcast", (2, 1, 3, 4), (3, 4, 2)),
    product("of nothing", (3, 0), (0, 2)),
    both("mm", lambda a, b: a.mm(b), (3, 4), (4, 2), numpy=np.matmul),
    both("bmm", lambda a, b: a.bmm(b), (2, 3, 4), (2, 4, 2), numpy=np.matmul),
    both("mv", lambda a, b: a.mv(b), (3, 4), (4,), numpy=np.matmul),
    both("dot", lambda a, b: a.dot(b), (4,), (4,), numpy=np.dot),
    both("vdot", lambda a, b: a.vdot(b), (4,), (4,), numpy=np.vdot),
    both("inner", lambda a, b: a.inner(b), (3, 4), (2, 4), numpy=np.inner),
    both("outer", lambda a, b: a.outer(b), (3,), (4,), numpy=np.outer),
    both("kron", lambda a, b: a.kron(b), (2, 3), (4, 1, 2), numpy=np.kron),
    both("addmm", lambda c, a, b: c.addmm(a, b, beta=0.5, alpha=2), (2,), (3, 4), (4, 2)),
    both("baddbmm", lambda c, a, b: c.baddbmm(a, b), (2, 3, 2), (2, 3, 4), (2, 4, 2)),
    both("addbmm", lambda c, a, b: c.addbmm(a, b), (3, 2), (2, 3, 4), (2, 4, 2)),
    both("addmv", lambda c, a, b: c.addmv(a, b, alpha=3), (3,), (3, 4), (4,)),
    both("addr", lambda c, a, b: c.addr(a, b, beta=2), (3, 4), (3,), (4,)),
    Case("np.dot of batches", np.dot, ((2, 3, 4), (5, 4, 2)), np.dot),
    Case("np.vecdot", np.vecdot, ((3, 4), (4,)), np.vecdot),
    Case("tensordot", tensordot, ((2, 3, 4), (3, 4, 5)), np.tensordot),
    Case(
        "tensordot over named axes",
        lambda a, b: tensordot(a, b, ([0, 2], [3, 1])),
        ((2, 3, 4), (5, 4, 3, 2)),
        lambda a, b: np.tensordot(a, b, ([0, 2], [3, 1])),
    ),
    Case(
        "chain_matmul",
        lambda *xs: chain_matmul(*xs),
        ((2, 3), (3, 4), (4, 5), (5, 2)),
        lambda *xs: np.linalg.multi_dot(xs),
    ),
    Case(
        "multi_dot from vector to vector",
        lambda *xs: np.linalg.multi_dot(xs),
        ((3,), (3, 4), (4,)),
        lambda *xs: np.linalg.multi_dot(xs),
    ),
    Case("linear", kernels.linear, ((5, 3), (4, 3), (4,)), linear),
    Case("linear without bias", kernels.linear, ((5, 3), (4, 3)), linear),
    Case("linear of a vector", kernels.linear, ((3,), (4, 3), (4,)), linear),
    Case("linear of a batch", kernels.linear, ((2, 5, 3), (4, 3), (4,)), linear),
    both("trace", lambda x: x.trace(), (3, 3), numpy=np.trace),
    both("diag of a matrix", lambda x: x.diag(1), (3, 4), numpy=lambda x: np.diag(x, 1)),
    both("diag of a vector", lambda x: x.diag(-1), (3,), numpy=lambda x: np.diag(x, -1)),
    both("diagonal", lambda x: x.diagonal(), (3, 4)),
    both("diagonal of axes", lambda x: x.diagonal(-1, 2, 0), (4, 2, 3)),
    both("diag_embed", lambda x: x.diag_embed(), (2, 3)),
    both("diag_embed of axes", lambda x: x.diag_embed(1, 0, 2), (2, 3)),
    both("diagflat", lambda x: x.diagflat(1), (2, 2)),
    einsum("ij,jk->ik", (2, 3), (3, 4)),
    einsum("ij,kj->ik", (2, 3), (4, 3)),
    einsum("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
    einsum("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)),
    einsum("ij->ji", (2, 3)),
    einsum("ij->j", (2, 3)),
    einsum("ii", (3, 3)),
    einsum("ii->i", (3, 3)),
    einsum("iji,j", (3, 2, 3), (2,)),
    einsum("iii->i", (3, 3, 3)),
    einsum("i,i", (3,), (3,)),
    einsum("i,j->ji", (3,), (2,)),
    einsum("ij,ij->ij", (2, 3), (2, 3)),
    einsum("ij,k->k", (2, 3), (4,)),
    einsum("...ij,...jk", (2, 1, 2, 3), (4, 3, 2)),
    einsum("...i,...i->...", (2, 3), (3,)),
    einsum("i...->...", (2, 3, 2)),
    einsum("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    einsum("bn,anm,bm->ba", (2, 3), (4, 3, 2), (2, 2)),
    einsum("i,j,k->kji", (2,), (3,), (4,)),
    einsum("ba,cb", (2, 3), (4, 2)),
    einsum(",ij->ij", (), (2, 3)),
    Case(
        "einsum of lists",
        lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]),
        ((2, 3), (3, 4)),
        lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]),
    ),
    Case(
        "add_up",
        lambda x: kernels.add_up(x, axis=(0, 2)),
        ((2, 3, 4),),
        lambda x: x.sum((0, 2)),
    ),
]
