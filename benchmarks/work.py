"""The work in one step, counted by an observer: calls, products, bytes.

It says what a step costs at least; with the machine's peaks, `report.py` tells what limits it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from tadori.autograd.hooks import Observer, observe

#: bytes of one call's arrays from which they come from memory; smaller ones stay in the cache
FAR = 4 << 20


class Counter(Observer):
    """Counts operations on their way forward and back, and parameters that are updated.

    flops: two for each product that is summed. near, far: bytes of the arrays that operations read
    and write, for those that fit a cache and those that do not.
    """

    def __init__(self) -> None:
        self.calls = self.flops = self.near = self.far = 0

    def move(self, *tensors: Any) -> None:
        """Note the bytes that one call reads and writes."""
        size = sum(getattr(arrays(t), "nbytes", 0) for t in tensors)
        if size > FAR:
            self.far += size
        else:
            self.near += size

    def after_forward(self, node: Any, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        self.calls += 1
        self.flops += products(node, inputs, outputs)
        if not getattr(node, "view", False):
            self.move(*inputs, *outputs)

    def before_backward(self, node: Any, gradient: Any) -> None:
        self.calls += 1
        self.came = gradient if isinstance(gradient, list) else [gradient]

    def sent(self, node: Any, number: int, gradient: Any) -> None:
        self.move(*self.came, gradient)
        outputs = [output for output in node.outputs if output is not None]
        if number in factors(node):  # its gradient takes as many products as the result did
            self.flops += products(node, node.inputs, outputs or self.came)

    def told(self, what: str, who: Any, details: dict[str, Any]) -> None:
        if what == "updated":
            p = details["parameter"]
            state = [x for x in who.state[p].values() if hasattr(x, "array")]
            self.calls += 1
            self.move(p, p.grad, *state, p, *state)


def arrays(tensor: Any) -> Any:
    return getattr(tensor, "array", tensor)


def products(node: Any, inputs: Iterable[Any], outputs: Iterable[Any]) -> int:
    """Twice the number of products that an operation sums; 0 for those that sum none."""
    rule, _ = RULES.get(type(node).__name__, (None, ()))
    shapes = [getattr(x, "shape", None) for x in inputs]
    results = [getattr(x, "shape", None) for x in outputs]
    if rule is None or None in (*shapes[:2], *results[:1]):
        return 0
    return 2 * rule(shapes, results[0])


def factors(node: Any) -> tuple[int, ...]:
    """Which of the inputs are factors of the products."""
    return RULES.get(type(node).__name__, (None, ()))[1]


def of_rows(shapes: list[Any], y: Any) -> int:
    return math.prod(y) * shapes[0][-1]


def of_taps(shapes: list[Any], y: Any) -> int:
    return math.prod(y) * math.prod(shapes[1][1:])


def of_attention(shapes: list[Any], y: Any) -> int:
    return math.prod(shapes[0]) * shapes[1][-2] * 2


def of_steps(shapes: list[Any], y: Any) -> int:
    """Of a recurrent layer, whose products with its inputs are a Linear before it."""
    x = shapes[0]
    weight = next((s for s in shapes[1:] if s and len(s) == 2 and s[0] == x[-1]), (0, 0))
    return math.prod(x[:-1]) * math.prod(weight)


#: operation -> how many products it sums, from the shapes of inputs and output; its factors
RULES: dict[str, tuple[Callable[[list[Any], Any], int], tuple[int, ...]]] = {
    "Linear": (of_rows, (0, 1)),
    "Matmul": (of_rows, (0, 1)),
    "Conv": (of_taps, (0, 1)),
    "Attention": (of_attention, (0, 1)),
    "LSTM": (of_steps, (0, 3)),
    "LSTMCell": (of_steps, (1, 3)),
    "GRU": (of_steps, (0, 2)),
}


def count(step: Callable[[], Any]) -> dict[str, int]:
    """The work of one step."""
    counter = Counter()
    with observe(counter):
        step()
    return {name: getattr(counter, name) for name in ("calls", "flops", "near", "far")}
