"""The six questions a reader can ask of a recording, and a few more, on recorded programs."""

from __future__ import annotations

import linecache
from typing import Any

import numpy as np
import pytest

import tadori
import tadori.nn.functional as F
from tadori import nn, optim
from tadori.tracing import explain, trouble
from tadori.tracing.naive import naive_order
from tadori.tracing.story import Story


def story_of(trace: Any) -> Story:
    return Story(trace.data)


def text_at(line: str) -> str:
    file, _, number = line.rpartition(":")
    return linecache.getline(file, int(number)).strip()


def train(steps: int = 2) -> tuple[Story, nn.Module]:
    tadori.manual_seed(0)
    model = nn.Sequential(nn.Linear(20, 300), nn.Tanh(), nn.Linear(300, 3))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    x, t = tadori.randn(50, 20), tadori.randint(3, (50,))
    with tadori.trace() as trace:
        for _ in range(steps):
            y = model(x)
            loss = F.cross_entropy(y, t)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return story_of(trace), model


def test_which_line_made_the_array_at_the_peak() -> None:
    with tadori.trace() as trace:
        small = tadori.ones(10) * 2.0
        large = tadori.ones(100, 100) * 3.0
        total = large.sum() + small.sum()
    answer = explain.peak(story_of(trace))
    assert text_at(answer.facts["line"]) == "large = tadori.ones(100, 100) * 3.0"
    assert answer.facts["bytes"] >= 80_000, "the ones and their product, at once"
    assert "float32(100, 100)" in answer.text
    del total


def test_why_this_grad_is_none() -> None:
    x = tadori.ones(2, requires_grad=True)
    unused = tadori.ones(2, requires_grad=True)
    counts = tadori.arange(2)
    with tadori.trace() as trace:
        before = x * 2.0
        cut = before.detach()
        with tadori.no_grad():
            silent = x * 3.0
        loss = (before * cut + silent * unused.detach() + counts).sum()
        loss.backward()
        x.grad = None
        last = before * 1.0
        last = last * 1.0
    story = story_of(trace)
    reasons = {
        "x": "cleared",
        "before": "not a leaf",
        "cut": "detached",
        "silent": "no_grad",
        "counts": "integers",
        "unused": "unused",
    }
    found = {name: explain.why_no_grad(story, name).facts["reason"] for name in reasons}
    assert found == reasons
    cleared = explain.why_no_grad(story, "x")
    assert text_at(cleared.facts["line"]) == "x.grad = None"
    assert text_at(explain.why_no_grad(story, "silent").facts["line"]) == "silent = x * 3.0"


def test_why_this_operation_came_before_that_one_in_backward() -> None:
    x = tadori.tensor(2.0, requires_grad=True)
    with tadori.trace() as trace:
        a = x**2  # 1
        b = a**2  # 2
        c = a**2  # 3
        (b + c).backward()
    story = story_of(trace)
    assert story.walks[1].nodes == [4, 3, 2, 1]
    answer = explain.why_before(story, 2, 1)
    assert answer.facts["reason"] == "consumer"
    assert answer.facts["path"] == [1, 2]
    siblings = explain.why_before(story, 3, 2)
    assert siblings.facts["reason"] == "newest first"
    assert explain.why_before(story, 1, 2).facts["reason"] == "no"
    assert x.grad is not None and x.grad.item() == 64


def test_what_zero_grad_changed() -> None:
    story, model = train()
    nothing = explain.zeroed(story, step=1)
    assert nothing.facts["cleared"] == []
    answer = explain.zeroed(story, step=2)
    names = [f"model.{name}" for name, _ in model.named_parameters()]
    assert answer.facts["cleared"] == names
    size = sum(p.array.nbytes for p in model.parameters())
    assert answer.facts["bytes"] == answer.facts["freed"] == size
    assert text_at(answer.facts["line"]) == "optimizer.zero_grad()"


@pytest.mark.allow_fp_faults
def test_where_the_first_nan_came_from() -> None:
    with tadori.trace() as trace:
        x = tadori.tensor([1.0, -1.0]) * 2.0
        y = x.log()
        z = y * 3.0
    answer = trouble.first_nan(story_of(trace))
    assert answer.facts["trouble"] == "NaN"
    assert text_at(answer.facts["line"]) == "y = x.log()"
    assert "[-2, 2]" in answer.text, "the input's range says why"
    del z


@pytest.mark.allow_fp_faults
def test_a_nan_of_backward_is_found_too() -> None:
    x = tadori.tensor([0.0], requires_grad=True)
    with tadori.trace() as trace:
        y = x.sqrt() * 0.0
        y.sum().backward()
    answer = trouble.first_nan(story_of(trace))
    assert answer.facts["trouble"] == "NaN"
    assert "Sqrt" in answer.text and "in backward" in answer.text


def test_what_a_second_backward_would_need() -> None:
    story, _ = train(1)
    answer = explain.second_backward(story)
    ops = [story.nodes[n].event["op"] for n in answer.facts["nodes"]]
    assert ops == ["CrossEntropy", "Linear", "Tanh", "Linear"]
    assert text_at(answer.facts["line"]) == "loss.backward()"
    saved = {
        s["array"]: s["bytes"] for n in answer.facts["nodes"] for s in story.nodes[n].event["saved"]
    }
    assert answer.facts["bytes"] == sum(saved.values()) > 0


def test_where_a_second_backward_failed_it_tells_of_the_first() -> None:
    def program() -> None:
        x = tadori.ones(3, requires_grad=True)
        y = (x * x).sum()
        y.backward()
        y.backward()

    story, _ = failed(program)
    facts = explain.second_backward(story).facts
    assert facts["walk"] == 1
    assert [story.nodes[n].event["op"] for n in facts["nodes"]] == ["Multiply"]


def test_with_retain_graph_it_can_pass() -> None:
    x = tadori.tensor(2.0, requires_grad=True)
    with tadori.trace() as trace:
        (x * x).backward(retain_graph=True)
    assert explain.second_backward(story_of(trace)).facts["nodes"] == []


def test_who_holds_this() -> None:
    x = tadori.ones(3, requires_grad=True)
    with tadori.trace() as trace:
        y = x.tanh()
        view = y[:2]
        loss = view.sum()
        during = len(trace.events)
        loss.backward()
        del loss, view
        last = y * 1.0
        last = last * 1.0
    story = story_of(trace)
    found = explain.holders(story, "y", during).facts["holders"]
    assert {"name": "y"} in found
    assert {"name": "view"} in found, "a view shares the memory"
    assert any(holder.get("saved") == "y" for holder in found), "Tanh keeps its output"
    assert explain.holders(story, "y").facts["holders"] == [{"name": "y"}], "released by backward"


def failed(program: Any) -> tuple[Story, Any]:
    trace = tadori.trace()
    with pytest.raises(RuntimeError), trace:
        program()
    story = story_of(trace)
    return story, trouble.failure(story)


def test_a_stale_array_names_both_lines() -> None:
    def program() -> None:
        x = tadori.ones(3, requires_grad=True)
        y = x * 1.0
        z = y.exp()
        z.add_(1.0)
        z.sum().backward()

    def program_two() -> None:
        x = tadori.ones(3, requires_grad=True)
        y = x * 2.0
        z = y * y
        with tadori.no_grad():
            y.add_(1.0)
        z.sum().backward()

    _, answer = failed(program_two)
    assert text_at(answer.facts["saved_at"]) == "z = y * y"
    assert text_at(answer.facts["changed_at"]) == "y.add_(1.0)"
    _, answer = failed(program)
    assert text_at(answer.facts["saved_at"]) == "z = y.exp()"
    assert text_at(answer.facts["changed_at"]) == "z.add_(1.0)"


def test_backward_a_second_time_names_the_backward_and_who_leads_back() -> None:
    def program() -> None:
        w = tadori.ones(3, requires_grad=True)
        outside = w.exp()
        for _ in range(2):
            loss = (outside * 2.0).sum()
            loss.backward()

    story, answer = failed(program)
    assert story.nodes[answer.facts["node"]].event["op"] == "Exp"
    assert text_at(answer.facts["made_at"]) == "outside = w.exp()"
    assert text_at(answer.facts["released_at"]) == "loss.backward()"
    assert answer.facts["walk"] == 1
    assert answer.facts["held_by"] == "outside"
    assert text_at(answer.facts["line"]) == "loss.backward()"


def test_an_exception_of_the_program_stands_at_its_line() -> None:
    trace = tadori.trace()
    with pytest.raises(ZeroDivisionError), trace:
        1 / 0  # noqa: B018
    answer = trouble.failure(story_of(trace))
    assert text_at(answer.facts["line"]).startswith("1 / 0")
    assert np.array_equal(trace.events[-1]["kind"], "error")


def test_the_naive_order_gives_the_wrong_gradient() -> None:
    x = tadori.tensor(2.0, requires_grad=True)
    with tadori.trace() as trace:
        a = x**2
        y = a**2 + a**2
        y.backward()
    story = story_of(trace)
    answer = naive_order(story)
    assert story.walks[1].nodes == [4, 3, 2, 1]
    assert answer.facts["order"] == [4, 3, 1, 2], "x**2 is passed before its second gradient"
    assert answer.facts["early"] == [1]
    assert answer.facts["leaves"] == {"x": {"right": 64.0, "wrong": 32.0}}
    assert x.grad is not None and x.grad.item() == 64.0


def test_without_a_branch_the_order_does_not_matter() -> None:
    x = tadori.tensor(2.0, requires_grad=True)
    with tadori.trace() as trace:
        (x.tanh() * 3.0).backward()
    assert naive_order(story_of(trace)).facts["leaves"] == {}
