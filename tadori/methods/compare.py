"""Methods that ask: comparisons, logic, bits. Their answers have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np


class Questions:
    """Comparisons, kinds of numbers, logic, bits."""

    __slots__ = ()

    def eq(self: Any, other: Any) -> Any:
        """self == other, entry by entry."""
        return np.equal(self, other)

    def ne(self: Any, other: Any) -> Any:
        """self != other, entry by entry."""
        return np.not_equal(self, other)

    not_equal = ne

    def lt(self: Any, other: Any) -> Any:
        """self < other, entry by entry."""
        return np.less(self, other)

    less = lt

    def le(self: Any, other: Any) -> Any:
        """self <= other, entry by entry."""
        return np.less_equal(self, other)

    less_equal = le

    def gt(self: Any, other: Any) -> Any:
        """self > other, entry by entry."""
        return np.greater(self, other)

    greater = gt

    def ge(self: Any, other: Any) -> Any:
        """self >= other, entry by entry."""
        return np.greater_equal(self, other)

    greater_equal = ge

    def equal(self: Any, other: Any) -> Any:
        """Whether both have one shape and the same entries: a Python bool."""
        return np.array_equal(self, other)

    def isclose(
        self: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
    ) -> Any:
        """|self - other| <= atol + rtol * |other|; with `equal_nan`, NaN is close to NaN."""
        return np.isclose(self, other, rtol=rtol, atol=atol, equal_nan=equal_nan)

    def allclose(
        self: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
    ) -> Any:
        """Whether `isclose` holds everywhere: a Python bool."""
        return np.allclose(self, other, rtol=rtol, atol=atol, equal_nan=equal_nan)

    def isnan(self: Any) -> Any:
        """Where NaN is."""
        return np.isnan(self)

    def isinf(self: Any) -> Any:
        """Where an infinity is."""
        return np.isinf(self)

    def isfinite(self: Any) -> Any:
        """Where neither NaN nor an infinity is."""
        return np.isfinite(self)

    def isposinf(self: Any) -> Any:
        """Where inf is."""
        return np.isposinf(self)

    def isneginf(self: Any) -> Any:
        """Where -inf is."""
        return np.isneginf(self)

    def signbit(self: Any) -> Any:
        """Where the sign is minus; of -0.0 too."""
        return np.signbit(self)

    def logical_not(self: Any) -> Any:
        """True where self is 0."""
        return np.logical_not(self)

    def logical_and(self: Any, other: Any) -> Any:
        """Where both are not 0."""
        return np.logical_and(self, other)

    def logical_or(self: Any, other: Any) -> Any:
        """Where one or both are not 0."""
        return np.logical_or(self, other)

    def logical_xor(self: Any, other: Any) -> Any:
        """Where one of the two is not 0, and the other is."""
        return np.logical_xor(self, other)

    def bitwise_not(self: Any) -> Any:
        """Each bit turned over; for bool: not."""
        return np.invert(self)

    def bitwise_and(self: Any, other: Any) -> Any:
        """The bits that both have."""
        return np.bitwise_and(self, other)

    def bitwise_or(self: Any, other: Any) -> Any:
        """The bits that one or both have."""
        return np.bitwise_or(self, other)

    def bitwise_xor(self: Any, other: Any) -> Any:
        """The bits that one of the two has."""
        return np.bitwise_xor(self, other)

    def bitwise_left_shift(self: Any, other: Any) -> Any:
        """The bits moved up by `other` places."""
        return np.left_shift(self, other)

    def bitwise_right_shift(self: Any, other: Any) -> Any:
        """The bits moved down by `other` places; the sign stays."""
        return np.right_shift(self, other)

    def __lshift__(self: Any, other: Any) -> Any:
        return np.left_shift(self, other)

    def __rlshift__(self: Any, other: Any) -> Any:
        return np.left_shift(other, self)

    def __rshift__(self: Any, other: Any) -> Any:
        return np.right_shift(self, other)

    def __rrshift__(self: Any, other: Any) -> Any:
        return np.right_shift(other, self)
