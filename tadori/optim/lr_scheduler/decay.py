"""Schedules without a cycle: steps, powers, lines, or any function of the epoch."""

from __future__ import annotations

from collections.abc import Iterable

from ..optimizer import Optimizer
from .scheduler import FactorLR, Lambda, LRScheduler, per_group


class LambdaLR(LRScheduler):
    """lr = initial lr · f(epoch), with one function f for all groups or a list, one for each."""

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Lambda | list[Lambda], last_epoch: int = -1
    ) -> None:
        self.lr_lambdas: list[Lambda] = per_group("lr_lambda", optimizer, lr_lambda)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return [lr * f(self.last_epoch) for lr, f in zip(self.base_lrs, self.lr_lambdas)]


class MultiplicativeLR(LRScheduler):
    """lr ← lr · f(epoch) from epoch 1 on, with one function f for all groups or one for each."""

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Lambda | list[Lambda], last_epoch: int = -1
    ) -> None:
        self.lr_lambdas: list[Lambda] = per_group("lr_lambda", optimizer, lr_lambda)
        for f in self.lr_lambdas:
            if not callable(f):
                raise TypeError(f"lr_lambda should be a function, but got {type(f).__name__}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self._is_initial:
            return self.current()
        return [lr * f(self.last_epoch) for lr, f in zip(self.current(), self.lr_lambdas)]


class StepLR(FactorLR):
    """lr ← lr · gamma every `step_size` epochs."""

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor_now(self) -> float:
        due = self.last_epoch > 0 and self.last_epoch % self.step_size == 0
        return self.gamma if due else 1.0

    def factor_from_start(self) -> float:
        return self.gamma ** (self.last_epoch // self.step_size)


class MultiStepLR(FactorLR):
    """lr ← lr · gamma at each epoch of `milestones`; one that stands there twice counts twice."""

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = sorted(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor_now(self) -> float:
        return self.gamma ** self.milestones.count(self.last_epoch)

    def factor_from_start(self) -> float:
        return self.gamma ** sum(epoch <= self.last_epoch for epoch in self.milestones)


class ExponentialLR(FactorLR):
    """lr ← lr · gamma every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor_now(self) -> float:
        return 1.0 if self._is_initial else self.gamma

    def factor_from_start(self) -> float:
        return self.gamma**self.last_epoch


class ConstantLR(FactorLR):
    """lr = initial lr · factor for `total_iters` epochs, then the initial lr. 0 <= factor <= 1."""

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(f"ConstantLR: factor must be between 0 and 1, got {factor}")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def factor_now(self) -> float:
        if self.last_epoch == 0:
            return self.factor
        return 1 / self.factor if self.last_epoch == self.total_iters else 1.0

    def factor_from_start(self) -> float:
        return 1.0 if self.last_epoch >= self.total_iters else self.factor


class LinearLR(FactorLR):
    """The initial lr times a factor: from `start_factor` to `end_factor` in `total_iters` epochs.

    0 < start_factor <= 1, 0 <= end_factor <= 1, or ValueError.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(f"LinearLR: start_factor must be in (0, 1], got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: end_factor must be in [0, 1], got {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def factor_now(self) -> float:
        if self.last_epoch == 0:
            return self.start_factor
        if self._is_initial or self.last_epoch > self.total_iters:
            return 1.0
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
        return 1 + rise / before

    def factor_from_start(self) -> float:
        part = min(self.last_epoch, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * part


class PolynomialLR(FactorLR):
    """lr = initial lr · (1 − epoch / total_iters)^power, which is 0 from `total_iters` on."""

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def factor_now(self) -> float:
        if self._is_initial or self.last_epoch > self.total_iters:
            return 1.0
        left = self.total_iters - self.last_epoch
        return (left / (left + 1)) ** self.power

    def factor_from_start(self) -> float:
        return (1 - min(self.last_epoch, self.total_iters) / self.total_iters) ** self.power
