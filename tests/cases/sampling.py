"""Rows for the ways to look at an image anew: resizing, grids, pooling undone or by powers."""

from __future__ import annotations

import numpy as np

from .conv import functional
from .loss import given

PLACES = np.array([[[0, 5], [9, 14]]])  # N 1, C 1... of a plane of 4 4
SAMPLES = np.array([[[0.1, 0.7], [0.6, 0.3]]])
DEEP_SAMPLES = np.array([[[0.1, 0.7, 0.4]]])


def resized(mode, size, *shape, **options):
    def call(F, x):
        return F.interpolate(x, size, mode=mode, **options)

    name = " ".join(["interpolate", mode, *map(str, shape), *options])
    return functional(name, call, shape)


def sampled(mode, padding, align):
    def call(F, x, grid):
        options = {"mode": mode, "padding_mode": padding, "align_corners": align}
        return F.grid_sample(x, grid.detach() if mode == "nearest" else grid, **options)

    corners = " corners" if align else ""
    name = f"grid_sample {mode} {padding}{corners}"
    # the places avoid whole and half points, where the choice of neighbours changes
    domain = ((-2.0, 2.0), (-1.7, 1.6))
    return functional(name, call, (2, 2, 4, 5), (2, 2, 3, 2), domain=domain)


CASES = [
    resized("nearest-exact", (5, 3), 2, 2, 3, 4),
    resized("area", (2, 3), 2, 2, 5, 4),
    resized("linear", 7, 2, 2, 4),
    resized("bicubic", (5, 3), 2, 2, 3, 4),
    resized("bicubic", (5, 3), 2, 2, 3, 4, align_corners=True),
    resized("trilinear", (3, 5, 2), 1, 2, 2, 3, 4),
    resized("bilinear", (3, 9), 2, 2, 7, 4, antialias=True),
    resized("bicubic", (3, 9), 2, 2, 7, 4, antialias=True),
    resized("lanczos", (3, 9), 2, 2, 7, 4, antialias=True),
    functional(
        "interpolate by a factor that is recomputed",
        lambda F, x: F.interpolate(x, scale_factor=1.7, mode="linear", recompute_scale_factor=True),
        (2, 2, 5),
    ),
    functional("upsample_bilinear", lambda F, x: F.upsample_bilinear(x, (4, 5)), (1, 2, 3, 3)),
    functional("affine_grid", lambda F, t: F.affine_grid(t, (2, 1, 3, 4), True), (2, 2, 3)),
    functional(
        "affine_grid deep", lambda F, t: F.affine_grid(t, (1, 1, 2, 3, 4), False), (1, 3, 4)
    ),
    *(
        sampled(mode, padding, align)
        for mode, padding, align in (
            ("bilinear", "zeros", False),
            ("bilinear", "border", True),
            ("bilinear", "reflection", False),
            ("nearest", "zeros", True),
            ("bicubic", "zeros", False),
            ("bicubic", "reflection", True),
        )
    ),
    functional(
        "grid_sample deep",
        lambda F, x, g: F.grid_sample(x, g, align_corners=False),
        (1, 2, 2, 3, 4),
        (1, 2, 1, 2, 3),
        domain=((-2.0, 2.0), (-0.9, 0.8)),
    ),
    functional("channel_shuffle", lambda F, x: F.channel_shuffle(x, 2), (2, 6, 3)),
    functional("lp_pool1d", lambda F, x: F.lp_pool1d(x, 2, 3, 2), (2, 2, 7), domain=(0.3, 2)),
    functional("lp_pool2d", lambda F, x: F.lp_pool2d(x, 3, (2, 3)), (1, 2, 4, 6), domain=(0.3, 2)),
    functional("lp_pool3d", lambda F, x: F.lp_pool3d(x, 2, 2), (1, 1, 2, 4, 2), domain=(0.3, 2)),
    functional(
        "max_unpool1d", lambda F, x: F.max_unpool1d(x, given(x, PLACES), 8, 8, 0, [16]), (1, 2, 2)
    ),
    functional(
        "max_unpool2d",
        lambda F, x: F.max_unpool2d(x, given(x, PLACES[None]), 2),
        (1, 1, 2, 2),
    ),
    functional(
        "max_unpool3d",
        lambda F, x: F.max_unpool3d(x, given(x, PLACES[None, None]), (1, 2, 2)),
        (1, 1, 1, 2, 2),
    ),
    functional(
        "fractional_max_pool2d",
        lambda F, x: F.fractional_max_pool2d(
            x, 2, (3, 4), return_indices=True, _random_samples=given(x, SAMPLES)
        ),
        (1, 2, 6, 7),
        distinct=True,
    ),
    functional(
        "fractional_max_pool3d",
        lambda F, x: F.fractional_max_pool3d(
            x, (1, 2, 2), output_ratio=0.6, _random_samples=given(x, DEEP_SAMPLES)
        ),
        (1, 1, 4, 5, 6),
        distinct=True,
    ),
    functional(
        "adaptive_max_pool2d with indices",
        lambda F, x: F.adaptive_max_pool2d(x, (3, 4), return_indices=True),
        (2, 3, 5, 7),
        distinct=True,
    ),
    functional(
        "avg_pool2d divisor and ceil",
        lambda F, x: F.avg_pool2d(x, 3, 2, 1, True, False, 5),
        (1, 2, 6, 5),
    ),
    functional(
        "conv_transpose1d with much output padding",
        lambda F, x, w, b: F.conv_transpose1d(x, w, b, 2, 1, 3, dilation=4),
        (2, 3, 4),
        (3, 2, 3),
        (2,),
    ),
    functional("conv_tbc", lambda F, x, w, b: F.conv_tbc(x, w, b, 1), (5, 2, 3), (3, 3, 4), (4,)),
    functional(
        "pad replicate and cut", lambda F, x: F.pad(x, (-2, 3), mode="replicate"), (2, 3, 4)
    ),
]
