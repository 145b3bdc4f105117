"""Kernels: array functions that NumPy does not have, such as convolution, pooling, adding rows.

They take arrays only and know nothing of Tensors. `reference.py` defines each in plain NumPy;
an engine (`onednn_cpu.py`) may supply a quicker one of the same name; here calls are handed out.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache, wraps
from inspect import unwrap
from typing import Any

import numpy as np

from tadori.kernels import (
    activation,
    along,
    blas,
    elementwise,
    halves,
    indexing,
    loss,
    memory,
    normalization,
    numba_cpu,
    numba_pool,
    onednn_cpu,
    onednn_library,
    products,
    recurrent,
    reference,
    special,
)
from tadori.kernels import attention as attend
from tadori.kernels.memory import places_of
from tadori.kernels.onednn_library import set_num_threads
from tadori.kernels.window import out_size

__all__ = [
    "conv",
    "conv_transpose",
    "conv_weight",
    "max_pool",
    "max_pool_back",
    "max_pool_taken",
    "tap_index",
    "scatter_plane",
    "gather_plane",
    "avg_pool",
    "avg_pool_transpose",
    "scatter_add",
    "pick",
    "unpick",
    "put",
    "standing",
    "extreme_at",
    "unbind",
    "windows",
    "as_strided",
    "places_of",
    "normalize",
    "normalize_back",
    "cross_entropy",
    "cross_entropy_back",
    "binary_cross_entropy",
    "lstm_step",
    "lstm_step_back",
    "lstm_cell",
    "lstm",
    "lstm_back",
    "gru_step",
    "gru_step_back",
    "gru",
    "gru_back",
    "rnn",
    "matmul",
    "repeated",
    "add_up",
    "linear",
    "contract",
    "diagonal_embed",
    "select_along",
    "put_along",
    "argsort",
    "argtop",
    "argkth",
    "argmedian",
    "argnanmedian",
    "argmode",
    "cumargmax",
    "lower_median",
    "logcumsumexp",
    "recurrence",
    "masked",
    "select",
    "cast",
    "overwrite",
    "drawn",
    "trunc_divide",
    "rsqrt",
    "frac",
    "logit",
    "xlogy",
    "relu",
    "relu_back",
    "relu6",
    "hardtanh",
    "hardsigmoid",
    "hardswish",
    "leaky_relu",
    "prelu",
    "threshold",
    "hardshrink",
    "softshrink",
    "elu",
    "selu",
    "celu",
    "sigmoid",
    "logsigmoid",
    "softplus",
    "softsign",
    "tanhshrink",
    "mish",
    "silu",
    "silu_slope",
    "gelu",
    "gelu_slope",
    "gelu_back",
    "attention",
    "attention_weights",
    "softmax",
    "softmax_back",
    "softmin",
    "log_softmax",
    "log_softmax_back",
    "logsumexp",
    "glu",
    "erf",
    "erfc",
    "erfinv",
    "lgamma",
    "digamma",
    "polygamma",
    "out_size",
    "kernel",
    "engines",
    "use_onednn",
    "set_num_threads",
    "blas",
    "numba_pool",
]


class Switch(threading.local):
    """What each thread lets the kernels use."""

    onednn = os.environ.get("TADORI_ONEDNN", "1") != "0"


switch = Switch()


def kernel(definition: Callable[..., Any]) -> Callable[..., Any]:
    """Make a kernel of its reference.

    Its arrays are the arguments that can be passed by position, its options the others. If an array
    has an `__array_function__` of its own (a Tensor, a traced array), that one answers, as it does
    for NumPy's functions. NumPy arrays go to oneDNN, else to Numba, if it has a kernel of this name
    and does not return NotImplemented. In all other cases the reference runs, as for CuPy arrays.
    """
    code = unwrap(definition).__code__
    names = code.co_varnames[: code.co_argcount]
    by_onednn = getattr(onednn_cpu, definition.__name__, None)
    by_numba = getattr(numba_cpu, definition.__name__, None)
    computes = code.co_filename not in halves.MOVERS

    def compute(*arrays: Any, **options: Any) -> Any:
        if by_onednn is not None and switch.onednn:
            answer = by_onednn(*arrays, **options)
            if answer is not NotImplemented:
                return answer
        if by_numba is not None:
            answer = by_numba(*arrays, **options)
            if answer is not NotImplemented:
                return answer
        if computes and arrays and halves.narrow(arrays[0]):
            return halves.in_float32(compute, arrays, options)
        return definition(*arrays, **options)

    @wraps(definition)
    def call(*arrays: Any, **options: Any) -> Any:
        for array in arrays:
            kind: Any = type(array)
            if kind is not np.ndarray and array is not None:
                if answers(kind):  # the common case of `defer`: a Tensor, and perhaps arrays
                    answer = array.__array_function__(call, (kind,), arrays, options)
                    if answer is not NotImplemented:
                        return answer
                return defer(call, definition, arrays, options)
        for name in names[len(arrays) :]:
            if type(options.get(name)) is not np.ndarray and options.get(name) is not None:
                return defer(call, definition, arrays, options)
        return compute(*arrays, **options)

    # NumPy's own `__array_function__`, which subclasses of ndarray inherit, looks for this name.
    call._implementation = compute  # type: ignore[attr-defined]
    return call


@cache
def answers(kind: Any) -> bool:
    """Whether arrays of this type know kernels: CuPy's answer only for functions CuPy has."""
    return hasattr(kind, "__array_function__") and not kind.__module__.startswith("cupy")


def defer(
    call: Callable[..., Any],
    definition: Callable[..., Any],
    arrays: tuple[Any, ...],
    options: dict[str, Any],
) -> Any:
    """Let the arrays answer, from left to right; where none has an answer, run the reference."""
    given: list[Any] = [*arrays, *options.values()]
    kinds: list[Any] = [type(a) for a in given]
    foreign = [a for a, kind in zip(given, kinds) if answers(kind)]
    others = [a for a in foreign if type(a) is not np.ndarray]
    types = tuple({type(a): None for a in foreign})
    for array in others:
        answer = array.__array_function__(call, types, arrays, options)
        if answer is not NotImplemented:
            return answer
    if others:
        raise TypeError(f"{call.__name__}: none of the types {types} has an answer for this kernel")
    return definition(*arrays, **options)


conv = kernel(reference.conv)
conv_transpose = kernel(reference.conv_transpose)
conv_weight = kernel(reference.conv_weight)
max_pool = kernel(reference.max_pool)
max_pool_back = kernel(reference.max_pool_back)
max_pool_taken = kernel(reference.max_pool_taken)
tap_index = kernel(reference.tap_index)
scatter_plane = kernel(reference.scatter_plane)
gather_plane = kernel(reference.gather_plane)
avg_pool = kernel(reference.avg_pool)
avg_pool_transpose = kernel(reference.avg_pool_transpose)
scatter_add = kernel(reference.scatter_add)
pick = kernel(indexing.pick)
unpick = kernel(indexing.unpick)
put = kernel(indexing.put)
standing = kernel(indexing.standing)
extreme_at = kernel(indexing.extreme_at)
unbind = kernel(indexing.unbind)
windows = kernel(indexing.windows)
as_strided = kernel(memory.as_strided)
normalize = kernel(normalization.normalize)
normalize_back = kernel(normalization.normalize_back)
cross_entropy = kernel(loss.cross_entropy)
cross_entropy_back = kernel(loss.cross_entropy_back)
binary_cross_entropy = kernel(loss.binary_cross_entropy)
lstm_step = kernel(recurrent.lstm_step)
lstm_step_back = kernel(recurrent.lstm_step_back)
lstm_cell = kernel(recurrent.lstm_cell)
lstm = kernel(recurrent.lstm)
lstm_back = kernel(recurrent.lstm_back)
gru_step = kernel(recurrent.gru_step)
gru_step_back = kernel(recurrent.gru_step_back)
gru = kernel(recurrent.gru)
gru_back = kernel(recurrent.gru_back)
rnn = kernel(recurrent.rnn)
matmul = kernel(products.matmul)
repeated = kernel(products.repeated)
add_up = kernel(products.add_up)
linear = kernel(products.linear)
contract = kernel(products.contract)
diagonal_embed = kernel(products.diagonal_embed)
select_along = kernel(along.select_along)
put_along = kernel(along.put_along)
argsort = kernel(along.argsort)
argtop = kernel(along.argtop)
argkth = kernel(along.argkth)
argmedian = kernel(along.argmedian)
argnanmedian = kernel(along.argnanmedian)
argmode = kernel(along.argmode)
cumargmax = kernel(along.cumargmax)
lower_median = kernel(along.lower_median)
logcumsumexp = kernel(along.logcumsumexp)
recurrence = kernel(along.recurrence)
masked = kernel(elementwise.masked)
select = kernel(elementwise.select)
cast = kernel(elementwise.cast)
drawn = kernel(elementwise.drawn)
overwrite = kernel(elementwise.overwrite)
trunc_divide = kernel(elementwise.trunc_divide)
rsqrt = kernel(elementwise.rsqrt)
frac = kernel(elementwise.frac)
logit = kernel(elementwise.logit)
xlogy = kernel(elementwise.xlogy)
relu = kernel(activation.relu)
relu_back = kernel(activation.relu_back)
relu6 = kernel(activation.relu6)
hardtanh = kernel(activation.hardtanh)
hardsigmoid = kernel(activation.hardsigmoid)
hardswish = kernel(activation.hardswish)
leaky_relu = kernel(activation.leaky_relu)
prelu = kernel(activation.prelu)
threshold = kernel(activation.threshold)
hardshrink = kernel(activation.hardshrink)
softshrink = kernel(activation.softshrink)
elu = kernel(activation.elu)
selu = kernel(activation.selu)
celu = kernel(activation.celu)
# mypy meets these two, which are decorated, before it has read their module, which imports this one
sigmoid = kernel(activation.sigmoid)  # type: ignore[has-type]
logsigmoid = kernel(activation.logsigmoid)
softplus = kernel(activation.softplus)
softsign = kernel(activation.softsign)
tanhshrink = kernel(activation.tanhshrink)
mish = kernel(activation.mish)
silu = kernel(activation.silu)
silu_slope = kernel(activation.silu_slope)
gelu = kernel(activation.gelu)
gelu_slope = kernel(activation.gelu_slope)
gelu_back = kernel(activation.gelu_back)
attention = kernel(attend.attention)
attention_weights = kernel(attend.attention_weights)
softmax = kernel(activation.softmax)
softmax_back = kernel(activation.softmax_back)
softmin = kernel(activation.softmin)
log_softmax = kernel(activation.log_softmax)
log_softmax_back = kernel(activation.log_softmax_back)
logsumexp = kernel(activation.logsumexp)  # type: ignore[has-type]
glu = kernel(activation.glu)
erf = kernel(special.erf)
erfc = kernel(special.erfc)
erfinv = kernel(special.erfinv)
lgamma = kernel(special.lgamma)
digamma = kernel(special.digamma)
polygamma = kernel(special.polygamma)


class use_onednn:
    """Let this thread's kernels use oneDNN, or not: for good, or within a `with` block.

    Other threads start with the environment's choice, TADORI_ONEDNN=0 or 1 (the default).
    """

    def __init__(self, enabled: bool):
        self.before = switch.onednn
        switch.onednn = enabled

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        switch.onednn = self.before


def engines() -> dict[str, str]:
    """The libraries that kernels can run on in this process, with their versions."""
    available = {"numpy": np.__version__}
    if library := onednn_library.load():
        available["onednn"] = library.version
    if (numba := numba_pool.version()) is not None:
        available["numba"] = numba
    return available
