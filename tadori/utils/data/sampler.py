"""Samplers: in which order the examples of a dataset are taken, and which make a batch.

Random ones draw what PyTorch's draw, in the same order: a seed gives PyTorch's batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any

import numpy as np

from ...random import Generator, multinomial, randint, randperm
from ...tensor import Tensor


class Sampler:
    """An iterable of the numbers of examples: a subclass defines `__iter__`, and `__len__`."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__")


class SequentialSampler(Sampler):
    """0, 1, 2, ..."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """All numbers in random order; or, with `replacement`, `num_samples` numbers drawn one by one.

    Without `generator`, each iteration has one of its own, whose seed the default generator draws.
    More samples than examples, without replacement, are several orders one after the other.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got {replacement!r}")
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        check_positive(num_samples=self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many numbers an iteration gives: those asked for, or one for each example."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        n, total = len(self.data_source), self.num_samples
        generator = self.generator or Generator().manual_seed(draw_seed())
        if self.replacement:
            for begin in range(0, total, 32):
                yield from randint(n, (min(total - begin, 32),), generator=generator).tolist()
            return
        # One order more than needed, as PyTorch does: the generator's next numbers depend on it.
        for begin in range(0, total - total % n + n, n):
            yield from randperm(n, generator=generator).tolist()[: max(0, total - begin)]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """The numbers of `indices` in random order."""

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for i in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """`num_samples` numbers, i with a probability proportional to `weights[i]`."""

    def __init__(
        self,
        weights: Any,
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        check_positive(num_samples=num_samples)
        check_boolean(replacement=replacement)
        self.weights = Tensor(np.asarray(weights, dtype=np.float64))
        if self.weights.ndim != 1:
            raise ValueError(
                f"weights should be a 1d sequence, but got {tuple(self.weights.shape)}"
            )
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        numbers = multinomial(
            self.weights, self.num_samples, self.replacement, generator=self.generator
        )
        yield from numbers.tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of `batch_size` numbers of another sampler; the last may be shorter, or is dropped."""

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        check_positive(batch_size=batch_size)
        check_boolean(drop_last=drop_last)
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        numbers = iter(self.sampler)
        while batch := list(islice(numbers, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        full, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]
        return full if self.drop_last or rest == 0 else full + 1


def draw_seed(generator: Generator | None = None) -> int:
    """A seed drawn from a generator, the default one if none is given: 63 bits."""
    return int(Tensor(np.zeros((), np.int64)).random_(generator=generator).item())


def check_positive(**options: Any) -> None:
    """Raise ValueError for what is not a positive integer."""
    for name, value in options.items():
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise ValueError(f"{name} should be a positive integer value, but got {name}={value!r}")


def check_boolean(**options: Any) -> None:
    """Raise ValueError for what is neither True nor False."""
    for name, value in options.items():
        if not isinstance(value, bool):
            raise ValueError(f"{name} should be a boolean value, but got {name}={value!r}")
