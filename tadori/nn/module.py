"""Module: a part of a model, which knows its parameters, buffers and inner modules by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ..autograd.hooks import observers, tell
from ..device import device as Device
from ..device import to_device
from ..dtype import is_floating
from ..language import np
from ..tensor import Tensor
from .hooks import Hooked, call_with_hooks, everywhere, registered
from .parameter import Buffer, Parameter
from .state import Saved

Self = TypeVar("Self", bound="Module")


class Module(Hooked, Saved):
    """Base of all layers and models: assign parameters and modules, and write `forward`.

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 2)

            def forward(self, x):
                return self.fc(x).relu()

    `net(x)` calls `forward` and the hooks. `net.parameters()` finds every Parameter, however deep.
    """

    training: bool
    dump_patches = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args or kwargs:
            raise TypeError(
                f"{type(self).__name__}.__init__() got arguments that it does not know: "
                f"{[*map(repr, args), *kwargs]}"
            )
        self.__dict__.update(
            training=True,
            _parameters={},
            _buffers={},
            _modules={},
            _non_persistent=set(),
            _forward_pre_hooks={},
            _forward_hooks={},
            _backward_pre_hooks={},
            _backward_hooks={},
            _state_dict_hooks={},
            _state_dict_pre_hooks={},
            _load_state_dict_pre_hooks={},
            _load_state_dict_post_hooks={},
        )

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; every subclass writes its own."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function. '
            "Remedy: define forward(self, x) in this class; its name must be spelled so"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if (
            self._forward_pre_hooks
            or self._forward_hooks
            or self._backward_hooks
            or self._backward_pre_hooks
            or observers
            or everywhere
        ):
            return call_with_hooks(self, args, kwargs)
        return self.forward(*args, **kwargs)

    # Attributes: a Parameter, a Module and a registered buffer live in dictionaries of their own.

    def __setattr__(self, name: str, value: Any) -> None:
        attributes = self.__dict__
        if isinstance(value, Parameter | Module):
            kind = "_parameters" if isinstance(value, Parameter) else "_modules"
            if kind not in attributes:
                raise AttributeError(
                    f"cannot assign {kind[1:]} before Module.__init__() call. Remedy: begin "
                    f"{type(self).__name__}.__init__ with super().__init__()"
                )
            for other in (attributes, *self._stores()):
                if other is not attributes[kind]:
                    other.pop(name, None)
            attributes[kind][name] = registered(kind[1:-1], self, name, value)
            return
        if isinstance(value, Buffer):
            if "_buffers" not in attributes:
                raise AttributeError("cannot assign buffer before Module.__init__() call")
            for other in (attributes, *self._stores()):
                other.pop(name, None)
            self.register_buffer(name, value, value.persistent)
            return
        for kind, allowed in (
            ("_parameters", Parameter),
            ("_modules", Module),
            ("_buffers", Tensor),
        ):
            if name in attributes.get(kind, ()):
                if value is not None and not isinstance(value, allowed):
                    raise TypeError(
                        f"cannot assign a {type(value).__name__} as {name!r} of "
                        f"{type(self).__name__}, which is one of its {kind[1:]} "
                        f"({allowed.__name__} or None expected)"
                    )
                attributes[kind][name] = value
                return
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        attributes = self.__dict__
        for kind in ("_parameters", "_modules", "_buffers"):
            if kind in attributes and name in attributes[kind]:
                return attributes[kind][name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for store in self._stores():
            if name in store:
                del store[name]
                self._non_persistent.discard(name)
                return
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        names = [name for store in self._stores() for name in store if name.isidentifier()]
        return sorted({*super().__dir__(), *names})

    def _stores(self) -> list[dict[str, Any]]:
        attributes = self.__dict__
        names = ("_parameters", "_buffers", "_modules")
        return [attributes[name] for name in names if name in attributes]

    # Registering by name.

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, or None to keep the name free for one.

        Raises KeyError for a name that cannot be used.
        """
        self._check_name("parameter", name, self._parameters)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign a {type(param).__name__} as parameter {name!r} "
                "(nn.Parameter or None required)"
            )
        self._parameters[name] = registered("parameter", self, name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that moves and is saved with the module but is not trained: a running mean.

        persistent: whether `state_dict` has it.
        """
        self._check_name("buffer", name, self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign a {type(tensor).__name__} as buffer {name!r} "
                "(Tensor or None required)"
            )
        self._buffers[name] = registered("buffer", self, name, tensor)
        (self._non_persistent.discard if persistent else self._non_persistent.add)(name)

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a module inside this one under `name`."""
        self._check_name("module", name, self._modules)
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._modules[name] = registered("module", self, name, module)

    add_module = register_module

    def _check_name(self, kind: str, name: str, store: dict[str, Any]) -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {type(name).__name__}")
        if name == "" or "." in name:
            raise KeyError(f'{kind} name can\'t be empty or contain ".", got {name!r}')
        if hasattr(self, name) and name not in store:
            raise KeyError(f"attribute {name!r} already exists")

    # Walking through it.

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """(path, module) of this module and all inside it, each module once."""
        seen = set() if memo is None else memo
        if self in seen:
            return
        if remove_duplicate:
            seen.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                path = f"{prefix}.{name}" if prefix else name
                yield from module.named_modules(seen, path, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all inside it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """(name, module) of the modules directly inside, each once."""
        seen: set[Module] = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """The modules directly inside, each once."""
        return (module for _, module in self.named_children())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """(path, parameter) of this module and, with `recurse`, of all inside it; each once."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, each once: what an optimizer takes."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """(path, buffer), as `named_parameters`."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(
        self, kind: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        everywhere = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for path, module in everywhere if recurse else [(prefix, self)]:
            for name, tensor in module.__dict__[kind].items():
                if tensor is None or id(tensor) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(tensor))
                yield (f"{path}.{name}" if path else name), tensor

    def get_submodule(self, target: str) -> Module:
        """The module at a path such as "encoder.layers.0". Raises AttributeError for none."""
        module: Any = self
        for name in target.split(".") if target else ():
            if not isinstance(getattr(module, name, None), Module):
                raise AttributeError(f"{type(module).__name__} has no module {name!r} ({target!r})")
            module = getattr(module, name)
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put another module at a path. strict: one must be there already, or AttributeError."""
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        if not name:
            raise ValueError("Cannot set the submodule without a target name!")
        owner = self.get_submodule(path)
        if strict and name not in owner._modules:
            raise AttributeError(f"{type(owner).__name__} has no module {name!r} ({target!r})")
        setattr(owner, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a path such as "fc.weight"."""
        return self._get(target, "_parameters")

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a path such as "norm.running_mean"."""
        return self._get(target, "_buffers")

    def _get(self, target: str, kind: str) -> Any:
        path, _, name = target.rpartition(".")
        owner = self.get_submodule(path)
        if name not in owner.__dict__[kind]:
            raise AttributeError(
                f"{type(owner).__name__} has no {kind[1:-1]} {name!r} ({target!r})"
            )
        return owner.__dict__[kind][name]

    def apply(self: Self, fn: Callable[[Module], Any]) -> Self:
        """Call `fn` on every module inside and then on this one: the usual way to initialise."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # Training or not.

    def train(self: Self, mode: bool = True) -> Self:
        """Put this module and all inside it in training mode, for dropout and batch norm."""
        if not isinstance(mode, bool):
            raise ValueError(f"training mode is expected to be boolean, got {mode!r}")
        self.training = mode
        if observers:
            tell("train", self, mode=mode)
        for module in self.children():
            module.train(mode)
        return self

    def eval(self: Self) -> Self:
        """`train(False)`: the mode for using the model."""
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Ask for gradients of all parameters, or freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters; with `set_to_none=False` fill them with zeros."""
        if observers:
            tell("zero_grad", self, parameters=list(self.parameters()), set_to_none=set_to_none)
        for parameter in self.parameters():
            if parameter.grad is None:
                continue
            parameter.grad = None if set_to_none else Tensor(np.zeros_like(parameter.grad.array))

    # Where it lives, and in which dtype.

    def _apply(self: Self, fn: Callable[[Any], Any]) -> Self:
        """Put `fn(array)` in the place of the array of every parameter, gradient and buffer."""
        for tensor in (*self.parameters(), *self.buffers()):
            tensor.array = fn(tensor.array)
            if tensor.grad is not None:
                tensor.grad.array = fn(tensor.grad.array)
        return self

    def to(
        self: Self,
        *args: Any,
        device: str | Device | None = None,
        dtype: Any = None,
        non_blocking: bool = False,
    ) -> Self:
        """Move to a device, a floating-point dtype, or both: `to("cuda")`, `to(float64)`.

        A Tensor stands for its device and dtype. The Parameters stay the same objects, so an
        optimizer made before keeps working. Integer buffers keep their dtype.
        """
        for argument in args:
            if isinstance(argument, Tensor):
                device, dtype = argument.device, argument.dtype
            elif isinstance(argument, str | Device):
                device = argument
            elif argument is not None and not isinstance(argument, bool):
                dtype = argument
        wanted = None if dtype is None else np.dtype(dtype)
        if wanted is not None and not is_floating(wanted):
            raise TypeError(f"to: only floating-point dtypes are accepted, got {wanted}")

        def move(array: Any) -> Any:
            if wanted is not None and is_floating(array.dtype):
                array = array.astype(wanted, copy=False)
            return array if device is None else to_device(array, device)

        return self._apply(move)

    def float(self: Self) -> Self:
        """Floating-point parameters and buffers as float32."""
        return self.to(np.float32)

    def double(self: Self) -> Self:
        """Floating-point parameters and buffers as float64."""
        return self.to(np.float64)

    def half(self: Self) -> Self:
        """Floating-point parameters and buffers as float16."""
        return self.to(np.float16)

    def type(self: Self, dst_type: Any) -> Self:
        """All parameters and buffers in this dtype."""
        return self._apply(lambda array: array.astype(dst_type, copy=False))

    def bfloat16(self: Self) -> Self:
        """Floating-point parameters and buffers as bfloat16."""
        return self.to("bfloat16")

    def to_empty(self: Self, *, device: Any, recurse: bool = True) -> Self:
        """Move to a device without the values, which are whatever the memory holds."""
        tensors = (*self.parameters(recurse), *self.buffers(recurse))
        for tensor in tensors:
            tensor.array = to_device(np.empty_like(tensor.array), device)
        return self

    def share_memory(self: Self) -> Self:
        """Nothing to do here: worker processes get copies of what they are given."""
        return self

    def cuda(self: Self, device: int | str | Device | None = None) -> Self:
        """Move to a GPU, the first one by default."""
        return self.to(Device("cuda", device if isinstance(device, int) else None))

    def cpu(self: Self) -> Self:
        """Move to the CPU."""
        return self.to("cpu")

    # How it looks.

    def extra_repr(self) -> str:
        """What `repr` shows of this module besides the modules inside it."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        lines = [f"({name}): {indented(repr(m))}" for name, m in self._modules.items()]
        extra = self.extra_repr().split("\n") if self.extra_repr() else []
        if not lines and len(extra) <= 1:
            return f"{self._get_name()}({''.join(extra)})"
        return "\n  ".join([f"{self._get_name()}(", *extra, *lines]) + "\n)"


def indented(text: str) -> str:
    """The text with all lines but the first two columns further right."""
    return text.replace("\n", "\n  ")
