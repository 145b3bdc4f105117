"""PyTorch's files: what `torch.save` writes, read without PyTorch, and written so that it reads it.

Since PyTorch 1.6 the file is a zip archive: `data.pkl` is the object, in which tensors name their
storages, and `data/0`, `data/1`, ... are the storages' bytes. Before, it was a row of pickles: a
magic number, a version, the system, the object, the storages' names; then each storage's length and
bytes.
"""

from __future__ import annotations

import sys
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..device import CPU, to_device
from ..device import device as Device
from ..dtype import holds_numbers
from ..tensor import Tensor
from .files import cannot_save, damaged
from .pickles import Call, Name, Persistent, Refused, pickle, unpickle
from .rebuild import STORAGES, Storage, element_type, known

__all__ = ["packed", "reader", "write"]

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001
LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # the pickle of MAGIC, as torch.save wrote it
STEP = 64  # bytes: where a storage begins in the archive, so that it can be mapped into memory

#: what reading a damaged file may raise
ERRORS = (
    zipfile.BadZipFile,
    EOFError,
    ValueError,
    OverflowError,
    LookupError,
    TypeError,
    NotImplementedError,
    RuntimeError,
    zlib.error,
)

Reader = Callable[[BinaryIO, Path, Any], Any]


def reader(start: bytes) -> Reader | None:
    """What reads a file that begins so; None if it is none of PyTorch's."""
    if start.startswith(b"PK\x03\x04"):
        return read_archive
    return read_legacy if start.startswith(LEGACY) else None


def read_archive(file: BinaryIO, where: Path, target: Any) -> Any:
    """The object in a zip archive."""
    try:
        with zipfile.ZipFile(file) as archive:
            return Archive(archive, target).object()
    except Refused as error:
        raise refused(where, error) from None
    except ERRORS as error:
        raise damaged(where, str(error)) from error


class Archive:
    """A zip archive of torch.save, and the storages that were read from it."""

    def __init__(self, archive: zipfile.ZipFile, target: Any) -> None:
        self.archive, self.target = archive, target
        self.sizes = {info.filename: info.file_size for info in archive.infolist()}
        roots = [name[: -len("data.pkl")] for name in self.sizes if name.endswith("/data.pkl")]
        if not roots:
            raise ValueError("a zip archive without a data.pkl is not one of torch.save")
        self.root = min(roots, key=len)
        if f"{self.root}constants.pkl" in self.sizes:
            raise Refused("it is a TorchScript program, not plain data")
        order = f"{self.root}byteorder"
        big = order in self.sizes and archive.read(order).strip() == b"big"
        self.order = ">" if big else "<"
        self.storages: dict[str, Storage] = {}

    def object(self) -> Any:
        """The object, its tensors with their storages."""
        with self.archive.open(f"{self.root}data.pkl") as file:
            return unpickle(file, known(), self.storage)

    def storage(self, key: Any) -> Storage:
        """A storage, by what the pickle knows it by."""
        kind, name, count = storage_key(key)
        if name not in self.storages:
            record = f"{self.root}data/{name}"
            dtype = element_type(kind)
            if self.sizes[record] != count * dtype.itemsize:
                raise ValueError(f"{record} has {self.sizes[record]} bytes, not {count} {dtype}")
            array = np.empty(count, dtype)
            with self.archive.open(record) as file:
                fill(array, file, self.order)
            self.storages[name] = Storage(kind, to_device(array, self.target))
        return self.storages[name]


def read_legacy(file: BinaryIO, where: Path, target: Any) -> Any:
    """The object in a file of the older format."""
    row = Row(file, target)
    try:
        return row.object()
    except Refused as error:
        raise refused(where, error) from None
    except ERRORS as error:
        raise damaged(where, str(error)) from error


class Row:
    """A row of pickles, and the storages that the third of them names."""

    def __init__(self, file: BinaryIO, target: Any) -> None:
        self.file, self.target = file, target
        at = file.tell()
        self.size = file.seek(0, 2) - at
        file.seek(at)
        self.storages: dict[str, Storage] = {}

    def object(self) -> Any:
        """The object; the storages, which come after it, are filled at last."""
        magic, version, system = (self.next() for _ in range(3))
        if (magic, version) != (MAGIC, VERSION) or not isinstance(system, dict):
            raise ValueError(f"a version of the format that torch.save did not write: {version!r}")
        order = "<" if system.get("little_endian", True) else ">"
        found = self.next()
        for name in self.next():
            count = int.from_bytes(self.file.read(8), "little")
            array = self.storages[name].array
            if count != array.size:
                raise ValueError(f"storage {name} has {count} elements, not {array.size}")
            fill(array, self.file, order)
        return found

    def next(self) -> Any:
        """The object of the next pickle."""
        return unpickle(self.file, known(), self.storage)

    def storage(self, key: Any) -> Storage:
        """A storage that is still empty, by what the pickle knows it by."""
        kind, name, count = storage_key(key)
        dtype = element_type(kind)
        if count * dtype.itemsize > self.size:
            raise ValueError(f"storage {name} is larger than the file")
        if name not in self.storages:
            self.storages[name] = Storage(kind, np.empty(count, dtype))
        view = key[5] if len(key) > 5 else None
        if view is None:
            return self.storages[name]
        _, start, length = view
        return Storage(kind, self.storages[name].array[start : start + length])


def storage_key(key: Any) -> tuple[str, str, int]:
    """(the type's name, the storage's name, the number of elements)."""
    if not isinstance(key, tuple) or len(key) < 5 or key[0] != "storage":
        raise Refused(f"it refers to {key!r}, which is no storage")
    kind, name, count = key[1], str(key[2]), key[4]
    if not isinstance(kind, str) or type(count) is not int or count < 0:
        raise ValueError(f"a storage of {count!r} elements")
    return kind, name, count


def fill(array: Any, file: Any, order: str) -> None:
    """Read an array's bytes."""
    view = memoryview(array.view(np.uint8)) if array.size else memoryview(b"")
    if array.size and file.readinto(view) != array.nbytes:
        raise EOFError("a storage ends too early")
    native = "<" if sys.byteorder == "little" else ">"
    if order != native:
        array.byteswap(inplace=True)


def refused(where: Path, reason: Refused) -> Refused:
    """The error to raise for a file that holds more than plain data."""
    return Refused(
        f"load: {where} holds more than tensors and plain data: {reason}. Nothing in it was "
        "executed. Remedy: where it was made, save the state_dict(), or tensors, numbers and "
        "strings in dicts and lists"
    )


# ------------------------------------------------------------------------------------------ writing


def packed(obj: Any) -> tuple[bytes, list[Any]]:
    """The pickle of `obj` and the storages it names. Raises TypeError for what cannot be saved."""
    tensors = Tensors()
    return pickle(obj, tensors.described), tensors.storages


def write(file: Any, root: str, data: bytes, storages: list[Any]) -> None:
    """Write what `packed` gave as the zip archive that torch.load reads; `root` is the folder in
    it.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        add(archive, f"{root}/data.pkl", data)
        add(archive, f"{root}/byteorder", sys.byteorder.encode())
        for number, array in enumerate(storages):
            add(archive, f"{root}/data/{number}", array.tobytes())
        add(archive, f"{root}/version", b"3\n")


def add(archive: zipfile.ZipFile, name: str, data: Any) -> None:
    """Add a record whose bytes begin at a multiple of STEP, as PyTorch's own writer lets them."""
    info = zipfile.ZipInfo(name)  # of 1980: the same object gives the same file
    begin = archive.fp.tell() + 30 + len(name.encode()) + 4  # type: ignore[union-attr]
    padding = -begin % STEP
    info.extra = b"FB" + padding.to_bytes(2, "little") + b"Z" * padding
    archive.writestr(info, data)


class Tensors:
    """Says how what is not plain data is called in PyTorch's pickles, and collects the storages."""

    def __init__(self) -> None:
        self.storages: list[Any] = []
        self.numbers: dict[Any, int] = {}  # where a storage's memory begins -> its number

    def described(self, x: Any, place: tuple[str, ...]) -> Any:
        """What to write for x, which was found at `place`."""
        match x:
            case Tensor():
                return self.tensor(x, place)
            case OrderedDict():
                metadata = getattr(x, "_metadata", None)
                state = None if metadata is None else {"_metadata": metadata}
                return Call("collections OrderedDict", (), x, state)
            case bytes():
                return Call("_codecs encode", (x.decode("latin1"), "latin1"))
            case complex() if type(x) is complex:
                return Call("__builtin__ complex", (x.real, x.imag))
            case set() | frozenset():
                return Call("__builtin__ set", (list(x),))
            case np.dtype():
                return Name(f"torch {x.name}")
            case Device():
                return Call("torch device", (str(x),))
            case np.ndarray() | np.generic() if holds_numbers(x.dtype):
                return numpy_call(x)
        raise cannot_save(x, place)

    def tensor(self, x: Tensor, place: tuple[str, ...]) -> Call:
        """A tensor: a view of a storage; a Parameter: one, and whether it is trained."""
        empty = Call("collections OrderedDict")
        if type(x).__name__ == "Parameter":
            return Call("torch._utils _rebuild_parameter", (x.detach(), x.requires_grad, empty))
        array = to_device(x.array, CPU)
        if array.dtype.name not in STORAGES:
            raise cannot_save(array, place)
        array, storage, number = self.storage(array)
        itemsize = array.dtype.itemsize
        kind = Name(f"torch {STORAGES[array.dtype.name]}")
        key = ("storage", kind, str(number), "cpu", storage.size)
        begin = address(array) - address(storage) if array.size else 0
        view = (begin // itemsize, array.shape, tuple(s // itemsize for s in array.strides))
        arguments = (Persistent(key), *view, x.requires_grad, empty)
        return Call("torch._utils _rebuild_tensor_v2", arguments)

    def storage(self, array: Any) -> tuple[Any, Any, int]:
        """The array, the flat one whose part it is, and that one's number in the file."""
        root = array
        while isinstance(root.base, np.ndarray) and root.base.dtype == array.dtype:
            root = root.base
        flat = root.ravel(order="K")
        steps = (*array.strides, address(array) - address(root))
        whole = np.shares_memory(flat, root) or not root.size
        if not whole or any(s < 0 or s % array.dtype.itemsize for s in steps):
            array = np.array(array, order="C")
            flat = array.ravel()
        return array, flat, self.numbered(flat)

    def numbered(self, flat: Any) -> int:
        """The number of a storage, which is taken into the file if it is new."""
        key = (address(flat), flat.size, flat.dtype)
        if key not in self.numbers or not flat.size:
            self.numbers[key] = len(self.storages)
            self.storages.append(flat)
        return self.numbers[key]


def address(array: Any) -> int:
    """Where the array's first element is."""
    place: int = array.__array_interface__["data"][0]
    return place


def numpy_call(x: Any) -> Call:
    """How NumPy's own pickles make an array, or a scalar."""
    code = x.dtype.str[1:]
    order = x.dtype.str[0]
    state = (3, order, None, None, None, -1, -1, 0)
    dtype = Call("numpy dtype", (code, False, True), state=state)
    if isinstance(x, np.generic):
        return Call("numpy.core.multiarray scalar", (dtype, x.tobytes()))
    start = (Name("numpy ndarray"), (0,), b"b")
    content = (1, x.shape, dtype, False, x.tobytes())
    return Call("numpy.core.multiarray _reconstruct", start, state=content)
