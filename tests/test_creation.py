"""Making tensors: dtypes, values, sharing of memory, and what is refused."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tadori import creation
from tadori.creation import arange, as_tensor, asarray, from_numpy, full, tensor
from tadori.dtype import set_default_dtype
from tadori.tensor import Tensor


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def same(ours, theirs, atol=0.0):
    """Shape, dtype and values agree."""
    assert ours.shape == tuple(theirs.shape)
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=10 * atol, atol=atol)


# ---------------------------------------------------------------------------------------- from data

DATA = [
    3, 2.5, True, 1j, [], [[], []], [1, 2], [1.0, 2.0], [True, False], [True, 2], [True, 2.0],
    [1, 2.5], [1j, 2.0], [[1, 2], [3, 4]], ((1, 2), [3, 4]), range(3), [[[0.5]]], -(2**63),
    np.float64(3), np.float32(3), np.int32(3), [np.float64(3)], [np.float32(3), np.float32(4)],
    [np.int16(3)], np.zeros(2), np.ones((2, 3), "float16"), np.zeros((2, 0), "int8"),
    np.array(2.5), [np.zeros(2), np.ones(2)], np.arange(6).reshape(2, 3).T, np.array(True),
]  # fmt: skip


@pytest.mark.parametrize("data", DATA, ids=repr)
@pytest.mark.parametrize("make", ["tensor", "as_tensor"])
def test_from_data(torch, data, make):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch finds lists of arrays slow
        theirs = getattr(torch, make)(data)
    same(getattr(creation, make)(data), theirs)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "float16", "float64", "complex64"])
@pytest.mark.parametrize("data", [3, [1, 0], [1.75, 0.0], np.array([1.75, 3])], ids=repr)
def test_from_data_with_a_dtype(torch, data, dtype):
    same(tensor(data, dtype=np.dtype(dtype)), torch.tensor(data, dtype=getattr(torch, dtype)))


def test_lists_may_hold_tensors():
    a = tensor(1.5)
    assert tensor([a, 2.0]).tolist() == [1.5, 2.0]
    assert tensor([a, a]).dtype == np.float32
    assert tensor([[tensor(1), tensor(2)], [tensor(3), 4]]).dtype == np.int64
    assert tensor([a.requires_grad_()]).is_leaf


def test_the_default_dtype_counts():
    try:
        set_default_dtype(np.float64)
        assert tensor([1.5]).dtype == tensor(1.5).dtype == creation.zeros(2).dtype == np.float64
        assert tensor(1j).dtype == np.complex128
        assert tensor([1]).dtype == np.int64
    finally:
        set_default_dtype(np.float32)


def test_tensor_always_copies():
    array = np.ones(3)
    first = tensor(array)
    second = tensor(first)
    array[0] = 5
    first.array[1] = 6
    assert first.tolist() == [1, 6, 1]
    assert second.tolist() == [1, 1, 1]
    leaf = tensor([1.0], requires_grad=True)
    assert leaf.is_leaf
    assert leaf.requires_grad
    copy = tensor(leaf)
    assert copy.is_leaf
    assert not copy.requires_grad


def test_as_tensor_shares_where_it_can():
    array = np.ones(3, np.float32)
    shared = as_tensor(array)
    array[0] = 5
    assert shared.tolist() == [5, 1, 1]
    assert as_tensor(shared) is shared
    assert as_tensor(shared, dtype=np.float32) is shared
    assert not np.may_share_memory(as_tensor(array, dtype=np.float64).array, array)


def test_asarray_copies_as_it_is_told():
    array = np.ones(3)
    assert np.may_share_memory(asarray(array).array, array)
    assert np.may_share_memory(asarray(array, copy=False).array, array)
    assert not np.may_share_memory(asarray(array, copy=True).array, array)
    with pytest.raises(ValueError, match="copy=False"):
        asarray([1.0], copy=False)
    assert asarray([1.0], requires_grad=True).requires_grad


def test_from_numpy_shares_memory_both_ways():
    array = np.zeros((2, 3))
    shared = from_numpy(array.T)
    array[0, 1] = 5
    assert shared[1, 0].item() == 5
    shared.array[2, 1] = 7
    assert array[1, 2] == 7
    assert shared.dtype == np.float64
    assert np.shares_memory(shared.numpy(), array)
    backwards = from_numpy(np.arange(3)[::-1])
    assert backwards.tolist() == [2, 1, 0]


def test_foreign_byte_order_becomes_our_own():
    assert tensor(np.array([1.5], ">f4")).dtype.isnative


REFUSED = [
    ("a", TypeError, "text"),
    (["a", "b"], TypeError, "text"),
    ([1, "b"], TypeError, "text"),
    (None, TypeError, "NoneType"),
    ([None], TypeError, "NoneType"),
    ([1.0, None], TypeError, "NoneType"),
    ({}, TypeError, "dict"),
    ({1}, TypeError, "set"),
    (object(), TypeError, "object"),
    ([[1, 2], [3]], ValueError, "rectangle"),
    ([[1, 2], 3], ValueError, "rectangle"),
    (2**63, ValueError, "int64"),
    ([2**63], ValueError, "int64"),
    ([2**64], ValueError, "int64"),
    (np.array([1, None]), TypeError, "object"),
    (np.array(["a"]), TypeError, "U1"),
    (np.array([1], "longdouble"), TypeError, "float32"),
    (np.array(["2020-01-01"], "M8[D]"), TypeError, "datetime"),
]


@pytest.mark.parametrize(("data", "error", "words"), REFUSED, ids=repr)
def test_what_is_no_number_is_refused(data, error, words):
    with pytest.raises(error, match=words):
        tensor(data)
    with pytest.raises(error, match=words):
        as_tensor(data)


def test_other_refusals():
    with pytest.raises(TypeError, match=r"from_numpy.*list"):
        from_numpy([1.0])
    with pytest.raises(TypeError, match="object"):
        from_numpy(np.array([None]))
    with pytest.raises(RuntimeError, match="fit"):
        tensor(300, dtype=np.uint8)
    with pytest.raises(RuntimeError, match="floating"):
        tensor([1], requires_grad=True)
    with pytest.raises(RuntimeError, match="CuPy"):
        tensor([1.0], device="cuda")


# ------------------------------------------------------------------------------------- from a shape

CALLS = [
    ("zeros", (2, 3), {}), ("zeros", ((2, 3),), {}), ("zeros", ([2, 3],), {}), ("zeros", (0,), {}),
    ("ones", (2, 3), {"dtype": "int32"}), ("ones", ((),), {}), ("ones", (4,), {"dtype": "bool"}),
    ("full", ((2,), 3), {}), ("full", ((2,), True), {}), ("full", ((2,), 3.5), {}),
    ("full", ((2,), 3j), {}), ("full", ((), 3), {}), ("full", ((2,), 3), {"dtype": "float64"}),
    ("full", ((2,), np.float64(3)), {}),
    ("eye", (3,), {}), ("eye", (2, 3), {}), ("eye", (0,), {}), ("eye", (3, 2), {"dtype": "int64"}),
    ("arange", (5,), {}), ("arange", (1, 5), {}), ("arange", (1, 6, 2), {}),
    ("arange", (0.0, 1.0, 0.1), {}), ("arange", (1, 2, 0.5), {}), ("arange", (5, 1, -2), {}),
    ("arange", (1, 1), {}), ("arange", (True,), {}), ("arange", (2.5,), {}),
    ("arange", (0, 1, 0.3), {}), ("arange", (5,), {"dtype": "float16"}),
    ("arange", (-3, 7, 3), {"dtype": "int32"}),
    ("arange", (np.float32(3),), {}), ("arange", (), {"end": 3, "start": 1}),
    ("arange", (3, 0, -1), {}), ("arange", (0, 10, 3.5), {"dtype": "float64"}),
    ("linspace", (3, 10, 4), {}), ("linspace", (0, 10, 5), {"dtype": "int64"}),
    ("linspace", (0, 10, 1), {}), ("linspace", (0, 10, 0), {}), ("linspace", (-1, 1, 101), {}),
    ("linspace", (5, -5, 11), {"dtype": "float64"}),
    ("logspace", (0, 3, 4), {}), ("logspace", (0, 3, 4), {"base": 2, "dtype": "int64"}),
    ("logspace", (-2, 2, 9), {"dtype": "float64"}),
    ("tril_indices", (3, 3), {}), ("tril_indices", (3, 4, 1), {}), ("tril_indices", (4, 2, -1), {}),
    ("triu_indices", (3, 3), {}), ("triu_indices", (2, 4, 1), {"dtype": "int32"}),
    ("triu_indices", (4, 2, -1), {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS, ids=repr)
def test_from_a_shape(torch, name, args, kwargs):
    theirs = dict(kwargs)
    if "dtype" in kwargs:
        theirs["dtype"] = getattr(torch, kwargs["dtype"])
    atol = 1e-7 if name in ("linspace", "logspace", "arange") else 0
    same(getattr(creation, name)(*args, **kwargs), getattr(torch, name)(*args, **theirs), atol)


def test_arange_takes_tensors_of_one_element():
    assert arange(tensor(3)).dtype == np.int64
    assert arange(tensor(1.0), tensor(3.0)).dtype == np.float32


WRONG = [
    (lambda: creation.zeros(-1), RuntimeError, "negative"),
    (lambda: creation.zeros(2.0), TypeError, "integers"),
    (lambda: creation.zeros("a"), TypeError, "integers"),
    (lambda: creation.zeros(2, (3,)), TypeError, "integers"),
    (lambda: creation.eye(-1), RuntimeError, "negative"),
    (lambda: arange(5, 1), RuntimeError, "never reach"),
    (lambda: arange(1, 5, 0), RuntimeError, "never reach"),
    (lambda: creation.linspace(0, 1, -4), RuntimeError, "negative"),
    (lambda: creation.zeros_like(np.zeros(2)), TypeError, "ndarray"),
    (lambda: creation.zeros(2, dtype=np.int64, requires_grad=True), RuntimeError, "floating"),
]


@pytest.mark.parametrize(("call", "error", "words"), WRONG)
def test_wrong_shapes_are_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("name", ["zeros", "ones", "empty"])
def test_requires_grad(name):
    new = getattr(creation, name)(2, 3, requires_grad=True)
    assert new.is_leaf
    assert new.requires_grad
    assert full((2,), 1.0, requires_grad=True).requires_grad


# ------------------------------------------------------------------------------ from another tensor


@pytest.mark.parametrize("dtype", [None, "int32", "float64"])
@pytest.mark.parametrize("source", ["float32", "int64", "bool"])
def test_like(torch, dtype, source):
    x, y = Tensor(np.ones((2, 3), source)), torch.ones(2, 3, dtype=getattr(torch, source))
    ours = {} if dtype is None else {"dtype": np.dtype(dtype)}
    theirs = {} if dtype is None else {"dtype": getattr(torch, dtype)}
    same(creation.zeros_like(x, **ours), torch.zeros_like(y, **theirs))
    same(creation.ones_like(x, **ours), torch.ones_like(y, **theirs))
    same(creation.full_like(x, 1, **ours), torch.full_like(y, 1, **theirs))
    assert creation.empty_like(x, **ours).dtype == torch.empty_like(y, **theirs).numpy().dtype
    same(x.new_zeros(4, 1, **ours), y.new_zeros(4, 1, **theirs))
    same(x.new_ones((4, 1), **ours), y.new_ones((4, 1), **theirs))
    same(x.new_full((2,), 1, **ours), y.new_full((2,), 1, **theirs))
    assert x.new_empty(5, **ours).shape == (5,)
    if source == "float32":
        same(x.new_tensor([1.5, 2.5], **ours), y.new_tensor([1.5, 2.5], **theirs))


def test_like_has_no_history_and_is_a_plain_tensor():
    class Special(Tensor):
        """A subclass, as Parameter is one."""

    x = Special(np.ones(3, np.float32)).requires_grad_()
    for new in (creation.zeros_like(x), np.ones_like(x), x.new_zeros(2), x.new_tensor([1.0])):
        assert type(new) is Tensor
        assert not new.requires_grad
    assert creation.ones_like(x, requires_grad=True).requires_grad
    assert x.new_zeros(2, requires_grad=True).requires_grad


def test_numpys_own_names_work():
    """Formulas say `np.zeros_like(gy, shape=...)`, on arrays and on Tensors."""
    x = tensor([[1.0, 2.0]], requires_grad=True)
    assert np.zeros_like(x, shape=(3,)).tolist() == [0, 0, 0]
    assert np.full_like(x, 2.5).tolist() == [[2.5, 2.5]]
    assert np.full_like(x, tensor(1.5)).tolist() == [[1.5, 1.5]]
