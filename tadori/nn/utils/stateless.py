"""Call a module with other parameters and buffers than its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ...tensor import Tensor
from ..module import Module


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: dict[str, Tensor] | Sequence[dict[str, Tensor]],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """`module(*args, **kwargs)` as if its parameters and buffers were those given by name.

    A name that is not given keeps the module's own, unless `strict`. With `tie_weights` a tensor
    that the module has under several names is replaced under all. args may be one argument alone.
    Afterwards the module is as before. Raises RuntimeError for names that it does not have or, if
    `strict`, that are lacking; ValueError for a name given twice.
    """
    if isinstance(parameter_and_buffer_dicts, dict):
        parameter_and_buffer_dicts = [parameter_and_buffer_dicts]
    given: dict[str, Tensor] = {}
    for tensors in parameter_and_buffer_dicts:
        if twice := given.keys() & tensors.keys():
            raise ValueError(f"functional_call: given in more than one dict: {sorted(twice)}")
        given |= tensors
    if args is None:
        args = ()
    elif not isinstance(args, tuple):
        args = (args,)
    with replaced(module, given, tie_weights, strict):
        return module(*args, **(kwargs or {}))


@contextmanager
def replaced(
    module: Module, tensors: dict[str, Tensor], tie_weights: bool, strict: bool
) -> Iterator[None]:
    """A block in which the module has these tensors in place of its own."""
    places = dict(tensor_places(module))
    own = {name: store[key] for name, (store, key) in places.items()}
    unexpected = sorted(tensors.keys() - own.keys())
    if tie_weights:
        tensors = tensors | tied(tensors, own)
    missing = sorted(own.keys() - tensors.keys()) if strict else []
    if unexpected or missing:
        said = f"unexpected {unexpected}" if unexpected else f"missing {missing}"
        raise RuntimeError(
            f"functional_call: the names do not fit {type(module).__name__}: {said}. "
            "Its names are those of named_parameters() and named_buffers()"
        )
    try:
        for name, tensor in tensors.items():
            store, key = places[name]
            store[key] = tensor
        yield
    finally:
        for name in tensors:
            store, key = places[name]
            store[key] = own[name]


def tied(tensors: dict[str, Tensor], own: dict[str, Tensor]) -> dict[str, Tensor]:
    """What stands under the other names of the tensors that are replaced.

    Raises ValueError where two names of one tensor were given different ones.
    """
    by_tensor: dict[int, Tensor] = {}
    for name, tensor in tensors.items():
        if name in own and by_tensor.setdefault(id(own[name]), tensor) is not tensor:
            raise ValueError(
                f"functional_call: {name} is one tensor under several names, which were given "
                "different tensors. Remedy: give one of them, or tie_weights=False"
            )
    return {name: by_tensor[id(x)] for name, x in own.items() if id(x) in by_tensor}


def tensor_places(module: Module) -> Iterator[tuple[str, tuple[dict[str, Any], str]]]:
    """(name, (the dict in which it stands, its key there)) of each parameter and buffer."""
    for prefix, inner in module.named_modules(remove_duplicate=False):
        for store in (inner._parameters, inner._buffers):
            for key, tensor in store.items():
                if tensor is not None:
                    yield f"{prefix}.{key}" if prefix else key, (store, key)
