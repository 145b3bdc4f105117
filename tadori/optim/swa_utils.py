"""Means of models: of the places that training passed, and the rates that go with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any, Literal

import numpy

from ..autograd.mode import no_grad
from ..nn.module import Module
from ..nn.normalization import BatchNorm
from ..tensor import Tensor
from .lr_scheduler.scheduler import LRScheduler, per_group
from .optimizer import Optimizer

Average = Callable[[Tensor, Tensor, Any], Tensor]
Averages = Callable[[list[Tensor], list[Tensor], Any], None]


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """The exponential moving mean: mean ← decay mean + (1 − decay) p."""
    if not 0 <= decay <= 1:
        raise ValueError(
            f"Invalid decay value {decay} provided. Please provide a value in [0,1] range."
        )

    def ema_update(mean: Tensor, p: Tensor, count: Any) -> Tensor:
        return mean * decay + p * (1 - decay)

    return no_grad()(ema_update)


def get_swa_avg_fn() -> Average:
    """The mean of all: mean ← mean + (p − mean) / (n + 1), after n of them."""

    def swa_update(mean: Tensor, p: Tensor, count: Any) -> Tensor:
        return mean + (p - mean) / (count + 1)

    return no_grad()(swa_update)


def of_lists(average: Average) -> Averages:
    """The same for lists of tensors, in place."""

    def update(means: list[Tensor], parameters: list[Tensor], count: Any) -> None:
        for mean, p in zip(means, parameters):
            mean.copy_(average(mean, p, count))

    return no_grad()(update)


def get_ema_multi_avg_fn(decay: float = 0.999) -> Averages:
    """`get_ema_avg_fn` for lists of tensors, in place."""
    return of_lists(get_ema_avg_fn(decay))


def get_swa_multi_avg_fn() -> Averages:
    """`get_swa_avg_fn` for lists of tensors, in place."""
    return of_lists(get_swa_avg_fn())


class AveragedModel(Module):
    """A copy of a model whose parameters are the mean of those at each `update_parameters`.

    By default the mean of all (Izmailov et al., "Averaging weights leads to wider optima", 2018);
    avg_fn(mean, parameter, number of updates) gives another one, multi_avg_fn one of lists, in
    place. use_buffers: buffers are averaged too; otherwise they are those of the model.
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: Averages | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", Tensor(numpy.zeros((), numpy.int64)))
        self.avg_fn, self.multi_avg_fn = avg_fn, multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the averaged model computes."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the parameters of `model` into the mean."""
        means = [p.detach() for p in self.module.parameters()]
        given = [p.detach() for p in model.parameters()]
        kept = [b.detach() for b in self.module.buffers()]
        buffers = [b.detach() for b in model.buffers()]
        if self.use_buffers:
            means, given = means + kept, given + buffers
        with no_grad():
            if not self.n_averaged.item():
                take(means, given)
            elif self.avg_fn is not None:
                of_lists(self.avg_fn)(means, given, self.n_averaged)
            else:
                (self.multi_avg_fn or get_swa_multi_avg_fn())(means, given, self.n_averaged)
            if not self.use_buffers:
                take(kept, buffers)
            self.n_averaged.add_(1)


def take(targets: list[Tensor], sources: list[Tensor]) -> None:
    """Write each source into its target."""
    for target, source in zip(targets, sources, strict=True):
        target.copy_(source)


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the running statistics of all batch norms anew, in one pass over the data.

    An item of `loader` is a batch, or a list or tuple that begins with one.
    """
    momenta = {m: m.momentum for m in model.modules() if isinstance(m, BatchNorm)}
    if not momenta:
        return
    training = model.training
    model.train()
    for module in momenta:
        module.reset_running_stats()
        module.momentum = None  # the mean over all batches
    with no_grad():
        for batch in loader:
            x = batch[0] if isinstance(batch, list | tuple) else batch
            model(x if device is None else x.to(device))
    for module, momentum in momenta.items():
        module.momentum = momentum
    model.train(training)


class SWALR(LRScheduler):
    """Rates that go to `swa_lr` in `anneal_epochs` epochs, along a cosine or a line, and stay.

    swa_lr: one for all groups, or one for each. Raises ValueError for another strategy than "cos"
    or "linear".
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        last_epoch: int = -1,
    ) -> None:
        for lr, group in zip(per_group("swa_lr", optimizer, swa_lr), optimizer.param_groups):
            group["swa_lr"] = lr
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy!r}"
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self.anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _share(self, step: float) -> float:
        """How much of `swa_lr` there is at a step."""
        t = max(0, min(1, step / max(1, self.anneal_epochs)))
        return (1 - math.cos(math.pi * t)) / 2 if self.anneal_strategy == "cos" else t

    def get_lr(self) -> list[float]:
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group, lr in zip(self.optimizer.param_groups, self.current()):
            end = group["swa_lr"]
            begin = end if before == 1 else (lr - before * end) / (1 - before)
            rates.append(end * now + begin * (1 - now))
        return rates
