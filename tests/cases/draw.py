"""Rows for tadori/ops/draw.py."""

from __future__ import annotations

import numpy as np

from .case import Case

CASES = [
    Case(
        "bernoulli of ones",
        lambda x: (x * 0 + 1).bernoulli(),
        ((2, 3),),
        lambda x: np.ones((2, 3)),
    ),
]
