"""Rows for tadori/ops/conv.py."""

from __future__ import annotations

import importlib
import warnings

import tadori.nn.functional
from tadori import kernels

from .case import Case


def functional(name, call, *shapes, **options):
    """A row that is `call(F, *inputs)`, with our F and with PyTorch's."""

    def theirs(*inputs):
        with warnings.catch_warnings(action="ignore"):  # "same" with an even kernel is slow there
            return call(importlib.import_module("torch.nn.functional"), *inputs)

    def ours(*inputs):
        return call(tadori.nn.functional, *inputs)

    return Case(name, ours, shapes, torch=theirs, **options)


def conv_weight(x, g):
    """The weight's gradient as an operation of its own; by PyTorch, a convolution over images."""
    options = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 1), "groups": 1}
    return kernels.conv_weight(x, g, kernel_size=(3, 2), **options)


def conv_weight_in_torch(x, g):
    F = importlib.import_module("torch.nn.functional")
    swapped = F.conv2d(x.transpose(0, 1), g.transpose(0, 1), padding=(1, 0), dilation=(2, 1))
    return swapped.transpose(0, 1)[:, :, :3, :2]


CASES = [
    functional("conv1d", lambda F, x, w, b: F.conv1d(x, w, b), (2, 3, 7), (4, 3, 3), (4,)),
    functional(
        "conv1d options",
        lambda F, x, w: F.conv1d(x, w, None, 2, 3, 2, 2),
        (2, 4, 9),
        (6, 2, 3),
    ),
    functional(
        "conv2d",
        lambda F, x, w, b: F.conv2d(x, w, b, padding=1),
        (2, 3, 5, 4),
        (4, 3, 3, 3),
        (4,),
    ),
    functional(
        "conv2d options",
        lambda F, x, w, b: F.conv2d(x, w, b, (2, 1), (1, 2), (1, 2), 2),
        (2, 4, 6, 5),
        (2, 2, 3, 2),
        (2,),
    ),
    functional(
        "conv2d same", lambda F, x, w: F.conv2d(x, w, padding="same"), (1, 2, 5, 4), (3, 2, 2, 3)
    ),
    functional(
        "conv2d valid", lambda F, x, w: F.conv2d(x, w, padding="valid"), (1, 2, 5, 4), (3, 2, 2, 3)
    ),
    functional("conv2d one image", lambda F, x, w: F.conv2d(x, w), (2, 5, 4), (3, 2, 2, 3)),
    functional("conv3d", lambda F, x, w: F.conv3d(x, w), (1, 2, 3, 4, 3), (2, 2, 2, 2, 2)),
    functional(
        "conv_transpose1d",
        lambda F, x, w, b: F.conv_transpose1d(x, w, b, stride=2),
        (2, 3, 4),
        (3, 2, 3),
        (2,),
    ),
    functional(
        "conv_transpose2d",
        lambda F, x, w, b: F.conv_transpose2d(x, w, b, 2, 1, 1, 2, (1, 2)),
        (2, 4, 3, 3),
        (4, 1, 3, 2),
        (2,),
    ),
    functional(
        "conv_transpose3d",
        lambda F, x, w: F.conv_transpose3d(x, w, stride=2),
        (1, 2, 2, 1, 2),
        (2, 1, 2, 2, 1),
    ),
    functional(
        "unfold", lambda F, x: F.unfold(x, (2, 3), padding=1, stride=2, dilation=1), (2, 2, 5, 4)
    ),
    functional("fold", lambda F, x: F.fold(x, (4, 5), (2, 3), stride=(2, 1)), (2, 12, 6)),
    functional("pad", lambda F, x: F.pad(x, (1, 2, 0, 1), value=3.0), (2, 3, 4)),
    functional("pad cuts", lambda F, x: F.pad(x, (-1, 2, 1, -1)), (2, 3, 4)),
    functional("pad reflect", lambda F, x: F.pad(x, (2, 1), mode="reflect"), (2, 3, 4)),
    functional("pad replicate", lambda F, x: F.pad(x, (2, 5), mode="replicate"), (2, 3, 4)),
    functional("pad circular", lambda F, x: F.pad(x, (2, 4), mode="circular"), (2, 3, 4)),
    Case("conv_weight", conv_weight, ((2, 2, 5, 4), (2, 3, 3, 3)), torch=conv_weight_in_torch),
]
