"""Derivatives of a function at a point: products with the Jacobian and the Hessian, and both whole.

`func` takes and gives Tensors, one or several. The products need one walk back (`vjp`, the row v J)
or two: `jvp`, the column J v, differentiates v J, which is linear in v, once more with respect to
v; a product with the Hessian differentiates the gradient (Pearlmutter, 1994).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..tensor import Tensor
from .engine import grad
from .mode import enable_grad

Tensors = tuple[Tensor, ...]


def vjp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """`func(*inputs)`, and v J: for each input, the gradient of the sum of v times the outputs.

    v has the outputs' shapes, and may be left out for one output of one element. With
    `create_graph` the results lead back to the inputs. With `strict` an input that no output
    depends on is an error. Raises RuntimeError for shapes that differ, TypeError for what is no
    Tensor.
    """
    point = Point("vjp", func, inputs, create_graph)
    vs = point.weights(v, point.outputs, "the outputs")
    rows = point.gradients(point.outputs, vs, create_graph, strict)
    return point.result(), point.like_inputs(rows)


def jvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """`func(*inputs)`, and J v: how the outputs move when the inputs move along v.

    v has the inputs' shapes, and may be left out for one input of one element. The other arguments,
    and the errors, are those of `vjp`.
    """
    point = Point("jvp", func, inputs, create_graph)
    vs = point.weights(v, point.inputs, "the inputs")
    columns = point.push(vs, create_graph, strict)
    return point.result(), point.like_outputs(columns)


def hvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """`func(*inputs)`, one number, and H v. The arguments and errors are those of `jvp`."""
    return _hessian_times("hvp", func, inputs, v, create_graph, strict)


def vhp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """`func(*inputs)`, one number, and v H: the same as `hvp`, since the Hessian is symmetric."""
    return _hessian_times("vhp", func, inputs, v, create_graph, strict)


def _hessian_times(
    name: str, func: Callable[..., Any], inputs: Any, v: Any, create_graph: bool, strict: bool
) -> tuple[Any, Any]:
    point = Point(name, func, inputs, create_graph)
    point.require_number()
    vs = point.weights(v, point.inputs, "the inputs")
    slopes = point.gradients(point.outputs, None, True, strict)
    return point.result(), point.like_inputs(point.gradients(slopes, vs, create_graph, strict))


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The derivatives of each output by each input, of shape (*output.shape, *input.shape).

    One output and one input give a Tensor; several give a tuple, of tuples if both are. "reverse-
    mode" walks back once for each element of the outputs, "forward-mode" for each of the inputs.
    `vectorize` changes nothing here. Errors as for `vjp`.
    """
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ValueError(
            f"jacobian: strategy is 'reverse-mode' or 'forward-mode', not {strategy!r}"
        )
    point = Point("jacobian", func, inputs, create_graph)
    by_rows = point.rows if strategy == "reverse-mode" else point.columns
    table = by_rows(create_graph, strict)
    return point.like_outputs(tuple(point.like_inputs(row) for row in table))


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of one number, of shape (*input.shape, *input.shape).

    Several inputs give a tuple of tuples. The arguments and errors are those of `jacobian`.
    """
    Point("hessian", func, inputs, False).require_number()

    def slope(*xs: Tensor) -> Any:
        inner = Point("hessian", func, xs, True)
        return inner.gradients(inner.outputs, None, True, strict)

    found = jacobian(slope, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)
    if isinstance(inputs, Tensor):
        return found[0]
    return found


class Point:
    """A function computed at a point, from which derivatives are taken."""

    inputs: Tensors
    outputs: Tensors

    def __init__(self, name: str, func: Callable[..., Any], inputs: Any, create_graph: bool):
        self.name, self.keeps_graph = name, create_graph
        self.several_in = not isinstance(inputs, Tensor)
        given = _tensors(name, "inputs", inputs)
        with enable_grad():
            self.inputs = tuple(follow(x) if create_graph else start(x) for x in given)
            outputs = func(*self.inputs)
        self.several_out = not isinstance(outputs, Tensor)
        self.outputs = _tensors(name, "the outputs of func", outputs)

    def require_number(self) -> None:
        """Raise unless the function gives one Tensor of one element."""
        if self.several_out or self.outputs[0].array.size != 1:
            shapes = ", ".join(str(tuple(y.shape)) for y in self.outputs)
            raise RuntimeError(
                f"{self.name}: the Tensor returned by the function should contain a single "
                f"element; it gave {shapes}. Remedy: reduce it, as in .sum()"
            )

    def weights(self, v: Any, like: Tensors, whose: str) -> list[Tensor]:
        """v as a list that fits `like`; ones where it was left out and `like` is one number."""
        if v is None:
            if len(like) != 1 or like[0].array.size != 1:
                raise RuntimeError(
                    f"{self.name}: v can only be left out where {whose} are a single element"
                )
            return [Tensor(np.ones_like(like[0].array))]
        vs = _tensors(self.name, "v", v)
        shapes = [tuple(x.shape) for x in vs]
        expected = [tuple(x.shape) for x in like]
        if shapes != expected:
            raise RuntimeError(
                f"{self.name}: v has shapes {shapes}; it needs those of {whose}, {expected}"
            )
        return list(vs)

    def gradients(
        self, outputs: Sequence[Tensor], vs: Any, create_graph: bool, strict: bool
    ) -> Tensors:
        """v J of `outputs`, with zeros for the inputs that none of them depends on."""
        pairs = list(zip(outputs, [None] * len(outputs) if vs is None else vs, strict=True))
        live = [(y, v) for y, v in pairs if y.requires_grad]
        found: Sequence[Any] = [None] * len(self.inputs)
        if live:
            ys, weights = map(list, zip(*live))
            with enable_grad():
                found = grad(ys, self.inputs, weights, True, create_graph, allow_unused=True)
        if strict and (len(live) < len(pairs) or any(g is None for g in found)):
            raise RuntimeError(
                f"{self.name}: with strict=True, each output must depend on each input; here "
                "one does not. Remedy: strict=False gives zeros for it"
            )
        return tuple(
            Tensor(np.zeros_like(x.array)) if g is None else g
            for g, x in zip(found, self.inputs, strict=True)
        )

    def push(self, vs: list[Tensor], create_graph: bool, strict: bool) -> Tensors:
        """J v: v' J is linear in v', so its derivative by v', times v, is J v."""
        probes, slopes = self.probe(strict)
        return self.along(probes, slopes, vs, create_graph)

    def probe(self, strict: bool) -> tuple[list[Tensor], Tensors]:
        """Some v', and v' J as a function of it."""
        probes = [Tensor(np.zeros_like(y.array)).requires_grad_() for y in self.outputs]
        return probes, self.gradients(self.outputs, probes, True, strict)

    def along(
        self, probes: list[Tensor], slopes: Tensors, vs: list[Tensor], create_graph: bool
    ) -> Tensors:
        """The derivative of `slopes` by `probes`, times v."""
        live = [(s, v) for s, v in zip(slopes, vs, strict=True) if s.requires_grad]
        found: Sequence[Any] = [None] * len(probes)
        if live:
            ys, weights = map(list, zip(*live))
            with enable_grad():
                found = grad(ys, probes, weights, True, create_graph, allow_unused=True)
        return tuple(
            Tensor(np.zeros_like(p.array)) if g is None else g
            for g, p in zip(found, probes, strict=True)
        )

    def rows(self, create_graph: bool, strict: bool) -> list[Tensors]:
        """The Jacobian of each output, by each input; one walk back for each row."""
        table = []
        for y in self.outputs:
            found = [self.gradients([y], [v], create_graph, strict) for v in basis(y)]
            table.append(self.stacked(found, self.inputs, y, first=True))
        return table

    def columns(self, create_graph: bool, strict: bool) -> list[Tensors]:
        """The same from columns J v, one for each element of the inputs."""
        probes, slopes = self.probe(strict)
        zeros = [Tensor(np.zeros_like(x.array)) for x in self.inputs]
        by_input = []
        for i, x in enumerate(self.inputs):
            found = [
                self.along(probes, slopes, [*zeros[:i], v, *zeros[i + 1 :]], create_graph)
                for v in basis(x)
            ]
            by_input.append(self.stacked(found, self.outputs, x, first=False))
        return [tuple(column[j] for column in by_input) for j in range(len(self.outputs))]

    @staticmethod
    def stacked(found: list[Tensors], others: Tensors, x: Tensor, first: bool) -> Tensors:
        """The pieces for each element of x as one Tensor for each of `others`; x's axes `first`."""
        whole: list[Any] = []
        for i, other in enumerate(others):
            if not found:
                shape = (*x.shape, *other.shape) if first else (*other.shape, *x.shape)
                whole.append(Tensor(np.zeros_like(x.array, shape=shape)))
                continue
            stack = np.stack([piece[i] for piece in found], 0 if first else -1)
            shape = (*x.shape, *other.shape) if first else (*other.shape, *x.shape)
            whole.append(np.reshape(stack, shape))
        return tuple(whole)

    # In the structure in which they were given.

    def result(self) -> Any:
        """The outputs, cut from the graph unless it is kept."""
        ys = self.outputs if self.keeps_graph else tuple(y.detach() for y in self.outputs)
        return ys if self.several_out else ys[0]

    def like_inputs(self, values: Sequence[Any]) -> Any:
        """One value for each input, as a tuple if the inputs were one."""
        return tuple(values) if self.several_in else values[0]

    def like_outputs(self, values: Sequence[Any]) -> Any:
        """One value for each output, as a tuple if the outputs were one."""
        return tuple(values) if self.several_out else values[0]


def start(x: Tensor) -> Tensor:
    """x as a leaf of its own, at which derivatives end."""
    return x.detach().requires_grad_()


def follow(x: Tensor) -> Tensor:
    """x as a Tensor of its own that leads back to x, if that asks for a gradient."""
    followed: Any = np.positive(x) if x.requires_grad else start(x)
    return followed


def basis(x: Tensor) -> list[Tensor]:
    """One Tensor of x's shape for each element: 1 there, 0 elsewhere."""
    unit = np.eye(x.array.size, dtype=x.array.dtype)
    return [Tensor(row.reshape(x.shape)) for row in unit]


def _tensors(name: str, what: str, given: Any) -> Tensors:
    found = (given,) if isinstance(given, Tensor) else given
    if not isinstance(found, tuple | list) or not all(isinstance(x, Tensor) for x in found):
        kinds = type(given).__name__
        raise TypeError(f"{name}: {what} must be a Tensor or a tuple of Tensors, not {kinds}")
    return tuple(found)
