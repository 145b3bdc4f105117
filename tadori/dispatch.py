"""Which operation answers which array function.

NumPy's protocols hand `np.tanh(tensor)` to the Tensor, and the Tensor looks here. This table is the
only meeting point of the core, which knows no operation, and `ops/`, where the operations are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

#: array function (NumPy's or a kernel) -> the same function for Tensors
operations: dict[Callable[..., Any], Callable[..., Any]] = {}

Operation = TypeVar("Operation", bound=Callable[..., Any])


def implements(*array_functions: Callable[..., Any]) -> Callable[[Operation], Operation]:
    """Register the decorated Function (or plain function) as `array_functions` on Tensors."""

    def register(operation: Operation) -> Operation:
        call = getattr(operation, "apply", operation)  # a Function answers through its `apply`
        for function in array_functions:
            operations[function] = call
        return operation

    return register
