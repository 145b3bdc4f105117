"""Saving and loading a module: first everything is checked, then everything is written."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..autograd.hooks import RemovableHandle
from ..autograd.version import written
from ..device import to_device
from ..tensor import Tensor, as_array
from .hooks import Hook, Hooks, register
from .parameter import Parameter, is_lazy

EXTRA = "_extra_state"


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` found on one side only."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        missing, unexpected = self
        return f"IncompatibleKeys(missing_keys={missing}, unexpected_keys={unexpected})"


class Saved:
    """The methods of `Module` that save and load it, and their hooks."""

    _version = 1
    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    _modules: dict[str, Any]
    _non_persistent: set[str]
    _state_dict_hooks: Hooks
    _state_dict_pre_hooks: Hooks
    _load_state_dict_pre_hooks: Hooks
    _load_state_dict_post_hooks: Hooks

    def state_dict(
        self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> OrderedDict[str, Any]:
        """All parameters and persistent buffers by path; PyTorch's names, so its files fit.

        The tensors share memory with the module and are detached, unless `keep_vars`.
        """
        if args:  # PyTorch's older order of arguments
            given = (*args, *(destination, prefix, keep_vars)[len(args) :])
            destination, prefix, keep_vars = given
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = {"version": self._version}
        for hook in list(self._state_dict_pre_hooks.values()):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                path = f"{prefix}{name}."
                module.state_dict(destination=destination, prefix=path, keep_vars=keep_vars)
        for hook in list(self._state_dict_hooks.values()):
            changed = hook(self, destination, prefix, {"version": self._version})
            destination = destination if changed is None else changed
        return destination

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """Put what is this module's own, not that of modules inside it, into `destination`."""
        for name, tensor in (*self._parameters.items(), *self._buffers.items()):
            if tensor is not None and name not in self._non_persistent:
                shown = keep_vars or is_lazy(tensor)
                destination[prefix + name] = tensor if shown else tensor.detach()
        if has_extra(self):
            destination[prefix + EXTRA] = self.get_extra_state()

    def get_extra_state(self) -> Any:
        """What `state_dict` shall hold besides tensors; a subclass defines this and the reverse."""
        raise RuntimeError(f"{type(self).__name__} has no extra state: it defines no such method")

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` gave."""
        raise RuntimeError(
            f"{type(self).__name__} got extra state to load, but defines no set_extra_state"
        )

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy tensors into this module's own; returns (missing_keys, unexpected_keys).

        strict: the keys must be the same. assign: take the given tensors, instead of copying.
        Raises RuntimeError that lists all that does not fit; then nothing was changed.
        """
        return load(self, state_dict, strict, assign)

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load what is this module's own; what is wrong is added to the lists.

        Writing waits until all modules were asked: it is added to local_metadata["writes"].
        """
        for hook in list(self._load_state_dict_pre_hooks.values()):
            lists = (strict, missing_keys, unexpected_keys, error_msgs)
            hook(state_dict, prefix, local_metadata, *lists)
        known = set()
        for path, store, name in own_places(self, prefix):
            known.add(path)
            if path not in state_dict:
                missing_keys.append(path)
            elif problem := misfit(path, state_dict[path], store[name]):
                error_msgs.append(problem)
            else:
                local_metadata["writes"].append((store, name, state_dict[path]))
        if has_extra(self):
            known.add(prefix + EXTRA)
            if prefix + EXTRA in state_dict:
                self.set_extra_state(state_dict[prefix + EXTRA])
            else:
                missing_keys.append(prefix + EXTRA)
        for path in state_dict:
            first = path[len(prefix) :].split(".", 1)
            inside = len(first) > 1 and first[0] in self._modules
            if path.startswith(prefix) and path not in known and not inside:
                unexpected_keys.append(path)

    def register_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata)` after the state is collected.

        It changes the state in place.
        """
        return register(self._state_dict_hooks, hook)

    def _register_state_dict_hook(self, hook: Hook) -> RemovableHandle:
        return register(self._state_dict_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(module, prefix, keep_vars)` before the state is collected."""
        return register(self._state_dict_pre_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata, strict, missing_keys,
        unexpected_keys, error_msgs)` before loading; it may change all of them in place.
        """
        return register(self._load_state_dict_pre_hooks, lambda *args: hook(self, *args))

    def _register_load_state_dict_pre_hook(
        self, hook: Hook, with_module: bool = False
    ) -> RemovableHandle:
        if with_module:
            return self.register_load_state_dict_pre_hook(hook)
        return register(self._load_state_dict_pre_hooks, hook)

    def register_load_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(module, incompatible_keys)` after loading; it may take keys off the lists."""
        return register(self._load_state_dict_post_hooks, hook)


def has_extra(module: Any) -> bool:
    """Whether the module's class has a state besides tensors."""
    return type(module).get_extra_state is not Saved.get_extra_state


def load(module: Any, state: Mapping[str, Any], strict: bool, assign: bool) -> IncompatibleKeys:
    """See `Module.load_state_dict`."""
    if not isinstance(state, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state)}.")
    given = OrderedDict(state)
    keys, problems = IncompatibleKeys([], []), list[str]()
    writes: list[tuple[dict[str, Any], str, Any]] = []
    versions = getattr(state, "_metadata", {})

    def ask(part: Any, prefix: str) -> None:
        about = {**versions.get(prefix[:-1], {}), "writes": writes}
        if assign:
            about["assign_to_params_buffers"] = True
        lists = (strict, keys.missing_keys, keys.unexpected_keys, problems)
        part._load_from_state_dict(given, prefix, about, *lists)
        for name, child in part._modules.items():
            if child is not None:
                ask(child, f"{prefix}{name}.")
        for hook in list(part._load_state_dict_post_hooks.values()):
            hook(part, keys)

    ask(module, "")
    errors = []
    if strict and keys.unexpected_keys:
        errors.append(f"Unexpected key(s) in state_dict: {quoted(keys.unexpected_keys)}.")
    if strict and keys.missing_keys:
        errors.append(f"Missing key(s) in state_dict: {quoted(keys.missing_keys)}.")
    errors += problems
    if errors:
        listed = "\n\t".join(errors)
        kind = type(module).__name__
        raise RuntimeError(f"Error(s) in loading state_dict for {kind}:\n\t{listed}")
    for store, name, value in writes:
        put(store, name, value, assign)
    return keys


def misfit(path: str, value: Any, tensor: Tensor) -> str:
    """Why `value` cannot be loaded where `tensor` is; '' if it can."""
    if not hasattr(value, "shape") or not hasattr(value, "dtype"):
        return f"{path} is no tensor in the state_dict, but a {type(value).__name__}."
    if is_lazy(tensor) or is_lazy(value):
        return "" if is_lazy(tensor) else f"{path} has no shape yet in the state_dict."
    if tuple(value.shape) != tuple(tensor.shape):
        return (
            f"size mismatch for {path}: the state_dict has shape {tuple(value.shape)}, "
            f"the module {tuple(tensor.shape)}."
        )
    if value.dtype.kind == "c" and tensor.dtype.kind != "c":
        return f"{path} is complex in the state_dict, and real in the module."
    return ""


def own_places(module: Any, prefix: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """(path, dictionary, name) of every tensor of the module itself that `state_dict` has."""
    for store in (module._parameters, module._buffers):
        for name, tensor in store.items():
            if tensor is not None and name not in module._non_persistent:
                yield prefix + name, store, name


def put(store: dict[str, Any], name: str, value: Any, assign: bool) -> None:
    """Write one tensor into its place."""
    tensor = store[name]
    if is_lazy(value):
        return
    array = as_array(value)
    if is_lazy(tensor):
        tensor.materialize(array.shape, dtype=array.dtype)
    if not assign:
        tensor.array[...] = to_device(array, tensor.device)
        written(tensor.array, "load_state_dict")
    elif isinstance(tensor, Parameter):
        store[name] = Parameter(array, tensor.requires_grad)
    else:
        store[name] = Tensor(array)


def quoted(keys: list[str]) -> str:
    """The keys as `"a", "b"`."""
    return ", ".join(f'"{key}"' for key in keys)
