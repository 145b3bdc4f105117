"""Finding where a NaN or an infinity comes from: the first operation that makes one is an error."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ..device import array_module
from ..dtype import is_floating
from .errors import describe
from .hooks import Observer, observe, observers, user_line

__all__ = ["AnomalyError", "detect_anomaly", "set_detect_anomaly"]


class AnomalyError(RuntimeError):
    """A NaN or an infinity; the message says which operation made it, or passed it on."""


class Anomaly(Observer):
    """Looks at every output and every gradient, or (without `check_nan`) notes only lines.

    A NaN is always an error. An infinity is one where it is made from finite numbers: programs
    that write -inf into a mask mean it.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan

    def after_forward(self, node: Any, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        """Raise if an output is not finite."""
        node.line = user_line()
        for y in outputs:
            if self.check_nan and (found := trouble(y, inputs)):
                raise AnomalyError(
                    f"anomaly in the forward pass: {node!r} {found}, at "
                    f"{node.line or 'an unknown line'}, from {listed(inputs)}"
                )

    def before_backward(self, node: Any, gradient: Any) -> None:
        """Remember what comes in, to compare what goes out with it."""
        node.incoming = gradient if isinstance(gradient, list) else [gradient]

    def sent(self, node: Any, number: int, gradient: Any) -> None:
        """Raise if a gradient is not finite."""
        if self.check_nan and (found := trouble(gradient, node.incoming)):
            line = getattr(node, "line", "an unknown line")
            raise AnomalyError(
                f"anomaly in the backward pass: {node!r}, called at {line}, returned nan or inf "
                f"values for its input {number}: it {found}, from {listed(node.incoming)}"
            )

    def after_backward(self, node: Any) -> None:
        """Forget what came in."""
        node.__dict__.pop("incoming", None)


def detect_anomaly(check_nan: bool = True) -> AbstractContextManager[Any]:
    """Inside the block, raise where a NaN or an infinity first appears, forward or backward.

    The error, a RuntimeError, names the operation, the user's line, the shapes, and whether the
    operation made the number or passed it on. Unlike PyTorch's, it looks at the forward pass too.
    With `check_nan=False` nodes only learn their lines. All this slows a program down.
    """
    return observe(Anomaly(check_nan))


class set_detect_anomaly:
    """Switch `detect_anomaly` on or off: from this line on, or for a `with` block."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.before = [o for o in observers if isinstance(o, Anomaly)]
        self.replace([Anomaly(check_nan)] if mode else [])

    def replace(self, wanted: list[Any]) -> None:
        """Make `wanted` the only observers of this kind."""
        observers[:] = [o for o in observers if not isinstance(o, Anomaly)] + wanted

    def __enter__(self) -> None:
        """Nothing to do: the mode was entered when this object was made."""

    def __exit__(self, *exception: object) -> None:
        self.replace(self.before)


def trouble(result: Any, sources: Iterable[Any]) -> str:
    """What is wrong with `result`, in words; '' if nothing is."""
    array = getattr(result, "array", result)
    if not is_floating(np.result_type(array)) or array_module(array).isfinite(array).all():
        return ""
    infected = any(map(has_nan, sources)), any(map(has_infinity, sources))
    if has_nan(array):
        what, bad = "NaN", array_module(array).isnan(array)
        passed = infected[0]
        cause = " from an infinity" if infected[1] and not passed else ""
    elif infected[1]:
        return ""
    else:
        what, bad = "infinity", array_module(array).isinf(array)
        passed, cause = False, ""
    first = tuple(int(n[0]) for n in bad.nonzero()) if array.ndim else ()
    where = f", the first at {list(first)}" if first else ""
    verb = "passed on" if passed else "made"
    return f"{verb} {what}{cause}: {int(bad.sum())} of {array.size} elements{where}"


def has_nan(x: Any) -> bool:
    """Whether `x` (a Tensor, an array, a number, anything) contains NaN."""
    array = _floating(x)
    return array is not None and bool(array_module(array).isnan(array).any())


def has_infinity(x: Any) -> bool:
    """Whether `x` contains an infinity."""
    array = _floating(x)
    return array is not None and bool(array_module(array).isinf(array).any())


def _floating(x: Any) -> Any:
    array = getattr(x, "array", x)
    array = np.asarray(array) if isinstance(array, float | complex) else array
    return array if hasattr(array, "dtype") and is_floating(array.dtype) else None


def listed(values: Iterable[Any]) -> str:
    """Inputs or gradients in a few characters, with the range of their finite numbers."""
    return ", ".join(map(_ranged, values))


def _ranged(x: Any) -> str:
    array = _floating(x)
    if array is None or array.size == 0 or array.dtype.kind == "c" or not hasattr(x, "shape"):
        return describe(x)
    finite = array[array_module(array).isfinite(array)]
    if finite.size == 0:
        return f"{describe(x)} of which nothing is finite"
    return f"{describe(x)} in [{float(finite.min()):.4g}, {float(finite.max()):.4g}]"
