"""How tensors look: the numbers in columns, as PyTorch lays them out, then what is not usual about
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .device import CPU, to_device
from .dtype import bool_, complex64, complex128, float64, get_default_dtype, int64, is_floating

__all__ = ["set_printoptions", "get_printoptions", "printoptions"]


@dataclass
class Options:
    """What `set_printoptions` sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


options = Options()
PROFILES: dict[str, dict[str, float]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": float("inf"), "edgeitems": 3, "linewidth": 80},
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors are printed; what is None stays as it is, except `sci_mode`.

    precision: digits after the point.   threshold: tensors with more elements are shown in part.
    edgeitems: how many then, at each end of an axis.   linewidth: in characters.   profile:
    "default", "short" or "full". sci_mode: scientific notation always, never, or (None) where the
    numbers need it.
    """
    chosen: dict[str, Any] = dict(PROFILES[profile]) if profile is not None else {}
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    chosen.update({name: value for name, value in given.items() if value is not None})
    for name, value in chosen.items():
        setattr(options, name, value)
    options.sci_mode = sci_mode


def get_printoptions() -> dict[str, Any]:
    """The options now, as keywords for `set_printoptions`."""
    return asdict(options)


@contextmanager
def printoptions(**changes: Any) -> Iterator[None]:
    """Other options within a block: `with printoptions(precision=2): print(x)`."""
    before = get_printoptions()
    set_printoptions(**changes)
    try:
        yield
    finally:
        set_printoptions(**before)


def tensor_repr(tensor: Any) -> str:
    """`tensor([1., 2.], requires_grad=True)`: the numbers, then what is not usual."""
    kind = type(tensor).__name__
    name = "tensor" if kind in ("Tensor", "Parameter") else kind
    array = to_device(tensor.array, CPU)
    with np.errstate(all="ignore"):
        numbers = numbers_text(array, len(name) + 1)
    text = with_notes(f"{name}({numbers}", list(notes(tensor)), len(name) + 1)
    return f"Parameter containing:\n{text}" if kind == "Parameter" else text


def notes(tensor: Any) -> Iterator[str]:
    """What the numbers do not show by themselves."""
    default = get_default_dtype()
    shows_itself = [default, int64, bool_, complex128 if default == float64 else complex64]
    if tensor.device != CPU:
        yield f"device='{tensor.device}'"
    if tensor.array.size == 0:
        shows_itself = [default]
        if tensor.ndim != 1:
            yield f"size={tuple(tensor.shape)}"
    if tensor.dtype not in shows_itself:
        yield f"dtype={tensor.dtype}"
    if not tensor.is_leaf:
        yield f"creator={tensor.creator!r}"
    elif tensor.requires_grad:
        yield "requires_grad=True"


def with_notes(text: str, remarks: list[str], indent: int) -> str:
    """The notes after the numbers, on a new line where the last one is full."""
    column = len(text) - text.rfind("\n") + 1
    for remark in remarks:
        if column + len(remark) + 2 > options.linewidth:
            text += ",\n" + " " * indent + remark
            column = indent + len(remark)
        else:
            text += ", " + remark
            column += len(remark) + 2
    return text + ")"


def numbers_text(array: Any, indent: int) -> str:
    """The numbers in nested brackets, the lines after the first indented."""
    if array.size == 0:
        return "[]"
    if array.dtype.kind == "V":  # bfloat16
        array = array.astype(np.float32)
    in_part = array.size > options.threshold
    sample = edges(array) if in_part else array
    column = ComplexColumn(sample) if sample.dtype.kind == "c" else Column(sample)
    return nested(array, indent, in_part, column)


def edges(array: Any) -> Any:
    """The part of `array` that is shown of a large one."""
    for axis, length in enumerate(array.shape):
        if length > 2 * options.edgeitems:
            ends = [*range(options.edgeitems), *range(length - options.edgeitems, length)]
            array = array.take(ends, axis)
    return array


class Column:
    """How the numbers of one tensor are written: all in one form, to one width."""

    def __init__(self, values: Any) -> None:
        self.form, self.point = "", False
        if is_floating(values.dtype):
            values = values[np.isfinite(values) & (values != 0)].astype(np.float64)
            self.form, self.point = form_of(values)
        texts = [format(value, self.form) for value in values.ravel().tolist()]
        self.width = max([1, *(len(text) + self.point for text in texts)])

    def __call__(self, value: Any) -> str:
        text = format(value, self.form)
        if self.point and text[-1].isdigit():
            text += "."
        return text.rjust(self.width)


class ComplexColumn:
    """Real and imaginary parts, each in its own form."""

    def __init__(self, values: Any) -> None:
        self.real, self.imaginary = Column(values.real), Column(values.imag)
        self.width = self.real.width + self.imaginary.width + 1

    def __call__(self, value: Any) -> str:
        imaginary = self.imaginary(value.imag).lstrip()
        sign = "" if imaginary[0] in "+-" else "+"
        return f"{self.real(value.real)}{sign}{imaginary}j"


def form_of(values: Any) -> tuple[str, bool]:
    """The form for these finite numbers, none of them 0, and whether a point stands after whole
    ones.

    Scientific if they are very large or small, or differ much; else whole, or decimal.
    """
    if values.size == 0:
        return ".0f", True
    sizes = np.abs(values)
    low, high = sizes.min(), sizes.max()
    scientific = bool(high / low > 1000 or high > 1e8 or low < 1e-4)
    if options.sci_mode is not None:
        scientific = options.sci_mode
    if scientific:
        return f".{options.precision}e", False
    whole = bool(np.all(values == np.ceil(values)))
    return (".0f", True) if whole else (f".{options.precision}f", False)


def nested(array: Any, indent: int, in_part: bool, column: Any) -> str:
    """One bracket with what is in it."""
    if array.ndim == 0:
        return str(column(array.item()))
    cut = in_part and len(array) > 2 * options.edgeitems
    if array.ndim == 1:
        items = [column(value) for value in (edges(array) if cut else array).tolist()]
        if cut:
            items.insert(options.edgeitems, " ...")
        fit = max(1, (options.linewidth - indent) // (column.width + 2))
        lines = [", ".join(items[i : i + fit]) for i in range(0, len(items), fit)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    count = options.edgeitems
    rows = [*array[:count], *array[len(array) - count :]] if cut else array
    blocks = [nested(row, indent + 1, in_part, column) for row in rows]
    if cut:
        blocks.insert(count, "...")
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(blocks) + "]"
