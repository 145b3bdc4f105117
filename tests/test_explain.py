"""Explanations, and debug mode which they draw on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

import tadori
from tadori import Tensor
from tadori.autograd import is_debug_enabled, saved, set_debug, why_no_grad
from tadori.autograd.debug import cuts, recorded_arrays
from tadori.autograd.function import Function


def leaf(*numbers: float) -> Tensor:
    return Tensor(np.array(numbers, "float32")).requires_grad_()


@pytest.fixture
def debug() -> Iterator[None]:
    set_debug(True)
    yield
    set_debug(False)


def here(offset: int = 0) -> str:
    """The place of the line that calls this, as messages name it."""
    return f"test_explain.py:{sys._getframe(1).f_lineno + offset}"


def one_sentence(text: str) -> bool:
    return text.endswith(".") and ". " not in text.replace(".data", "data")


# ------------------------------------------------------------------------- without debug mode


def test_a_tensor_that_has_a_gradient() -> None:
    x = leaf(1.0)
    np.sum(x).backward()
    assert why_no_grad(x) == "This tensor has a gradient."


def test_not_a_leaf() -> None:
    y = leaf(1.0) * 2.0
    text = why_no_grad(y)
    assert text.startswith("It is not a leaf: <Multiply> made it")
    assert "retain_grad()" in text
    assert one_sentence(text)
    y.retain_grad()
    assert why_no_grad(y).startswith("It requires a gradient, but no backward has reached it")


def test_integers() -> None:
    assert why_no_grad(Tensor(np.arange(3))).startswith("It is int64")


def test_not_required() -> None:
    x = Tensor(np.ones(2, "float32"))
    for tensor in (x, x * 2.0, leaf(1.0).detach()):
        text = why_no_grad(tensor)
        assert text.startswith("It does not require a gradient")
        assert "TADORI_DEBUG=1" in text
        assert one_sentence(text)


def test_not_reached_yet() -> None:
    x = leaf(1.0)
    assert "no backward has reached it yet" in why_no_grad(x)
    loss = np.sum(x * 2.0)
    assert why_no_grad(x, loss) == "The graph of the loss leads to it: call loss.backward()."
    assert why_no_grad(x, x).startswith("The graph of the loss leads to it")


def test_another_graph() -> None:
    x, w = leaf(1.0), leaf(2.0)
    text = why_no_grad(x, np.sum(w * 2.0))
    assert text.startswith("The graph of the loss does not lead to it")
    assert "TADORI_DEBUG=1" in text


def test_a_loss_without_a_graph() -> None:
    x = leaf(1.0)
    with tadori.no_grad():
        loss = np.sum(x)
    assert why_no_grad(x, loss).startswith("Backward cannot start at the loss.")


# ------------------------------------------------------------------------------- in debug mode


def test_every_node_knows_its_line(debug: None) -> None:
    y = leaf(1.0) * 2.0
    line = here(-1)
    assert y.creator.line.endswith(line)
    assert line in why_no_grad(y)


def test_cut_by_no_grad(debug: None) -> None:
    x = leaf(1.0)
    with tadori.no_grad():
        y = x * 2.0
        line = here(-1)
    for tensor in (y, y * 3.0, np.sum(y * 3.0 + 1.0)):
        text = why_no_grad(tensor)
        assert f"{line}: <Multiply> was computed under no_grad" in text
        assert one_sentence(text)


def test_cut_by_detach(debug: None) -> None:
    x = leaf(1.0, 2.0)
    y = x * 2.0
    made = here(-1)
    d = y.detach()
    text = why_no_grad(d)
    assert "cut by detach() or .data" in text
    assert "the output of <Multiply> at" in text
    assert made in text
    z = np.sum(d * 3.0)
    used = here(-1)
    assert made in why_no_grad(z)
    assert used in why_no_grad(z)
    assert "a leaf used at" in why_no_grad(x.detach())


def test_cut_by_integers(debug: None) -> None:
    x = leaf(1.0, 2.0)
    y = np.argmax(x)
    line = here(-1)
    assert f"{line}: <ArgMax> gives integers" in why_no_grad(y * 1.5)
    assert why_no_grad(y).startswith("It is int64")


def test_cut_by_an_operation_without_a_derivative(debug: None) -> None:
    class Mystery(Function):
        def forward(self, x):
            return x * 1.0

    y = Mystery.apply(leaf(1.0, 2.0))
    line = here(-1)
    assert f"{line}: <Mystery> has no derivative" in why_no_grad(y * 1.5)


def test_a_constant_was_never_cut(debug: None) -> None:
    assert "nothing that it was made from does" in why_no_grad(Tensor(np.ones(2)) * 2.0)


def test_a_loss_that_does_not_lead_to_it(debug: None) -> None:
    x, w = leaf(1.0), leaf(2.0)
    hidden = x * 2.0
    loss = np.sum(hidden.detach() * w)
    line = here(-1)
    text = why_no_grad(x, loss)
    assert "does not lead to it; an input of <Multiply> was cut by detach()" in text
    assert line in text
    assert "used last at" in why_no_grad(x)


def test_notes_are_forgotten_with_their_tensors(debug: None) -> None:
    before = len(cuts.entries), len(recorded_arrays.entries)
    x = leaf(1.0)
    with tadori.no_grad():
        y = x * 2.0
    z = y * x
    assert len(cuts.entries) == before[0] + 1
    del x, y, z
    assert (len(cuts.entries), len(recorded_arrays.entries)) == before


def test_errors_in_backward_name_the_line(debug: None) -> None:
    y = leaf(1.0, 2.0) * 2.0
    line = here(-1)
    y.register_hook(lambda g: {}["missing"])
    with pytest.raises(KeyError) as caught:
        np.sum(y).backward()
    assert line in caught.value.__notes__[0]


@pytest.mark.parametrize("retain_graph", [False, True])
def test_edits_that_tadori_does_not_see_are_caught(debug: None, retain_graph: bool) -> None:
    x = leaf(1.0, 2.0)
    y = np.sum(x * x)
    line = here(-1)
    x.detach().numpy()[0] = 5.0
    with pytest.raises(RuntimeError, match="changed since, unseen by Tadori") as caught:
        y.backward(retain_graph=retain_graph)
    assert line in str(caught.value)


def test_an_edit_between_two_passes_is_caught(debug: None) -> None:
    x = leaf(1.0, 2.0)
    y = np.sum(x * x)
    y.backward(retain_graph=True)
    x.array[0] = 5.0
    with pytest.raises(RuntimeError, match="unseen by Tadori"):
        y.backward()


def test_edits_that_matter_to_nobody_are_fine(debug: None) -> None:
    x = leaf(1.0, 2.0)
    y = np.sum(x + x)
    x.array[0] = 5.0
    y.backward()
    w = leaf(1.0, 2.0)
    z = np.sum(w * w)
    z.backward()
    w.array[0] = 5.0  # as a step of an optimizer does


def test_writes_in_place_that_tadori_sees_are_not_its_business(debug: None) -> None:
    x = leaf(1.0, 2.0)
    a = x * 2.0
    a *= a  # keeps what it overwrites
    a += 1.0
    np.sum(a).backward()
    assert x.grad.array.tolist() == [8.0, 16.0]


def test_what_is_witnessed_is_let_go(debug: None) -> None:
    x = leaf(1.0, 2.0)
    a = x * x
    y = np.sum(a)
    assert a.creator.witness
    y.backward()
    assert not hasattr(a.creator, "witness")


def test_switching() -> None:
    assert not is_debug_enabled()
    set_debug(True)
    set_debug(True)
    assert is_debug_enabled()
    set_debug(False)
    assert not is_debug_enabled()
    set_debug(False)
    assert not hasattr((leaf(1.0) * 2.0).creator, "line")


@pytest.mark.parametrize(("setting", "expected"), [("1", "True"), ("0", "False"), ("", "False")])
def test_the_environment_switches_it_on(setting: str, expected: str) -> None:
    program = "from tadori.autograd import is_debug_enabled; print(is_debug_enabled())"
    environment = {**os.environ, "TADORI_DEBUG": setting}
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == expected, run.stderr


# ------------------------------------------------------------------------------ what is saved


def test_saved_lists_what_nodes_keep() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    w.name = "weight"
    a = x * w
    b = a * a
    rows = saved(np.sum(b))
    assert [r.node for r in rows] == [b.creator] * 2 + [a.creator] * 2, "newest first"
    assert {(r.name, r.bytes) for r in rows} == {("a", 8), ("b", 8)}
    assert rows[0].array is rows[1].array is a.array
    assert [r.shared for r in rows[:2]] == ["", f"Multiply {rows[0].name}"]
    assert {r.name: r.shared for r in rows[2:]} == {"a": "leaf of shape (2,)", "b": "leaf weight"}
    assert rows.total == 8


def test_saved_prints_as_a_table() -> None:
    x = leaf(1.0, 2.0)
    text = repr(saved(np.sum(x * x * 2.0)))
    assert text.splitlines()[0].split() == [
        "operation",
        "keeps",
        "array",
        "bytes",
        "shared",
        "with",
    ]
    assert "Multiply" in text
    assert "float32(2,)" in text
    assert text.splitlines()[-1] == "total 0 bytes"


def test_nothing_is_saved_after_backward_or_without_a_graph() -> None:
    x = leaf(1.0, 2.0)
    y = np.sum(x * x)
    y.backward()
    assert saved(y) == []
    assert saved(Tensor(np.ones(2))) == []
    assert saved(y).total == 0


def test_lists_of_arrays_are_rows_each() -> None:
    x = leaf(1.0, 2.0)
    rows = saved(np.sum(np.einsum("i,i->", x * 2.0, x * 3.0)))
    assert rows.total == 16


def test_a_deep_graph_needs_no_recursion() -> None:
    x = y = leaf(1.0)
    for _ in range(20_000):
        y = y * x
    assert len(saved(y)) == 40_000
    assert why_no_grad(x, y).startswith("The graph of the loss leads to it")
