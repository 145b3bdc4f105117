"""What went wrong, computed from a recording: the first NaN, the stale array, the second
backward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .explain import Answer, alive_at, shape_of, users
from .story import Event, Story

__all__ = ["failure", "first_nan"]


def first_nan(story: Story) -> Answer:
    """The first NaN of the run and the operation that made it; else the first infinity that was
    made from finite numbers."""
    earlier: Answer | None = None
    for moment, event in enumerate(story.events):
        for what, value in values_of(event):
            trouble = bad(value)
            if trouble == "NaN":
                answer = producer(story, moment, event, what, trouble)
                before = f" Before it came an infinity. {earlier.text}" if earlier else ""
                return Answer(answer.text + before, answer.facts)
            if trouble and earlier is None and made_from_finite(story, event):
                earlier = producer(story, moment, event, what, trouble)
    return earlier or Answer("No NaN and no infinity was made.", {"found": False})


def made_from_finite(story: Story, event: Event) -> bool:
    """Whether an infinity was made from finite numbers: programs that write it into a mask, or
    are given it, mean it."""
    if event["kind"] == "tensor":
        return False
    if event["kind"] != "function":
        return True
    numbers = [x.get("number") for x in event["inputs"]] + list(event["options"].values())
    records = [story.tensors[x["tensor"]].record for x in event["inputs"] if "tensor" in x]
    given = any(bad(record["value"]) for record in records)
    return not given and not {"inf", "-inf"} & set(map(str, numbers))


def values_of(event: Event) -> Iterator[tuple[str, Any]]:
    """(in words, value) of what an event holds."""
    if event["kind"] == "function":
        for i, output in enumerate(event.get("outputs", ())):
            yield f"output {i}", output.get("value")
    elif event["kind"] == "tensor":
        yield "value", event["value"]
    elif event["kind"] == "sent":
        yield f"gradient of input {event['input']}", event.get("value")
    elif event["kind"] == "update":
        yield "updated value", event["value"]


def bad(value: Any) -> str:
    """'NaN' or 'infinity', if a recorded value holds one; else ''."""
    if not isinstance(value, dict):
        return ""
    if "whole" in value:
        flat = list(flatten(value["whole"]))
        return "NaN" if "nan" in flat else "infinity" if {"inf", "-inf"} & set(flat) else ""
    return "NaN" if value["nan"] else "infinity" if value["inf"] else ""


def flatten(nested: Any) -> Iterator[Any]:
    """The numbers in nested lists; NaN and infinities are texts."""
    if isinstance(nested, list):
        for inner in nested:
            yield from flatten(inner)
    elif isinstance(nested, int | float | str) and not isinstance(nested, bool):
        yield nested


def producer(story: Story, moment: int, event: Event, what: str, trouble: str) -> Answer:
    """The sentence on the first bad number."""
    line = story.line(event)
    facts = {"found": True, "trouble": trouble, "line": line, "moment": moment}
    if event["kind"] == "tensor":
        name = story.name(event["tensor"])
        return Answer(f"{name} held {trouble} when it was first seen, at {line}.", facts)
    if event["kind"] == "update":
        name = story.name(event["tensor"])
        return Answer(f"The update of {name} at {line} made {trouble}.", facts)
    number = event["node"]
    facts["node"] = number
    made = story.line(story.nodes[number].event)
    way = "" if event["kind"] == "function" else f" in backward, at {line}; the node was"
    inputs = ", ".join(input_words(story, number, moment))
    return Answer(
        f"The first {trouble} is the {what} of {story.called(number)},{way} made at {made}, from "
        f"{inputs}: nothing before it held one.",
        facts,
    )


def input_words(story: Story, node: int, moment: int) -> Iterator[str]:
    """The inputs of a node, with the range of their numbers."""
    for x in story.nodes[node].event.get("inputs", ()):
        if "tensor" not in x:
            yield str(x.get("number", "an array"))
            continue
        record = story.tensors[x["tensor"]].record
        yield f"{story.name(x['tensor'], moment)} {shape_of(record)}{range_of(record['value'])}"


def range_of(value: Any) -> str:
    """` in [-1, 1]`, if it is known."""
    if not isinstance(value, dict):
        return ""
    numbers = [x for x in flatten(value.get("whole", [])) if not isinstance(x, str)]
    ends = (min(numbers), max(numbers)) if numbers else (value.get("min"), value.get("max"))
    return "" if ends[0] is None else f" in [{ends[0]:.4g}, {ends[1]:.4g}]"


def failure(story: Story) -> Answer:
    """What ended the recording: the exception, explained where it has to do with the graph."""
    found = [(i, e) for i, e in enumerate(story.events) if e["kind"] == "error"]
    if not found:
        return Answer("The program ended by itself.", {"error": None})
    moment, event = found[-1]
    place = event["traceback"][-1] if event["traceback"] else None
    line = f"{story.data['files'][place[0]]['path']}:{place[1]}" if place else ""
    facts = {"error": event["type"], "line": line}
    what = f"{event['type']} at {line}: {event['message']}"
    node = event.get("waiting")
    if event["walk"] in story.walks and node in story.nodes:
        moment = story.walks[event["walk"]].begun  # by now the variables may be gone
        for reason in (stale, released_before):
            answer = reason(story, node, moment)
            if answer is not None:
                return Answer(f"{what}\n{answer.text}", {**facts, **answer.facts})
    return Answer(what, facts)


def stale(story: Story, number: int, moment: int) -> Answer | None:
    """The node needs an array that was changed in place: the line that saved it, and that that
    changed it."""
    node = story.nodes[number]
    for kept in node.event.get("saved", ()):
        for write in story.writes:
            event = story.events[write]
            if event["array"] == kept["array"] and event["version"] > kept["version"]:
                saved, changed = story.line(node.event), story.line(event)
                return Answer(
                    f"{story.called(number)}, made at {saved}, saved its {kept['name']} for "
                    f"backward; {event['by']} at {changed} changed it in place afterwards.",
                    {"node": number, "saved_at": saved, "changed_at": changed, "by": event["by"]},
                )
    return None


def released_before(story: Story, number: int, moment: int) -> Answer | None:
    """The node was passed by an earlier backward: which, and who outside still leads there."""
    node = story.nodes[number]
    if node.released_by is None:
        return None
    walk = story.walks[node.released_by]
    line, made = story.line(walk.event), story.line(node.event)
    user = next((n for n in users_of(story, number) if story.nodes[n].made > walk.begun), None)
    text = (
        f"{story.called(number)}, made at {made} in step {story.step_of(node.made)}, was released "
        f"by the backward at {line} (walk {walk.number})"
    )
    facts = {"node": number, "released_at": line, "walk": walk.number, "made_at": made}
    if user is not None:
        again = story.line(story.nodes[user].event)
        text += f"; {story.called(user)}, made after it at {again}, leads back there"
        facts["reached_from"] = user
    held = [
        story.name(o["tensor"], moment)
        for o in node.event.get("outputs", ())
        if "tensor" in o and any(alive_at(b, e, moment) for _, b, e in names_of(story, o["tensor"]))
    ]
    if held:
        text += f"; the name {held[0]} still holds it"
        facts["held_by"] = held[0]
    return Answer(text + ".", facts)


def names_of(story: Story, tensor: int) -> list[tuple[str, int, int | None]]:
    """The spans in which variables name a tensor."""
    return story.tensors[tensor].names if tensor in story.tensors else []


def users_of(story: Story, node: int) -> list[int]:
    """The recorded nodes that took an output of a node."""
    outputs = [o["tensor"] for o in story.nodes[node].event.get("outputs", ()) if "tensor" in o]
    return [n for tensor in outputs for n in users(story, tensor)]
