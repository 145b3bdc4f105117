"""Questions: comparisons, logic, bits."""

from __future__ import annotations

from typing import Any

from ..layout import takes_out
from ..tensor import Tensor

allclose = Tensor.allclose
bitwise_and = takes_out(Tensor.bitwise_and)
bitwise_left_shift = takes_out(Tensor.bitwise_left_shift)
bitwise_not = takes_out(Tensor.bitwise_not)
bitwise_or = takes_out(Tensor.bitwise_or)
bitwise_right_shift = takes_out(Tensor.bitwise_right_shift)
bitwise_xor = takes_out(Tensor.bitwise_xor)
eq = takes_out(Tensor.eq)
equal = takes_out(Tensor.equal)
ge = takes_out(Tensor.ge)
greater = takes_out(Tensor.greater)
greater_equal = takes_out(Tensor.greater_equal)
gt = takes_out(Tensor.gt)
isclose = Tensor.isclose
isfinite = Tensor.isfinite
isinf = Tensor.isinf
isnan = Tensor.isnan
isneginf = takes_out(Tensor.isneginf)
isposinf = takes_out(Tensor.isposinf)
le = takes_out(Tensor.le)
less = takes_out(Tensor.less)
less_equal = takes_out(Tensor.less_equal)
logical_and = takes_out(Tensor.logical_and)
logical_not = takes_out(Tensor.logical_not)
logical_or = takes_out(Tensor.logical_or)
logical_xor = takes_out(Tensor.logical_xor)
lt = takes_out(Tensor.lt)
ne = takes_out(Tensor.ne)
not_equal = takes_out(Tensor.not_equal)
signbit = takes_out(Tensor.signbit)
is_nonzero = Tensor.is_nonzero
is_same_size = Tensor.is_same_size
is_signed = Tensor.is_signed
is_inference = Tensor.is_inference
get_device = Tensor.get_device


def is_tensor(obj: Any) -> bool:
    """Whether `obj` is a Tensor."""
    return isinstance(obj, Tensor)
