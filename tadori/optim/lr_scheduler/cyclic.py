"""Schedules that go up and down: cosines, triangles, one cycle."""

from __future__ import annotations

import math
from typing import Literal

from ..optimizer import Group, Optimizer
from .scheduler import Lambda, LRScheduler, per_group


class CosineAnnealingLR(LRScheduler):
    """lr = eta_min + (initial lr − eta_min) (1 + cos(π epoch / T_max)) / 2.

    It falls for `T_max` epochs, and then rises again (Loshchilov and Hutter, 2017).
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self._is_initial:
            return self.current()
        height, before = (
            1 + math.cos(math.pi * epoch / self.T_max)
            for epoch in (self.last_epoch, self.last_epoch - 1)
        )
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            # Up from the lowest point, where nothing is left to be multiplied.
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            pairs = zip(self.current(), self.base_lrs)
            return [lr + (base - self.eta_min) * rise for lr, base in pairs]
        return [height / before * (lr - self.eta_min) + self.eta_min for lr in self.current()]

    def lr_after_jump(self) -> list[float]:
        height = (1 + math.cos(math.pi * self.last_epoch / self.T_max)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine down, then up at once to the initial lr, again and again.

    After Loshchilov and Hutter (2017). The first period lasts `T_0` epochs, each further one
    `T_mult` times as long as the one before. `step(epoch)` takes fractions of epochs too.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(T_0, int) or T_0 <= 0:
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if not isinstance(T_mult, int) or T_mult < 1:
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        height = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go to the next epoch, or to `epoch`, which may be a fraction, and set its rates."""
        if epoch is not None and epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        else:
            epoch = epoch or 0
            self.T_cur, self.T_i = self.position(epoch)
        self._go_to(math.floor(epoch))

    def position(self, epoch: float) -> tuple[float, int]:
        """(epochs since the last restart, length of the present period)."""
        if epoch < self.T_0:
            return epoch, self.T_0
        if self.T_mult == 1:
            return epoch % self.T_0, self.T_0
        # n periods last T_0 (T_mult^n − 1) / (T_mult − 1) together.
        n = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
        gone = self.T_0 * (self.T_mult**n - 1) // (self.T_mult - 1)
        return epoch - gone, self.T_0 * self.T_mult**n


class MomentumCycle(LRScheduler):
    """Schedules that move momentum (of Adam and its kin, β₁) against the rate."""

    cycle_momentum: bool

    def start_momentum(
        self,
        optimizer: Optimizer,
        base: float | list[float],
        high: float | list[float],
        first: bool,
    ) -> None:
        """Note the lower and the upper momentum of each group, and begin with the upper one."""
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ValueError(
                "optimizer must support momentum or beta1 with `cycle_momentum` option enabled"
            )
        self.base_momentums = per_group("base_momentum", optimizer, base)
        self.max_momentums = per_group("max_momentum", optimizer, high)
        if first:
            momenta = zip(self.base_momentums, self.max_momentums)
            for group, (low, top) in zip(optimizer.param_groups, momenta):
                group["base_momentum"] = low
                group["max_momentum"] = top
                set_momentum(group, top)


def set_momentum(group: Group, momentum: float) -> None:
    """Set the momentum of a group, or its β₁."""
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


class CyclicLR(MomentumCycle):
    """Between `base_lr` and `max_lr` in straight lines, up and down (Smith, 2017).

    `mode`: "triangular" keeps the height, "triangular2" halves it each cycle, "exp_range"
    multiplies it by gamma^step. `scale_fn`, of the cycle's number or, with
    `scale_mode="iterations"`, of the step's, takes their place. Momentum goes the other way.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Lambda | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError(f"mode is invalid and scale_fn is None: {mode!r}")
        lower = per_group("base_lr", optimizer, base_lr)
        self.max_lrs = per_group("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, lower):
                group["lr"] = lr
        down = step_size_up if step_size_down is None else step_size_down
        self.total_size = float(step_size_up + down)
        self.step_ratio = step_size_up / self.total_size
        self.mode = mode
        self.gamma = gamma
        self.custom_scale = scale_fn
        self.scale_mode = scale_mode
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.start_momentum(optimizer, base_momentum, max_momentum, last_epoch == -1)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = lower

    def scale(self, cycle: int) -> float:
        """The height of this cycle, 1 at first."""
        if self.custom_scale is not None:
            return self.custom_scale(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "triangular":
            return 1.0
        return 0.5 ** (cycle - 1) if self.mode == "triangular2" else self.gamma**self.last_epoch

    def get_lr(self) -> list[float]:
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1 + self.last_epoch / self.total_size - cycle
        up = x <= self.step_ratio
        part = x / self.step_ratio if up else (x - 1) / (self.step_ratio - 1)
        scale = self.scale(cycle)
        if self.cycle_momentum:
            momenta = zip(self.base_momentums, self.max_momentums)
            for group, (low, top) in zip(self.optimizer.param_groups, momenta):
                set_momentum(group, top - (top - low) * part * scale)
        return [low + (top - low) * part * scale for low, top in zip(self.base_lrs, self.max_lrs)]


class OneCycleLR(MomentumCycle):
    """Up to `max_lr` in the part `pct_start` of all steps, then down to almost nothing.

    After Smith and Topin (2018): from max_lr / div_factor to max_lr, then to the first divided by
    final_div_factor, along half a cosine or a line; with `three_phase`, back to the first before
    that. Momentum goes the other way. Give `total_steps`, or `epochs` and `steps_per_epoch`; a step
    beyond raises ValueError.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.total_steps = count_steps(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self.pct_start = pct_start
        self.anneal_strategy = anneal_strategy
        self.three_phase = three_phase
        tops = per_group("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, top in zip(optimizer.param_groups, tops):
                group["initial_lr"] = top / div_factor
                group["max_lr"] = top
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.start_momentum(optimizer, base_momentum, max_momentum, last_epoch == -1)
        super().__init__(optimizer, last_epoch)

    def phases(self) -> list[tuple[float, str, str, str, str]]:
        """(last step, rate at the start, at the end, momentum at the start, at the end) of each."""
        peak = self.pct_start * self.total_steps
        end = float(self.total_steps - 1)
        up = (peak - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if not self.three_phase:
            return [up, (end, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        down = (2 * peak - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum")
        return [up, down, (end, "initial_lr", "min_lr", "max_momentum", "max_momentum")]

    def anneal(self, start: float, end: float, part: float) -> float:
        """From `start` to `end`, of which the part `part` in [0, 1] is gone."""
        if self.anneal_strategy == "linear":
            return start + (end - start) * part
        return end + (start - end) / 2 * (1 + math.cos(math.pi * part))

    def get_lr(self) -> list[float]:
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"Tried to step {self.last_epoch} times. "
                f"The specified number of total steps is {self.total_steps}"
            )
        phases = self.phases()
        ends = [phase[0] for phase in phases]
        i = next((i for i, end in enumerate(ends) if self.last_epoch <= end), len(ends) - 1)
        end, lr_start, lr_end, momentum_start, momentum_end = phases[i]
        start = ends[i - 1] if i > 0 else 0.0
        part = (self.last_epoch - start) / (end - start)
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self.anneal(group[lr_start], group[lr_end], part))
            if self.cycle_momentum:
                set_momentum(group, self.anneal(group[momentum_start], group[momentum_end], part))
        return rates


def count_steps(total: int | None, epochs: int | None, per_epoch: int | None) -> int:
    """The number of steps of a cycle, given in one of two ways; ValueError if in none."""
    given = {"total_steps": total}
    if total is None:
        given = {"epochs": epochs, "steps_per_epoch": per_epoch}
    product = 1
    for name, number in given.items():
        if number is None:
            raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        if not isinstance(number, int) or number <= 0:
            raise ValueError(f"Expected positive integer {name}, but got {number}")
        product *= number
    return product
