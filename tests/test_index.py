"""Indexing: every kind of index, its derivatives, writing in place, and what goes wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tadori
from tadori import kernels
from tadori.autograd import grad, no_grad
from tadori.kernels.indexing import ARRAY

T = tadori.Tensor


def leaf(*shape):
    return T(np.random.default_rng(0).normal(size=shape)).requires_grad_()


def integers(*values):
    return T(np.array(values))


# ------------------------------------------------------------------------------- reading: the table

MASK = np.array([True, False, True])

INDICES = {
    "int": 1,
    "negative int": -1,
    "NumPy's int": np.int64(2),
    "tensor of one int": integers(1)[0],
    "slice": slice(1, None),
    "slice with a step": slice(None, None, 2),
    "slice backwards": slice(None, None, -1),
    "slice beyond the end": slice(2, 99),
    "empty slice": slice(2, 1),
    "None": None,
    "Ellipsis": ...,
    "nothing": (),
    "ints": (1, 2, 0),
    "int and Ellipsis": (..., 1),
    "mixture": (slice(None), None, 1, ...),
    "list": [2, 0, 0],
    "empty list": [],
    "nested list": [[0, 1], [2, 2]],
    "range": range(2),
    "tensor": integers(2, 0, 2),
    "array": np.array([[0, -1], [-1, 2]]),
    "small integers": np.array([2, 0], dtype="uint8"),
    "mask": MASK,
    "mask of a matrix": T(np.eye(3, 4) > 0),
    "list of bools": [False, True, True],
    "no True": np.zeros(3, bool),
    "True": True,
    "False": False,
    "after a slice": (slice(None), [0, 3, 3]),
    "after whole axes": (slice(None), slice(None), integers(1, 1)),
    "after part of an axis": (slice(1, 3), [0, 3, 3]),
    "two arrays": ([0, 2, 2], [1, 3, 3]),
    "broadcast arrays": (np.array([[0], [2]]), [1, 3, 3]),
    "arrays apart": ([0, 2], slice(None), [1, 1]),
    "array and int": ([0, 2], 1),
    "int and array": (1, [0, 0]),
    "array and None": ([0, 2, 2], None),
    "None and array": (None, [0, 2, 2]),
    "array and Ellipsis": (..., [0, 1, 1]),
    "mask and int": (MASK, 1),
    "mask and slice": (MASK, slice(1, 3)),
    "mask and array": (MASK, [1, 1]),
    "slice and mask": (slice(None), slice(None), np.array([True, False])),
}


def plain(index):
    if type(index) is tuple:
        return tuple(map(plain, index))
    return index.numpy() if isinstance(index, T) else index


indices = pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)


@indices
def test_value(index):
    x = leaf(3, 4, 2)
    y = x.detach()[index]
    np.testing.assert_array_equal(y.numpy(), x.detach().numpy()[plain(index)])


@indices
def test_first_and_second_derivative(index):
    """y = x[i]^3 has the derivatives 3 x[i]^2 and 6 x[i], put where i points."""
    x = leaf(3, 4, 2)
    array = x.detach().numpy()
    y = x[index]
    weights = np.arange(1.0, 1 + y.array.size).reshape(y.shape)
    (first,) = grad((y * y * y * T(weights)).sum(), x, create_graph=True)
    counted = np.zeros(x.shape)
    np.add.at(counted, plain(index), weights)
    np.testing.assert_allclose(first.detach().numpy(), 3 * counted * array**2)
    (second,) = grad(first.sum(), x)
    np.testing.assert_allclose(second.numpy(), 6 * counted * array)


@indices
def test_writing_and_its_derivatives(index):
    """x[i] = v takes the gradient at i from x and gives it to v."""
    x, v = leaf(3, 4, 2), leaf()
    y = x * 1
    y[index] = v
    expected = x.detach().numpy().copy()
    expected[plain(index)] = v.item()
    np.testing.assert_array_equal(y.detach().numpy(), expected)
    first_x, first_v = grad((y * y * y).sum(), [x, v], create_graph=True)
    kept = np.ones(x.shape)
    kept[plain(index)] = 0
    np.testing.assert_allclose(first_x.detach().numpy(), 3 * kept * expected**2)
    written = x.array.size - kept.sum()
    np.testing.assert_allclose(first_v.item(), 3 * written * v.item() ** 2)
    (second_v,) = grad(first_v, v)
    np.testing.assert_allclose(second_v.item(), 6 * written * v.item())


@indices
def test_pytorch_agrees(index):
    torch = pytest.importorskip("torch")

    def theirs(part):
        if type(part) is tuple:
            return tuple(map(theirs, part))
        if isinstance(part, T | np.ndarray | np.generic):
            array = np.asarray(plain(part))
            return torch.tensor(array.astype("int64") if array.dtype == "uint8" else array)
        return list(part) if isinstance(part, range) else part

    if any(index is INDICES[name] for name in ("slice backwards", "nested list")):
        pytest.skip("PyTorch has no negative steps, and reads a nested list as a tuple")
    x = leaf(3, 4, 2)
    p = torch.tensor(x.detach().numpy(), requires_grad=True)
    y, q = x[index], p[theirs(index)]
    np.testing.assert_array_equal(y.detach().numpy(), q.detach().numpy())
    (y * y).sum().backward()
    (q * q).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), p.grad.numpy())


# -------------------------------------------------------------------------- reading: random indices


@st.composite
def indexed_arrays(draw):
    """An array, and an index that suits it."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4))
    kind = draw(st.sampled_from(["basic", "arrays", "mixed", "mask"]))
    if kind == "basic":
        index = draw(hnp.basic_indices(shape, allow_newaxis=True))
    elif kind == "arrays":
        index = draw(hnp.integer_array_indices(shape))
    elif kind == "mask":
        index = draw(hnp.arrays(bool, shape))
    else:
        index = []
        for n in shape:
            part = st.one_of(
                st.integers(-n, n - 1),
                st.slices(n),
                hnp.arrays(np.int64, 3, elements=st.integers(-n, n - 1)),
            )
            index.append(draw(part))
        index = tuple(index)
    x = np.random.default_rng(0).integers(-9, 10, shape).astype(float)
    return x, index


@given(indexed_arrays())
def test_reading_and_its_adjoint(case):
    """<x[i], g> = <x, unpick(g)>, exactly, for numbers without rounding."""
    array, index = case
    x = T(array).requires_grad_()
    y = x[index]
    np.testing.assert_array_equal(y.detach().numpy(), array[index])
    g = np.random.default_rng(1).integers(-9, 10, y.shape).astype(float)
    y.backward(T(g))
    assert x.grad.shape == x.shape
    assert (array * x.grad.numpy()).sum() == (array[index] * g).sum()


@given(indexed_arrays())
def test_writing(case):
    array, index = case
    x = T(array.copy())
    value = np.random.default_rng(2).normal(size=array[index].shape)
    x[index] = T(value)
    expected = array.copy()
    expected[index] = value
    np.testing.assert_array_equal(x.numpy(), expected)


def test_more_index_arrays_than_inputs():
    x = leaf(2, 2, 2, 2, 2, 2)
    index = ([0, 1, 1],) * 6
    y = x[index]
    np.testing.assert_array_equal(y.detach().numpy(), x.detach().numpy()[index])
    (first,) = grad((y * y).sum(), x, create_graph=True)
    (second,) = grad(first.sum(), x)
    assert second.array[0, 0, 0, 0, 0, 0] == 2
    assert second.array[1, 1, 1, 1, 1, 1] == 4
    assert second.array.sum() == 6


def test_scatter_add_and_take_are_adjoint_at_the_kernels():
    rng = np.random.default_rng(0)
    x, i, j = rng.normal(size=(3, 4, 2)), np.array([0, 2, 2]), np.array([-1, 1, 1])
    for pattern in ((ARRAY, ARRAY), (ARRAY, slice(None), ARRAY), (slice(None), ARRAY)):
        arrays = (i, j % 2) if pattern[-1] == ARRAY and len(pattern) == 3 else (i, j)
        arrays = arrays[: pattern.count(ARRAY)]
        y = kernels.pick(x, *arrays, pattern=pattern)
        g = rng.normal(size=y.shape)
        back = kernels.unpick(g, *arrays, pattern=pattern, shape=x.shape)
        np.testing.assert_allclose((y * g).sum(), (x * back).sum())
        assert y.flags.writeable


def test_index_of_a_strided_array():
    x = leaf(4, 3, 2)
    y = x.permute(2, 0, 1)[[0, 1, 1], [3, 0, 0]]
    np.testing.assert_array_equal(
        y.detach(), x.detach().numpy().transpose(2, 0, 1)[[0, 1, 1], [3, 0, 0]]
    )
    y.sum().backward()
    assert x.grad.array[0, 0, 1] == 2


def test_float32_stays_float32(stays_float32):
    x = T(np.ones((3, 4), "float32")).requires_grad_()
    for index in INDICES.values():
        if index is not INDICES["ints"]:
            y = stays_float32(lambda i=index: x.detach().unsqueeze(2).expand(3, 4, 2)[i])
            assert y.dtype == "float32"
    (g,) = grad(x[[0, 0], [1, 1]].sum(), x)
    assert g.dtype == "float32"


# -------------------------------------------------------------------------------------------- views


@pytest.mark.parametrize("index", [1, slice(1, 3), (0, 1), (..., 0), (slice(None), None, -1)])
def test_basic_indexing_shares_memory(index):
    x = T(np.zeros((3, 4)))
    y = x[index]
    assert np.shares_memory(x.array, y.array)
    y += 5
    assert x.array.sum() == 5 * y.array.size


@pytest.mark.parametrize("index", [[1], ([0], [1]), MASK])
def test_advanced_indexing_copies(index):
    x = T(np.zeros((3, 4)))
    y = x[index]
    y += 5
    assert x.array.sum() == 0


def test_writing_into_a_view_reaches_the_base():
    torch = pytest.importorskip("torch")

    def program(x, v):
        y = x * 2
        y[0][1] = v
        row = y[1]
        row[:2] = v * v
        row *= 3
        y[:, 3] += v
        return (y * y).sum() + row.sum()

    x, v = leaf(3, 4), leaf()
    p, q = (torch.tensor(t.detach().numpy(), requires_grad=True) for t in (x, v))
    program(x, v).backward()
    program(p, q).backward()
    np.testing.assert_allclose(x.grad.numpy(), p.grad.numpy())
    np.testing.assert_allclose(v.grad.numpy(), q.grad.numpy())


def test_augmented_assignment_of_chosen_rows():
    x, y = leaf(3, 2), T(np.zeros((3, 2)))
    y[[0, 2]] += x[[1, 1]]
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [[0, 0], [2, 2], [0, 0]])


def test_constant_takes_over_the_history_of_what_is_written():
    v, x = leaf(2), T(np.zeros((3, 2)))
    for i in range(3):
        x[i] = v * i
    assert x.requires_grad
    x.sum().backward()
    np.testing.assert_array_equal(v.grad.numpy(), [3, 3])


def test_writing_copies_nothing_when_nothing_is_recorded():
    x = T(np.zeros((3, 2)))
    memory = x.array
    x[1] = T(np.ones(2))
    x[[0]] = 2.0
    x[x > 1] = 3
    x[:, 1] = [4, 5, 6]
    assert x.array is memory
    assert x.creator is None
    np.testing.assert_array_equal(memory, [[3, 4], [1, 5], [0, 6]])


def test_overlapping_write():
    x = T(np.arange(5.0))
    x[1:] = x[:-1]
    np.testing.assert_array_equal(x.numpy(), [0, 0, 1, 2, 3])


def test_value_is_cast_and_its_gradient_cast_back():
    v = T(np.ones(2)).requires_grad_()
    x = T(np.zeros((2, 2), "float32"))
    x[0] = v
    assert x.dtype == "float32"
    x.sum().backward()
    assert v.grad.dtype == "float64"
    counts = T(np.zeros(3, "int64"))
    counts[1] = 2.9
    assert counts.tolist() == [0, 2, 0]


def test_writing_what_is_kept_is_noticed():
    x = leaf(3)
    y = x * 1
    z = y * y
    y[0] = 5.0
    with pytest.raises(RuntimeError, match="inplace operation: t\\[index\\] = value"):
        z.sum().backward()


def test_writing_a_leaf_is_refused_but_under_no_grad():
    x = leaf(3)
    with pytest.raises(RuntimeError, match="leaf Variable"):
        x[0] = 1.0
    with pytest.raises(RuntimeError, match="leaf Variable"):
        x[:2][0] = 1.0
    with no_grad():
        x[0] = 1.0
    assert x.array[0] == 1
    assert x.is_leaf


def test_a_written_view_is_gone_with_its_graph():
    """Reading and writing in a loop leaves no cycle: reference counts alone free the graph."""
    import gc
    import weakref

    gc.disable()
    try:
        x = leaf(4)
        y = x * 2
        y[1:][0] = 3.0
        node = weakref.ref(y.creator)
        del y
        assert node() is None
    finally:
        gc.enable()


# ------------------------------------------------------------------------------- gather and scatter


def test_gather_and_scatter_add_are_adjoint():
    rng = np.random.default_rng(0)
    for shape, dim, index_shape in [
        ((3, 4), 1, (2, 5)),
        ((3, 4), 0, (6, 3)),
        ((2, 3, 4), 1, (2, 7, 3)),
    ]:
        index = T(rng.integers(0, shape[dim], index_shape))
        x, g = T(rng.normal(size=shape)), T(rng.normal(size=index_shape))
        back = T(np.zeros(shape)).scatter_add(dim, index, g)
        np.testing.assert_allclose((x.gather(dim, index) * g).sum().item(), (x * back).sum().item())


IN_PLACE = {
    "scatter": (1, integers([0, 2], [3, 1]), T(np.full((2, 2), 9.0))),
    "scatter_add": (1, integers([0, 0], [3, 1]), T(np.full((2, 2), 9.0))),
    "index_add": (0, integers(1, 1), T(np.full((2, 4), 9.0))),
    "index_copy": (0, integers(2, 0), T(np.full((2, 4), 9.0))),
    "index_fill": (1, integers(2, 0), 9.0),
    "index_put": ((integers(2, 0),), T(np.full((2, 4), 9.0))),
    "masked_fill": (T(np.eye(3, 4) > 0), 9.0),
    "masked_scatter": (T(np.eye(3, 4) > 0), T(np.arange(9.0))),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_forms(name):
    x = T(np.arange(12.0).reshape(3, 4))
    memory = x.array
    expected = getattr(x, name)(*IN_PLACE[name])
    assert not np.array_equal(expected.numpy(), x.numpy())
    assert getattr(x, f"{name}_")(*IN_PLACE[name]) is x
    assert x.array is memory
    np.testing.assert_array_equal(x.numpy(), expected.numpy())


def test_nonzero():
    x = T(np.array([[0, 2], [3, 0]]))
    assert x.nonzero().tolist() == [[0, 1], [1, 0]]
    assert x.argwhere().tolist() == [[0, 1], [1, 0]]
    rows, columns = x.nonzero(as_tuple=True)
    assert (rows.tolist(), columns.tolist()) == ([0, 1], [1, 0])
    assert x[rows, columns].tolist() == [2, 3]
    assert T(np.array(5)).nonzero().shape == (1, 0)
    assert leaf(2).nonzero().creator is None


# ---------------------------------------------------------------------------- as Python's sequences


def test_sequence():
    x = leaf(3, 2)
    first, second, third = x
    assert np.array_equal(third.detach(), x.detach().numpy()[2])
    assert len(x) == 3
    assert [row.shape for row in x] == [(2,)] * 3
    (first * second).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy()[:2], x.detach().numpy()[1::-1])
    assert x.array[1, 1].item() in x
    assert 77.0 not in x
    with pytest.raises(TypeError, match="0-d"):
        len(leaf())
    with pytest.raises(TypeError, match="0-d"):
        iter(leaf())


# ------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (3, "index 3 is out of bounds for axis 0 with size 3"),
        ((0, -5), "index -5 is out of bounds for axis 1 with size 4"),
        ([0, 3], "index 3 is out of bounds for axis 0 with size 3"),
        (([0, 1], [0, 9]), "index 9 is out of bounds for axis 1 with size 4"),
        (([0, 1], [0, -9]), "index -9 is out of bounds for axis 1 with size 4"),
        ((slice(None), [4]), "index 4 is out of bounds for axis 1 with size 4"),
        ((0, 0, 0), "too many indices"),
        (np.array([True, False]), "boolean"),
        (([0, 1, 2], [0, 1]), "broadcast"),
        (1.0, "integers or booleans"),
        (T(np.ones(2)), "integers or booleans, this one is float64"),
        ("word", "integers or booleans"),
    ],
)
def test_wrong_index(index, message):
    x = leaf(3, 4)
    with pytest.raises(IndexError, match=message):
        x[index]
    with pytest.raises((IndexError, RuntimeError), match=message):
        x.detach()[index] = 1.0


def test_errors_name_the_operation():
    x = leaf(3, 4)
    with pytest.raises(RuntimeError, match="leaf"):
        x[0] = 1
    with pytest.raises(RuntimeError, match=r"SetItem\(float64\(3, 4\), float64\(5,\)"):
        x.detach()[0] = T(np.ones(5))
    with pytest.raises(RuntimeError, match="as many dimensions"):
        x.gather(0, integers(1, 2))
    with pytest.raises(IndexError, match="index 7 is out of bounds for axis 1 with size 4"):
        x.gather(1, integers([7]))
    with pytest.raises(RuntimeError, match="no larger than src"):
        x.scatter(0, integers([0, 1]), T(np.ones((1, 1))))
    with pytest.raises(IndexError, match="out of bounds"):
        x.index_select(1, integers(4))
    with pytest.raises(IndexError):
        x.index_select(2, integers(0))
    with pytest.raises(RuntimeError, match="unpick"):
        x.index_add(0, integers(0, 1), T(np.ones((4, 2))))


def test_indices_that_choose_slices_are_not_counted_from_the_end():
    """A label of -1 for "none" would take the last class, and the number would be wrong."""
    x, low, rows = leaf(3, 4).detach(), integers(-1), T(np.ones((1, 4)))
    calls = {
        "gather": lambda: x.gather(0, integers([-1, 0, 0, 0])),
        "scatter": lambda: x.scatter(1, integers([-1]), 5.0),
        "scatter_add": lambda: x.scatter_add(1, integers([-1]), T(np.ones((1, 1)))),
        "index_select": lambda: x.index_select(0, low),
        "index_add": lambda: x.index_add(0, low, rows),
        "index_copy": lambda: x.index_copy(0, low, rows),
        "index_copy_": lambda: x.index_copy_(0, low, rows),
    }
    for name, call in calls.items():
        with pytest.raises(IndexError, match="index -1 is out of bounds"):
            pytest.fail(f"{name} took it: {call()}")


def test_a_mask_is_of_booleans():
    with pytest.raises(RuntimeError, match="must be of booleans, this one is float64"):
        leaf(3).masked_fill(T(np.ones(3)), 0.0)
