"""Several schedules: one after the other, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from ..optimizer import Optimizer
from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler


class SequentialLR(LRScheduler):
    """One schedule after the other: the next takes over, at its epoch 0, at each of `milestones`.

    There is one milestone less than schedulers, or ValueError.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        check_schedulers("SequentialLR", optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "SequentialLR expects one scheduler more than milestones, but got "
                f"{len(schedulers)} schedulers and {len(milestones)} milestones"
            )
        self.optimizer = optimizer
        self._schedulers = list(schedulers)
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        # Making the schedulers has set each one's first rates: undo that, and let the first begin.
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        undo(self._schedulers)
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Let the scheduler whose turn it is go to its next epoch."""
        self.last_epoch += 1
        turn = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[turn]
        if turn > 0 and self._milestones[turn - 1] == self.last_epoch:
            scheduler._go_to(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(LRScheduler):
    """Several schedules at once: each changes the rates that the one before it has set."""

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        if len(schedulers) > 0:
            optimizer = optimizer or schedulers[0].optimizer
        check_schedulers("ChainedScheduler", optimizer, schedulers)
        self.optimizer = schedulers[0].optimizer
        self._schedulers = list(schedulers)
        self._last_lr = self.current()

    def step(self) -> None:  # type: ignore[override]
        """Let every scheduler go to its next epoch, in order."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = self.current()

    def _go_to(self, epoch: int | None) -> None:
        for scheduler in self._schedulers:
            scheduler._go_to(epoch)
        self._last_lr = self.current()


def undo(schedulers: Sequence[LRScheduler]) -> None:
    """Take back one epoch of each scheduler, of combined ones inside too."""
    for scheduler in schedulers:
        inner = getattr(scheduler, "_schedulers", None)
        if inner is None:
            scheduler.last_epoch -= 1
        else:
            undo(inner)


def check_schedulers(
    name: str, optimizer: Optimizer | None, schedulers: Sequence[LRScheduler]
) -> None:
    """Raise for no schedulers, for one of another optimizer, and for one that needs a metric."""
    if len(schedulers) < 1:
        raise ValueError(f"{name} expects at least one scheduler, but got no scheduler.")
    for i, scheduler in enumerate(schedulers):
        if not hasattr(scheduler, "optimizer"):
            raise TypeError(f"{name} at index {i} should have `optimizer` as its attribute.")
        if isinstance(scheduler, ReduceLROnPlateau):
            raise ValueError(f"{name}: ReduceLROnPlateau (index {i}) needs a metric at each step")
        if scheduler.optimizer is not optimizer:
            raise ValueError(
                f"{name} expects all schedulers to belong to the same optimizer; "
                f"{type(scheduler).__name__} at index {i} has another"
            )
