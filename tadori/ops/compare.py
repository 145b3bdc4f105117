"""Questions: comparisons, logic, bits. Their answers have no derivative and are not recorded."""

from __future__ import annotations

import numpy as np

from .. import kernels
from ..autograd.convert import as_input, common_dtype
from ..autograd.function import Function
from ..dispatch import implements
from ..tensor import Tensor

#: what asks for an order, which complex numbers do not have
ORDERED = (np.less, np.less_equal, np.greater, np.greater_equal)


def question(function, arguments):
    """A Function without a derivative, for an array function of one or two arguments."""

    class OfOne(Function):
        def forward(self, x):
            return function(x)

    class OfTwo(Function):
        def forward(self, a, b):
            return function(a, b)

    made = OfOne if arguments == 1 else OfTwo
    made.real = function in ORDERED
    made.__name__ = made.__qualname__ = function.__name__.title().replace("_", "")
    return made


OF_ONE = (
    np.isnan,
    np.isinf,
    np.isfinite,
    np.isposinf,
    np.isneginf,
    np.signbit,
    np.logical_not,
    np.invert,
)
OF_TWO = (
    np.equal,
    np.not_equal,
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.logical_and,
    np.logical_or,
    np.logical_xor,
    np.bitwise_and,
    np.bitwise_or,
    np.bitwise_xor,
    np.left_shift,
    np.right_shift,
    np.gcd,
    np.lcm,
)
for of_one in OF_ONE:
    implements(of_one)(question(of_one, 1))
for of_two in OF_TWO:
    implements(of_two)(question(of_two, 2))


@implements(np.heaviside)
class Heaviside(Function):
    """0 for negative a, 1 for positive, b at 0. No derivative."""

    def forward(self, a, b):
        return np.heaviside(a, b).astype(np.result_type(a, b))


@implements(np.isclose)
class IsClose(Function):
    """|a - b| <= atol + rtol * |b|; with `equal_nan`, NaN is close to NaN."""

    def forward(self, a, b, *, rtol=1e-5, atol=1e-8, equal_nan=False):
        return np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


@implements(np.allclose)
def allclose(a, b, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether `isclose` holds everywhere: a Python bool."""
    return bool(np.all(np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)))


@implements(np.array_equal)
def array_equal(a1, a2, equal_nan=False):
    """Whether both have one shape and the same entries: a Python bool."""
    if np.shape(a1) != np.shape(a2):
        return False
    same = np.equal(a1, a2)
    if equal_nan:
        same = same | (np.isnan(a1) & np.isnan(a2))
    return bool(np.all(same))


@implements(np.where, kernels.select)
def where(condition, x=None, y=None):
    """x where the condition holds, y elsewhere; with the condition alone, where it holds.

    The condition has no part in the dtype of the result.
    """
    if x is None and y is None:
        return np.nonzero(condition)
    if not (isinstance(x, Tensor) and isinstance(y, Tensor) and x.dtype == y.dtype):
        x, y = common_dtype((as_input(x), as_input(y)), floating=False, numbers=False)
    return Where.apply(condition, x, y)


class Where(Function):
    """a where the condition holds, b elsewhere. Each gets the gradient of its own places."""

    dtypes = "any"

    def forward(self, condition, a, b):
        return kernels.select(condition, a, b)

    def grad_a(self, gy, condition):
        return kernels.masked(gy, condition)

    def grad_b(self, gy, condition):
        return kernels.masked(gy, np.logical_not(condition))
