"""Every formula that a page shows is read back as mathematics, computed, and compared with code.

What is shown is MathML. `Reader` reads it as a person does, by signs and precedence: it looks
through `mrow`, which has no look, so that a missing parenthesis is found out. A notation whose
meaning is not all on the page (an index, the axis of a sum) cannot be computed from it; formulas
that use one are counted, not skipped in silence.
"""

from __future__ import annotations

import sys
from ast import literal_eval
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tadori import kernels
from tadori.kernels import special
from tadori.tracing.cards import spelled_out
from tadori.tracing.mathml import GREEK, Writer, formula

from .cases import CASES
from .cases.case import Case
from .test_formulas_protocol import ARRAYS_ONLY, calls_of, gradients_of

TIMES = "\u2062"
FUNCTIONS: dict[str, Callable[..., Any]] = {"max": np.maximum, "min": np.minimum}
BINARY: list[dict[str, Callable[..., Any]]] = [  # the loosest first
    {"∧": np.logical_and, "∨": np.logical_or},
    {"<": np.less, "≤": np.less_equal, ">": np.greater, "≥": np.greater_equal,
     "=": np.equal, "≠": np.not_equal},
    {"+": np.add, "−": np.subtract},
    {"⊙": np.multiply, "·": np.multiply, TIMES: lambda a, b: times(a, b), "mod": np.mod,
     "÷": np.floor_divide},
]  # fmt: skip
FENCES = {"|": np.absolute, "⌊": np.floor, "⌈": np.ceil, "(": lambda x: x}
CLOSING = {"|": "|", "⌊": "⌋", "⌈": "⌉", "(": ")"}


#: formulas that say less than the code, for the reader's ease, and what they leave out
SHORTENED = {"Det backward": "axes that an index adds"}


class Unreadable(Exception):
    """The meaning of this notation is not all on the page."""


def times(a: Any, b: Any) -> Any:
    """Side by side: a number times an array, or two matrices."""
    return a * b if np.ndim(a) == 0 or np.ndim(b) == 0 else a @ b


def key(element: Any) -> str:
    """A name as it looks."""
    return "".join(f"<{e.tag}>{e.text or ''}" for e in element.iter() if e.tag != "mrow")


def name_key(writer: Writer, name: str) -> str:
    return key(ET.fromstring(writer.name(name)))


class Reader:
    """Reads what stands in one row, from left to right."""

    def __init__(self, element: Any, known: dict[str, Any]) -> None:
        self.parts = list(flat([element]))
        self.known = known
        self.at = 0

    def sign(self) -> str:
        """The operator that comes next, '' where none does."""
        part = self.parts[self.at] if self.at < len(self.parts) else None
        return (part.text or "") if part is not None and part.tag == "mo" else ""

    def take(self, sign: str) -> None:
        if self.sign() != sign:
            raise Unreadable(f"{sign!r} expected, found {self.sign()!r}")
        self.at += 1

    def whole(self) -> Any:
        value = self.binary(0)
        if self.at < len(self.parts):
            raise Unreadable(f"something is left: {key(self.parts[self.at])}")
        return value

    def binary(self, level: int) -> Any:
        if level == len(BINARY):
            return self.factor()
        value = self.binary(level + 1)
        while self.sign() in BINARY[level]:
            operation = BINARY[level][self.sign()]
            self.at += 1
            value = operation(value, self.binary(level + 1))
        return value

    def factor(self) -> Any:
        for sign, operation in (("−", np.negative), ("¬", np.logical_not)):
            if self.sign() == sign:
                self.at += 1
                return operation(self.factor())
        return self.atom()

    def atom(self) -> Any:
        sign = self.sign()
        if sign in FENCES:
            self.at += 1
            values = self.listed(lambda: self.binary(0))
            self.take(CLOSING[sign])
            return tuple(values) if len(values) > 1 else FENCES[sign](values[0])
        if sign == "{":
            self.at += 1
            table = self.parts[self.at]
            self.at += 1
            a, test = [inner(cell, self.known) for cell in table[0]]
            b = inner(table[1][0], self.known)
            return np.where(test, a, b)
        if self.at >= len(self.parts):
            raise Unreadable("nothing comes")
        part = self.parts[self.at]
        self.at += 1
        return READERS.get(part.tag, unreadable)(self, part)

    def arguments(self) -> tuple[list[Any], dict[str, Any]]:
        """What stands in a function's parentheses, and after a semicolon its options."""
        self.take("(")
        found = self.listed(lambda: self.binary(0))
        options: list[tuple[str, Any]] = []
        if self.sign() == ";":
            self.at += 1
            options = self.listed(self.option)
        self.take(")")
        return found, dict(options)

    def listed(self, one: Callable[[], Any]) -> list[Any]:
        found = [one()]
        while self.sign() == ",":
            self.at += 1
            found.append(one())
        return found

    def option(self) -> tuple[str, Any]:
        """`axis`, the value of that name, or `axis = 0`."""
        name = self.parts[self.at]
        self.at += 1
        if name.tag == "mo":
            raise Unreadable("all the options, as they are")
        if self.sign() != "=":
            return spelled(name), read_name(self, name)
        self.at += 1
        return spelled(name), self.binary(2)


def flat(elements: Any) -> Iterator[Any]:
    """The parts in a row; `mrow` cannot be seen."""
    for element in elements:
        if element.tag == "mrow":
            yield from flat(element)
        else:
            yield element


def inner(element: Any, known: dict[str, Any]) -> Any:
    """The value of what stands inside an element of its own shape."""
    row = ET.Element("mrow")
    row.extend(list(element) if element.tag in ("mtd", "mrow", "msqrt") else [element])
    return Reader(row, known).whole()


def unreadable(reader: Reader, part: Any) -> Any:
    raise Unreadable(f"{part.tag} {key(part)}")


def read_name(reader: Reader, part: Any) -> Any:
    if key(part) in reader.known:
        return reader.known[key(part)]
    if part.text == "∞":
        return np.inf
    if part.text == "π":
        return np.pi
    if part.tag == "msub" and part[1].tag == "mtext":
        return entry(inner(part[0], reader.known), part[1].text)
    if reader.sign() != "(":
        raise Unreadable(f"who is {key(part)}?")
    name = spelled(part)
    own = reader.known.get("")  # the operation's own module
    others = [getattr(own, module, None) for module in OWN]
    homes = (kernels, np, np.linalg, np.fft, special, own, *others)
    found = [getattr(home, name) for home in homes if hasattr(home, name)]
    found.sort(key=lambda f: f is not getattr(own, name, None) or not of_kernels(f))
    function = FUNCTIONS.get(name) or (found[0] if found else None)
    if function is None:
        raise Unreadable(f"no function {name}")
    positional, options = reader.arguments()
    return function(*positional, **options)


def entry(value: Any, index: str) -> Any:
    """An entry, where the index needs no other name."""
    try:
        return eval(f"value[{index}]", {"value": value})
    except NameError as error:
        raise Unreadable(str(error)) from error


def spelled(part: Any) -> str:
    """A name as Python has it."""
    if part.tag == "msub":
        return "".join(spelled(p) for p in part)
    letters = {letter: name for name, letter in reversed(GREEK.items())}
    return letters.get(part.text, (part.text or "").replace(" ", "_"))


def read_text(reader: Reader, part: Any) -> Any:
    """A word: True, False, None or a text."""
    words = {"True": True, "False": False, "None": None}
    if "." in part.text or "(" in part.text:
        raise Unreadable(f"Python's {part.text}")
    return words.get(part.text, part.text)


#: modules that an operation's own may have
OWN = ("bessel", "special", "distribution", "decompose", "solve")


def of_kernels(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).startswith("tadori.kernels")


def read_power(reader: Reader, part: Any) -> Any:
    base, exponent = part
    if key(exponent) == "<mi>⊤":
        value = inner(base, reader.known)
        if np.ndim(value) != 2:
            raise Unreadable("which axes are turned?")
        return value.T
    power = inner(exponent, reader.known)
    if key(base) == "<mi>e" and "<mi>e" not in reader.known:
        return np.exp(power)
    return inner(base, reader.known) ** power


READERS: dict[str, Callable[[Reader, Any], Any]] = {
    "mn": lambda reader, part: literal_eval(part.text.replace("−", "-")),
    "mi": read_name,
    "mtext": read_text,
    "msub": read_name,
    "msup": read_power,
    "mfrac": lambda reader, part: np.divide(*[inner(p, reader.known) for p in part]),
    "msqrt": lambda reader, part: np.sqrt(inner(part, reader.known)),
    "mover": lambda reader, part: np.conjugate(inner(part[0], reader.known)),
}


# ------------------------------------------------------------------------------- what is compared


@cache
def shown(method: Any, outputs: tuple[str, ...], inputs: tuple[str, ...]) -> str:
    """The MathML of a formula, as the page's cards have it."""
    return formula(spelled_out(method), outputs, inputs)


def computed(math: str, known: dict[str, Any]) -> dict[str, Any]:
    """{name as it looks: value} of all the rows of a formula."""
    known = dict(known)
    for line in ET.fromstring(math)[0]:
        left, right = line
        row = right[0]
        assert row[0].text == "="
        rest = ET.Element("mrow")
        rest.extend(list(row)[1:])
        names = [key(e) for e in flat(left) if e.tag != "mo"]
        value = Reader(rest, known).whole()
        known.update(zip(names, value if len(names) > 1 else [value]))
    return known


def forward_check(cls: Any, arrays: list[Any], options: Any, results: Any) -> None:
    """The formula of `forward`, from what is shown of it."""
    sign = cls.signature
    writer = Writer((*sign.outputs, *sign.inputs))
    math = shown(cls.forward, tuple(cls.returns), tuple(sign.inputs))
    if not math or sign.variadic:
        raise Unreadable("no formula is shown")
    known = {"": sys.modules[cls.__module__]}
    known |= {name_key(writer, n): a for n, a in zip(sign.inputs, arrays)}
    known |= {name_key(writer, n): v for n, v in options.items()}
    found = computed(math, known)
    for name, expected in zip(sign.outputs, results):
        alike(found[name_key(writer, name)], expected)


def backward_check(node: Any, arrays: list[Any], results: Any) -> None:
    """The formulas of the derivatives, each from what is shown of it."""
    cls = type(node)
    sign = cls.signature
    rng = np.random.default_rng(0)
    gradients = [rng.uniform(0.5, 1.5, y.shape).astype(y.dtype) for y in results]
    several = isinstance(node.ref, tuple)
    expected = gradients_of(node, gradients if several else gradients[0], node.saved)
    writer = Writer((*sign.outputs, *sign.inputs))
    values = dict(zip(sign.inputs, arrays)) | dict(zip(sign.outputs, results))
    values |= {f"g{y}": g for y, g in zip(sign.outputs, gradients)} | node.options
    values |= {f"{x}_shape": np.shape(a) for x, a in zip(sign.inputs, arrays)}
    known = {name_key(writer, name): value for name, value in values.items()}
    known[""] = sys.modules[cls.__module__]
    for (_, _, i), wanted in zip(node.plan.steps, expected):
        method = sign.joint or sign.single[sign.inputs[i]]
        math = shown(method, tuple(cls.returns), tuple(sign.inputs))
        if not math:
            raise Unreadable("no formula is shown")
        found = computed(math, known)[name_key(writer, f"g{sign.inputs[i]}")]
        alike(found, wanted)


def alike(found: Any, expected: Any) -> None:
    """Numbers are shown with six digits."""
    if np.shape(found) != np.shape(expected):
        found = np.broadcast_to(found, np.shape(expected))
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-7)


@cache
def verdicts() -> dict[str, str]:
    """formula -> "right", "unreadable: why" or "wrong: how", for every row of the table."""
    found: dict[str, str] = {}
    for case in CASES:
        for name, verdict in judged(case):
            if found.get(name, "un").startswith("un") or not verdict.startswith(("right", "un")):
                found[name] = verdict
    return found


def judged(case: Case) -> Iterator[tuple[str, str]]:
    for _, node, arrays, options, results in calls_of(case):
        cls = type(node)
        if not cls.__module__.startswith("tadori.") or cls.__name__ in ARRAYS_ONLY or cls.many:
            continue
        yield f"{cls.__name__} forward", judge(forward_check, cls, arrays, options, results)
        if hasattr(node, "plan") and not cls.signature.variadic:
            yield f"{cls.__name__} backward", judge(backward_check, node, arrays, results)


def judge(check: Callable[..., None], *arguments: Any) -> str:
    try:
        with np.errstate(all="ignore"):
            check(*arguments)
    except Unreadable as error:
        return f"unreadable: {error}"
    except Exception as error:
        return f"wrong: {type(error).__name__}: {error}"
    return "right"


def test_what_is_shown_is_what_runs() -> None:
    wrong = {name: v for name, v in verdicts().items() if v.startswith("wrong")}
    new = wrong.keys() - SHORTENED.keys()
    assert not new, "\n".join(f"{name}: {wrong[name]}" for name in new)
    assert SHORTENED.keys() <= wrong.keys(), "no longer shortened"


def test_most_formulas_can_be_computed_from_the_page() -> None:
    right = [name for name, v in verdicts().items() if v == "right"]
    shown = [name for name, v in verdicts().items() if v != "unreadable: no formula is shown"]
    assert len(right) > 0.8 * len(shown), (len(right), len(shown))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("return (a + b) * c", 9.0),
        ("return a + b * c", 7.0),
        ("return -(a + b)", -3.0),
        ("return a - (b - c)", 2.0),
        ("return (a * b) ** c", 8.0),
        ("return a * b ** c", 8.0),
        ("return np.exp(a) / (a + np.sqrt(c + 1))", np.e / 3),
        ("return np.where(a < b, c, a)", 3.0),
        ("return np.absolute(a - c) * b", 4.0),
    ],
)
def test_the_reader_reads_as_a_person_does(source: str, value: float) -> None:
    math = formula(f"def forward(self, a, b, c):\n    {source}", ("y",), ("a", "b", "c"))
    known = {"<mi>a": 1.0, "<mi>b": 2.0, "<mi>c": 3.0}
    assert np.isclose(computed(math, known)["<mi>y"], value)


def test_a_missing_parenthesis_is_found_out() -> None:
    math = formula("def forward(self, a, b, c):\n    return (a + b) * c", ("y",), ("a", "b", "c"))
    bare = math.replace("<mo>(</mo>", "").replace("<mo>)</mo>", "")
    assert bare != math
    known = {"<mi>a": 1.0, "<mi>b": 2.0, "<mi>c": 3.0}
    assert computed(bare, known)["<mi>y"] == 7.0
