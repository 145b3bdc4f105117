"""Saving and loading live here: tensors in nested dicts, lists and tuples, in files of two kinds.

`safetensors_file.py` knows the one, `pytorch_file.py` those of `torch.save`: in them are pickles,
which `pickles.py` reads as data, and `rebuild.py` lists all that they may name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from ..device import CPU, device
from . import pytorch_file, safetensors_file
from .files import as_path, beginning, foreign, replacing

__all__ = ["save", "load"]

#: the names that PyTorch's users give to what torch.save writes
PYTORCH_NAMES = (".pt", ".pth", ".ckpt", ".bin", ".tar")


def save(obj: Any, f: Any) -> None:
    """Write `obj` to a file that `load` reads back: tensors, numbers, strings, None, in dicts,
    lists and tuples.

    A name that ends in .pt, .pth, .ckpt, .bin or .tar, or an open binary file, gets PyTorch's
    format, which `torch.load` reads; any other name a safetensors file. Modules and optimizers are
    saved by their `state_dict()`. History and gradients are not saved. The file appears whole or
    not at all: an error leaves an older one as it was. Raises TypeError for what cannot be saved,
    naming its place.
    """
    try:
        if hasattr(f, "write"):
            pytorch_file.write(f, "archive", *pytorch_file.packed(obj))
            return
        where = as_path(f, "save")
        if where.suffix not in PYTORCH_NAMES:
            safetensors_file.write(obj, where)
            return
        content = pytorch_file.packed(obj)
    except RecursionError:
        raise ValueError("save: the object contains itself, or is nested too deeply") from None
    with replacing(where) as temporary, temporary.open("wb") as file:
        pytorch_file.write(file, where.stem, *content)


def load(f: Any, map_location: Any = None, *, weights_only: bool = True, mmap: Any = None) -> Any:
    """What `save` or `torch.save` wrote; from other safetensors files, a dict of tensors.

    f: a path, or an open binary file in PyTorch's format. Tensors come to the CPU, or to the device
    `map_location`. Nothing in the file is executed: plain data and tensors are built, and whatever
    else it names is refused, also with `weights_only=False`. Raises FileNotFoundError; ValueError
    for files that are damaged or of another kind; `pickle.UnpicklingError`, which names what it
    found, for files with other things in them.
    """
    target = CPU if map_location is None or callable(map_location) else map_location
    target = CPU if isinstance(target, dict) else device(target)
    if hasattr(f, "read"):
        return opened(f, Path(str(getattr(f, "name", "the open file"))), target)
    where = as_path(f, "load")
    start, size = beginning(where)
    if safetensors_file.is_safetensors(start, size, where):
        return safetensors_file.read(where, target)
    with where.open("rb") as file:
        return opened(file, where, target)


def opened(file: BinaryIO, where: Path, target: Any) -> Any:
    """What an open file in PyTorch's format holds."""
    at = file.tell()
    start = file.read(64)
    file.seek(at)
    read = pytorch_file.reader(start)
    if read is None:
        raise foreign(where, start)
    return read(file, where, target)
