"""Tadori: a define-by-run deep learning framework that can be read down to the formula.

Everything users type has PyTorch's name and meaning. The public names stand here, by subject: the
imports first, then `__all__`. A new name goes to the end of its subject in both.
"""

import os
from importlib import import_module
from math import e, inf, nan, pi
from typing import TYPE_CHECKING, Any

from . import autograd, ops

# isort: off
# fmt: off
from .autograd import (
    enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled,
    no_grad, set_grad_enabled,
)
from .creation import (
    arange, as_tensor, asarray, empty, empty_like, eye, from_numpy, full,
    full_like, linspace, logspace, ones, ones_like, tensor, tril_indices,
    triu_indices, zeros, zeros_like,
    empty_permuted, empty_strided, frombuffer, range, scalar_tensor,
    from_dlpack,
)
from .device import device
from .dtype import (
    bool_, can_cast, complex64, complex128, finfo, float16, float32,
    float64, get_default_dtype, iinfo, int8, int16, int32, int64,
    is_complex, is_floating_point, promote_types, result_type,
    set_default_dtype, uint8,
)
from .functions.elementwise import (
    abs, absolute, acos, acosh, add, addcdiv, addcmul, arccos, arccosh,
    arcsin, arcsinh, arctan, arctan2, arctanh, asin, asinh, atan, atan2,
    atanh, ceil, clamp, clamp_max, clamp_min, clip, copysign, cos, cosh,
    deg2rad, digamma, div, divide, erf, erfc, erfinv, exp, exp2, expm1, fix,
    float_power, floor, floor_divide, fmax, fmin, fmod, frac, gcd,
    heaviside, hypot, lcm, ldexp, lerp, lgamma, log, log10, log1p, log2,
    logaddexp, logaddexp2, maximum, minimum, mul, multiply, nan_to_num, neg,
    negative, nextafter, polygamma, positive, pow, rad2deg, reciprocal,
    remainder, round, rsqrt, sgn, sign, sin, sinc, sinh, sqrt, square, sub,
    subtract, tan, tanh, true_divide, trunc,
    rsub,
)
from .functions.activation import (
    hardshrink, log_softmax, logit, logsumexp, prelu, relu, sigmoid,
    softmax,
)
from .functions.compare import (
    allclose, bitwise_and, bitwise_left_shift, bitwise_not, bitwise_or,
    bitwise_right_shift, bitwise_xor, eq, equal, ge, greater, greater_equal,
    gt, isclose, isfinite, isinf, isnan, isneginf, isposinf, le, less,
    less_equal, logical_and, logical_not, logical_or, logical_xor, lt, ne,
    not_equal, signbit, is_tensor,
    is_nonzero, is_same_size, is_signed, is_inference, get_device,
)
from .functions.reduce import (
    all, amax, amin, aminmax, any, argmax, argmin, argsort, bincount,
    count_nonzero, cummax, cummin, cumprod, cumsum, diff, dist, histc,
    kthvalue, logcumsumexp, max, mean, median, min, mode, msort, nanmean,
    nansum, norm, prod, quantile, sort, std, sum, topk, unique, var,
    corrcoef, cov, nanmedian, nanquantile, renorm,
    histogram, histogramdd, unique_consecutive,
)
from .functions.complex import (
    adjoint, angle, complex, conj, conj_physical, imag, is_conj, is_neg,
    isreal, polar, real, resolve_conj, resolve_neg, view_as_complex,
    view_as_real,
)
from .functions.linalg import (
    addbmm, addmm, addmv, addr, baddbmm, bmm, cholesky, cholesky_inverse,
    cholesky_solve, cross, det, diag, diag_embed, diagflat, diagonal, dot,
    geqrf, ger, inner, inverse, kron, logdet, lu, lu_solve, lu_unpack,
    matmul, matrix_exp, matrix_power, mm, mv, orgqr, ormqr, outer,
    pinverse, qr, slogdet, svd, triangular_solve, vdot,
    vander,
)
from .functions.lowrank import lobpcg, pca_lowrank, svd_lowrank
from .functions.spectral import (
    bartlett_window, blackman_window, hamming_window, hann_window, istft,
    kaiser_window, stft,
)
from .functions.special import (
    frexp, i0, igamma, igammac, mvlgamma, xlogy,
)
from .functions.shape import (
    broadcast_to, chunk, clone, detach, flatten, flip, fliplr, flipud,
    moveaxis, movedim, narrow, numel, permute, ravel, repeat_interleave,
    reshape, roll, rot90, select, split, squeeze, swapaxes, swapdims, t,
    tensor_split, tile, transpose, tril, triu, unbind, unflatten, unsqueeze,
    broadcast_tensors, atleast_1d, atleast_2d,
    as_strided, as_strided_scatter, diagonal_scatter, dsplit, hsplit,
    select_scatter, slice_scatter, split_with_sizes, unsafe_chunk,
    unsafe_split, unsafe_split_with_sizes, vsplit, atleast_3d, fill,
    resize_as_, zero_,
    constant_pad_nd,
)
from .functions.copies import (
    alias_copy, as_strided_copy, diagonal_copy, expand_copy, narrow_copy,
    permute_copy, select_copy, slice_copy, split_copy,
    split_with_sizes_copy, squeeze_copy, t_copy, transpose_copy,
    unbind_copy, unfold_copy, unsqueeze_copy, view_copy,
)
from .functions.index import (
    argwhere, gather, index_add, index_copy, index_fill, index_put,
    index_select, masked_fill, masked_scatter, masked_select, nonzero,
    scatter, scatter_add, take, take_along_dim, where,
    index_reduce, put, scatter_reduce, searchsorted, bucketize, isin,
    unravel_index, nonzero_static,
)
from .methods.linalg import chain_matmul, einsum, tensordot
from .methods.reduce import cdist, std_mean, var_mean
from .methods.statistics import (
    trapezoid, cumulative_trapezoid, gradient, combinations,
    broadcast_shapes,
)
from .ops.join import (
    block_diag, cartesian_prod, cat, column_stack, dstack, hstack, meshgrid,
    stack, vstack,
)
from .layout import (
    channels_last, channels_last_3d, contiguous_format, layout,
    memory_format, preserve_format, strided,
)
from .settings import (
    use_deterministic_algorithms, are_deterministic_algorithms_enabled,
    set_float32_matmul_precision, get_float32_matmul_precision,
    set_default_device, get_default_device,
)
from .printing import printoptions, set_printoptions
from .random import (
    Generator, bernoulli, default_generator, fork_rng, get_rng_state,
    initial_seed, manual_seed, multinomial, normal, binomial, poisson, rand, rand_like,
    randint, randint_like, randn, randn_like, randperm, seed, set_rng_state,
)
from .system import (
    get_num_threads,
    keep_freed_memory,
    keep_quiet_about_infinities,
    set_num_threads,
    show_config,
)
from .tensor import Tensor
# fmt: on
# isort: on

if TYPE_CHECKING:
    from . import (
        amp,
        backends,
        cuda,
        distributions,
        fft,
        func,
        linalg,
        masked,
        nn,
        optim,
        signal,
        special,
        testing,
        utils,
    )
    from .amp import (
        autocast,
        get_autocast_dtype,
        is_autocast_available,
        is_autocast_enabled,
    )
    from .autograd import set_debug
    from .bfloat import bfloat16
    from .drawing import draw
    from .func import vmap
    from .profiler import profile
    from .serialization import load, save
    from .tracing import trace

__version__ = "0.1.0"

bool = bool_
half, float, double = float16, float32, float64
cfloat, cdouble = complex64, complex128
short, int, long = int16, int32, int64
concat = concatenate = cat
row_stack = vstack
Size = tuple
trapz = trapezoid

keep_freed_memory()
keep_quiet_about_infinities()

#: imported when first used, so that `import tadori` takes little longer than NumPy's own
_LATER = {
    "amp": ".amp",
    "autocast": ".amp",
    "get_autocast_dtype": ".amp",
    "is_autocast_enabled": ".amp",
    "is_autocast_available": ".amp",
    "backends": ".backends",
    "cuda": ".cuda",
    "distributions": ".distributions",
    "fft": ".fft",
    "func": ".func",
    "linalg": ".linalg",
    "masked": ".masked",
    "nn": ".nn",
    "optim": ".optim",
    "signal": ".signal",
    "special": ".special",
    "utils": ".utils",
    "set_debug": ".autograd",
    "draw": ".drawing",
    "profile": ".profiler",
    "bfloat16": ".bfloat",
    "load": ".serialization",
    "save": ".serialization",
    "trace": ".tracing",
    "testing": ".testing",
    "vmap": ".func",
}

# fmt: off
#: PyTorch has these of `nn.functional` among its functions too
_LAYERS = (
    "adaptive_avg_pool1d", "adaptive_max_pool1d", "avg_pool1d", "bilinear",
    "binary_cross_entropy_with_logits", "celu", "channel_shuffle", "conv1d",
    "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "cosine_embedding_loss", "cosine_similarity",
    "group_norm", "hinge_embedding_loss", "layer_norm",
    "margin_ranking_loss", "max_pool1d", "max_pool2d", "max_pool3d",
    "pairwise_distance", "pdist", "pixel_shuffle", "pixel_unshuffle",
    "rms_norm", "rrelu", "selu", "threshold", "triplet_margin_loss",
)
# fmt: on
_LATER |= dict.fromkeys(_LAYERS, ".nn.functional")


def __getattr__(name: str) -> Any:
    if name[-1] == "_" != name[0] and hasattr(Tensor, name):
        return getattr(Tensor, name)  # `relu_(x)` is `x.relu_()`
    if name not in _LATER:
        raise _lacking(name)
    module = import_module(_LATER[name], __name__)
    found = module if _LATER[name] == f".{name}" else getattr(module, name)
    globals()[name] = found
    return found


def _lacking(name: str) -> AttributeError:
    """The error for a name that is not there: says whose it is, and which name is close."""
    from difflib import get_close_matches

    close = get_close_matches(name, __all__, 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return AttributeError(f"module 'tadori' has no attribute {name!r}: Tadori lacks it.{hint}")


# fmt: off
__all__ = [
    # front rooms
    "__version__", "autograd", "cuda", "distributions", "fft", "func", "linalg", "masked", "nn",
    "ops", "optim", "signal", "special", "utils",
    "amp", "backends", "testing", "vmap",
    # numbers and their types
    "Tensor", "device", "can_cast", "complex64", "complex128", "finfo",
    "float16", "float32", "float64", "get_default_dtype", "iinfo", "int8",
    "int16", "int32", "int64", "is_complex", "is_floating_point",
    "promote_types", "result_type", "set_default_dtype", "uint8", "bool",
    "half", "float", "double", "cfloat", "cdouble", "short", "int", "long",
    "e", "inf", "nan", "pi",
    "channels_last", "channels_last_3d", "contiguous_format", "layout",
    "memory_format", "preserve_format", "strided",
    "bfloat16",
    "Size",
    # making tensors
    "arange", "as_tensor", "asarray", "empty", "empty_like", "eye",
    "from_numpy", "full", "full_like", "linspace", "logspace", "ones",
    "ones_like", "tensor", "tril_indices", "triu_indices", "zeros",
    "zeros_like",
    "empty_permuted", "empty_strided", "frombuffer", "range",
    "scalar_tensor",
    "from_dlpack",
    # random numbers
    "Generator", "bernoulli", "default_generator", "fork_rng",
    "get_rng_state", "initial_seed", "manual_seed", "multinomial", "normal", "binomial", "poisson",
    "rand", "rand_like", "randint", "randint_like", "randn", "randn_like",
    "randperm", "seed", "set_rng_state",
    # recording
    "enable_grad", "inference_mode", "is_grad_enabled",
    "is_inference_mode_enabled", "no_grad", "set_grad_enabled", "set_debug",
    "autocast", "get_autocast_dtype", "is_autocast_available", "is_autocast_enabled",
    "draw", "profile",
    # settings and files
    "printoptions", "set_printoptions", "get_num_threads",
    "set_num_threads", "show_config", "load", "save",
    "use_deterministic_algorithms", "are_deterministic_algorithms_enabled",
    "set_float32_matmul_precision", "get_float32_matmul_precision",
    "set_default_device", "get_default_device",
    # number by number
    "abs", "absolute", "acos", "acosh", "add", "addcdiv", "addcmul",
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2",
    "arctanh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "clamp",
    "clamp_max", "clamp_min", "clip", "copysign", "cos", "cosh", "deg2rad",
    "digamma", "div", "divide", "erf", "erfc", "erfinv", "exp", "exp2",
    "expm1", "fix", "float_power", "floor", "floor_divide", "fmax", "fmin",
    "fmod", "frac", "gcd", "heaviside", "hypot", "lcm", "ldexp", "lerp",
    "lgamma", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2",
    "maximum", "minimum", "mul", "multiply", "nan_to_num", "neg",
    "negative", "nextafter", "polygamma", "positive", "pow", "rad2deg",
    "reciprocal", "remainder", "round", "rsqrt", "sgn", "sign", "sin",
    "sinc", "sinh", "sqrt", "square", "sub", "subtract", "tan", "tanh",
    "true_divide", "trunc",
    "rsub",
    "frexp", "i0", "igamma", "igammac", "mvlgamma", "xlogy",
    # complex numbers
    "adjoint", "angle", "complex", "conj", "conj_physical", "imag",
    "is_conj", "is_neg", "isreal", "polar", "real", "resolve_conj",
    "resolve_neg", "view_as_complex", "view_as_real",
    # spectra
    "bartlett_window", "blackman_window", "hamming_window", "hann_window",
    "istft", "kaiser_window", "stft",
    # activations
    "hardshrink", "log_softmax", "logit", "logsumexp", "prelu", "relu",
    "sigmoid", "softmax",
    # questions
    "allclose", "bitwise_and", "bitwise_left_shift", "bitwise_not",
    "bitwise_or", "bitwise_right_shift", "bitwise_xor", "eq", "equal", "ge",
    "greater", "greater_equal", "gt", "isclose", "isfinite", "isinf",
    "isnan", "isneginf", "isposinf", "le", "less", "less_equal",
    "logical_and", "logical_not", "logical_or", "logical_xor", "lt", "ne",
    "not_equal", "signbit", "is_tensor",
    "is_nonzero", "is_same_size", "is_signed", "is_inference", "get_device",
    # reductions, order, statistics
    "all", "amax", "amin", "aminmax", "any", "argmax", "argmin", "argsort",
    "bincount", "count_nonzero", "cummax", "cummin", "cumprod", "cumsum",
    "diff", "dist", "histc", "kthvalue", "logcumsumexp", "max", "mean",
    "median", "min", "mode", "msort", "nanmean", "nansum", "norm", "prod",
    "quantile", "sort", "std", "sum", "topk", "unique", "var", "cdist",
    "std_mean", "var_mean",
    "corrcoef", "cov", "nanmedian", "nanquantile", "renorm", "trapezoid",
    "cumulative_trapezoid", "gradient", "combinations", "trapz",
    "histogram", "histogramdd", "unique_consecutive",
    # products and matrices
    "addbmm", "addmm", "addmv", "addr", "baddbmm", "bmm", "diag",
    "diag_embed", "diagflat", "diagonal", "dot", "ger", "inner", "kron",
    "matmul", "mm", "mv", "outer", "trace", "vdot", "chain_matmul", "einsum",
    "tensordot", "cholesky", "cholesky_inverse", "cholesky_solve", "cross",
    "det", "geqrf", "inverse", "logdet", "lu", "lu_solve", "matrix_exp",
    "matrix_power", "orgqr", "ormqr", "pinverse", "qr", "slogdet", "svd",
    "triangular_solve", "lu_unpack", "pca_lowrank", "svd_lowrank", "lobpcg",
    "vander",
    # shapes
    "broadcast_to", "chunk", "clone", "detach", "flatten", "flip", "fliplr",
    "flipud", "moveaxis", "movedim", "narrow", "numel", "permute", "ravel",
    "repeat_interleave", "reshape", "roll", "rot90", "select", "split",
    "squeeze", "swapaxes", "swapdims", "t", "tensor_split", "tile",
    "transpose", "tril", "triu", "unbind", "unflatten", "unsqueeze",
    "broadcast_tensors", "atleast_1d", "atleast_2d",
    "as_strided", "as_strided_scatter", "diagonal_scatter", "dsplit",
    "hsplit", "select_scatter", "slice_scatter", "split_with_sizes",
    "unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes", "vsplit",
    "atleast_3d", "fill", "resize_as_", "zero_", "alias_copy",
    "as_strided_copy", "diagonal_copy", "expand_copy", "narrow_copy",
    "permute_copy", "select_copy", "slice_copy", "split_copy",
    "split_with_sizes_copy", "squeeze_copy", "t_copy", "transpose_copy",
    "unbind_copy", "unfold_copy", "unsqueeze_copy", "view_copy",
    "broadcast_shapes",
    "constant_pad_nd",
    # indexing
    "argwhere", "gather", "index_add", "index_copy", "index_fill",
    "index_put", "index_select", "masked_fill", "masked_scatter",
    "masked_select", "nonzero", "scatter", "scatter_add", "take",
    "take_along_dim", "where",
    "index_reduce", "put", "scatter_reduce", "searchsorted", "bucketize",
    "isin", "unravel_index", "nonzero_static",
    # joining
    "block_diag", "cartesian_prod", "cat", "column_stack", "dstack",
    "hstack", "meshgrid", "stack", "vstack", "concat", "concatenate",
    "row_stack",
]

if path := os.environ.get("TADORI_TRACE_ON_ERROR"):
    import_module(".tracing.on_error", __name__).watch(path)
