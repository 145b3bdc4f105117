"""Rows for tadori/ops/pool.py."""

from __future__ import annotations

import numpy as np

from tadori import kernels

from .case import Case
from .conv import functional

TAP = np.array([[[[1, 3], [0, 2]]]], np.uint8)  # N 1, C 1, OH OW 2 2: of windows 2 2, one apart
WINDOW = {"kernel_size": (2, 2), "stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)}
MET = np.array([[[[1, 5], [3, 7]]]])  # the places they meet in an image of 3 3
INDEX = np.array([[[[3, 0], [3, 5]]]])  # N 1, C 1, OH OW 2 2: places in a plane of 2 3


def scattered(g):
    plane = np.zeros_like(g, shape=6)
    np.add.at(plane, INDEX.ravel(), g.ravel())
    return plane.reshape(1, 1, 2, 3)


CASES = [
    functional("max_pool1d", lambda F, x: F.max_pool1d(x, 3, 2, 1), (2, 3, 7), distinct=True),
    functional("max_pool2d", lambda F, x: F.max_pool2d(x, 2), (2, 2, 4, 5), distinct=True),
    functional(
        "max_pool2d options",
        lambda F, x: F.max_pool2d(x, (3, 2), (2, 1), (1, 0), (1, 2), True),
        (2, 2, 6, 5),
        distinct=True,
    ),
    functional(
        "max_pool2d with indices",
        lambda F, x: F.max_pool2d(x, 2, return_indices=True),
        (2, 2, 4, 5),
        distinct=True,
    ),
    functional("max_pool2d one image", lambda F, x: F.max_pool2d(x, 2), (2, 4, 4), distinct=True),
    functional("max_pool3d", lambda F, x: F.max_pool3d(x, 2), (1, 2, 2, 4, 2), distinct=True),
    functional("avg_pool1d", lambda F, x: F.avg_pool1d(x, 3, 2, 1), (2, 3, 7)),
    functional("avg_pool2d", lambda F, x: F.avg_pool2d(x, (2, 3), padding=1), (2, 2, 4, 5)),
    functional(
        "avg_pool2d options",
        lambda F, x: F.avg_pool2d(x, 3, 2, 1, True, False),
        (2, 2, 6, 5),
    ),
    functional(
        "avg_pool2d divisor",
        lambda F, x: F.avg_pool2d(x, 2, padding=1, divisor_override=3),
        (1, 2, 4, 4),
    ),
    functional("avg_pool3d", lambda F, x: F.avg_pool3d(x, 2), (1, 2, 2, 4, 2)),
    functional("adaptive_avg_pool1d", lambda F, x: F.adaptive_avg_pool1d(x, 4), (2, 3, 7)),
    functional("adaptive_avg_pool2d", lambda F, x: F.adaptive_avg_pool2d(x, 2), (2, 3, 4, 6)),
    functional(
        "adaptive_avg_pool2d uneven",
        lambda F, x: F.adaptive_avg_pool2d(x, (3, None)),
        (2, 3, 5, 4),
    ),
    functional(
        "adaptive_max_pool2d",
        lambda F, x: F.adaptive_max_pool2d(x, (2, 3)),
        (2, 3, 4, 6),
        distinct=True,
    ),
    functional(
        "adaptive_max_pool2d uneven",
        lambda F, x: F.adaptive_max_pool2d(x, (3, 4)),
        (2, 3, 5, 7),
        distinct=True,
    ),
    functional("interpolate nearest", lambda F, x: F.interpolate(x, (5, 3)), (2, 2, 3, 4)),
    functional(
        "interpolate by a factor", lambda F, x: F.interpolate(x, scale_factor=1.7), (2, 2, 5)
    ),
    functional(
        "interpolate bilinear",
        lambda F, x: F.interpolate(x, (5, 3), mode="bilinear"),
        (2, 2, 3, 4),
    ),
    functional(
        "interpolate corners",
        lambda F, x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True),
        (2, 2, 3, 4),
    ),
    functional("pixel_shuffle", lambda F, x: F.pixel_shuffle(x, 2), (2, 8, 2, 3)),
    functional("pixel_unshuffle", lambda F, x: F.pixel_unshuffle(x, 2), (2, 2, 4, 6)),
    Case(
        "avg_pool_transpose",
        lambda g: kernels.avg_pool_transpose(
            g, size=(2, 4), kernel_size=(2, 2), stride=(2, 2), padding=(0, 0)
        ),
        ((1, 2, 1, 2),),
        lambda g: np.repeat(np.repeat(g, 2, axis=-1), 2, axis=-2) / 4,
    ),
    Case(
        "max_pool_back",
        lambda g: kernels.max_pool_back(g, TAP, size=(3, 3), **WINDOW),
        ((1, 1, 2, 2),),
        lambda g: kernels.scatter_plane(g, MET, size=(3, 3)),
    ),
    Case(
        "max_pool_taken",
        lambda x: kernels.max_pool_taken(x, TAP, **WINDOW),
        ((1, 1, 3, 3),),
        lambda x: x.ravel()[MET],
    ),
    Case(
        "scatter_plane",
        lambda g: kernels.scatter_plane(g, INDEX, size=(2, 3)),
        ((1, 1, 2, 2),),
        scattered,
    ),
    Case(
        "gather_plane",
        lambda x: kernels.gather_plane(x, INDEX),
        ((1, 1, 2, 3),),
        lambda x: x.ravel()[INDEX],
    ),
]
