"""Saving and loading: tensors in nested dicts, lists and tuples, in a safetensors file.

The tensors are the body of the file, and how they are nested stands as JSON text in its header. So
a state dict of ours is a plain safetensors file that other programs read, and such a file of theirs
loads here as a dict. Loading runs no code that a file could bring along.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .device import CPU, device, to_device
from .dtype import holds_numbers
from .tensor import Tensor

__all__ = ["save", "load"]

STRUCTURE = "tadori"  # the header's entry that says how the tensors are nested
BIG = 100_000_000  # bytes: safetensors' own limit for a header

#: how files that are none of ours begin, and what they are
FOREIGN = {
    b"PK\x03\x04": "a zip archive, as torch.save writes",
    b"\x80": "a Python pickle",
    b"\x93NUMPY": "a NumPy .npy file",
    b"\x1f\x8b": "a gzip archive",
    b"\x89HDF": "an HDF5 file",
}


def save(obj: Any, path: Any) -> None:
    """Write `obj` to a file that `load` reads back: tensors, numbers, strings, None, in dicts,
    lists and tuples.

    Module and optimizer states go through `state_dict()`. A tensor is saved as the numbers it
    holds: gradients, history and `requires_grad` are not. The file appears whole or not at all: an
    error leaves an older one as it was. Raises TypeError for what cannot be saved, naming its
    place.
    """
    where = as_path(path, "save")
    writer = Writer(flat=isinstance(obj, dict) and all(map(is_tensor, obj.values())))
    try:
        structure = json.dumps(writer.describe(obj, ()))
    except RecursionError:
        raise ValueError("save: the object contains itself, or is nested too deeply") from None
    from safetensors.numpy import save_file

    # Some readers insist on a format. "pt" says nothing but that PyTorch can take the tensors.
    header = {"format": "pt", STRUCTURE: structure}
    with replacing(where) as temporary:
        save_file(writer.arrays, temporary, metadata=header)


def load(path: Any, map_location: Any = None) -> Any:
    """What `save` wrote; from other safetensors files, a dict of tensors.

    Tensors come to the CPU, or to the device `map_location`. Raises FileNotFoundError, and
    ValueError for files that are damaged or of another kind; nothing in the file is executed.
    """
    where = as_path(path, "load")
    target = CPU if map_location is None else device(map_location)
    inspect(where)
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(where, framework="np") as file:
            header = file.metadata() or {}
            names = list(file.keys())
            if any(file.get_slice(name).get_dtype() == "BF16" for name in names):
                need_bfloat16(where)
            arrays = {name: to_device(file.get_tensor(name), target) for name in names}
    except (SafetensorError, TypeError) as error:
        raise damaged(where, str(error)) from error
    if STRUCTURE not in header:
        return {name: Tensor(array) for name, array in arrays.items()}
    try:
        return Reader(arrays).build(json.loads(header[STRUCTURE]))
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise damaged(where, f"its structure makes no sense: {error!r}") from error


def is_tensor(x: Any) -> bool:
    """Whether x is a Tensor."""
    return isinstance(x, Tensor)


# Objects and their description. Numbers, strings and None describe themselves; all else is {kind:
# content}.


class Writer:
    """Describes an object in JSON's terms, and collects its arrays by name."""

    def __init__(self, flat: bool) -> None:
        self.flat = (
            flat  # one dict of tensors: every key must be found in the file by other readers
        )
        self.arrays: dict[str, Any] = {}
        #: memory -> the name under which it is in the file, and its array, so that the memory stays
        #: in use
        self.known: dict[Any, tuple[str, Any]] = {}

    def describe(self, x: Any, place: tuple[str, ...]) -> Any:
        """The description of `x`, which was found at `place`."""
        if x is None or type(x) in (bool, int, float, str):
            return x
        if isinstance(x, Tensor):
            return self.store("tensor", to_device(x.array, CPU), place)
        if isinstance(x, np.ndarray):
            return self.store("array", x, place)
        if isinstance(x, np.generic):
            return self.store("scalar", np.asarray(x), place)
        if isinstance(x, dict):
            pairs = [self.pair(key, value, place) for key, value in x.items()]
            return {"dict": pairs}
        if isinstance(x, list | tuple):
            kind = "list" if isinstance(x, list) else "tuple"
            return {kind: [self.describe(y, (*place, str(i))) for i, y in enumerate(x)]}
        if type(x) is complex:
            return {"complex": [x.real, x.imag]}
        raise TypeError(
            f"save: {shown(place)} is a {type(x).__name__}, which cannot be saved. "
            + (
                "Remedy: save its state_dict()"
                if hasattr(x, "state_dict")
                else "Remedy: save the tensors, numbers and strings it is made of"
            )
        )

    def pair(self, key: Any, value: Any, place: tuple[str, ...]) -> list[Any]:
        inner = (*place, str(key))
        if not isinstance(key, str | int | float | tuple | None):
            raise TypeError(
                f"save: {shown(place)} has a {type(key).__name__} as a key. "
                "Remedy: use strings or numbers"
            )
        return [self.describe(key, inner), self.describe(value, inner)]

    def store(self, kind: str, array: Any, place: tuple[str, ...]) -> Any:
        """Take `array` into the file, once; its name says where it was found."""
        if not holds_numbers(array.dtype):
            raise TypeError(f"save: {shown(place)} is an array of {array.dtype}, not of numbers")
        memory = (array.__array_interface__["data"][0], array.shape, array.strides, array.dtype)
        first = self.known[memory][0] if memory in self.known and array.size else ""
        name = first if first and not self.flat else self.new_name(place)
        if name not in self.arrays:
            self.arrays[name] = storable(array)
            self.known.setdefault(memory, (name, array))
        wide = {"dtype": "complex128"} if array.dtype == np.complex128 else {}
        return {kind: first or name} | wide

    def new_name(self, place: tuple[str, ...]) -> str:
        name = full = ".".join(place) or "tensor"
        number = 2
        while name in self.arrays or name == "__metadata__":
            name, number = f"{full}#{number}", number + 1
        return name


class Reader:
    """Builds an object from its description and the arrays by name. A tensor met twice is one
    tensor.
    """

    def __init__(self, arrays: dict[str, Any]) -> None:
        self.arrays = arrays
        self.tensors: dict[str, Tensor] = {}

    def build(self, x: Any) -> Any:
        """The object that `x` describes."""
        if not isinstance(x, dict):
            if isinstance(x, list):
                raise ValueError("a list without a kind")
            return x
        (kind, content), *more = x.items()
        match kind:
            case "tensor":
                if content not in self.tensors:
                    self.tensors[content] = Tensor(self.array(content, more))
                return self.tensors[content]
            case "array":
                return self.array(content, more)
            case "scalar":
                return self.array(content, more)[()]
            case "dict":
                return {self.build(key): self.build(value) for key, value in content}
            case "list":
                return [self.build(y) for y in content]
            case "tuple":
                return tuple(self.build(y) for y in content)
            case "complex":
                return complex(*content)
        raise ValueError(f"an unknown kind, {kind!r}; it may come from a newer version of Tadori")

    def array(self, name: str, more: list[Any]) -> Any:
        array = self.arrays[name]
        return array.view(np.complex128)[..., 0] if more == [("dtype", "complex128")] else array


def storable(array: Any) -> Any:
    """`array` as the file takes it: in C order, little-endian; complex128, which it lacks, as
    pairs.
    """
    array = np.asarray(array, order="C")
    if array.dtype == np.complex128:
        array = array[..., None].view(np.float64)
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def shown(place: tuple[str, ...]) -> str:
    """A place in the object, for messages."""
    return "the object" if not place else "the object at " + "".join(f"[{p!r}]" for p in place)


# Files.


def as_path(path: Any, name: str) -> Path:
    """`path` as a Path, links followed, so that a link to a file stays a link."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name}: expected the path of a file, got {type(path).__name__}")
    return Path(os.path.realpath(path))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to. When the block ends well it takes the place of `path`, at once; else it
    is removed.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        temporary.touch(exist_ok=False)
        mode = (path if path.exists() else temporary).stat().st_mode & 0o777
        yield temporary
        temporary.chmod(mode)  # safetensors may have put a file of its own there
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, Exception):
            raise unwritable(path, error) from error
        raise


def sync(path: Path) -> None:
    """Have the system put a file, or the entries of a folder, on the disk itself."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritable(path: Path, error: Exception) -> Exception:
    """The error to raise when writing `path` failed with `error`."""
    if not path.parent.is_dir():
        return FileNotFoundError(f"save: the folder {path.parent} does not exist. Remedy: make it")
    kind = type(error) if isinstance(error, PermissionError | IsADirectoryError) else OSError
    return kind(f"save: {path} could not be written, and is as it was: {error}")


def inspect(path: Path) -> None:
    """Raise an error that says what is there if `path` cannot be a safetensors file."""
    if path.is_dir():
        raise IsADirectoryError(f"load: {path} is a folder. Remedy: name a file in it")
    if not path.exists():
        raise FileNotFoundError(f"load: there is no file {path}")
    with path.open("rb") as file:
        start = file.read(64)
    size = path.stat().st_size
    header = int.from_bytes(start[:8], "little")
    if len(start) > 8 and header <= BIG and start[8:9] == b"{":
        if header + 8 > size:
            raise damaged(path, f"its header alone has {header} bytes, the file only {size}")
        return
    found = next((what for begin, what in FOREIGN.items() if start.startswith(begin)), None)
    if not start:
        found = "an empty file"
    if found is None:
        text = all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start)
        found = "a text file" if text else "of an unknown kind"
    raise ValueError(
        f"load: {path} is not a safetensors file; it is {found}. Remedy: where it was made, write "
        "it with tadori.save, or with safetensors.torch.save_file(model.state_dict(), path)"
    )


def damaged(path: Path, reason: str) -> ValueError:
    """The error to raise for a safetensors file that cannot be read to its end."""
    return ValueError(
        f"load: {path} is damaged or cut short ({reason}). Remedy: copy or download it again, "
        "or use an older checkpoint"
    )


def need_bfloat16(path: Path) -> None:
    """Import the package that knows bfloat16, or say that it is missing."""
    try:
        import ml_dtypes  # type: ignore[import-not-found]  # noqa: F401
    except ImportError:
        raise ValueError(
            f"load: {path} holds bfloat16 tensors, which NumPy does not know. "
            "Remedy: pip install ml_dtypes"
        ) from None
