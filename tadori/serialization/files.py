"""Files that appear whole or not at all, and errors that say what is wrong with one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BIG = 100_000_000  # bytes: safetensors' own limit for a header

#: how files that cannot be read here begin, and what they are
FOREIGN = {
    b"\x80": "a Python pickle that torch.save did not write",
    b"\x93NUMPY": "a NumPy .npy file",
    b"\x1f\x8b": "a gzip archive",
    b"\x89HDF": "an HDF5 file",
}


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


def beginning(path: Path) -> tuple[bytes, int]:
    """The first bytes of a file, and its size. Raises an error that says so if there is none."""
    if path.is_dir():
        raise IsADirectoryError(f"load: {path} is a folder. Remedy: name a file in it")
    if not path.exists():
        raise FileNotFoundError(f"load: there is no file {path}")
    with path.open("rb") as file:
        return file.read(64), path.stat().st_size


def foreign(path: Path, start: bytes) -> ValueError:
    """The error to raise for a file that begins so, which is neither safetensors nor PyTorch's."""
    found = next((what for begin, what in FOREIGN.items() if start.startswith(begin)), None)
    if not start:
        found = "an empty file"
    if found is None:
        text = all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start)
        found = "a text file" if text else "of an unknown kind"
    return ValueError(
        f"load: {path} is neither a safetensors file nor one of torch.save; it is {found}. "
        "Remedy: where it was made, write it with tadori.save, with torch.save, or with "
        "safetensors.torch.save_file(model.state_dict(), path)"
    )


def damaged(path: Path, reason: str) -> ValueError:
    """The error to raise for a file that cannot be read to its end."""
    return ValueError(
        f"load: {path} is damaged or cut short ({reason}). Remedy: copy or download it again, "
        "or use an older checkpoint"
    )


def shown(place: tuple[str, ...]) -> str:
    """A place in the object, for messages."""
    return "the object" if not place else "the object at " + "".join(f"[{p!r}]" for p in place)


def cannot_save(x: Any, place: tuple[str, ...]) -> TypeError:
    """The error to raise for something that no file here takes."""
    remedy = "save the tensors, numbers and strings it is made of"
    if hasattr(x, "state_dict"):
        remedy = "save its state_dict()"
    return TypeError(
        f"save: {shown(place)} is a {type(x).__name__}, which cannot be saved. Remedy: {remedy}"
    )
