"""The hooks of a module: called before and after its forward pass, and with its gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..autograd.custom import Function
from ..autograd.hooks import RemovableHandle, observers, tell
from ..tensor import Tensor

Hook = Callable[..., Any]
Hooks = dict[int, Any]

#: hooks that are called for every module, before its own: (kind, hook) pairs
everywhere: Hooks = {}
#: hooks that are called when a parameter, a buffer or a module is registered: (kind, hook) pairs
registration: Hooks = {}


def register(hooks: Hooks, hook: Any, prepend: bool = False) -> RemovableHandle:
    """Add `hook` to `hooks`, the last to be called or, with `prepend`, the first."""
    later = dict(hooks) if prepend else {}
    handle = RemovableHandle(hooks, hook)
    for key in later:
        hooks[key] = hooks.pop(key)
    return handle


class Hooked:
    """The methods of `Module` that take hooks. Each gives a handle, whose `remove()` ends it."""

    _forward_pre_hooks: Hooks
    _forward_hooks: Hooks
    _backward_pre_hooks: Hooks
    _backward_hooks: Hooks

    def register_forward_pre_hook(
        self,
        hook: Hook,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, args)` before `forward`; what it returns becomes the args.

        with_kwargs: call `hook(module, args, kwargs)`, which may return both. prepend: before the
        hooks that are there.
        """
        return register(self._forward_pre_hooks, (hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Hook,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after `forward`; what it returns becomes the output.

        with_kwargs: call `hook(module, args, kwargs, output)`. always_call: also if `forward`
        raises an error; the output is then None.
        """
        return register(self._forward_hooks, (hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(
        self,
        hook: Hook,
        prepend: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, grad_output)` before gradients go back through the module.

        What it returns, a tuple or one gradient, goes back instead.
        """
        return register(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the inputs' gradients are there.

        Both are tuples, of the positional inputs and of the outputs, None where there is no
        gradient. What it returns goes on as the gradients of the inputs.
        """
        return register(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """Absent: PyTorch's older form, which sees the gradients of the last operation alone."""
        raise NotImplementedError(
            "register_backward_hook is absent: it sees the gradients of the module's last "
            "operation, not of the module. Remedy: register_full_backward_hook"
        )


# ------------------------------------------------------------------------------- for every module


def register_module_forward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, args)` before the `forward` of every module."""
    return register(everywhere, ("forward_pre", (hook, False)))


def register_module_forward_hook(
    hook: Hook,
    *,
    with_kwargs: bool = False,
    always_call: bool = False,
) -> RemovableHandle:
    """Call `hook(module, args, output)` after the `forward` of every module."""
    return register(everywhere, ("forward", (hook, with_kwargs, always_call)))


def register_module_full_backward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, grad_output)` before gradients go back through any module."""
    return register(everywhere, ("backward_pre", hook))


def register_module_full_backward_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` when they went back through any module."""
    return register(everywhere, ("backward", hook))


def register_module_parameter_registration_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, name, parameter)` when any is registered; what it returns is, instead."""
    return register(registration, ("parameter", hook))


def register_module_buffer_registration_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, name, buffer)` when any is registered; what it returns is, instead."""
    return register(registration, ("buffer", hook))


def register_module_module_registration_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, name, submodule)` when any is registered; what it returns is, instead."""
    return register(registration, ("module", hook))


def registered(kind: str, module: Any, name: str, value: Any) -> Any:
    """What is registered, after the hooks for it had their say."""
    for of, hook in list(registration.values()):
        changed = hook(module, name, value) if of == kind else None
        value = value if changed is None else changed
    return value


# ------------------------------------------------------------------------------------------- a call


def all_of(kind: str, own: Hooks) -> list[Any]:
    """The hooks for every module, then a module's own."""
    return [*(hook for of, hook in everywhere.values() if of == kind), *own.values()]


def call_with_hooks(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`module.forward(*args, **kwargs)` with everything that is hooked to it, observers too."""
    if observers:
        tell("enter", module)
    hooks = all_of("forward", module._forward_hooks)
    called: list[Any] = []
    try:
        result = hooked_call(module, args, kwargs, hooks, called)
    except Exception:
        for entry in hooks:
            hook, with_kwargs, always = entry
            if always and entry not in called:
                hook(module, args, *((kwargs,) if with_kwargs else ()), None)
        raise
    if observers:
        tell("leave", module)
    return result


def hooked_call(
    module: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    hooks: list[Any],
    called: list[Any],
) -> Any:
    """The call itself; forward hooks that were called are noted in `called`."""
    for hook, with_kwargs in all_of("forward_pre", module._forward_pre_hooks):
        if with_kwargs:
            changed = hook(module, args, kwargs)
            args, kwargs = (args, kwargs) if changed is None else changed
        else:
            changed = hook(module, args)
            args = args if changed is None else as_tuple(changed)
    before = all_of("backward_pre", module._backward_pre_hooks)
    after = all_of("backward", module._backward_hooks)
    watch = BackwardWatch(module, before, after) if before or after else None
    if watch:
        args = watch.enter(args)
    result = module.forward(*args, **kwargs)
    for entry in hooks:
        hook, with_kwargs, _ = entry
        called.append(entry)
        changed = hook(module, args, *((kwargs,) if with_kwargs else ()), result)
        result = result if changed is None else changed
    return watch.leave(result) if watch else result


def as_tuple(value: Any) -> tuple[Any, ...]:
    """A tuple as it is; anything else as a tuple of one."""
    return value if isinstance(value, tuple) else (value,)


class Gate(Function):
    """Tensors as they are; their gradients all come together, and go on as `seen` returns them."""

    @staticmethod
    def forward(ctx: Any, seen: Hook, *tensors: Tensor) -> Any:
        """The tensors, as new ones of this graph."""
        ctx.seen = seen
        ctx.set_materialize_grads(False)
        return tuple(t.view_as(t) for t in tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """What `seen` makes of the gradients."""
        return (None, *ctx.seen(gradients))


class BackwardWatch:
    """One call of a module: a gate for its inputs and one for its outputs, with the hooks there."""

    def __init__(self, module: Any, before: list[Hook], after: list[Hook]) -> None:
        self.module, self.before, self.after = module, before, after
        self.grad_outputs: tuple[Any, ...] = ()
        self.waits = False  # for the gradients of inputs
        self.count = 0

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, those that carry a gradient behind a gate."""
        self.count = len(args)
        args, places = gated(args, self.input_gradients) if self.after else (args, [])
        self.inputs = places
        self.waits = bool(places)
        return args

    def leave(self, result: Any) -> Any:
        """The outputs, behind a gate too."""
        outputs, self.outputs = gated(as_tuple(result), self.output_gradients)
        self.size = len(outputs)
        if not isinstance(result, tuple):
            return outputs[0]
        return result._make(outputs) if hasattr(result, "_make") else outputs

    def output_gradients(self, gradients: Any) -> Any:
        """Call the pre hooks; where no input wants a gradient, the others too."""
        given = spread(gradients, self.outputs, self.size)
        for hook in self.before:
            changed = hook(self.module, given)
            if changed is not None:
                given = checked("grad_output", changed, self.size)
        self.grad_outputs = given
        if self.after and not self.waits:
            self.call((None,) * self.count)
        return [given[i] for i in self.outputs]

    def input_gradients(self, gradients: Any) -> Any:
        """Call the hooks with the gradients of the inputs."""
        given = self.call(spread(gradients, self.inputs, self.count))
        return [given[i] for i in self.inputs]

    def call(self, given: tuple[Any, ...]) -> tuple[Any, ...]:
        """Call the hooks in turn; each sees what the one before it returned."""
        for hook in self.after:
            changed = hook(self.module, given, self.grad_outputs)
            if changed is not None:
                given = checked("grad_input", changed, self.count)
        return given


def gated(values: tuple[Any, ...], seen: Hook) -> tuple[tuple[Any, ...], list[int]]:
    """The values, those that carry a gradient behind a gate; and which ones these are."""
    places = [i for i, x in enumerate(values) if isinstance(x, Tensor) and x.requires_grad]
    if not places:
        return values, places
    found = list(values)
    for i, y in zip(places, as_tuple(Gate.apply(seen, *(values[i] for i in places)))):
        found[i] = y
    return tuple(found), places


def spread(gradients: Any, places: list[int], count: int) -> tuple[Any, ...]:
    """Gradients at their places among `count`, None elsewhere."""
    found: list[Any] = [None] * count
    for i, gradient in zip(places, gradients):
        found[i] = gradient
    return tuple(found)


def checked(name: str, changed: Any, count: int) -> tuple[Any, ...]:
    """What a hook returned, as a tuple. Raises RuntimeError for another number of gradients."""
    found = as_tuple(changed)
    if len(found) != count:
        raise RuntimeError(
            f"Backward hook returned an invalid number of {name}, got {len(found)}, but expected "
            f"{count}"
        )
    return found
