"""Functions that users write: PyTorch's meaning, compared with PyTorch where it is installed."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import tadori
from tadori import Tensor
from tadori.autograd import Function, grad, gradcheck, gradgradcheck, once_differentiable
from tadori.autograd.hooks import Observer, observe


def leaf(*numbers: float, dtype: str = "float64") -> Tensor:
    data = numbers[0] if len(numbers) == 1 else numbers
    return Tensor(np.array(data, dtype=dtype)).requires_grad_()


def value(tensor: Tensor):
    return tensor.array.tolist()


class Cube(Function):
    """x * x * x, and the power as a number that has no gradient."""

    @staticmethod
    def forward(ctx, x, power=3.0):
        ctx.save_for_backward(x)
        ctx.power = power
        ctx.shape, ctx.name, ctx.inputs, ctx.saved = x.shape, "cube", 1, 2  # any name is free
        return x * x * x

    @staticmethod
    def backward(ctx, gy):
        (x,) = ctx.saved_tensors
        return gy * ctx.power * x * x, None


class Twice(Function):
    """2x, whose derivative is 2; with a setup of its own."""

    @staticmethod
    def forward(x, factor=2.0):
        return x * factor

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ctx.factor = inputs
        ctx.output_shape = output.shape

    @staticmethod
    def backward(ctx, gy):
        assert gy.shape == ctx.output_shape
        return gy * ctx.factor, None


class Both(Function):
    """Sum and product: two inputs, two outputs."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a + b, a * b

    @staticmethod
    def backward(ctx, gsum, gproduct):
        a, b = ctx.saved_tensors
        return gsum + gproduct * b, gsum + gproduct * a


# ------------------------------------------------------------------------------------ what it does


def test_forward_and_backward() -> None:
    x = leaf(1.0, 2.0)
    y = Cube.apply(x, 3.0)
    assert value(y) == [1.0, 8.0]
    np.sum(y).backward()
    assert value(x.grad) == [3.0, 12.0]


def test_the_call_is_a_node_as_others_are() -> None:
    x = leaf(1.0, 2.0)
    y = Cube.apply(x)
    assert repr(y.creator) == "<Cube>"
    assert y.creator.inputs[0] is x
    assert y.creator.outputs[0] is y
    assert [name for name, _ in y.creator.kept()] == ["input 0"]
    total, product = Both.apply(x, leaf(3.0, 4.0))
    assert total.creator is product.creator
    assert product.creator.outputs[1] is product
    assert product.creator.next_functions[0][0].variable is x


def test_forward_is_not_recorded_and_sees_tensors() -> None:
    class Look(Function):
        @staticmethod
        def forward(ctx, x):
            assert isinstance(x, Tensor)
            assert not tadori.is_grad_enabled()
            assert not (x * 2.0).requires_grad
            return x * 2.0

        @staticmethod
        def backward(ctx, gy):
            assert not tadori.is_grad_enabled()
            return gy * 2.0

    x = leaf(1.0)
    Look.apply(x).backward()
    assert value(x.grad) == 2.0


def test_nothing_is_recorded_where_no_gradient_is_asked_for() -> None:
    constant = Tensor(np.ones(2))
    assert Cube.apply(constant).creator is None
    with tadori.no_grad():
        assert Cube.apply(leaf(1.0, 2.0)).creator is None


def test_first_and_second_derivatives() -> None:
    x, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    for check in (gradcheck, gradgradcheck):
        assert check(Cube.apply, [x])
        assert check(Twice.apply, [x])
        assert check(Both.apply, [x, b])
        assert check(lambda a: Both.apply(a, b.detach())[1], [x])


def test_third_derivative_through_what_was_saved() -> None:
    y, found = Cube.apply(x := leaf(2.0)), []
    for _ in range(3):
        (y,) = grad(y, x, create_graph=True)
        found.append(value(y))
    assert found == [12.0, 12.0, 6.0]


class Exp(Function):
    """Keeps its output, which has its place in the graph when backward runs."""

    @staticmethod
    def forward(ctx, x):
        y = Tensor(np.exp(x.array))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, gy):
        (y,) = ctx.saved_tensors
        return gy * y


class ExpBoth(Function):
    """The same, as one of two outputs."""

    @staticmethod
    def forward(ctx, x):
        y = Tensor(np.exp(x.array))
        ctx.save_for_backward(y)
        return x * 2.0, y

    @staticmethod
    def backward(ctx, gtwice, gy):
        (y,) = ctx.saved_tensors
        return gtwice * 2.0 + gy * y


@pytest.mark.parametrize("function", [Exp.apply, lambda x: ExpBoth.apply(x)[1]])
def test_an_output_that_was_saved_is_differentiated_again(function) -> None:
    x = leaf(0.5)
    y = function(x)
    for _ in range(4):
        (y,) = grad(y, x, create_graph=True)
        np.testing.assert_allclose(y.item(), np.exp(0.5), rtol=1e-12)


def test_both_outputs_of_it_together() -> None:
    x = leaf(0.5, 0.7)
    assert gradgradcheck(ExpBoth.apply, [x])
    assert gradgradcheck(lambda x: ExpBoth.apply(x)[0] * ExpBoth.apply(x)[1], [x])


def test_intermediate_values_may_be_saved() -> None:
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            twice = x * 2.0
            ctx.save_for_backward(twice, None)
            return x * x

        @staticmethod
        def backward(ctx, gy):
            twice, nothing = ctx.saved_tensors
            assert nothing is None
            assert twice.creator is None
            return gy * twice

    assert gradcheck(Square.apply, [leaf(3.0)])


def test_what_was_saved_of_the_graph_outside_keeps_its_place() -> None:
    w = leaf(5.0)
    inner = w * w

    class Scale(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(inner)
            return x * inner.detach()

        @staticmethod
        def backward(ctx, gy):
            return gy * ctx.saved_tensors[0]

    x = leaf(2.0)
    (gx,) = grad(Scale.apply(x), x, create_graph=True)
    assert value(gx) == 25.0
    assert value(grad(gx, w)[0]) == 10.0


# --------------------------------------------------------------------------- arguments and outputs


def test_arguments_by_name() -> None:
    x = leaf(2.0)
    assert value(Cube.apply(x, power=4.0)) == 8.0
    y = Cube.apply(power=4.0, x=x)
    y.backward()
    assert value(x.grad) == 16.0
    x.grad = None
    Twice.apply(x=x).backward()
    assert value(x.grad) == 2.0


def test_keyword_only_arguments_are_options() -> None:
    class Scale(Function):
        @staticmethod
        def forward(ctx, x, *, factor):
            ctx.factor = factor
            return x * factor

        @staticmethod
        def backward(ctx, gy):
            return gy * ctx.factor

    x = leaf(2.0)
    Scale.apply(x, factor=7.0).backward()
    assert value(x.grad) == 7.0


def test_needs_input_grad() -> None:
    seen = []

    class Needs(Function):
        @staticmethod
        def forward(ctx, a, b, c, n):
            seen.append(ctx.needs_input_grad)
            return a + b + c

        @staticmethod
        def backward(ctx, gy):
            seen.append(ctx.needs_input_grad)
            return gy, gy, gy, None

    Needs.apply(leaf(1.0), Tensor(np.ones(())), leaf(1.0) * 1.0, 4).backward()
    assert seen == [(True, False, True, False)] * 2


def test_gradients_may_be_none() -> None:
    class First(Function):
        @staticmethod
        def forward(ctx, a, b):
            return a * 1.0

        @staticmethod
        def backward(ctx, gy):
            return gy, None

    a, b = leaf(1.0), leaf(2.0)
    First.apply(a, b).backward()
    assert value(a.grad) == 1.0
    assert b.grad is None
    (First.apply(a, b) + b).backward()
    assert value(b.grad) == 1.0


def test_trailing_nones_are_as_good_as_nothing() -> None:
    class Lavish(Function):
        @staticmethod
        def forward(ctx, a):
            return a * 1.0

        @staticmethod
        def backward(ctx, gy):
            return gy, None, None

    a = leaf(1.0)
    Lavish.apply(a).backward()
    assert value(a.grad) == 1.0


def test_a_tuple_of_one_and_outputs_that_are_no_tensors() -> None:
    class Mixed(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2.0, "text", 7

        @staticmethod
        def backward(ctx, *gradients):
            assert [type(g) for g in gradients] == [Tensor, type(None), type(None)]
            return gradients[0] * 2.0

    class One(Function):
        @staticmethod
        def forward(ctx, x):
            return (x * 2.0,)

        @staticmethod
        def backward(ctx, gy):
            return (gy * 2.0,)

    x = leaf(1.0)
    y, text, number = Mixed.apply(x)
    assert (text, number) == ("text", 7)
    (z,) = One.apply(y)
    z.backward()
    assert value(x.grad) == 4.0


def test_an_input_returned_as_it_is_becomes_another_tensor() -> None:
    class Same(Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, gy):
            return gy * -1.0  # as a gradient reversal layer does

    x = leaf(1.0)
    y = Same.apply(x)
    assert y is not x
    assert x.is_leaf
    y.backward()
    assert value(x.grad) == -1.0


def test_outputs_that_nobody_used() -> None:
    seen = []

    class Three(Function):
        @staticmethod
        def forward(ctx, x, materialize):
            ctx.set_materialize_grads(materialize)
            return x * 1.0, x * 2.0, Tensor(np.arange(2))

        @staticmethod
        def backward(ctx, *gradients):
            seen.append([g if g is None else value(g) for g in gradients])
            return sum(
                g * k for g, k in zip(gradients, (1.0, 2.0), strict=False) if g is not None
            ), None

    x = leaf(1.0, 1.0)
    for materialize, expected in ((True, [[0, 0], [1, 1], [0, 0]]), (False, [None, [1, 1], None])):
        np.sum(Three.apply(x, materialize)[1]).backward()
        assert seen.pop() == expected
    a, b, _ = Three.apply(x, False)
    np.sum(a + b).backward(retain_graph=True)
    np.sum(a).backward()
    assert seen == [[[1, 1], [1, 1], None], [[1, 1], None, None]]


def test_integer_outputs_and_marked_ones_carry_no_gradient() -> None:
    class Sorted(Function):
        @staticmethod
        def forward(ctx, x):
            order = Tensor(np.argsort(x.array))
            shadow = x * 1.0
            ctx.save_for_backward(order)
            ctx.mark_non_differentiable(shadow)
            return Tensor(np.sort(x.array)), order, shadow

        @staticmethod
        def backward(ctx, gy, gorder, gshadow):
            assert value(gshadow) == [0.0, 0.0, 0.0]
            (order,) = ctx.saved_tensors
            gx = np.empty_like(gy.array)
            gx[order.array] = gy.array
            return Tensor(gx)

    x = leaf(3.0, 1.0, 2.0)
    y, order, shadow = Sorted.apply(x)
    assert [t.requires_grad for t in (y, order, shadow)] == [True, False, False]
    np.sum(y * Tensor(np.array([1.0, 10.0, 100.0]))).backward()
    assert value(x.grad) == [100.0, 1.0, 10.0]


def test_gradients_come_in_the_dtype_and_shape_of_the_argument() -> None:
    class Wide(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1.0

        @staticmethod
        def backward(ctx, gy):
            return Tensor(np.ones((5, *gy.shape)))  # summed as a broadcast is

    x = leaf(1.0, 2.0, dtype="float32")
    np.sum(Wide.apply(x)).backward()
    assert value(x.grad) == [5.0, 5.0]
    assert x.grad.dtype == "float32"


# ----------------------------------------------------------------------------------------- in place


class Increase(Function):
    """Adds 1 to its input in place."""

    @staticmethod
    def forward(ctx, x):
        x.array += 1.0
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, gy):
        return gy * 3.0


def test_a_dirty_input_is_the_output() -> None:
    x = leaf(1.0, 2.0)
    a = x * 2.0
    b = Increase.apply(a)
    assert b is a
    assert repr(a.creator) == "<Increase>"
    assert a.creator.outputs[0] is a
    np.sum(a * a).backward()
    assert value(x.grad) == [36.0, 60.0]


def test_a_dirty_input_makes_kept_arrays_stale() -> None:
    x = leaf(1.0, 2.0)
    a = x * 2.0
    y = np.sum(a * a)
    Increase.apply(a)
    with pytest.raises(RuntimeError, match=r"inplace operation: Increase.*test_custom_function"):
        y.backward()


def test_a_dirty_leaf_is_refused() -> None:
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        Increase.apply(leaf(1.0, 2.0))
    constant = Tensor(np.zeros(2))
    assert Increase.apply(constant) is constant
    assert value(constant) == [1.0, 1.0]


def test_a_dirty_input_must_be_returned() -> None:
    class Forgets(Function):
        @staticmethod
        def forward(ctx, x):
            x.array += 1.0
            ctx.mark_dirty(x)
            return x * 2.0

    with pytest.raises(RuntimeError, match=r"Forgets: mark_dirty.*return"):
        Forgets.apply(leaf(1.0) * 1.0)


# ----------------------------------------------------------------------------------------- mistakes


def wrong(result):
    """A Function of one argument whose backward returns `result`."""

    class Wrong(Function):
        @staticmethod
        def forward(ctx, x, n):
            return x * 1.0

        @staticmethod
        def backward(ctx, gy):
            return result(gy)

    return Wrong


MISTAKES = {
    "too few": (lambda gy: gy, RuntimeError, "Wrong.backward returned 1 gradients for 2"),
    "too many": (lambda gy: (gy, None, gy), RuntimeError, "returned 3 gradients for 2"),
    "not a tensor": (lambda gy: (gy.array, None), TypeError, "Wrong.*argument 0.*a Tensor or None"),
    "for a number": (lambda gy: (gy, gy), RuntimeError, "Wrong.*argument 1, which is not a Tensor"),
    "shape": (lambda gy: (Tensor(np.ones(3)), None), RuntimeError, r"Wrong.*\(3,\).*\(2,\)"),
    "fewer axes": (lambda gy: (np.sum(gy), None), RuntimeError, r"Wrong.*\(\).*\(2,\)"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_wrong_gradients_name_the_class(name: str) -> None:
    result, error, message = MISTAKES[name]
    x = leaf(1.0, 2.0)
    for create_graph in (False, True):
        with pytest.raises(error, match=message):
            np.sum(wrong(result).apply(x, 5)).backward(create_graph=create_graph)
    assert x.grad is None


def test_missing_methods() -> None:
    class Empty(Function):
        pass

    class NoBackward(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1.0

    with pytest.raises(NotImplementedError, match="forward"):
        Empty.apply(leaf(1.0))
    with pytest.raises(NotImplementedError, match="backward"):
        NoBackward.apply(leaf(1.0)).backward()


def test_only_tensors_are_saved() -> None:
    class Saves(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(3.0)
            return x * 1.0

    with pytest.raises(TypeError, match=r"3\.0.*ctx\.scale"):
        Saves.apply(leaf(1.0))


def test_attributes_that_were_not_set() -> None:
    class Reads(Function):
        @staticmethod
        def forward(ctx, x):
            with pytest.raises(RuntimeError, match="while backward runs"):
                _ = ctx.saved_tensors
            return x * 1.0

        @staticmethod
        def backward(ctx, gy):
            assert ctx.saved_tensors == ()
            return gy * ctx.scale

    with pytest.raises(AttributeError, match="'scale'"):
        Reads.apply(leaf(1.0)).backward()


# ------------------------------------------------------------------------ release and second passes


def test_what_was_saved_is_released_after_backward() -> None:
    x = leaf(2.0)
    y = Cube.apply(x)
    y.backward(retain_graph=True)
    y.backward()
    assert value(x.grad) == 24.0
    with pytest.raises(RuntimeError, match="backward a second time"):
        y.backward()
    assert y.creator.kept() == []


def test_writing_what_was_saved_is_an_error() -> None:
    x = leaf(1.0, 2.0)
    a = x * 1.0
    y = np.sum(Cube.apply(a))
    a += 1.0
    with pytest.raises(RuntimeError, match="inplace operation"):
        y.backward()


def test_no_reference_cycle() -> None:
    gc.collect()
    gc.disable()
    try:
        x = leaf(0.5)
        for function in (Exp.apply, lambda x: ExpBoth.apply(x)[1], Cube.apply):
            y = function(x)
            dead = weakref.ref(y.creator)
            (g,) = grad(y, x, create_graph=True)
            (gg,) = grad(g, x, create_graph=True)
            del y, g, gg
            assert dead() is None
    finally:
        gc.enable()


def test_once_differentiable() -> None:
    class Once(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, gy):
            assert not tadori.is_grad_enabled()
            return gy * ctx.saved_tensors[0] * 2.0

    x = leaf(3.0)
    Once.apply(x).backward()
    assert value(x.grad) == 6.0
    (first,) = grad(Once.apply(x), x, create_graph=True)
    assert value(first) == 6.0
    with pytest.raises(RuntimeError, match="once_differentiable"):
        grad(first, x)


def test_hooks_and_observers_see_it() -> None:
    class Names(Observer):
        def __init__(self):
            self.seen = []

        def before_forward(self, operation, inputs, options):
            self.seen.append(operation.__name__)

        def before_backward(self, node, gradient):
            self.seen.append(f"back {node.name()}")

    x = leaf(1.0)
    with observe(Names()) as names:
        y = Twice.apply(x)
        y.register_hook(lambda g: g * 5.0)
        y.backward()
    assert names.seen[:2] == ["Twice", "Multiply"]
    assert "back Twice" in names.seen
    assert value(x.grad) == 10.0


# --------------------------------------------------------------------- the same program in PyTorch


def program(library, tensor):
    """One source for both: most of what a Function can do."""

    class Mixed(library.autograd.Function):
        @staticmethod
        def forward(ctx, a, b, k):
            ctx.save_for_backward(a, b)
            ctx.k = k
            ctx.set_materialize_grads(False)
            return a * b, a * k

        @staticmethod
        def backward(ctx, gproduct, gscaled):
            a, b = ctx.saved_tensors
            ga = gb = None
            if ctx.needs_input_grad[0] and gproduct is not None:
                ga = gproduct * b
            if gscaled is not None:
                ga = gscaled * ctx.k if ga is None else ga + gscaled * ctx.k
            if ctx.needs_input_grad[1] and gproduct is not None:
                gb = gproduct * a
            return ga, gb, None

    a, b = tensor([1.0, 2.0]), tensor([3.0, 5.0])
    product, scaled = Mixed.apply(a, b, 7.0)
    loss = (product * product * scaled).sum()
    first = library.autograd.grad(loss, [a, b], create_graph=True)
    second = library.autograd.grad((first[0] * first[1]).sum(), [a, b])
    only = library.autograd.grad(Mixed.apply(a, b, 7.0)[1].sum(), [a, b], allow_unused=True)
    return [t if t is None else t.detach().numpy().tolist() for t in (*first, *second, *only)]


def test_as_pytorch() -> None:
    torch = pytest.importorskip("torch")
    expected = program(torch, lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True))
    found = program(tadori, lambda x: leaf(*x))
    assert found == expected
