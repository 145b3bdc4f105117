"""Learning rate schedules: PyTorch's curves, also after a pause."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tadori import Tensor, optim
from tadori.optim import lr_scheduler

EPOCHS = 100
RATES = [0.1, 0.03]


class Halving:
    """A schedule that is an object: its attributes are saved."""

    def __init__(self, every: int) -> None:
        self.every = every

    def __call__(self, epoch: int) -> float:
        return 0.5 ** (epoch // self.every)


def build(name: str, **options: Any) -> Callable[[Any, Any], Any]:
    return lambda module, optimizer: getattr(module, name)(optimizer, **options)


def sequence(module: Any, optimizer: Any) -> Any:
    parts = [
        module.LinearLR(optimizer, 0.1, total_iters=10),
        module.CosineAnnealingLR(optimizer, 40),
        module.ConstantLR(optimizer, 0.25, total_iters=20),
        module.CosineAnnealingWarmRestarts(optimizer, 7),
        module.StepLR(optimizer, 3, gamma=0.8),
    ]
    return module.SequentialLR(optimizer, parts, [10, 50, 60, 80])


def chain(module: Any, optimizer: Any) -> Any:
    parts = [
        module.ConstantLR(optimizer, 0.5, total_iters=7),
        module.ExponentialLR(optimizer, 0.97),
        module.MultiStepLR(optimizer, [30, 60]),
        module.MultiplicativeLR(optimizer, lambda epoch: 1.01),
    ]
    return module.ChainedScheduler(parts, optimizer)


CURVES: dict[str, Callable[[Any, Any], Any]] = {
    "lambda": build("LambdaLR", lr_lambda=lambda epoch: 0.95**epoch),
    "lambdas": build("LambdaLR", lr_lambda=[Halving(7), lambda epoch: 1 / (1 + epoch)]),
    "multiplicative": build("MultiplicativeLR", lr_lambda=lambda epoch: 0.9 + 0.001 * epoch),
    "multiplicatives": build("MultiplicativeLR", lr_lambda=[Halving(40), lambda epoch: 0.99]),
    "step": build("StepLR", step_size=7),
    "step, gamma": build("StepLR", step_size=30, gamma=0.5),
    "multistep": build("MultiStepLR", milestones=[60, 20, 20, 80], gamma=0.3),
    "constant": build("ConstantLR"),
    "constant, factor": build("ConstantLR", factor=0.5, total_iters=30),
    "linear": build("LinearLR"),
    "linear, down": build("LinearLR", start_factor=0.9, end_factor=0.0, total_iters=33),
    "exponential": build("ExponentialLR", gamma=0.93),
    "polynomial": build("PolynomialLR"),
    "polynomial, power": build("PolynomialLR", total_iters=60, power=2.5),
    "cosine": build("CosineAnnealingLR", T_max=100),
    "cosine, up again": build("CosineAnnealingLR", T_max=13, eta_min=0.001),
    "restarts": build("CosineAnnealingWarmRestarts", T_0=9),
    "restarts, longer": build("CosineAnnealingWarmRestarts", T_0=5, T_mult=2, eta_min=0.002),
    "cyclic": build("CyclicLR", base_lr=0.01, max_lr=0.2, step_size_up=9),
    "cyclic, lists": build("CyclicLR", base_lr=[0.01, 0.1], max_lr=[0.2, 0.3], step_size_up=9),
    "cyclic 2": build("CyclicLR", base_lr=0.01, max_lr=0.2, step_size_up=7, mode="triangular2"),
    "cyclic, exp": build(
        "CyclicLR", base_lr=0.01, max_lr=0.2, step_size_up=4, mode="exp_range", gamma=0.97
    ),
    "cyclic, custom": build(
        "CyclicLR", base_lr=0.01, max_lr=0.2, step_size_up=5, step_size_down=8, scale_fn=Halving(2)
    ),
    "cyclic, iterations": build(
        "CyclicLR",
        base_lr=0.01,
        max_lr=0.2,
        step_size_up=5,
        scale_fn=Halving(30),
        scale_mode="iterations",
        cycle_momentum=False,
    ),
    "one cycle": build("OneCycleLR", max_lr=0.5, total_steps=EPOCHS + 1),
    "one cycle, lists": build("OneCycleLR", max_lr=[0.5, 1.0], epochs=11, steps_per_epoch=10),
    "one cycle, linear": build(
        "OneCycleLR", max_lr=0.5, total_steps=120, anneal_strategy="linear", pct_start=0.2
    ),
    "one cycle, three phases": build(
        "OneCycleLR", max_lr=0.5, total_steps=101, three_phase=True, base_momentum=[0.8, 0.7]
    ),
    "one cycle, no momentum": build(
        "OneCycleLR", max_lr=0.5, total_steps=101, cycle_momentum=False, div_factor=10.0
    ),
    "sequence": sequence,
    "chain": chain,
}
curves = pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES.keys())


def optimizer_of(module: ModuleType, tensors: list[Any], name: str = "SGD") -> Any:
    options = {"momentum": 0.9} if name == "SGD" else {}
    groups = [{"params": [t], "lr": lr} for t, lr in zip(tensors, RATES)]
    return getattr(module, name)(groups, **options)


def ours(name: str = "SGD") -> Any:
    return optimizer_of(optim, [Tensor(np.zeros(1)) for _ in RATES], name)


def rates(optimizer: Any) -> list[float]:
    """What a scheduler moves: rates and momenta of all groups."""
    groups = optimizer.param_groups
    lr = [group["lr"] for group in groups]
    return lr + [group["betas"][0] if "betas" in group else group["momentum"] for group in groups]


def walk(scheduler: Any, epochs: int) -> Iterator[list[float]]:
    """The rates now and after each of the next epochs."""
    yield rates(scheduler.optimizer)
    for _ in range(epochs):
        scheduler.optimizer.step()
        scheduler.step()
        assert scheduler.get_last_lr() == [g["lr"] for g in scheduler.optimizer.param_groups]
        yield rates(scheduler.optimizer)


@curves
@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_as_pytorch(curve: Any, name: str) -> None:
    torch = pytest.importorskip("torch")
    tensors = [torch.zeros(1, requires_grad=True) for _ in RATES]
    theirs = optimizer_of(torch.optim, tensors, name)
    expected = list(walk(curve(torch.optim.lr_scheduler, theirs), EPOCHS))
    found = list(walk(curve(lr_scheduler, ours(name)), EPOCHS))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    assert np.ptp(expected, axis=0)[0] > 0, "a schedule that moves nothing tests nothing"


@curves
@pytest.mark.parametrize("pause", [0, 1, 20, 57])
def test_a_pause_changes_nothing(curve: Any, pause: int) -> None:
    straight = list(walk(curve(lr_scheduler, ours()), EPOCHS))
    first = curve(lr_scheduler, ours())
    before = list(walk(first, pause))
    saved = json.loads(json.dumps([first.state_dict(), first.optimizer.state_dict()]))
    second = curve(lr_scheduler, ours())
    second.load_state_dict(saved[0])
    second.optimizer.load_state_dict(saved[1])
    assert second.get_last_lr() == first.get_last_lr()
    after = list(walk(second, EPOCHS - pause))
    assert before[:-1] + after == straight


@curves
def test_a_jump_lands_on_the_curve(curve: Any) -> None:
    """Schedules that multiply know their factor from the start too."""
    steady = curve(lr_scheduler, ours())
    if isinstance(steady, lr_scheduler.SequentialLR | lr_scheduler.ChainedScheduler):
        pytest.skip("their step takes no epoch")
    if isinstance(steady, lr_scheduler.MultiplicativeLR):
        pytest.skip("only a walk knows the product of its factors")
    for epoch, expected in enumerate(walk(steady, 60)):
        jumping = curve(lr_scheduler, ours())
        jumping.optimizer.step()
        jumping.step(epoch)
        np.testing.assert_allclose(rates(jumping.optimizer), expected, rtol=1e-9, atol=1e-12)


def test_resuming_by_the_last_epoch() -> None:
    torch = pytest.importorskip("torch")
    for name, options in {"StepLR": {"step_size": 4}, "ExponentialLR": {"gamma": 0.9}}.items():
        found = []
        for module in (optim, torch.optim):
            tensors = [torch.zeros(1) if module is not optim else Tensor(np.zeros(1))] * 1
            groups = [{"params": tensors, "lr": 0.05, "initial_lr": 0.1}]
            optimizer = module.SGD(groups)
            scheduler = getattr(module.lr_scheduler, name)(optimizer, last_epoch=6, **options)
            lrs = [scheduler.get_last_lr()[0]]
            for _ in range(10):
                optimizer.step()
                scheduler.step()
                lrs.append(scheduler.get_last_lr()[0])
            found.append(lrs)
        np.testing.assert_allclose(*found, rtol=1e-12)
    with pytest.raises(KeyError, match="initial_lr"):
        lr_scheduler.StepLR(ours(), 3, last_epoch=2)


# --------------------------------------------------------------------------------------- by measure

PLATEAUS: list[dict[str, Any]] = [
    {},
    {"patience": 2},
    {"patience": 2, "mode": "max"},
    {"patience": 1, "threshold": 0.05, "threshold_mode": "abs", "cooldown": 3},
    {"patience": 1, "threshold": 0.05, "threshold_mode": "abs", "mode": "max", "factor": 0.5},
    {"patience": 0, "min_lr": [0.001, 0.01], "factor": 0.7},
    {"patience": 0, "min_lr": 0.005, "eps": 1e-3},
]


@pytest.mark.parametrize("options", PLATEAUS, ids=str)
def test_plateau(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    theirs = optimizer_of(torch.optim, [torch.zeros(1, requires_grad=True) for _ in RATES])
    oracle = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **options)
    scheduler = lr_scheduler.ReduceLROnPlateau(ours(), **options)
    random = np.random.default_rng(0)
    for epoch in range(EPOCHS):
        metric = 1 / (1 + epoch) + 0.1 * random.standard_normal()
        oracle.step(metric)
        scheduler.step(Tensor(np.asarray(metric)) if epoch % 2 else metric)
        assert scheduler.get_last_lr() == pytest.approx(oracle.get_last_lr(), rel=1e-12)
        state = scheduler.state_dict()
        scheduler = lr_scheduler.ReduceLROnPlateau(scheduler.optimizer)
        scheduler.load_state_dict(state)


def test_plateau_follows_new_groups() -> None:
    optimizer = ours()
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    optimizer.add_param_group({"params": Tensor(np.zeros(1)), "lr": 1.0})
    scheduler.step(1.0)
    scheduler.step(2.0)
    assert scheduler.get_last_lr() == pytest.approx([0.01, 0.003, 0.1])


# ------------------------------------------------------------------------------------------ manners


def test_the_order_of_steps_is_watched() -> None:
    optimizer = optim.SGD([Tensor(np.zeros(1))])
    scheduler = lr_scheduler.ExponentialLR(optimizer, 0.9)
    with pytest.warns(UserWarning, match="before optimizer.step"):
        scheduler.step()
    optimizer.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler.step()


def test_a_schedule_of_ones_own() -> None:
    class Inverse(lr_scheduler.LRScheduler):
        def get_lr(self) -> list[float]:
            return [lr / (1 + self.last_epoch) for lr in self.base_lrs]

    scheduler = Inverse(ours())
    scheduler.optimizer.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [lr / 2 for lr in RATES]
    assert scheduler.state_dict()["last_epoch"] == 1


def test_one_cycle_ends() -> None:
    scheduler = lr_scheduler.OneCycleLR(ours(), 0.1, total_steps=3)
    with pytest.raises(ValueError, match="Tried to step 4 times"):
        list(walk(scheduler, 4))


def other_optimizer(optimizer: Any) -> Any:
    return lr_scheduler.StepLR(ours(), 3)


REFUSED: list[tuple[type[Exception], Callable[[Any], Any]]] = [
    (TypeError, lambda o: lr_scheduler.StepLR(None, 3)),  # type: ignore[arg-type]
    (TypeError, lambda o: lr_scheduler.MultiplicativeLR(o, 0.9)),  # type: ignore[arg-type]
    (TypeError, lambda o: lr_scheduler.SequentialLR(o, [o], [])),
    (ValueError, lambda o: lr_scheduler.LambdaLR(o, [math.sqrt])),
    (ValueError, lambda o: lr_scheduler.ConstantLR(o, 1.5)),
    (ValueError, lambda o: lr_scheduler.LinearLR(o, 0.0)),
    (ValueError, lambda o: lr_scheduler.LinearLR(o, 0.5, 1.5)),
    (ValueError, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 0)),
    (ValueError, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 0)),
    (ValueError, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3).step(-1)),
    (ValueError, lambda o: lr_scheduler.CyclicLR(o, 0.1, 0.2, mode="square")),  # type: ignore
    (ValueError, lambda o: lr_scheduler.CyclicLR(o, [0.1], 0.2)),
    (ValueError, lambda o: lr_scheduler.OneCycleLR(o, 0.1)),
    (ValueError, lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=-3)),
    (ValueError, lambda o: lr_scheduler.OneCycleLR(o, 0.1, epochs=3, steps_per_epoch=0)),
    (ValueError, lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=3, pct_start=2.0)),
    (ValueError, lambda o: lr_scheduler.OneCycleLR(o, 0.1, 3, anneal_strategy="up")),
    (ValueError, lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=1.0)),
    (ValueError, lambda o: lr_scheduler.ReduceLROnPlateau(o, mode="mean")),  # type: ignore
    (ValueError, lambda o: lr_scheduler.ReduceLROnPlateau(o, threshold_mode="x")),  # type: ignore
    (ValueError, lambda o: lr_scheduler.ReduceLROnPlateau(o, min_lr=[0.1])),
    (ValueError, lambda o: lr_scheduler.SequentialLR(o, [], [])),
    (ValueError, lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.StepLR(o, 3)], [4])),
    (ValueError, lambda o: lr_scheduler.SequentialLR(o, [other_optimizer(o)], [])),
    (ValueError, lambda o: lr_scheduler.ChainedScheduler([])),
    (ValueError, lambda o: lr_scheduler.ChainedScheduler([other_optimizer(o)], o)),
    (ValueError, lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.ReduceLROnPlateau(o)])),
]


@pytest.mark.parametrize(("error", "call"), REFUSED)
def test_refused(error: type[Exception], call: Callable[[Any], Any]) -> None:
    with pytest.raises(error):
        call(ours())


def test_momentum_cannot_cycle_where_there_is_none() -> None:
    optimizer = optim.Adagrad([Tensor(np.zeros(1))])
    for make in (build("CyclicLR", base_lr=0.1, max_lr=1), build("OneCycleLR", max_lr=1, epochs=2)):
        with pytest.raises(ValueError):
            make(lr_scheduler, optimizer)
