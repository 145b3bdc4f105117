"""How tensors look: PyTorch's layout, letter for letter, and what differs on purpose."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tadori.creation import ones, tensor, zeros
from tadori.dtype import set_default_dtype
from tadori.printing import get_printoptions, printoptions, set_printoptions
from tadori.tensor import Tensor

RNG = np.random.default_rng(0)
NORMAL = RNG.normal(size=(20, 20))

ARRAYS = {
    "integers": np.array([1, 2, 3]),
    "signs": np.array([-1, 100]),
    "whole floats": np.array([-1.0, 2.0]),
    "decimals": np.array([1.0, 2.5]),
    "small": np.array([1e-5, 1.0]),
    "mixed": np.array([1e5, 1.5]),
    "large": np.array([1e9, 1.0]),
    "limit of large": np.array([1e8, 1e8]),
    "ratio": np.array([1.0, 1000.0]),
    "beyond ratio": np.array([1.0, 1001.0]),
    "nan": np.array([np.nan, 1.0]),
    "only nan": np.array([np.nan]),
    "infinite": np.array([np.inf, -np.inf, 1.5]),
    "infinite and large": np.array([[1e10, np.inf]]),
    "zeros": np.zeros(100),
    "minus zero": np.array([-0.0]),
    "extremes": np.array([1e-300, 1e300]),
    "0-d float": np.array(3.0),
    "0-d decimal": np.array(123456.789),
    "0-d tiny": np.array(1e-10),
    "0-d integer": np.array(3),
    "0-d bool": np.array(True),
    "bools": np.array([True, False]),
    "empty": np.zeros(0),
    "empty integers": np.zeros(0, np.int64),
    "empty matrix": np.zeros((2, 0)),
    "empty rows": np.zeros((0, 3), np.int32),
    "one line": np.arange(30.0),
    "lines": RNG.normal(size=50) * 1e3,
    "matrix": NORMAL[:3, :4],
    "three axes": NORMAL[:4, :6].reshape(2, 3, 4),
    "four axes": NORMAL[:4, :4].reshape(2, 2, 2, 2),
    "wide matrix": NORMAL,
    "just whole": np.arange(1000),
    "in part": np.arange(1001),
    "matrix in part": np.arange(4000.0).reshape(40, 100),
    "block in part": np.zeros((2, 3, 1001)),
    "narrow in part": np.arange(3000).reshape(1000, 3),
    "cube in part": NORMAL.repeat(8).reshape(10, 32, 10),
    "bools in part": np.arange(2000).reshape(2, 1000) > 3,
    "complex": np.array([1 + 2j, 3.5 - 1j]),
    "whole complex": np.array([1 + 2j, 3 - 1j]),
    "complex lines": NORMAL[0] + 1j * NORMAL[1],
}
DTYPES = {"f": ["f2", "f4", "f8"], "i": ["u1", "i4", "i8"], "b": ["?"], "c": ["c8", "c16"]}
OPTIONS = [
    {},
    {"precision": 2},
    {"precision": 0},
    {"precision": 8, "linewidth": 120},
    {"sci_mode": True},
    {"sci_mode": False},
    {"edgeitems": 1, "threshold": 10},
    {"linewidth": 40},
    {"profile": "short"},
    {"profile": "full"},
]


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch")
    yield torch
    torch.set_printoptions(profile="default")


def unwrapped(text):
    """PyTorch says dtype=torch.float64: without `torch.`, fewer lines are broken before it."""
    return re.sub(r",\s+(dtype|requires_grad|size)", r", \1", text.replace("torch.", ""))


@pytest.mark.allow_fp_faults  # float16 overflows, on purpose
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", ARRAYS)
def test_as_pytorch_prints(torch, name, options):
    torch.set_printoptions(**options)
    with printoptions(**options):
        for dtype in DTYPES[ARRAYS[name].dtype.kind]:
            array = ARRAYS[name].astype(dtype)
            ours, theirs = Tensor(array), torch.tensor(array)
            assert unwrapped(repr(ours)) == unwrapped(repr(theirs))
            if array.dtype.kind in "fc":
                ours.requires_grad_()
                theirs.requires_grad_()
                assert unwrapped(repr(ours)) == unwrapped(repr(theirs))


def test_lines_are_broken_before_notes_as_pytorch_does(torch):
    for n in range(1, 40):
        x = np.arange(n) / 2
        ours, theirs = Tensor(x.astype("f4")), torch.tensor(x, dtype=torch.float32)
        assert repr(ours.requires_grad_()) == repr(theirs.requires_grad_())


def test_the_default_dtype_goes_without_saying():
    double = Tensor(np.ones(1))
    assert repr(double) == "tensor([1.], dtype=float64)"
    try:
        set_default_dtype(np.float64)
        assert repr(double) == "tensor([1.])"
        assert repr(ones(1, dtype="float32")) == "tensor([1.], dtype=float32)"
    finally:
        set_default_dtype(np.float32)


def test_history_is_shown():
    x = ones(2, requires_grad=True)
    assert repr(x + x) == "tensor([2., 2.], creator=<Add>)"
    assert str(x) == repr(x)


def test_subclasses_show_their_name():
    class Parameter(Tensor):
        """As tadori.nn has it."""

    class Special(Tensor):
        """Another one."""

    text = repr(Parameter(np.ones(1, "f4")).requires_grad_())
    assert text == "Parameter containing:\ntensor([1.], requires_grad=True)"
    text = repr(Special(np.ones((2, 1), "f4")))
    assert text == "Special([[1.],\n         [1.]])"


def test_formats_of_one_number():
    assert f"{tensor(3.14159):.2f}" == "3.14"
    assert f"{tensor(2)}" == "tensor(2)"
    assert f"{tensor([1])}" == "tensor([1])"


def test_bfloat16():
    pytest.importorskip("ml_dtypes")
    assert (
        repr(Tensor(np.array([1.5, 2], "bfloat16"))) == "tensor([1.5000, 2.0000], dtype=bfloat16)"
    )


def test_options_come_and_go():
    before = get_printoptions()
    with printoptions(precision=2, sci_mode=True):
        assert repr(tensor([1.0])) == "tensor([1.00e+00])"
        with pytest.raises(ZeroDivisionError), printoptions(precision=1):
            raise ZeroDivisionError
        assert get_printoptions()["precision"] == 2
    assert get_printoptions() == before
    try:
        set_printoptions(threshold=3, edgeitems=1)
        assert repr(zeros(4)) == "tensor([0.,  ..., 0.])"
        set_printoptions(profile="default")
        assert get_printoptions() == before
    finally:
        set_printoptions(**before)
