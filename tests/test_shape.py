"""Shapes: views and copies, random shapes, splitting and joining, and what goes wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tadori
from tadori import kernels
from tadori.autograd import grad
from tadori.ops import join

T = tadori.Tensor
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def counted(shape):
    """Different numbers in this shape, exact in floating point."""
    return np.arange(1.0, 1 + math.prod(shape)).reshape(shape)


def check(function, array, expected):
    """`function(x)` is `expected`, and its gradient is the adjoint: <f(x), g> = <x, f'(g)>."""
    x = T(array).requires_grad_()
    y = function(x)
    assert y.shape == expected.shape
    np.testing.assert_array_equal(y.detach().numpy(), expected)
    g = counted(y.shape)[::-1] if y.ndim else counted(())
    y.backward(T(g.copy()))
    assert x.grad.shape == array.shape
    assert (expected * g).sum() == (array * x.grad.numpy()).sum()


# ------------------------------------------------------------------------------------ random shapes


@given(shapes, st.data())
def test_permute(shape, data):
    axes = data.draw(st.permutations(range(len(shape))))
    array = counted(shape)
    check(lambda x: x.permute(*axes) if axes else x.permute(()), array, array.transpose(axes))


@given(hnp.array_shapes(max_dims=4, max_side=4), st.data())
def test_moveaxis(shape, data):
    axes = st.integers(-len(shape), len(shape) - 1)
    source, target = data.draw(axes), data.draw(axes)
    array = counted(shape)
    check(lambda x: x.movedim(source, target), array, np.moveaxis(array, source, target))


@given(shapes, st.data())
def test_flatten_and_back(shape, data):
    array = counted(shape)
    check(lambda x: x.flatten(), array, array.reshape(-1))
    if shape:
        first = data.draw(st.integers(0, len(shape) - 1))
        last = data.draw(st.integers(first, len(shape) - 1))
        inner = math.prod(shape[first : last + 1])
        wide = array.reshape(*shape[:first], inner, *shape[last + 1 :])
        check(lambda x: x.flatten(first, last), array, wide)
        check(lambda x: x.unflatten(first, shape[first : last + 1]), wide, array)


@given(hnp.array_shapes(min_dims=0, max_dims=3, max_side=3), st.data())
def test_expand(shape, data):
    wide = data.draw(hnp.broadcastable_shapes(shape, min_dims=len(shape), max_dims=4, max_side=3))
    wide = np.broadcast_shapes(shape, wide)
    array = counted(shape)
    check(lambda x: x.expand(wide), array, np.broadcast_to(array, wide))


@given(hnp.array_shapes(max_dims=3, max_side=3), st.data())
def test_tile_and_repeat(shape, data):
    counts = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    array = counted(shape)
    check(lambda x: x.tile(counts), array, np.tile(array, counts))
    axis = data.draw(st.integers(0, len(shape) - 1))
    each = data.draw(st.lists(st.integers(0, 3), min_size=shape[axis], max_size=shape[axis]))
    expected = np.repeat(array, each, axis)
    check(lambda x: x.repeat_interleave(T(np.array(each)), axis), array, expected)


@given(hnp.array_shapes(max_dims=3, max_side=4), st.data())
def test_flip_and_roll(shape, data):
    axes = data.draw(st.lists(st.sampled_from(range(len(shape))), unique=True))
    shifts = [data.draw(st.integers(-5, 5)) for _ in axes]
    array = counted(shape)
    check(lambda x: x.flip(axes), array, np.flip(array, tuple(axes)))
    if axes:
        check(lambda x: x.roll(tuple(shifts), tuple(axes)), array, np.roll(array, shifts, axes))


@given(
    hnp.array_shapes(max_dims=3, min_side=2, max_side=4),
    st.sampled_from(["constant", "reflect", "symmetric", "edge", "wrap"]),
    st.data(),
)
def test_pad(shape, mode, data):
    sides = st.tuples(st.integers(0, 7), st.integers(0, 7))
    widths = [data.draw(sides) for _ in shape]
    array = counted(shape)
    check(lambda x: np.pad(x, widths, mode=mode), array, np.pad(array, widths, mode=mode))


@given(hnp.array_shapes(max_dims=3, max_side=7), st.data())
def test_parts_join_to_the_whole(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    size, count = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 8))
    array = counted(shape)
    check(lambda x: join.cat(x.split(size, axis), axis), array, array)
    check(lambda x: join.cat(x.chunk(count, axis), axis), array, array)
    check(lambda x: join.cat(x.tensor_split(count, axis), axis), array, array)
    check(lambda x: join.stack(x.unbind(axis), axis), array, array)


@given(hnp.array_shapes(min_dims=1, max_dims=3, max_side=7), st.data())
def test_unfold(shape, data):
    axis = data.draw(st.integers(0, len(shape) - 1))
    size, step = data.draw(st.integers(1, shape[axis])), data.draw(st.integers(1, 4))
    array = counted(shape)
    starts = range(0, shape[axis] - size + 1, step)
    windows = [np.moveaxis(array.take(range(a, a + size), axis), axis, -1) for a in starts]
    check(lambda x: x.unfold(axis, size, step), array, np.stack(windows, axis))


# --------------------------------------------------------------------------------- views and copies

VIEWS = {
    "reshape": lambda x: x.reshape(4, 3),
    "view": lambda x: x.view(-1),
    "transpose": lambda x: x.transpose(0, 1),
    "T": lambda x: x.T,
    "permute": lambda x: x.permute(1, 0),
    "squeeze": lambda x: x.unsqueeze(0).squeeze(0),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "movedim": lambda x: x.movedim(0, 1),
    "narrow": lambda x: x.narrow(1, 1, 2),
    "select": lambda x: x.select(0, 1),
    "flatten": lambda x: x.flatten(),
    "unflatten": lambda x: x.unflatten(1, (2, 2)),
    "split": lambda x: x.split(2, 1)[1],
    "chunk": lambda x: x.chunk(2)[0],
    "unbind": lambda x: x.unbind(1)[2],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_views_share_memory_and_history(view):
    torch = pytest.importorskip("torch")

    def program(x):
        y = x * 2
        v = view(y)
        v *= 3
        y[1:] *= 5
        return (y * y).sum() + (v * v * v).sum()

    x = T(counted((3, 4)) / 8).requires_grad_()
    assert np.shares_memory(x.array, view(x).array)
    program(x).backward()
    p = torch.tensor(x.detach().numpy(), requires_grad=True)

    def theirs(p):
        y = p * 2
        v = y[:, 2:] if view is VIEWS["split"] else y[:2] if view is VIEWS["chunk"] else None
        v = y[:, 2] if view is VIEWS["unbind"] else v
        v = view(y) if v is None else v  # PyTorch refuses to write parts made together
        v *= 3
        y[1:] *= 5
        return (y * y).sum() + (v * v * v).sum()

    theirs(p).backward()
    np.testing.assert_allclose(x.grad.numpy(), p.grad.numpy())


COPIES = {
    "flip": lambda x: x.flip(0),
    "roll": lambda x: x.roll(0, 0),
    "rot90": lambda x: x.rot90(4),
    "tril": lambda x: x.tril(9),
    "repeat": lambda x: x.repeat(1, 1),
    "repeat_interleave": lambda x: x.repeat_interleave(1, 0),
    "cat": lambda x: join.cat([x]),
    "np.copy": np.copy,
    "np.pad": lambda x: np.pad(x, 0),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_copies_do_not_share_memory(copy):
    x = T(counted((3, 4)))
    y = copy(x)
    assert not np.shares_memory(x.array, y.array)
    y *= 2


def test_view_refuses_to_copy():
    x = T(counted((3, 4)))
    with pytest.raises(RuntimeError, match=r"view size is not compatible .* Remedy: use reshape"):
        x.t().view(12)
    assert x.t().reshape(12).shape == (12,)
    assert x.t().view(4, 3, 1).shape == (4, 3, 1)
    assert T(np.zeros((0, 3))).t().view(0, 5).shape == (0, 5)
    assert x.view(np.int64).dtype == "int64"


def test_expanded_memory_is_not_written():
    x = T(np.zeros((3, 1))).expand(3, 4)
    with pytest.raises(RuntimeError, match=r"read-only|cannot be written"):
        x[0] = 1.0
    with pytest.raises(RuntimeError, match=r"read-only|cannot be written"):
        x += 1


def test_parts_of_an_old_history_follow_the_base():
    x = T(counted((4,))).requires_grad_()
    y = x * 1
    first, second = y.split(2)
    first *= 10
    (y.sum() + second.sum()).backward()
    np.testing.assert_array_equal(x.grad.numpy(), [10, 10, 2, 2])


def test_unused_parts_get_zeros():
    x = T(counted((2, 3))).requires_grad_()
    first, _, third = x.unbind(1)
    (first * first * third).sum().backward()
    a, _, c = counted((2, 3)).T
    np.testing.assert_array_equal(x.grad.numpy(), np.stack([2 * a * c, 0 * a, a * a], 1))


def test_the_same_tensor_several_times():
    x = T(counted((2,))).requires_grad_()
    y = join.cat([x, x * x, x])
    (first,) = grad((y * y).sum(), x, create_graph=True)
    (second,) = grad(first.sum(), x)
    np.testing.assert_array_equal(first.detach().numpy(), 4 * x.array + 4 * x.array**3)
    np.testing.assert_array_equal(second.numpy(), 4 + 12 * x.array**2)


# -------------------------------------------------------------------------- numbers about the shape


def test_what_the_shape_is():
    x = T(np.zeros((2, 3, 4), "float32"))
    assert x.size() == (2, 3, 4)
    assert x.size(-1) == 4
    assert x.dim() == x.ndimension() == x.ndim == 3
    assert x.numel() == x.nelement() == 24
    assert (x.element_size(), x.itemsize, x.nbytes) == (4, 4, 96)
    assert x.stride() == (12, 4, 1)
    assert x.stride(0) == 12
    assert x.is_contiguous()
    assert not x.transpose(0, 1).is_contiguous()
    assert (np.shape(x), np.ndim(x), np.size(x), np.size(x, 1)) == ((2, 3, 4), 3, 24, 3)


def test_likes():
    x = T(np.ones((2, 3), "float32")).requires_grad_()
    for y in (np.zeros_like(x), np.ones_like(x), np.full_like(x, 7), np.empty_like(x)):
        assert isinstance(y, T)
        assert (y.shape, y.dtype, y.requires_grad) == ((2, 3), "float32", False)
    assert np.zeros_like(x, shape=(4,), dtype=int).dtype == "int64"
    assert np.full_like(x, 7).array.max() == 7


def test_dtypes_are_promoted_when_joined():
    whole, half = T(np.arange(3)), T(np.ones(2, "float16"))
    assert join.cat([whole, half]).dtype == "float16"
    assert join.stack([T(np.array(1)), T(np.array(True))]).dtype == "int64"


def test_zero_sizes():
    empty = T(np.zeros((0, 3))).requires_grad_()
    assert empty.reshape(-1, 3).shape == (0, 3)
    assert empty.reshape(3, 0).flatten().shape == (0,)
    assert [part.shape for part in empty.split(2)] == [(0, 3)]
    assert empty.unbind() == ()
    assert join.cat([empty, empty]).shape == (0, 3)
    assert np.pad(empty, ((1, 1), (0, 0))).shape == (2, 3)
    assert empty.repeat(2, 2).shape == (0, 6)
    assert empty.roll(1, 0).flip(1).tril().shape == (0, 3)
    empty.transpose(0, 1).sum().backward()
    assert empty.grad.shape == (0, 3)


# ------------------------------------------------------------------------------------------- errors

X = T(np.zeros((3, 4)))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: X.reshape(5, 3),
            RuntimeError,
            r"shape '\[5, 3\]' is invalid for input of size 12",
        ),
        (lambda: X.reshape(5, -1), RuntimeError, r"shape '\[5, -1\]' is invalid"),
        (lambda: X.view(7), RuntimeError, r"shape '\[7\]' is invalid for input of size 12"),
        (lambda: X.flatten(1, 0), RuntimeError, "start_dim 1 cannot come after end_dim 0"),
        (lambda: X.unflatten(1, (3, -1)), RuntimeError, "don't multiply up to the size of dim 1"),
        (lambda: X.permute(0, 0), RuntimeError, "repeated axis"),
        (lambda: X.permute(0), RuntimeError, "axes don't match"),
        (lambda: X.transpose(0, 2), IndexError, "axis2: axis 2 is out of bounds"),
        (lambda: X.unsqueeze(4), IndexError, "axis 4 is out of bounds"),
        (lambda: X.squeeze(2), IndexError, "axis 2 is out of bounds"),
        (lambda: X.unsqueeze(0).t(), RuntimeError, "t\\(\\) expects a tensor with <= 2 dim"),
        (lambda: X.expand(3, 5), RuntimeError, "broadcast"),
        (lambda: X.expand(4), RuntimeError, "must be greater or equal to the number of dim"),
        (lambda: X.repeat(2), RuntimeError, "can not be smaller than number of dimensions"),
        (lambda: X.movedim((0, 1), 0), RuntimeError, "2 axes .* cannot go to 1 places"),
        (lambda: X.split(-1), RuntimeError, "split_size be positive"),
        (lambda: X.split([1, 1]), RuntimeError, "must sum exactly to 3"),
        (lambda: X.chunk(0), RuntimeError, "greater than 0"),
        (lambda: np.split(X, 2), RuntimeError, "not a multiple of 2"),
        (lambda: X.narrow(0, 2, 2), RuntimeError, "exceeds dimension size"),
        (lambda: X.unfold(0, 4, 1), RuntimeError, "maximum size for axis 0 is 3 but size is 4"),
        (lambda: X[0].tril(), RuntimeError, "at least 2 dimensions"),
        (lambda: np.pad(X, 1, mode="median"), NotImplementedError, "mode 'median'"),
        (
            lambda: join.cat([X, X.t()]),
            RuntimeError,
            r"must match.* float64\(3, 4\), float64\(4, 3\)",
        ),
        (lambda: join.cat([X, X[0]]), RuntimeError, "cat"),
        (lambda: join.stack([X, X[:2]]), RuntimeError, "equal size"),
        (lambda: join.cat([X], dim=2), IndexError, "axis 2 is out of bounds"),
        (lambda: join.meshgrid(X[0], indexing="ab"), RuntimeError, "indexing must be one of"),
        (lambda: kernels.unbind(X, axis=3), IndexError, "axis 3 is out of bounds"),
        (lambda: np.pad(X, ((1, 1),) * 3), RuntimeError, "pad"),
        (lambda: join.cat([]), RuntimeError, "non-empty list"),
    ],
)
def test_errors(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
