"""Parameters that are computed from others: a weight as a function of what is really learned.

`register_parametrization(layer, "weight", f)` makes `layer.weight` the result of `f(original)`,
anew at every look, where `original` is the parameter that the optimizer sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from ...autograd.mode import no_grad
from ...tensor import Tensor
from ..container import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter


class Cache:
    """What was computed within `cached()`: how deep we are in it, and the tensors by owner."""

    def __init__(self) -> None:
        self.depth = 0
        self.found: dict[tuple[int, str], Any] = {}


cache = Cache()


@contextmanager
def cached() -> Iterator[None]:
    """Within it, each parametrized tensor is computed once, and shared."""
    cache.depth += 1
    try:
        yield
    finally:
        cache.depth -= 1
        if not cache.depth:
            cache.found.clear()


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, one after another, and what they begin with.

    `original`, or, where the first takes several tensors, `original0`, `original1`, ...
    """

    def __init__(self, modules: Any, original: Tensor, unsafe: bool = False) -> None:
        modules = list(modules)
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        with no_grad():
            start = inverted(modules, original)
        self.is_tensor = isinstance(start, Tensor)
        if isinstance(start, Tensor):
            self.ntensors = 1
            same = original.dtype == start.dtype and original.shape == start.shape
            if not unsafe and not same:
                raise ValueError(
                    "When `right_inverse` outputs one tensor, it must have the dtype and shape of "
                    f"the original: {start.dtype}{tuple(start.shape)}, not "
                    f"{original.dtype}{tuple(original.shape)}. Remedy: unsafe=True"
                )
            with no_grad():
                original.array = start.array  # the optimizer keeps the parameter it knows
            self._keep("original", original)
        else:
            self.ntensors = len(start)
            for i, part in enumerate(start):
                if isinstance(original, Parameter):
                    part = Parameter(part, original.requires_grad)
                self._keep(f"original{i}", part)
        if not unsafe:
            self._check(original)

    def _keep(self, name: str, tensor: Tensor) -> None:
        if isinstance(tensor, Parameter):
            self.register_parameter(name, tensor)
        else:
            self.register_buffer(name, tensor)

    def _check(self, original: Tensor) -> None:
        with no_grad():
            found = self()
        if not isinstance(found, Tensor):
            raise ValueError(f"A parametrization must return a tensor. Got {type(found).__name__}.")
        for what in ("dtype", "shape"):
            wanted, got = getattr(original, what), getattr(found, what)
            if wanted != got:
                raise ValueError(
                    f"Registering a parametrization may not change the {what} of the tensor, "
                    f"unless `unsafe` flag is enabled: it was {wanted} and is {got}"
                )

    def originals(self) -> list[Any]:
        """The tensors that are really learned."""
        if self.is_tensor:
            return [self.original]
        return [getattr(self, f"original{i}") for i in range(self.ntensors)]

    def right_inverse(self, value: Tensor) -> None:
        """Set the originals so that the result is `value`, as far as the inverses can."""
        with no_grad():
            start = inverted(list(self), value, strict=True)
            parts = [start] if isinstance(start, Tensor) else list(start)
            if len(parts) != self.ntensors:
                raise ValueError(
                    f"right_inverse must return {self.ntensors} tensors, got {len(parts)}"
                )
            for original, part in zip(self.originals(), parts):
                original.copy_(part)

    def forward(self) -> Any:
        """The parametrized tensor."""
        x = self[0](*self.originals())
        for module in list(self)[1:]:
            x = module(x)
        return x


def inverted(modules: list[Any], value: Any, strict: bool = False) -> Any:
    """`value` taken back through the inverses, from the last module to the first."""
    for module in reversed(modules):
        if not hasattr(module, "right_inverse"):
            if strict:
                raise RuntimeError(
                    f"parametrization {type(module).__name__} does not implement right_inverse."
                )
            return value
        try:
            value = module.right_inverse(value)
        except NotImplementedError:
            if strict:
                raise
            return value
    return value


def register_parametrization(
    module: Module,
    tensor_name: str,
    parametrization: Module,
    *,
    unsafe: bool = False,
) -> Module:
    """Let `module.tensor_name` be what `parametrization` makes of the tensor that is there.

    A method `right_inverse` of the parametrization says from what it begins, and lets the tensor be
    assigned. unsafe: shape and dtype may change. Several compose. Raises ValueError for a name that
    is no parameter or buffer.
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        stack: Any = module.parametrizations[tensor_name]
        if not unsafe:
            before = getattr(module, tensor_name)
            with no_grad():
                after = parametrization(before)
            if not isinstance(after, Tensor) or after.shape != before.shape:
                raise ValueError(
                    "A parametrization may not change the shape of the tensor, unless the "
                    f"`unsafe` flag is enabled: {tuple(before.shape)}"
                )
        stack.append(parametrization)
        stack.unsafe = stack.unsafe or unsafe
        return module
    if tensor_name not in module._parameters and tensor_name not in module._buffers:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element "
            f"with name '{tensor_name}'"
        )
    stack = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
    stack.train(module.training)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        change_class(module)
        module.parametrizations = ModuleDict()
    setattr(type(module), tensor_name, computed(tensor_name))
    module.parametrizations[tensor_name] = stack
    return module


def change_class(module: Module) -> None:
    """Give the module a class of its own, on which the computed tensors are properties."""
    base = type(module)

    def copied(self: Any, memo: dict[int, Any]) -> Any:
        new = base.__new__(base)
        memo[id(self)] = new
        new.__dict__ = deepcopy(self.__dict__, memo)
        change_class(new)
        for name in new.parametrizations:
            setattr(type(new), name, computed(name))
        return new

    def refused(self: Any) -> Any:
        raise RuntimeError(
            "Serialization of parametrized modules is only supported through state_dict()."
        )

    body = {"__deepcopy__": copied, "__getstate__": refused, "__module__": base.__module__}
    module.__class__ = type(f"Parametrized{base.__name__}", (base,), body)


def computed(name: str) -> property:
    """The property that computes a tensor when it is looked at."""

    def get(self: Any) -> Any:
        if not cache.depth:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in cache.found:
            cache.found[key] = self.parametrizations[name]()
        return cache.found[key]

    def put(self: Any, value: Tensor) -> None:
        self.parametrizations[name].right_inverse(value)

    return property(get, put)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether this tensor of the module, or any, is parametrized."""
    found = module._modules.get("parametrizations")
    if not isinstance(found, ModuleDict):
        return False
    return len(found) > 0 if tensor_name is None else tensor_name in found


def type_before_parametrizations(module: Module) -> type:
    """The class of the module as it was made."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def remove_parametrizations(
    module: Module,
    tensor_name: str,
    leave_parametrized: bool = True,
) -> Module:
    """Make the tensor a plain one again, with its present value, or with that of the original.

    Raises ValueError if there is no parametrization, or several originals of which none is the
    value.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    stack: Any = module.parametrizations[tensor_name]
    tensor = stack.originals()[0]
    if leave_parametrized:
        with no_grad():
            value = getattr(module, tensor_name)
        if stack.is_tensor:
            tensor.array = value.array
        elif isinstance(tensor, Parameter):
            tensor = Parameter(value, any(t.requires_grad for t in stack.originals()))
        else:
            tensor = value
    elif not stack.is_tensor:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is "
            "parametrized in terms of a sequence of tensors."
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if isinstance(tensor, Parameter):
        module.register_parameter(tensor_name, tensor)
    else:
        module.register_buffer(tensor_name, tensor)
    if not len(module.parametrizations):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    return module


def transfer_parametrizations_and_params(
    from_module: Module,
    to_module: Module,
    tensor_name: str | None = None,
) -> Module:
    """Give another module the parametrizations of this one, with copies of their originals."""
    if not is_parametrized(from_module):
        return to_module
    names = list(from_module.parametrizations) if tensor_name is None else [tensor_name]
    for name in names:
        if name not in to_module._parameters and name not in to_module._buffers:
            to_module.register_parameter(name, Parameter(getattr(from_module, name).detach()))
        stack: Any = from_module.parametrizations[name]
        for parametrization in stack:
            register_parametrization(to_module, name, deepcopy(parametrization), unsafe=True)
        pairs = zip(to_module.parametrizations[name].originals(), stack.originals())
        with no_grad():
            for target, source in pairs:
                target.copy_(source)
    return to_module
