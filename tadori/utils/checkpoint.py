"""Activation checkpointing: compute again in backward what would have been kept (Chen, 2016)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from ..autograd import enable_grad, grad, is_grad_enabled
from ..autograd.custom import Function
from ..func import tree
from ..random import fork_rng, get_rng_state, set_rng_state
from ..tensor import Tensor, order


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    context_fn: Callable[[], tuple[Any, Any]] | None = None,
    determinism_check: str = "default",
    debug: bool = False,
    **kwargs: Any,
) -> Any:
    """`function(*args, **kwargs)`, whose inner values are not kept: backward computes them again.

    Gradients reach the Tensors among args and kwargs and those that the function uses from outside,
    such as parameters; all derivatives work, those of higher order too. With `preserve_rng_state`
    the second computation draws the same random numbers. context_fn: gives a pair of context
    managers, for the first and for the second computation. `use_reentrant` and `debug` change
    nothing here. Raises RuntimeError in backward where the second computation gives other shapes,
    unless `determinism_check="none"`.
    """
    around, around_again = (nullcontext(), nullcontext()) if context_fn is None else context_fn()
    state = get_rng_state() if preserve_rng_state else None
    if not is_grad_enabled():
        with around:
            return function(*args, **kwargs)
    inputs = tree.leaves((args, kwargs))
    places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor)]
    start = next(order)

    def run(tensors: Sequence[Tensor], context: Any) -> Any:
        """The function on these Tensors, each in its place among the arguments."""
        filled = list(inputs)
        for i, x in zip(places, tensors):
            filled[i] = x
        new_args, new_kwargs = tree.refill((args, kwargs), iter(filled))
        with context, enable_grad():
            return function(*new_args, **new_kwargs)

    given = [inputs[i] for i in places]
    own = [x.detach().requires_grad_(x.requires_grad) for x in given]
    result = run(own, around)
    outputs = tree.leaves(result)
    carrying = [y for y in outputs if isinstance(y, Tensor) and y.requires_grad]
    if not carrying:
        return result
    outside = met_outside(carrying, own, start)

    def again(tensors: Sequence[Tensor]) -> list[Tensor]:
        with fork_rng(state is not None):
            if state is not None:
                set_rng_state(state)
            found = tree.leaves(run(tensors, around_again))
        return [y for y in found if isinstance(y, Tensor) and y.requires_grad]

    shapes = None if determinism_check == "none" else [tuple(y.shape) for y in carrying]
    del own
    detached = [y.detach() for y in carrying]
    made = iter(_Checkpoint.apply(again, shapes, len(given), detached, *given, *outside))
    settled = [next(made) if isinstance(y, Tensor) and y.requires_grad else y for y in outputs]
    return tree.refill(result, iter(settled))


class _Checkpoint(Function):
    """The whole computation as one node, which keeps what it was given and nothing it made."""

    @staticmethod
    def forward(ctx: Any, again: Any, shapes: Any, count: int, ys: Any, *inputs: Any) -> Any:
        ctx.again, ctx.shapes, ctx.count = again, shapes, count
        ctx.save_for_backward(*inputs)
        return tuple(ys)

    @staticmethod
    def backward(ctx: Any, *gys: Any) -> Any:
        inputs = ctx.saved_tensors
        higher = is_grad_enabled()  # with create_graph, the graph goes on behind the inputs
        given = list(inputs[: ctx.count])
        if not higher:
            given = [x.detach().requires_grad_(x.requires_grad) for x in given]
        ys = ctx.again(given)
        shapes = [tuple(y.shape) for y in ys]
        if ctx.shapes is not None and shapes != ctx.shapes:
            raise RuntimeError(
                f"checkpoint: computed again in backward, the function gave {shapes}, where it "
                f"gave {ctx.shapes} before. Remedy: a function that does the same each time"
            )
        wanted = [x for x in (*given, *inputs[ctx.count :]) if x.requires_grad]
        found = iter(grad(ys, wanted, gys, None, higher, allow_unused=True))
        every = [next(found) if x.requires_grad else None for x in (*given, *inputs[ctx.count :])]
        return (None, None, None, None, *every)


def met_outside(outputs: list[Tensor], own: list[Tensor], start: int) -> list[Tensor]:
    """The Tensors made before `start`, other than `own`, to which the graph of `outputs` leads."""
    mine = {id(x.node) for x in own}
    seen: set[int] = set()
    found: list[Tensor] = []
    stack = [y.node for y in outputs]
    while stack:
        place = stack.pop()
        if id(place) in seen or id(place) in mine:
            continue
        seen.add(id(place))
        if place.seq < start:
            found.append(place.tensor)
        else:
            stack.extend(edge for edge in place.edges if hasattr(edge, "seq"))
    return found


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """A Sequential, or a list of functions, in `segments` parts; all but the last are checkpointed.

    The other arguments are those of `checkpoint`.
    """
    steps = list(functions.children()) if hasattr(functions, "children") else list(functions)
    if not 1 <= segments <= len(steps):
        raise ValueError(
            f"checkpoint_sequential: {segments} segments of {len(steps)} functions; there must be "
            "at least one in each"
        )
    size = len(steps) // segments

    def part(start: int, end: int) -> Callable[[Any], Any]:
        def run(x: Any) -> Any:
            for step in steps[start:end]:
                x = step(x)
            return x

        return run

    for start in range(0, size * (segments - 1), size):
        input = checkpoint(part(start, start + size), input, use_reentrant=use_reentrant, **kwargs)
    return part(size * (segments - 1), len(steps))(input)
