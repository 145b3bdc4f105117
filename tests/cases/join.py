"""Rows for tadori/ops/join.py."""

from __future__ import annotations

import numpy as np

from tadori.ops import join

from .case import Case


def torch_call(name, **options):
    """PyTorch's function of this name, on several tensors or on a list of them."""

    def call(*tensors):
        import torch

        return getattr(torch, name)(tensors, **options)

    return call


def spread(name, **options):
    """PyTorch's function of this name that takes its tensors one by one."""

    def call(*tensors):
        import torch

        return getattr(torch, name)(*tensors, **options)

    return call


def method(name, function, shape, numpy):
    """A row whose function is written the same way for Tadori and for PyTorch."""
    return Case(name, function, (shape,), numpy, function)


JOINS = [
    Case(
        "cat",
        lambda *xs: join.cat(xs, dim=-1),
        ((2, 3), (2, 1), (2, 0)),
        lambda *xs: np.concatenate(xs, -1),
        torch_call("cat", dim=-1),
    ),
    Case("cat with itself", lambda x: join.cat([x, x]), ((3,),), lambda x: np.concatenate([x, x])),
    Case(
        "cat with nothing",
        lambda x, nothing: join.cat([x, nothing]),
        ((2, 3), (0,)),
        lambda x, nothing: x,
    ),
    Case(
        "np.concatenate flat",
        lambda *xs: np.concatenate(xs, axis=None),
        ((2, 3), (2,)),
        lambda *xs: np.concatenate(xs, axis=None),
    ),
    Case(
        "stack",
        lambda *xs: join.stack(xs, dim=1),
        ((2, 3), (2, 3)),
        lambda *xs: np.stack(xs, 1),
        torch_call("stack", dim=1),
    ),
    Case("stack numbers", lambda *xs: join.stack(xs), ((), ()), lambda *xs: np.stack(xs)),
    Case(
        "hstack",
        lambda *xs: join.hstack(xs),
        ((2, 3), (2, 1)),
        lambda *xs: np.hstack(xs),
        torch_call("hstack"),
    ),
    Case(
        "hstack vectors",
        lambda *xs: np.hstack(xs),
        ((3,), ()),
        lambda *xs: np.hstack(xs),
        torch_call("hstack"),
    ),
    Case(
        "vstack",
        lambda *xs: join.vstack(xs),
        ((3,), (2, 3)),
        lambda *xs: np.vstack(xs),
        torch_call("vstack"),
    ),
    Case(
        "dstack",
        lambda *xs: join.dstack(xs),
        ((3,), (1, 3, 2)),
        lambda *xs: np.dstack(xs),
        torch_call("dstack"),
    ),
    Case(
        "column_stack",
        lambda *xs: join.column_stack(xs),
        ((3,), (3, 2)),
        lambda *xs: np.column_stack(xs),
        torch_call("column_stack"),
    ),
    Case("block_diag", join.block_diag, ((2, 3), (), (1, 2)), None, spread("block_diag")),
    Case(
        "meshgrid",
        join.meshgrid,
        ((2,), (3,), (4,)),
        lambda *xs: np.meshgrid(*xs, indexing="ij"),
        spread("meshgrid", indexing="ij"),
    ),
    Case(
        "meshgrid xy",
        lambda *xs: join.meshgrid(xs, indexing="xy"),
        ((2,), (3,), (4,)),
        lambda *xs: np.meshgrid(*xs),
        spread("meshgrid", indexing="xy"),
    ),
    Case("np.meshgrid", np.meshgrid, ((2,), (3,)), np.meshgrid),
    Case("cartesian_prod", join.cartesian_prod, ((2,), (3,)), None, spread("cartesian_prod")),
]

PARTS = [
    method("split", lambda x: x.split(2), (5, 3), lambda x: (x[:2], x[2:4], x[4:])),
    method("split sizes", lambda x: x.split([1, 3], -1), (2, 4), lambda x: (x[:, :1], x[:, 1:])),
    method("split once", lambda x: x.split(7), (5, 3), lambda x: (x,)),
    method("chunk", lambda x: x.chunk(3, 1), (2, 7), lambda x: (x[:, :3], x[:, 3:6], x[:, 6:])),
    method("tensor_split", lambda x: x.tensor_split(3), (7, 2), lambda x: (x[:3], x[3:5], x[5:])),
    method(
        "tensor_split at",
        lambda x: x.tensor_split((1, 4), 0),
        (7,),
        lambda x: (x[:1], x[1:4], x[4:]),
    ),
    method("unbind", lambda x: x.unbind(), (3, 4), lambda x: tuple(x)),
    method("unbind inner", lambda x: x.unbind(-1), (3, 2), lambda x: (x[:, 0], x[:, 1])),
    method("unbind to numbers", lambda x: x.unbind(), (3,), lambda x: tuple(x)),
    method("unbind one", lambda x: x.unbind(), (1, 2), lambda x: (x[0],)),
    Case("np.split", lambda x: np.split(x, 2, 1), ((3, 4),), lambda x: np.split(x, 2, 1)),
    Case("a part unused", lambda x: x.split(2)[1], ((5, 3),), lambda x: x[2:4]),
]

CASES = JOINS + PARTS
