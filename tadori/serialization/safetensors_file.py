"""safetensors files: tensors in nested dicts, lists and tuples.

The tensors are the body of the file, and how they are nested stands as JSON text in its header. So
a state dict of ours is a plain safetensors file that other programs read, and such a file of theirs
loads here as a dict.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..device import CPU, to_device
from ..dtype import holds_numbers
from ..tensor import Tensor
from .files import BIG, cannot_save, damaged, replacing, shown
from .rebuild import numpy_dtype

STRUCTURE = "tadori"  # the header's entry that says how the tensors are nested


def is_safetensors(start: bytes, size: int, path: Path) -> bool:
    """Whether a file that begins so is one: the length of a header, and the header, which is JSON.
    Raises ValueError if the file is shorter than that.
    """
    header = int.from_bytes(start[:8], "little")
    if len(start) <= 8 or header > BIG or start[8:9] != b"{":
        return False
    if header + 8 > size:
        raise damaged(path, f"its header alone has {header} bytes, the file only {size}")
    return True


def write(obj: Any, where: Path) -> None:
    """Write `obj` to a safetensors file."""
    writer = Writer(flat=isinstance(obj, dict) and all(isinstance(x, Tensor) for x in obj.values()))
    structure = json.dumps(writer.describe(obj, ()))
    from safetensors.numpy import save_file

    # Some readers insist on a format. "pt" says nothing but that PyTorch can take the tensors.
    header = {"format": "pt", STRUCTURE: structure}
    with replacing(where) as temporary:
        save_file(writer.arrays, temporary, metadata=header)


def read(where: Path, target: Any) -> Any:
    """What `write` wrote; from other safetensors files, a dict of tensors; all on `target`."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(where, framework="np") as file:
            header = file.metadata() or {}
            names = list(file.keys())
            if any(file.get_slice(name).get_dtype() == "BF16" for name in names):
                numpy_dtype("bfloat16")  # registers its name with NumPy
            arrays = {name: to_device(file.get_tensor(name), target) for name in names}
    except (SafetensorError, TypeError) as error:
        raise damaged(where, str(error)) from error
    if STRUCTURE not in header:
        return {name: Tensor(array) for name, array in arrays.items()}
    try:
        return Reader(arrays).build(json.loads(header[STRUCTURE]))
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise damaged(where, f"its structure makes no sense: {error!r}") from error


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
        raise cannot_save(x, place)

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
