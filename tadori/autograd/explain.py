"""Answers to two questions: why has this tensor no gradient, and what does this graph keep?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from weakref import ref

from ..dtype import is_floating
from ..tensor import AccumulateGrad, Tensor
from .debug import arrays_kept, cut_of, is_debug_enabled, origin, uses
from .function import Function
from .version import block_of

__all__ = ["Kept", "Saved", "saved", "why_no_grad"]


def why_no_grad(tensor: Tensor, loss: Tensor | None = None) -> str:
    """One sentence on why `tensor.grad` is None; with `loss`, on why its backward does not help.

    Works best where debug mode (`set_debug(True)`, TADORI_DEBUG=1) was on when the graph was made:
    it then names the lines.
    """
    if tensor.grad is not None:
        return "This tensor has a gradient."
    if not tensor.requires_grad:
        return why_not_required(tensor)
    if not tensor.is_leaf and not tensor.retains_grad:
        return (
            f"It is not a leaf: {origin(tensor)} made it, and only leaves keep gradients; call "
            "retain_grad() on it before backward, or use autograd.grad."
        )
    if loss is not None:
        return why_not_reached(tensor, loss)
    line = uses.get(tensor)
    used = f"; it was used last at {line}" if line else ""
    return (
        "It requires a gradient, but no backward has reached it yet, or zero_grad has cleared it"
        f"{used}; why_no_grad(tensor, loss) says whether the graph of a loss leads to it."
    )


def why_not_required(tensor: Tensor) -> str:
    """For a tensor that does not require a gradient: since where."""
    if not is_floating(tensor.dtype):
        return f"It is {tensor.dtype}, and only floating-point tensors have gradients."
    cut = cut_of(tensor)
    if cut:
        return f"It does not require a gradient, because its history was {cut}."
    if is_debug_enabled():
        return (
            "It does not require a gradient: nothing that it was made from does; call "
            "requires_grad_() on the leaves before they are used."
        )
    return (
        "It does not require a gradient: it is a leaf without requires_grad_(), or was made under "
        "no_grad, by detach(), from integers, or from tensors that require none; with "
        "TADORI_DEBUG=1 the line of the cut is known."
    )


def why_not_reached(tensor: Tensor, loss: Tensor) -> str:
    """For a tensor that requires a gradient: whether the graph of `loss` leads to it."""
    if not loss.requires_grad:
        return f"Backward cannot start at the loss. {why_not_required(loss)}"
    place = tensor.node
    if place is loss.node or any(place is edge for node in walk(loss) for edge in node.edges):
        return "The graph of the loss leads to it: call loss.backward()."
    for node in walk(loss):
        for cut in getattr(node, "cuts", ()):
            return f"The graph of the loss does not lead to it; an input of {node!r} was {cut}."
    hint = "" if is_debug_enabled() else ", or was cut from it; TADORI_DEBUG=1 would show the line"
    return f"The graph of the loss does not lead to it: the loss was not computed from it{hint}."


def walk(loss: Tensor) -> Iterator[Any]:
    """The places of the graph that `loss` leads to, each once."""
    seen = set()
    stack = [loss.node]
    while stack:
        place = stack.pop()
        if place is None or isinstance(place, ref) or place in seen:
            continue
        seen.add(place)
        yield place
        stack.extend(place.edges)


class Kept(NamedTuple):
    """One array that a node keeps for its formulas; of a view, the whole memory is counted."""

    node: Any
    name: str
    array: Any
    bytes: int
    shared: str  #: who holds the same memory too: a leaf, or an earlier row; '' if nobody does


class Saved(list[Kept]):
    """What a graph keeps, a row for each array; prints as a table."""

    @property
    def total(self) -> int:
        """The bytes that live only because of the graph: memory shared by rows counts once."""
        return sum(row.bytes for row in self if not row.shared)

    def __repr__(self) -> str:
        lines = [f"{'operation':<20} {'keeps':<12} {'array':<24} {'bytes':>12}  shared with"]
        for row in self:
            shape = f"{row.array.dtype}{tuple(row.array.shape)}"
            name = row.node.name()
            lines.append(f"{name:<20} {row.name:<12} {shape:<24} {row.bytes:>12,}  {row.shared}")
        return "\n".join([line.rstrip() for line in lines] + [f"total {self.total:,} bytes"])


def saved(loss: Tensor) -> Saved:
    """What the graph of `loss` keeps for backward: rows of (node, name, array, bytes, shared).

    Newest node first. Print it for a table; `.total` is the number of bytes, in which leaves and
    what several nodes share do not count twice. A node that backward has passed keeps nothing.
    """
    places = [place for place in walk(loss) if loss.requires_grad]
    holders: dict[int, str] = {}
    for place in places:
        leaf = place.tensor if isinstance(place, AccumulateGrad) else None
        if leaf is not None:
            name = getattr(leaf, "name", None) or f"of shape {tuple(leaf.shape)}"
            holders[id(block_of(leaf.array))] = f"leaf {name}"
    rows = Saved()
    nodes = [place for place in places if isinstance(place, Function)]
    for node in sorted(nodes, key=lambda node: -node.seq):
        for name, array in arrays_kept(node):
            block = block_of(array)
            rows.append(Kept(node, name, array, block.nbytes, holders.get(id(block), "")))
            holders.setdefault(id(block), f"{node.name()} {name}")
    return rows
