"""PyTorch's files, read and written: both formats, shared storages, and what is refused."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import zipfile
from collections import Counter, OrderedDict, defaultdict

import numpy as np
import pytest

import tadori
from tadori import nn, optim
from tadori.serialization.pickles import Call, unpickle
from tadori.serialization.pickles import pickle as written
from tadori.tensor import Tensor

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
DTYPES += ["complex64", "complex128", "bfloat16"]


def plain(x):
    """An object of either library with lists of numbers in place of tensors, and types' names."""
    if hasattr(x, "untyped_storage") or isinstance(x, Tensor):
        numbers = x.detach().tolist() if not str(x.dtype).endswith("16") else x.float().tolist()
        return str(x.dtype).removeprefix("torch."), tuple(x.shape), numbers, x.requires_grad
    if isinstance(x, dict):
        return type(x).__name__, [(plain(key), plain(value)) for key, value in x.items()]
    if isinstance(x, list | tuple):
        kind = "list" if isinstance(x, list) else "tuple"  # torch.Size is a tuple
        return kind, [plain(y) for y in x]
    if isinstance(x, np.ndarray):
        return "array", str(x.dtype), x.tolist()
    return type(x).__name__, repr(x)


def contents(t):
    """What checkpoints hold, made by either library."""
    t.manual_seed(0)
    base = t.arange(24.0).reshape(2, 3, 4)
    model = t.nn.Sequential(t.nn.Conv2d(1, 2, 3), t.nn.BatchNorm2d(2), t.nn.Linear(3, 4))
    optimizer = t.optim.Adam(model.parameters(), lr=1e-3)
    sum(p.sum() for p in model.parameters()).backward()
    optimizer.step()
    return {
        "dtypes": {name: t.ones(3).to(getattr(t, name)) for name in DTYPES},
        "views": [base, base.permute(2, 0, 1), base[:, ::2], base[1], base[:, :1].expand(2, 5, 4)],
        "empty": [t.zeros(0, 3), t.tensor(2.5), t.zeros(2, 0).T],
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "parameter": t.nn.Parameter(t.ones(2)),
        "trained": t.ones(2, requires_grad=True),
        "plain": [
            1,
            -1,
            2**31,
            -(2**70),
            0.1,
            float("inf"),
            None,
            True,
            "text ü 木 \ud800",
        ],
        "nested": ((), (1, (2, [3, {}])), {1: "a", (2, "b"): [], None: 0}),
        "ordered": OrderedDict(b=1, a=[2]),
        "more": [1 + 2j, {3}, b"bytes\xff", Counter("aab")],
        "numpy": [np.arange(6.0).reshape(2, 3).T, np.float64(2.5), np.int32(3), np.arange(3) > 1],
        "state": t.get_rng_state(),
    }


@pytest.fixture(params=["zip", "older"])
def theirs(request, tmp_path):
    """Writes a file with PyTorch, in one of its two formats; gives the path."""
    torch = pytest.importorskip("torch")
    zipped = request.param == "zip"

    def write(obj):
        torch.save(obj, tmp_path / "theirs.pt", _use_new_zipfile_serialization=zipped)
        return tmp_path / "theirs.pt"

    return write


def test_we_read_theirs(theirs):
    torch = pytest.importorskip("torch")
    pytest.importorskip("ml_dtypes")
    expected = contents(torch)
    loaded = tadori.load(theirs(expected))
    assert list(loaded) == list(expected)
    for name, value in expected.items():
        assert plain(loaded[name]) == plain(value), name
    assert isinstance(loaded["parameter"], nn.Parameter)
    assert loaded["model"]._metadata == expected["model"]._metadata
    tadori.set_rng_state(loaded["state"])
    torch.set_rng_state(expected["state"])
    assert tadori.rand(3).tolist() == torch.rand(3).tolist()


def test_storages_are_shared_and_laid_out_as_theirs(theirs):
    torch = pytest.importorskip("torch")
    base = torch.arange(12.0).reshape(3, 4)
    loaded = tadori.load(theirs([base, base.T, base[1], base.clone()]))
    loaded[2].fill_(7)
    assert loaded[0][1].tolist() == loaded[1][:, 1].tolist() == [7] * 4
    assert loaded[3][1].tolist() == [4, 5, 6, 7]
    assert loaded[1].stride() == (1, 4)


def test_they_read_ours(tmp_path):
    torch = pytest.importorskip("torch")
    pytest.importorskip("ml_dtypes")
    expected = contents(tadori)
    numpy = expected.pop("numpy")  # PyTorch wants each of NumPy's names allowed
    counter = expected["more"].pop()  # saved as a dict
    tadori.save({**expected, "counter": counter}, tmp_path / "ours.pt")
    loaded = torch.load(tmp_path / "ours.pt", weights_only=True)
    assert loaded.pop("counter") == dict(counter)
    for name, value in expected.items():
        assert plain(loaded[name]) == plain(value), name
    tadori.save(numpy, tmp_path / "numpy.pt")
    assert plain(torch.load(tmp_path / "numpy.pt", weights_only=False)) == plain(numpy)
    mapped = torch.load(tmp_path / "ours.pt", weights_only=True, mmap=True)
    assert plain(mapped["views"]) == plain(expected["views"])


def test_a_round_trip_without_pytorch(tmp_path):
    expected = contents_without_bfloat16()
    counter = expected["more"].pop()
    tadori.save({**expected, "counter": counter}, tmp_path / "ours.pth")
    loaded = tadori.load(tmp_path / "ours.pth")
    assert loaded.pop("counter") == dict(counter)
    for name, value in expected.items():
        assert plain(loaded[name]) == plain(value), name
    first, second = expected["views"][0], loaded["views"]
    second[0].fill_(1)
    assert second[3].tolist() == [[1] * 4] * 3
    assert first.sum() == 276
    with zipfile.ZipFile(tmp_path / "ours.pth") as archive:
        assert archive.testzip() is None
        assert "ours/data.pkl" in archive.namelist()


def contents_without_bfloat16():
    dtypes = [name for name in DTYPES if name != "bfloat16"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.test_pytorch_files.DTYPES", dtypes)
        return contents(tadori)


def test_open_files(tmp_path):
    buffer = io.BytesIO()
    tadori.save({"w": tadori.ones(2)}, buffer)
    buffer.seek(0)
    assert tadori.load(buffer)["w"].tolist() == [1, 1]
    with open(tmp_path / "file", "wb") as file:
        tadori.save([1, tadori.ones(1)], file)
    with open(tmp_path / "file", "rb") as file:
        assert tadori.load(file)[0] == 1
    with pytest.raises(ValueError, match="the open file"):
        tadori.load(io.BytesIO(b"nothing"))


def test_training_goes_on_from_their_checkpoint(theirs):
    """Model and optimizer, loaded here; the next steps are those that PyTorch takes."""
    torch = pytest.importorskip("torch")

    def made(t):
        t.manual_seed(0)
        model = t.nn.Sequential(t.nn.Linear(4, 5), t.nn.Tanh(), t.nn.Linear(5, 1))
        return model, t.optim.Adam(model.parameters(), lr=0.01)

    def steps(t, model, optimizer, count):
        x = t.arange(12.0).reshape(3, 4) / 10
        losses = []
        for _ in range(count):
            optimizer.zero_grad()
            loss = (model(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    model, optimizer = made(torch)
    steps(torch, model, optimizer, 5)
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    path = theirs(state)
    expected = steps(torch, model, optimizer, 5)
    model, optimizer = made(tadori)
    loaded = tadori.load(path)
    model.load_state_dict(loaded["model"])
    optimizer.load_state_dict(loaded["optimizer"])
    np.testing.assert_allclose(steps(tadori, model, optimizer, 5), expected, rtol=1e-5)


# ---------------------------------------------------------------------------------- what is refused


class Bomb:
    """Does harm when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("harm",)


class Mine:
    """A class of a user's."""

    def __init__(self):
        self.x = 1


@pytest.mark.parametrize(
    ("obj", "named"),
    [
        (Bomb(), "posix.mkdir"),
        ({"w": [1, Bomb()]}, "posix.mkdir"),
        (Mine(), "test_pytorch_files.Mine"),
        (print, "builtins.print"),
        (defaultdict(Mine), "test_pytorch_files.Mine"),
        (np.array([None]), "object"),
    ],
    ids=lambda x: str(x)[:30],
)
def test_what_is_not_plain_data_is_refused_by_name(obj, named, theirs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pickle.UnpicklingError, match=named) as caught:
        tadori.load(theirs(obj), weights_only=False)
    assert "Nothing in it was executed" in str(caught.value)
    assert not os.path.exists("harm")


def test_whole_models_are_refused(theirs):
    torch = pytest.importorskip("torch")
    with pytest.raises(
        pickle.UnpicklingError, match=r"torch\.nn\.modules\.linear\.Linear.*state_dict"
    ):
        tadori.load(theirs(torch.nn.Linear(2, 2)))
    with pytest.raises(TypeError, match="state_dict"):
        tadori.save(nn.Linear(2, 2), io.BytesIO())
    with pytest.raises(TypeError, match=r"\['a'\]\['1'\] is a builtin"):
        tadori.save({"a": [1, len]}, io.BytesIO())


HOSTILE = {
    "a call of a value": b"\x80\x02ctorch\nFloatStorage\n)R.",
    "a call of data": b"\x80\x02X\x01\x00\x00\x00a)R.",
    "attributes of a function": b"\x80\x02ctorch\ndevice\n}b.",
    "attributes of a dict": b"\x80\x02}}b.",
    "an unknown name by the newer opcode": b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
    "an extension": b"\x80\x02\x82\x01.",
    "an instance": b"\x80\x02(ios\nsystem\n.",
    "a wrong memo": b"\x80\x02h\x07.",
    "a method of a dict": b"\x80\x02}(K\x01e.",
    "no mark": b"\x80\x02K\x01e.",
    "nothing on the stack": b"\x80\x02R.",
    "no end": b"\x80\x02K\x01",
    "an odd number of items": b"\x80\x02}(K\x01u.",
    "an unhashable key": b"\x80\x02}(]K\x01u.",
    "no opcode": b"\x80\x02\xff.",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pickles(name, tmp_path):
    from tadori.serialization.rebuild import known

    with pytest.raises(ValueError):
        unpickle(io.BytesIO(HOSTILE[name]), known(), lambda key: key)
    with zipfile.ZipFile(tmp_path / "file.pt", "w") as archive:
        archive.writestr("file/data.pkl", HOSTILE[name])
    with pytest.raises(ValueError, match="Remedy"):
        tadori.load(tmp_path / "file.pt")


TENSORS = {
    "reaches out of its storage": (0, (5,), (1,)),
    "begins outside": (9, (1,), (1,)),
    "begins before": (-1, (1,), (1,)),
    "goes backwards": (3, (2,), (-1,)),
    "has a stride too long": (0, (2, 2), (3, 2)),
    "has too few strides": (0, (2, 2), (1,)),
    "has a size that is no number": (0, ("2",), (1,)),
}


@pytest.mark.parametrize("name", TENSORS)
def test_tensors_stay_in_their_storage(name, tmp_path):
    tadori.save(tadori.ones(4), tmp_path / "good.pt")
    with zipfile.ZipFile(tmp_path / "good.pt") as archive:
        records = {info: archive.read(info) for info in archive.namelist()}

    def tampered(x, place):
        from tadori.serialization.pytorch_file import Tensors

        call = Tensors().described(x, place)
        first, *_, grad, hooks = call.arguments
        return Call(call.name, (first, *TENSORS[name], grad, hooks))

    records["good/data.pkl"] = written(
        [tadori.ones(4)], lambda x, place: tampered(x, place) if isinstance(x, Tensor) else x
    )
    with zipfile.ZipFile(tmp_path / "bad.pt", "w") as archive:
        for info, data in records.items():
            archive.writestr(info, data)
    with pytest.raises(ValueError, match=r"bad\.pt is damaged"):
        tadori.load(tmp_path / "bad.pt")


def test_files_cut_short_anywhere(theirs, tmp_path):
    torch = pytest.importorskip("torch")
    path = theirs({"a": torch.arange(50.0), "b": [1, "x", torch.tensor([2])]})
    content = path.read_bytes()
    for length in [*range(0, len(content), 37), len(content) - 1]:
        (tmp_path / "part").write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"part.*Remedy"):
            tadori.load(tmp_path / "part")


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
def test_changed_bytes_do_no_harm(theirs, tmp_path, monkeypatch):
    """Any byte changed: the object, or ValueError; never another error, never a file made."""
    torch = pytest.importorskip("torch")
    path = theirs({"a": torch.arange(5.0), "b": [1, "x", torch.tensor([2])], "c": OrderedDict()})
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(400):
        changed = bytearray(content)
        for place in rng.integers(0, len(content), 2):
            changed[place] = rng.integers(0, 256)
        with contextlib.suppress(ValueError, pickle.UnpicklingError):
            tadori.load(io.BytesIO(bytes(changed)))


def test_a_failing_write_leaves_the_old_file(tmp_path):
    tadori.save({"old": tadori.ones(2)}, tmp_path / "file.pt")
    with pytest.raises(TypeError, match="builtin"):
        tadori.save({"new": len}, tmp_path / "file.pt")
    assert os.listdir(tmp_path) == ["file.pt"]
    assert tadori.load(tmp_path / "file.pt")["old"].tolist() == [1, 1]
    loop: list = []
    loop.append((loop,))
    tadori.save(loop, tmp_path / "file.pt")  # a pickle can say this
    again = tadori.load(tmp_path / "file.pt")
    assert again[0][0] is again
    tadori.save(2**3000, tmp_path / "file.pt")  # PyTorch has no instruction for it
    assert tadori.load(tmp_path / "file.pt") == 2**3000


def test_an_optimizer_of_ours_goes_on_in_pytorch(tmp_path):
    torch = pytest.importorskip("torch")
    model = nn.Linear(3, 2)
    optimizer = optim.AdamW(model.parameters(), lr=0.1)
    model(tadori.ones(1, 3)).sum().backward()
    optimizer.step()
    tadori.save([model.state_dict(), optimizer.state_dict()], tmp_path / "ours.pt")
    states = torch.load(tmp_path / "ours.pt", weights_only=True)
    theirs = torch.nn.Linear(3, 2)
    theirs.load_state_dict(states[0])
    steps = torch.optim.AdamW(theirs.parameters(), lr=0.3)
    steps.load_state_dict(states[1])
    for t, m, o in ((torch, theirs, steps), (tadori, model, optimizer)):
        o.zero_grad()
        m(t.ones(1, 3)).sum().backward()
        o.step()
    np.testing.assert_allclose(model.weight.tolist(), theirs.weight.tolist(), rtol=1e-6)
