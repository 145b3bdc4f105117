"""The computational graph as a picture: tensors as ellipses, functions as boxes, time downwards.

The picture is DOT text. Graphviz's program `dot` turns it into SVG where it is installed; elsewhere
`layered` below lays it out, in a simpler way.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any
from weakref import ref

from .autograd.function import Function, Output
from .autograd.hooks import user_frame
from .tensor import AccumulateGrad, Tensor
from .tracing.frames import names_around

__all__ = ["Drawing", "draw"]

#: kind -> (form, colour)
LOOKS = {
    "function": ("box", "lightblue"),
    "tensor": ("ellipse", "orange"),
    "leaf": ("ellipse", "palegreen"),  # receives .grad: parameters above all
    "constant": ("ellipse", "lightgray"),
    "folded": ("box", "white"),
    "bend": ("", ""),  # where a long arrow passes a layer
}


def draw(y: Any, params: Any = None, limit: int = 200) -> Drawing:
    """The graph that made `y` (a Tensor or several): an object with `.dot`, `.svg`, `save(path)`.

    params: names, as {name: tensor} or (name, tensor) pairs, such as `model.named_parameters()`;
    otherwise a tensor is called by its attribute `name` or, as in a trace, by the variable of the
    caller that holds it, a parameter by its path in the caller's model. Leaves that require a
    gradient are green, constants grey. Of graphs with more than `limit` nodes the newest part is
    drawn, and the picture says how much is missing. Notebooks show the picture by itself.
    """
    outputs = [y] if isinstance(y, Tensor) else list(y)
    pairs = dict(params or ()).items()
    given = {id(tensor): name for name, tensor in pairs}
    graph = Graph(given, names_around(user_frame()))
    graph.read(outputs, limit)
    return Drawing(graph)


@dataclass
class Item:
    """One ellipse or box."""

    kind: str
    label: list[str]
    layer: int = 0
    x: float = 0.0

    @property
    def width(self) -> float:
        """In pixels, from the length of the text."""
        return 7.5 * max(map(len, self.label), default=0) + (
            34 if LOOKS[self.kind][0] == "ellipse" else 16
        )


@dataclass
class Graph:
    """What is drawn: items by key, and arrows between keys, in the order of computing."""

    names: dict[int, str]
    around: dict[int, str] = field(default_factory=dict)  # names of the caller's variables
    items: dict[Any, Item] = field(default_factory=dict)
    arrows: list[tuple[Any, Any]] = field(default_factory=list)

    def read(self, outputs: list[Tensor], limit: int) -> None:
        """Collect the newest functions first, until there are `limit` items; count the rest."""
        heap: list[tuple[int, Any]] = []
        seen: set[Any] = set()
        folded = 0
        for y in outputs:
            self.show(y if y.node is None else y.node, None, 0)
            follow(y.node, heap, seen)
        open_ends = []
        while heap:
            node = heappop(heap)[1]
            drawn = len(self.items) < limit
            folded += not drawn
            if drawn:
                self.show_function(node)
            else:
                open_ends.append(node)
            for edge in node.edges:
                follow(edge, heap, seen)
        if folded:
            text = [f"... {folded:,} more functions", f"before these (limit={limit})"]
            self.items["folded"] = Item("folded", text)
            ends = [key for node in open_ends for key in keys_of(node) if key in self.items]
            self.arrows += [("folded", key) for key in ends]
        self.arrows.reverse()

    def show_function(self, node: Any) -> None:
        """A box, its outputs under it, its inputs above it."""
        self.items[id(node)] = Item("function", [node.name()])
        places = [Output(node, i) for i in range(node.carrying)] if several(node) else [node]
        for place in reversed(places):
            self.arrows.append((id(node), self.show(place, node, 0)))
        for i, edge in reversed(list(enumerate(node.edges))):
            if edge is not None:
                self.arrows.append((self.show(edge, node, i), id(node)))

    def show(self, place: Any, consumer: Any, i: int) -> Any:
        """An ellipse for the tensor at `place`, or for a constant; its key."""
        constant = isinstance(place, Tensor | ref)
        tensor = place if isinstance(place, Tensor) else place() if constant else place.tensor
        key = key_of(place, tensor, consumer, i)
        if key not in self.items:
            leaf = isinstance(place, AccumulateGrad)
            kind = "constant" if constant else "leaf" if leaf else "tensor"
            name = self.names.get(id(tensor)) or getattr(tensor, "name", None)
            name = name or self.around.get(id(tensor))
            label = [name] if isinstance(name, str) else []
            if tensor is not None or not constant:  # else it was freed, and left nothing
                label.append(str(tuple((tensor if constant else place).shape)))
            self.items[key] = Item(kind, label or ["constant"])
        return key


def several(node: Any) -> bool:
    """Whether a Function gave a tuple."""
    return isinstance(node.ref, tuple)


def key_of(place: Any, tensor: Any, consumer: Any, i: int) -> Any:
    """What tells tensors of the graph apart, also where they were freed: their places."""
    if isinstance(place, Output):
        return id(place.owner), place.index
    if isinstance(place, Function):
        return id(place), 0
    if isinstance(place, AccumulateGrad):
        return id(place)
    return ("constant", id(consumer), i) if tensor is None else ("constant", id(tensor))


def keys_of(node: Any) -> list[Any]:
    """The keys of the outputs of a Function."""
    return [(id(node), i) for i in range(node.carrying if several(node) else 1)]


def follow(place: Any, heap: list[tuple[int, Any]], seen: set[Any]) -> None:
    """Put the Function behind `place` on the heap, newest first, once."""
    node = getattr(place, "owner", place)
    if isinstance(node, Function) and node not in seen:
        seen.add(node)
        heappush(heap, (-node.seq, node))


class Drawing:
    """A drawn graph: `.dot`, `.svg` (texts), `save(path)`."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def dot(self) -> str:
        """The graph in Graphviz's language."""
        numbers = {key: n for n, key in enumerate(self.graph.items)}
        lines = ["digraph {"]
        for key, item in self.graph.items.items():
            shape, color = LOOKS[item.kind]
            text = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in item.label)
            look = f"shape={shape}, style=filled, fillcolor={color}"
            lines.append(f'  n{numbers[key]} [label="{text}", {look}]')
        lines += [f"  n{numbers[a]} -> n{numbers[b]}" for a, b in self.graph.arrows]
        return "\n".join([*lines, "}"])

    @cached_property
    def svg(self) -> str:
        """The picture: laid out by the program `dot` if it is installed, else by `layered`."""
        program = shutil.which("dot")
        if program is not None:
            run = subprocess.run(
                [program, "-Tsvg"], input=self.dot.encode(), capture_output=True, check=False
            )
            if run.returncode == 0:
                return run.stdout.decode()
        return layered(self.graph)

    def save(self, path: str | PathLike[str]) -> None:
        """Write a file: .svg, .dot or .gv; .png, .pdf and others if `dot` is installed."""
        form = Path(path).suffix[1:]
        if form in ("svg", "dot", "gv"):
            Path(path).write_text(self.svg if form == "svg" else self.dot, encoding="utf-8")
            return
        program = shutil.which("dot")
        if program is None:
            raise RuntimeError(
                f"draw: a {form or 'nameless'} file needs Graphviz's program dot, which is not "
                "installed. Remedy: install Graphviz, or save as .svg or .dot"
            )
        command = [program, f"-T{form}", "-o", str(path)]
        subprocess.run(command, input=self.dot.encode(), check=True)

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<drawing of {len(self.graph.items)} nodes: .svg, .dot, .save(path)>"


# A layout of our own: layers from the longest path, order by the neighbours' mean place.

GAP, HEIGHT, STEP = 18, 34, 64  # pixels: between neighbours, of an item, from layer to layer


def layered(graph: Graph) -> str:
    """The graph as SVG, without Graphviz."""
    graph = Graph({}, {}, {key: copy(item) for key, item in graph.items.items()}, graph.arrows)
    layers = find_layers(graph)
    above: dict[Any, list[Item]] = {key: [] for key in graph.items}
    below: dict[Any, list[Item]] = {key: [] for key in graph.items}
    for a, b in graph.arrows:
        above[b].append(graph.items[a])
        below[a].append(graph.items[b])
    for layer in layers:
        spread(graph, layer, {key: float(n) for n, key in enumerate(layer)})
    for sweep in range(8):
        near = above if sweep % 2 == 0 else below
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wish = {key: mean(near[key], graph.items[key].x) for key in layer}
            spread(graph, layer, wish)
    return svg_text(graph, len(layers))


def find_layers(graph: Graph) -> list[list[Any]]:
    """Keys by layer; `arrows` come in the order of computing, so one pass finds longest paths."""
    for a, b in graph.arrows:
        graph.items[b].layer = max(graph.items[b].layer, graph.items[a].layer + 1)
    targets = {b for _, b in graph.arrows}
    for a, b in reversed(graph.arrows):
        if a not in targets and a != "folded":  # leaves move down, next to their first reader
            item, reader = graph.items[a], graph.items[b]
            item.layer = min(item.layer or reader.layer - 1, reader.layer - 1)
    graph.arrows = [part for arrow in graph.arrows for part in bend(graph, *arrow)]
    layers: list[list[Any]] = [[] for _ in range(max(i.layer for i in graph.items.values()) + 1)]
    for key, item in graph.items.items():
        layers[item.layer].append(key)
    return layers


def bend(graph: Graph, a: Any, b: Any) -> Iterator[tuple[Any, Any]]:
    """An arrow as a chain from layer to layer; those from one tensor share their trunk."""
    last = a
    for layer in range(graph.items[a].layer + 1, graph.items[b].layer):
        key = ("bend", a, layer)
        if key not in graph.items:
            graph.items[key] = Item("bend", [], layer)
            yield last, key
        last = key
    yield last, b


def mean(items: list[Item], otherwise: float) -> float:
    """The mean place of `items`."""
    return sum(item.x for item in items) / len(items) if items else otherwise


def spread(graph: Graph, layer: list[Any], wish: dict[Any, float]) -> None:
    """Set the items of a layer side by side, near where they wish to be."""
    layer.sort(key=lambda key: wish[key])
    right = float("-inf")
    for key in layer:
        item = graph.items[key]
        item.x = max(wish[key], right + item.width / 2)
        right = item.x + item.width / 2 + GAP
    shift = sum(wish[key] - graph.items[key].x for key in layer) / max(1, len(layer))
    for key in layer:
        graph.items[key].x += shift


def svg_text(graph: Graph, depth: int) -> str:
    """Arrows first, then items over them."""
    items = graph.items.values()
    left = min(item.x - item.width / 2 for item in items) - GAP
    width = max(item.x + item.width / 2 for item in items) - left + GAP
    height = depth * STEP + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
        f'viewBox="0 0 {width:.0f} {height}" font-family="sans-serif" font-size="12">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    for a, b in graph.arrows:
        parts.append(arrow_text(graph.items[a], graph.items[b], left))
    parts += [item_text(item, left) for item in items if item.kind != "bend"]
    return "\n".join([*parts, "</svg>"])


def top_of(item: Item) -> float:
    """The upper edge of an item."""
    return GAP + item.layer * STEP


def arrow_text(a: Item, b: Item, left: float) -> str:
    """A curve from the bottom of `a` to the top of `b`."""
    x, y, end, stop = a.x - left, top_of(a) + HEIGHT, b.x - left, top_of(b)
    y = top_of(a) if a.kind == "bend" else y
    pull = (stop - y) / 2
    curve = f"M{x:.1f} {y}C{x:.1f} {y + pull:.1f} {end:.1f} {stop - pull:.1f} {end:.1f} {stop}"
    tip = "" if b.kind == "bend" else ' marker-end="url(#tip)"'
    return f'<path d="{curve}" fill="none" stroke="black"{tip}/>'


def item_text(item: Item, left: float) -> str:
    """An ellipse or a box with its lines of text."""
    form, color = LOOKS[item.kind]
    x, y = item.x - left, top_of(item) + HEIGHT / 2
    if form == "box":
        outline = (
            f'<rect x="{x - item.width / 2:.1f}" y="{y - HEIGHT / 2:.1f}" '
            f'width="{item.width:.1f}" height="{HEIGHT}" fill="{color}" stroke="black"/>'
        )
    else:
        outline = (
            f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{item.width / 2:.1f}" ry="{HEIGHT / 2}" '
            f'fill="{color}" stroke="black"/>'
        )
    first = y + 4 - 7 * (len(item.label) - 1)
    texts = [
        f'<text x="{x:.1f}" y="{first + 14 * n:.1f}" text-anchor="middle">{escape(line)}</text>'
        for n, line in enumerate(item.label)
    ]
    return outline + "".join(texts)
