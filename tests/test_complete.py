"""Every Function is exercised by some row of the table."""

from __future__ import annotations

import tadori
from tadori.autograd.function import Function
from tadori.autograd.hooks import Observer, observe

from .cases import CASES


class Seen(Observer):
    def __init__(self):
        self.operations = set()

    def before_forward(self, operation, inputs, options):
        self.operations.add(operation)


def operations(base=Function):
    for cls in base.__subclasses__():
        if cls.__module__.startswith("tadori.") and "forward" in cls.__dict__:
            yield cls
        yield from operations(cls)


def test_every_operation_has_a_row():
    with observe(Seen()) as seen:
        for case in CASES:
            case.function(*(tadori.Tensor(a).requires_grad_() for a in case.inputs()))
    missing = sorted({f"{c.__module__}.{c.__name__}" for c in set(operations()) - seen.operations})
    assert not missing, f"add a row to tests/cases/ for: {', '.join(missing)}"


def test_names_are_unique():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
