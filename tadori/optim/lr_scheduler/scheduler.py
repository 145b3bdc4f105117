"""The base of the schedulers, and of those that multiply the rate by a factor."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import FunctionType
from typing import Any

from ...autograd.hooks import observers, tell
from ...tensor import Tensor
from ..optimizer import Optimizer, number

Lambda = Callable[[int], float]


class LRScheduler:
    """Learning rates that change with the epoch (or the step: whatever calls of `step` count).

    A schedule is a subclass with the method `get_lr`. `last_epoch` is the epoch the rates are for;
    making a scheduler sets the rates of epoch 0. To resume without a saved state, give the last
    epoch that is done; the groups must then have their `initial_lr`, or KeyError is raised.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", number(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming a "
                    "scheduler with last_epoch >= 0. Remedy: load the optimizer's state first"
                )
        self.base_lrs = [number(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self) -> None:
        """Set the rates of the first epoch."""
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def get_lr(self) -> list[float]:
        """The groups' rates at `last_epoch`, computed from their present ones."""
        raise NotImplementedError(f"{type(self).__name__} must define get_lr")

    def lr_after_jump(self) -> list[float]:
        """The groups' rates at `last_epoch` when the epoch before was another."""
        return self.get_lr()

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch, or jump to `epoch`, and set its rates; after `optimizer.step()`."""
        if self._step_count == 1:
            self._check_order()
        self._step_count += 1
        self._go_to(epoch)

    def _check_order(self) -> None:
        if not self.optimizer.stepped:
            warnings.warn(
                "lr_scheduler.step() was called before optimizer.step(): the first value of the "
                "schedule is skipped. Remedy: call optimizer.step() first",
                UserWarning,
                stacklevel=3,
            )

    def _go_to(self, epoch: int | None) -> None:
        before = self.current()
        if epoch is None:
            self.last_epoch += 1
            rates = self.get_lr()
        else:
            self.last_epoch = epoch
            rates = self.lr_after_jump()
        for group, lr in zip(self.optimizer.param_groups, rates):
            put(group, lr)
        self._last_lr = self.current()
        if observers:
            tell("schedule", self, before=before, after=self._last_lr)

    def current(self) -> list[float]:
        """The rates that stand in the optimizer's groups."""
        return [number(group["lr"]) for group in self.optimizer.param_groups]

    def get_last_lr(self) -> list[float]:
        """The rates that this scheduler set last."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """All that this scheduler is, save for the optimizer; of callables, their attributes."""
        state = {name: value for name, value in vars(self).items() if name != "optimizer"}
        return {name: state_of(value) for name, value in state.items()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave. Functions are not saved: this scheduler has them."""
        for name, value in state_dict.items():
            setattr(self, name, restored(value, vars(self).get(name)))


def put(group: dict[str, Any], lr: float) -> None:
    """Set a group's rate; a Tensor is written, so that who holds it sees it."""
    if isinstance(group["lr"], Tensor):
        group["lr"].detach().fill_(lr)
    else:
        group["lr"] = lr


class FactorLR(LRScheduler):
    """Schedules that multiply each group's rate by a factor, from epoch to epoch."""

    def factor_now(self) -> float:
        """The rate at `last_epoch` over the rate one epoch before."""
        raise NotImplementedError

    def factor_from_start(self) -> float:
        """The rate at `last_epoch` over the initial one."""
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        factor = self.factor_now()
        return [lr * factor for lr in self.current()]

    def lr_after_jump(self) -> list[float]:
        factor = self.factor_from_start()
        return [lr * factor for lr in self.base_lrs]


def state_of(value: Any) -> Any:
    """What is saved of an attribute: of a callable object its attributes, of a function nothing."""
    if isinstance(value, list):
        return [state_of(x) for x in value]
    if isinstance(value, LRScheduler):
        return value.state_dict()
    if isinstance(value, FunctionType):
        return None
    return dict(attributes(value)) if callable(value) else value


def restored(saved: Any, present: Any) -> Any:
    """The attribute that `state_of` saved; schedulers and callables are those at hand, with it."""
    if isinstance(present, LRScheduler):
        present.load_state_dict(saved)
        return present
    if callable(present):
        attributes(present).update(saved or {})
        return present
    if isinstance(present, list) and any(map(callable_or_scheduler, present)):
        return [restored(x, y) for x, y in zip(saved, present)]
    return list(saved) if isinstance(saved, list) else saved


def attributes(function: Any) -> dict[str, Any]:
    """The attributes of a callable; built-in ones have none."""
    return getattr(function, "__dict__", {})


def callable_or_scheduler(x: Any) -> bool:
    """Whether `x` is one of the things that are not saved whole."""
    return callable(x) or isinstance(x, LRScheduler)


def per_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """`value`, one for all groups or one for each, as a list; ValueError for another number."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups: it has {len(value)} "
            f"values, there are {groups} groups"
        )
    return list(value)
