"""Rows for tadori/ops/arithmetic.py."""

from __future__ import annotations

import numpy as np

from .case import Case

CASES = [
    Case("add", lambda a, b: a + b, ((3, 4), (3, 4)), np.add, lambda a, b: a + b),
    Case("add broadcast", lambda a, b: a + b, ((3, 1, 4), (2, 1)), np.add, lambda a, b: a + b),
    Case("subtract", lambda a, b: a - b, ((3, 4), (4,)), np.subtract, lambda a, b: a - b),
    Case("multiply", lambda a, b: a * b, ((3, 4), (3, 1)), np.multiply, lambda a, b: a * b),
    Case(
        "multiply number on the left", lambda a: 2.5 * a, ((3, 4),), lambda a: a * a.dtype.type(2.5)
    ),
    Case("multiply by itself", lambda a: a * a, ((),), lambda a: a * a),
]
