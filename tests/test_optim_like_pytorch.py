"""Optimizers beside PyTorch's: what they show and save, their hooks, Muon, means of models."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori import nn, optim

NAMES = "SGD Adam AdamW Adagrad Adadelta Adamax NAdam RAdam RMSprop ASGD Rprop Adafactor Muon LBFGS"


def pair(name, **options):
    """The same optimizer of PyTorch and of ours, on the same matrix."""
    torch = pytest.importorskip("torch")
    start = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    made = []
    for library in (torch, tadori):
        p = library.tensor(start, requires_grad=True)
        made.append((p, getattr(library.optim, name)([p], **options)))
    return made


def steps(p, optimizer, count):
    def closure():
        optimizer.zero_grad()
        loss = ((p - 1) ** 2).sum() + (p[0] * p[1]).sum()
        loss.backward()
        return loss

    for _ in range(count):
        optimizer.step(closure)


@pytest.mark.parametrize("name", NAMES.split())
def test_what_is_shown_and_saved_is_pytorchs(name):
    (p, theirs), (q, ours) = pair(name)
    assert repr(ours) == repr(theirs)
    steps(p, theirs, 3), steps(q, ours, 3)
    expected, found = theirs.state_dict(), ours.state_dict()
    assert found["param_groups"] == expected["param_groups"]
    assert {k: set(v) for k, v in found["state"].items()} == {
        k: set(v) for k, v in expected["state"].items()
    }


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"lr": 0.1, "eps": (1e-6, 0.1), "d": 1.5, "weight_decay": 0.1},
        {"beta2_decay": -0.5, "maximize": True},
    ],
)
@pytest.mark.parametrize("shape", [(3, 2), (4,), (2, 1, 3), ()])
def test_adafactor(options, shape):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    start = rng.normal(size=shape)
    p = torch.tensor(start, requires_grad=True)
    q = tadori.tensor(start, requires_grad=True)
    theirs, ours = torch.optim.Adafactor([p], **options), optim.Adafactor([q], **options)
    for _ in range(20):
        gradient = rng.normal(size=shape)
        p.grad, q.grad = torch.tensor(gradient), tadori.tensor(gradient)
        theirs.step(), ours.step()
    np.testing.assert_allclose(q.numpy(force=True), p.detach().numpy(), rtol=1e-12)


@pytest.mark.parametrize("options", [{}, {"nesterov": False, "adjust_lr_fn": "match_rms_adamw"}])
def test_muon(options):
    (p, theirs), (q, ours) = pair("Muon", lr=0.1, **options)
    steps(p, theirs, 10), steps(q, ours, 10)
    np.testing.assert_allclose(q.numpy(force=True), p.detach().numpy(), rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="only supports 2D parameters"):
        optim.Muon([tadori.ones(3).requires_grad_()])


@pytest.mark.parametrize("name", ["SGD", "Adam", "Adagrad", "LBFGS"])
def test_a_tensor_as_learning_rate(name):
    rate = tadori.tensor(0.05)
    p, q = (tadori.ones(3, 2).requires_grad_() for _ in range(2))
    first, second = getattr(optim, name)([p], lr=0.05), getattr(optim, name)([q], lr=rate)
    schedules = [optim.lr_scheduler.ExponentialLR(o, 0.5) for o in (first, second)]
    for _ in range(3):
        steps(p, first, 1), steps(q, second, 1)
        for schedule in schedules:
            schedule.step()
    np.testing.assert_allclose(q.numpy(force=True), p.numpy(force=True), rtol=1e-6)
    assert rate.item() == pytest.approx(0.05 / 8)
    with pytest.raises(ValueError, match="1-element"):
        getattr(optim, name)([p], lr=tadori.ones(2))


def test_hooks_of_a_step():
    p = tadori.ones(1).requires_grad_()
    sgd, seen = optim.SGD([p], lr=1.0), []
    sgd.register_step_pre_hook(lambda o, args, kwargs: seen.append(("before", p.item())))
    sgd.register_step_post_hook(lambda o, args, kwargs: seen.append(("after", p.item())))
    every = optim.optimizer.register_optimizer_step_post_hook(lambda o, a, k: seen.append(type(o)))
    p.grad = tadori.ones(1)
    sgd.step()
    every.remove()
    assert seen == [("before", 1.0), optim.SGD, ("after", 0.0)]
    sgd.register_step_pre_hook(lambda o, args, kwargs: 3)
    with pytest.raises(RuntimeError, match="must return None or a tuple"):
        sgd.step()


def test_a_step_of_ones_own_calls_its_hooks_once():
    class Twice(optim.SGD):
        def step(self, closure=None):
            super().step(closure)
            return super().step(closure)

    p, seen = tadori.ones(1).requires_grad_(), []
    twice = Twice([p], lr=1.0)
    twice.register_step_post_hook(lambda o, args, kwargs: seen.append(p.item()))
    p.grad = tadori.ones(1)
    twice.step()
    assert seen == [-1.0]


def test_hooks_of_saving_and_loading():
    p = tadori.ones(1).requires_grad_()
    sgd, seen = optim.SGD([p], lr=1.0), []
    sgd.register_state_dict_pre_hook(lambda o: seen.append("saving"))
    sgd.register_state_dict_post_hook(lambda o, state: {**state, "note": 1})
    sgd.register_load_state_dict_pre_hook(lambda o, state: seen.append(state["note"]))
    sgd.register_load_state_dict_post_hook(lambda o: seen.append("loaded"))
    sgd.load_state_dict(sgd.state_dict())
    assert seen == ["saving", 1, "loaded"]


def test_what_is_absent_says_so():
    p = tadori.ones(1).requires_grad_()
    with pytest.raises(NotImplementedError, match="differentiable=True is absent"):
        optim.Adam([p], differentiable=True)
    with pytest.raises(NotImplementedError, match="sparse gradients"):
        optim.SparseAdam([p])
    with pytest.raises(RuntimeError, match="cannot be `True` together"):
        optim.Adam([p], fused=True, foreach=True)


# --------------------------------------------------------------------------------- means of models


@pytest.mark.parametrize("use_buffers", [False, True])
@pytest.mark.parametrize("mean", ["swa", "ema", "one by one"])
def test_averaged_models(mean, use_buffers):
    torch = pytest.importorskip("torch")
    found = []
    for library in (torch, tadori):
        swa = library.optim.swa_utils
        options = {
            "swa": {},
            "ema": {"multi_avg_fn": swa.get_ema_multi_avg_fn(0.9)},
            "one by one": {"avg_fn": lambda a, p, n: (a * n + 2 * p) / (n + 2)},
        }[mean]
        library.manual_seed(0)
        model = library.nn.Sequential(library.nn.Linear(3, 2), library.nn.BatchNorm1d(2))
        averaged = swa.AveragedModel(model, use_buffers=use_buffers, **options)
        optimizer = library.optim.SGD(model.parameters(), lr=0.5)
        x = library.linspace(-1.0, 2.0, 12).reshape(4, 3)
        for _ in range(4):
            optimizer.zero_grad()
            model(x).sin().sum().backward()
            optimizer.step()
            averaged.update_parameters(model)
        swa.update_bn([(x, 0), (x * 2, 0)], averaged)
        found.append({k: v.detach().numpy() for k, v in averaged.state_dict().items()})
    assert list(found[0]) == list(found[1])
    for name, value in found[0].items():
        np.testing.assert_allclose(found[1][name], value, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("strategy", ["cos", "linear"])
def test_rates_that_go_to_the_mean(strategy):
    torch = pytest.importorskip("torch")
    curves = []
    for library in (torch, tadori):
        model = library.nn.Linear(1, 1)
        optimizer = library.optim.SGD(model.parameters(), lr=0.3)
        schedule = library.optim.swa_utils.SWALR(optimizer, 0.05, 6, strategy)
        curve = []
        for _ in range(30):
            optimizer.step()
            schedule.step()
            curve.append(schedule.get_last_lr()[0])
        curves.append(curve)
    np.testing.assert_allclose(curves[1], curves[0], rtol=1e-12)
    with pytest.raises(ValueError, match="anneal_strategy"):
        optim.swa_utils.SWALR(optim.SGD(nn.Linear(1, 1).parameters()), 0.1, 6, "step")
