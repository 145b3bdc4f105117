"""Optimizers: step by step what PyTorch's do, in whatever order they are saved and loaded."""

from __future__ import annotations

import copy
import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tadori import Tensor, nn, optim
from tadori.autograd.hooks import Observer, observe
from tadori.kernels import update
from tadori.optim import Optimizer

# ----------------------------------------------------------------------- against PyTorch, the table

RULES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "maximize": True}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.4, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.01, "betas": (0.3, 0.8), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.01, "amsgrad": True, "maximize": True}),
    ("Adam", {"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0.2, "amsgrad": True}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"alpha": 0.5, "weight_decay": 0.1, "maximize": True}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"centered": True, "momentum": 0.8, "weight_decay": 0.1}),
    ("Adagrad", {}),
    ("Adagrad", {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
    ("Adagrad", {"eps": 1e-2, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.7, "weight_decay": 0.1, "maximize": True}),
    ("Adamax", {}),
    ("Adamax", {"betas": (0.5, 0.9), "weight_decay": 0.1, "maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"momentum_decay": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {}),
    ("RAdam", {"betas": (0.8, 0.9), "weight_decay": 0.1, "maximize": True}),
    ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.01, "t0": 5, "weight_decay": 0.1, "maximize": True}),
    ("Rprop", {}),
    ("Rprop", {"etas": (0.4, 1.5), "step_sizes": (1e-3, 0.1), "maximize": True}),
]
SHAPES = [(3, 4), (5,), (), (2, 1, 3), (0, 2)]
STEPS = 20

rules = pytest.mark.parametrize(("name", "options"), RULES, ids=lambda x: str(x)[:60])


def rule(name: str) -> Any:
    return getattr(optim, name)


def values(dtype: Any, seed: int) -> list[Any]:
    random = np.random.default_rng(seed)
    return [np.asarray(random.standard_normal(shape), dtype) for shape in SHAPES]


def leaves(dtype: Any = np.float32) -> list[Tensor]:
    return [Tensor(array).requires_grad_() for array in values(dtype, 0)]


def set_gradients(params: list[Tensor], step: int) -> None:
    """Gradients of step `step`. The last parameter gets none in the first two steps."""
    for p, g in zip(params, values(params[0].dtype, 100 + step)):
        p.grad = Tensor(g)
    if step < 2:
        params[1].grad = None


def two_groups(params: list[Any]) -> list[dict[str, Any]]:
    """The second group has a rate of its own."""
    return [{"params": params[:2]}, {"params": params[2:], "lr": 0.02}]


def arrays(params: list[Tensor]) -> list[Any]:
    return [p.array.copy() for p in params]


def assert_same(left: list[Any], right: list[Any]) -> None:
    for x, y in zip(left, right, strict=True):
        np.testing.assert_array_equal(x, y)


@rules
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-6)])
def test_as_pytorch(name: str, options: dict[str, Any], dtype: Any, tolerance: float) -> None:
    torch = pytest.importorskip("torch")
    params = leaves(dtype)
    theirs = [torch.nn.Parameter(torch.tensor(p.array)) for p in params]
    ours = rule(name)(two_groups(params), **options)
    oracle = getattr(torch.optim, name)(two_groups(theirs), **options)
    for step in range(STEPS):
        set_gradients(params, step)
        for p, q in zip(params, theirs):
            q.grad = None if p.grad is None else torch.tensor(p.grad.array)
        ours.step()
        oracle.step()
        for p, q in zip(params, theirs):
            close = {"rtol": tolerance, "atol": tolerance}
            np.testing.assert_allclose(p.array, q.detach().numpy(), **close)
            assert p.dtype == dtype
    saved, expected = ours.state_dict(), oracle.state_dict()
    assert [g["params"] for g in saved["param_groups"]] == [[0, 1], [2, 3, 4]]
    assert list(saved["state"]) == sorted(expected["state"])
    for number, state in saved["state"].items():
        assert state.keys() == expected["state"][number].keys()
        for key, value in state.items():
            other = expected["state"][number][key].numpy()
            np.testing.assert_allclose(value.array, other, rtol=tolerance, atol=tolerance)
            assert value.dtype == other.dtype
    for group, other in zip(saved["param_groups"], expected["param_groups"]):
        assert group == {key: other[key] for key in group}


@rules
def test_defaults_are_pytorchs(name: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    theirs = getattr(torch.optim, name)([torch.zeros(1)]).defaults
    ours = rule(name)([Tensor(np.zeros(1))]).defaults
    assert ours == {key: theirs[key] for key in ours}
    engines = {"foreach", "fused", "capturable", "differentiable"}
    assert theirs.keys() - ours.keys() - engines - {"decoupled_weight_decay"} == set()


# ------------------------------------------------------------------------------- saving and loading


@rules
def test_ten_steps_are_five_and_five(name: str, options: dict[str, Any]) -> None:
    straight, halved = leaves(), leaves()
    one = rule(name)(two_groups(straight), **options)
    for step in range(10):
        set_gradients(straight, step)
        one.step()
    first = rule(name)(two_groups(halved), **options)
    for step in range(5):
        set_gradients(halved, step)
        first.step()
    second = rule(name)(two_groups(halved), lr=123.0)  # the options come from the saved state
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for step in range(5, 10):
        set_gradients(halved, step)
        second.step()
    assert_same(arrays(straight), arrays(halved))


def test_loading_copies_the_state() -> None:
    params = leaves()
    first = optim.SGD(params, momentum=0.9)
    set_gradients(params, 5)
    first.step()
    second = optim.SGD(params)
    second.load_state_dict(first.state_dict())
    mine = first.state[params[0]]["momentum_buffer"].array
    before = mine.copy()
    second.step()
    np.testing.assert_array_equal(mine, before)


def test_loading_fits_the_dtype_but_not_of_the_counter() -> None:
    wide, narrow = leaves(np.float64), leaves(np.float32)
    first, second = optim.Adam(wide), optim.Adam(narrow)
    set_gradients(wide, 5)
    first.step()
    second.load_state_dict(first.state_dict())
    state = second.state[narrow[0]]
    assert state["exp_avg"].dtype == np.float32
    assert state["step"].item() == 1


def test_a_state_of_other_groups_is_refused() -> None:
    params = leaves()
    optimizer = optim.SGD(params)
    with pytest.raises(ValueError, match="number of parameter groups"):
        optimizer.load_state_dict(optim.SGD(two_groups(params)).state_dict())
    with pytest.raises(ValueError, match="size of optimizer's group"):
        optimizer.load_state_dict(optim.SGD(params[:2]).state_dict())


def test_a_copy_goes_on_by_itself() -> None:
    params = leaves()
    optimizer = optim.Adam(params)
    set_gradients(params, 5)
    optimizer.step()
    again, twins = copy.deepcopy((optimizer, params))
    optimizer.step()
    again.step()
    assert_same(arrays(params), arrays(twins))
    assert again.state.keys() == set(twins)


LBFGS = [
    {},
    {"lr": 0.1, "max_iter": 7},
    {"lr": 0.5, "max_iter": 1},
    {"history_size": 2, "max_iter": 5, "lr": 0.3},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 6, "lr": 3.0},
    {"line_search_fn": "strong_wolfe", "max_iter": 4, "max_eval": 5, "lr": 50.0},
]


def valley(p: Any, q: Any) -> Any:
    """Rosenbrock's banana in two parameters, and a bowl."""
    x, y, rest = p[0], p[1], q * q
    return (1 - x) * (1 - x) + 10 * (y - x * x) * (y - x * x) + rest.sum() * 0.5


def closure_of(optimizer: Any, params: list[Any], calls: list[float]) -> Callable[[], Any]:
    def closure() -> Any:
        optimizer.zero_grad()
        loss = valley(*params)
        loss.backward()
        calls.append(float(loss))
        return loss

    return closure


@pytest.mark.filterwarnings("ignore:Converting a tensor:UserWarning")  # PyTorch, of itself
@pytest.mark.parametrize("options", LBFGS, ids=str)
def test_lbfgs_as_pytorch(options: dict[str, Any]) -> None:
    """Every evaluation of the loss, in the line search too; with a pause in between."""
    torch = pytest.importorskip("torch")
    start = [np.array([-1.2, 1.0]), np.array([0.5, -2.0, 1.0])]
    ours = [Tensor(x.copy()).requires_grad_() for x in start]
    theirs = [torch.tensor(x, requires_grad=True) for x in start]
    optimizer = optim.LBFGS(ours, **options)
    oracle = torch.optim.LBFGS(theirs, **options)
    found: list[float] = []
    expected: list[float] = []
    for _ in range(4):
        first = optimizer.step(closure_of(optimizer, ours, found))
        oracle.step(closure_of(oracle, theirs, expected))
        assert isinstance(first, Tensor)
        again = optim.LBFGS(ours)
        again.load_state_dict(optimizer.state_dict())
        optimizer = again
    assert len(found) == len(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    for p, q in zip(ours, theirs):
        np.testing.assert_allclose(p.array, q.detach().numpy(), rtol=1e-8, atol=1e-9)


def test_lbfgs_finds_the_valley() -> None:
    params = [Tensor(np.array([-1.2, 1.0])).requires_grad_(), Tensor(np.ones(2)).requires_grad_()]
    optimizer = optim.LBFGS(params, line_search_fn="strong_wolfe", max_iter=100)
    optimizer.step(closure_of(optimizer, params, []))
    np.testing.assert_allclose(params[0].array, [1, 1], atol=1e-4)
    np.testing.assert_allclose(params[1].array, [0, 0], atol=1e-4)


def test_lbfgs_refuses() -> None:
    params = leaves()
    with pytest.raises(ValueError, match="parameter groups"):
        optim.LBFGS(two_groups(params))
    with pytest.raises(ValueError, match="strong_wolfe"):
        optim.LBFGS(params, line_search_fn="bisection")
    with pytest.raises(TypeError, match="closure"):
        optim.LBFGS(params).step()


# ---------------------------------------------------------------------------------- what is refused

BAD_OPTIONS = [
    ("SGD", {"lr": -1.0}),
    ("SGD", {"momentum": -0.1}),
    ("SGD", {"weight_decay": -0.1}),
    ("SGD", {"nesterov": True}),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    ("Adam", {"lr": -1.0}),
    ("Adam", {"eps": -1.0}),
    ("Adam", {"betas": (1.0, 0.9)}),
    ("Adam", {"betas": (0.9, -0.1)}),
    ("AdamW", {"weight_decay": -1}),
    ("RMSprop", {"alpha": -1}),
    ("RMSprop", {"momentum": -1}),
    ("Adagrad", {"lr_decay": -1}),
    ("Adagrad", {"initial_accumulator_value": -1}),
    ("Adadelta", {"rho": 1.5}),
    ("Adamax", {"betas": (0.9, 1.0)}),
    ("NAdam", {"momentum_decay": -1}),
    ("RAdam", {"lr": float("nan")}),
]


@pytest.mark.parametrize(("name", "options"), BAD_OPTIONS, ids=str)
def test_options_out_of_range(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        rule(name)(leaves(), **options)


def test_unknown_options_are_refused_and_engines_are_not() -> None:
    optim.AdamW(leaves(), foreach=False, fused=True, capturable=False)
    with pytest.raises(TypeError, match="moment"):
        optim.SGD(leaves(), moment=0.9)


def test_parameters_are_checked() -> None:
    params = leaves()
    with pytest.raises(ValueError, match="empty parameter list"):
        optim.SGD([])
    with pytest.raises(TypeError, match=r"\[tensor\]"):
        optim.SGD(params[0])
    with pytest.raises(TypeError, match="only optimize Tensors"):
        optim.SGD([params[0], np.zeros(3)])
    with pytest.raises(TypeError, match="set"):
        optim.SGD([{"params": set(params)}])
    with pytest.raises(ValueError, match="non-leaf"):
        optim.SGD([params[0] * 2])
    with pytest.raises(ValueError, match="twice"):
        optim.SGD([params[0], params[0]])
    with pytest.raises(ValueError, match="more than one"):
        optim.SGD([{"params": params}, {"params": params[:1]}])
    with pytest.raises(TypeError, match="must be a dict"):
        optim.SGD(params[:1]).add_param_group(params[1:])  # type: ignore[arg-type]


def test_groups() -> None:
    params = leaves()
    optimizer = optim.SGD((p for p in params[:2]), lr=0.1)
    group = {"params": params[2], "momentum": 0.5}
    optimizer.add_param_group(group)
    assert group == {"params": params[2], "momentum": 0.5}, "the caller's dict is left alone"
    first, second = optimizer.param_groups
    assert (first["lr"], first["momentum"], second["lr"], second["momentum"]) == (0.1, 0, 0.1, 0.5)
    assert second["params"] == [params[2]]
    assert "momentum: 0.5" in repr(optimizer)


def test_named_parameters() -> None:
    params = leaves()
    optimizer = optim.SGD([("weight", params[0]), ("bias", params[1])])
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]
    with pytest.raises(ValueError, match="names"):
        optim.SGD([("weight", params[0]), params[1]])
    with pytest.raises(ValueError, match="names"):
        optimizer.add_param_group({"params": [params[2]]})


def test_a_gradient_of_another_shape() -> None:
    p = Tensor(np.zeros((3, 4))).requires_grad_()
    p.grad = Tensor(np.zeros(4))
    with pytest.raises(ValueError, match=r"SGD.step.*\(4,\).*\(3, 4\)"):
        optim.SGD([p]).step()


# ------------------------------------------------------------------------------ steps and gradients


def test_step_returns_the_loss_of_the_closure() -> None:
    p = Tensor(np.ones(3, np.float32)).requires_grad_()
    optimizer = optim.SGD([p], lr=0.5)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = np.sum(p * p)
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 3
    np.testing.assert_array_equal(p.array, np.zeros(3))
    assert optimizer.step() is None


def test_zero_grad() -> None:
    params = leaves()
    optimizer = optim.SGD(params)
    set_gradients(params, 0)
    gradient = params[0].grad
    optimizer.zero_grad(set_to_none=False)
    assert params[0].grad is gradient
    assert params[1].grad is None
    assert not gradient.array.any()
    optimizer.zero_grad()
    assert all(p.grad is None for p in params)


@rules
def test_gradients_are_left_alone(name: str, options: dict[str, Any]) -> None:
    params = leaves()
    optimizer = rule(name)(params, **options)
    for step in range(3):
        set_gradients(params, step + 5)
        before = [p.grad.array.copy() for p in params]
        optimizer.step()
        assert_same(before, [p.grad.array for p in params])


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_graph_from_before_the_step_is_stale(name: str) -> None:
    p = Tensor(np.ones(3, np.float32)).requires_grad_()
    optimizer = rule(name)([p])
    loss = np.sum(p * p)
    p.grad = Tensor(np.ones(3, np.float32))
    optimizer.step()
    with pytest.raises(RuntimeError, match=rf"{name}\.step.*test_optim"):
        loss.backward()


def test_observers_see_the_step() -> None:
    class Watcher(Observer):
        def __init__(self) -> None:
            self.seen: list[tuple[Any, str]] = []

        def written(self, array: Any, by: str) -> None:
            self.seen.append((array, by))

    params = leaves()
    set_gradients(params, 5)
    optimizer = optim.RMSprop(params)
    with observe(Watcher()) as watcher:
        optimizer.step()
    assert [by for _, by in watcher.seen] == ["RMSprop.step"] * len(params)
    assert all(array is p.array for (array, _), p in zip(watcher.seen, params))


def test_a_rule_of_ones_own() -> None:
    class Sign(Optimizer):
        def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
            p -= group["lr"] * np.sign(g)

    p = Tensor(np.zeros(2)).requires_grad_()
    p.grad = Tensor(np.array([3.0, -2.0]))
    Sign([p], {"lr": 1.0}).step()
    np.testing.assert_array_equal(p.array, [-1, 1])
    with pytest.raises(NotImplementedError, match="update"):
        Optimizer([p], {}).step()


def test_no_cycle_keeps_an_optimizer_alive() -> None:
    params = leaves()
    set_gradients(params, 5)
    optimizer = optim.Adam(params)
    optimizer.step()
    gone = weakref.ref(optimizer)
    gc.disable()
    try:
        del optimizer
        assert gone() is None
    finally:
        gc.enable()


# ----------------------------------------------------------------------------------- blocks, memory


@pytest.mark.parametrize("order", ["C", "F", "strided", "mixed"])
def test_blocks_change_nothing(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    p, g, m, v = np.abs(random.standard_normal((4, 37, 23)))
    options = {"step": 3, "lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "weight_decay": 0.1}
    whole = [x.copy() for x in (p, g, m, v)]
    update.adam(*whole, **options)
    monkeypatch.setattr(update, "BLOCK", 50)
    if order in "FC":
        parts = [np.array(x, order=order) for x in (p, g, m, v)]  # type: ignore[call-overload]
    elif order == "strided":
        parts = [np.repeat(x, 2, axis=1)[:, ::2] for x in (p, g, m, v)]
    else:
        parts = [p.copy(), np.asfortranarray(g), m.copy(), v.copy()]
    update.adam(*parts, **options)
    assert_same(whole, parts)


def test_complex_parameters_are_pairs_of_numbers() -> None:
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(0)
    values = random.standard_normal((2, 3, 4)) + 1j * random.standard_normal((2, 3, 4))
    for name in ("SGD", "Adam", "RMSprop"):
        p = Tensor(values[0].copy()).requires_grad_()
        q = torch.nn.Parameter(torch.tensor(values[0]))
        p.grad, q.grad = Tensor(values[1]), torch.tensor(values[1])
        rule(name)([p]).step()
        getattr(torch.optim, name)([q]).step()
        np.testing.assert_allclose(p.array, q.detach().numpy(), rtol=1e-12)


def test_the_centered_variance_is_never_negative() -> None:
    """With equal gradients it is the difference of two equal numbers, up to rounding."""
    p = Tensor(np.zeros(1, np.float32)).requires_grad_()
    optimizer = optim.RMSprop([p], centered=True, alpha=0.5)
    for _ in range(200):
        p.grad = Tensor(np.full(1, 0.1, np.float32))
        optimizer.step()
    assert np.isfinite(p.array).all()


def test_what_is_no_list_of_parameters_is_named() -> None:
    with pytest.raises(TypeError, match=r"params is a Linear. Remedy: pass its .parameters\(\)"):
        optim.SGD(nn.Linear(1, 1), lr=0.1)  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="param_group has no 'params', only"):
        optim.SGD([{"parms": []}], lr=0.1)
