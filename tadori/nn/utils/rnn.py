"""Sequences of different lengths in one batch: padded to one length, or packed without gaps.

Packed data holds, one behind another, what all sequences have at the first step, then at the
second, and so on; sequences are sorted from the longest to the shortest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy

from ...language import np
from ...tensor import Tensor


class Packed(NamedTuple):
    """The four parts of a `PackedSequence`."""

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(Packed):
    """Sequences without gaps: data (all steps, *any), and how many sequences have each step.

    Made by `pack_padded_sequence` and `pack_sequence`; RNN, LSTM and GRU take it for input.
    sorted_indices: the sequences in their order of length; unsorted_indices: back again; None where
    they came sorted.
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Tensor,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> PackedSequence:
        """Put the parts together; unsorted_indices follow from sorted_indices."""
        if batch_sizes is None:
            raise TypeError("PackedSequence: batch_sizes is missing. Remedy: pack_sequence")
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """With its data on a device, in a dtype, or both."""
        return self._replace(data=self.data.to(*args, **kwargs))

    def float(self) -> PackedSequence:
        """With float32 data."""
        return self.to(np.float32)

    def double(self) -> PackedSequence:
        """With float64 data."""
        return self.to(np.float64)

    def cpu(self) -> PackedSequence:
        """With its data on the CPU."""
        return self.to("cpu")

    @property
    def is_cuda(self) -> bool:
        """Whether the data is on a GPU."""
        return self.data.device.type == "cuda"


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The order that undoes this one."""
    return None if permutation is None else Tensor(numpy.argsort(permutation.array))


def pack_padded_sequence(
    input: Tensor,
    lengths: Any,
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """The steps of (T, N, *any), or with batch_first (N, T, *any), without the padding.

    lengths (N,): of each sequence, from the longest to the shortest, unless enforce_sorted is
    False. Raises RuntimeError if they are not, or not all between 1 and T.
    """
    x = np.swapaxes(input, 0, 1) if batch_first else input
    sizes = numpy.asarray(getattr(lengths, "array", lengths), numpy.int64)
    if sizes.shape != (x.shape[1],):
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(sizes)} (batch_size="
            f"{x.shape[1]})"
        )
    order = None
    if not enforce_sorted:
        order = Tensor(numpy.argsort(-sizes, kind="stable"))
        sizes, x = sizes[order.array], np.take(x, order, axis=1)
    elif (numpy.diff(sizes) > 0).any():
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. "
            "Remedy: enforce_sorted=False"
        )
    if sizes.size and (sizes[-1] <= 0 or sizes[0] > x.shape[0]):
        raise RuntimeError(
            f"Length of all samples has to be greater than 0 and at most {x.shape[0]}, but got "
            f"lengths from {sizes.min()} to {sizes.max()}"
        )
    batch_sizes = (numpy.arange(sizes.max())[:, None] < sizes).sum(axis=1)
    return PackedSequence(packed(x, batch_sizes), Tensor(batch_sizes), order)


def packed(x: Tensor, batch_sizes: Any) -> Tensor:
    """(T, N, *any) -> (all steps, *any)."""
    there = numpy.arange(x.shape[1]) < batch_sizes[:, None]
    step, sequence = numpy.nonzero(there)
    return x[Tensor(step), Tensor(sequence)]


def padded(data: Tensor, batch_sizes: Any) -> Tensor:
    """(all steps, *any) -> (T, N, *any), with zeros at the ends."""
    there = numpy.arange(batch_sizes[0]) < batch_sizes[:, None]
    row = numpy.maximum(numpy.cumsum(there) - 1, 0).reshape(there.shape)
    x = np.take(data, Tensor(row), axis=0)
    return np.where(Tensor(there.reshape(*there.shape, *[1] * (data.ndim - 1))), x, 0)


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """The padded batch (T, N, *any) and the lengths (N,), in the order before packing.

    total_length: T, at least the longest length, or ValueError.
    """
    sizes = sequence.batch_sizes.array
    if total_length is not None and total_length < len(sizes):
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but "
            f"got total_length={total_length} and max sequence length being {len(sizes)}"
        )
    lengths = (sizes[:, None] > numpy.arange(sizes[0])).sum(axis=0)
    x = padded(sequence.data, sizes)
    if total_length is not None:
        x = np.pad(x, [(0, total_length - len(sizes)), *[(0, 0)] * (x.ndim - 1)])
    if padding_value:
        there = numpy.arange(x.shape[0])[:, None] < lengths
        x = np.where(Tensor(there.reshape(*there.shape, *[1] * (x.ndim - 2))), x, padding_value)
    if sequence.unsorted_indices is not None:
        x = np.take(x, sequence.unsorted_indices, axis=1)
        lengths = lengths[sequence.unsorted_indices.array]
    return (np.swapaxes(x, 0, 1) if batch_first else x), Tensor(lengths)


def pad_sequence(
    sequences: Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Sequences (length, *any) padded to one length T and put together: (T, N, *any).

    batch_first: (N, T, *any). padding_side: "right" or "left", where the padding goes.
    """
    given = list(sequences)
    if not given:
        raise RuntimeError("pad_sequence: expected at least one sequence, got none")
    if padding_side not in ("left", "right"):
        raise ValueError(f"padding_side should be either 'right' or 'left', got {padding_side!r}")
    longest = max(s.shape[0] for s in given)
    rows = []
    for s in given:
        more = longest - s.shape[0]
        ends = (0, more) if padding_side == "right" else (more, 0)
        rims = [ends, *[(0, 0)] * (s.ndim - 1)]
        rows.append(np.pad(s, rims, constant_values=padding_value) if more else s)
    return np.stack(rows, axis=0 if batch_first else 1)


def unpad_sequence(
    padded_sequences: Tensor,
    lengths: Tensor,
    batch_first: bool = False,
) -> list[Tensor]:
    """The sequences of a padded batch, each with its own length."""
    x = padded_sequences if batch_first else np.swapaxes(padded_sequences, 0, 1)
    return [x[i, :length] for i, length in enumerate(lengths.tolist())]


def pack_sequence(sequences: Iterable[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Sequences (length, *any) packed, from the longest to the shortest."""
    given = list(sequences)
    lengths = [s.shape[0] for s in given]
    return pack_padded_sequence(pad_sequence(given), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences that were packed, in their order."""
    padded_sequences, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded_sequences, lengths, batch_first=True)
