"""A function over a batch: `vmap`, and the models of an ensemble as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ..random import default_generator
from ..tensor import Tensor
from . import tree


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """`func` over an axis of its arguments: what it gives for each entry, stacked.

    in_dims: the axis of each argument, None for one that stays as it is; one for all, or the
    arguments' structure. out_dims: where the new axis stands in each output. randomness: "error",
    "same" (each entry draws the same numbers) or "different". The function is called once for each
    entry; so, unlike PyTorch's, it may ask for values, and is not quicker than a loop. `chunk_size`
    changes nothing here. Raises ValueError where axes do not fit together.
    """
    if randomness not in ("error", "same", "different"):
        raise ValueError(f"vmap: randomness is 'error', 'same' or 'different', not {randomness!r}")

    @wraps(func)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        if not args:
            raise ValueError("vmap: the function got no arguments, so there is nothing to map over")
        axes = in_dims if isinstance(in_dims, int) else tuple(in_dims)
        if isinstance(axes, tuple) and len(axes) != len(args):
            raise ValueError(f"vmap: in_dims has {len(axes)} entries for {len(args)} arguments")
        split = Split(args, axes)
        results = []
        start = default_generator.get_state()
        for i in range(split.size):
            if randomness == "same":
                default_generator.set_state(start)
            results.append(func(*split.entry(i), **kwargs))
            if randomness == "error" and drawn_since(start):
                raise RuntimeError(
                    "vmap: the function drew random numbers. Remedy: say randomness='different', "
                    "or 'same' for the same numbers in each entry"
                )
        return stacked(results, out_dims)

    return mapped


class Split:
    """Arguments, of which entry after entry is taken along their axes."""

    def __init__(self, args: tuple[Any, ...], in_dims: Any) -> None:
        self.args = args
        self.pieces: list[Any] = []  # for each leaf: its entries, or itself where it is not split
        self.sizes: set[int] = set()
        tree.change(self.take, args, in_dims)
        if len(self.sizes) != 1:
            raise ValueError(
                f"vmap: the axes to map over have the sizes {sorted(self.sizes)}; they must be one "
                "size, and at least one argument must have an axis (in_dims not None)"
            )
        self.size = self.sizes.pop()
        if self.size == 0:
            raise ValueError("vmap: the axis to map over is empty, so there is nothing to stack")

    def take(self, x: Any, axis: int | None) -> None:
        """Take x apart along the axis, and note how many entries it has."""
        if axis is None:
            self.pieces.append((x, False))
            return
        if not isinstance(x, Tensor):
            raise ValueError(
                f"vmap: in_dims gives axis {axis} to a {type(x).__name__}, which has none. "
                "Remedy: in_dims=None for it"
            )
        if not -x.ndim <= axis < x.ndim:
            raise ValueError(f"vmap: axis {axis} is not in a tensor of shape {tuple(x.shape)}")
        self.sizes.add(x.shape[axis])
        self.pieces.append((x.unbind(axis), True))

    def entry(self, i: int) -> Any:
        """The arguments of call `i`."""
        return tree.refill(self.args, iter([x[i] if split else x for x, split in self.pieces]))


def drawn_since(state: Tensor) -> bool:
    """Whether numbers were drawn from the default generator since it stood at `state`."""
    return not np.array_equal(default_generator.get_state().array, state.array)


def stacked(results: list[Any], out_dims: Any) -> Any:
    """The results of all calls in one tree, each leaf with a new axis."""

    def stack(first: Any, axis: int, *others: Any) -> Any:
        if not isinstance(first, Tensor):
            raise ValueError(
                f"vmap: the function must give Tensors only, it gave a {type(first).__name__}"
            )
        return np.stack([first, *others], axis)

    return tree.change(stack, results[0], out_dims, *results[1:])


def stack_module_state(models: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(parameters, buffers) of models of one kind, by name, each stacked along a new first axis.

    For an ensemble under `vmap` and `functional_call`. Raises RuntimeError for no models, or models
    of different classes.
    """
    if not models:
        raise RuntimeError("stack_module_state: expected at least one model, got none")
    if len({type(m) for m in models}) > 1:
        kinds = sorted({type(m).__name__ for m in models})
        raise RuntimeError(f"stack_module_state: the models are of different classes: {kinds}")

    def together(states: list[dict[str, Tensor]]) -> dict[str, Any]:
        return {name: np.stack([state[name].detach() for state in states]) for name in states[0]}

    parameters = together([dict(m.named_parameters()) for m in models])
    for name, x in models[0].named_parameters():
        parameters[name].requires_grad_(x.requires_grad)
    return parameters, together([dict(m.named_buffers()) for m in models])
