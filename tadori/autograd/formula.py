"""How a Function's formulas are read: from the names in their signatures to what a node keeps.

`Signature` reads a Function class once; `Plan` is made once for each set of inputs that want a
gradient.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import numpy as np

Formula = Callable[..., Any]
Pick = Callable[[Any], tuple[Any, ...]]


class Signature:
    """The names in `forward` and in the formulas of one Function class."""

    def __init__(self, cls: Any) -> None:
        parameters = list(inspect.signature(cls.forward).parameters.values())[1:]
        options = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
        positional = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
        self.inputs = [p.name for p in positional]
        self.variadic = any(p.kind is p.VAR_POSITIONAL for p in positional)
        self.arity = -1 if self.variadic else len(positional)
        self.defaults = {p.name: p.default for p in options}
        self.outputs = list(cls.returns)
        self.joint: Formula | None = getattr(cls, "backward", None)
        named = {name: getattr(cls, f"grad_{name}", None) for name in self.inputs}
        self.single: dict[str, Formula] = {name: f for name, f in named.items() if f is not None}
        formulas = [*self.single.values(), *([self.joint] if self.joint else [])]
        self.differentiable = bool(formulas)
        self.shapes = any(name.endswith("_shape") for f in formulas for name in _names(f))
        #: name -> what a formula that names it means by it: a value's number, kind, number in it
        self.values: dict[str, tuple[int, str, int]] = {}
        first, last = len(self.inputs), len(self.inputs) + len(self.outputs)
        for i, name in enumerate(self.inputs):
            self.values[name] = (i, "input", i)
            self.values[f"{name}_shape"] = (last + i, "shape", i)
        for i, name in enumerate(self.outputs):
            self.values[name] = (first + i, "output", i)
        if not self.variadic and all(p.default is not p.empty for p in options):
            options = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in options]  # as NumPy does
        self.parameters = inspect.Signature([*positional, *options])

    def bind(self, args: Any, kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Sort a call in NumPy's manner into inputs and options, with the defaults filled in.

        NumPy's own keywords that Tensors do not take (`out`, `where`, ...) may be there with their
        default.
        """
        if self.variadic:
            return tuple(args), {**self.defaults, **kwargs}
        known = self.parameters.parameters
        taken = {k: v for k, v in kwargs.items() if k in known or not _is_default(k, v)}
        bound = self.parameters.bind(*args, **taken)
        bound.apply_defaults()
        inputs = tuple(bound.arguments[name] for name in self.inputs)
        return inputs, {name: bound.arguments[name] for name in self.defaults}


def _is_default(keyword: str, value: Any) -> bool:
    return value is None or value is True or value is np._NoValue or keyword == "casting"


def _names(formula: Formula) -> list[str]:
    """The parameter names of an unbound method, without `self`."""
    return list(inspect.signature(formula).parameters)[1:]


Argument = Pick | int | None


def argument(places: list[int]) -> Argument:
    """How a step of a plan finds the kept values at `places`: for none, one, several."""
    return None if not places else places[0] if len(places) == 1 else itemgetter(*places)


class Plan:
    """For one set of wanted inputs of one Function: what a node keeps, and which formulas run.

    A node's values are numbered: the inputs, the outputs, the inputs' shapes. `kept` says which of
    them are kept, as (number, "input" | "output" | "shape", number within its kind).

    Each step is (formula, argument, number of an input): the gradient of that input is
    `formula(node, gy)`, `formula(node, gy, values[argument])` or `formula(node, gy,
    *argument(values))`, where `argument` is None, a number, or a function. If one formula gives
    several gradients, or has several coming in, it is `joint(node, gradients, values)`, and each
    step takes its own from the result.
    """

    __slots__ = ("dropped", "joint", "kept", "output", "steps")

    def __init__(self, signature: Signature, wanted: int) -> None:
        inputs = [i for i in range(wanted.bit_length()) if wanted >> i & 1]
        self.kept: list[tuple[int, str, int]] = []
        self.joint: Formula | None = None
        self.steps: tuple[tuple[Formula, Argument, int], ...]
        if signature.joint is not None and signature.arity != 1:
            self.joint = self._merged(signature, signature.joint)
            self.steps = tuple((_given, i, i) for i in inputs)
        else:
            formulas = [
                signature.joint or signature.single.get(signature.inputs[i]) for i in inputs
            ]
            pairs = [(f, i) for f, i in zip(formulas, inputs, strict=True) if f is not None]
            if len(signature.outputs) > 1:
                self.joint = _together([self._merged(signature, f) for f, _ in pairs])
                self.steps = tuple((_given, k, i) for k, (_, i) in enumerate(pairs))
            else:
                self.steps = tuple((*self._single(signature, f), i) for f, i in pairs)
        inside = {number for number, _, _ in self.kept}
        arity = len(signature.inputs)
        self.output = arity in inside
        self.dropped = tuple(i for i in range(arity) if i not in inside)

    def _single(self, signature: Signature, formula: Formula) -> tuple[Formula, Argument]:
        """A formula of one output's gradient, and its argument."""
        _, places, options = self._read(signature, formula)
        return _with_options(formula, options), argument(places)

    def _merged(self, signature: Signature, formula: Formula) -> Formula:
        """A formula called with the list of all outputs' gradients and the list of values."""
        gradients, places, options = self._read(signature, formula)
        inner = _with_options(formula, options)

        def call(node: Any, incoming: list[Any], values: Any) -> Any:
            return inner(node, *[incoming[i] for i in gradients], *[values[i] for i in places])

        return call

    def _read(
        self, signature: Signature, formula: Formula
    ) -> tuple[list[int], list[int], list[str]]:
        """What the parameters' names mean: numbers of gradients, numbers of values, options."""
        gradients: list[int] = []
        places: list[int] = []
        options: list[str] = []
        for parameter in list(inspect.signature(formula).parameters.values())[1:]:
            name = parameter.name
            if name[0] == "g" and name[1:] in signature.outputs:
                gradients.append(signature.outputs.index(name[1:]))
            elif name in signature.values:
                value = signature.values[name]
                places.append(value[0])
                if value not in self.kept:
                    self.kept.append(value)
            elif parameter.kind is parameter.VAR_KEYWORD:
                options.extend(signature.defaults)
            elif name in signature.defaults:
                options.append(name)
            else:
                raise TypeError(
                    f"{formula.__qualname__} names {name!r}, which is no value of this Function. "
                    f"It has {', '.join([*signature.values, *signature.defaults])}, and the "
                    f"gradients {', '.join('g' + y for y in signature.outputs)}"
                )
        return gradients, places, options


def _with_options(formula: Formula, options: list[str]) -> Formula:
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
