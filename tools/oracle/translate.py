"""What PyTorch's samples hold, said in Tadori: tensors, types, containers, functions."""

from __future__ import annotations

import functools
import types
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch

import tadori


class Missing(Exception):
    """Tadori has no such name."""


def find(path: str) -> Any:
    """tadori.PATH, or the method of that name."""
    found: Any = tadori
    try:
        for part in path.split("."):
            found = getattr(found, part)
    except AttributeError:
        found = getattr(tadori.Tensor, path, None)
    if found is None:
        raise Missing(f"tadori.{path} is absent")
    return found


class Translator:
    """One sample's translation. The same tensor stays the same tensor; `leaves` has those that ask
    for a gradient, PyTorch's and ours side by side."""

    def __init__(self, narrow: bool = False) -> None:
        self.narrow = narrow  # float64 becomes float32
        self.known: dict[int, Any] = {}
        self.kept: list[Any] = []  # so that no id is given twice
        self.leaves: list[tuple[Any, Any]] = []

    def __call__(self, x: Any) -> Any:
        match x:
            case torch.Tensor():
                return self.tensor(x)
            case torch.dtype():
                return find(str(x).removeprefix("torch."))
            case torch.device():
                return str(x)
            case torch.layout() | torch.memory_format():
                return find(str(x).removeprefix("torch."))
            case tuple() if hasattr(x, "_fields"):
                return type(x)(*map(self, x))
            case torch.Size() | tuple():
                return tuple(map(self, x))
            case list():
                return list(map(self, x))
            case dict():
                return {key: self(value) for key, value in x.items()}
            case slice():
                return slice(self(x.start), self(x.stop), self(x.step))
            case functools.partial():
                return functools.partial(function(x.func), *self(x.args), **self(x.keywords))
            case torch.nn.TransformerEncoderLayer():
                return self.encoder_layer(x)
            case torch.nn.Module():
                return find(f"nn.{type(x).__name__}")()
            case types.FunctionType() | types.BuiltinFunctionType():
                return function(x)
        return x

    def encoder_layer(self, x: Any) -> Any:
        """A layer with its options and its parameters."""
        bias = x.linear1.bias is not None
        new = find("nn.TransformerEncoderLayer")(
            x.self_attn.embed_dim,
            x.self_attn.num_heads,
            x.linear1.out_features,
            x.dropout.p,
            self(x.activation),
            x.norm1.eps,
            x.self_attn.batch_first,
            x.norm_first,
            bias,
        )
        state = {key: array(value) for key, value in x.state_dict().items()}
        new.load_state_dict({key: tadori.Tensor(value) for key, value in state.items()})
        return new

    def tensor(self, x: torch.Tensor) -> Any:
        if id(x) not in self.known:
            values = array(x)
            if self.narrow and values.dtype == np.float64:
                values = values.astype(np.float32)
            new = tadori.Tensor(values)
            if isinstance(x, torch.nn.Parameter):
                new = tadori.nn.Parameter(new, requires_grad=x.requires_grad)
            elif x.requires_grad:
                new.requires_grad_()
            self.known[id(x)] = new
            self.kept.append(x)
            if x.requires_grad:
                self.leaves.append((x, new))
        return self.known[id(x)]


def array(x: torch.Tensor) -> np.ndarray[Any, Any]:
    """A copy in NumPy, with the same strides, as the same part of as much memory."""
    x = x.detach().resolve_conj().resolve_neg()
    if x.dtype == torch.bfloat16:
        return x.float().numpy().astype(tadori.bfloat16)
    if x.is_contiguous() and x.untyped_storage().nbytes() == x.numel() * x.element_size():
        return x.numpy().copy()
    memory = torch.empty(0, dtype=x.dtype).set_(x.untyped_storage()).numpy().copy()
    steps = [step * memory.itemsize for step in x.stride()]
    return np.lib.stride_tricks.as_strided(memory[x.storage_offset() :], x.shape, steps)


def function(f: Any) -> Any:
    """A function in a sample, or of the database: its code, with `torch` being ours."""
    if isinstance(f, types.FunctionType) and f.__module__.startswith("torch.testing"):
        cells = tuple(
            types.CellType(Translator()(cell.cell_contents)) for cell in f.__closure__ or ()
        )
        defaults = Translator()(f.__defaults__)
        new = types.FunctionType(f.__code__, names(f.__globals__), f.__name__, defaults, cells)
        new.__kwdefaults__ = Translator()(f.__kwdefaults__)
        return new
    module = getattr(f, "__module__", None) or "torch"
    owner = getattr(f, "__qualname__", f.__name__).rpartition(".")[0]
    if "TensorBase" in owner:
        return find(f"Tensor.{f.__name__}")
    room = module.removeprefix("torch").removeprefix(".").removeprefix("_C._")
    room = "nn.functional" if room == "nn" else room
    room = "" if room in ("functional", "_VariableFunctions") else room + "."
    return find(f"{room}{f.__name__}".removeprefix("."))


def names(given: dict[str, Any]) -> dict[str, Any]:
    """The globals of a function of the database, with our library in place of PyTorch."""
    new = dict(given)
    new.update(torch=tadori, wrapper_set_seed=seeded, freeze_rng_state=nullcontext)
    return new


def seeded(op: Any, *args: Any, **kwargs: Any) -> Any:
    """What the database's `wrapper_set_seed` does: the seed 42 before each call."""
    tadori.manual_seed(42)
    return op(*args, **kwargs)
