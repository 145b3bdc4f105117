"""Loading a state dict into a module: first everything is checked, then everything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..autograd.version import written
from ..device import to_device
from ..tensor import Tensor, as_array
from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` found on one side only."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        missing, unexpected = self
        return f"IncompatibleKeys(missing_keys={missing}, unexpected_keys={unexpected})"


def load(module: Module, state: Mapping[str, Any], strict: bool, assign: bool) -> IncompatibleKeys:
    """See `Module.load_state_dict`."""
    if not isinstance(state, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state)}.")
    owned = {path: (store, name) for path, store, name in places(module)}
    keys = IncompatibleKeys(
        [path for path in owned if path not in state],
        [path for path in state if path not in owned],
    )
    problems = []
    if strict and keys.unexpected_keys:
        problems.append(f"Unexpected key(s) in state_dict: {quoted(keys.unexpected_keys)}.")
    if strict and keys.missing_keys:
        problems.append(f"Missing key(s) in state_dict: {quoted(keys.missing_keys)}.")
    for path, (store, name) in owned.items():
        if path in state and (problem := misfit(path, state[path], store[name])):
            problems.append(problem)
    if problems:
        listed = "\n\t".join(problems)
        kind = type(module).__name__
        raise RuntimeError(f"Error(s) in loading state_dict for {kind}:\n\t{listed}")
    for path, (store, name) in owned.items():
        if path in state:
            put(store, name, state[path], assign)
    return keys


def misfit(path: str, value: Any, tensor: Tensor) -> str:
    """Why `value` cannot be loaded where `tensor` is; '' if it can."""
    if not hasattr(value, "shape") or not hasattr(value, "dtype"):
        return f"{path} is no tensor in the state_dict, but a {type(value).__name__}."
    if tuple(value.shape) != tuple(tensor.shape):
        return (
            f"size mismatch for {path}: the state_dict has shape {tuple(value.shape)}, "
            f"the module {tuple(tensor.shape)}."
        )
    if value.dtype.kind == "c" and tensor.dtype.kind != "c":
        return f"{path} is complex in the state_dict, and real in the module."
    return ""


def places(module: Module, prefix: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """(path, dictionary, name) of everything `state_dict` has."""
    for store in (module._parameters, module._buffers):
        for name, tensor in store.items():
            if tensor is not None and name not in module._non_persistent:
                yield prefix + name, store, name
    for name, child in module._modules.items():
        if child is not None:
            yield from places(child, f"{prefix}{name}.")


def put(store: dict[str, Any], name: str, value: Any, assign: bool) -> None:
    """Write one tensor into its place."""
    tensor = store[name]
    array = as_array(value)
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
