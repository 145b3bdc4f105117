"""How a Function's formulas are read: from the names in their signatures to what a node keeps.

`Signature` reads a Function class once; `Plan` is made once for each set of inputs that want a
gradient.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

Formula = Callable[..., Any]
Pick = Callable[[Sequence[Any]], tuple[Any, ...]]


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
        self.integers = len(cls.integer)
        self.joint: Formula | None = getattr(cls, "backward", None)
        named = {name: getattr(cls, f"grad_{name}", None) for name in self.inputs}
        self.single: dict[str, Formula] = {name: f for name, f in named.items() if f is not None}
        formulas = [*self.single.values(), *([self.joint] if self.joint else [])]
        self.differentiable = bool(formulas)
        self.shapes = any(name.endswith("_shape") for f in formulas for name in _names(f))
        #: name -> what a formula that names it means by it
        self.numbers: dict[str, tuple[str, int]] = {}
        for i, name in enumerate(self.inputs):
            self.numbers[name] = ("input", i)
            self.numbers[f"{name}_shape"] = ("shape", i)
        for i, name in enumerate(self.outputs):
            self.numbers[name] = ("output", i)
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


def pick(places: list[int]) -> Pick:
    """A quick function from a sequence to the tuple of its items at `places`."""
    if places == list(range(places[0], places[-1] + 1) if places else ()):
        return itemgetter(slice(places[0], places[-1] + 1) if places else slice(0, 0))
    return itemgetter(*places)


def argument(kept: list[int]) -> Pick | int | None:
    """What a step of a plan needs to find the kept values of its formula."""
    return None if not kept else kept[0] if len(kept) == 1 else pick(kept)


class Plan:
    """For one set of wanted inputs of one Function: what a node keeps, and which formulas run on
    it.

    A node's values are numbered: inputs, then outputs, then the inputs' shapes. `keep` takes the
    kept ones from them; `kinds` says what each is: ("input" | "output" | "shape", number).

    Each step is (formula, pick, number of an input): the gradient of that input is `formula(node,
    gy, *pick(kept))`; `pick` is None if the formula takes nothing more, and a number if it takes
    one kept value. If one formula gives several gradients, or has several coming in, it is
    `joint(node, *gradients, *kept)`, and each step picks its own from the result.
    """

    __slots__ = ("all", "joint", "keep", "kinds", "steps")

    def __init__(self, signature: Signature, wanted: int) -> None:
        positions = [i for i in range(wanted.bit_length()) if wanted >> i & 1]
        self.all = (1 << len(signature.inputs)) - 1
        self.kinds: list[tuple[str, int]] = []
        self.joint: Formula | None = None
        one_output = len(signature.outputs) == 1
        if signature.joint is not None and (signature.variadic or signature.arity > 1):
            self.joint = self._formula(signature, signature.joint, merged=True)[0]
            places = positions
        else:
            formulas = [
                (i, signature.joint or signature.single.get(signature.inputs[i])) for i in positions
            ]
            found = [
                (i, *self._formula(signature, f, merged=not one_output)) for i, f in formulas if f
            ]
            positions = [i for i, _, _ in found]
            places = list(range(len(found)))
            if not one_output:
                self.joint = _together([formula for _, formula, _ in found])
        if self.joint is None:
            self.steps = tuple((formula, argument(kept), i) for i, formula, kept in found)
        else:
            self.steps = tuple((_given, k, i) for k, i in zip(places, positions, strict=True))
        count = len(signature.inputs)
        offset = {"input": 0, "output": count, "shape": count + len(signature.outputs)}
        self.keep = pick([offset[kind] + i for kind, i in self.kinds])

    def _formula(
        self, signature: Signature, formula: Formula, merged: bool
    ) -> tuple[Formula, list[int]]:
        """The formula as called by the engine, and the numbers of the kept values it takes after
        the gradients.

        With `merged` it is called with all gradients and all kept values, and picks from them
        itself.
        """
        numbers = signature.numbers
        kept: list[int] = []
        options: list[str] = []
        gradients: list[int] = []
        for parameter in list(inspect.signature(formula).parameters.values())[1:]:
            name = parameter.name
            if name[0] == "g" and name[1:] in signature.outputs:
                gradients.append(signature.outputs.index(name[1:]))
            elif name in numbers:
                if numbers[name] not in self.kinds:
                    self.kinds.append(numbers[name])
                kept.append(self.kinds.index(numbers[name]))
            elif parameter.kind is parameter.VAR_KEYWORD:
                options = list(signature.defaults)
            elif name in signature.defaults:
                options.append(name)
            else:
                known = ", ".join(
                    [*("g" + y for y in signature.outputs), *numbers, *signature.defaults]
                )
                raise TypeError(
                    f"{formula.__qualname__} names {name!r}; the values of this Function are: "
                    f"{known}"
                )
        formula = _with_options(formula, options) if options else formula
        if merged:
            first = len(signature.outputs) - signature.integers
            return _picking(formula, pick([*gradients, *(first + k for k in kept)])), kept
        return formula, kept


def _with_options(formula: Formula, options: list[str]) -> Formula:
    def call(node: Any, *values: Any) -> Any:
        return formula(node, *values, **{name: node.options[name] for name in options})

    return call


def _picking(formula: Formula, arguments: Pick) -> Formula:
    return lambda node, *values: formula(node, *arguments(values))


def _together(formulas: list[Formula]) -> Formula:
    return lambda node, *values: tuple(formula(node, *values) for formula in formulas)


def _given(node: Any, gradients: Any, gradient: Any) -> Any:
    """The step after a joint formula: the gradient is there already."""
    return gradient
