"""Methods that give the same numbers another shape, order or number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from .. import kernels


class Shapes:
    """Shapes, views, the order of axes and of elements, repetition, parts."""

    __slots__ = ()

    # What the shape is.

    def size(self: Any, dim: int | None = None) -> Any:
        """The shape, or the size of one axis."""
        return self.shape if dim is None else self.shape[normalize_axis_index(dim, self.ndim)]

    def dim(self: Any) -> int:
        """The number of axes."""
        return self.ndim

    ndimension = dim

    def numel(self: Any) -> int:
        """The number of elements."""
        return self.array.size

    nelement = numel

    def element_size(self: Any) -> int:
        """The number of bytes of one element."""
        return self.array.itemsize

    @property
    def itemsize(self: Any) -> int:
        """The number of bytes of one element."""
        return self.array.itemsize

    @property
    def nbytes(self: Any) -> int:
        """The number of bytes of all elements."""
        return self.array.nbytes

    def stride(self: Any, dim: int | None = None) -> Any:
        """How many elements of memory lie between neighbours along each axis, or along one."""
        steps = tuple(step // self.array.itemsize for step in self.array.strides)
        return steps if dim is None else steps[dim]

    def is_contiguous(self: Any) -> bool:
        """Whether the elements lie in memory in the order of the indices, last index fastest."""
        return self.array.flags.c_contiguous

    # Another shape.

    def reshape(self: Any, *shape: Any) -> Any:
        """The same elements in another shape; one size may be -1. A view where memory allows it.

        Raises RuntimeError where the numbers of elements differ.
        """
        return np.reshape(self, _sizes(shape))

    def view(self: Any, *shape: Any) -> Any:
        """`reshape` that never copies; with a dtype, the same bytes read as that, as a leaf.

        Raises RuntimeError where the memory layout does not allow a view.
        """
        if isinstance(shape[0], np.dtype | type):
            reread = self.detach()
            reread.data = self.array.view(shape[0])
            return reread
        result: Any = np.reshape(self, _sizes(shape))
        if self.array.size and not np.may_share_memory(result.array, self.array):
            raise RuntimeError(
                f"view size is not compatible with input tensor's size and stride: shape "
                f"{tuple(self.shape)} and stride {self.stride()} cannot become {result.shape} "
                "without a copy. Remedy: use reshape(...)"
            )
        return result

    def view_as(self: Any, other: Any) -> Any:
        """`view` in the shape of `other`."""
        return self.view(other.shape)

    def reshape_as(self: Any, other: Any) -> Any:
        """`reshape` to the shape of `other`."""
        return np.reshape(self, other.shape)

    def flatten(self: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
        """The axes from `start_dim` to `end_dim`, both included, made one."""
        if self.ndim == 0:
            return np.reshape(self, 1)
        first = normalize_axis_index(start_dim, self.ndim)
        last = normalize_axis_index(end_dim, self.ndim)
        if first > last:
            raise RuntimeError(
                f"flatten: start_dim {start_dim} cannot come after end_dim {end_dim}"
            )
        shape = self.shape
        length = math.prod(shape[first : last + 1])
        return np.reshape(self, (*shape[:first], length, *shape[last + 1 :]))

    def unflatten(self: Any, dim: int, sizes: Sequence[int]) -> Any:
        """Axis `dim` taken apart into axes of these sizes, one of which may be -1."""
        axis = normalize_axis_index(dim, self.ndim)
        sizes = list(sizes)
        if -1 in sizes:
            known = -math.prod(sizes)
            sizes[sizes.index(-1)] = self.shape[axis] // known if known else 0
        if math.prod(sizes) != self.shape[axis]:
            raise RuntimeError(
                f"unflatten: sizes {sizes} don't multiply up to the size of dim {dim}, "
                f"{self.shape[axis]}"
            )
        return np.reshape(self, (*self.shape[:axis], *sizes, *self.shape[axis + 1 :]))

    def ravel(self: Any) -> Any:
        """The elements along one axis."""
        return np.reshape(self, -1)

    def squeeze(self: Any, dim: int | Sequence[int] | None = None) -> Any:
        """Without the axes of size 1; with `dim`, without those of them it names."""
        if dim is None:
            return np.squeeze(self)
        axes = normalize_axis_tuple(dim, self.ndim or 1)
        return np.squeeze(self, tuple(i for i in axes if self.ndim and self.shape[i] == 1))

    def unsqueeze(self: Any, dim: int) -> Any:
        """With a new axis of size 1 at `dim`."""
        return np.expand_dims(self, dim)

    def expand(self: Any, *sizes: Any) -> Any:
        """Repeated, without a copy, along new axes in front and along axes of size 1; -1 keeps."""
        shape = _sizes(sizes)
        kept = (-1,) * (len(shape) - self.ndim) + tuple(self.shape)
        if len(shape) < self.ndim:
            raise RuntimeError(
                f"expand: the number of sizes provided ({len(shape)}) must be greater or equal to "
                f"the number of dimensions in the tensor ({self.ndim})"
            )
        return np.broadcast_to(
            self, tuple(k if n == -1 else n for n, k in zip(shape, kept, strict=True))
        )

    def expand_as(self: Any, other: Any) -> Any:
        """`expand` to the shape of `other`."""
        return np.broadcast_to(self, other.shape)

    def broadcast_to(self: Any, size: Sequence[int]) -> Any:
        """`expand` to this shape."""
        return self.expand(size)

    # Another order of axes.

    @property
    def T(self: Any) -> Any:
        """With the axes reversed."""
        return np.transpose(self)

    @property
    def mT(self: Any) -> Any:
        """With the last two axes exchanged."""
        return np.swapaxes(self, -1, -2)

    def t(self: Any) -> Any:
        """The transposed matrix. Raises RuntimeError for more than two axes."""
        if self.ndim > 2:
            raise RuntimeError(
                f"t() expects a tensor with <= 2 dimensions, but self is {self.ndim}D. "
                "Remedy: use mT, or transpose(dim0, dim1)"
            )
        return np.transpose(self)

    def transpose(self: Any, dim0: int, dim1: int) -> Any:
        """With two axes exchanged."""
        if self.ndim == 0 and {dim0, dim1} <= {0, -1}:
            return np.positive(self) if self.requires_grad else self
        return np.swapaxes(self, dim0, dim1)

    swapaxes = swapdims = transpose

    def permute(self: Any, *dims: Any) -> Any:
        """With the axes in the order `dims`."""
        return np.transpose(self, _sizes(dims))

    def movedim(self: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
        """With the axes `source` at the places `destination`, the others in their order."""
        return np.moveaxis(self, source, destination)

    moveaxis = movedim

    # Another order of elements.

    def flip(self: Any, *dims: Any, **named: Any) -> Any:
        """Backwards along these axes, `flip(0, 1)` or `flip(dims=(0, 1))`: a copy."""
        return np.flip(self, _sizes((named["dims"],) if named else dims))

    def fliplr(self: Any) -> Any:
        """Backwards along axis 1."""
        return np.flip(self, 1)

    def flipud(self: Any) -> Any:
        """Backwards along axis 0."""
        return np.flip(self, 0)

    def roll(self: Any, shifts: Any, dims: Any = None) -> Any:
        """Moved along the axes, entering again at the other end; without `dims`, as if flat."""
        return np.roll(self, shifts, dims)

    def rot90(self: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
        """Turned by k quarters, from the first of `dims` towards the second."""
        return np.rot90(self, k, dims)

    def tril(self: Any, diagonal: int = 0) -> Any:
        """With zeros above this diagonal of the last two axes."""
        return np.tril(self, diagonal)

    def triu(self: Any, diagonal: int = 0) -> Any:
        """With zeros below this diagonal of the last two axes."""
        return np.triu(self, diagonal)

    # Repetition.

    def repeat(self: Any, *repeats: Any) -> Any:
        """Repeated as a whole, so often along each axis; further counts make axes in front."""
        times = _sizes(repeats)
        if len(times) < self.ndim:
            raise RuntimeError(
                "repeat: number of dimensions of repeat dims can not be smaller than number of "
                f"dimensions of tensor: {times} for shape {tuple(self.shape)}"
            )
        return np.tile(self, times)

    def tile(self: Any, *dims: Any) -> Any:
        """`repeat`, with 1 for axes in front that are not named."""
        return np.tile(self, _sizes(dims))

    def repeat_interleave(
        self: Any, repeats: Any, dim: int | None = None, *, output_size: int | None = None
    ) -> Any:
        """Each element repeated: `repeats` times, or, if it has several numbers, each as it says.

        `output_size` is PyTorch's hint for GPUs, and not needed here.
        """
        return np.repeat(self, repeats, dim)

    # Parts.

    def split(self: Any, split_size: int | Sequence[int], dim: int = 0) -> Any:
        """Parts of this size along `dim`, the last one perhaps shorter; or parts of these sizes.

        Views. Raises RuntimeError where the sizes do not add up to the axis.
        """
        n = self.size(dim)
        if isinstance(split_size, int):
            if split_size < 1 and n:
                raise RuntimeError(f"split expects split_size be positive, got {split_size}")
            return np.split(self, list(range(split_size, n, max(1, split_size))), dim)
        if sum(split_size) != n:
            raise RuntimeError(
                f"split: split_sizes {list(split_size)} must sum exactly to {n}, the size of dim "
                f"{dim}, but they sum to {sum(split_size)}"
            )
        return np.split(self, list(accumulate(split_size))[:-1], dim)

    def chunk(self: Any, chunks: int, dim: int = 0) -> Any:
        """At most so many parts of equal size along `dim`, the last one perhaps shorter: views."""
        if chunks < 1:
            raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got {chunks}")
        return self.split(max(1, -(-self.size(dim) // chunks)), dim)

    def tensor_split(self: Any, indices_or_sections: int | Sequence[int], dim: int = 0) -> Any:
        """Cut before each of the indices, or into parts whose sizes differ by at most 1: views."""
        if hasattr(indices_or_sections, "tolist"):
            indices_or_sections = indices_or_sections.tolist()
        return np.array_split(self, indices_or_sections, dim)

    def unbind(self: Any, dim: int = 0) -> Any:
        """The slices along `dim`, which is gone: views."""
        return kernels.unbind(self, axis=dim)

    def select(self: Any, dim: int, index: int) -> Any:
        """The slice number `index` along `dim`, which is gone: a view."""
        axis = normalize_axis_index(dim, self.ndim)
        return self[(slice(None),) * axis + (index,)]

    def narrow(self: Any, dim: int, start: Any, length: int) -> Any:
        """`length` slices along `dim`, from `start` on: a view."""
        axis = normalize_axis_index(dim, self.ndim)
        n, start = self.shape[axis], int(start)
        first = start + n if start < 0 else start
        if length < 0 or not 0 <= first <= n - length:
            raise RuntimeError(
                f"narrow: start ({start}) + length ({length}) exceeds dimension size ({n})"
            )
        return self[(slice(None),) * axis + (slice(first, first + length),)]

    def unfold(self: Any, dimension: int, size: int, step: int) -> Any:
        """All windows of `size` elements, `step` apart, along an axis; each in a new last axis."""
        if self.ndim == 0:  # one window of one element
            return np.reshape(self, 1)[:size]
        return kernels.windows(self, size=size, step=step, axis=dimension)


def _sizes(given: Any) -> tuple[int, ...]:
    """Sizes given as numbers, f(2, 3), or as one sequence, f((2, 3))."""
    if len(given) == 1 and isinstance(given[0], tuple | list):
        given = given[0]
    return tuple(map(int, given))
