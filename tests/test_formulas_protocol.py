"""Every formula is written in NumPy's language: arrays, Tensors and traced arrays can all read it.

`Recorded` is an array that has NumPy's protocols, indexing, and a few methods that all arrays have.
Each operation that the table of cases uses is run on it, forward and backward; what it wrote down
is then replayed on plain arrays and must give what the operation gives. An operation fails here if
it asks an array for something else: another method, its values, a place to write to.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.lib.mixins import NDArrayOperatorsMixin

import tadori
from tadori.autograd.engine import complete
from tadori.autograd.function import Function
from tadori.autograd.hooks import Observer, observe

from .cases import CASES
from .cases.case import Case

#: methods that NumPy's and CuPy's arrays and Tensors share; the quicker way to say np.sum(x)
METHODS = ("reshape", "sum", "swapaxes", "squeeze", "transpose")
#: and those that only arrays have, for `forward`, which no Tensor reads
ARRAY_METHODS = (*METHODS, "astype", "copy", "dot")
#: operations whose `forward` only real arrays can run, and why; their formulas are held to the rule
ARRAYS_ONLY = {
    "SetItem": "its meaning is to write",
    "Pad": "fills a new array, once",
    "BinCount": "refuses negative numbers, and looks for them",
    "Cholesky": "brings the turned result into order in memory",
    "AsStrided": "its meaning is the memory in which the input lies, beyond its own elements",
}


@dataclass
class Tape:
    """The calls made, in order: (function, arguments, options, numbers of the results)."""

    methods: tuple[str, ...] = METHODS
    calls: list[tuple[Any, Any, Any, Any]] = field(default_factory=list)
    inputs: dict[int, Any] = field(default_factory=dict)
    count: int = 0

    def place(self, value: Any) -> Any:
        """A recorded array for a result; lists and tuples of them; anything else as it is."""
        if isinstance(value, tuple | list):
            parts = [self.place(v) for v in value]
            named = hasattr(value, "_fields")
            return type(value)(*parts) if named else type(value)(parts)
        if not isinstance(value, np.ndarray | np.generic):
            return value
        self.count += 1
        return Recorded(self, self.count, value)

    def input(self, value: Any) -> Any:
        """A recorded array for an array that is given; numbers, None and others as they are."""
        if isinstance(value, tuple | list):
            return type(value)(map(self.input, value))
        recorded = self.place(value) if isinstance(value, np.ndarray) else value
        if isinstance(recorded, Recorded):
            self.inputs[recorded.number] = value
        return recorded

    def call(self, function: Callable[..., Any], args: Any, options: Any) -> Any:
        """Compute, and write the call down."""
        value = function(*values_of(args), **values_of(options))
        result = self.place(value)
        self.calls.append((function, strip(args), strip(options), strip(result)))
        return result

    def replay(self, result: Any) -> Any:
        """`result`, computed again from the inputs by the calls alone."""
        known = dict(self.inputs)
        for function, args, options, places in self.calls:
            fill(known, places, function(*lookup(known, args), **lookup(known, options)))
        return lookup(known, strip(result))


class Recorded(NDArrayOperatorsMixin):
    """NumPy's protocols and operators, indexing, and what is known without the values."""

    def __init__(self, tape: Tape, number: int, value: Any) -> None:
        self._tape, self.number, self._value = tape, number, value
        self.shape, self.ndim = value.shape, value.ndim
        self.dtype, self.size = value.dtype, value.size

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        if "out" in options or method == "at":
            raise TypeError(f"np.{ufunc.__name__} writes in place")
        return self._tape.call(getattr(ufunc, method), args, options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if options.get("out") is not None:
            raise TypeError(f"np.{function.__name__} writes in place")
        return self._tape.call(function, args, options)

    def __getitem__(self, index: Any) -> Any:
        return self._tape.call(operator.getitem, (self, index), {})

    def __getattr__(self, name: str) -> Any:
        if name == "T":
            return np.transpose(self)
        if name not in self._tape.methods:
            raise AttributeError(f"asks an array for .{name}")
        method = getattr(np.ndarray, name)
        return lambda *args, **options: self._tape.call(method, (self, *args), options)

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise TypeError("something asks for the values of an array")

    def __bool__(self) -> bool:
        raise TypeError("something branches on the values of an array")

    def __iter__(self) -> Any:
        raise TypeError("something iterates over an array")

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Slot:
    """The place of a recorded array in a call."""

    number: int


def walk(tree: Any, leaf: Callable[[Any], Any]) -> Any:
    """`tree` (tuples, lists, dicts, slices) with every leaf replaced."""
    if isinstance(tree, tuple | list):
        parts = [walk(t, leaf) for t in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    if isinstance(tree, dict):
        return {k: walk(t, leaf) for k, t in tree.items()}
    return leaf(tree)


def values_of(tree: Any) -> Any:
    return walk(tree, lambda x: x._value if isinstance(x, Recorded) else x)


def strip(tree: Any) -> Any:
    return walk(tree, lambda x: Slot(x.number) if isinstance(x, Recorded) else x)


def lookup(known: dict[int, Any], tree: Any) -> Any:
    return walk(tree, lambda x: known[x.number] if isinstance(x, Slot) else x)


def fill(known: dict[int, Any], places: Any, values: Any) -> None:
    if isinstance(places, Slot):
        known[places.number] = values
    elif isinstance(places, tuple | list):
        for place, value in zip(places, values, strict=True):
            fill(known, place, value)


# ------------------------------------------------------------------------------- what is run on it


class Calls(Observer):
    """Every call of an operation: (node, arrays, options, arrays of the outputs).

    The arrays are copies: they may be written in place later.
    """

    def __init__(self):
        self.calls, self.begun = [], []

    def before_forward(self, operation, inputs, options):
        self.begun.append((operation, [copy_of(x) for x in inputs], options))

    def after_forward(self, node, inputs, outputs):
        operation, arrays, options = self.begun.pop()
        assert operation is type(node)
        self.calls.append((node, arrays, options, tuple(map(copy_of, outputs))))


def copy_of(x: Any) -> Any:
    array = getattr(x, "array", x)
    return array.copy() if isinstance(array, np.ndarray) else array


def calls_of(case: Case) -> list[Any]:
    """The operations behind a row, with what they were called with; those of `forward` methods."""
    leaves = [tadori.Tensor(a).requires_grad_() for a in case.inputs()]
    with observe(Calls()) as calls:
        held = case.function(*leaves)  # nodes must live
    found = [call for call in calls.calls if hasattr(type(call[0]), "forward")]
    return [(held, *call) for call in found]


def where(formula: Any) -> str:
    """The file and line of a formula."""
    formula = inspect.unwrap(getattr(formula, "__func__", formula))
    code = formula.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def compare(tape: Tape, found: Any, expected: Any) -> None:
    for y, e in zip(tape.replay(found), expected, strict=True):
        if e is None or y is None:
            assert y is e
        elif np.asarray(e).dtype.kind in "fc":
            np.testing.assert_allclose(y, e, rtol=1e-10, atol=1e-13)
        else:
            np.testing.assert_array_equal(y, e)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_forward(case: Case) -> None:
    for _, node, arrays, options, expected in calls_of(case):
        cls, tape = type(node), Tape(ARRAY_METHODS)
        if cls.__name__ in ARRAYS_ONLY:
            continue
        try:
            found = cls.forward(cls(), *map(tape.input, arrays), **options)
        except Exception as error:
            pytest.fail(f"{cls.__name__} at {where(cls.forward)}: {error!r}")
        compare(tape, found if isinstance(found, tuple) else (found,), expected)


@pytest.mark.parametrize("case", [c for c in CASES if c.first], ids=lambda case: case.name)
def test_backward(case: Case) -> None:
    for _, node, _, _, results in calls_of(case):
        if not hasattr(node, "plan"):
            continue
        rng = np.random.default_rng(0)
        gradients = [rng.uniform(0.5, 1.5, y.shape).astype(y.dtype) for y in results]
        several = isinstance(node.ref, tuple)
        expected = gradients_of(node, gradients if several else gradients[0], node.saved)
        tape = Tape()
        try:
            given = [tape.input(g) for g in gradients]
            kept = [tape.input(value) for value in node.saved]
            found = gradients_of(node, given if several else given[0], kept)
        except Exception as error:
            formulas = type(node).signature.joint or next(
                iter(type(node).signature.single.values())
            )
            pytest.fail(f"{node.name()} at {where(formulas)}: {error!r}")
        compare(tape, found, expected)


def gradients_of(node: Function, gradient: Any, saved: Any) -> list[Any]:
    """What the walk back does at one node."""
    plan = node.plan
    if plan.joint is not None:
        saved = plan.joint(node, complete(gradient, node), saved)
    found = []
    for formula, argument, _ in plan.steps:
        if argument is None:
            found.append(formula(node, gradient))
        elif isinstance(argument, int):
            found.append(formula(node, gradient, saved[argument]))
        else:
            found.append(formula(node, gradient, *argument(saved)))
    return found


# ---------------------------------------------------------------------------------- test the tester


class Base(Function):
    def forward(self, x):
        return np.tanh(x) * 2.0

    def backward(self, gy, x):
        return gy * x


def run(formula: Callable[[Any], Any]) -> Any:
    tape = Tape()
    x = np.array([1.0, 2.0])
    found = formula(tape.input(x))
    np.testing.assert_array_equal(tape.replay(found), formula(x))
    return tape


def test_calls_are_written_down_and_replayed() -> None:
    tape = run(lambda x: np.sum(np.concatenate([x, x * 2.0])[1:], axis=0))
    names = [call[0].__name__ for call in tape.calls]
    assert names == ["multiply", "concatenate", "getitem", "sum"] or names[0] == "__call__"
    assert len(tape.calls) == 4


WRONG = {
    "a method": lambda x: x.argsort(),
    "an update": lambda x: operator.iadd(x, 1.0),
    "out=": lambda x: np.exp(x, out=x),
    "an assignment": lambda x: operator.setitem(x, 0, 1.0),
    "a branch": lambda x: x if x[0] > 0 else -x,
    "a number from an array": lambda x: float(x[0]),
    "a conversion": lambda x: np.asarray(x),
    "a loop": lambda x: list(x),
    "add.at": lambda x: np.add.at(x, 0, 1.0),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_formulas_must_not_do_is_caught(name: str) -> None:
    with pytest.raises((TypeError, AttributeError)):
        run(WRONG[name])
