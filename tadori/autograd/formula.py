"""How a Function's formulas are read: from the names in their signatures to what a node keeps.

`Signature` reads a Function class once; `Plan` is made once for each set of inputs that want a
gradient.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

Formula = Callable[..., Any]
Argument = Any  # None, a number, or a function: see Plan


class Value(NamedTuple):
    """One of the values of a node: the inputs, the outputs, the inputs' shapes, in this order."""

    number: int
    kind: str  # "input", "output" or "shape"
    place: int  # among those of its kind


REQUIRED = inspect.Parameter.empty


class Names:
    """The parameter names of an unbound method, without `self`; the last may be the variadic one.

    Read from the code object: `inspect.signature` takes twenty times as long, and there are
    hundreds of formulas to read when Tadori is imported.
    """

    def __init__(self, function: Any) -> None:
        code = function.__code__
        count = code.co_argcount
        names = list(code.co_varnames)
        self.positional = names[1:count]
        self.options = names[count : count + code.co_kwonlyargcount]
        self.variadic = bool(code.co_flags & inspect.CO_VARARGS)
        self.all_options = bool(code.co_flags & inspect.CO_VARKEYWORDS)
        if self.variadic:
            self.positional.append(names[count + code.co_kwonlyargcount])


class Signature:
    """The names in `forward` and in the formulas of one Function class."""

    inputs: list[str]
    outputs: list[str]
    arity: int
    variadic: bool
    defaults: dict[str, Any]
    joint: Formula | None
    single: dict[str, Formula]
    values: dict[str, Value]

    def __init__(self, cls: Any) -> None:
        self.name = cls.__name__
        names = Names(cls.forward)
        self.inputs = names.positional
        self.outputs = list(cls.returns)
        self.one_output = len(self.outputs) == 1 and not cls.many
        self.variadic = names.variadic
        self.arity = -1 if self.variadic else len(self.inputs)
        last = cls.forward.__defaults__ or ()
        self.optional = dict(zip(self.inputs[len(self.inputs) - len(last) :], last, strict=True))
        defaults = cls.forward.__kwdefaults__ or {}
        self.defaults = {name: defaults.get(name, REQUIRED) for name in names.options}
        self.joint = getattr(cls, "backward", None)
        self.single = {}
        for name in self.inputs:
            if hasattr(cls, f"grad_{name}"):
                self.single[name] = getattr(cls, f"grad_{name}")
        formulas = list(self.single.values())
        if self.joint is not None:
            formulas.append(self.joint)
        self.differentiable = bool(formulas)
        named = [name for formula in formulas for name in Names(formula).positional]
        self.shapes = any(name.endswith("_shape") for name in named)
        self.values = self._values()

    def _values(self) -> dict[str, Value]:
        """What a formula that names one of these means by it."""
        values = {}
        first = len(self.inputs)
        last = first + len(self.outputs)
        for i, name in enumerate(self.inputs):
            values[name] = Value(i, "input", i)
            values[f"{name}_shape"] = Value(last + i, "shape", i)
        for i, name in enumerate(self.outputs):
            values[name] = Value(first + i, "output", i)
        return values

    def left_out_as_none(self, i: int) -> bool:
        """Whether None stands for input `i` when the caller leaves it out."""
        return self.optional.get(self.inputs[i], REQUIRED) is None

    def bind(self, args: Any, kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Sort a call in NumPy's manner into inputs and options, with the defaults filled in.

        NumPy's own keywords that Tensors do not take (`out`, `where`, ...) may be there with their
        default.
        """
        if self.variadic:
            return tuple(args), {**self.defaults, **kwargs}
        names = [*self.inputs, *self.defaults]
        if len(args) > len(names):
            raise TypeError(f"{self.name} takes {len(names)} arguments, but {len(args)} were given")
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name in given:
                raise TypeError(f"{self.name} got two values for its argument {name!r}")
            if name in names:
                given[name] = value
            elif not _is_default(name, value):
                raise TypeError(f"{self.name} got an unexpected argument {name!r}")
        values = {**self.optional, **self.defaults, **given}
        missing = [name for name in names if values.get(name, REQUIRED) is REQUIRED]
        if missing:
            raise TypeError(f"{self.name} lacks its argument {missing[0]!r}")
        return tuple(values[name] for name in self.inputs), {n: values[n] for n in self.defaults}


def _is_default(keyword: str, value: Any) -> bool:
    return value is None or value is True or value is np._NoValue or keyword == "casting"


class Plan:
    """For one set of wanted inputs of one Function: what a node keeps, and which formulas run.

    kept: the values that some formula names; numbers: theirs.
    save: the function of the inputs' arrays and the (one) output's that gives what is kept, in the
    order of the numbers; None if nothing is.
    constants: the numbers of the inputs that want no gradient.

    Each step is (formula, argument, number of an input): the gradient of that input is
    `formula(node, gy)`, `formula(node, gy, values[argument])` or `formula(node, gy,
    *argument(values))`, where `argument` is None, a number, or a function. If one formula gives
    several gradients, or has several coming in, it is `joint(node, gradients, values)`, and each
    step takes its own from the result.
    """

    __slots__ = ("constants", "joint", "kept", "numbers", "save", "steps")

    kept: list[Value]
    joint: Formula | None
    save: Callable[..., tuple[Any, ...]] | None
    steps: tuple[tuple[Formula, Argument, int], ...]

    def __init__(self, signature: Signature, wanted: int) -> None:
        self.kept = []
        self.joint = None
        inputs = [i for i in range(wanted.bit_length()) if wanted >> i & 1]
        if signature.joint is not None and signature.arity != 1:
            self.joint = self._merged(signature, signature.joint)
            self.steps = tuple((_given, i, i) for i in inputs)
        else:
            self._one_by_one(signature, inputs)
        self.numbers = {value.number for value in self.kept}
        count = range(len(signature.inputs))
        self.constants = tuple(i for i in count if i not in inputs)
        self.save = _saver(len(count), self.kept) if self.kept and signature.one_output else None

    def _one_by_one(self, signature: Signature, inputs: list[int]) -> None:
        """Steps for formulas that each give the gradient of one input."""
        formulas = []
        for i in inputs:
            formula = signature.joint or signature.single.get(signature.inputs[i])
            if formula is not None:
                formulas.append((formula, i))
        if signature.one_output:
            self.steps = tuple((*self._alone(signature, f), i) for f, i in formulas)
        else:
            self.joint = _together([self._merged(signature, f) for f, _ in formulas])
            self.steps = tuple((_given, k, i) for k, (_, i) in enumerate(formulas))

    def _alone(self, signature: Signature, formula: Formula) -> tuple[Formula, Argument]:
        """A formula for the gradient of one output, and its argument."""
        _, places, options = self._read(signature, formula)
        formula = _with_options(formula, options)
        if len(places) < 2:
            return formula, places[0] if places else None
        return formula, itemgetter(*places)

    def _merged(self, signature: Signature, formula: Formula) -> Formula:
        """A formula called with the list of all outputs' gradients and the list of values."""
        gradients, places, options = self._read(signature, formula)
        inner = _with_options(formula, options)
        if Names(formula).variadic:  # `*gys`: the gradients of all outputs, however many
            return lambda node, incoming, values: inner(node, *incoming)

        def call(node: Any, incoming: list[Any], values: Any) -> Any:
            return inner(node, *[incoming[i] for i in gradients], *[values[i] for i in places])

        return call

    def _read(self, signature: Signature, formula: Formula) -> tuple[list[int], ...]:
        """What the parameters' names mean: numbers of gradients, numbers of values, options."""
        gradients: list[int] = []
        places: list[int] = []
        names = Names(formula)
        options: list[Any] = list(signature.defaults) if names.all_options else []
        for name in (*names.positional[: -1 if names.variadic else None], *names.options):
            if name[0] == "g" and name[1:] in signature.outputs:
                gradients.append(signature.outputs.index(name[1:]))
            elif name == "gys":  # `*gys`: those of all outputs, however many the class has
                gradients.extend(range(len(signature.outputs)))
            elif name in signature.values:
                value = signature.values[name]
                places.append(value.number)
                if value not in self.kept:
                    self.kept.append(value)
            elif name in signature.defaults:
                options.append(name)
            else:
                raise TypeError(
                    f"{formula.__qualname__} names {name!r}, which is no value of this Function. "
                    f"It has {', '.join([*signature.values, *signature.defaults])}, and the "
                    f"gradients {', '.join('g' + y for y in signature.outputs)}"
                )
        return gradients, places, options


class Plans(dict[int, Plan]):
    """The plans of one Function, by the set of wanted inputs; each is made when first asked for."""

    def __init__(self, signature: Signature) -> None:
        super().__init__()
        self.signature = signature

    def __missing__(self, wanted: int) -> Plan:
        return self.setdefault(wanted, Plan(self.signature, wanted))


def _saver(inputs: int, kept: list[Value]) -> Callable[..., tuple[Any, ...]]:
    """For `a * b` with both kept, `lambda x0, x1, y: (x0, x1)`; a value that is not kept is None.

    Written out and compiled, because it runs at every call that is recorded.
    """
    spelled = {"input": "x{}", "output": "y", "shape": "getattr(x{}, 'shape', ())"}
    values = ["None"] * (1 + max(value.number for value in kept))
    for number, kind, place in kept:
        values[number] = spelled[kind].format(place)
    arrays = ", ".join(f"x{i}" for i in range(inputs))
    return eval(f"lambda {arrays}, y: ({', '.join(values)},)")


def _with_options(formula: Formula, options: list[Any]) -> Formula:
    if not options:
        return formula

    def call(node: Any, *values: Any) -> Any:
        return formula(node, *values, **{name: node.options[name] for name in options})

    return call


def _together(formulas: list[Formula]) -> Formula:
    return lambda node, gradients, values: [f(node, gradients, values) for f in formulas]


def _given(node: Any, gradient: Any, result: Any) -> Any:
    """The step after a joint formula: the gradient is there already."""
    return result
