"""A recording read back: tables of arrays, tensors, functions and walks.

Moments are numbers of events. Works on plain data: on `t.data`, or on what `json.load` gives of a
saved file.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]


@dataclass
class Array:
    """A memory block: from `born` to `died`, moments; `died` is None while it lives."""

    number: int
    event: Event
    born: int
    died: int | None = None


@dataclass
class Named:
    """A Tensor: its record, the spans in which variables name it, its parameter's name."""

    number: int
    record: Event
    seen: int
    died: int | None = None
    parameter: str = ""
    names: list[tuple[str, int, int | None]] = field(default_factory=list)  # name, from, to
    grads: list[tuple[int, int, int | None]] = field(default_factory=list)  # array, from, to
    maker: int | None = None


@dataclass
class Node:
    """A call of an operation, the moments at which backward visited it, and what it sent."""

    number: int
    event: Event
    made: int
    visits: list[int] = field(default_factory=list)
    sent: list[Event] = field(default_factory=list)
    died: int | None = None
    released_at: int | None = None  # the moment at which backward let go of what it kept
    released_by: int | None = None  # the number of that walk


@dataclass
class Walk:
    """One backward: its moments, and the nodes it visited, in order."""

    number: int
    event: Event
    begun: int
    nodes: list[int] = field(default_factory=list)
    ended: int | None = None


class Story:
    """The tables. `moments` are numbers of events."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.events: list[Event] = data["events"]
        self.arrays: dict[int, Array] = {}
        self.tensors: dict[int, Named] = {}
        self.nodes: dict[int, Node] = {}
        self.walks: dict[int, Walk] = {}
        self.writes: list[int] = []
        self.state: dict[int, list[tuple[int, str, int]]] = {}  # array -> tensor, name, moment
        self._variables: dict[tuple[str, str], int] = {}
        self._leaves: dict[int, Named] = {}  # array -> the tensor whose .grad it is
        self._steps = [i for i, e in enumerate(self.events) if e["kind"] == "stepped"]
        for moment, event in enumerate(self.events):
            read = READERS.get(event["kind"])
            if read is not None:
                read(self, moment, event)

    # Where in the program.

    def line(self, event: Event, depth: int = -1) -> str:
        """`file:line` of an event; '' where no line of the user's ran."""
        place = self.place(event, depth)
        return "" if place is None else f"{self.data['files'][place[0]]['path']}:{place[1]}"

    def place(self, event: Event, depth: int = -1) -> Any:
        """The place of an event: the innermost, or that at another depth of the stack."""
        stack = self.data["stacks"][event["at"]]
        return stack[depth] if stack else None

    def source(self, place: Any) -> str:
        """The text of a place's line, without its indentation."""
        lines = self.data["files"][place[0]]["text"].splitlines()
        return lines[place[1] - 1].strip() if place[1] <= len(lines) else ""

    # Names for people.

    def name(self, tensor: int, moment: int | None = None) -> str:
        """What a person calls a tensor: its parameter's name, a variable's, or its maker's."""
        known = self.tensors.get(tensor)
        if known is None:
            return f"tensor {tensor}"
        if known.parameter:
            return known.parameter
        for name, begin, end in reversed(known.names):
            if moment is None or (begin <= moment and (end is None or moment < end)):
                return name
        if known.maker is not None:
            return f"#{known.maker}"
        return known.names[0][0] if known.names else f"tensor {tensor}"

    def called(self, node: int) -> str:
        """A node in words: `#3 Tanh`."""
        known = self.nodes.get(node)
        return f"#{node} {known.event['op']}" if known is not None else f"#{node}"

    def find(self, name: str | int) -> Named:
        """The tensor of this name, the latest. Raises KeyError if there is none."""
        if isinstance(name, int):
            return self.tensors[name]
        for tensor in reversed(self.tensors.values()):
            if tensor.parameter == name or any(n == name for n, _, _ in tensor.names):
                return tensor
        raise KeyError(f"no tensor is called {name!r} in this recording")

    def tensors_of(self, array: int) -> Iterator[Named]:
        """The tensors whose memory an array is."""
        return (t for t in self.tensors.values() if t.record.get("array") == array)

    def step_of(self, moment: int) -> int:
        """The number of the step in which a moment lies, from 1."""
        done = bisect_left(self._steps, moment)
        return 1 + (self.events[self._steps[done - 1]]["step"] if done else 0)


def _born(story: Story, moment: int, event: Event) -> None:
    story.arrays[event["array"]] = Array(event["array"], event, moment)


def _tensor(story: Story, moment: int, event: Event) -> None:
    named = Named(event["tensor"], event, moment, parameter=event.get("name", ""))
    story.tensors[event["tensor"]] = named


def _died(story: Story, moment: int, event: Event) -> None:
    for kind, table in (("array", story.arrays), ("tensor", story.tensors), ("node", story.nodes)):
        if kind in event and event[kind] in table:
            table[event[kind]].died = moment  # type: ignore[attr-defined]
    leaf = story._leaves.pop(event.get("array", 0), None)
    if leaf is not None:
        _end_grad(leaf, moment, event["array"])


def _end_grad(tensor: Named, moment: int, array: int | None = None) -> None:
    if tensor.grads and tensor.grads[-1][2] is None:
        held, begin, _ = tensor.grads[-1]
        if array is None or held == array:
            tensor.grads[-1] = held, begin, moment


def _function(story: Story, moment: int, event: Event) -> None:
    story.nodes[event["node"]] = Node(event["node"], event, moment)
    for output in event.get("outputs", ()):
        if "tensor" in output:
            known = story.tensors.get(output["tensor"])
            if known is None:
                known = story.tensors[output["tensor"]] = Named(output["tensor"], output, moment)
            known.maker = event["node"]


def _name(story: Story, moment: int, event: Event) -> None:
    tensor = story.tensors.get(event["tensor"])
    if tensor is None:
        return
    if event.get("parameter"):
        tensor.parameter = event["name"]
        return
    key = event["name"], event.get("function", "")
    before = story._variables.get(key)
    if before is not None and before in story.tensors:
        _end_name(story.tensors[before], event["name"], moment)
    story._variables[key] = event["tensor"]
    tensor.names.append((event["name"], moment, None))


def _unname(story: Story, moment: int, event: Event) -> None:
    if event["tensor"] in story.tensors:
        _end_name(story.tensors[event["tensor"]], event["name"], moment)


def _end_name(tensor: Named, name: str, moment: int) -> None:
    for i, (known, begin, end) in enumerate(tensor.names):
        if known == name and end is None:
            tensor.names[i] = known, begin, moment


def _backward(story: Story, moment: int, event: Event) -> None:
    story.walks[event["walk"]] = Walk(event["walk"], event, moment)


def _passed(story: Story, moment: int, event: Event) -> None:
    if event["walk"] in story.walks:
        story.walks[event["walk"]].ended = moment


def _visit(story: Story, moment: int, event: Event) -> None:
    if event["node"] in story.nodes:
        node = story.nodes[event["node"]]
        node.visits.append(moment)
        if event["released"] and node.released_at is None:
            node.released_at, node.released_by = moment, event["walk"]
    if event["walk"] in story.walks:
        story.walks[event["walk"]].nodes.append(event["node"])


def _sent(story: Story, moment: int, event: Event) -> None:
    if event["node"] in story.nodes:
        story.nodes[event["node"]].sent.append({**event, "moment": moment})


def _grad(story: Story, moment: int, event: Event) -> None:
    tensor = story.tensors.get(event["tensor"])
    if tensor is not None and not (
        tensor.grads and tensor.grads[-1][::2] == (event["array"], None)
    ):
        _end_grad(tensor, moment)
        tensor.grads.append((event["array"], moment, None))
        story._leaves[event["array"]] = tensor


def _zero_grad(story: Story, moment: int, event: Event) -> None:
    for cleared in event["cleared"] if event["set_to_none"] else ():
        if cleared["tensor"] in story.tensors:
            _end_grad(story.tensors[cleared["tensor"]], moment)


def _write(story: Story, moment: int, event: Event) -> None:
    story.writes.append(moment)


def _update(story: Story, moment: int, event: Event) -> None:
    for name, array in event["state"].items():
        story.state.setdefault(array, []).append((event["tensor"], name, moment))


READERS = {
    "born": _born,
    "tensor": _tensor,
    "died": _died,
    "function": _function,
    "name": _name,
    "unname": _unname,
    "backward": _backward,
    "passed": _passed,
    "visit": _visit,
    "sent": _sent,
    "grad": _grad,
    "zero_grad": _zero_grad,
    "write": _write,
    "update": _update,
}
