"""Datasets: examples by number, or one after the other; parts and sums of them."""

from __future__ import annotations

import math
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from ...random import Generator, randperm
from ...tensor import Tensor


class Dataset:
    """Examples by number: a subclass defines `__getitem__(index)`, and `__len__` for most samplers.

    With `__getitems__(indices)`, a list of examples, a loader asks for a whole batch at once.
    """

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """Examples one after the other: a subclass defines `__iter__`.

    With several workers each has a copy of its own: `get_worker_info()` tells which part to give.
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__")

    def __add__(self, other: Dataset) -> ChainDataset:  # type: ignore[override]
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    """Example i is the tuple of the i-th rows of some tensors; ValueError if lengths differ."""

    def __init__(self, *tensors: Tensor) -> None:
        if len({len(tensor) for tensor in tensors}) != 1:
            shapes = ", ".join(str(tuple(tensor.shape)) for tensor in tensors)
            raise ValueError(f"TensorDataset: the tensors must have as many rows: {shapes}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(row(tensor, index) for tensor in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


def row(tensor: Tensor, index: Any) -> Tensor:
    """`tensor[index]`. Data have no history: then no operation is recorded, which is quicker."""
    if tensor.requires_grad or not isinstance(index, int | slice):
        return tensor[index]
    return Tensor(tensor.array[index])


class StackDataset(Dataset):
    """Example i is the tuple (or, of named datasets, the dict) of the i-th examples of each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and kwargs:
            raise ValueError("StackDataset: give all datasets by position, or all by name")
        self.datasets: Any = args or kwargs
        lengths = [len(dataset) for dataset in args or kwargs.values()]
        if not lengths:
            raise ValueError("StackDataset: at least one dataset is needed")
        if len(set(lengths)) > 1:
            raise ValueError(f"StackDataset: the datasets have different lengths: {lengths}")
        self.length = lengths[0]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self) -> int:
        return self.length


class ConcatDataset(Dataset):
    """The examples of the first dataset, then those of the second, and so on."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: at least one dataset is needed")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise ValueError("ConcatDataset does not support IterableDataset. Remedy: ChainDataset")
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            raise IndexError(f"ConcatDataset: index {index} of {len(self)} examples")
        index %= len(self)
        number = bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[number - 1] if number > 0 else 0
        return self.datasets[number][index - before]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


class ChainDataset(IterableDataset):
    """Iterable datasets, one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not all(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise ValueError("ChainDataset only supports IterableDataset. Remedy: ConcatDataset")

    def __iter__(self) -> Iterator[Any]:
        for dataset in self.datasets:
            yield from dataset

    def __len__(self) -> int:
        return sum(map(len, self.datasets))


class Subset(Dataset):
    """The examples of a dataset that have these numbers, in this order."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: list[int]) -> list[Any]:
        return examples(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


def examples(dataset: Any, indices: list[int]) -> list[Any]:
    """The examples with these numbers: at once, if the dataset can."""
    at_once = getattr(dataset, "__getitems__", None)
    return at_once(indices) if callable(at_once) else [dataset[i] for i in indices]


def gathered(dataset: Any, indices: list[int]) -> list[Tensor] | None:
    """The batch that `default_collate` makes of these examples, at once; None if it cannot be.

    Rows of tensors need not be taken one by one and stacked again, which takes ten times as long.
    Only the two classes of this file: a subclass may have another idea of its examples.
    """
    if type(dataset) is Subset:
        return gathered(dataset.dataset, [dataset.indices[i] for i in indices])
    if type(dataset) is TensorDataset and not any(x.requires_grad for x in dataset.tensors):
        return [Tensor(x.array[indices]) for x in dataset.tensors]
    return None


def random_split(
    dataset: Any, lengths: Sequence[int | float], generator: Generator | None = None
) -> list[Subset]:
    """Random parts of a dataset that do not overlap, of these lengths.

    Fractions that sum to 1 are rounded down, and what is left goes to the parts in turn. Raises
    ValueError if the lengths do not sum to that of the dataset.
    """
    if sum(lengths) <= 1 and math.isclose(sum(lengths), 1):
        counts = rounded(lengths, len(dataset))
    else:
        counts = [int(length) for length in lengths]
    if sum(counts) != len(dataset):
        raise ValueError(
            f"random_split: the lengths sum to {sum(lengths)}, the dataset's is {len(dataset)}"
        )
    order = randperm(len(dataset), generator=generator).tolist()
    return [Subset(dataset, order[end - n : end]) for end, n in zip(accumulate(counts), counts)]


def rounded(fractions: Sequence[float], total: int) -> list[int]:
    """Whole numbers near these fractions of `total`, that sum to it."""
    for i, fraction in enumerate(fractions):
        if not 0 <= fraction <= 1:
            raise ValueError(f"random_split: fraction {fraction} at index {i} is not in [0, 1]")
    counts = [math.floor(total * fraction) for fraction in fractions]
    for i in range(total - sum(counts)):
        counts[i % len(counts)] += 1
    for i, count in enumerate(counts):
        if count == 0:
            warnings.warn(f"random_split: the part at index {i} is empty", stacklevel=3)
    return counts
