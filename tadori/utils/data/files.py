"""Reading examples from files: tables of numbers and pictures, with errors that say what is
wrong."""

from __future__ import annotations

import csv
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ...creation import from_numpy
from ...dtype import get_default_dtype
from ...tensor import Tensor

__all__ = ["read_csv", "read_image"]

Name = str | PathLike[str]


def read_csv(path: Name, *, header: bool = False, delimiter: str = ",") -> Tensor:
    """A table of numbers as a tensor of shape (rows, columns), in the default float dtype.

    header: the first row holds names and is left out. Empty lines are passed over. Raises
    ValueError, with the line and the column, for a cell that is no number, a row of another
    length, an empty table and what is no text.
    """
    rows: list[list[float]] = []
    try:
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.reader(file, delimiter=delimiter)
            for cells in reader:
                if not cells or (header and reader.line_num == 1):
                    continue
                line = reader.line_num
                rows.append([_number(cell, path, line, i) for i, cell in enumerate(cells)])
                if len(rows[-1]) != len(rows[0]):
                    raise ValueError(
                        f"read_csv: {path}, line {line}: {len(rows[-1])} columns, but "
                        f"{len(rows[0])} in the rows before. Remedy: mend the line, or name the "
                        f"delimiter (now {delimiter!r})"
                    )
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"read_csv: {path} is not a text table: {error}") from error
    if not rows:
        raise ValueError(f"read_csv: {path} has no rows of numbers")
    return from_numpy(np.array(rows, dtype=get_default_dtype()))


def _number(cell: str, path: Name, line: int, column: int) -> float:
    try:
        return float(cell)
    except ValueError:
        hint = " Remedy: pass header=True, if these are names" if line == 1 else ""
        raise ValueError(
            f"read_csv: {path}, line {line}, column {column + 1}: {cell!r} is not a number.{hint}"
        ) from None


def read_image(path: Name, *, gray: bool = False) -> Tensor:
    """A picture as a uint8 tensor of shape (channels, height, width): 1 channel or 3, 0 to 255.

    Pillow reads it (`pip install 'tadori[viz]'` brings it). Raises FileNotFoundError for no file,
    ImportError without Pillow, ValueError for what is no picture or is cut off.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"read_image: there is no file {path}")
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("read_image needs Pillow. Remedy: pip install 'tadori[viz]'") from error
    try:
        with Image.open(path) as picture:
            kind = "L" if gray or picture.mode in ("1", "L", "I;16") else "RGB"
            pixels: Any = np.array(picture.convert(kind))
    except (OSError, SyntaxError) as error:  # Pillow's words for foreign and for cut-off files
        raise ValueError(f"read_image: {path} cannot be read as a picture: {error}") from error
    return from_numpy(np.atleast_3d(pixels).transpose(2, 0, 1).copy())
