"""Rows for tadori/ops/normalization.py."""

from __future__ import annotations

import numpy as np

from tadori import kernels

from .case import Case
from .conv import functional


def normalized(x, weight=1.0, bias=0.0, *, axis, eps=1e-5):
    """The composition of which `kernels.normalize` is the fused form."""
    mean = np.mean(x, axis=axis, keepdims=True)
    var = np.mean((x - mean) ** 2, axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(var + eps) * weight + bias, mean, var


def normalize(name, axis, *shapes):
    return Case(
        f"normalize {name}",
        lambda *arrays: kernels.normalize(*arrays, axis=axis, eps=1e-5),
        shapes,
        lambda *arrays: normalized(*arrays, axis=axis),
        rtol=1e-4,
    )


CASES = [
    normalize("rows", (-1,), (3, 5)),
    normalize("channels", (0, 2), (3, 2, 4), (1, 2, 1), (1, 2, 1)),
    normalize("last axes", (-2, -1), (3, 2, 4), (2, 4), (2, 4)),
    normalize("weight only", (1,), (3, 4), (4,)),
    functional(
        "batch_norm in training",
        lambda F, x, w, b: F.batch_norm(x, None, None, w, b, training=True),
        (4, 3, 2, 2),
        (3,),
        (3,),
    ),
    functional(
        "batch_norm of rows",
        lambda F, x, w, b: F.batch_norm(x, None, None, w, b, training=True),
        (5, 3),
        (3,),
        (3,),
    ),
    functional(
        "batch_norm in use",
        lambda F, x, m, v, w, b: F.batch_norm(x, m.detach(), v.detach(), w, b, eps=0.1),
        (4, 3, 2, 2),
        (3,),
        (3,),
        (3,),
        (3,),
        domain=((-2, 2), (-2, 2), (0.5, 2), (-2, 2), (-2, 2)),
        second=False,  # the statistics are detached, a numerical difference sees them move
        first=False,
    ),
    functional(
        "layer_norm",
        lambda F, x, w, b: F.layer_norm(x, (2, 4), w, b),
        (3, 2, 4),
        (2, 4),
        (2, 4),
    ),
    functional("layer_norm plain", lambda F, x: F.layer_norm(x, (4,)), (3, 2, 4)),
    functional("group_norm", lambda F, x, w, b: F.group_norm(x, 2, w, b), (3, 4, 2, 2), (4,), (4,)),
    functional("instance_norm", lambda F, x: F.instance_norm(x), (2, 3, 2, 3)),
    functional("rms_norm", lambda F, x, w: F.rms_norm(x, (4,), w, 0.1), (3, 4), (4,)),
    functional(
        "local_response_norm", lambda F, x: F.local_response_norm(x, 3, 0.5, 0.75, 2.0), (2, 5, 3)
    ),
    functional("normalize vectors", lambda F, x: F.normalize(x), (3, 4)),
    functional("normalize by the sum", lambda F, x: F.normalize(x, p=1.0, dim=0), (3, 4)),
]
