"""What a walk back without the right order would do, on a recorded graph.

A naive walk takes functions from the end of a list, each once. At a branch it passes on a gradient
before the other branch has added its part, and that part is lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .explain import Answer
from .story import Event, Story

__all__ = ["naive_order"]

Target = tuple[str, int]


def naive_order(story: Story, walk: int | None = None) -> Answer:
    """The order of the naive walk, the functions it passes too early, and the wrong gradients of
    the leaves, where they follow from what was recorded (backward is linear in the gradient)."""
    if not story.walks:
        return Answer("No backward ran.", {"order": [], "early": [], "leaves": {}})
    chosen = story.walks[max(story.walks) if walk is None else walk]
    end = len(story.events) if chosen.ended is None else chosen.ended
    sends: dict[int, list[Event]] = {
        n: [s for s in story.nodes[n].sent if chosen.begun < s["moment"] <= end]
        for n in chosen.nodes
    }
    right: dict[Target, list[Any]] = {}
    for event in (s for sent in sends.values() for s in sent):
        right.setdefault(target_of(event), []).append(value_of(event))
    order, wrong, early = naive_walk(chosen.nodes[:1], sends, right)
    leaves: dict[str, dict[str, Any]] = {}
    for target, parts in right.items():
        kind, leaf = target
        true = total(parts)
        false = total(wrong.get(target, []))
        if kind == "leaf" and differ(true, false):
            leaves[story.name(leaf, end)] = {
                "right": true.tolist(),
                "wrong": false.tolist(),
            }
    facts = {"order": order, "early": early, "leaves": leaves}
    if not early:
        return Answer("This graph has no branch at which the order matters.", facts)
    first = story.called(early[0])
    text = f"A walk that does not wait passes {first} before all its gradients have arrived."
    for name, found in leaves.items():
        text += f" {name}.grad would be {found['wrong']} instead of {found['right']}."
    return Answer(text, facts)


def naive_walk(
    roots: list[int], sends: dict[int, list[Event]], right: dict[Target, list[Any]]
) -> tuple[list[int], dict[Target, list[Any]], list[int]]:
    """The order, what arrives where, and the functions passed too early."""
    stack = list(roots)
    order: list[int] = []
    early: list[int] = []
    arrived: dict[Target, list[Any]] = {}
    while stack:
        node = stack.pop()
        if node in order:
            continue
        order.append(node)
        here = "node", node
        have = arrived.get(here, [])
        want = right.get(here)
        if want is not None and len(have) < len(want):
            early.append(node)
        factor = part(have, want)
        for event in sends.get(node, []):
            value = value_of(event)
            known = value is not None and factor is not None
            sent = value * factor if known else None
            target = target_of(event)
            arrived.setdefault(target, []).append(sent)
            kind, number = target
            if kind == "node":
                stack.append(number)
    return order, arrived, early


def target_of(event: Event) -> Target:
    """Where a gradient goes."""
    to = event["to"]
    return ("node", to["node"]) if "node" in to else ("leaf", to["leaf"] or 0)


def value_of(event: Event) -> Any:
    """A recorded gradient as an array, or None where it was not kept whole."""
    value = event.get("value") or {}
    if "whole" not in value:
        return None
    return np.array(value["whole"], dtype=np.float64)


def part(arrived: list[Any], right: list[Any] | None) -> float | None:
    """Which part of the right gradient has arrived, as one factor; None where there is no such."""
    if right is None:
        return 1.0  # the root
    have = total(arrived)
    want = total(right)
    if have is None or want is None:
        return None
    used = want != 0
    if not used.any():
        return None if np.any(have) else 1.0
    factors = have[used] / want[used]
    first = float(factors.flat[0])
    return first if np.allclose(factors, first) else None


def total(parts: list[Any]) -> Any:
    """The sum of the parts; None where one is not known."""
    known = [p for p in parts if p is not None]
    if not parts or len(known) < len(parts):
        return None
    return sum(known[1:], known[0])


def differ(a: Any, b: Any) -> bool:
    """Whether two gradients are both known, and not the same."""
    if a is None or b is None:
        return False
    return not np.allclose(a, b, rtol=1e-6, atol=0)
