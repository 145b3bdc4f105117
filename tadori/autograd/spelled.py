"""`Function.apply` spelled out for the usual call: one to three Tensors or numbers, none watching.

`Function.apply` says in general what a call does. Its loop over the inputs, and its cases, are half
of the time of a tiny operation; so each Function with a fixed number of inputs and one output gets
a version without them, made from `TEXT` as `dataclasses` makes `__init__`. Whatever is not the
usual case (other things than Tensors and numbers, dtypes to be promoted, options left out, an
observer, an error to be explained) goes to the general one. A test holds both to the same results.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any
from weakref import ref

from numpy import ndarray

from ..dtype import float32, float64
from ..tensor import Tensor, as_array, order
from .convert import NUMBERS
from .hooks import observers
from .mode import recording

MOST = 3  #: inputs
MISSING = object()  #: an input that the caller left out
NO_OPTIONS: dict[str, Any] = {}

TEXT = """
def apply({parameters}, /{more}, **options):
    if observers or {unusual}:
        return general(*given({inputs}){more}, **options)
    dtype = None
    wanted = 0
{sort_inputs}
{check_dtype}
    node = cls()
    try:
        array = forward(node, {arrays}{pass_options})
    except Exception:
        return general({inputs}, **options)  # fails again, and explains
    y = new(Tensor)
    y.array = array if type(array) is ndarray else as_array(array)
    y.grad = y._view = y.place = None
    if wanted and enabled():
        node.plan = plan = plans[wanted]
        node.edges = ({edges},)
        node.options, node.hooks, node.seq = {kept_options}, None, next(order)
        node.shape, node.ref, y.place = y.array.shape, ref(y), node
        node.saved = () if plan.save is None else plan.save({arrays}, y.array)
{note_view}
    return y
"""

SORT_INPUT = """
    if isinstance(a{i}, Tensor):
        if a{i}._view is not None:
            a{i}._follow_base()
        x{i}, e{i} = a{i}.array, a{i}.place
        if e{i} is not None:
            wanted += {bit}
        else:
            e{i} = ref(a{i})
        {same_dtype}
    elif {number}:
        x{i}, e{i} = a{i}, None
    else:
        return general(*given({inputs}), **options)
"""

SAME_DTYPE = """if dtype is None:
            dtype = x{i}.dtype
        elif x{i}.dtype is not dtype:
            return general({inputs}, **options)
"""

CHECK_DTYPE = """
    if not (dtype is float32 or dtype is float64):
        return general({inputs}, **options)
"""


def given(*inputs: Any) -> list[Any]:
    """The inputs that the caller did not leave out."""
    return [x for x in inputs if x is not MISSING]


def spell_out(cls: Any, general: Callable[..., Any]) -> Callable[..., Any]:
    """`cls.apply` for a Function of few inputs and one output. general: `Function.apply` of it."""
    sign = cls.signature
    places = range(sign.arity)
    inputs = ", ".join(f"a{i}" for i in places)
    optional = [f"a{i}=" + ("None" if sign.left_out_as_none(i) else "MISSING") for i in places]
    promoted = cls.dtypes != "any"
    number = "type(a{i}) in NUMBERS" if cls.numbers else "a{i} is None"
    sort_inputs = "".join(
        SORT_INPUT.format(
            i=i,
            bit=1 << i,
            inputs=inputs,
            number=number.format(i=i),
            same_dtype=SAME_DTYPE.format(i=i, inputs=inputs) if promoted else "",
        )
        for i in places
    )
    text = TEXT.format(
        parameters=", ".join(optional),
        inputs=inputs,
        arrays=", ".join(f"x{i}" for i in places),
        edges=", ".join(f"e{i}" for i in places),
        kept_options="options" if sign.defaults else "NO_OPTIONS",
        more=", *more" if sign.defaults else "",
        unusual=f"more or len(options) != {len(sign.defaults)}" if sign.defaults else "options",
        pass_options=", **options" if sign.defaults else "",
        sort_inputs=sort_inputs,
        check_dtype=CHECK_DTYPE.format(inputs=inputs) if promoted else "",
        note_view="    y._note_view(cls, options, a0)" if cls.view else "",
    )
    names: dict[str, Any] = {
        "MISSING": MISSING,
        "NO_OPTIONS": NO_OPTIONS,
        "NUMBERS": NUMBERS,
        "Tensor": Tensor,
        "as_array": as_array,
        "cls": cls,
        "enabled": recording.get,
        "float32": float32,
        "float64": float64,
        "forward": cls.forward,
        "general": general,
        "given": given,
        "ndarray": ndarray,
        "new": object.__new__,
        "observers": observers,
        "order": order,
        "plans": cls.plans,
        "ref": ref,
    }
    exec(compiled(text), names)
    apply = names["apply"]
    # a copy, because CPython quickens each code object for the globals it sees
    return FunctionType(apply.__code__.replace(), names, "apply", apply.__defaults__)


@cache
def compiled(text: str) -> Any:
    """The code of `text`, whose lines tracebacks show; a few dozen texts serve all operations."""
    name = f"{__file__} (text {len(linecache.cache)})"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return compile(text, name, "exec")
