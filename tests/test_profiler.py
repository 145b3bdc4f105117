"""The profiler: what it counts is exact; times are only compared with each other."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import numpy as np
import pytest

from tadori import Tensor
from tadori.autograd import Function
from tadori.autograd.function import Function as Node
from tadori.autograd.hooks import observers
from tadori.profiler import profile


def leaf(*shape: int) -> Tensor:
    return Tensor(np.full(shape, 0.5, "float32")).requires_grad_()


class Slow(Node):
    """Sleeps forward, and longer backward."""

    def forward(self, x):
        sleep(0.002)
        return x * 1.0

    def backward(self, gy):
        sleep(0.01)
        return gy * 1.0


def row(p: profile, name: str, by: str = "operation"):
    (found,) = [r for r in p.rows(by) if r.name.endswith(name)]
    return found


def test_calls_and_bytes_by_operation() -> None:
    x, w = leaf(10, 10), leaf(10, 10)
    with profile() as p:
        for _ in range(3):
            loss = np.sum(x * w + x)
            loss.backward()
    multiply, total = row(p, "Multiply"), row(p, "Sum")
    assert (multiply.calls, row(p, "Add").calls, total.calls) == (3, 3, 3)
    assert multiply.bytes == 3 * (400 + 2 * 400), "the product, and two gradients"
    assert row(p, "Add").bytes == 3 * 400, "its gradients are those that came in"
    assert total.bytes == 3 * 4, "its gradient is a view"
    assert observers == []


def test_views_make_no_memory() -> None:
    x = leaf(10, 10)
    with profile() as p:
        np.transpose(x)
    assert row(p, "Transpose").bytes == 0


def test_times_are_told_apart() -> None:
    x = leaf(2)
    with profile() as p:
        y = np.sum(Slow.apply(x) + 1.0)
        y.backward()
    slow = row(p, "Slow")
    assert slow.forward >= 0.002
    assert slow.backward >= 0.01
    assert slow.total == slow.forward + slow.backward
    assert p.rows()[0].name == "Slow"
    assert p.rows(sort_by="backward")[0].name == "Slow"
    assert [r.name for r in p.rows(sort_by="name")] == ["Add", "Slow", "Sum"]


def test_rows_by_line() -> None:
    x = leaf(2)
    with profile() as p:
        y = x * 2.0  # line A
        z = np.sum(y * y)  # line B
    with profile() as q:
        z.backward()
    first, second = sorted(r.name for r in p.rows("line"))
    assert "test_profiler.py" in first
    assert int(second.split(":")[-1]) == int(first.split(":")[-1]) + 1
    calls = {r.name: r.calls for r in p.rows("line")}
    assert calls == {first: 1, second: 2}
    assert {e.line for e in q.events} == {first, second}, "backward counts where it was called"
    assert {e.phase for e in q.events} == {"backward"}


def test_nodes_made_before_profiling_have_no_line() -> None:
    y = leaf(2) * 2.0
    with profile() as p:
        np.sum(y).backward()
    assert {e.line for e in p.events if e.operation == "Multiply"} == {""}
    assert "(before profiling)" in p.table("line")


class Outer(Function):
    """A user's Function, with operations inside it."""

    @staticmethod
    def forward(ctx, x):
        return Slow.apply(x)

    @staticmethod
    def backward(ctx, gy):
        return gy * 2.0


def test_what_runs_inside_is_counted_there() -> None:
    x = leaf(2)
    with profile() as p:
        np.sum(Outer.apply(x)).backward()
    events = {(e.operation, e.phase): e for e in p.events}
    outer, slow = events["Outer", "forward"], events["Slow", "forward"]
    assert outer.seconds >= slow.seconds
    assert outer.self_seconds == pytest.approx(outer.seconds - slow.seconds)
    assert ("Multiply", "forward") in events, "computed inside the backward of Outer"
    inner = events["Multiply", "forward"]
    back = events["Outer", "backward"]
    assert back.self_seconds == pytest.approx(back.seconds - inner.seconds)
    assert back.start <= inner.start <= back.start + back.seconds


def test_an_exception_does_not_confuse_the_clocks() -> None:
    x = leaf(2)
    with profile() as p:
        with pytest.raises(RuntimeError):
            x + leaf(3)
        y = x * 2.0
        y.register_hook(lambda g: {}["missing"])
        with pytest.raises(KeyError):
            np.sum(y).backward()
        _ = x - 1.0
    assert [e.operation for e in p.events if e.phase == "forward"] == [
        "Multiply",
        "Sum",
        "Subtract",
    ]
    assert all(0 <= e.self_seconds <= e.seconds for e in p.events)
    assert observers == []


def test_threads_have_clocks_of_their_own() -> None:
    def work(_: int) -> None:
        x = leaf(3)
        np.sum(Slow.apply(x) * 2.0).backward()

    with profile() as p, ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert row(p, "Slow").calls == 4
    assert all(e.self_seconds >= 0 for e in p.events)


def test_the_table() -> None:
    x = leaf(2)
    with profile() as p:
        np.sum(x * x - x).backward()
    text = str(p)
    assert text.index("operation") < text.index("line")
    assert "Multiply" in text
    assert "test_profiler.py" in text
    heads = p.table().splitlines()[0].split()
    assert heads[:4] == ["operation", "calls", "forward", "ms"]
    assert "... and 2 more" in p.table(limit=1)
    assert len({len(line) for line in p.table().splitlines()}) == 1


def test_an_empty_profile_prints() -> None:
    with profile() as p:
        pass
    assert "operation" in str(p)


def test_export_for_a_time_line(tmp_path) -> None:
    x = leaf(2)
    with profile() as p:
        np.sum(x * x).backward()
    p.export_chrome_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert [e["name"] for e in events] == ["Multiply", "Sum", "Sum", "Multiply"]
    assert all(e["ph"] == "X" and e["dur"] >= 0 for e in events)
    assert events[0]["args"]["shapes"] == [[2], [2]]
