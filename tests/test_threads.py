"""Threads: each has its own mode, and several may walk back at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Barrier
from typing import Any

import numpy as np

import tadori
from tadori import Tensor
from tadori.autograd import Function, grad
from tadori.autograd.hooks import Observer, observe

THREADS = 8


def leaf(*shape: int) -> Tensor:
    return Tensor(np.full(shape, 0.5)).requires_grad_()


def together(function: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """`function(number)` in several threads that start at the same moment."""
    barrier = Barrier(threads)

    def run(number: int) -> Any:
        barrier.wait()
        return function(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def test_modes_are_per_thread() -> None:
    barrier = Barrier(THREADS)

    def look(number: int) -> tuple[bool, bool]:
        before = tadori.is_grad_enabled()
        with tadori.set_grad_enabled(number % 2 == 0):
            barrier.wait()  # all are inside now
            inside = tadori.is_grad_enabled()
            recorded = (leaf(2) * 2.0).requires_grad
            barrier.wait()
        return before, inside is recorded is (number % 2 == 0)

    assert together(look) == [(True, True)] * THREADS
    assert tadori.is_grad_enabled()


def test_a_new_thread_records_whatever_its_maker_does() -> None:
    with tadori.no_grad(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(tadori.is_grad_enabled).result()
        context = copy_context()
        assert not pool.submit(context.run, tadori.is_grad_enabled).result(), "unless it says so"


def test_a_mode_that_stays_stays_in_its_thread() -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(tadori.set_grad_enabled, False).result()
        assert not pool.submit(tadori.is_grad_enabled).result()
    assert tadori.is_grad_enabled()


def test_a_decorator_is_shared_between_threads() -> None:
    @tadori.no_grad()
    def look(_: int) -> bool:
        return tadori.is_grad_enabled()

    assert not any(together(look))
    assert tadori.is_grad_enabled()


def deep(x: Tensor, w: Tensor, number: int) -> Tensor:
    y = x
    for _ in range(200):
        y = y * w + x * float(number)
    return np.sum(y)


def test_graphs_of_their_own_in_several_threads() -> None:
    def work(number: int) -> Any:
        x, w = leaf(5), leaf(5)
        deep(x, w, number).backward()
        (first,) = grad(deep(x, w, number), w, create_graph=True)
        (second,) = grad(np.sum(first), w)
        return x.grad.array, w.grad.array, second.array

    found = together(work)
    for number in range(THREADS):
        for a, b in zip(found[number], work(number), strict=True):
            np.testing.assert_array_equal(a, b)


def test_one_leaf_in_the_graphs_of_several_threads() -> None:
    """`grad` touches no leaf, so threads may share parameters."""
    w = leaf(5)

    def work(number: int) -> Any:
        return [grad(deep(leaf(5), w, number), w)[0].array for _ in range(5)]

    for number, arrays in enumerate(together(work)):
        expected = work(number)[0]
        for array in arrays:
            np.testing.assert_array_equal(array, expected)
    assert w.grad is None


def test_one_graph_walked_by_several_threads() -> None:
    x, w = leaf(5), leaf(5)
    y = deep(x, w, 3)
    expected = grad(y, w, retain_graph=True)[0].array
    for found in together(lambda _: grad(y, w, retain_graph=True)[0].array):
        np.testing.assert_array_equal(found, expected)


class Slow(Function):
    """A user's Function, whose ctx must not be shared by threads."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, gy):
        (x,) = ctx.saved_tensors
        for _ in range(50):
            assert len(ctx.saved_tensors) == 1
        return gy * x * 2.0


def test_a_user_s_function_walked_by_several_threads() -> None:
    x = leaf(5)
    y = np.sum(Slow.apply(x))
    for found in together(lambda _: grad(y, x, retain_graph=True)[0].array):
        np.testing.assert_array_equal(found, np.ones(5))


def test_in_place_writes_in_several_threads() -> None:
    def work(number: int) -> Any:
        x = leaf(5)
        for _ in range(100):
            with tadori.no_grad():
                x += 1.0
        a = x * 1.0
        a *= 2.0
        np.sum(a * a).backward()
        return x.grad.array

    for found in together(work):
        np.testing.assert_array_equal(found, np.full(5, 804.0))


def test_observers_see_every_thread() -> None:
    class Count(Observer):
        def __init__(self):
            self.seen = []

        def after_forward(self, node, inputs, outputs):
            self.seen.append(node.name())

    with observe(Count()) as count:
        together(lambda _: leaf(2) * 3.0)
    assert count.seen == ["Multiply"] * THREADS


def test_numbers_of_nodes_are_never_given_twice() -> None:
    def work(_: int) -> list[int]:
        x = leaf(1)
        return [(x * 1.0).creator.seq for _ in range(500)]

    numbers = [n for found in together(work) for n in found]
    assert len(set(numbers)) == len(numbers)
