"""Making a batch of a dataset, on request; and what a process that does so knows of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from .collate import default_collate
from .dataset import examples, gathered

if TYPE_CHECKING:
    from .loader import DataLoader


class End:
    """In the place of a batch, the class itself: an iterable dataset has come to its end."""


class Fetch:
    """Makes batches of a dataset on request; an iterable one it goes through once."""

    def __init__(self, loader: DataLoader) -> None:
        self.dataset = loader.dataset
        self.collate = loader.collate_fn
        self.batched = loader.batch_sampler is not None
        self.drop_last = loader.drop_last
        self.iterable = loader.iterable
        self.stream: Iterator[Any] | None = None

    def restart(self) -> None:
        """Begin a new epoch."""
        self.stream = None

    def __call__(self, request: Any) -> Any:
        """The batch of the examples with these numbers, or the example with this one; or End."""
        if not self.iterable:
            return self.numbered(request)
        if self.stream is None:
            self.stream = iter(self.dataset)
        wanted = len(request) if self.batched else 1
        items = list(islice(self.stream, wanted))
        if not items or (self.drop_last and len(items) < wanted):
            return End
        return self.collate(items if self.batched else items[0])

    def numbered(self, request: Any) -> Any:
        """The batch of a dataset whose examples have numbers."""
        if not self.batched:
            return self.collate(self.dataset[request])
        if self.collate is default_collate:
            whole = gathered(self.dataset, request)
            if whole is not None:
                return whole
        return self.collate(examples(self.dataset, request))


@dataclass(frozen=True)
class WorkerInfo:
    """Which worker this process is: its number, how many there are, its seed, its dataset."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


_info: WorkerInfo | None = None


def become_worker(info: WorkerInfo) -> None:
    """Let this process be a worker."""
    global _info
    _info = info


def get_worker_info() -> WorkerInfo | None:
    """What a worker process knows of itself; None in the main process."""
    return _info
