"""Tadori: a define-by-run deep learning framework that can be read down to the formula.

Everything users type has PyTorch's name and meaning. The public names stand here, in reading order.
"""

from importlib import import_module
from math import e, inf, nan, pi
from typing import TYPE_CHECKING, Any

from . import autograd, ops
from .autograd import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .creation import (
    arange,
    as_tensor,
    asarray,
    empty,
    empty_like,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    logspace,
    ones,
    ones_like,
    tensor,
    tril_indices,
    triu_indices,
    zeros,
    zeros_like,
)
from .device import device
from .dtype import (
    bool_,
    can_cast,
    complex64,
    complex128,
    finfo,
    float16,
    float32,
    float64,
    get_default_dtype,
    iinfo,
    int8,
    int16,
    int32,
    int64,
    is_complex,
    is_floating_point,
    promote_types,
    result_type,
    set_default_dtype,
    uint8,
)

# fmt: off
from .functions import (  # isort: skip
    abs, absolute, acos, acosh, add, addbmm, addcdiv, addcmul, addmm, addmv, addr, all, allclose,
    amax, amin, aminmax, any, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, argmax,
    argmin, argsort, argwhere, asin, asinh, atan, atan2, atanh, atleast_1d, atleast_2d, baddbmm,
    bincount, bitwise_and, bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift,
    bitwise_xor, bmm, broadcast_tensors, broadcast_to, ceil, chunk, clamp, clamp_max, clamp_min,
    clip, clone, copysign, cos, cosh, count_nonzero, cummax, cummin, cumprod, cumsum, deg2rad,
    detach, diag, diag_embed, diagflat, diagonal, diff, digamma, dist, div, divide, dot, eq, equal,
    erf, erfc, erfinv, exp, exp2, expm1, fix, flatten, flip, fliplr, flipud, float_power, floor,
    floor_divide, fmax, fmin, fmod, frac, gather, gcd, ge, ger, greater, greater_equal, gt,
    hardshrink, heaviside, histc, hypot, index_add, index_copy, index_fill, index_put, index_select,
    inner, is_tensor, isclose, isfinite, isinf, isnan, isneginf, isposinf, kron, kthvalue, lcm,
    ldexp, le, lerp, less, less_equal, lgamma, log, log1p, log2, log10, log_softmax, logaddexp,
    logaddexp2, logcumsumexp, logical_and, logical_not, logical_or, logical_xor, logit, logsumexp,
    lt, masked_fill, masked_scatter, masked_select, matmul, max, maximum, mean, median, min,
    minimum, mm, mode, moveaxis, movedim, msort, mul, multiply, mv, nan_to_num, nanmean, nansum,
    narrow, ne, neg, negative, nextafter, nonzero, norm, not_equal, numel, outer, permute,
    polygamma, positive, pow, prelu, prod, quantile, rad2deg, ravel, reciprocal, relu, remainder,
    repeat_interleave, reshape, roll, rot90, round, rsqrt, scatter, scatter_add, select, sgn,
    sigmoid, sign, signbit, sin, sinc, sinh, softmax, sort, split, sqrt, square, squeeze, std, sub,
    subtract, sum, swapaxes, swapdims, t, take, take_along_dim, tan, tanh, tensor_split, tile, topk,
    trace, transpose, tril, triu, true_divide, trunc, unbind, unflatten, unique, unsqueeze, var,
    vdot, where,
)
# fmt: on
from .methods.linalg import chain_matmul, einsum, tensordot
from .methods.reduce import cdist, std_mean, var_mean
from .ops.join import (
    block_diag,
    cartesian_prod,
    cat,
    column_stack,
    dstack,
    hstack,
    meshgrid,
    stack,
    vstack,
)
from .printing import printoptions, set_printoptions
from .random import (
    Generator,
    bernoulli,
    default_generator,
    fork_rng,
    get_rng_state,
    initial_seed,
    manual_seed,
    multinomial,
    normal,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
    seed,
    set_rng_state,
)
from .system import get_num_threads, keep_freed_memory, set_num_threads, show_config
from .tensor import Tensor

if TYPE_CHECKING:
    from . import cuda, linalg, nn, optim, utils
    from .autograd import set_debug
    from .drawing import draw
    from .profiler import profile
    from .serialization import load, save

__version__ = "0.1.0"

bool = bool_
half, float, double = float16, float32, float64
short, int, long = int16, int32, int64
concat = concatenate = cat

keep_freed_memory()

#: imported when first used, so that `import tadori` takes little longer than NumPy's own
_LATER = {
    "cuda": ".cuda",
    "linalg": ".linalg",
    "nn": ".nn",
    "optim": ".optim",
    "utils": ".utils",
    "set_debug": ".autograd",
    "draw": ".drawing",
    "profile": ".profiler",
    "load": ".serialization",
    "save": ".serialization",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'tadori' has no attribute {name!r}")
    module = import_module(_LATER[name], __name__)
    found = getattr(module, name, module)
    globals()[name] = found
    return found


# fmt: off
__all__ = [
    "__version__", "abs", "absolute", "acos", "acosh", "add", "addbmm", "addcdiv", "addcmul",
    "addmm", "addmv", "addr", "all", "allclose", "amax", "amin", "aminmax", "any", "arange",
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin",
    "argsort", "argwhere", "as_tensor", "asarray", "asin", "asinh", "atan", "atan2", "atanh",
    "atleast_1d", "atleast_2d", "autograd", "baddbmm", "bernoulli", "bincount", "bitwise_and",
    "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor",
    "block_diag", "bmm", "bool", "broadcast_tensors", "broadcast_to", "can_cast", "cartesian_prod",
    "cat", "cdist", "ceil", "chain_matmul", "chunk", "clamp", "clamp_max", "clamp_min", "clip",
    "clone", "column_stack", "complex128", "complex64", "concat", "concatenate", "copysign", "cos",
    "cosh", "count_nonzero", "cuda", "cummax", "cummin", "cumprod", "cumsum", "default_generator",
    "deg2rad", "detach", "device", "diag", "diag_embed", "diagflat", "diagonal", "diff", "digamma",
    "dist", "div", "divide", "dot", "double", "draw", "dstack", "e", "einsum", "empty",
    "empty_like", "enable_grad", "eq", "equal", "erf", "erfc", "erfinv", "exp", "exp2", "expm1",
    "eye", "finfo", "fix", "flatten", "flip", "fliplr", "flipud", "float", "float16", "float32",
    "float64", "float_power", "floor", "floor_divide", "fmax", "fmin", "fmod", "fork_rng", "frac",
    "from_numpy", "full", "full_like", "gather", "gcd", "ge", "Generator", "ger",
    "get_default_dtype", "get_num_threads", "get_rng_state", "greater", "greater_equal", "gt",
    "half", "hardshrink", "heaviside", "histc", "hstack", "hypot", "iinfo", "index_add",
    "index_copy", "index_fill", "index_put", "index_select", "inf", "inference_mode",
    "initial_seed", "inner", "int", "int16", "int32", "int64", "int8", "is_complex",
    "is_floating_point", "is_grad_enabled", "is_inference_mode_enabled", "is_tensor", "isclose",
    "isfinite", "isinf", "isnan", "isneginf", "isposinf", "kron", "kthvalue", "lcm", "ldexp", "le",
    "lerp", "less", "less_equal", "lgamma", "linalg", "linspace", "load", "log", "log10", "log1p",
    "log2", "log_softmax", "logaddexp", "logaddexp2", "logcumsumexp", "logical_and", "logical_not",
    "logical_or", "logical_xor", "logit", "logspace", "logsumexp", "long", "lt", "manual_seed",
    "masked_fill", "masked_scatter", "masked_select", "matmul", "max", "maximum", "mean", "median",
    "meshgrid", "min", "minimum", "mm", "mode", "moveaxis", "movedim", "msort", "mul",
    "multinomial", "multiply", "mv", "nan", "nan_to_num", "nanmean", "nansum", "narrow", "ne",
    "neg", "negative", "nextafter", "nn", "no_grad", "nonzero", "norm", "normal", "not_equal",
    "numel", "ones", "ones_like", "ops", "optim", "outer", "permute", "pi", "polygamma", "positive",
    "pow", "prelu", "printoptions", "prod", "profile", "promote_types", "quantile", "rad2deg",
    "rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "randperm", "ravel",
    "reciprocal", "relu", "remainder", "repeat_interleave", "reshape", "result_type", "roll",
    "rot90", "round", "rsqrt", "save", "scatter", "scatter_add", "seed", "select", "set_debug",
    "set_default_dtype", "set_grad_enabled", "set_num_threads", "set_printoptions", "set_rng_state",
    "sgn", "short", "show_config", "sigmoid", "sign", "signbit", "sin", "sinc", "sinh", "softmax",
    "sort", "split", "sqrt", "square", "squeeze", "stack", "std", "std_mean", "sub", "subtract",
    "sum", "swapaxes", "swapdims", "t", "take", "take_along_dim", "tan", "tanh", "Tensor", "tensor",
    "tensor_split", "tensordot", "tile", "topk", "trace", "transpose", "tril", "tril_indices",
    "triu", "triu_indices", "true_divide", "trunc", "uint8", "unbind", "unflatten", "unique",
    "unsqueeze", "utils", "var", "var_mean", "vdot", "vstack", "where", "zeros", "zeros_like",
]
