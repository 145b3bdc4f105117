"""What a page shows of each operation and optimizer: its formulas, read from where they stand."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import kernels, nn, optim
from ..autograd.function import Function
from ..dispatch import operations
from .mathml import formula

__all__ = ["cards"]

PACKAGE = Path(__file__).resolve().parent.parent

#: where PyTorch's name for an array function differs from NumPy's
PYTORCH_NAMES = {
    "absolute": "abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "concatenate": "cat",
    "divide": "div",
    "expand_dims": "unsqueeze",
    "getitem": "Tensor.__getitem__",
    "multiply": "mul",
    "negative": "neg",
    "power": "pow",
    "subtract": "sub",
    "swapaxes": "transpose",
    "transpose": "permute",
    "true_divide": "div",
}


def cards(recording: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """{operation: card, "kernel linear": card, "optimizer Adam": card} for all that is named.

    A card has `doc`, and an operation's also `inputs`, `outputs`, `forward` and `backward`
    (`source`, `math`), `file` and `counterpart`, PyTorch's name for it; a kernel's has
    `source`, its definition in NumPy, and `file`. What is not known is left out.
    """
    events = recording["events"]
    wanted = {event["op"] for event in events if event["kind"] == "function"}
    known = {cls.__name__: cls for cls in subclasses(Function) if hasattr(cls, "forward")}
    found = {name: card(known[name]) for name in sorted(wanted & set(known))}
    found |= kernel_cards(found)
    for name in sorted({event["type"] for event in events if event["kind"] == "optimizer"}):
        doc = inspect.getdoc(getattr(optim, name, None))
        if doc:
            found[f"optimizer {name}"] = {"doc": doc}
    return found


def kernel_cards(found: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The kernels that formulas call, as NumPy defines them (an engine may compute them faster)."""
    parts = [part for c in found.values() for part in (c.get("forward"), *c.get("backward", ()))]
    sources = "\n".join(part["source"] for part in parts if part)
    names = sorted(set(re.findall(r"\bkernels\.(\w+)", sources)))
    defined = {n: inspect.unwrap(getattr(kernels, n)) for n in names if hasattr(kernels, n)}
    return {
        f"kernel {name}": {
            "source": inspect.getsource(function).rstrip(),
            "file": place(Path(inspect.getsourcefile(function) or ""), function),
        }
        for name, function in defined.items()
        if inspect.isfunction(function)
    }


def subclasses(cls: type) -> Iterator[Any]:
    """All classes made from this one; those of Tadori last, so that they win a name."""
    found: list[type] = cls.__subclasses__()
    for inner in sorted(found, key=lambda c: c.__module__.startswith("tadori.")):
        yield inner
        yield from subclasses(inner)


def card(cls: Any) -> dict[str, Any]:
    """The card of one operation."""
    doc = textwrap.dedent(inspect.cleandoc(cls.__doc__)) if cls.__doc__ else ""
    made: dict[str, Any] = {"doc": doc}
    signature = getattr(cls, "signature", None)
    inputs = list(signature.inputs) if signature is not None else []
    outputs = list(cls.returns)
    made |= {"inputs": inputs, "outputs": outputs}
    made["forward"] = part(cls.forward, outputs, inputs)
    names = ["backward", *(f"grad_{name}" for name in inputs)]
    formulas = [getattr(cls, name) for name in names if hasattr(cls, name)]
    made["backward"] = [found for f in formulas if (found := part(f, outputs, inputs))]
    file = inspect.getsourcefile(cls)
    if file is not None:
        made["file"] = place(Path(file), cls)
    if name := counterpart(cls):
        made["counterpart"] = name
    return {key: value for key, value in made.items() if value}


def part(method: Callable[..., Any], outputs: Iterable[str], inputs: Iterable[str]) -> Any:
    """A formula's source and its MathML; None where there is no source to read."""
    try:
        source = textwrap.dedent(inspect.getsource(method)).strip()
    except (OSError, TypeError):
        return None
    return {"source": source, "math": formula(spelled_out(method), tuple(outputs), tuple(inputs))}


def spelled_out(method: Callable[..., Any]) -> str:
    """The source of a formula; a function that a factory gave it by its own name."""
    source = textwrap.dedent(inspect.getsource(method)).strip()
    for name, value in inspect.getclosurevars(method).nonlocals.items():
        if callable(value) and hasattr(value, "__name__"):
            source = re.sub(rf"\b{name}\(", f"{value.__name__}(", source)
    return source


def place(file: Path, cls: Any) -> str:
    """`tadori/ops/x.py:12`; of a user's operation the file's name."""
    try:
        line = inspect.getsourcelines(cls)[1]
    except OSError:
        return file.name
    file = file.resolve()
    inside = file.is_relative_to(PACKAGE)
    name = file.relative_to(PACKAGE.parent).as_posix() if inside else file.name
    return f"{name}:{line}"


def counterpart(cls: Any) -> str:
    """PyTorch's name for what the operation computes, '' if it has none."""
    import tadori

    names = [f.__name__ for f, call in operations.items() if getattr(call, "__self__", None) is cls]
    quick = getattr(cls, "apply", None)
    names += [f.__name__ for f, call in operations.items() if call is quick]
    for name in names:
        name = PYTORCH_NAMES.get(name, name)
        if name.startswith("Tensor."):
            return f"torch.{name}"
        if name in nn.functional.__all__:
            return f"torch.nn.functional.{name}"
        if name in tadori.__all__:
            return f"torch.{name}"
    return ""
