"""Formulas as MathML, made from their Python source: what is shown is what runs.

`gy` is written g with the index y, a gradient; `*` between arrays is the product of their entries.
A formula that is no mathematics (a loop, a comprehension) has no MathML, only its code.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence
from html import escape

__all__ = ["formula"]


class Unwritable(Exception):
    """This piece of Python has no form in mathematics."""


def formula(source: str, outputs: Sequence[str] = ("y",), inputs: Sequence[str] = ()) -> str:
    """The MathML of one method, `forward`, `backward` or `grad_<input>`, or '' if it has none.

    outputs: what `forward` gives; inputs: what `forward` takes (each gets a part of `backward`).
    """
    try:
        definition = ast.parse(textwrap.dedent(source)).body[0]
        if not isinstance(definition, ast.FunctionDef):
            return ""
        left = left_side(definition.name, outputs, inputs)
        rows = list(Writer((*outputs, *inputs)).rows(definition, left))
    except (SyntaxError, Unwritable, IndexError):
        return ""
    return f'<math display="block"><mtable columnalign="right left">{"".join(rows)}</mtable></math>'


def left_side(method: str, outputs: Sequence[str], inputs: Sequence[str]) -> list[str]:
    """The names of what the method returns."""
    if method == "forward":
        return list(outputs)
    if method.startswith("grad_"):
        return ["g" + method.removeprefix("grad_")]
    return ["g" + name for name in inputs]


GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "eps": "ε",
    "epsilon": "ε",
    "lambd": "λ",
    "mu": "μ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "theta": "θ",
}
# How tightly a piece binds: a looser one inside a tighter one is put in parentheses.
LOOSE, COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(7)

BINARY = {
    ast.Add: ("+", SUM),
    ast.Sub: ("−", SUM),
    ast.Mult: ("⊙", PRODUCT),
    ast.MatMult: ("", PRODUCT),
    ast.Mod: ("mod", PRODUCT),
    ast.FloorDiv: ("÷", PRODUCT),
    ast.BitAnd: ("∧", COMPARE),
    ast.BitOr: ("∨", COMPARE),
}
COMPARISONS = {
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Eq: "=",
    ast.NotEq: "≠",
    ast.Is: "is",
    ast.IsNot: "is not",
}
#: NumPy's names for operators
OPERATORS = {
    "add": ast.Add(),
    "subtract": ast.Sub(),
    "multiply": ast.Mult(),
    "divide": ast.Div(),
    "true_divide": ast.Div(),
    "matmul": ast.MatMult(),
    "dot": ast.MatMult(),
    "power": ast.Pow(),
    "float_power": ast.Pow(),
    "mod": ast.Mod(),
    "remainder": ast.Mod(),
    "floor_divide": ast.FloorDiv(),
}
FENCES = {
    "absolute": ("|", "|"),
    "abs": ("|", "|"),
    "fabs": ("|", "|"),
    "floor": ("⌊", "⌋"),
    "ceil": ("⌈", "⌉"),
}
BIG = {"sum": "∑", "prod": "∏"}
TRANSPOSED = {"transpose", "swapaxes", "matrix_transpose"}
#: what modules are called where formulas stand; `np.linalg.solve(a, b)` is solve(a, b)
MODULES = {"np", "math", "kernels", "reference", "special", "bessel", "fft", "linalg"}
NEVER_SHOWN = {"astype", "asarray", "ascontiguousarray", "broadcast_to", "float"}
SHORT_NAMES = {"maximum": "max", "minimum": "min", "arctan": "arctan", "amax": "max", "amin": "min"}


def mi(text: str) -> str:
    """A name; several letters stand upright."""
    return f"<mi>{escape(text)}</mi>"


def mo(text: str) -> str:
    """An operator."""
    return f"<mo>{escape(text)}</mo>" if text else '<mo rspace="0.15em">&#x2062;</mo>'


def row(*parts: str) -> str:
    """Parts side by side."""
    return f"<mrow>{''.join(parts)}</mrow>"


def fenced(part: str, left: str = "(", right: str = ")") -> str:
    """A part in parentheses."""
    return row(mo(left), part, mo(right))


class Writer:
    """Writes expressions; `names` are those whose gradients may be called g<name>."""

    def __init__(self, names: Sequence[str]) -> None:
        self.gradients = {"g" + name for name in names}

    def rows(self, definition: ast.FunctionDef, left: list[str]) -> list[str]:
        """One row of the table for each statement."""
        found = []
        for statement in definition.body:
            match statement:
                case ast.Expr(value=ast.Constant()):
                    pass  # a docstring
                case ast.Assign(targets=[target], value=value):
                    found.append(self.equation(self.write(target), value))
                case ast.Return(value=ast.Tuple(elts=parts)) if len(parts) == len(left):
                    found += [self.equation(self.name(n), p) for n, p in zip(left, parts)]
                case ast.Return(value=ast.expr() as value):
                    found.append(self.equation(self.listed(left), value))
                case _:
                    raise Unwritable
        return found

    def equation(self, left: str, value: ast.expr) -> str:
        """left = value."""
        right = row(mo("="), self.write(value))
        return f"<mtr><mtd>{left}</mtd><mtd>{right}</mtd></mtr>"

    def listed(self, names: list[str]) -> str:
        """Names with commas between them."""
        return mo(",").join(map(self.name, names)) if names else mi("result")

    def name(self, name: str) -> str:
        """A variable: Greek where it is called so, g with an index for a gradient."""
        if name in self.gradients:
            return f"<msub>{mi('g')}{self.name(name[1:])}</msub>"
        stem = name.rstrip("0123456789")
        if stem and stem != name:
            return f"<msub>{mi(GREEK.get(stem, stem))}<mn>{name[len(stem) :]}</mn></msub>"
        return mi(GREEK.get(name, name.replace("_", " ")))

    def inside(self, node: ast.expr, binding: int) -> str:
        """A piece, in parentheses if it binds more loosely than what is around it."""
        text = self.write(node)
        return fenced(text) if binds(node) < binding else text

    def write(self, node: ast.expr) -> str:
        """Any expression."""
        match node:
            case ast.Name(id=name):
                return self.name(name)
            case ast.Constant(value=value):
                return constant(value)
            case ast.UnaryOp(op=ast.USub(), operand=part):
                return row(mo("−"), self.inside(part, SIGN))
            case ast.UnaryOp(op=ast.Invert() | ast.Not(), operand=part):
                return row(mo("¬"), self.inside(part, SIGN))
            case ast.BinOp(left=a, op=op, right=b):
                return self.binary(a, op, b)
            case ast.Compare(left=a, ops=[op], comparators=[b]) if type(op) in COMPARISONS:
                return row(self.inside(a, SUM), mo(COMPARISONS[type(op)]), self.inside(b, SUM))
            case ast.BoolOp(op=op, values=values):
                sign = mo("∧" if isinstance(op, ast.And) else "∨")
                return row(sign.join(self.inside(value, COMPARE) for value in values))
            case ast.IfExp(test=test, body=a, orelse=b):
                return self.cases(test, a, b)
            case ast.Call(func=function, args=args, keywords=keywords):
                return self.call(function, args, {k.arg or "…": k.value for k in keywords})
            case ast.Attribute(value=value, attr="T" | "mT"):
                return self.transposed(value)
            case ast.Attribute(value=ast.Name(id="math" | "np"), attr=name):
                return "<mi>∞</mi>" if name == "inf" else self.name(name)
            case ast.Attribute():
                return f"<mtext>{escape(ast.unparse(node))}</mtext>"
            case ast.Subscript(value=value, slice=index):
                return self.subscript(value, index)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return fenced(self.arguments(parts))
            case ast.Starred(value=value):
                return row(self.write(value), mo("…"))
        raise Unwritable

    def arguments(self, parts: Sequence[ast.expr]) -> str:
        """Parts with commas between them."""
        return mo(",").join(map(self.write, parts))

    def binary(self, a: ast.expr, op: ast.operator, b: ast.expr) -> str:
        """An operator between two pieces."""
        if isinstance(op, ast.Div):
            return f"<mfrac>{row(self.write(a))}{row(self.write(b))}</mfrac>"
        if isinstance(op, ast.Pow):
            return f"<msup>{row(self.inside(a, ATOM))}{row(self.write(b))}</msup>"
        if isinstance(op, ast.Mult) and isinstance(a, ast.Name) and ast.dump(a) == ast.dump(b):
            return f"<msup>{row(self.write(a))}<mn>2</mn></msup>"
        if type(op) not in BINARY:
            raise Unwritable
        sign, binding = BINARY[type(op)]
        if isinstance(op, ast.Mult) and is_number(a) and not is_number(b):
            sign = ""
        elif isinstance(op, ast.Mult) and (is_number(a) or is_number(b)):
            sign = "·"
        return row(self.inside(a, binding), mo(sign), self.inside(b, binding + 1))

    def cases(self, test: ast.expr, a: ast.expr, b: ast.expr) -> str:
        """a where `test` holds, b elsewhere."""
        first = f"<mtr><mtd>{self.write(a)}</mtd><mtd>{self.write(test)}</mtd></mtr>"
        other = f"<mtr><mtd>{self.write(b)}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr>"
        return row(mo("{"), f'<mtable columnalign="left left">{first}{other}</mtable>')

    def transposed(self, value: ast.expr) -> str:
        """The matrix turned over."""
        return f"<msup>{row(self.inside(value, ATOM))}<mi>⊤</mi></msup>"

    def subscript(self, value: ast.expr, index: ast.expr) -> str:
        """An entry; an index that only adds axes is left out."""
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        if all(isinstance(p, ast.Constant) and p.value in (None, ...) for p in parts):
            return self.write(value)
        place = f"<mtext>{escape(ast.unparse(index).strip('()'))}</mtext>"
        return f"<msub>{row(self.inside(value, ATOM))}{place}</msub>"

    def call(self, function: ast.expr, args: list[ast.expr], options: dict[str, ast.expr]) -> str:
        """A function's value, in its usual notation."""
        name = called(function)
        if isinstance(function, ast.Attribute) and not is_module(function.value):
            args = [function.value, *args]
        if not args:
            return row(mi(name), fenced(""))
        first = args[0]
        if name in OPERATORS and len(args) == 2:
            return self.binary(first, OPERATORS[name], args[1])
        if name in FENCES:
            return fenced(self.write(first), *FENCES[name])
        if name in BIG:
            sign = mo(BIG[name])
            axis = options.get("axis") or (args[1] if len(args) > 1 else None)
            if axis is not None:
                sign = f"<munder>{sign}<mtext>{escape(ast.unparse(axis))}</mtext></munder>"
            return row(sign, self.inside(first, PRODUCT))
        if name in TRANSPOSED and turns_matrices(args[1:], options):
            return self.transposed(first)
        if name in NEVER_SHOWN:
            return self.write(first)
        if name == "where" and len(args) == 3:
            return self.cases(*args)
        match name:
            case "negative":
                return row(mo("−"), self.inside(first, SIGN))
            case "exp":
                return f"<msup><mi>e</mi>{row(self.write(first))}</msup>"
            case "exp2":
                return f"<msup><mn>2</mn>{row(self.write(first))}</msup>"
            case "sqrt":
                return f"<msqrt>{self.write(first)}</msqrt>"
            case "square":
                return f"<msup>{row(self.inside(first, ATOM))}<mn>2</mn></msup>"
            case "reciprocal":
                return f"<mfrac><mn>1</mn>{row(self.write(first))}</mfrac>"
            case "conj" | "conjugate":
                return f"<mover>{row(self.write(first))}<mo>¯</mo></mover>"
            case "ones_like":
                return "<mn>1</mn>"
            case "zeros_like":
                return "<mn>0</mn>"
        inside = self.arguments(args)
        if options:
            inside += mo(";") + mo(",").join(self.option(k, v) for k, v in options.items())
        return row(self.name(SHORT_NAMES.get(name, name)), fenced(inside))

    def option(self, name: str, value: ast.expr) -> str:
        """A keyword argument; by its name alone where its value is called the same."""
        if name == "…":  # **options
            return mo(name)
        if isinstance(value, ast.Name) and value.id == name:
            return self.name(name)
        return row(self.name(name), mo("="), self.write(value))


def called(function: ast.expr) -> str:
    """The last name of what is called."""
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    raise Unwritable


def turns_matrices(axes: list[ast.expr], options: dict[str, ast.expr]) -> bool:
    """Whether a transpose with these arguments exchanges the last two axes, as far as is known."""
    return not options and [ast.unparse(axis) for axis in axes] in ([], ["-1", "-2"], ["-2", "-1"])


def is_module(node: ast.expr) -> bool:
    """Whether `node.f(x)` is a function of a module, not a method of an array."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in MODULES


def is_number(node: ast.expr) -> bool:
    """Whether a piece is a plain number, as in 2 x."""
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=operand):
            return is_number(operand)
    return False


def constant(value: object) -> str:
    """A number, a word, or None."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return f"<mtext>{escape(str(value))}</mtext>"
    if isinstance(value, int | float):
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return f"<mn>{text.replace('-', '−')}</mn>"
    if value is ...:
        return mo("…")
    raise Unwritable


def binds(node: ast.expr) -> int:
    """How tightly a piece holds together once it is written."""
    match node:
        case ast.BinOp(op=ast.Div()):
            return ATOM - 1
        case ast.BinOp(op=ast.Pow()):
            return POWER
        case ast.BinOp(left=ast.Name(id=a), op=ast.Mult(), right=ast.Name(id=b)) if a == b:
            return POWER
        case ast.BinOp(op=op):
            return BINARY.get(type(op), ("", LOOSE))[1]
        case ast.UnaryOp():
            return SIGN
        case ast.Compare() | ast.BoolOp():
            return COMPARE
        case ast.Call(func=function, args=args):
            return call_binds(function, args)
    return ATOM


def call_binds(function: ast.expr, args: list[ast.expr]) -> int:
    """The same for a call, by its notation."""
    name = called(function)
    if name in OPERATORS and len(args) == 2:
        return binds(ast.BinOp(args[0], OPERATORS[name], args[1]))
    if name in NEVER_SHOWN and args:
        return binds(args[0])
    if name in BIG or name == "negative":
        return SUM
    return POWER if name in ("exp", "exp2", "square") else ATOM
