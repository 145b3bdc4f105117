"""Memory: what is kept, how long; reference counts alone free it, for the collector is off."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from weakref import ref

import numpy as np
import pytest

import tadori
from tadori import Tensor
from tadori.autograd import grad, saved
from tadori.autograd.hooks import Observer, observe


@pytest.fixture(autouse=True)
def collector_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leaf(*shape: int, dtype: str = "float32") -> Tensor:
    return Tensor(np.full(shape, 0.5, dtype)).requires_grad_()


class Watch(Observer):
    """Weak references to every node, every output array and every gradient."""

    def __init__(self):
        self.nodes, self.arrays, self.gradients = [], [], []
        self.counts = []

    def after_forward(self, node, inputs, outputs):
        self.nodes.append(ref(node))
        self.arrays += [ref(y.array) for y in outputs]

    def sent(self, node, number, gradient):
        self.gradients.append(ref(getattr(gradient, "array", gradient)))

    def after_backward(self, node):
        self.counts.append((alive(self.arrays), alive(self.gradients)))


def alive(references) -> int:
    return sum(r() is not None for r in references)


# ----------------------------------------------------------------------- freed by reference counts


def graph(x, w):
    """Sharing, constants, views, in-place writes: whatever could make a cycle."""
    a = x * w + 0.5
    b = a * a - x * Tensor(np.ones(4, "float32"))
    c = np.reshape(b, (2, 6))
    d = c * 2.0
    d += 1.0
    return np.sum(d * c)


def test_a_graph_is_freed_with_its_last_tensor() -> None:
    x, w = leaf(3, 4), leaf(3, 4)
    with observe(Watch()) as watch:
        y = graph(x, w)
        assert alive(watch.nodes) > 5
        del y
    assert alive(watch.nodes) == 0
    assert alive(watch.arrays) == 0


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_graph_that_was_passed_is_freed(create_graph: bool) -> None:
    x, w = leaf(3, 4), leaf(3, 4)
    with observe(Watch()) as watch:
        y = graph(x, w)
        y.backward(create_graph=create_graph)
        del y
        x.grad = w.grad = None
    assert alive(watch.nodes) == 0


def test_a_graph_of_higher_order_is_freed() -> None:
    x, w = leaf(3, 4), leaf(3, 4)
    with observe(Watch()) as watch:
        first = grad(graph(x, w), [x, w], create_graph=True)
        second = grad(np.sum(first[0] * first[1]), [x, w], create_graph=True)
        (third,) = grad(np.sum(second[0]), [x], materialize_grads=True)
        del first, second, third
    assert alive(watch.nodes) == 0


def test_hooks_and_retained_gradients_make_no_cycle() -> None:
    x = leaf(3, 4)
    seen = []
    with observe(Watch()) as watch:
        a = x * x
        a.retain_grad()
        a.register_hook(lambda g: seen.append(g.shape))
        y = np.sum(a * a)
        y.backward(create_graph=True)
        assert a.grad is not None
        assert seen == [(3, 4)]
        del a, y
        x.grad = None
    assert alive(watch.nodes) == 0


def test_several_outputs_make_no_cycle() -> None:
    x = leaf(3, 4)
    with observe(Watch()) as watch:
        parts = np.split(x * 2.0, 2, axis=1)
        y = np.sum(parts[0] * parts[1])
        grad(y, x, create_graph=True)
        del parts, y
    assert alive(watch.nodes) == 0


def test_an_exception_in_backward_leaves_nothing_behind() -> None:
    x = leaf(3)

    def fail(gradient):
        raise KeyError

    with observe(Watch()) as watch:
        a = x * x
        a.register_hook(fail)
        y = np.sum(a)
        with pytest.raises(KeyError):
            y.backward()
        del a, y
    assert alive(watch.nodes) == 0


def test_leaves_are_freed_while_their_graph_lives() -> None:
    """A node keeps what its formulas need, not its inputs: `x + 1` needs nothing of x."""
    x = leaf(3, 4)
    dead = ref(x), ref(x.array)
    y = x + 1.0
    del x
    assert [r() for r in dead] == [None, None]
    np.sum(y).backward()  # a gradient that nobody can read any more


def test_a_training_loop_does_not_grow() -> None:
    rng = np.random.default_rng(0)
    data = Tensor(rng.uniform(size=(16, 8)).astype("float32"))
    target = Tensor(rng.uniform(size=(16, 4)).astype("float32"))
    w1, w2 = leaf(8, 8), leaf(8, 4)

    def step():
        hidden = np.maximum(np.matmul(data, w1), 0.0)
        error = np.matmul(hidden, w2) - target
        loss = np.sum(error * error)
        loss.backward()
        with tadori.no_grad():
            for w in (w1, w2):
                w -= w.grad * 1e-4
                w.grad = None
        return loss.item()

    first = step()
    for _ in range(50):
        step()
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(1000):
            last = step()
        unreachable = gc.collect()  # this also empties the interpreter's lists of free tuples
        growth = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert last < first, "it learns"
    assert unreachable == 0, f"{unreachable} objects in cycles"
    assert growth < 16 * 1024, f"{growth} bytes more after 1000 steps"


# --------------------------------------------------------------------------- freed along the way


def chain(x, w, depth):
    y = x
    for _ in range(depth):
        y = y * w
    return np.sum(y)


def test_arrays_are_freed_as_backward_passes_them() -> None:
    x, w = leaf(64), leaf(64)
    with observe(Watch()) as watch:
        y = chain(x, w, 20)
        assert alive(watch.arrays) == 21 - 1, "the last product is kept by nobody"
        y.backward()
    counts = [arrays for arrays, _ in watch.counts]
    assert counts[0] == 20
    assert counts[-1] <= 2
    assert all(now <= before for before, now in pairwise(counts))


def test_gradients_die_with_their_reader() -> None:
    x, w = leaf(64), leaf(64)
    with observe(Watch()) as watch:
        chain(x, w, 20).backward()
    assert max(gradients for _, gradients in watch.counts) <= 4
    assert alive(watch.gradients) <= 2, "only those that became a leaf's"


def test_retain_graph_frees_nothing() -> None:
    x, w = leaf(64), leaf(64)
    with observe(Watch()) as watch:
        y = chain(x, w, 20)
        y.backward(retain_graph=True)
        assert alive(watch.arrays) == 20
        y.backward()
        assert alive(watch.arrays) == 1


def test_no_grad_keeps_nothing() -> None:
    x, w = leaf(64), leaf(64)
    with observe(Watch()) as watch, tadori.no_grad():
        y = chain(x, w, 20)
        assert alive(watch.arrays) == 1
    assert y.creator is None


def test_a_gradient_becomes_the_leaf_s_without_a_copy() -> None:
    x = leaf(64)
    made = []

    class Look(Observer):
        def sent(self, node, number, gradient):
            made.append(gradient.__array_interface__["data"][0])

    with observe(Look()):
        np.sum(x * 2.0).backward()
    assert x.grad.array.__array_interface__["data"][0] == made[-1]


# ------------------------------------------------------------------------------- what nodes keep

KEPT = {
    "add": (lambda a, b: a + b, []),
    "subtract": (lambda a, b: a - b, []),
    "multiply": (lambda a, b: a * b, ["a", "b"]),
    "multiply, a only": (lambda a, b: a * b.detach(), ["b"]),
    "multiply by a number": (lambda a, b: a * 2.0, []),
    "square": (lambda a, b: a * a, ["a", "b"]),
    "divide": (lambda a, b: a / b.detach(), ["b"]),
    "matmul": (lambda a, b: np.matmul(a, b), ["a", "b"]),
    "matmul, b only": (lambda a, b: np.matmul(a.detach(), b), ["a"]),
    "negative": (lambda a, b: -a, []),
    "sum": (lambda a, b: np.sum(a, axis=0), []),
    "mean": (lambda a, b: np.mean(a), []),
    "reshape": (lambda a, b: np.reshape(a, (-1,)), []),
    "transpose": (lambda a, b: np.transpose(a), []),
    "broadcast_to": (lambda a, b: np.broadcast_to(a, (2, 4, 4)), []),
    "concatenate": (lambda a, b: np.concatenate([a, b]), []),
    "slice": (lambda a, b: a[1:], []),
    "exp": (lambda a, b: np.exp(a), ["y"]),
    "tanh": (lambda a, b: np.tanh(a), ["y"]),
    "sqrt": (lambda a, b: np.sqrt(a), ["y"]),
    "log": (lambda a, b: np.log(a), ["x"]),
    "sin": (lambda a, b: np.sin(a), ["x"]),
    "absolute": (lambda a, b: np.absolute(a), ["x"]),
    "where": (lambda a, b: np.where(a.array > 0, a, b), ["condition"]),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_node_keeps_what_its_formulas_name(name: str) -> None:
    function, expected = KEPT[name]
    y = function(leaf(4, 4), leaf(4, 4))
    found = [name for name, array in y.creator.kept() if hasattr(array, "nbytes")]
    assert sorted(found) == expected


def test_a_chain_of_activations_keeps_each_output_once() -> None:
    """tanh keeps its output, and multiply its input: the same array."""
    x = leaf(256)
    y = x
    for _ in range(8):
        y = np.tanh(y) * 0.9
    assert saved(np.sum(y)).total == 8 * 256 * 4


def test_kept_arrays_are_not_copies() -> None:
    x, w = leaf(4), leaf(4)
    kept = dict((x * w).creator.kept())
    assert kept["a"] is x.array
    assert kept["b"] is w.array
