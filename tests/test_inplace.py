"""In-place writes: each program runs in Tadori and in PyTorch; they agree, in errors too."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import tadori
from tadori import Tensor, no_grad
from tadori.autograd import grad

X = np.array([[0.3, -0.7, 1.1], [2.0, 0.9, -1.6]])
W = np.array([[1.5, 0.4, -2.0], [0.8, -1.2, 0.6]])

# Each takes two leaves that require a gradient, and the library's no_grad; it returns an output.


def on_a_result(x, w, no_grad):
    y = x * w
    y.add_(x)
    y.mul_(2)
    return y


def with_operators(x, w, no_grad):
    y = x * 1
    y += w
    y -= 2 * x
    y *= 3
    y /= 2
    y **= 2
    return y


def one_after_another(x, w, no_grad):
    y = x.clone()
    y.sin_()
    return y.exp_() * w


def keeps_its_old_input(x, w, no_grad):
    y = x.clone()
    y.mul_(w)  # d/dw is the old y
    y.pow_(3)
    return y.cos_()


def a_history_from_elsewhere(x, w, no_grad):
    y = (x * 0).detach()
    y.add_(w)
    return y * x


def copied(x, w, no_grad):
    y = x * 2
    y.copy_(w)
    return y * x


def copied_from_a_result(x, w, no_grad):
    z = w.exp()
    y = x * 2
    y.copy_(z)
    y.mul_(3)
    return y * z


def copied_broadcasting(x, w, no_grad):
    y = x * 2
    y.copy_(w[0])
    return y * w


def copied_into_a_constant(x, w, no_grad):
    y = (x * 0).detach()
    y.copy_(x)
    y.mul_(w)
    return y


def filled(x, w, no_grad):
    y = x * 2
    y.fill_(3.0)
    return y * w


def filled_with_a_tensor(x, w, no_grad):
    y = x * 2
    y.fill_(w.sum())
    return y * x


def zeroed(x, w, no_grad):
    y = x * w
    y.zero_()
    return y + x


def an_answer_in_place(x, w, no_grad):
    y = x * w
    y.gt_(0.5)
    return y + x


def a_view_of_a_result(x, w, no_grad):
    y = x * w
    y[0].mul_(3)
    return y * y


def a_column(x, w, no_grad):
    y = x * w
    v = y[:, 1]
    v.add_(w[:, 0])
    return y * x


def a_view_then_the_view_is_used(x, w, no_grad):
    y = x * w
    v = y[1]
    v.mul_(w[0])
    return v.sin()


def the_base_after_the_view(x, w, no_grad):
    y = x * w
    v = y[0]
    y.mul_(3)
    return v * x[0]


def view_of_a_view(x, w, no_grad):
    y = x * w
    v = y.view(6)
    u = v[1:4]
    u.mul_(w[0])
    return y.sum() + (v * 2).sum() + (u * u).sum()


def two_views(x, w, no_grad):
    y = x * w
    a, b = y[0], y[:, 0]
    a.mul_(2)
    b.add_(x[:, 1])
    return a.sum() + (b * b).sum() + (y * w).sum()


def view_base_view(x, w, no_grad):
    y = x * w
    v = y[0]
    v.mul_(2)
    y.add_(x)
    v.mul_(w[1])
    return (y * y).sum() + v.sum()


def a_transposed_view(x, w, no_grad):
    y = x * w
    t = y.t()
    t.mul_(w.t())
    t[0].add_(1)
    return y * x


def a_view_of_a_constant(x, w, no_grad):
    y = (x * 0).detach()
    y[0].add_(w[0])
    y[1].copy_(x[1])
    return y * y


def a_reshaped_view(x, w, no_grad):
    y = x * w
    y.reshape(3, 2)[2].exp_()
    return y * w


def assigned(x, w, no_grad):
    y = x * w
    y[0] = w[1]
    y[:, 1] *= 2
    return y * x


def assigned_a_constant(x, w, no_grad):
    y = x * w
    y[0] = 7.0
    return y * x


def without_recording(x, w, no_grad):
    with no_grad():
        x.mul_(2)
        w[0].add_(1)
    return x * w


def a_result_without_recording(x, w, no_grad):
    y = x + w
    with no_grad():
        y.mul_(2)
    return y * x


def a_view_seen_without_recording(x, w, no_grad):
    y = x * w
    v = y[0]
    y.mul_(2)
    with no_grad():
        v.sum()
        assert v.requires_grad
    return v * v


def detached(x, w, no_grad):
    y = x + w
    y.detach().mul_(2)
    return y + x


def accumulated_in_a_loop(x, w, no_grad):
    total = (x * 0).sum(0)
    for i in range(2):
        total += x[i] * w[i]
        total.mul_(1.5)
    return total


def activations(x, w, no_grad):
    y = (x * w).relu_()
    y = y + (x - w).sigmoid_() + (x * 2).tanh_()
    return y * w


def composed(x, w, no_grad):
    y = x * 1
    y.lerp_(w, 0.25)
    y.addcmul_(x, w, value=2)
    y.addcdiv_(x, w)
    y.clamp_(-1, 1)
    return y * w


def lerp_with_itself(x, w, no_grad):
    y = x * 1
    y.addcmul_(w, w * 2)
    y.lerp_(w, x)
    return y


def clamped_by_tensors(x, w, no_grad):
    y = x * 2
    y.clamp_(w - 1, w + 1)
    return y * y


def rounded(x, w, no_grad):
    y = x * w
    y.floor_()
    return y + x


def divided(x, w, no_grad):
    y = x * 1
    y.div_(w)
    y.neg_().abs_().sqrt_()
    return y


AGREE = [
    on_a_result,
    with_operators,
    one_after_another,
    keeps_its_old_input,
    a_history_from_elsewhere,
    copied,
    copied_from_a_result,
    copied_broadcasting,
    copied_into_a_constant,
    filled,
    filled_with_a_tensor,
    zeroed,
    an_answer_in_place,
    a_view_of_a_result,
    a_column,
    a_view_then_the_view_is_used,
    the_base_after_the_view,
    view_of_a_view,
    two_views,
    view_base_view,
    a_transposed_view,
    a_view_of_a_constant,
    a_reshaped_view,
    assigned,
    assigned_a_constant,
    without_recording,
    a_result_without_recording,
    a_view_seen_without_recording,
    detached,
    accumulated_in_a_loop,
    activations,
    composed,
    lerp_with_itself,
    clamped_by_tensors,
    rounded,
    divided,
]


def outcome(program, x, w, no_grad):
    """The output and the gradients of x and w; or the error."""
    try:
        y = program(x, w, no_grad)
        (y * y).sum().backward()
    except RuntimeError as error:
        return error
    return [None if a is None else np.asarray(a.detach()) for a in (y, x.grad, w.grad)]


def ours(program):
    x, w = (Tensor(a.copy()).requires_grad_() for a in (X, W))
    return outcome(program, x, w, no_grad)


def theirs(program):
    torch = pytest.importorskip("torch")
    x, w = (torch.tensor(a, requires_grad=True) for a in (X, W))
    return outcome(program, x, w, torch.no_grad)


@pytest.mark.parametrize("program", AGREE, ids=lambda program: program.__name__)
def test_agrees_with_pytorch(program):
    found, expected = ours(program), theirs(program)
    assert not isinstance(expected, Exception), expected
    assert not isinstance(found, Exception), found
    for a, b in zip(found, expected, strict=True):
        # where nothing flows, PyTorch says None or zeros, whichever its node does
        a, b = (0.0 if g is None else g for g in (a, b))
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


# Programs that both must refuse, with a RuntimeError that says these words.


def the_leaf(x, w, no_grad):
    x.add_(1)


def a_view_of_the_leaf(x, w, no_grad):
    x[0].add_(1)


def a_view_of_a_view_of_the_leaf(x, w, no_grad):
    x.t()[0].mul_(2)


def an_operator_on_the_leaf(x, w, no_grad):
    x *= 2


def an_item_of_the_leaf(x, w, no_grad):
    x[0, 0] = 1.0


def a_kept_input(x, w, no_grad):
    y = x * 2
    z = y * w
    y.add_(1)
    return z


def a_kept_output(x, w, no_grad):
    y = x.exp()
    y.add_(1)
    return y


def a_kept_output_of_an_in_place_method(x, w, no_grad):
    y = x * 1
    y.sigmoid_()
    y.mul_(2)
    return y


def a_kept_input_through_a_view(x, w, no_grad):
    y = x * 2
    z = y * y
    y[0].zero_()
    return z


def a_kept_view_through_the_base(x, w, no_grad):
    y = x * 2
    z = y[0] * y[0]
    y.zero_()
    return z


def a_kept_leaf_without_recording(x, w, no_grad):
    z = x * w
    with no_grad():
        w.add_(1)
    return z


def a_kept_input_through_detach(x, w, no_grad):
    y = x * 2
    z = y * w
    y.detach().zero_()
    return z


def an_item_of_a_kept_input(x, w, no_grad):
    y = x * 2
    z = y * w
    y[0, 0] = 1.0
    return z


def an_expanded_tensor(x, w, no_grad):
    y = (x * 1)[:1].expand(4, 3)
    return y.add_(1)


def too_large_a_result(x, w, no_grad):
    y = x[0] * 1
    return y.add_(w)


def too_many_axes(x, w, no_grad):
    y = x[0] * 1
    return y.add_(w[:1])


REFUSED = {
    the_leaf: "leaf",
    a_view_of_the_leaf: "view of a leaf",
    a_view_of_a_view_of_the_leaf: "view of a leaf",
    an_operator_on_the_leaf: "leaf",
    an_item_of_the_leaf: "leaf",
    a_kept_input: "modified by an inplace operation",
    a_kept_output: "modified by an inplace operation",
    a_kept_output_of_an_in_place_method: "modified by an inplace operation",
    a_kept_input_through_a_view: "modified by an inplace operation",
    a_kept_view_through_the_base: "modified by an inplace operation",
    a_kept_leaf_without_recording: "modified by an inplace operation",
    a_kept_input_through_detach: "modified by an inplace operation",
    an_item_of_a_kept_input: "modified by an inplace operation",
    an_expanded_tensor: "clone()",
    too_large_a_result: "doesn't match the broadcast shape",
    too_many_axes: "doesn't match the broadcast shape",
}


@pytest.mark.parametrize("program", REFUSED, ids=lambda program: program.__name__)
def test_is_refused_as_in_pytorch(program):
    found, expected = ours(program), theirs(program)
    assert isinstance(expected, RuntimeError)
    assert isinstance(found, RuntimeError)
    for error in (found, expected):
        assert REFUSED[program] in str(error)


def test_a_stale_array_names_the_node_the_method_and_the_line():
    x = Tensor(X.copy()).requires_grad_()
    y = x * 2
    z = y * y
    y.add_(1)
    y.clamp_(0, 1)
    with pytest.raises(RuntimeError) as caught:
        z.sum().backward()
    message = str(caught.value)
    for word in ("Multiply", "clamp_", "2 times", "test_inplace.py:", "clone()"):
        assert word in message


# What must not be refused: a node that kept something else.


def test_no_false_alarm_where_only_the_input_was_kept():
    x = Tensor(X.copy()).requires_grad_()
    y = x.sin()
    y.add_(1)
    (y.sum()).backward()
    np.testing.assert_allclose(x.grad.numpy(), np.cos(X))


def test_no_false_alarm_for_sums_and_shapes():
    x = Tensor(X.copy()).requires_grad_()
    y = x + 1
    z = y.sum(0) + y.reshape(2, 3).mean(0) + (y - 3)[0]
    y.zero_()
    z.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 1.5 + np.array([[1, 1, 1], [0, 0, 0]]))


def test_no_false_alarm_for_other_memory():
    x = Tensor(X.copy()).requires_grad_()
    y = x * 2
    z = y * y
    copy = y.clone()
    copy.zero_()
    z.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 8 * X)


def test_no_false_alarm_for_a_constant_operand():
    x = Tensor(X.copy()).requires_grad_()
    c = Tensor(W.copy())
    y = c * x
    x2 = x + 0
    z = x2 * c
    x2.add_(5)  # c is what z kept
    (y + z).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * W)


def test_no_false_alarm_when_memory_is_used_again():
    """The note of a write goes with its memory: a new array at that address is not stale."""
    x = Tensor(X.copy()).requires_grad_()
    for _ in range(50):
        y = x * 2
        y.add_(1)
        del y
        z = x * 3
        (z * z).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 50 * 18 * X)


def test_no_alarm_for_a_tensor_times_itself():
    """PyTorch refuses this one; here the node keeps copies of what is written over."""
    x = Tensor(X.copy()).requires_grad_()
    y = x * 2
    y.mul_(y)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 8 * X)


# Derivatives of derivatives.


def test_double_backward_through_in_place():
    torch = pytest.importorskip("torch")

    def second(x, w, grad):
        y = x * w
        y.mul_(x)
        y[0].sin_()
        y[:, 1].mul_(w[:, 0])
        y.cos_()
        (gx,) = grad((y * y).sum(), [x], create_graph=True)
        z = gx * 1
        z.mul_(w)
        return grad(z.sum(), [x, w])

    leaves = [Tensor(a.copy()).requires_grad_() for a in (X, W)]
    theirs = [torch.tensor(a, requires_grad=True) for a in (X, W)]
    pairs = zip(second(*leaves, grad), second(*theirs, torch.autograd.grad), strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-10)


def test_backward_twice_through_a_view_written_in_place():
    x = Tensor(X.copy()).requires_grad_()
    y = x * 1
    y[0].mul_(5)
    loss = (y * y).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * np.stack([50 * X[0], 2 * X[1]]))


# Leaves and views that are not what was written.


def test_asking_a_base_for_a_gradient_does_not_reach_back_to_older_views():
    x = Tensor(X.copy())
    v = x[0]
    x.requires_grad_()
    assert not v.requires_grad
    assert x[0].requires_grad
    x.requires_grad_(False)
    x.mul_(2)
    np.testing.assert_allclose(v.numpy(), 2 * X[0])


def test_a_constant_becomes_part_of_the_graph():
    x = Tensor(X.copy()).requires_grad_()
    y = Tensor(np.zeros_like(X))
    v = y[1]
    y.add_(x)
    assert not y.is_leaf
    assert v.requires_grad
    v.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [[0, 0, 0], [1, 1, 1]])


def test_the_copy_of_a_leaf_is_not_that_leaf():
    x = Tensor(X.copy()).requires_grad_()
    y = Tensor(np.zeros_like(X))
    y.copy_(x)
    assert not y.is_leaf
    y.mul_(2)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.full_like(X, 2))
    np.testing.assert_allclose(x.detach().numpy(), X)


def test_a_cut_result_goes_on_with_a_gradient_of_zero():
    x = Tensor(X.copy()).requires_grad_()
    y = x * 2
    y.zero_()
    assert y.requires_grad
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.zeros_like(X))


# Dtypes.


@pytest.mark.parametrize("program", ["x += 1.5", "x /= 2", "x.mul_(2.0)", "x.exp_()"])
@pytest.mark.parametrize("dtype", ["int64", "bool"])
def test_a_higher_kind_does_not_fit(program, dtype):
    x = Tensor(np.ones(3, dtype))
    with pytest.raises(RuntimeError, match="can't be cast to the desired output type"):
        exec(program, {"x": x})
    np.testing.assert_array_equal(x.numpy(), np.ones(3, dtype))


def test_copies_and_fillings_cast():
    x = Tensor(np.zeros(2, "int64"))
    assert x.copy_(Tensor(np.array([1.7, -1.7]))).tolist() == [1, -1]
    assert x.fill_(2.9).tolist() == [2, 2]
    assert x.zero_().tolist() == [0, 0]
    assert x.to(bool).fill_(3).tolist() == [True, True]
    with pytest.raises(RuntimeError, match="0-dimension"):
        x.fill_(Tensor(np.ones(2)))


def test_a_wider_result_is_cast_and_its_gradient_cast_back():
    x = Tensor(X.astype("float32")).requires_grad_()
    w = Tensor(W.copy()).requires_grad_()
    y = x * 1
    y.mul_(w)
    assert y.dtype == "float32"
    y.exp_()
    y.sum().backward()
    assert x.grad.dtype == "float32"
    assert w.grad.dtype == "float64"
    np.testing.assert_allclose(x.grad.numpy(), W * np.exp(X * W), rtol=1e-6)
    np.testing.assert_allclose(w.grad.numpy(), X * np.exp(X * W), rtol=1e-6)


# Identity and memory.


def test_all_return_self_and_keep_the_memory():
    x = Tensor(np.array([0.25, 0.5, 0.75]))
    array = x.array
    for name in sorted(dir(Tensor)):
        method = getattr(Tensor, name)
        if name not in OTHERS and name[0] != "_" == name[-1] and method.__code__.co_argcount == 1:
            array[:] = [0.25, 0.5, 0.75]
            with np.errstate(all="ignore"):
                result = getattr(x, name)()
            assert result is x, name
            assert x.array is array, name


#: methods with a _ that change the shape, or are for integers only
OTHERS = {"t_", "squeeze_", "bitwise_not_", "resize_"}


def test_numpy_sees_the_write():
    array = np.ones(4, "float32")
    x = Tensor(array)
    x[1:3].add_(2)
    np.testing.assert_array_equal(array, [1, 3, 3, 1])


def test_an_in_place_activation_needs_no_second_copy():
    x = Tensor(np.ones((100, 100))).requires_grad_()
    y = x * 2
    y.sigmoid_()
    ((name, kept),) = y.creator.kept()
    assert name == "y"
    assert kept is y.array


def test_a_graph_with_writes_is_freed_without_the_collector():
    gc.disable()
    try:
        x = Tensor(X.copy()).requires_grad_()
        y = x * 2
        v = y[0]
        v.mul_(3)
        y.exp_()
        watched = [weakref.ref(t) for t in (y, v, y.creator)]
        del y, v
        assert [w() for w in watched] == [None] * 3
    finally:
        gc.enable()


def test_a_read_only_array_is_refused():
    array = np.ones(3)
    array.flags.writeable = False
    with pytest.raises(RuntimeError, match="cannot be written"):
        Tensor(array).add_(1)


def test_observers_are_told():
    from tadori.autograd.hooks import Observer, observe

    class Writes(Observer):
        def __init__(self):
            self.seen = []

        def written(self, array, by):
            self.seen.append(by)

    with observe(Writes()) as watcher:
        x = Tensor(np.ones(3))
        x.add_(1)
        x += 1
        x[0] = 2
    assert watcher.seen[:2] == ["add_", "+="]
    assert len(watcher.seen) == 3


def test_integer_operators_in_place():
    x = Tensor(np.array([6, 7]))
    before = x
    x //= 2
    x %= 2
    x |= 4
    x ^= 1
    x &= 6
    x <<= 2
    x >>= 1
    assert x is before
    assert x.tolist() == [8, 8]
    assert tadori.Tensor(np.array([True, False])).logical_not_().tolist() == [False, True]
