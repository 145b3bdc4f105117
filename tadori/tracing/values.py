"""What was in an array: small ones whole, large ones as a summary, within a budget."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from ..device import array_module

WHOLE = 64  # elements
BARS = 16  # of a histogram
SAMPLE = 1024  # elements that a histogram looks at

_WHOLE_BYTES = 12  # of JSON for a number
_SUMMARY_BYTES = 260


class Values:
    """Looks into arrays as long as there is room; `left_out` counts those that it did not."""

    def __init__(self, room: int) -> None:
        self.room, self.used = room, 0
        self.left_out = 0

    def look(self, array: Any) -> dict[str, Any] | None:
        """A copy of a small array, a summary of a large one, None where the room is used up."""
        size = array.size
        cost = _WHOLE_BYTES * size + 20 if size <= WHOLE else _SUMMARY_BYTES
        if self.used + cost > self.room:
            self.left_out += 1
            return None
        self.used += cost
        if array_module(array) is not np:  # on a GPU: bring over what is small
            array = array.get() if size <= WHOLE else array
        return {"whole": array.copy()} if size <= WHOLE else summary(array)


def summary(array: Any) -> dict[str, Any]:
    """Minimum, maximum, mean, the number of NaNs and infinities, a histogram of the finite.

    The histogram is that of about a thousand elements, evenly spaced; `sample` is their number.
    Complex numbers are looked at by their size.
    """
    if array.dtype.kind == "c":
        array = abs(array)
    found: dict[str, Any] = {"nan": 0, "inf": 0}
    low, high = float(array.min()), float(array.max())
    if not (isfinite(low) and isfinite(high)):
        finite = array[np.isfinite(array)]
        found["nan"] = nans = int(np.isnan(array).sum())
        found["inf"] = array.size - finite.size - nans
        if finite.size == 0:
            return {"min": "nan", "max": "nan", "mean": "nan", **found}
        array, low, high = finite, float(finite.min()), float(finite.max())
    found["min"], found["max"] = low, high
    found["mean"] = float(array.mean(dtype=_wide(array)))
    if high > low:
        step = -(-array.size // SAMPLE)
        sample = array.reshape(-1)[::step]
        found["histogram"] = histogram(sample.astype(np.float64), low, high)
        found["sample"] = len(sample)
    return found


def histogram(sample: Any, low: float, high: float) -> list[int]:
    """How many numbers of `sample` lie in each of the equal parts from `low` to `high`."""
    scaled = (sample - low) * (BARS / (high - low))
    bars = np.clip(scaled.astype(np.int64), 0, BARS - 1)
    counts: list[int] = np.bincount(bars, minlength=BARS).tolist()
    return counts


def _wide(array: Any) -> Any:
    return np.float64 if array.dtype.itemsize < 4 or array.dtype.kind in "biu" else array.dtype


def plain(value: Any) -> Any:
    """`value` with NumPy's numbers and arrays as Python's, in the shortest digits that tell them
    apart; NaN and infinities as texts, for JSON has no such numbers."""
    if type(value) is dict:
        return {key: plain(x) for key, x in value.items()}
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(x) for x in value]
    if isinstance(value, float | np.floating):
        text = str(value)  # of a float32, fewer digits than as a float64
        return float(text) if np.isfinite(value) else text
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
