"""Tables and pictures from files: what is read, and what is said where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori.utils.data import read_csv, read_image


def test_a_table(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("x,y\n1,2\n\n3.5,-4e1\n")
    table = read_csv(path, header=True)
    assert table.tolist() == [[1.0, 2.0], [3.5, -40.0]]
    assert table.dtype == tadori.float32


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x,y\n1,2\n", r"line 1, column 1: 'x' is not a number. Remedy: pass header=True"),
        (b"1,2\n3,?\n", r"line 2, column 2: '\?' is not a number"),
        (b"1,2\n3\n", "line 2: 1 columns, but 2 in the rows before"),
        (b"", "no rows"),
        (b"\xff\xfe\x00", "not a text table"),
    ],
)
def test_a_table_that_cannot_be_read(tmp_path, content, message):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        read_csv(path)
    assert "bad.csv" in str(error.value)


@pytest.mark.parametrize(("shape", "channels"), [((5, 7), 1), ((5, 7, 3), 3)])
def test_a_picture(tmp_path, shape, channels):
    image = pytest.importorskip("PIL.Image")
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    image.fromarray(pixels).save(tmp_path / "picture.png")
    tensor = read_image(tmp_path / "picture.png")
    assert tensor.shape == (channels, 5, 7)
    assert tensor.dtype == tadori.uint8
    np.testing.assert_array_equal(tensor.numpy(), np.atleast_3d(pixels).transpose(2, 0, 1))
    assert read_image(tmp_path / "picture.png", gray=True).shape == (1, 5, 7)


def test_a_picture_that_cannot_be_read(tmp_path):
    image = pytest.importorskip("PIL.Image")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_image(tmp_path / "none.png")
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(ValueError, match=r"text\.png cannot be read as a picture"):
        read_image(tmp_path / "text.png")
    image.fromarray(np.zeros((64, 64), np.uint8)).save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"cut\.png cannot be read"):
        read_image(tmp_path / "cut.png")
