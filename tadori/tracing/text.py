"""The text twin of the page: the same walk, for terminals, screen readers and tests.

Without times; paths are as the recording has them. Repeats are told once, and a step that goes
like the one before it is one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .explain import listed, peak, shape_of
from .fold import folded, signature
from .sections import sections
from .story import Event, Story
from .trouble import failure, first_nan

MOST = 3000  # lines
DEEPEST = 12  # indentation of lines called from lines

Line = tuple[int, str]  # indentation, text


def text(story: Story, most: int = MOST) -> str:
    """The whole walk. Beyond `most` lines it says how many were left out."""
    lines = [*head(story), *walk(story), *tail(story)]
    if len(lines) > most:
        rest = len(lines) - most
        lines[most:] = [f"... {rest:,} more lines, left out here; the page and .json have them"]
    return "\n".join(lines) + "\n"


def head(story: Story) -> list[str]:
    """What was recorded."""
    program = story.data.get("program") or {}
    counts = {"function": "operations", "backward": "walks back", "stepped": "steps"}
    figures = []
    for kind, name in counts.items():
        number = sum(e["kind"] == kind for e in story.events)
        figures.append(f"{number:,} {name if number != 1 else name.replace('s back', ' back')}")
    script = " ".join([program.get("script", ""), *program.get("arguments", [])]).strip()
    lines = [f"trace of {script}"] if script else []
    return [*lines, ", ".join(figures)]


def tail(story: Story) -> list[str]:
    """The peak, the first NaN, what was left out, how it ended."""
    lines = ["", peak(story).text]
    nan = first_nan(story)
    if nan.facts["found"]:
        lines.append(nan.text)
    left = story.data["left_out"]
    if left["functions"]:
        lines.append(
            f"Left out: {left['functions']:,} operations were only counted, for the room was used "
            f"up (--max-mb), and {left['visits']:,} visits of backward."
        )
        for op, at, times in left["counted"][:10]:
            lines.append(f"  {op} at {story.line({'at': at})}: {times:,} times")
    if left["values"]:
        lines.append(f"Left out: the values of {left['values']:,} arrays (--max-mb).")
    error = failure(story)
    if error.facts["error"]:
        lines += ["", "The program ended in an exception.", *error.text.splitlines()]
    return lines


def walk(story: Story) -> list[str]:
    """The steps and what lies between them, one after another."""
    found: list[str] = []
    before: dict[bool, list[str]] = {}
    for step, after, moments in sections(story):
        lines = told(story, moments)
        alike = [signature(line) for line in lines]
        title = f"{'after ' * after}step {step}" + ("" if after else figures_of(story, step))
        if alike and alike == before.get(after):
            found.append(f"{title}: as {'after ' * after}the step before it")
        elif lines:
            found += ["", title] if step is not None else []
            found += folded(lines)
        before[after] = alike
    return found


def figures_of(story: Story, step: int | None) -> str:
    """The loss and the norms of a step."""
    done = next((e for e in story.events if e["kind"] == "stepped" and e["step"] == step), None)
    if done is None:
        return ""
    norms = ", ".join(f"{name} {number(norm)}" for name, norm in done["norms"].items())
    return f"; loss {number(done['loss'])}; norms: {norms}"


def number(x: Any) -> str:
    """Four digits of a number."""
    return f"{float(x):.4g}" if isinstance(x, int | float) else str(x)


def told(story: Story, moments: list[int]) -> list[str]:
    """The lines of the program that ran, each under the line it was called from, and under each
    what it caused."""
    lines: list[str] = []
    last: list[list[int]] = []
    for moment in moments:
        event = story.events[moment]
        words = list(tell(story, moment, event))
        if not words:
            continue
        stack = [place[:2] for place in story.data["stacks"][event["at"]]]
        if stack[-1:] != last[-1:]:
            lines += callers(story, event, told_already(stack, last))
        last = stack
        depth = min(len(stack), DEEPEST)
        lines += [f"{'  ' * depth}  {'  ' * more}{text}" for more, text in words]
    return lines


def told_already(stack: list[list[int]], last: list[list[int]]) -> int:
    """How many of a stack's lines, from the outermost, stand above from the event before."""
    alike = 0
    while alike < min(len(stack) - 1, len(last)) and stack[alike] == last[alike]:
        alike += 1
    return alike


def callers(story: Story, event: Event, known: int) -> list[str]:
    """The lines that led to an event, from the outermost on, without the first `known`."""
    stack = story.data["stacks"][event["at"]]
    return [
        f"{'  ' * min(i, DEEPEST - 1)}{story.line(event, i)}  {story.source(stack[i])}"
        for i in range(known, len(stack))
    ]


def tell(story: Story, moment: int, event: Event) -> Iterator[Line]:
    """An event in words: no line, one, or a few."""
    teller = TELLERS.get(event["kind"])
    if teller is not None:
        yield from teller(story, moment, event)


def _function(story: Story, moment: int, event: Event) -> Iterator[Line]:
    if event.get("before"):
        yield 0, f"{story.called(event['node'])} was made before the recording"
        return
    inputs = ", ".join(operand(story, x, moment) for x in event["inputs"])
    outputs = ", ".join(shape_of(y) for y in event["outputs"] if "dtype" in y)
    view = " (a view)" if any(y.get("view") for y in event["outputs"]) else ""
    inside = ""
    if event["modules"]:
        inside = f"  in {story.data['modules'][str(event['modules'][-1])]['path']}"
    yield 0, f"{story.called(event['node'])}({inputs}) -> {outputs}{view}{inside}"
    if not event["recorded"]:
        why = "" if event["grad_mode"] else ": no_grad"
        yield 1, f"not recorded{why}"
    for kept in event.get("saved", ()):
        yield 1, f"keeps {kept['name']}, {kept['bytes']:,} bytes, for backward"


def operand(story: Story, x: dict[str, Any], moment: int) -> str:
    """An input in words."""
    if "tensor" in x:
        return story.name(x["tensor"], moment)
    return str(x["number"]) if "number" in x else "an array"


def _born(story: Story, moment: int, event: Event) -> Iterator[Line]:
    if event["role"] in ("output", "gradient", "state") and not event.get("before"):
        yield 1, f"+ {event['bytes']:,} bytes: {event['role']} {shape_of(event)}"


def _died(story: Story, moment: int, event: Event) -> Iterator[Line]:
    if "array" in event and event["array"] in story.arrays:
        born = story.arrays[event["array"]].event
        yield 1, f"- {born['bytes']:,} bytes: {born['role']} {shape_of(born)}"


def _name(story: Story, moment: int, event: Event) -> Iterator[Line]:
    if not event.get("parameter"):
        maker = story.tensors[event["tensor"]].maker if event["tensor"] in story.tensors else None
        if maker is not None:
            yield 0, f"{event['name']} is the output of {story.called(maker)}"


def _backward(story: Story, moment: int, event: Event) -> Iterator[Line]:
    roots = [story.name(r["tensor"], moment) for r in event["roots"] if r["tensor"] is not None]
    loss = "" if event["loss"] is None else f" = {number(event['loss'])}"
    options = [name for name in ("retain_graph", "create_graph") if event[name]]
    yield 0, f"walk {event['walk']} back from {listed(roots)}{loss} {' '.join(options)}".rstrip()


def _visit(story: Story, moment: int, event: Event) -> Iterator[Line]:
    let_go = ""
    if event["released"]:
        saved = story.nodes[event["node"]].event.get("saved", ())
        let_go = f"; lets go of {', '.join(s['name'] for s in saved)}" if saved else ""
    yield 0, f"back through {story.called(event['node'])}{let_go}"


def _sent(story: Story, moment: int, event: Event) -> Iterator[Line]:
    to = event["to"]
    leaf = to.get("leaf")
    target = story.called(to["node"]) if "node" in to else story.name(leaf or 0, moment)
    added = ", added to what waits there" if event["added"] else ""
    yield 1, f"gradient of input {event['input']} to {target}{added}"


def _grad(story: Story, moment: int, event: Event) -> Iterator[Line]:
    how = "is added to" if event["added"] else "becomes"
    shape = ", ".join(map(str, event["shape"]))
    yield 0, f"the gradient ({shape}) {how} {story.name(event['tensor'], moment)}.grad"


def _zero_grad(story: Story, moment: int, event: Event) -> Iterator[Line]:
    names = [story.name(c["tensor"], moment) for c in event["cleared"]]
    what = "become None" if event["set_to_none"] else "are filled with zeros"
    if names:
        yield 0, f"the .grad of {listed(names)} {what}"
    else:
        yield 0, "no parameter had a .grad"


def _update(story: Story, moment: int, event: Event) -> Iterator[Line]:
    sample = event["sample"]
    index = ", ".join(map(str, sample["index"]))
    yield (
        0,
        f"{story.name(event['tensor'], moment)}: at [{index}] {float(sample['value']):.6f}, "
        f"gradient {float(sample['gradient']):.6f}, becomes {float(sample['new']):.6f}",
    )


def _step(story: Story, moment: int, event: Event) -> Iterator[Line]:
    kind = next(
        (
            e["type"]
            for e in story.events
            if e["kind"] == "optimizer" and e["optimizer"] == event["optimizer"]
        ),
        "the optimizer",
    )
    yield 0, f"{kind} takes step {event['step']}"


def _write(story: Story, moment: int, event: Event) -> Iterator[Line]:
    if not event["by"].endswith(".step") and not event["by"].startswith("accumulation"):
        yield 0, f"{event['by']} changes memory in place, version {event['version']}"


def _mode(story: Story, moment: int, event: Event) -> Iterator[Line]:
    yield 0, f"{event['name']} {'begins' if event['entered'] else 'ends'}"


def _train(story: Story, moment: int, event: Event) -> Iterator[Line]:
    path = story.data["modules"][str(event["module"])]["path"]
    yield 0, f"{path} is in {'training' if event['training'] else 'evaluation'} mode"


def _batch(story: Story, moment: int, event: Event) -> Iterator[Line]:
    shapes = [shape_of(story.tensors[t].record) for t in event["tensors"] if t in story.tensors]
    of = "" if event["of"] is None else f" of {event['of']}"
    yield 0, f"batch {event['number']}{of}: {', '.join(shapes)}"


def _schedule(story: Story, moment: int, event: Event) -> Iterator[Line]:
    rates = ", ".join(
        f"{number(a)} -> {number(b)}" for a, b in zip(event["before"], event["after"])
    )
    yield 0, f"{event['type']}: learning rate {rates}"


def _error(story: Story, moment: int, event: Event) -> Iterator[Line]:
    yield 0, f"{event['type']}: {event['message']}"


TELLERS: dict[str, Callable[[Story, int, Event], Iterator[Line]]] = {
    "function": _function,
    "born": _born,
    "died": _died,
    "name": _name,
    "backward": _backward,
    "visit": _visit,
    "sent": _sent,
    "grad": _grad,
    "zero_grad": _zero_grad,
    "step": _step,
    "update": _update,
    "write": _write,
    "mode": _mode,
    "train": _train,
    "batch": _batch,
    "schedule": _schedule,
    "error": _error,
}
