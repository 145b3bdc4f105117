"""The recorder writes what really happened: order, lives, values, names, and no more."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from typing import Any
from weakref import ref

import numpy as np

import tadori
import tadori.nn.functional as F
from size import ROOT
from tadori import nn, optim
from tadori.autograd.hooks import observers


def record_steps(count: int = 2, **options: Any) -> Any:
    tadori.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 3))
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    x, t = tadori.randn(5, 2), tadori.tensor([0, 1, 2, 0, 1])
    with tadori.trace(**options) as trace:
        for _ in range(count):
            loss = F.cross_entropy(model(x), t)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert trace not in observers
    return trace


def of_kind(trace: Any, *kinds: str) -> list[dict[str, Any]]:
    return [event for event in trace.events if event["kind"] in kinds]


def test_the_order_of_the_walk_is_that_of_the_engine() -> None:
    trace = record_steps(1)
    ops = {e["node"]: e["op"] for e in of_kind(trace, "function")}
    visited = [ops[e["node"]] for e in of_kind(trace, "visit")]
    assert visited == ["CrossEntropy", "Linear", "Tanh", "Linear"]
    seqs = {e["node"]: e["seq"] for e in of_kind(trace, "function")}
    order = [seqs[e["node"]] for e in of_kind(trace, "visit")]
    assert order == sorted(order, reverse=True)
    names = {e["tensor"]: e.get("name") for e in of_kind(trace, "tensor")}
    written = [names[e["tensor"]] for e in of_kind(trace, "grad")]
    assert written == ["model.2.bias", "model.2.weight", "model.0.bias", "model.0.weight"]


def test_values_are_those_of_the_run() -> None:
    x = tadori.tensor([1.0, 2.0], requires_grad=True)
    with tadori.trace() as trace:
        y = x * x
        y.sum().backward()
    (product, _) = of_kind(trace, "function")
    assert product["outputs"][0]["value"] == {"whole": [1.0, 4.0]}
    (grad,) = of_kind(trace, "grad")
    assert grad["value"] == {"whole": [2.0, 4.0]}
    sent = [e for e in of_kind(trace, "sent") if "leaf" in e["to"]]
    assert [e["added"] for e in sent] == [False, True], "both factors are x: the second is added"


def test_large_values_are_summed_up_and_nan_counted() -> None:
    array = np.linspace(-1, 1, 1000, dtype=np.float32)
    array[7], array[8] = np.nan, np.inf
    with tadori.trace() as trace:
        tadori.tensor(array) * 1.0
    value = of_kind(trace, "function")[0]["outputs"][0]["value"]
    assert (value["nan"], value["inf"]) == (1, 1)
    assert (value["min"], value["max"]) == (-1.0, 1.0)
    assert sum(value["histogram"]) == value["sample"]


def test_numbers_that_numpy_makes_do_not_pile_up() -> None:
    """A gradient may be a NumPy scalar, whose end nobody can watch: it is counted out at once."""
    x = tadori.tensor(0.5, requires_grad=True)
    with tadori.trace() as trace:
        (x.exp() * 2.0).backward()
    born = {e["array"] for e in of_kind(trace, "born") if e["role"] == "gradient"}
    dead = {e.get("array") for e in of_kind(trace, "died")}
    kept = {e["array"] for e in of_kind(trace, "grad")}
    assert born - dead <= kept


def test_arrays_die_when_they_die() -> None:
    with tadori.trace() as trace:
        a = tadori.ones(3) * 2.0
        gone = ref(a)
        a = a + 1.0
        assert gone() is None, "the recorder keeps nothing alive"
        del a
        b = tadori.ones(3)
    made = [e["outputs"][0]["array"] for e in of_kind(trace, "function")]
    died = [e["array"] for e in of_kind(trace, "died") if "array" in e]
    assert [n for n in died if n in made] == made
    assert b.shape == (3,)


def local_variables() -> tuple[Any, Any]:
    with tadori.trace() as trace:
        first = tadori.ones(2) * 3.0
        second = first * 2.0
        del first
        third = second * 2.0
        del second
    return trace, third


def test_names_are_the_users() -> None:
    trace, _ = local_variables()
    named = [(e["kind"], e["name"]) for e in of_kind(trace, "name", "unname")]
    assert named == [("name", "first"), ("unname", "first"), ("name", "second")]


def test_looking_at_names_keeps_nothing_alive() -> None:
    def inner() -> Any:
        x = tadori.ones(3) * 2.0
        held = ref(x)
        y = x + 1.0
        z = y + 1.0
        x = y = None
        z = z + 1.0
        return held(), z

    with tadori.trace():
        held, _ = inner()
    assert held is None


def test_the_same_program_gives_the_same_recording() -> None:
    def story(trace: Any) -> list[dict[str, Any]]:
        left = ("time", "seconds")
        return [{k: v for k, v in e.items() if k not in left} for e in trace.events]

    gc.collect()
    assert story(record_steps()) == story(record_steps())


def test_the_document_is_json_and_its_tables_fit() -> None:
    trace = record_steps()
    document = json.loads(json.dumps(trace.data, allow_nan=False))
    assert (document["schema"], document["version"]) == ("tadori-trace", 1)
    for event in document["events"]:
        for file, line, *_ in document["stacks"][event["at"]]:
            text = document["files"][file]["text"].splitlines()
            assert 1 <= line <= len(text)
    at = next(e["at"] for e in document["events"] if e["kind"] == "zero_grad")
    file, line, column, _, end, function = document["stacks"][at][-1]
    source = document["files"][file]["text"].splitlines()[line - 1]
    assert source[column:end] == "optimizer.zero_grad()"
    assert function == "record_steps"


def test_the_update_is_told_in_numbers() -> None:
    trace = record_steps(1)
    for update in of_kind(trace, "update"):
        sample = update["sample"]
        m = 0.1 * sample["gradient"]
        assert np.isclose(sample["new_state"]["exp_avg"], m, rtol=1e-5)
        lr = update["options"]["lr"]
        step = lr * sample["gradient"] / (abs(sample["gradient"]) + 1e-8)  # Adam's first
        assert np.isclose(sample["new"], sample["value"] - step, rtol=1e-4)
    assert len(of_kind(trace, "update")) == 4


def test_steps_end_the_block() -> None:
    trace = record_steps(10**9, steps=3)
    assert [e["step"] for e in of_kind(trace, "stepped")] == [1, 2, 3]
    assert not of_kind(trace, "error")


def test_a_full_recording_counts_on() -> None:
    trace = record_steps(200, max_mb=0.1)
    left = trace.data["left_out"]
    assert left["functions"] > 500
    assert sum(n for _, _, n in left["counted"]) == left["functions"]
    assert len(json.dumps(trace.events)) < 0.25e6
    assert of_kind(trace, "stepped")[-1]["step"] == 200, "steps are told to the end"


def test_nothing_listens_when_nothing_records() -> None:
    program = "import sys, tadori.nn; print('tadori.tracing' in sys.modules)"
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
    assert not observers
