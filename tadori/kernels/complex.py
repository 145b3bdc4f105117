"""Complex numbers made of pairs of real ones, and taken apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from tadori.kernels import kernel
from tadori.kernels.window import Array

#: the complex type of two numbers of a real one, and the real type of the parts
OF_PAIRS: dict[Any, np.dtype[Any]] = {
    np.dtype("float32"): np.dtype("complex64"),
    np.dtype("float64"): np.dtype("complex128"),
}
OF_PARTS: dict[Any, np.dtype[Any]] = {pair: part for part, pair in OF_PAIRS.items()}


@kernel
def view_as_real(x: Array) -> Array:
    """(*any) complex -> (*any, 2): the real and the imaginary parts, in the same memory."""
    pairs = x[..., None]
    return pairs.view(OF_PARTS[x.dtype])


@kernel
def view_as_complex(x: Array) -> Array:
    """(*any, 2) -> (*any) complex, in the same memory where the pairs lie side by side."""
    if x.strides[-1] != x.itemsize:
        x = np.ascontiguousarray(x)
    pairs = x.view(OF_PAIRS[x.dtype])
    return pairs[..., 0]


@kernel
def join_parts(real: Array, imag: Array) -> Array:
    """real + i imag; unlike that sum, exact where a part is not finite."""
    pairs = np.stack(np.broadcast_arrays(real, imag), axis=-1)
    return view_as_complex(pairs)
