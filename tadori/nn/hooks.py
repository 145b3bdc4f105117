"""The hooks of a module: called before and after its forward pass, and with its gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..autograd.hooks import RemovableHandle, observers, tell
from ..tensor import Tensor
from .language import np

if TYPE_CHECKING:
    from .module import Module


def register(hooks: dict[int, Any], hook: Any, prepend: bool = False) -> RemovableHandle:
    """Add `hook` to `hooks`, the last to be called or, with `prepend`, the first."""
    later = dict(hooks) if prepend else {}
    handle = RemovableHandle(hooks, hook)
    for key in later:
        hooks[key] = hooks.pop(key)
    return handle


def call_with_hooks(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`module.forward(*args, **kwargs)` with everything that is hooked to it, observers too."""
    if observers:
        tell("enter", module)
    for hook, with_kwargs in list(module._forward_pre_hooks.values()):
        if with_kwargs:
            changed = hook(module, args, kwargs)
            args, kwargs = (args, kwargs) if changed is None else changed
        else:
            changed = hook(module, args)
            args = args if changed is None else as_tuple(changed)
    watch = BackwardWatch(module) if module._backward_hooks else None
    if watch:
        args = watch.enter(args)
    result = module.forward(*args, **kwargs)
    for hook, with_kwargs in list(module._forward_hooks.values()):
        extra = (kwargs,) if with_kwargs else ()
        changed = hook(module, args, *extra, result)
        result = result if changed is None else changed
    if watch:
        watch.leave(as_tuple(result))
    if observers:
        tell("leave", module)
    return result


def as_tuple(value: Any) -> tuple[Any, ...]:
    """A tuple as it is; anything else as a tuple of one."""
    return value if isinstance(value, tuple) else (value,)


class BackwardWatch:
    """One call of a module: gathers the gradients of its outputs and inputs for the backward hooks.

    The inputs are looked at through views made for this call, so that their gradients are those
    which this call alone sends back.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.hooks: list[Callable[..., Any]] = list(module._backward_hooks.values())
        self.grad_inputs: list[Tensor | None] = []
        self.grad_outputs: list[Tensor | None] = []
        self.awaited = 0

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, those that carry a gradient as watched views."""
        self.grad_inputs = [None] * len(args)
        watched = list(args)
        for i, x in enumerate(args):
            if isinstance(x, Tensor) and x.requires_grad:
                watched[i] = np.reshape(x, x.shape)
                watched[i].register_hook(partial(self.input_arrived, i))
                self.awaited += 1
        return tuple(watched)

    def leave(self, outputs: tuple[Any, ...]) -> None:
        """Watch the outputs too."""
        self.grad_outputs = [None] * len(outputs)
        for i, y in enumerate(outputs):
            if isinstance(y, Tensor) and y.requires_grad:
                y.register_hook(partial(self.output_arrived, i))

    def output_arrived(self, i: int, gradient: Tensor) -> None:
        """Keep the gradient of an output; where no input wants one, the hooks run now."""
        self.grad_outputs[i] = gradient
        if not self.awaited:
            self.run()

    def input_arrived(self, i: int, gradient: Tensor) -> Tensor | None:
        """Keep the gradient of an input; with the last of them the hooks run."""
        self.grad_inputs[i] = gradient
        if sum(g is not None for g in self.grad_inputs) < self.awaited:
            return None
        changed = self.run()
        if changed is None:
            return None
        if self.awaited > 1:
            raise RuntimeError(
                f"a full backward hook of {type(self.module).__name__} returned gradients, but "
                "several inputs carry one, and the others were sent on already. Remedy: use "
                "register_hook of the input tensors"
            )
        return as_tuple(changed)[i]

    def run(self) -> Any:
        """Call the hooks in turn; each sees what the one before it returned."""
        gradients, changed = tuple(self.grad_inputs), None
        for hook in self.hooks:
            result = hook(self.module, gradients, tuple(self.grad_outputs))
            if result is not None:
                gradients = changed = as_tuple(result)
        self.grad_inputs = [None] * len(self.grad_inputs)
        self.grad_outputs = [None] * len(self.grad_outputs)
        return changed
