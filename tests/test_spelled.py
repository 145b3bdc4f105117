"""The call that is spelled out does what the general one does: `observe` sends all calls there."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tadori
from tadori.autograd import saved
from tadori.autograd.hooks import Observer, observe
from tadori.dispatch import operations

from .cases import CASES

FEW = [case for case in CASES if 1 <= len(case.shapes) <= 3]


def run(case):
    inputs = [tadori.Tensor(a).requires_grad_() for a in case.inputs("float32")]
    found = case.function(*inputs)
    outputs = [
        y for y in (found if isinstance(found, tuple | list) else (found,)) if y.requires_grad
    ]
    kept = [
        (node.name(), [name for name, _ in node.kept()])
        for node in {id(y.creator): y.creator for y in outputs if y.creator}.values()
    ]
    total = sum((y * (i + 1)).sum() for i, y in enumerate(outputs))
    listed = len(saved(total)) if outputs else 0
    if outputs:
        total.backward()
    return outputs, kept, listed, [x.grad for x in inputs]


@pytest.mark.parametrize("case", FEW, ids=lambda case: case.name)
def test_both_ways_agree(case):
    with observe(Observer()):
        general = run(case)
    quick = run(case)
    assert quick[1:3] == general[1:3]
    for mine, other in zip((*quick[0], *quick[3]), (*general[0], *general[3]), strict=True):
        assert (mine is None) == (other is None)
        if mine is not None:
            np.testing.assert_array_equal(mine.detach().numpy(), other.detach().numpy())


def test_errors_are_explained_in_both():
    a, b = tadori.ones(2, 3, requires_grad=True), tadori.ones(4, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"Add\(float32\(2, 3\), float32\(4,\)\)"):
        a + b


def test_its_text_can_be_read():
    text = inspect.getsource(operations[np.multiply])
    assert "array = forward(node, x0, x1)" in text


def test_each_operation_has_code_of_its_own():
    """Shared code would be quickened for one operation's globals and slow for all others."""
    spelled = [call for call in operations.values() if inspect.isfunction(call)]
    calls = {call for call in spelled if call.__name__ == "apply"}
    assert len({id(call.__code__) for call in calls}) == len(calls) > 50
