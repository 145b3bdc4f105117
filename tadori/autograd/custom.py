"""Functions that users write: PyTorch's `autograd.Function`, a forward and a backward on Tensors.

Operations of Tadori itself are written as formulas on arrays (`function.py`). This form is for
programs that come from PyTorch, and for code that wants Tensors on both sides.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import copy
from functools import partial, wraps
from typing import Any, ClassVar, NamedTuple
from weakref import ref

import numpy as np

from ..dtype import is_floating
from ..tensor import Tensor, order
from .convert import conjugate, to_dtype
from .errors import ShapeError, describe
from .formula import Value
from .function import Function as Node
from .function import Output
from .hooks import observers
from .inplace import adopt, refuse_leaf
from .mode import Mode, recording
from .version import written

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class FunctionCtx:
    """What one call hands from `forward` to `backward`; other attributes may be set on it freely.

    needs_input_grad: for each argument whether it requires a gradient.
    saved_tensors: while `backward` runs, what `save_for_backward` was given, each with its place
    in the graph.
    """

    saved_tensors: tuple[Any, ...]

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self._kept: tuple[Any, ...] = ()
        self._constant: tuple[Any, ...] = ()
        self._dirty: tuple[Any, ...] = ()
        self._materialize = True

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep these Tensors (or None) until backward has passed; TypeError for anything else."""
        for x in tensors:
            if not (x is None or isinstance(x, Tensor)):
                raise TypeError(
                    f"save_for_backward keeps Tensors and None, not {describe(x)}. "
                    "Remedy: set it as an attribute, as in ctx.scale = scale"
                )
        self._kept = tensors

    def mark_non_differentiable(self, *outputs: Tensor) -> None:
        """Say that these outputs carry no gradient; integer outputs never do."""
        self._constant = outputs

    def mark_dirty(self, *inputs: Tensor) -> None:
        """Say that `forward` changed these inputs in place; each must be returned as an output."""
        self._dirty = inputs

    def set_materialize_grads(self, value: bool) -> None:
        """Whether outputs that nobody used send zeros to `backward` (the default), or None."""
        self._materialize = value

    def __getattr__(self, name: str) -> Any:
        if name == "saved_tensors":
            raise RuntimeError("saved_tensors: they are there only while backward runs")
        raise AttributeError(f"ctx has no attribute {name!r}: forward has not set it")


class Function:
    """An operation with a derivative of your own; call it as `MyFunction.apply(*args)`.

        class Exp(Function):
            @staticmethod
            def forward(ctx, x):
                y = np.exp(x)
                ctx.save_for_backward(y)
                return y

            @staticmethod
            def backward(ctx, gy):
                (y,) = ctx.saved_tensors
                return gy * y

    `forward` computes on Tensors and is not recorded. `backward` takes one gradient per output and
    returns one per argument, None where there is none; with `create_graph` it is recorded, and so
    it has derivatives itself. As in PyTorch, `forward(*args)` may go without `ctx` if there is a
    `setup_context(ctx, inputs, output)`. Keyword-only arguments are not differentiated. Raises
    RuntimeError where the gradients that `backward` returns do not fit in number or in shape.
    """

    node: ClassVar[type[CustomNode]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        body = {"function": cls, "__doc__": cls.__doc__, "__module__": cls.__module__}
        cls.node = type(cls.__name__, (CustomNode,), body)

    @staticmethod
    def forward(*args: Any, **options: Any) -> Any:
        """Compute the outputs: one Tensor, or a tuple."""
        raise NotImplementedError("write a static method forward(ctx, *args)")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Save what `backward` needs, where `forward` takes no `ctx`."""
        raise NotImplementedError("write a static method setup_context(ctx, inputs, output)")

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """The gradients of the arguments, from those of the outputs."""
        raise NotImplementedError("this Function has no backward(ctx, *gradients)")

    @classmethod
    def apply(cls, *args: Any, **options: Any) -> Any:
        """Run `forward`, and record the call if an argument requires a gradient."""
        separate = cls.setup_context is not Function.setup_context
        args, options = cls._bind(separate, args, options)
        places = [x.node if isinstance(x, Tensor) else None for x in args]
        ctx = FunctionCtx(tuple(place is not None for place in places))
        for observer in observers:
            observer.before_forward(cls.node, args, options)
        with Mode(False):
            if separate:
                result = cls.forward(*args, **options)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args, **options)
        node = cls.node()
        for x in ctx._dirty:
            refuse_leaf(x, cls.__name__)
            written(x.array, cls.__name__)
        if recording.get() and any(ctx.needs_input_grad):
            result = node.enter(ctx, args, places, result, options)
        outputs = result if isinstance(result, tuple) else (result,)
        for observer in observers:
            observer.after_forward(node, args, outputs)
        return result

    @classmethod
    def _bind(cls, separate: bool, args: Any, options: Any) -> tuple[Any, Any]:
        """The arguments in order, whether they came by name or not."""
        if not (separate or options):
            return args, options
        ctx = () if separate else (None,)
        bound = inspect.signature(cls.forward).bind(*ctx, *args, **options)
        if separate:
            bound.apply_defaults()
        return bound.args[len(ctx) :], bound.kwargs


class Reading(NamedTuple):
    """What the walk back reads of a node's plan: the kinds of what it keeps, and the formulas."""

    kept: list[Value]
    joint: Callable[..., Any]
    steps: tuple[tuple[Callable[..., Any], int, int], ...]


class CustomNode(Node):
    """A call of a user's Function in the graph.

    `ctx` is an object of its own, so that users may give their attributes any name.
    """

    function: ClassVar[type[Function]]
    plan: Any

    def enter(self, ctx: Any, args: Any, places: Any, result: Any, options: Any) -> Any:
        """Take a place in the graph; the outputs, as Tensors that lead back here."""
        self.several = isinstance(result, tuple)
        results = result if self.several else (result,)
        self.check_dirty(ctx, results)
        self.ctx, self.options, self.hooks, self.seq = ctx, options, None, next(order)
        self.edges = [
            ref(x) if place is None and isinstance(x, Tensor) else place
            for x, place in zip(args, places, strict=True)
        ]
        self.takes: list[Any] = [getattr(x, "dtype", None) for x in args]
        self.makes = [isinstance(y, Tensor) for y in results]
        shapes = tuple(getattr(y, "shape", ()) for y in results)
        self.shape = shapes if self.several else shapes[0]
        self.carrying = len(results)
        self.places: list[Any] = [nowhere] * len(results)
        self.keep(args, results)
        outputs = tuple(self.output(i, y) for i, y in enumerate(results))
        if not any(isinstance(y, Tensor) and y.requires_grad for y in outputs):
            return result
        tensors = tuple(ref(y) if isinstance(y, Tensor) else nowhere for y in outputs)
        self.ref = tensors if self.several else tensors[0]
        if self.several and not ctx._materialize:
            self.note_arrivals(outputs)
        wanted = [i for i, place in enumerate(places) if place is not None]
        steps = tuple((_given, i, i) for i in wanted)
        kept = [Value(n, kind, i) for n, (kind, i) in enumerate(self.kinds)]
        self.plan = Reading(kept, type(self).run_backward, steps)
        return outputs if self.several else outputs[0]

    def check_dirty(self, ctx: Any, results: Any) -> None:
        """Raise if an input was changed in place and not returned: its history would be wrong."""
        for x in ctx._dirty:
            if not any(x is y for y in results):
                raise RuntimeError(
                    f"{self.name()}: mark_dirty names an input, {describe(x)}, that is no output. "
                    "Remedy: return each input that forward changes in place"
                )

    def keep(self, args: Any, results: Any) -> None:
        """Keep arrays, not Tensors (a kept output would make a cycle), and whence each came."""
        kept = self.ctx._kept
        self.ctx._kept = ()
        self.saved = tuple(None if x is None else x.array for x in kept)
        self.kinds: list[tuple[str, int]] = []
        self.elsewhere: dict[int, Any] = {}
        for n, x in enumerate(kept):
            outputs = [i for i, y in enumerate(results) if x is y]
            inputs = [i for i, y in enumerate(args) if x is y]
            if x is not None and outputs:
                self.kinds.append(("output", outputs[0]))
            elif x is not None and inputs:
                self.kinds.append(("input", inputs[0]))
            else:
                self.kinds.append(("tensor", n))
                self.elsewhere[n] = None if x is None else x.node

    def output(self, i: int, y: Any) -> Any:
        """Output `i` as a Tensor of this node; what carries no gradient as it is."""
        ctx = self.ctx
        if not isinstance(y, Tensor) or any(y is x for x in ctx._constant):
            return y
        if not is_floating(y.dtype):
            return y
        place = self.place(i)
        if any(y is x for x in ctx._dirty):
            adopt(y, Tensor(y.array, place))
            return y
        return Tensor(y.array, place)

    def place(self, i: int) -> Any:
        """Where the gradient of output `i` is gathered: this node or, of several, an Output."""
        if not self.several:
            return self
        place = self.places[i]()
        if place is None:
            place = Output(self, i)
            self.places[i] = ref(place)
        return place

    def note_arrivals(self, outputs: Any) -> None:
        """Let the outputs say which of them got a gradient: the others send None, not zeros."""
        self.arrived: set[int] = set()
        for i, y in enumerate(outputs):
            if isinstance(y, Tensor) and y.requires_grad:
                y.register_hook(partial(_note, self.arrived, i))

    def kept(self) -> list[tuple[str, Any]]:
        """What `save_for_backward` keeps, as (name, array) pairs."""
        pairs = zip(self.kinds, self.saved or (), strict=False)
        return [(f"{kind} {i}", array) for (kind, i), array in pairs if array is not None]

    def kept_tensors(self) -> list[Any]:
        """The arrays themselves: `run_backward` gives them their places."""
        return list(self.saved)

    def restore(self, kind: str, i: int, array: Any) -> Any:
        """A kept array as the Tensor it was."""
        if array is None:
            return None
        if kind == "tensor":
            return Tensor(array, self.elsewhere[i])
        place = self.place(i) if kind == "output" else self.edges[i]
        return Tensor(array, None if isinstance(place, ref) else place)

    def run_backward(self, gradients: list[Any], values: Any) -> list[Any]:
        """The user's `backward`, on Tensors made of the outputs' gradients and the kept values."""
        recorded = recording.get()
        gradients = [self.incoming(i, g) for i, g in enumerate(gradients)]
        kept = zip(self.kinds, values, strict=True)
        ctx = copy(self.ctx)  # so that two threads may pass the same node
        ctx.saved_tensors = tuple(self.restore(*kind, array) for kind, array in kept)
        found = self.function.backward(ctx, *gradients)
        found = found if isinstance(found, tuple | list) else (found,)
        count = len(self.edges)
        if len(found) < count or any(g is not None for g in found[count:]):
            raise RuntimeError(
                f"{self.name()}.backward returned {len(found)} gradients for {count} arguments of "
                "forward. Remedy: return one for each, None for those that have none"
            )
        checked = [self.outgoing(i, g) for i, g in enumerate(found[:count])]
        return checked if recorded else [g if g is None else g.array for g in checked]

    def incoming(self, i: int, gradient: Any) -> Any:
        """The gradient of output `i` as a Tensor; None where there is none and none was made up."""
        if not self.makes[i]:
            return None
        if self.several and not self.ctx._materialize:
            if i not in self.arrived:
                return None
            self.arrived.discard(i)
        return conjugate(gradient if isinstance(gradient, Tensor) else Tensor(gradient))

    def outgoing(self, i: int, gradient: Any) -> Any:
        """What `backward` gave for argument `i`, checked, in the dtype of the argument."""
        edge = self.edges[i]
        if gradient is None or isinstance(edge, ref):
            return None
        if edge is None:
            raise RuntimeError(
                f"{self.name()}.backward returned a gradient for argument {i}, which is not a "
                "Tensor. Remedy: return None there"
            )
        if not isinstance(gradient, Tensor):
            raise TypeError(
                f"{self.name()}.backward returned {describe(gradient)} for argument {i}. "
                "Remedy: return a Tensor or None"
            )
        if not _covers(gradient.shape, edge.shape):
            raise ShapeError(
                f"{self.name()}.backward returned a gradient of shape {tuple(gradient.shape)} for "
                f"argument {i}, which has shape {tuple(edge.shape)}; they must be equal"
            )
        if gradient.dtype.kind == "c" and self.takes[i].kind != "c":
            gradient = np.real(gradient)
        return conjugate(to_dtype(gradient, self.takes[i]))


def nowhere() -> None:
    """Stands for a weak reference to nothing."""


def _given(node: Any, gradient: Any, found: Any) -> Any:
    """The step after `run_backward`: the gradient is there already."""
    return found


def _note(arrived: set[int], i: int, gradient: Any) -> None:
    arrived.add(i)


def _covers(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether `target` broadcasts to `shape`: a gradient of `shape` is then summed to it."""
    tail = shape[len(shape) - len(target) :]
    return len(shape) >= len(target) and all(n in (1, m) for n, m in zip(target, tail, strict=True))


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a `backward` that has no derivative: to differentiate its gradients is an error."""

    @wraps(backward)
    def once(ctx: Any, *gradients: Any) -> Any:
        with Mode(False):
            found = backward(ctx, *gradients)
        sources = [x for x in (*gradients, *ctx.saved_tensors) if x is not None and x.requires_grad]
        if not recording.get() or not sources:
            return found
        several = isinstance(found, tuple | list)
        results = found if several else (found,)
        ends = tuple(g if g is None else DeadEnd.apply(g, *sources) for g in results)
        return ends if several else ends[0]

    return once


class DeadEnd(Function):
    """A gradient that depends on `sources` in a way nobody has written down."""

    @staticmethod
    def forward(ctx: Any, gradient: Any, *sources: Any) -> Any:
        """The gradient itself."""
        return gradient

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        """Refuse."""
        raise RuntimeError(
            "trying to differentiate twice a Function whose backward was marked with "
            "@once_differentiable. Remedy: if its backward is made of operations that have "
            "derivatives, take the mark away"
        )
