"""Answers computed from a recording: why, where from, and who holds it.

Every function takes a `Story` and gives an `Answer`: one or a few sentences, and the facts they
tell, as plain data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .story import Event, Named, Node, Story

__all__ = [
    "Answer",
    "holders",
    "peak",
    "second_backward",
    "why_before",
    "why_no_grad",
    "zeroed",
]


class Answer(NamedTuple):
    """Sentences, and the facts they tell."""

    text: str
    facts: dict[str, Any]

    def __str__(self) -> str:
        return self.text


# --------------------------------------------------------------------------------- memory


def memory(story: Story) -> Iterator[tuple[int, int]]:
    """(moment, bytes alive) at each birth and death."""
    alive = 0
    for moment, event in enumerate(story.events):
        if event["kind"] == "born":
            alive += event["bytes"]
        elif event["kind"] == "died" and event.get("array") in story.arrays:
            alive -= story.arrays[event["array"]].event["bytes"]
        else:
            continue
        yield moment, alive


def peak(story: Story) -> Answer:
    """When most memory was alive, and which line made the largest array among it."""
    moment, total = max(memory(story), key=lambda pair: pair[1], default=(0, 0))
    alive = [
        a for a in story.arrays.values() if a.born <= moment and (a.died is None or a.died > moment)
    ]
    if not alive:
        return Answer("No array was seen.", {"bytes": 0})
    largest = max(alive, key=lambda a: (a.event["bytes"], a.number))
    line = story.line(largest.event)
    there = " (it was there before)" if largest.event.get("before") else ""
    names = ", ".join(name for name, _ in holding(story, largest.number, moment))
    text = (
        f"Most memory, {total:,} bytes in {len(alive)} arrays, was alive at "
        f"{story.line(story.events[moment])}. The largest of them, "
        f"{shape_of(largest.event)} of {largest.event['bytes']:,} bytes, was made at {line}{there}"
        + (f"; it is held by {names}." if names else ".")
    )
    facts = {"bytes": total, "moment": moment, "array": largest.number, "line": line}
    return Answer(text, facts)


def shape_of(event: Event) -> str:
    """`float32(3, 4)`."""
    return f"{event['dtype']}({', '.join(map(str, event['shape']))})"


def holding(story: Story, array: int, moment: int) -> list[tuple[str, dict[str, Any]]]:
    """Who holds an array at a moment: (in words, facts)."""
    found: list[tuple[str, dict[str, Any]]] = []
    for tensor in story.tensors_of(array):
        if not alive_at(tensor.seen, tensor.died, moment):
            continue
        names = [n for n, begin, end in tensor.names if alive_at(begin, end, moment)]
        if tensor.parameter:
            found.append((f"the parameter {tensor.parameter}", {"parameter": tensor.parameter}))
        found += [(f"the name {name}", {"name": name}) for name in names]
        if not names and not tensor.parameter:
            maker = "" if tensor.maker is None else f", the output of {story.called(tensor.maker)}"
            found.append((f"a tensor without a name{maker}", {"tensor": tensor.number}))
    for node in story.nodes.values():
        for kept in kept_at(node, moment):
            if kept["array"] == array:
                words = f"{story.called(node.number)}, which keeps its {kept['name']} for backward"
                found.append((words, {"node": node.number, "saved": kept["name"]}))
    for tensor in story.tensors.values():
        if any(a == array and alive_at(begin, end, moment) for a, begin, end in tensor.grads):
            name = story.name(tensor.number, moment)
            found.append((f"{name}.grad", {"grad": name}))
    for tensor_number, name, since in story.state.get(array, [])[:1]:
        if since <= moment:
            of = story.name(tensor_number, moment)
            found.append((f"the optimizer's {name} of {of}", {"state": name, "of": of}))
    return found


def alive_at(begin: int, end: int | None, moment: int) -> bool:
    """Whether a span that ends at `end` (None: never) holds the moment."""
    return begin <= moment and (end is None or moment < end)


def kept_at(node: Node, moment: int) -> list[dict[str, Any]]:
    """What a node keeps for backward at a moment."""
    ends = [m for m in (node.released_at, node.died) if m is not None]
    inside = alive_at(node.made, min(ends, default=None), moment)
    return list(node.event.get("saved", ())) if inside else []


def holders(story: Story, name: str | int, moment: int | None = None) -> Answer:
    """Who holds the array of a tensor (by name or number) at a moment, by default the last."""
    tensor = story.find(name)
    when = len(story.events) if moment is None else moment
    array = tensor.record["array"]
    found = holding(story, array, when)
    if not found:
        died = story.arrays[array].died
        at = f" It was freed at {story.line(story.events[died])}." if died is not None else ""
        return Answer(f"Nobody holds the array of {name}.{at}", {"holders": []})
    words = "; ".join(text for text, _ in found)
    return Answer(f"The array of {name} is held by {words}.", {"holders": [f for _, f in found]})


# --------------------------------------------------------------------------------- gradients


def why_no_grad(story: Story, name: str | int, moment: int | None = None) -> Answer:
    """Why the `.grad` of a tensor is None at a moment, by default the last."""
    tensor = story.find(name)
    when = len(story.events) if moment is None else moment
    if any(alive_at(begin, end, when) for _, begin, end in tensor.grads):
        return Answer(f"{name} has a gradient.", {"reason": "it has one"})
    ended = [end for _, _, end in tensor.grads if end is not None and end <= when]
    if ended:
        line = story.line(story.events[ended[-1]])
        by = story.events[ended[-1]]["kind"]
        how = f"zero_grad cleared it at {line}" if by == "zero_grad" else f"it was freed at {line}"
        return Answer(
            f"{name} had a gradient; {how}, and no backward has written one since.",
            {"reason": "cleared", "line": line},
        )
    if not tensor.record["requires_grad"]:
        return cut(story, tensor, name)
    if tensor.maker is not None:
        return Answer(
            f"{name} is not a leaf: {story.called(tensor.maker)} made it at "
            f"{story.line(story.nodes[tensor.maker].event)}, and only leaves keep gradients. "
            "Remedy: retain_grad() before backward.",
            {"reason": "not a leaf", "node": tensor.maker},
        )
    walks = [w for w in story.walks.values() if w.begun < when]
    if not walks:
        return Answer(f"{name}: no backward has run.", {"reason": "no backward"})
    used = users(story, tensor.number)
    if not used:
        return Answer(
            f"{name} was not used by any recorded operation, so no backward can reach it.",
            {"reason": "unused"},
        )
    root = story.line(walks[-1].event)
    return Answer(
        f"{name} was used by {story.called(used[0])} at "
        f"{story.line(story.nodes[used[0]].event)}, but nothing leads from there to the loss whose "
        f"backward ran at {root}.",
        {"reason": "not reached", "node": used[0]},
    )


def cut(story: Story, tensor: Named, name: str | int) -> Answer:
    """Why a tensor requires no gradient."""
    if not tensor.record["dtype"].startswith(("float", "complex", "bfloat")):
        dtype = tensor.record["dtype"]
        return Answer(
            f"{name} is {dtype}: only floating-point tensors have gradients.",
            {"reason": "integers"},
        )
    if tensor.maker is not None:
        node = story.nodes[tensor.maker]
        line = story.line(node.event)
        if not node.event.get("grad_mode", True):
            return Answer(
                f"{name} was computed by {story.called(node.number)} under no_grad, at {line}.",
                {"reason": "no_grad", "line": line, "node": node.number},
            )
        return Answer(
            f"{name} was computed by {story.called(node.number)} at {line} from tensors that "
            "require no gradient.",
            {"reason": "nothing requires", "line": line, "node": node.number},
        )
    shares = [t for t in story.tensors_of(tensor.record["array"]) if t.record["requires_grad"]]
    if shares:
        return Answer(
            f"{name} was cut off by detach() or .data: it shares its memory with "
            f"{story.name(shares[0].number)}, which requires one.",
            {"reason": "detached", "from": shares[0].number},
        )
    return Answer(
        f"{name} is a leaf that does not ask for a gradient. Remedy: requires_grad_() before it is "
        "used.",
        {"reason": "not asked"},
    )


def users(story: Story, tensor: int) -> list[int]:
    """The recorded nodes that took a tensor as an input."""
    return [
        node.number
        for node in story.nodes.values()
        if node.event.get("recorded")
        and any(x.get("tensor") == tensor for x in node.event.get("inputs", ()))
    ]


def zeroed(story: Story, step: int | None = None) -> Answer:
    """What a `zero_grad` changed: the last one, or that of a step."""
    found = [i for i, e in enumerate(story.events) if e["kind"] == "zero_grad"]
    if step is not None:
        found = [i for i in found if story.step_of(i) == step]
    if not found:
        return Answer("zero_grad was not called.", {"cleared": []})
    moment = found[-1]
    event = story.events[moment]
    names = [story.name(c["tensor"], moment) for c in event["cleared"]]
    total = sum(c["bytes"] for c in event["cleared"])
    freed = {
        e["array"]
        for e in story.events[moment:]
        if e["kind"] == "died" and "array" in e and e["at"] == event["at"]
    }
    gone = sum(c["bytes"] for c in event["cleared"] if c["array"] in freed)
    line = story.line(event)
    facts = {"cleared": names, "bytes": total, "freed": gone, "line": line}
    if not names:
        return Answer(f"zero_grad at {line} changed nothing: no parameter had a gradient.", facts)
    what = "became None" if event["set_to_none"] else "were filled with zeros"
    text = (
        f"zero_grad at {line}: the .grad of {len(names)} of {event['parameters']} parameters "
        f"{what} ({listed(names)}), {total:,} bytes"
        + (f", of which {gone:,} were freed." if event["set_to_none"] else ".")
    )
    return Answer(text, facts)


def listed(names: list[str], most: int = 6) -> str:
    """A few names, and how many more."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


# --------------------------------------------------------------------------------- order


def why_before(story: Story, first: int, second: int) -> Answer:
    """Why backward visited node `first` before node `second`."""
    a, b = story.nodes[first], story.nodes[second]
    names = story.called(first), story.called(second)
    if not a.visits or not b.visits or a.visits[0] > b.visits[0]:
        return Answer(f"Backward did not visit {names[0]} before {names[1]}.", {"reason": "no"})
    path = leads(story, second, first)
    seqs = {"seq": [a.event["seq"], b.event["seq"]]}
    if path:
        chain = " → ".join(story.called(n) for n in path)
        return Answer(
            f"{names[0]} uses what {names[1]} made ({chain}): the gradient of {names[1]} is "
            f"complete only when all that used its output, {names[0]} among them, were passed.",
            {"reason": "consumer", "path": path, **seqs},
        )
    return Answer(
        f"Neither needs the other's result; {names[0]} was made later ({seqs['seq'][0]} after "
        f"{seqs['seq'][1]}), and of the nodes that wait backward takes the newest, whose consumers "
        "must all have been passed.",
        {"reason": "newest first", **seqs},
    )


def leads(story: Story, source: int, target: int) -> list[int]:
    """A path of nodes from `source` forward to `target`, [] if there is none."""
    before: dict[int, int] = {target: target}
    stack = [target]
    while stack:
        node = stack.pop()
        for maker in makers(story, node):
            if maker not in before and maker >= source:
                before[maker] = node
                stack.append(maker)
    if source not in before or source == target:
        return []
    path = [source]
    while path[-1] != target:
        path.append(before[path[-1]])
    return path


def makers(story: Story, node: int) -> list[int]:
    """The nodes that made the inputs of a node."""
    tensors = [x["tensor"] for x in story.nodes[node].event.get("inputs", ()) if "tensor" in x]
    found = [story.tensors[t].maker for t in tensors if t in story.tensors]
    return [maker for maker in found if maker is not None]


def second_backward(story: Story, walk: int | None = None) -> Answer:
    """What another backward through the graph of a walk would need; by default of the last, or, if
    it stopped at a node that an earlier one had released, of that one."""
    if not story.walks:
        return Answer("No backward ran.", {"nodes": []})
    chosen = story.walks[released_first(story) or max(story.walks) if walk is None else walk]
    gone = [
        n
        for n in dict.fromkeys(chosen.nodes)
        if story.nodes[n].released_by == chosen.number and story.nodes[n].event.get("saved")
    ]
    kept = [(n, s) for n in gone for s in story.nodes[n].event["saved"]]
    total = sum({s["array"]: s["bytes"] for _, s in kept}.values())
    facts = {"nodes": gone, "bytes": total, "walk": chosen.number, "line": story.line(chosen.event)}
    if not gone:
        return Answer(
            f"A second backward can pass: the one at {facts['line']} released nothing.", facts
        )
    words = [f"{story.called(n)} its {s['name']} ({s['bytes']:,} bytes)" for n, s in kept]
    return Answer(
        f"The backward at {facts['line']} released what {len(gone)} nodes kept, {total:,} bytes. A "
        f"second one would need it again: {listed(words)}. Remedy: retain_graph=True the first "
        "time, or compute the forward pass again.",
        facts,
    )


def released_first(story: Story) -> int | None:
    """The walk that had released the node at which the last one stopped in an exception."""
    error = next((e for e in story.events if e["kind"] == "error"), {})
    waiting = story.nodes.get(error.get("waiting") or 0)
    return waiting.released_by if waiting else None
