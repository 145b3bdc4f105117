"""DataLoader: batches of a dataset, in an order, through one epoch after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

from ...autograd.hooks import observers, tell
from ...random import Generator, default_generator
from ...tensor import Tensor
from .collate import default_collate, default_convert
from .dataset import IterableDataset
from .fetch import End, Fetch
from .sampler import BatchSampler, RandomSampler, SequentialSampler, draw_seed

if TYPE_CHECKING:
    from .worker import Workers

Collate = Callable[[Any], Any]


@dataclass
class Position:
    """Where an epoch stands: the random states before its first draw, and the batches it gave."""

    states: list[Tensor]
    delivered: int = 0


class DataLoader:
    """Batches of a dataset: `for x, t in DataLoader(dataset, batch_size=32, shuffle=True)`.

    The order is that of `sampler` (numbers of examples) or `batch_sampler` (lists of them), is
    random with `shuffle`, else 0, 1, 2, ...; with `batch_size=None` examples come one by one.
    `collate_fn` makes a batch of a list of examples. With `num_workers`, that many processes fetch
    ahead, `prefetch_factor` batches each, and the order stays the same. Random numbers are drawn
    from `generator`, or the default one, as PyTorch draws them.

    `state_dict` holds the place in the epoch; see there. `pin_memory` is accepted without effect.
    Raises ValueError for options that exclude each other.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[list[int]] | None = None,
        num_workers: int = 0,
        collate_fn: Collate | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
    ) -> None:
        self.dataset = dataset
        self.iterable = isinstance(dataset, IterableDataset)
        self.num_workers = num_workers
        self.pin_memory = pin_memory
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.prefetch_factor = prefetch_factor or 2
        self.persistent_workers = persistent_workers
        self._check_workers(prefetch_factor)
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, "
                    "and drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None disables batching and is mutually exclusive with drop_last"
            )
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if self.iterable:
            if shuffle or sampler is not None or batch_sampler is not None:
                raise ValueError(
                    "DataLoader with IterableDataset: its order is its own; it takes no shuffle, "
                    "sampler or batch_sampler"
                )
            sampler = repeat(0)  # asks for one more example, again and again
        elif sampler is None:
            in_order = SequentialSampler(dataset)
            sampler = RandomSampler(dataset, generator=generator) if shuffle else in_order
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.generator = generator
        batched = batch_sampler is not None
        self.collate_fn = collate_fn or (default_collate if batched else default_convert)
        self._position: Position | None = None
        self._loaded: dict[str, Any] | None = None
        self._workers: Workers | None = None

    def _check_workers(self, prefetch_factor: int | None) -> None:
        if self.num_workers < 0:
            raise ValueError(f"num_workers option should be non-negative, got {self.num_workers}")
        if self.timeout < 0:
            raise ValueError(f"timeout option should be non-negative, got {self.timeout}")
        if prefetch_factor is not None and prefetch_factor <= 0:
            raise ValueError(f"prefetch_factor option should be positive, got {prefetch_factor}")
        needy = {
            "prefetch_factor": prefetch_factor,
            "persistent_workers": self.persistent_workers,
            "multiprocessing_context": self.multiprocessing_context,
            "timeout": self.timeout,
        }
        for name, value in needy.items():
            if value and self.num_workers == 0:
                raise ValueError(f"{name} option needs num_workers > 0")

    @property
    def requests(self) -> Iterable[Any]:
        """What is asked of the dataset: lists of numbers or, where no batches are made, numbers."""
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def __len__(self) -> int:
        if not self.iterable:
            return len(self.requests)  # type: ignore[arg-type]
        if self.batch_size is None:
            return len(self.dataset)
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full if self.drop_last or rest == 0 else full + 1

    def __iter__(self) -> Iterator[Any]:
        before = default_generator.get_state()
        skip = self._resume()
        position = self._position = Position(self._random_states(), skip)
        seed = draw_seed(self.generator)
        requests = iter(self.requests)
        if self.num_workers > 0:
            batches = self._start_workers(seed).run(requests)
        else:
            if not self.iterable:  # what was delivered need not be fetched again
                drop(requests, skip)
            batches = self._fetch(requests)
        if self.num_workers > 0 or self.iterable:
            drop(batches, skip)
        if skip > 0:
            default_generator.set_state(before)
        return self._deliver(batches, position)

    def _fetch(self, requests: Iterator[Any]) -> Iterator[Any]:
        """The batches, made in this process."""
        fetch = Fetch(self)
        for request in requests:
            batch = fetch(request)
            if batch is End:
                return
            yield batch

    def _start_workers(self, seed: int) -> Workers:
        from .worker import Workers  # multiprocessing is loaded only where it is used

        if self._workers is None or not self.persistent_workers:
            self._workers = Workers(self, seed)
        return self._workers

    def _deliver(self, batches: Iterator[Any], position: Position) -> Iterator[Any]:
        for batch in batches:
            position.delivered += 1
            if observers:
                tell("batch", self, batch=batch, number=position.delivered)
            yield batch
        if self._position is position:
            self._position = None

    # The place in an epoch.

    def _generators(self) -> list[Generator]:
        """The default generator, and those of the loader and its samplers."""
        inner = getattr(self.batch_sampler, "sampler", None)
        owners = (self, self.batch_sampler, self.sampler, inner)
        found = [default_generator]
        for owner in owners:
            generator = getattr(owner, "generator", None)
            if isinstance(generator, Generator) and generator not in found:
                found.append(generator)
        return found

    def _random_states(self) -> list[Tensor]:
        return [generator.get_state() for generator in self._generators()]

    def _resume(self) -> int:
        """Go back to the start of a loaded epoch, and say how many batches it has delivered."""
        loaded, self._loaded = self._loaded, None
        if loaded is None:
            return 0
        pairs = list(zip(self._generators(), loaded["generators"]))
        # Between two epochs, the default generator goes on from where the program has set it.
        for generator, state in pairs if loaded["delivered"] else pairs[1:]:
            generator.set_state(state)
        return int(loaded["delivered"])

    def state_dict(self) -> dict[str, Any]:
        """The place in the present epoch: what the next iteration needs to go on from here.

        It holds the number of batches delivered, and the random states before the epoch's first
        draw. The default generator's own state belongs in the same checkpoint: what comes after
        the order (dropout, random changes of examples) is drawn from it.
        """
        if self._loaded is not None:
            return dict(self._loaded)
        position = self._position or Position(self._random_states())
        return {"delivered": position.delivered, "generators": list(position.states)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Let the next iteration go on where `state_dict` was taken, with the rest of that epoch.

        The order is drawn again, and what was delivered is skipped; by workers and by iterable
        datasets it is fetched again and dropped, so that their own random states come out right.
        """
        if len(state_dict["generators"]) != len(self._generators()):
            raise ValueError(
                "DataLoader: the saved state has the random states of "
                f"{len(state_dict['generators'])} generators, this loader has "
                f"{len(self._generators())}. Remedy: make it with the same sampler and generator"
            )
        self._loaded = dict(state_dict)


def drop(iterator: Iterator[Any], count: int) -> None:
    """Take `count` things and forget them."""
    for _ in islice(iterator, count):
        pass
