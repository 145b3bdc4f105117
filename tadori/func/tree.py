"""Nested tuples, lists and dicts: taken apart into their leaves, and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Tree = Any


def leaves(tree: Tree) -> list[Any]:
    """What is in the tree that is no tuple, list or dict, from left to right."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, tuple | list):
        return [leaf for branch in tree for leaf in leaves(branch)]
    return [tree]


def change(function: Callable[..., Any], tree: Tree, *others: Tree) -> Tree:
    """The tree with `function(leaf, *leaves of the others)` for each leaf.

    Another tree may stop earlier: what stands there goes with all the leaves below.
    """
    if isinstance(tree, dict):
        return type(tree)(
            (key, change(function, branch, *(_branch(o, key) for o in others)))
            for key, branch in tree.items()
        )
    if isinstance(tree, tuple | list):
        branches = [
            change(function, branch, *(_branch(o, i) for o in others))
            for i, branch in enumerate(tree)
        ]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    return function(tree, *others)


def _branch(tree: Tree, key: Any) -> Tree:
    return tree[key] if isinstance(tree, tuple | list | dict) else tree


def refill(tree: Tree, values: Iterator[Any]) -> Tree:
    """The tree with the next of `values` for each leaf."""
    return change(lambda _: next(values), tree)
