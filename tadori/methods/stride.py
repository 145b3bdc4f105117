"""Methods that look at the memory itself: its steps, its size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import kernels
from ..kernels.indexing import ARRAY
from ..kernels.memory import line_of, offset_of
from .creation import shape_of


class Strides:
    """Memory seen with steps of one's own, and made larger or smaller."""

    __slots__ = ()

    def storage_offset(self: Any) -> int:
        """Where in its memory the first element stands."""
        return offset_of(self.array)

    def as_strided(
        self: Any,
        size: Sequence[int],
        stride: Sequence[int],
        storage_offset: int | None = None,
    ) -> Any:
        """The memory of the tensor, read from `storage_offset` on with these steps: a view.

        Raises RuntimeError for what lies outside the memory. Where the tensor itself is only a
        part of its memory and requires a gradient, the view cannot be written.
        """
        offset, own, length = layout(self, storage_offset)
        place = {"size": tuple(size), "stride": tuple(stride), "offset": offset}
        seen = kernels.as_strided(self, **place, own=own, length=length)
        if own is not None and self.requires_grad:
            seen.array.flags.writeable = False
        return seen

    def as_strided_scatter(
        self: Any,
        src: Any,
        size: Sequence[int],
        stride: Sequence[int],
        storage_offset: int | None = None,
    ) -> Any:
        """A copy in whose `as_strided(size, stride, storage_offset)` stands `src`."""
        offset, own, length = layout(self, storage_offset)
        line = np.reshape(self, -1)
        if own is not None:
            line = kernels.unpick(self, own, pattern=(ARRAY,), shape=(length,))
        places = kernels.places_of(tuple(size), tuple(stride), offset)
        if places.size and places.max() >= length:
            raise RuntimeError(
                f"as_strided_scatter: place {places.max()} is out of bounds for memory of {length}"
            )
        line = kernels.put(line, src, places, pattern=(ARRAY,))
        line = line if own is None else kernels.pick(line, own, pattern=(ARRAY,))
        return np.reshape(line, self.shape)

    def resize_(
        self: Any,
        *sizes: Any,
        memory_format: Any = None,
    ) -> Any:
        """Another shape in place, of as many elements as wanted; new ones are not yet written.

        Raises RuntimeError for a tensor that requires a gradient.
        """
        if self.requires_grad:
            raise RuntimeError(
                "resize_: cannot resize variables that require grad. Remedy: detach() it, or use "
                "reshape()"
            )
        shape = shape_of(sizes)
        size = math.prod(shape)
        line = line_of(self.array)[offset_of(self.array) :]
        if line.size < size:
            longer = np.empty(size, line.dtype)
            longer[: line.size] = line
            line = longer
        self.array = line[:size].reshape(shape)
        return self

    def resize_as_(
        self: Any,
        the_template: Any,
        memory_format: Any = None,
    ) -> Any:
        """`resize_` to the shape of another tensor."""
        return self.resize_(the_template.shape)


def layout(x: Any, offset: int | None) -> tuple[int, Any, int]:
    """(offset, own, length): see `kernels.as_strided`; `own` is None for all the line in order."""
    array = x.array
    length = line_of(array).size
    first = offset_of(array)
    whole = array.flags.c_contiguous and first == 0 and array.size == length
    own = None if whole else kernels.places_of(array.shape, x.stride(), first)
    return first if offset is None else offset, own, length
