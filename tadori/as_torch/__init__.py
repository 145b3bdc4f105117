"""Tadori in PyTorch's place lives here: a program says `import torch`, and Tadori answers.

`answer_torch()` puts a finder before Python's own. `program.py` runs a script that way, for the
command `tadori run`; `torch.py` is found by the processes that the script starts.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["answer_torch"]

#: modules that have another name or place here; what lies below them follows
ELSEWHERE = {
    "torch.autograd.function": "tadori.autograd.custom",
    "torch.multiprocessing": "multiprocessing",
    "torch.utils.data.dataloader": "tadori.utils.data.loader",
}

#: where a module is looked for that is not found under its own name
OTHERWISE = {"tadori.nn.modules": "tadori.nn"}


def answer_torch() -> Answer:
    """From now on `import torch`, and torch.anything, give Tadori's modules in this process.

    Returns a context manager whose exit, or `undo()`, brings back what was there before, PyTorch
    itself if it had been imported. Modules that were imported meanwhile keep what they hold.
    """
    return Answer()


class Answer(MetaPathFinder, Loader):
    """The finder of everything called torch, and its loader, which has it already."""

    def __init__(self) -> None:
        self.before = taken_away()
        sys.meta_path.insert(0, self)
        sys.modules["torch"] = import_module("tadori")

    def undo(self) -> None:
        """Bring back what `import torch` gave before."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
            taken_away()
            sys.modules.update(self.before)

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *error: Any) -> None:
        self.undo()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Python asks: who has the module of this name?"""
        if not is_torch(fullname):
            return None
        return ModuleSpec(fullname, self, origin=here(fullname))

    def exec_module(self, module: ModuleType) -> None:
        """Put Tadori's module where Python looks for the one it has just made."""
        name = module.__name__
        sys.modules[name] = found(name)
        for other, place in ELSEWHERE.items():
            parent, _, child = other.rpartition(".")
            if parent == name:
                # Put there now and not when asked for: Python would bind the name in the parent,
                # where another module of ours may have it.
                sys.modules[other] = import_module(place)
                if not hasattr(sys.modules[name], child):
                    setattr(sys.modules[name], child, sys.modules[other])


def is_torch(name: str) -> bool:
    """Whether a module's name is PyTorch's or lies in it; torchvision is another package."""
    return name.partition(".")[0] == "torch"


def taken_away() -> dict[str, ModuleType]:
    """All modules of this name that are loaded, taken out of Python's table."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if is_torch(name)}


def here(name: str) -> str:
    """The name of Tadori's module for one of PyTorch's."""
    for other, place in ELSEWHERE.items():
        if f"{name}.".startswith(f"{other}."):
            return place + name.removeprefix(other)
    return "tadori" + name.removeprefix("torch")


def found(name: str) -> ModuleType:
    """Tadori's module for one of PyTorch's, or ModuleNotFoundError that says who was asked."""
    ours = here(name)
    folder, _, last = ours.rpartition(".")
    for place in (ours, f"{OTHERWISE[folder]}.{last}") if folder in OTHERWISE else (ours,):
        try:
            return import_module(place)
        except ModuleNotFoundError as error:
            if error.name != place:
                raise
    parent = import_module(folder)
    raise ModuleNotFoundError(
        f"No module named {name!r}: Tadori answers `import torch` here, and has no {ours}. "
        f"{parent.__name__} has the modules {', '.join(modules_in(parent))}",
        name=name,
    ) from None


def modules_in(package: ModuleType) -> list[str]:
    """The public modules in a package's folder."""
    from pkgutil import iter_modules

    names = (module.name for module in iter_modules(getattr(package, "__path__", ())))
    return [name for name in names if not name.startswith("_")]
