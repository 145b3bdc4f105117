"""The graph and the walk back, told with the fewest operations: +, -, * and np.sum."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

import tadori
from tadori import Tensor
from tadori.autograd import engine, grad
from tadori.autograd.function import Function, Gone
from tadori.autograd.hooks import Observer, observe


def leaf(*numbers: float, dtype: str = "float32") -> Tensor:
    """A leaf that requires a gradient: 0-d for one number."""
    data = numbers[0] if len(numbers) == 1 else numbers
    return Tensor(np.array(data, dtype=dtype)).requires_grad_()


def value(tensor: Tensor | None):
    assert tensor is not None, "there is no gradient"
    return tensor.array.tolist()


class Halves(Function):
    """Two outputs, and an integer one: x / 2, x * x / 2, the sign."""

    returns = ("half", "square", "sign")
    integer = ("sign",)

    def forward(self, x):
        return x * 0.5, x * x * 0.5, np.sign(x).astype("int64")

    def backward(self, ghalf, gsquare, x):
        return ghalf * 0.5 + gsquare * x


class Passed(Observer):
    """Counts the operations computed and the nodes passed."""

    def __init__(self):
        self.forward, self.backward = Counter(), Counter()
        self.order = []

    def after_forward(self, node, inputs, outputs):
        self.forward[node.name()] += 1

    def before_backward(self, node, gradient):
        self.backward[node.name()] += 1
        self.order.append(node)


# ----------------------------------------------------------------------------- the graph, walked


def test_a_creator_leads_back_to_its_inputs() -> None:
    x, w = leaf(2.0), leaf(3.0)
    a = x * w
    y = a + x
    assert y.creator.name() == "Add"
    assert y.creator.inputs[0] is a
    assert y.creator.inputs[0].creator.inputs[0] is x
    assert y.creator.inputs[0].creator.inputs[1] is w
    assert y.creator.inputs[1] is x
    assert y.creator is y.grad_fn
    assert x.creator is None
    assert x.is_leaf
    assert not y.is_leaf


def test_outputs_are_the_tensors_themselves() -> None:
    y = leaf(2.0) * 3.0
    assert y.creator.outputs[0] is y
    half, square, sign = outputs = Halves.apply(leaf(2.0, 3.0))
    assert half.creator is square.creator
    assert all(found is y for found, y in zip(half.creator.outputs, outputs, strict=True))
    assert sign.creator is None
    assert not sign.requires_grad


def test_what_was_freed_leaves_its_creator_and_shape() -> None:
    x = leaf(1.0, 2.0)
    y = x * x + x
    gone = y.creator.inputs[0]
    assert isinstance(gone, Gone)
    assert gone.shape == (2,)
    assert gone.creator.inputs[0] is x
    assert "(2,)" in repr(gone)
    half = Halves.apply(x)[0]
    assert [isinstance(y, Gone) for y in half.creator.outputs] == [False, True, True]


def test_constants_are_inputs_too_and_numbers_are_not() -> None:
    x, c = leaf(1.0), Tensor(np.float32(2.0))
    assert (x * c).creator.inputs[1] is c
    assert (x * 2.0).creator.inputs[1] is None


def test_next_functions_are_those_of_pytorch() -> None:
    x = leaf(2.0)
    half, square, _ = Halves.apply(x)
    y = square * x
    (behind, number), (end, zero) = y.grad_fn.next_functions
    assert (behind, number, zero) == (half.creator, 1, 0)
    assert end.variable is x
    assert end.next_functions == ()


def test_nothing_is_recorded_for_constants() -> None:
    y = Tensor(np.float32(2.0)) * 3.0
    assert y.creator is None
    assert not y.requires_grad


# ------------------------------------------------------------------------ graphs that join and part

SHARED = {
    "x + x": (lambda x: x + x, 2.0),
    "x * x": (lambda x: x * x, 6.0),
    "x + x + x": (lambda x: x + x + x, 3.0),
    "x * x * x": (lambda x: x * x * x, 27.0),
    "(x * x) - x": (lambda x: x * x - x, 5.0),
    "(x + x) * x": (lambda x: (x + x) * x, 12.0),
}


@pytest.mark.parametrize("name", SHARED)
def test_a_variable_may_be_used_often(name: str) -> None:
    function, expected = SHARED[name]
    x = leaf(3.0)
    function(x).backward()
    assert value(x.grad) == expected


def test_a_diamond_is_passed_once_and_in_order() -> None:
    """A walk that follows inputs as it meets them passes `a` before all its consumers are done."""
    x = leaf(2.0)
    a = x * x
    b, c = a * a, a * a * a
    y = b + c
    with observe(Passed()) as passed:
        y.backward()
    assert value(x.grad) == 4 * 2.0**3 + 6 * 2.0**5
    assert passed.backward == {"Add": 1, "Multiply": 4}
    assert passed.order[0] is y.creator
    assert passed.order[-1] is a.creator


def test_a_long_arm_and_a_short_one() -> None:
    x = leaf(1.0)
    long = x
    for _ in range(10):
        long = long * 1.0
    y = long + x * 2.0
    y.backward()
    assert value(x.grad) == 3.0


def test_a_ladder_of_diamonds_is_not_exponential() -> None:
    x = y = leaf(1.0)
    for _ in range(60):
        y = (y + y) * 0.5
    with observe(Passed()) as passed:
        y.backward()
    assert value(x.grad) == 1.0
    assert passed.backward.total() == 120


def test_several_leaves_and_several_roots() -> None:
    x, w = leaf(2.0), leaf(5.0)
    a, b = x * w, x + w
    tadori.autograd.backward([a, b])
    assert (value(x.grad), value(w.grad)) == (6.0, 3.0)
    x.grad = w.grad = None
    tadori.autograd.backward([x * w, x + w], [np.float32(2.0), None])
    assert (value(x.grad), value(w.grad)) == (11.0, 5.0)


def test_a_root_that_is_a_leaf() -> None:
    x = leaf(2.0)
    x.backward()
    assert value(x.grad) == 1.0


# ------------------------------------------------------------------------------ deep, wide, costly

DEEP = """
import threading
import numpy as np
from tadori import Tensor
from tadori.autograd import grad

def program():
    for create_graph, depth in ((False, 100_000), (True, 20_000)):
        x = Tensor(np.float32(1.0)).requires_grad_()
        y = x
        for _ in range(depth):
            y = y * 1.0 + x
        (gradient,) = grad(y, x, retain_graph=True, create_graph=create_graph)
        assert gradient.item() == depth + 1, gradient
        if not create_graph:
            y.backward()
            assert x.grad.item() == depth + 1
        del y, gradient  # a chain of a hundred thousand objects, each the last holder of the next

threading.stack_size(1024 * 1024)  # recursion of any kind would overflow it
thread = threading.Thread(target=program)
thread.start()
thread.join()
print("freed")
"""


def test_depth_is_unbounded_forward_backward_and_in_freeing() -> None:
    """In a process of its own: overflowing the C stack kills it."""
    command = [sys.executable, "-W", "error", "-c", DEEP]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "freed", run.stderr
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("width", [500, 1000, 4000])
def test_a_wide_graph_costs_the_same_per_node(width: int, monkeypatch) -> None:
    """Counted, not timed: every place enters the heap once, every node is passed once."""
    pushes = []
    heappush = engine.heappush
    monkeypatch.setattr(engine, "heappush", lambda h, item: (pushes.append(1), heappush(h, item)))
    x = leaf(1.0)
    total = x * 0.0
    for arm in [x * 2.0 for _ in range(width)]:
        total = total + arm
    with observe(Passed()) as passed:
        total.backward()
    assert value(x.grad) == 2.0 * width
    assert passed.backward.total() == 2 * width + 1
    assert len(pushes) == 2 * width + 2


# ------------------------------------------------------------------------------- several outputs


def test_an_output_that_nobody_used_sends_zeros() -> None:
    x = leaf(2.0, 4.0)
    half, square, _ = Halves.apply(x)
    np.sum(square).backward()
    assert value(x.grad) == [2.0, 4.0]
    x.grad = None
    half, square, _ = Halves.apply(x)
    del square
    np.sum(half).backward()
    assert value(x.grad) == [0.5, 0.5]


def test_outputs_join_again() -> None:
    x = leaf(2.0, 4.0)
    half, square, _ = Halves.apply(x)
    with observe(Passed()) as passed:
        np.sum(half * square + half).backward()
    np.testing.assert_allclose(value(x.grad), 0.75 * np.array([2.0, 4.0]) ** 2 + 0.5)
    assert passed.backward["Halves"] == 1


def test_the_gradient_of_one_output() -> None:
    half, square, _ = Halves.apply(leaf(2.0, 4.0))
    y = np.sum(half * square)
    assert [value(g) for g in grad(y, [half, square])] == [[2.0, 8.0], [1.0, 2.0]]


class Powers(Function):
    """Two outputs, x^2 and x^3, whose formula names them: as those of an SVD do."""

    returns = ("square", "cube")

    def forward(self, x):
        return x * x, x * x * x

    def backward(self, gsquare, gcube, x, square):
        return gsquare * 2.0 * x + gcube * 3.0 * square


def test_an_output_that_a_formula_names_is_differentiated_again() -> None:
    x = leaf(2.0)
    _, cube = Powers.apply(x)
    (first,) = grad(cube, x, create_graph=True)
    assert value(first) == 12.0
    assert value(grad(first, x)[0]) == 12.0
    square, cube = Powers.apply(x)
    (first,) = grad(cube * square, x, create_graph=True)
    (second,) = grad(first, x, create_graph=True)
    assert [value(g) for g in (first, second, *grad(second, x))] == [80.0, 160.0, 240.0]


# --------------------------------------------------------------------------- passing several times


def test_gradients_accumulate_until_they_are_cleared() -> None:
    x = leaf(3.0)
    (x * 2.0).backward()
    (x * 5.0).backward()
    assert value(x.grad) == 7.0
    x.grad = None
    (x * x).backward()
    assert value(x.grad) == 6.0


def test_accumulation_writes_into_the_same_gradient() -> None:
    """As in PyTorch: who holds `x.grad` sees it grow."""
    x = leaf(1.0, 1.0)
    np.sum(x * 2.0).backward()
    gradient = x.grad
    np.sum(x * 3.0).backward()
    assert x.grad is gradient
    assert value(gradient) == [5.0, 5.0]


def test_retain_graph_allows_a_second_pass() -> None:
    x = leaf(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert value(x.grad) == 12.0


def test_a_second_pass_without_it_is_an_error_that_teaches() -> None:
    x = leaf(3.0)
    y = x * x
    y.backward()
    with pytest.raises(RuntimeError, match=r"backward a second time.*Multiply.*retain_graph=True"):
        y.backward()
    assert value(x.grad) == 6.0, "the failed pass adds nothing"


def test_nodes_that_keep_nothing_may_be_passed_again() -> None:
    x = leaf(3.0)
    y = x + x
    y.backward()
    y.backward()
    assert value(x.grad) == 4.0


# ---------------------------------------------------------------------------- what users get wrong


def test_only_a_scalar_starts_by_itself() -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"only for scalar outputs.*\(2,\)"):
        (x * x).backward()
    (x * x).backward(np.array([1.0, 10.0], "float32"))
    assert value(x.grad) == [2.0, 40.0]


def test_one_element_is_a_scalar_whatever_its_shape() -> None:
    x = Tensor(np.ones((1, 1), "float32")).requires_grad_()
    (x * 3.0).backward()
    assert x.grad.shape == (1, 1)


@pytest.mark.parametrize("gradient", [np.ones(3), np.ones((2, 1)), 1.0])
def test_the_upstream_gradient_has_the_shape_of_the_tensor(gradient) -> None:
    with pytest.raises(RuntimeError, match="shape"):
        (leaf(1.0, 2.0) * 2.0).backward(gradient)


def test_nothing_leads_back_from_a_constant() -> None:
    with pytest.raises(RuntimeError, match="does not require a gradient"):
        Tensor(np.float32(1.0)).backward()
    with tadori.no_grad():
        y = leaf(1.0) * 2.0
    with pytest.raises(RuntimeError, match="no_grad"):
        y.backward()


def test_as_many_gradients_as_tensors() -> None:
    x = leaf(1.0)
    with pytest.raises(RuntimeError, match="2 tensors but 1 gradients"):
        tadori.autograd.backward([x, x * 2.0], [None])


def test_integers_do_not_require_gradients() -> None:
    for dtype in ("int64", "uint8", "bool"):
        with pytest.raises(RuntimeError, match=f"floating-point.*{dtype}"):
            Tensor(np.ones(3, dtype)).requires_grad_()


def test_only_leaves_stop_requiring_gradients() -> None:
    x = leaf(1.0)
    with pytest.raises(RuntimeError, match=r"detach\(\)"):
        (x * 2.0).requires_grad = False
    x.requires_grad = False
    assert not x.requires_grad
    assert (x * 2.0).creator is None


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(RuntimeError, match=r"Add\(float32\(3,\), float32\(4,\)\)"):
        Tensor(np.ones(3, "float32")) + Tensor(np.ones(4, "float32"))


def test_an_exception_in_a_formula_names_the_node() -> None:
    class Broken(Function):
        def forward(self, x):
            return x * 1.0

        def backward(self, gy):
            raise KeyError("inner")

    with pytest.raises(KeyError) as caught:
        Broken.apply(leaf(1.0)).backward()
    assert "in the backward pass of <Broken>" in caught.value.__notes__[0]


def test_a_formula_of_the_wrong_shape_is_an_error() -> None:
    class Wrong(Function):
        def forward(self, x):
            return x * 1.0

        def backward(self, gy):
            return gy[:2]

    with pytest.raises(RuntimeError, match=r"\(2,\) for an input of shape \(3,\)"):
        np.sum(Wrong.apply(leaf(1.0, 2.0, 3.0))).backward()


def test_a_formula_that_names_nothing_known_is_an_error() -> None:
    class Unknown(Function):
        def forward(self, x):
            return x * 1.0

        def backward(self, gy, z):
            return gy * z

    with pytest.raises(TypeError, match="names 'z'"):
        Unknown.apply(leaf(1.0))


# --------------------------------------------------------------------------- autograd.grad, inputs=


def test_grad_touches_no_leaf() -> None:
    x, w = leaf(2.0), leaf(3.0)
    gx, gw = grad(x * w, [x, w])
    assert (value(gx), value(gw)) == (3.0, 2.0)
    assert x.grad is None
    assert w.grad is None


def test_grad_of_an_intermediate_tensor() -> None:
    x = leaf(2.0)
    a = x * x
    y = a * a
    assert [value(g) for g in grad(y, [a, x], retain_graph=True)] == [8.0, 32.0]
    assert value(grad(y, a)[0]) == 8.0


def test_grad_with_respect_to_the_root_itself() -> None:
    x = leaf(2.0)
    y = x * x
    assert [value(g) for g in grad(y, [y, x])] == [1.0, 4.0]


def test_grad_of_an_unused_input() -> None:
    x, other = leaf(2.0), leaf(3.0)
    with pytest.raises(RuntimeError, match=r"input 1.*allow_unused"):
        grad(x * x, [x, other])
    assert grad(x * x, [x, other], allow_unused=True)[1] is None
    assert value(grad(x * x, [x, other], materialize_grads=True)[1]) == 0.0


def test_grad_of_something_made_later_or_elsewhere() -> None:
    x = leaf(2.0)
    y = x * x
    later = y * 3.0
    assert grad(y, [later], allow_unused=True, retain_graph=True) == (None,)
    assert grad(y, [x * 5.0], allow_unused=True) == (None,)


def test_grad_of_a_constant_is_an_error() -> None:
    with pytest.raises(RuntimeError, match=r"input 0.*does not require"):
        grad(leaf(1.0) * 2.0, Tensor(np.float32(1.0)))


def test_grad_passes_only_what_lies_between() -> None:
    x, w = leaf(2.0), leaf(3.0)
    a = x * x
    y = a * (w * w * w)
    with observe(Passed()) as passed:
        grad(y, a)
    assert passed.order == [y.creator]


def test_backward_into_some_inputs_only() -> None:
    x, w = leaf(2.0), leaf(3.0)
    (x * w).backward(inputs=[x])
    assert value(x.grad) == 3.0
    assert w.grad is None


def test_backward_into_a_tensor_that_is_no_leaf() -> None:
    x = leaf(2.0)
    a = x * x
    (a * 5.0).backward(inputs=[a])
    assert value(a.grad) == 5.0
    assert x.grad is None


def test_derivatives_of_any_order() -> None:
    x = leaf(2.0, dtype="float64")
    y = x * x * x * x
    found = []
    for _ in range(5):
        (y,) = grad(y, x, create_graph=True, materialize_grads=True)
        found.append(value(y))
        if not y.requires_grad:
            break
    assert found[:4] == [32.0, 48.0, 48.0, 24.0]


def test_backward_with_create_graph_leaves_gradients_with_a_history() -> None:
    x = leaf(3.0)
    (x * x * x).backward(create_graph=True)
    first, x.grad = x.grad, None
    assert value(first) == 27.0
    first.backward()
    assert value(x.grad) == 18.0


def test_without_create_graph_gradients_have_no_history() -> None:
    x = leaf(3.0)
    (first,) = grad(x * x, x)
    assert not first.requires_grad
    assert tadori.is_grad_enabled()


# -------------------------------------------------------------------------------------------- hooks


def test_a_hook_sees_the_complete_gradient_once() -> None:
    x = leaf(3.0)
    a = x * 2.0
    seen = []
    a.register_hook(lambda g: seen.append(value(g)))
    (a * a + a).backward()
    assert seen == [13.0]
    assert value(x.grad) == 26.0


def test_what_a_hook_returns_takes_the_place() -> None:
    x = leaf(3.0)
    a = x * 2.0
    a.register_hook(lambda g: g * 10.0)
    a.register_hook(lambda g: g + 1.0)
    (a * 1.0).backward()
    assert value(x.grad) == 22.0


def test_hooks_on_leaves_and_on_one_of_several_outputs() -> None:
    x = leaf(2.0, 4.0)
    x.register_hook(lambda g: g * 2.0)
    half, _, _ = Halves.apply(x)
    half.register_hook(lambda g: g * 100.0)
    np.sum(half).backward()
    assert value(x.grad) == [100.0, 100.0]


def test_a_removed_hook_does_not_run() -> None:
    x = leaf(3.0)
    handle = x.register_hook(lambda g: g * 10.0)
    with x.register_hook(lambda g: g * 100.0):
        (x * 1.0).backward()
    assert value(x.grad) == 1000.0
    handle.remove()
    handle.remove()
    x.grad = None
    (x * 1.0).backward()
    assert value(x.grad) == 1.0


def test_hooks_hold_in_create_graph_too() -> None:
    x = leaf(3.0)
    a = x * x
    a.register_hook(lambda g: g * x)
    (first,) = grad(a, x, create_graph=True)  # x * 2x
    assert value(first) == 18.0
    assert value(grad(first, x)[0]) == 12.0


def test_a_hook_needs_a_gradient() -> None:
    with pytest.raises(RuntimeError, match="never run"):
        Tensor(np.float32(1.0)).register_hook(print)


def test_retain_grad() -> None:
    x = leaf(3.0)
    a = x * 2.0
    b = a * 1.0
    a.retain_grad()
    (b * a).backward()
    assert value(a.grad) == 12.0
    assert b.grad is None
    x.retain_grad()  # nothing to do for a leaf
    x.grad = None
    (x * 2.0).backward()
    assert value(x.grad) == 2.0


def test_retain_grad_twice_is_once() -> None:
    a = leaf(3.0) * 2.0
    assert not a.retains_grad
    a.retain_grad()
    a.retain_grad()
    assert a.retains_grad
    (a * 5.0).backward()
    assert value(a.grad) == 5.0


def test_a_retained_gradient_is_what_the_hooks_made_of_it() -> None:
    a = leaf(3.0) * 2.0
    before = a.register_hook(lambda gradient: gradient * 100.0)
    a.retain_grad()
    a.register_hook(lambda gradient: gradient * 10.0)
    before.remove()
    (a * 5.0).backward()
    assert value(a.grad) == 50.0


def test_retain_grad_outlasts_a_write_in_place() -> None:
    """It asks for the gradient of what the tensor holds in the end, of a view as well."""
    a = leaf(1.0, 2.0) * 2.0
    v = a[:1]
    a.retain_grad()
    v.retain_grad()
    a *= 3.0
    np.sum(v * 5.0).backward()
    assert value(a.grad) == [5.0, 0.0]
    assert value(v.grad) == [5.0]
    assert a.retains_grad
    assert v.retains_grad


def test_a_retained_gradient_is_not_the_one_that_came_in() -> None:
    upstream = Tensor(np.ones(2, "float32"))
    b = leaf(1.0, 2.0) + 0.0
    c = b + 0.0
    b.retain_grad()
    c.retain_grad()
    c.backward(upstream)
    c.grad.array *= 7.0
    assert value(b.grad) == value(upstream) == [1.0, 1.0]


@pytest.mark.parametrize("wrong", [Tensor(np.zeros(1, "float32")), np.zeros(2, "float32"), 3])
def test_a_hook_that_returns_no_gradient_is_refused(wrong: object) -> None:
    x = leaf(1.0, 2.0)
    x.register_hook(lambda _: wrong)
    with pytest.raises(RuntimeError, match=r"a hook returned .* for a gradient float32\(2,\)"):
        np.sum(x * 2.0).backward()
    assert x.grad is None


def test_gradients_of_nothing_are_refused() -> None:
    for call in (lambda y: grad(y, []), lambda y: y.backward(inputs=[])):
        with pytest.raises(RuntimeError, match="inputs is empty"):
            call(leaf(1.0) * 2.0)


def test_none_equals_no_tensor() -> None:
    x = leaf(1.0, 2.0)
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711


@pytest.mark.parametrize("other", ["a", object()])
def test_what_is_no_number_is_refused(other: object) -> None:
    with pytest.raises(TypeError, match="expected a number, an array or a Tensor"):
        leaf(1.0, 2.0) + other


# --------------------------------------------------------------------------- who owns a gradient


def test_gradients_are_not_shared_between_leaves() -> None:
    """Adding hands both inputs the same array; an edit in place of one must stay there."""
    for dtype in ("float32", "float64"):
        a, b = leaf(1.0, 2.0, dtype=dtype), leaf(3.0, 4.0, dtype=dtype)
        np.sum((a + b) * 2.0).backward()
        a.grad.array += 10.0  # as weight decay does
        assert value(b.grad) == [2.0, 2.0]


def test_a_gradient_is_not_the_one_that_came_in() -> None:
    x = leaf(1.0, 2.0)
    upstream = Tensor(np.ones(2, "float32"))
    y = x + 0.0
    y.backward(upstream, retain_graph=True)
    x.grad.array[...] = 7.0
    assert value(upstream) == [1.0, 1.0]
    x.grad = None
    x.backward(upstream)
    x.grad.array[...] = 7.0
    assert value(upstream) == [1.0, 1.0]


def test_a_gradient_is_no_view_of_a_saved_array() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)

    class Give(Function):
        def forward(self, x, w):
            return x * w

        def grad_x(self, gy, w):
            return w

        def grad_w(self, gy, x):
            return x[:]

    np.sum(Give.apply(x, w)).backward()
    x.grad.array[...] = 0.0
    w.grad.array[...] = 0.0
    assert (value(x), value(w)) == ([1.0, 2.0], [3.0, 4.0])


def test_what_a_retained_gradient_holds_is_not_the_leaf_s() -> None:
    x = leaf(1.0, 2.0)
    a = x + 0.0
    a.retain_grad()
    np.sum(a).backward()
    x.grad.array += 5.0
    assert value(a.grad) == [1.0, 1.0]


def test_read_only_views_never_become_a_gradient() -> None:
    x = leaf(1.0, 2.0, 3.0)
    np.sum(x).backward()  # its gradient is a broadcast 1
    assert x.grad.array.flags.writeable
    assert x.grad.array.strides == (4,)
    x.grad.array += np.arange(3.0, dtype="float32")
    assert value(x.grad) == [1.0, 2.0, 3.0]


def test_the_gradient_has_the_dtype_of_its_leaf() -> None:
    x, w = leaf(1.0, 2.0), leaf(1.0, 2.0, dtype="float64")
    y = np.sum(x * 1.0)
    y.backward(np.float64(1.0))
    assert x.grad.dtype == "float32"
    np.sum(w * 2.0).backward()
    assert w.grad.dtype == "float64"


# --------------------------------------------------------------------------------- what is stale


def test_a_kept_array_that_was_written_is_an_error_that_names_the_line() -> None:
    x = leaf(1.0, 2.0)
    a = x * 2.0
    y = np.sum(a * a)
    a += 1.0
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation.*test_core\.py:\d+"):
        y.backward()


def test_a_write_that_nobody_needs_is_fine() -> None:
    x = leaf(1.0, 2.0)
    a = x * 2.0
    y = np.sum(a + 1.0)  # keeps nothing of a
    a += 1.0
    (y + np.sum(a)).backward()
    assert value(x.grad) == [4.0, 4.0]


def test_leaves_that_require_a_gradient_are_not_written_in_place() -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"a leaf Variable that requires grad.*no_grad"):
        x += 1.0
    with tadori.no_grad():
        x += 1.0
    assert value(x) == [2.0, 3.0]
    assert x.is_leaf
    assert x.requires_grad


# ------------------------------------------------------------------------------------------- modes


def test_modes_nest() -> None:
    x = leaf(1.0)
    with tadori.no_grad():
        assert not tadori.is_grad_enabled()
        with tadori.enable_grad():
            assert (x * 2.0).requires_grad
            with tadori.no_grad():
                assert not (x * 2.0).requires_grad
            assert (x * 2.0).requires_grad
        assert not (x * 2.0).requires_grad
    assert (x * 2.0).requires_grad


def test_one_mode_object_can_be_entered_twice() -> None:
    mode = tadori.no_grad()
    with mode, mode:
        assert not tadori.is_grad_enabled()
    assert tadori.is_grad_enabled()


DECORATORS = {
    "no_grad": (tadori.no_grad, False),
    "no_grad()": (tadori.no_grad(), False),
    "enable_grad": (tadori.enable_grad, True),
    "enable_grad()": (tadori.enable_grad(), True),
    "inference_mode": (tadori.inference_mode, False),
    "inference_mode()": (tadori.inference_mode(), False),
    "set_grad_enabled": (lambda f: tadori.set_grad_enabled(False)(f), False),
}


@pytest.mark.parametrize("name", DECORATORS)
def test_modes_decorate_functions(name: str) -> None:
    decorator, expected = DECORATORS[name]

    @decorator
    def function(a, *, b):
        """Told."""
        return a, b, tadori.is_grad_enabled()

    for outer in (tadori.no_grad(), tadori.enable_grad()):
        with outer:
            before = tadori.is_grad_enabled()
            assert function(1, b=2) == (1, 2, expected)
            assert tadori.is_grad_enabled() is before
    assert function.__name__ == "function"
    assert function.__doc__ == "Told."


def test_a_decorated_generator_keeps_its_mode_to_itself() -> None:
    @tadori.no_grad()
    def numbers():
        for n in range(3):
            assert not tadori.is_grad_enabled()
            yield n
        return "end"

    generator = numbers()
    found = []
    for n in generator:
        assert tadori.is_grad_enabled()
        found.append(n)
    assert found == [0, 1, 2]

    def outer():
        return (yield from numbers())

    steps = outer()
    with pytest.raises(StopIteration) as stop:
        while True:
            next(steps)
    assert stop.value.value == "end"


def test_a_decorated_generator_can_be_sent_to_and_closed() -> None:
    closed = []

    @tadori.no_grad()
    def echo():
        got = None
        try:
            while True:
                try:
                    got = yield got
                except KeyError as error:
                    got = type(error).__name__
                assert not tadori.is_grad_enabled()
        finally:
            closed.append(tadori.is_grad_enabled())

    generator = echo()
    assert next(generator) is None
    assert generator.send(5) == 5
    assert generator.throw(KeyError("x")) == "KeyError"
    generator.close()
    assert closed == [False]
    assert tadori.is_grad_enabled()


def test_set_grad_enabled_stays_until_it_is_undone() -> None:
    tadori.set_grad_enabled(False)
    assert not tadori.is_grad_enabled()
    tadori.set_grad_enabled(True)
    assert tadori.is_grad_enabled()
    with tadori.set_grad_enabled(False):
        assert not tadori.is_grad_enabled()
    assert tadori.is_grad_enabled()


def test_an_exception_restores_the_mode() -> None:
    with pytest.raises(KeyError), tadori.no_grad():
        raise KeyError
    assert tadori.is_grad_enabled()

    @tadori.no_grad()
    def fails():
        raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert tadori.is_grad_enabled()


def test_an_exception_in_backward_restores_the_mode() -> None:
    x = leaf(1.0)

    def fail(gradient):
        raise KeyError

    y = x * x
    y.register_hook(fail)
    with tadori.no_grad(), pytest.raises(KeyError):
        y.backward(create_graph=True)
    assert tadori.is_grad_enabled()


def test_inference_mode_says_so() -> None:
    with tadori.inference_mode():
        assert tadori.is_inference_mode_enabled()
        assert not tadori.is_grad_enabled()
        with tadori.inference_mode(False):
            assert not tadori.is_inference_mode_enabled()
            assert tadori.is_grad_enabled()
    assert not tadori.is_inference_mode_enabled()


def test_backward_inside_no_grad_works() -> None:
    x = leaf(3.0)
    y = x * x
    with tadori.no_grad():
        y.backward()
    assert value(x.grad) == 6.0


# ------------------------------------------------------------------------------------- detaching


def test_detach_shares_memory_and_not_history() -> None:
    x = leaf(3.0, 4.0)
    a = x * 2.0
    d = a.detach()
    assert d.array is a.array
    assert not d.requires_grad
    np.sum(a * d).backward()
    assert value(x.grad) == [12.0, 16.0]


def test_numpy_of_a_tensor_in_a_graph_needs_detach() -> None:
    x = leaf(3.0)
    with pytest.raises(RuntimeError, match=r"detach\(\)"):
        (x * 2.0).numpy()
    assert (x * 2.0).detach().numpy() == 6.0


def test_a_deep_chain_of_views_costs_no_more_a_step() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(20_000):
        y = y.reshape(1)
    z = tadori.zeros(1)
    z += 1  # a write anywhere makes views look at their bases again: all of them, one by one
    (y * 2).sum().backward()
    assert x.grad.item() == 2.0


@pytest.mark.parametrize("size", [3, engine.LARGE + 1])
def test_sums_of_gradients_are_written_only_where_nobody_else_looks(size):
    """Large sums are added to in place; an addition hands one gradient object to both inputs."""
    x = tadori.ones(size, requires_grad=True)
    a, b = x * 2, x * 3
    total = a + b
    for y in (a, b, total):
        y.retain_grad()
    seed = tadori.ones(size)
    (total + a + a + b + x + x + x).backward(seed)
    found = [t.grad.numpy() for t in (total, a, b, x)]
    for gradient, expected in zip(found, (1, 3, 2, 3 * 2 + 2 * 3 + 3), strict=True):
        np.testing.assert_array_equal(gradient, np.full(size, expected, "float32"))
    np.testing.assert_array_equal(seed.numpy(), np.ones(size, "float32"))
