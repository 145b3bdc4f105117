"""What happens around the operations: walks, steps, updates, batches, modes, modules."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from ..tensor import Tensor
from .frames import PACKAGE

#: files whose frames stand between the user and the telling
_BETWEEN = tuple(
    os.path.join(PACKAGE, *path)
    for path in (("tracing", ""), ("autograd", "hooks.py"), ("autograd", "mode.py"))
)


class StopTrace(BaseException):
    """The wanted number of steps was recorded; no `except Exception` of the program catches it."""


def by_user() -> bool:
    """Whether the user's program itself entered the mode that is told of, not Tadori."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_BETWEEN):
        frame = frame.f_back
    return frame is not None and not frame.f_code.co_filename.startswith(PACKAGE)


def backward(r: Any, roots: Any, retain_graph: bool, create_graph: bool) -> None:
    """A walk begins."""
    r.stop_if_done(True)
    r.walk_count += 1
    r.walks.append(r.walk_count)
    r.seen.clear()
    r.pending = {}
    at = r.at()
    starts = []
    for place, gradient in roots:
        r.pending[id(place)] = place.seq
        tensor = place.tensor
        number = r.tensor(tensor, at) if isinstance(tensor, Tensor) else None
        if number is not None and tensor.array.size == 1:
            r.memo["loss"] = float(
                abs(tensor.array).item() if tensor.array.dtype.kind == "c" else tensor.array.item()
            )
        starts.append({"tensor": number, "gradient": r.gradient(gradient, at)})
    r.write(
        "backward",
        at,
        walk=r.walk_count,
        roots=starts,
        loss=r.memo.get("loss"),
        retain_graph=retain_graph,
        create_graph=create_graph,
    )


def passed(r: Any, roots: Any) -> None:
    """A walk is over."""
    walk = r.walks.pop() if r.walks else 0
    r.write("passed", walk=walk)
    if not r.memo.get("optimizers"):
        r.done += 1


def mode(r: Any, who: Any, entered: bool) -> None:
    """`no_grad` and its like."""
    if not r.full and by_user():
        name = type(who).__name__
        name = ("enable_grad" if who.mode else "no_grad") if name == "Mode" else name
        r.write("mode", name=name, grad=who.mode, entered=entered)


def enter(r: Any, module: Any) -> None:
    """The forward of a module begins."""
    if r.full:
        return
    if r.modules.known(module) is None:
        introduce(r, module)
    number = r.modules.known(module)
    r.inside.append(number)
    r.write("enter", module=number)


def leave(r: Any, module: Any) -> None:
    """It is over."""
    number = r.modules.known(module)
    if number in r.inside:
        del r.inside[r.inside.index(number) :]
        r.write("leave", module=number)


def introduce(r: Any, module: Any) -> None:
    """Give numbers and paths to a module seen first, to those inside it, and to the parameters."""
    root = r.frames.name_of(module) or type(module).__name__.lower()
    paths = r.names["paths"]
    for path, inner in module.named_modules():
        if r.modules.known(inner) is None:
            number = r.modules.add(inner)
            full = f"{root}.{path}" if path else root
            paths[str(number)] = {"path": full, "type": type(inner).__name__}
            extra = inner.extra_repr()
            if extra and "\n" not in extra:
                paths[str(number)]["extra"] = extra
    at = r.at()
    for path, parameter in module.named_parameters():
        r.names["tensors"][id(parameter)] = f"{root}.{path}"
        name_parameter(r, parameter, f"{root}.{path}", at)


def name_parameter(r: Any, parameter: Any, name: str, at: int) -> int:
    """The number of a parameter; its name is written if it was seen without one."""
    known = r.tensors.known(parameter)
    number: int = r.tensor(parameter, at)
    if known is not None and name:
        r.names["tensors"].clear()
        r.write("name", at, name=name, tensor=number, parameter=True)
    return number


def train(r: Any, module: Any, mode: bool) -> None:
    """`train()` or `eval()`, told of once for the outermost module."""
    if not r.full and by_module(module):
        if r.modules.known(module) is None:
            introduce(r, module)
        r.write("train", module=r.modules.known(module), training=mode)


def by_module(module: Any) -> bool:
    """Whether `train` was called on this module itself, not on one around it."""
    own = type(module).train.__code__
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not own:
        frame = frame.f_back
    above = None if frame is None else frame.f_back
    if above is not None and above.f_code.co_name == "eval":
        above = above.f_back
    return above is None or above.f_code is not own


def optimizer_number(r: Any, optimizer: Any) -> int:
    """The number of an optimizer, introduced when it is first seen."""
    number = r.others.known(optimizer)
    if number is None:
        number = r.others.add(optimizer)
        r.memo.setdefault("optimizers", []).append(number)
        groups = [
            {k: v for k, v in g.items() if k != "params"} | {"params": len(g["params"])}
            for g in optimizer.param_groups
        ]
        r.write("optimizer", optimizer=number, type=type(optimizer).__name__, groups=groups)
    return int(number)


def zero_grad(r: Any, who: Any, parameters: list[Any], set_to_none: bool) -> None:
    """Gradients are forgotten."""
    r.stop_if_done(True)
    number = optimizer_number(r, who) if hasattr(who, "param_groups") else None
    at = r.at()
    cleared = []
    for p in parameters:
        if p.grad is not None and not r.full:
            array = r.array(p.grad.array, at, "gradient", before=True)
            leaf = r.tensor(p, at)
            cleared.append({"tensor": leaf, "array": array, "bytes": p.grad.array.nbytes})
            if set_to_none:
                r.grads.pop(leaf, None)
    r.write(
        "zero_grad",
        at,
        optimizer=number,
        type=type(who).__name__,
        set_to_none=set_to_none,
        parameters=len(parameters),
        cleared=cleared,
    )


def step(r: Any, optimizer: Any) -> None:
    """The optimizer begins a step."""
    r.write("step", step=r.done + 1, optimizer=optimizer_number(r, optimizer))
    r.memo["sums"] = np.zeros(3)


def updating(r: Any, optimizer: Any, parameter: Any, group: dict[str, Any]) -> None:
    """A parameter is about to be updated: look at it, and at one number in it."""
    array, gradient = parameter.array, parameter.grad.array
    if array.size == 0 or not isinstance(array, np.ndarray):
        return
    index = int(abs(gradient.reshape(-1)[:4096]).argmax())
    sample = {
        "index": [int(i) for i in np.unravel_index(index, array.shape)],
        "value": array.flat[index],
        "gradient": gradient.flat[index],
        "state": state_at(optimizer.state.get(parameter, {}), index, array.size),
    }
    r.memo["update"] = array.copy(), sample, index


def updated(r: Any, optimizer: Any, parameter: Any, group: dict[str, Any]) -> None:
    """It was updated: the rule in numbers."""
    before, sample, index = r.memo.pop("update", (None, None, 0))
    if before is None:
        return
    array = parameter.array
    norms = [norm(before), norm(parameter.grad.array), norm(array - before)]
    r.memo["sums"] += np.square(norms)
    if r.full:
        return
    at = r.at()
    state = optimizer.state.get(parameter, {})
    sample["new"] = array.flat[index]
    sample["new_state"] = state_at(state, index, array.size)
    number = r.tensor(parameter, at)
    kept = {
        name: r.array(value.array, at, "state")
        for name, value in state.items()
        if isinstance(value, Tensor)
    }
    r.write(
        "update",
        at,
        optimizer=optimizer_number(r, optimizer),
        tensor=number,
        options={k: v for k, v in group.items() if k not in ("params", "param_names")},
        sample=sample,
        norms=dict(zip(("value", "gradient", "update"), norms)),
        state=kept,
        value=r.values.look(array),
    )


def state_at(state: dict[str, Any], index: int, size: int) -> dict[str, Any]:
    """What an optimizer remembers, at one number of the parameter."""
    found = {}
    for name, value in state.items():
        array = getattr(value, "array", value)
        if getattr(array, "size", 1) == size and hasattr(array, "flat"):
            found[name] = array.flat[index]
        elif not hasattr(array, "size") or array.size == 1:
            found[name] = array.item() if hasattr(array, "item") else array
    return found


def norm(array: Any) -> float:
    """The Euclidean norm."""
    flat = array.reshape(-1)
    return float(np.sqrt(abs(np.vdot(flat, flat))))


def stepped(r: Any, optimizer: Any) -> None:
    """The step is done."""
    r.done += 1
    value, gradient, update = np.sqrt(r.memo.pop("sums", np.zeros(3)))
    r.write(
        "stepped",
        step=r.done,
        optimizer=optimizer_number(r, optimizer),
        loss=r.memo.get("loss"),
        norms={"value": value, "gradient": gradient, "update": update},
    )


def schedule(r: Any, scheduler: Any, before: list[float], after: list[float]) -> None:
    """A scheduler moved the learning rates."""
    if not r.full and by_user_of_scheduler():
        r.write("schedule", type=type(scheduler).__name__, before=before, after=after)


def by_user_of_scheduler() -> bool:
    """Whether `step` was called by the user, and not by the scheduler when it was made."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        if frame.f_code.co_name == "__init__":
            return False
        frame = frame.f_back
    return True


def batch(r: Any, loader: Any, batch: Any, number: int) -> None:
    """A DataLoader gave a batch."""
    r.stop_if_done(True)
    if r.full:
        return
    at = r.at()
    tensors = [r.tensor(x, at, "data") for x in tensors_in(batch)]
    r.write("batch", at, number=number, of=length(loader), tensors=tensors)


def tensors_in(batch: Any) -> list[Tensor]:
    """The tensors of a batch: itself, or what lists and dicts hold."""
    if isinstance(batch, Tensor):
        return [batch]
    inner = batch.values() if isinstance(batch, dict) else batch
    return [x for part in inner for x in tensors_in(part)] if _holds(batch) else []


def _holds(batch: Any) -> bool:
    return isinstance(batch, dict | list | tuple)


def length(loader: Any) -> int | None:
    """How many batches a loader gives, if it knows."""
    try:
        return len(loader)
    except TypeError:
        return None


#: what `hooks.tell` tells -> what the recorder does
MOMENTS: dict[str, Callable[..., None]] = {
    "backward": backward,
    "passed": passed,
    "mode": mode,
    "enter": enter,
    "leave": leave,
    "train": train,
    "zero_grad": zero_grad,
    "step": step,
    "updating": updating,
    "updated": updated,
    "stepped": stepped,
    "schedule": schedule,
    "batch": batch,
}
