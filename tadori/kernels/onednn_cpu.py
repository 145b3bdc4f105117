"""The kernels that oneDNN has, for NumPy arrays: names and signatures of their references.

Each returns NotImplemented for a case it does not serve. The reference then computes it, or says
what is wrong with it.
"""

from __future__ import annotations

from tadori.kernels.onednn_conv import conv, conv_transpose, conv_weight
from tadori.kernels.onednn_norm import normalize, normalize_back
from tadori.kernels.onednn_pool import avg_pool, avg_pool_transpose, max_pool, max_pool_back
from tadori.kernels.onednn_products import linear, matmul, repeated

__all__ = [
    "conv",
    "conv_transpose",
    "conv_weight",
    "linear",
    "matmul",
    "repeated",
    "normalize",
    "normalize_back",
    "max_pool",
    "max_pool_back",
    "avg_pool",
    "avg_pool_transpose",
]
