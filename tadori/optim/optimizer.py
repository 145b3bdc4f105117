"""The base of the optimizers: groups of parameters, what is remembered of each, saving it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from copy import deepcopy
from typing import Any

import numpy as np

from ..autograd.hooks import observers, tell, user_line
from ..autograd.mode import enable_grad
from ..autograd.version import written
from ..device import to_device
from ..dtype import get_default_dtype, is_floating
from ..kernels.update import together
from ..tensor import Tensor
from .hooks import (
    Hooked,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
    with_hooks,
)

__all__ = [
    "Optimizer",
    "register_optimizer_step_pre_hook",
    "register_optimizer_step_post_hook",
]

Group = dict[str, Any]
State = dict[str, Any]
Params = Iterable[Tensor] | Iterable[Group] | Iterable[tuple[str, Tensor]]

#: how PyTorch chooses among its own implementations of one rule, with its defaults: accepted, kept,
#: and without effect; only `differentiable` is refused
ENGINES = {"foreach": None, "fused": None, "capturable": False, "differentiable": False}


class Optimizer(Hooked):
    """Parameters, in groups with options of their own, and a rule that updates them.

    A rule is a subclass with the method `update`. `param_groups` is a list of dicts, each with its
    `params` and its options (learning rate, ...); `state` maps a parameter to what the rule
    remembers of it. Raises ValueError for no parameters, for a parameter given twice and for one
    that is no leaf; TypeError for what is no Tensor. `engines` names those options of PyTorch that
    a rule accepts for no effect but to be kept.
    """

    engines: tuple[str, ...] = ()

    def __init__(self, params: Params, defaults: Group, **engine: Any) -> None:
        self.hooks: dict[int, Any] = {}
        self.stepping = False
        check_engine(type(self).__name__, self.engines, engine)
        if isinstance(params, Tensor):
            raise TypeError(f"{type(self).__name__}: params is one Tensor. Remedy: pass [tensor]")
        self.defaults = {**{name: ENGINES[name] for name in self.engines}, **defaults, **engine}
        self.state: defaultdict[Tensor, State] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self.stepped = False  # for schedulers, which tell who moves the rate before the first step
        if hasattr(params, "parameters"):
            raise TypeError(
                f"{type(self).__name__}: params is a {type(params).__name__}. "
                "Remedy: pass its .parameters()"
            )
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError(
                f"{type(self).__name__} got an empty parameter list. If the parameters came from a "
                "generator, it may have been used up before: pass list(...) of it"
            )
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def __init_subclass__(cls) -> None:
        if "step" in cls.__dict__:
            cls.step = with_hooks(cls.step)  # type: ignore[method-assign]

    def update(self, p: Any, g: Any, state: State, group: Group) -> None:
        """Change the array `p` in place, given its gradient `g`, which stays as it is.

        What the rules of `kernels.update` are called for here is done after the last parameter.
        `state` is an empty dict at first; Tensors put there are saved with the optimizer.
        """
        raise NotImplementedError(f"{type(self).__name__} must define update (or step)")

    @with_hooks
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        `closure`, if given, computes the loss and its gradients first; the loss is returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        by, line = f"{type(self).__name__}.step", user_line()
        if observers:
            tell("step", self)
        with nullcontext() if observers else together():
            for group in self.param_groups:
                self._update_group(group, by, line)
        if observers:
            tell("stepped", self)
        return loss

    def _update_group(self, group: Group, by: str, line: str) -> None:
        if isinstance(group.get("lr"), Tensor):
            group = {**group, "lr": group["lr"].item()}
        maximize = group.get("maximize", False)
        for p in group["params"]:
            if p.grad is None:
                continue
            g = p.grad.array
            if g.shape != p.array.shape:
                raise ValueError(f"{by}: a gradient of shape {g.shape} for {tuple(p.shape)}")
            if observers:
                tell("updating", self, parameter=p, group=group)
            self.update(p.array, -g if maximize else g, self.state[p], group)
            written(p.array, by, line=line)
            if observers:
                tell("updated", self, parameter=p, group=group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients; with `set_to_none=False`, fill them with zeros."""
        if observers:
            params = [p for group in self.param_groups for p in group["params"]]
            tell("zero_grad", self, parameters=params, set_to_none=set_to_none)
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.detach_()
                    p.grad.array[...] = 0
                    written(p.grad.array, "zero_grad")

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with options of their own; the others are the optimizer's defaults.

        `params` is a Tensor or an iterable of Tensors, or of (name, Tensor) pairs, whose names are
        then kept as `param_names`.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group).__name__}")
        if "params" not in param_group:
            raise KeyError(f"param_group has no 'params', only {list(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError("params is a set, whose order changes from run to run. Remedy: a list")
        params = [params] if isinstance(params, Tensor) else list(params)
        group = {**param_group, "params": params}
        named = [p for p in params if isinstance(p, tuple)]
        if named:
            if len(named) < len(params):
                raise ValueError("either all parameters have names or none: some lack one")
            group["param_names"] = [name for name, _ in named]
            group["params"] = [p for _, p in named]
        self._check_params(group)
        for name, value in self.defaults.items():
            group.setdefault(name, value)
        self.param_groups.append(group)

    def _check_params(self, new: Group) -> None:
        seen = {id(p) for group in self.param_groups for p in group["params"]}
        for p in new["params"]:
            if not isinstance(p, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but got {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError(
                    f"can't optimize a non-leaf Tensor: this one was made by {p.creator!r}. "
                    "Remedy: pass the leaf it was computed from, or detach() it"
                )
            if id(p) in seen:
                raise ValueError(
                    f"some parameters appear in more than one parameter group or twice in one: "
                    f"{p.dtype}{tuple(p.shape)}. It would be updated twice in a step"
                )
            seen.add(id(p))
        for group in self.param_groups:
            if ("param_names" in group) != ("param_names" in new):
                raise ValueError("either all parameter groups have names or none")

    def state_dict(self) -> dict[str, Any]:
        """What is needed to go on later: `state` and `param_groups`, with numbers for parameters.

        Parameters are numbered 0, 1, ... through all groups. The Tensors in it are the optimizer's
        own, not copies: the next step changes them.
        """
        self._call("state_pre")
        params = [p for group in self.param_groups for p in group["params"]]
        number = {id(p): i for i, p in enumerate(params)}
        groups = [
            {**group, "params": [number[id(p)] for p in group["params"]]}
            for group in self.param_groups
        ]
        state = {i: self.state[p] for i, p in enumerate(params) if self.state.get(p)}
        return self._call("state_post", {"state": state, "param_groups": groups})

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned: its options, and copies of its Tensors.

        They take the dtype and the device of their parameter, save for the counter `step`. Raises
        ValueError if the groups differ in number or size.
        """
        state_dict = self._call("load_pre", dict(state_dict))
        saved = deepcopy(state_dict["param_groups"])
        if len(saved) != len(self.param_groups):
            raise ValueError(
                "loaded state dict has a different number of parameter groups: "
                f"{len(saved)}, this optimizer has {len(self.param_groups)}"
            )
        parameter: dict[Any, Tensor] = {}
        for i, (group, new) in enumerate(zip(self.param_groups, saved)):
            params = group["params"]
            if len(new["params"]) != len(params):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of "
                    f"optimizer's group: group {i} has {len(new['params'])}, not {len(params)}"
                )
            parameter.update(zip(new["params"], params))
            new["params"] = params
            if "param_names" in group:
                new.setdefault("param_names", group["param_names"])
        self.param_groups = [{**self.defaults, **new} for new in saved]
        self.state = defaultdict(dict)
        for number, state in state_dict["state"].items():
            p = parameter[number]
            self.state[p] = {name: fitted(value, name, p) for name, value in state.items()}
        self._call("load_post")

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            names = sorted(name for name in group if name != "params")
            lines += [f"    {name}: {group[name]}" for name in names]
        return "\n".join([*lines, ")"])


def check_engine(name: str, known: tuple[str, ...], given: dict[str, Any]) -> None:
    """Raise for an option that the optimizer does not have, or that Tadori cannot have."""
    for option in given:
        if option not in known:
            raise TypeError(f"{name}: unknown option {option!r}")
    if given.get("differentiable"):
        raise NotImplementedError(
            f"{name}: differentiable=True is absent: steps write in place. Remedy: write the rule "
            "with tensors, p = p - lr * grad(loss, p, create_graph=True)"
        )
    if given.get("fused") and given.get("foreach"):
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")


def number(lr: Any) -> Any:
    """A rate as a number, also where a group keeps it in a Tensor."""
    return lr.item() if isinstance(lr, Tensor) else lr


def fitted(value: Any, name: str, p: Tensor) -> Any:
    """A copy of a saved `value` that fits the parameter `p`: its dtype, its device."""
    if isinstance(value, list | tuple):
        return type(value)(fitted(x, name, p) for x in value)
    if not isinstance(value, Tensor):
        return deepcopy(value)
    if name == "step":
        return Tensor(value.array.copy())
    dtype = p.dtype if is_floating(p.dtype) else value.dtype
    return Tensor(to_device(value.array.astype(dtype), p.device))


def zeros(p: Any) -> Tensor:
    """Zeros in the form of the array `p`: what a moving mean starts from."""
    return Tensor(np.zeros_like(p))


def counter() -> Tensor:
    """The number of steps taken, none so far: a 0-d Tensor, as PyTorch keeps it."""
    return Tensor(np.zeros((), get_default_dtype()))


def count(state: State) -> int:
    """The number of this step, from 1."""
    step = state["step"].array
    step += 1
    return int(step)


def at_least_zero(**options: Any) -> None:
    """Raise ValueError for an option that is negative (or NaN), or a Tensor of several numbers."""
    for name, value in options.items():
        if isinstance(value, Tensor) and value.array.size != 1:
            raise ValueError(f"Tensor {name} must be 1-element, got shape {tuple(value.shape)}")
        if not value >= 0:
            raise ValueError(f"Invalid {name}: {value}. It must not be negative")


def below_one(*betas: float) -> None:
    """Raise ValueError for a fading rate that is not in [0, 1)."""
    for i, beta in enumerate(betas):
        if not 0 <= beta < 1:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}. It must be in [0, 1)")
