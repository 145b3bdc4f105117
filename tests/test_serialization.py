"""Saving and loading: exact round trips, files of others, damaged files, writes that fail."""

from __future__ import annotations

import json
import math
import os
import pickle
import stat
import struct
from collections import OrderedDict, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tadori import random
from tadori.creation import arange, ones, tensor, zeros
from tadori.serialization import load, save
from tadori.tensor import Tensor

safetensors = pytest.importorskip("safetensors")


def same(a, b):
    """The same structure, types, dtypes and bits. A dict's order counts."""
    assert type(a) is type(b)
    if isinstance(a, Tensor):
        same(a.array, b.array)
    elif isinstance(a, np.ndarray | np.generic):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        assert a.tobytes() == b.tobytes()
    elif isinstance(a, dict):
        assert list(a) == list(b)
        assert list(map(type, a)) == list(map(type, b))
        for key in a:
            same(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            same(x, y)
    else:
        assert a == b or (a != a and b != b)
        assert not isinstance(a, float) or math.copysign(1, a) == math.copysign(1, b)


def round_trip(obj, folder):
    save(obj, folder / "file.safetensors")
    return load(folder / "file.safetensors")


DTYPES = [
    "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64", "float16",
    "float32", "float64", "complex64", "complex128",
]  # fmt: skip

OBJECTS = [
    {},
    [],
    (),
    None,
    3,
    2.5,
    "text ü 木",
    True,
    2 + 3j,
    {"w": tensor([1.0, 2.0])},
    {"b": tensor(1.0), "a": tensor([[1, 2]])},
    tensor(3.5),
    [tensor([1.0]), (tensor([2]), None), {}],
    {0: tensor([1.0]), "0": tensor([2.0]), (1, "x"): "pair", None: 1, True: 2, 2.5: 3},
    {"numbers": [0, -1, 2**70, 1e300, -0.0, float("inf"), float("-inf"), float("nan"), 0.1]},
    {"empty": zeros(0, 3), "0-d": tensor(2), "array": np.arange(3), "scalar": np.float32(0.1)},
    {"a.b": tensor([1.0]), "a": {"b": tensor([2.0])}, "__metadata__": tensor([3.0])},
    {"tensor": "not one", "list": [1], "dict": {"tensor": ["x"]}},
    {name: Tensor(np.array([[0, 1], [1, 0]], name)) for name in DTYPES},
]


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: repr(obj)[:40])
def test_round_trip(obj, tmp_path):
    same(obj, round_trip(obj, tmp_path))


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.complex_numbers(allow_nan=False)
    | st.lists(st.floats(width=32), max_size=3).map(lambda x: tensor(x))
)
keys = st.text() | st.integers() | st.tuples(st.integers(), st.text())
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(trees)
@pytest.mark.allow_fp_faults
def test_round_trip_of_anything(tmp_path_factory, tree):
    same(tree, round_trip(tree, tmp_path_factory.mktemp("tree")))


def test_a_checkpoint(tmp_path):
    """Model, optimizer, scheduler, random numbers, place in the data."""
    random.manual_seed(1)
    random.randn(3)
    state = {
        "model": OrderedDict(weight=random.randn(4, 3), bias=zeros(4)),
        "optimizer": {
            "state": {0: {"step": tensor(7.0), "exp_avg": random.rand(4, 3)}, 1: {}},
            "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999), "params": [0, 1]}],
        },
        "scheduler": {"last_epoch": 3, "base_lrs": [0.1]},
        "random": random.get_rng_state(),
        "loader": {"epoch": 2, "batch": 117},
    }
    loaded = round_trip(state, tmp_path)
    same({**state, "model": dict(state["model"])}, loaded)
    expected = random.randn(5).tolist()
    random.set_rng_state(loaded["random"])
    assert random.randn(5).tolist() == expected


def test_layouts_do_not_matter(tmp_path):
    base = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    views = [base.T, base[:, ::2], base[..., 1], base[::-1], np.broadcast_to(base[0, 0], (5, 4))]
    loaded = round_trip([Tensor(v) for v in views], tmp_path)
    for view, back in zip(views, loaded):
        np.testing.assert_array_equal(view, back.numpy())
        assert back.array.flags.c_contiguous
        assert back.array.flags.writeable
    foreign = Tensor(np.array([1.5, 2.5], ">f8"))
    assert round_trip(foreign, tmp_path).tolist() == [1.5, 2.5]


def test_a_shared_tensor_is_one_tensor_again(tmp_path):
    weight = ones(1000, 10)
    loaded = round_trip({"in": {"w": weight}, "out": {"w": weight.detach()}}, tmp_path)
    assert np.shares_memory(loaded["in"]["w"].array, loaded["out"]["w"].array)
    assert (tmp_path / "file.safetensors").stat().st_size < 60_000, "it is in the file once"
    other = round_trip([weight, ones(1000, 10)], tmp_path)
    assert not np.shares_memory(other[0].array, other[1].array)


def test_what_a_tensor_is_besides_its_numbers_is_not_saved(tmp_path):
    leaf = tensor([1.0, 2.0], requires_grad=True)
    loaded = round_trip({"leaf": leaf, "result": leaf + leaf}, tmp_path)
    assert not loaded["leaf"].requires_grad
    assert loaded["result"].is_leaf
    assert loaded["result"].tolist() == [2, 4]


def test_bfloat16(tmp_path):
    torch, _ = pytest.importorskip("torch"), pytest.importorskip("ml_dtypes")
    x = Tensor(np.array([1.5, -2.25], "bfloat16"))
    same({"x": x}, round_trip({"x": x}, tmp_path))
    from safetensors.torch import load_file

    assert load_file(tmp_path / "file.safetensors")["x"].dtype == torch.bfloat16


# ----------------------------------------------------------------------------- files of others


def test_others_read_our_state_dicts(tmp_path):
    from safetensors.numpy import load_file

    shared = ones(3)
    state = {"layer.weight": arange(6.0), "layer.bias": tensor(1.0), "tied": shared, "too": shared}
    save(state, tmp_path / "state.safetensors")
    arrays = load_file(tmp_path / "state.safetensors")
    assert sorted(arrays) == sorted(state)
    for name, array in arrays.items():
        same(Tensor(array), state[name])
    loaded = load(tmp_path / "state.safetensors")
    assert list(loaded) == list(state)
    assert loaded["tied"] is loaded["too"]


def test_we_read_theirs(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    theirs = {"w": torch.randn(3, 4), "n": torch.tensor(3), "h": torch.ones(2).half()}
    save_file(theirs, tmp_path / "theirs.safetensors", metadata={"format": "pt", "by": "them"})
    loaded = load(str(tmp_path / "theirs.safetensors"))
    assert sorted(loaded) == sorted(theirs)
    for name, x in theirs.items():
        same(loaded[name].numpy(), x.numpy())
    save(loaded, tmp_path / "ours.safetensors")
    for name, x in load_file(tmp_path / "ours.safetensors").items():
        assert torch.equal(x, theirs[name])


def test_map_location(tmp_path):
    save({"x": ones(2)}, tmp_path / "x")
    assert load(tmp_path / "x", map_location="cpu")["x"].device == "cpu"
    with pytest.raises(RuntimeError, match="CuPy"):
        load(tmp_path / "x", map_location="cuda")
    with pytest.raises(RuntimeError, match="device"):
        load(tmp_path / "x", map_location="moon")


# ----------------------------------------------------------------------------- what is refused

Point = namedtuple("Point", "x y")


class Model:
    """Has a state_dict, as modules and optimizers do."""

    def state_dict(self):
        return {}


UNSAVABLE = [
    (Model(), r"the object is a Model.*state_dict"),
    ({"a": [1, {2, 3}]}, r"\['a'\]\['1'\] is a set"),
    ({"f": len}, r"\['f'\] is a builtin"),
    ([b"bytes"], r"bytes"),
    ({"t": np.array(["text"])}, r"\['t'\].*<U4"),
    ({"t": np.array([None])}, r"\['t'\].*object"),
    ({Model(): 1}, "Model as a key"),
    ({"t": np.ones(2, "longdouble")}, "128|longdouble"),
]


@pytest.mark.parametrize(("obj", "words"), UNSAVABLE, ids=lambda x: repr(x)[:30])
def test_what_cannot_be_saved(obj, words, tmp_path):
    save({"old": ones(2)}, tmp_path / "file")
    with pytest.raises(TypeError, match=words):
        save(obj, tmp_path / "file")
    assert os.listdir(tmp_path) == ["file"]
    assert load(tmp_path / "file")["old"].tolist() == [1, 1]


def test_named_tuples_become_tuples(tmp_path):
    assert round_trip(Point(1, 2), tmp_path) == (1, 2)


def test_an_object_that_contains_itself(tmp_path):
    loop: list = []
    loop.append(loop)
    with pytest.raises(ValueError, match="contains itself"):
        save(loop, tmp_path / "file")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("path", [3, None, b"file"])
def test_paths_are_paths(path):
    with pytest.raises(TypeError, match="path"):
        save({}, path)
    with pytest.raises(TypeError, match="path"):
        load(path)


# ---------------------------------------------------------------------------- writes that fail


@pytest.mark.parametrize("fault", ["save_file", "fsync", "replace", "interrupt"])
def test_a_failing_write_leaves_the_old_file_and_no_litter(fault, tmp_path, monkeypatch):
    save({"old": ones(2)}, tmp_path / "file")
    error = KeyboardInterrupt("stop") if fault == "interrupt" else OSError("no space left")

    def fail(*args, **kwargs):
        raise error

    import safetensors.numpy

    if fault == "save_file":
        monkeypatch.setattr(safetensors.numpy, "save_file", fail)
    else:
        monkeypatch.setattr(os, "replace" if fault == "replace" else "fsync", fail)
    with pytest.raises(type(error), match="stop" if fault == "interrupt" else r"file.*as it was"):
        save({"new": zeros(2)}, tmp_path / "file")
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["file"]
    assert load(tmp_path / "file")["old"].tolist() == [1, 1]


def test_the_folder_must_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        save({}, tmp_path / "nowhere" / "file")
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError, match="folder"):
        save({}, tmp_path / "folder")
    assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes and links")
def test_modes_and_links_stay(tmp_path):
    save({}, tmp_path / "file")
    plain = tmp_path / "plain"
    plain.touch()
    mode = stat.S_IMODE(plain.stat().st_mode)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode, "as any new file"
    (tmp_path / "file").chmod(0o640)
    (tmp_path / "link").symlink_to("file")
    save({"x": ones(1)}, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert load(tmp_path / "file")["x"].tolist() == [1]
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


# ------------------------------------------------------------------------------- damaged files


class Bomb:
    """Does harm when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("harm",)


FOREIGN = [
    (b"", "empty"),
    (b"\x80\x04K\x01.", "pickle"),
    (pickle.dumps(Bomb()), "pickle"),
    (b"PK\x03\x04" + bytes(100), "not a zip file"),
    (b"\x93NUMPY\x01\x00" + bytes(100), "npy"),
    (b"\x1f\x8b" + bytes(100), "gzip"),
    (b"\x89HDF\r\n" + bytes(100), "HDF5"),
    (b"hello, this is a text\nof two lines", "text"),
    (b"\xff" * 100, "unknown kind"),
    (bytes(4), "unknown kind"),
    (struct.pack("<Q", 500) + b'{"a":' + bytes(50), "cut short.*500"),
    (struct.pack("<Q", 10) + b'{"a": oops' + bytes(50), "damaged"),
]


@pytest.mark.parametrize(("content", "words"), FOREIGN, ids=lambda x: repr(x)[:24])
def test_foreign_files(content, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.pt").write_bytes(content)
    with pytest.raises(ValueError, match=words) as caught:
        load(tmp_path / "file.pt")
    assert "file.pt" in str(caught.value)
    assert "Remedy" in str(caught.value)
    assert os.listdir(tmp_path) == ["file.pt"]


def test_missing_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing"):
        load(tmp_path / "nothing")
    with pytest.raises(IsADirectoryError, match="folder"):
        load(tmp_path)


def test_files_cut_short_anywhere(tmp_path):
    save({"a": arange(50.0), "b": [1, "x", tensor([2])]}, tmp_path / "whole")
    content = (tmp_path / "whole").read_bytes()
    for length in range(0, len(content), 7):
        (tmp_path / "part").write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"part.*Remedy"):
            load(tmp_path / "part")


STRUCTURES = [
    "oops", "[1]", '{"unknown": 1}', '{"tensor": "missing"}', '{"tensor": 3}', '{"dict": [1]}',
    '{"dict": [[{"list": []}, 1]]}', '{"dict": 3}', "{}", '{"complex": ["a"]}', "[" * 100_000,
    '{"tensor": ["x"]}', '{"tensor": "x", "dtype": "complex128"}', '{"dict": [[1, 2, 3]]}',
]  # fmt: skip


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda text: text[:40])
def test_structures_that_make_no_sense(structure, tmp_path):
    from safetensors.numpy import save_file

    save_file({"x": np.ones(3, "f4")}, tmp_path / "file", metadata={"tadori": structure})
    with pytest.raises(ValueError, match=r"file.*structure"):
        load(tmp_path / "file")


def test_the_structure_is_plain_json(tmp_path):
    """So that other programs, and later versions, can read it."""
    from safetensors import safe_open

    save({"w": ones(2), "n": 3, "pair": (1, 2.5)}, tmp_path / "file")
    with safe_open(tmp_path / "file", framework="np") as file:
        structure = json.loads(file.metadata()["tadori"])
    assert structure == {"dict": [["w", {"tensor": "w"}], ["n", 3], ["pair", {"tuple": [1, 2.5]}]]}
