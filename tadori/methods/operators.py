"""Operators: `x * w + b`, `2 ** x`, `x += 1`. Each asks the table of operations.

The other operand may be a Tensor, an array or a Python number, and stand on either side: Python
tries `2 * x` with the number first, which does not know Tensors, and then calls `x.__rmul__(2)`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dispatch import operations


class Operators:
    """What Python's operators call."""

    __slots__ = ()

    write: Any  # Tensor's own

    def __add__(self, other: Any) -> Any:
        return operations[np.add](self, other)

    def __radd__(self, other: Any) -> Any:
        return operations[np.add](other, self)

    def __sub__(self, other: Any) -> Any:
        return operations[np.subtract](self, other)

    def __rsub__(self, other: Any) -> Any:
        return operations[np.subtract](other, self)

    def __mul__(self, other: Any) -> Any:
        return operations[np.multiply](self, other)

    def __rmul__(self, other: Any) -> Any:
        return operations[np.multiply](other, self)

    def __truediv__(self, other: Any) -> Any:
        return operations[np.true_divide](self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return operations[np.true_divide](other, self)

    __rdiv__ = __rtruediv__

    def __floordiv__(self, other: Any) -> Any:
        return operations[np.floor_divide](self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return operations[np.floor_divide](other, self)

    def __mod__(self, other: Any) -> Any:
        return operations[np.remainder](self, other)

    def __rmod__(self, other: Any) -> Any:
        return operations[np.remainder](other, self)

    def __pow__(self, other: Any) -> Any:
        return operations[np.power](self, other)

    def __rpow__(self, other: Any) -> Any:
        return operations[np.power](other, self)

    def __matmul__(self, other: Any) -> Any:
        return operations[np.matmul](self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return operations[np.matmul](other, self)

    def __neg__(self) -> Any:
        return operations[np.negative](self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return operations[np.absolute](self)

    def __invert__(self) -> Any:
        return operations[np.invert](self)

    def __and__(self, other: Any) -> Any:
        return operations[np.bitwise_and](self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return operations[np.bitwise_or](self, other)

    __ror__ = __or__

    def __xor__(self, other: Any) -> Any:
        return operations[np.bitwise_xor](self, other)

    __rxor__ = __xor__

    def __eq__(self, other: object) -> Any:
        return False if other is None else operations[np.equal](self, other)

    def __ne__(self, other: object) -> Any:
        return True if other is None else operations[np.not_equal](self, other)

    def __lt__(self, other: Any) -> Any:
        return operations[np.less](self, other)

    def __le__(self, other: Any) -> Any:
        return operations[np.less_equal](self, other)

    def __gt__(self, other: Any) -> Any:
        return operations[np.greater](self, other)

    def __ge__(self, other: Any) -> Any:
        return operations[np.greater_equal](self, other)

    # In place: the memory changes and, in a graph, the history.

    def __iadd__(self, other: Any) -> Any:
        return self.write(self + other, "+=")

    def __isub__(self, other: Any) -> Any:
        return self.write(self - other, "-=")

    def __imul__(self, other: Any) -> Any:
        return self.write(self * other, "*=")

    def __itruediv__(self, other: Any) -> Any:
        return self.write(self / other, "/=")

    def __ipow__(self, other: Any) -> Any:  # type: ignore[misc]
        return self.write(self**other, "**=")
