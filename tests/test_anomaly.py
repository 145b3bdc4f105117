"""Finding the operation that made a NaN or an infinity."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori import Tensor
from tadori.autograd import detect_anomaly, set_detect_anomaly
from tadori.autograd.function import Function
from tadori.autograd.hooks import observers

pytestmark = pytest.mark.allow_fp_faults


def leaf(*numbers: float) -> Tensor:
    return Tensor(np.array(numbers)).requires_grad_()


class Root(Function):
    """A square root whose derivative at 0 is infinite."""

    def forward(self, x):
        return np.sqrt(x)

    def backward(self, gy, y):
        return gy * 0.5 / y


class Ratio(Function):
    """sin(x) / x written without care, whose derivative at 0 is NaN."""

    def forward(self, x):
        return x * 1.0

    def backward(self, gy, x):
        return gy * x / x


FORWARD = {
    "log of a negative number": (lambda x: np.log(x - 3.0), "Log made NaN", "2 of 3", r"\[0\]"),
    "log of zero and less": (lambda x: np.log(x - 2.0), "Log made NaN", "1 of 3", r"\[0\]"),
    "overflow": (lambda x: np.exp(x * 300.0), "Exp made infinity", "1 of 3", r"\[2\]"),
    "division": (lambda x: x / (x - 2.0), "Divide made infinity", "1 of 3", r"\[1\]"),
    "difference of infinities": (
        lambda x: x * Tensor(np.array([1.0, np.inf, 1.0])) - Tensor(np.full(3, np.inf)),
        "Subtract made NaN from an infinity",
        "1 of 3",
        r"\[1\]",
    ),
    "NaN in the data": (
        lambda x: x + Tensor(np.array([np.nan, 1.0, 1.0])),
        "Add passed on NaN",
        "1 of 3",
        r"\[0\]",
    ),
}


@pytest.mark.parametrize("name", FORWARD)
def test_the_first_operation_in_the_forward_pass(name: str) -> None:
    function, what, count, first = FORWARD[name]
    operation, words = what.split(" ", 1)
    with detect_anomaly(), pytest.raises(RuntimeError) as caught:
        function(leaf(1.0, 2.0, 3.0)) * 2.0
    message = str(caught.value)
    assert message.startswith(f"anomaly in the forward pass: <{operation}> {words}: {count}")
    assert f"the first at {first}".replace("\\", "") in message
    assert "test_anomaly.py:" in message
    assert "float64(3,)" in message


def test_inputs_are_described_with_their_range() -> None:
    with detect_anomaly(), pytest.raises(RuntimeError, match=r"float64\(2,\) in \[-4, 9\]"):
        np.log(leaf(-4.0, 9.0))


def test_infinities_that_are_meant_pass() -> None:
    """-inf in a mask is written there on purpose, and goes through exp to 0."""
    x = leaf(1.0, 2.0)
    with detect_anomaly():
        masked = np.where(np.array([True, False]), x, float("-inf"))
        np.sum(np.exp(masked)).backward()
    np.testing.assert_allclose(x.grad.array, [np.e, 0.0])


def test_integers_and_what_is_not_recorded() -> None:
    with detect_anomaly():
        assert (Tensor(np.arange(3)) * 2).array.tolist() == [0, 2, 4]
        with tadori.no_grad(), pytest.raises(RuntimeError, match="<Log> made"):
            np.log(Tensor(np.zeros(2)))


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_first_operation_in_the_backward_pass(create_graph: bool) -> None:
    x = leaf(0.0, 1.0)
    with detect_anomaly():
        y = np.sum(Root.apply(x * 1.0) * 3.0)
        with pytest.raises(RuntimeError) as caught:
            y.backward(create_graph=create_graph)
    message = str(caught.value)
    assert "made infinity: 1 of 2 elements, the first at [0]" in message
    notes = " ".join(caught.value.__notes__)
    assert "<Root>" in notes
    assert "test_anomaly.py:" in notes
    if not create_graph:  # then the formula's own operation is named first
        assert "in the backward pass: <Root>, called at" in message
        assert "input 0" in message
        assert "from float64(2,) in [3, 3]" in message


def test_a_nan_made_in_backward() -> None:
    x = leaf(0.0, 1.0)
    with detect_anomaly():
        y = np.sum(Ratio.apply(x))
        with pytest.raises(RuntimeError, match=r"<Ratio>.*it made NaN: 1 of 2"):
            y.backward()


def test_a_nan_that_came_in_is_passed_on() -> None:
    x = leaf(0.0, 1.0)
    with detect_anomaly():
        y = x * 2.0
        with pytest.raises(RuntimeError, match=r"<Multiply>.*it passed on NaN: 2 of 2"):
            y.backward(np.full(2, np.nan))


def test_nodes_made_before_have_no_line() -> None:
    y = np.sum(Ratio.apply(leaf(0.0)))
    with detect_anomaly(), pytest.raises(RuntimeError, match="called at an unknown line"):
        y.backward()


def test_check_nan_false_notes_lines_only() -> None:
    x = leaf(0.0)
    with detect_anomaly(check_nan=False):
        y = np.log(x)
        y.backward()
    assert "test_anomaly.py" in y.creator.line
    assert np.isinf(x.grad.array).all()


def test_it_ends_with_its_block() -> None:
    with pytest.raises(KeyError), detect_anomaly():
        raise KeyError
    assert observers == []
    assert np.isinf(np.log(leaf(0.0)).array).all()

    @detect_anomaly()
    def function():
        return np.log(leaf(0.0))

    for _ in range(2):
        with pytest.raises(RuntimeError, match="anomaly"):
            function()
    assert observers == []


def test_set_detect_anomaly() -> None:
    set_detect_anomaly(True)
    try:
        with pytest.raises(RuntimeError, match="anomaly"):
            np.log(leaf(0.0))
        with set_detect_anomaly(False):
            assert np.isinf(np.log(leaf(0.0)).array).all()
        with pytest.raises(RuntimeError, match="anomaly"):
            np.log(leaf(0.0))
    finally:
        set_detect_anomaly(False)
    with set_detect_anomaly(True), pytest.raises(RuntimeError, match="anomaly"):
        np.log(leaf(0.0))
    assert observers == []
