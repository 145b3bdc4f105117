"""Dtypes: PyTorch's promotion rules, exhaustively, and the limits of each type."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tadori.dtype import (
    can_cast,
    finfo,
    get_default_dtype,
    holds_numbers,
    iinfo,
    is_complex,
    is_floating_point,
    promote_types,
    result_type,
    set_default_dtype,
)
from tadori.tensor import Tensor

NAMES = [
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64",
    "complex64", "complex128",
]  # fmt: skip
NUMBERS = (True, 2, 2.0, 2j)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def name_of(torch_dtype):
    """Its name; NumPy has no complex32, so complex64 takes its place."""
    return str(torch_dtype).removeprefix("torch.").replace("complex32", "complex64")


def test_promote_types(torch):
    for a, b in product(NAMES, NAMES):
        expected = torch.promote_types(getattr(torch, a), getattr(torch, b))
        assert promote_types(np.dtype(a), np.dtype(b)).name == name_of(expected), (a, b)


@pytest.mark.parametrize("shapes", list(product([(), (2,)], repeat=2)), ids=str)
def test_result_type_of_tensors(torch, shapes):
    for a, b in product(NAMES, NAMES):
        theirs = [torch.ones(s, dtype=getattr(torch, n)) for s, n in zip(shapes, (a, b))]
        ours = [np.ones(s, dtype=n) for s, n in zip(shapes, (a, b))]
        assert result_type(*ours).name == name_of(torch.result_type(*theirs)), (a, b)


@pytest.mark.parametrize("shape", [(), (2,)], ids=str)
@pytest.mark.parametrize("default", ["float32", "float64"])
def test_result_type_with_a_number(torch, shape, default):
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(getattr(torch, default))
        set_default_dtype(default)
        for name, number in product(NAMES, NUMBERS):
            theirs = torch.result_type(torch.ones(shape, dtype=getattr(torch, name)), number)
            assert result_type(np.ones(shape, name), number).name == name_of(theirs), (name, number)
            assert result_type(number, np.ones(shape, name)).name == name_of(theirs), (name, number)
        for a, b in product(NUMBERS, NUMBERS):
            assert result_type(a, b).name == name_of(torch.result_type(a, b))
    finally:
        torch.set_default_dtype(before)
        set_default_dtype("float32")


def test_result_type_of_nothing():
    with pytest.raises(TypeError, match="at least one"):
        result_type()


def test_can_cast(torch):
    for a, b in product(NAMES, NAMES):
        expected = torch.can_cast(getattr(torch, a), getattr(torch, b))
        assert can_cast(np.dtype(a), np.dtype(b)) == expected, (a, b)


def test_finfo(torch):
    for name in ("float16", "float32", "float64", "complex64"):
        ours, theirs = finfo(name), torch.finfo(getattr(torch, name))
        assert (ours.bits, ours.dtype) == (theirs.bits, theirs.dtype)
        for field in ("eps", "min", "max", "tiny", "smallest_normal", "resolution"):
            assert getattr(ours, field) == pytest.approx(getattr(theirs, field), rel=1e-6), field
            assert type(getattr(ours, field)) is float, "a NumPy scalar would widen float32"
    assert repr(finfo()) == repr(torch.finfo())


def test_iinfo(torch):
    for name in NAMES[1:6]:
        ours, theirs = iinfo(name), torch.iinfo(getattr(torch, name))
        for field in ("bits", "min", "max", "dtype"):
            assert getattr(ours, field) == getattr(theirs, field)
    assert repr(iinfo("int8")) == repr(torch.iinfo(torch.int8))


@pytest.mark.parametrize(("info", "dtype"), [(finfo, "int32"), (finfo, "bool"), (iinfo, "float32")])
def test_limits_of_the_other_kind_are_refused(info, dtype):
    with pytest.raises(TypeError, match="Remedy"):
        info(dtype)


def test_kinds():
    kinds = {name: Tensor(np.ones(1, name)) for name in NAMES}
    assert [n for n, x in kinds.items() if is_floating_point(x)] == NAMES[6:9]
    assert [n for n, x in kinds.items() if is_complex(x)] == NAMES[9:]
    assert all(holds_numbers(np.dtype(name)) for name in NAMES)
    for strange in ("O", "U3", "S3", "M8[s]", "longdouble", [("a", "f4")]):
        assert not holds_numbers(np.dtype(strange))


def test_the_default_dtype_is_a_float():
    assert get_default_dtype() == np.float32
    with pytest.raises(TypeError, match="floating"):
        set_default_dtype("int32")
    assert get_default_dtype() == np.float32


def test_bfloat16():
    """A dtype of NumPy's that another package brings."""
    pytest.importorskip("ml_dtypes")
    bfloat16 = np.dtype("bfloat16")
    assert promote_types(bfloat16, np.dtype("float32")) == np.float32
    assert promote_types(bfloat16, np.dtype("int64")) == bfloat16
    assert result_type(np.ones(2, bfloat16), 2.0) == bfloat16
    assert holds_numbers(bfloat16)
    assert is_floating_point(Tensor(np.ones(1, bfloat16)))
    assert finfo(bfloat16).eps == 2**-7
