"""Messages that teach: which operation, which shapes, what went wrong, what to do."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..device import device_of


class ShapeError(RuntimeError, ValueError):
    """Shapes that do not fit. A RuntimeError as in PyTorch, a ValueError as in NumPy."""


class LinAlgError(RuntimeError, np.linalg.LinAlgError):
    """A matrix that cannot be inverted, or taken apart. PyTorch's kind and NumPy's."""


def describe(x: Any) -> str:
    """An input in a few characters: `float32(3, 4)` for arrays and tensors, itself for a number."""
    if hasattr(x, "dtype") and hasattr(x, "shape"):
        return f"{x.dtype}{tuple(x.shape)}"
    return repr(x) if len(repr(x)) < 40 else type(x).__name__


def explain(
    operation: type, inputs: tuple[Any, ...], options: dict[str, Any], error: Exception
) -> Exception:
    """The error to raise when `operation.forward` failed with `error`."""
    call = ", ".join([*map(describe, inputs), *(f"{k}={v!r}" for k, v in options.items())])
    place = f"{operation.__name__}({call})"
    arrays = [getattr(x, "array", x) for x in inputs if hasattr(x, "shape")]
    devices = sorted({str(device_of(a)) for a in arrays})
    if len(devices) > 1:
        return RuntimeError(
            f"{place}: the inputs live on different devices ({', '.join(devices)}). "
            "Remedy: move them to one with .to(device)"
        )
    if isinstance(error, ValueError) and type(error).__name__ in ("ValueError", "AxisError"):
        kind: type[Exception] = ShapeError if type(error) is ValueError else IndexError
        return kind(f"{place}: {error}")
    if isinstance(error, np.linalg.LinAlgError):
        return LinAlgError(f"{place}: {error}")
    error.add_note(f"in {place}")
    return error


def where(node: Any) -> str:
    """A note for an exception in backward: which node, and, if it is known, which line made it."""
    line = getattr(node, "line", None)
    made = f", made at {line}" if line else "; set TADORI_DEBUG=1 to see the line that made it"
    return f"in the backward pass of {node!r}{made}"


def released(node: Any) -> RuntimeError:
    """Backward reached a node whose kept arrays were released by an earlier backward."""
    return RuntimeError(
        f"backward a second time: {node!r}, with output of shape {node.shape}, was "
        "passed by an earlier "
        "backward, which released the arrays its formulas need. Either something computed once, "
        "outside the loop, is "
        "used in every step: compute it inside, or detach() it there; or two losses share a "
        "graph: add them and go "
        "back once, or pass retain_graph=True the first time"
    )


def stale(node: Any, kind: str, i: int, array: Any, write: Any) -> RuntimeError:
    """An array kept by `node` was changed in place before backward."""
    line = getattr(node, "line", None)
    return RuntimeError(
        f"{node!r} keeps its {kind} {i}, {describe(array)}, for backward, but one of the "
        "variables needed for gradient "
        f"computation has been modified by an inplace operation: {write.by}, {write.times} times, "
        "last at "
        f"{write.line or 'an unknown line'}"
        + (f"; the node was made at {line}" if line else "")
        + ". Remedy: use the out-of-place form, or clone() before writing"
    )
