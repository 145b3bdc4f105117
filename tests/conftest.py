"""What holds for every test: floating-point faults raise, random examples are always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("house", derandomize=True, deadline=None, max_examples=25)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def fp_faults_raise(request: pytest.FixtureRequest) -> Iterator[None]:
    """Division by zero, overflow and new NaNs raise, unless the test is marked `allow_fp_faults`.

    Underflow does not: the exponential of a large negative number is meant to become zero.
    """
    marked = request.node.get_closest_marker("allow_fp_faults") is not None
    reaction: Literal["ignore", "raise"] = "ignore" if marked else "raise"
    with np.errstate(divide=reaction, over=reaction, invalid=reaction):
        yield


@pytest.fixture
def stays_float32() -> Callable[..., Any]:
    """`stays_float32(f, *inputs)` calls f and fails if float64 comes out where none went in.

    Its usual cause: a NumPy scalar in a formula, where a Python number would have stayed weak.
    """

    def call(function: Callable[..., Any], *inputs: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        result = function(*inputs, **options)
        if not any(map(is_wide, leaves((inputs, options)))):
            wide = [leaf for leaf in leaves(result) if is_wide(leaf)]
            if wide:
                shapes = ", ".join(f"{leaf.dtype}{tuple(leaf.shape)}" for leaf in wide)
                pytest.fail(f"{function}: no input is float64, but out came {shapes}")
        return result

    return call


def leaves(tree: Any) -> Iterator[Any]:
    """The things inside nested tuples, lists and dicts."""
    if isinstance(tree, dict):
        tree = tuple(tree.values())
    if isinstance(tree, tuple | list):
        for branch in tree:
            yield from leaves(branch)
    else:
        yield tree


def is_wide(thing: Any) -> bool:
    """Whether it is a float64 or complex128 array or tensor; plain Python numbers are weak."""
    return getattr(thing, "dtype", None) in (np.float64, np.complex128)
