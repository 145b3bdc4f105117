"""Functions into their derivatives. They nest: `grad(grad(f))` is the second derivative.

Each runs the function on Tensors of its own, which lead back to the arguments where those ask for a
gradient (of an outer transform, or of `backward`); see `autograd/functional.py` for the formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ..autograd.functional import Point
from ..autograd.mode import is_grad_enabled
from ..tensor import Tensor
from . import tree

Function = Callable[..., Any]


class Run:
    """One call of `func`, on Tensors of its own in the places of `chosen`, trees of Tensors.

    leaves: these Tensors.   output: what it gave, and aux: what came with it.
    """

    def __init__(self, name: str, func: Callable[[Any], Any], chosen: Any, has_aux: bool) -> None:
        self.name, self.tree = name, chosen
        given = tree.leaves(chosen)
        if not given or not all(isinstance(x, Tensor) for x in given):
            raise ValueError(
                f"{name}: the arguments to differentiate must be Tensors, or lists, tuples and "
                f"dicts of them, not {[type(x).__name__ for x in given]}"
            )
        self.aux: Any = None

        def flat(*xs: Tensor) -> tuple[Tensor, ...]:
            found = func(tree.refill(chosen, iter(xs)))
            if has_aux:
                if not isinstance(found, tuple) or len(found) != 2:
                    raise RuntimeError(f"{name}: with has_aux, func gives a pair (output, aux)")
                found, self.aux = found
            self.output = found
            return tuple(tree.leaves(found))

        self.point = Point(name, flat, tuple(given), create_graph=True)
        self.own = {id(x) for x in self.point.inputs}

    def settled(self, values: Any) -> Any:
        """`values`, cut from the graph where it leads to the Tensors of this run only."""
        outside = is_grad_enabled()

        def settle(x: Any) -> Any:
            if isinstance(x, Tensor) and x.requires_grad:
                return x if outside and leads_elsewhere(x, self.own) else x.detach()
            return x

        return tree.change(settle, values)

    def like_inputs(self, values: Any) -> Any:
        """One value for each Tensor of `chosen`, in its structure."""
        return tree.refill(self.tree, iter(values))

    def like_outputs(self, values: Any) -> Any:
        """One value for each Tensor of the output, in its structure."""
        return tree.refill(self.output, iter(values))

    def pull(self, cotangents: Any) -> Any:
        """v J for v in the structure of the output."""
        vs = self.point.weights(tuple(tree.leaves(cotangents)), self.point.outputs, "the outputs")
        return self.like_inputs(self.point.gradients(self.point.outputs, vs, True, False))

    def push(self, tangents: Any) -> Any:
        """J v for v in the structure of the arguments."""
        vs = self.point.weights(tuple(tree.leaves(tangents)), self.point.inputs, "the primals")
        return self.like_outputs(self.point.push(vs, True, False))


def leads_elsewhere(tensor: Tensor, own: set[int]) -> bool:
    """Whether the graph behind `tensor` has a leaf that is not among `own`, ids of Tensors."""
    seen, stack = set(), [tensor.node]
    while stack:
        place = stack.pop()
        if place is None or id(place) in seen:
            continue
        seen.add(id(place))
        edges = place.next_functions
        if not edges:
            leaf = getattr(place, "tensor", None)
            if leaf is not None and id(leaf) not in own:
                return True
        stack.extend(node for node, _ in edges)
    return False


def chosen_by(argnums: int | tuple[int, ...], args: tuple[Any, ...], name: str) -> Any:
    """The arguments that `argnums` names: one, or a tuple."""
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    if not all(-len(args) <= n < len(args) for n in numbers):
        raise RuntimeError(f"{name}: argnums={argnums}, but there are {len(args)} arguments")
    return args[argnums] if isinstance(argnums, int) else tuple(args[n] for n in argnums)


def with_chosen(
    func: Function, argnums: int | tuple[int, ...], args: Any, kwargs: Any
) -> Callable[[Any], Any]:
    """`func(*args, **kwargs)` as a function of the arguments that `argnums` names."""

    def call(chosen: Any) -> Any:
        replaced = list(args)
        if isinstance(argnums, int):
            replaced[argnums] = chosen
        else:
            for n, x in zip(argnums, chosen, strict=True):
                replaced[n] = x
        return func(*replaced, **kwargs)

    return call


def grad(func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """The gradient of `func`, which gives one number, by its argument `argnums`.

    With `has_aux` func gives (number, aux), and so does the gradient. Raises RuntimeError if func
    gives anything but a 0-d Tensor.
    """
    both = grad_and_value(func, argnums, has_aux)

    @wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        slopes, value = both(*args, **kwargs)
        return (slopes, value[1]) if has_aux else slopes

    return gradient


def grad_and_value(
    func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False
) -> Function:
    """As `grad`, but (gradient, value), or (gradient, (value, aux)), comes back."""

    @wraps(func)
    def both(*args: Any, **kwargs: Any) -> Any:
        chosen = chosen_by(argnums, args, "grad")
        run = Run("grad", with_chosen(func, argnums, args, kwargs), chosen, has_aux)
        if not isinstance(run.output, Tensor) or run.output.ndim:
            found = getattr(run.output, "shape", type(run.output).__name__)
            raise RuntimeError(
                f"grad: expected func to return a scalar tensor, got {found}. Remedy: reduce it, "
                "as in .sum(), or use jacrev"
            )
        slopes = run.like_inputs(run.point.gradients([run.output], None, True, False))
        value = (run.output, run.aux) if has_aux else run.output
        return run.settled(slopes), run.settled(value)

    return both


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """(output, vjp_fn), or (output, vjp_fn, aux): vjp_fn(v) is v J, a tuple if primals are several.

    v has the structure and shapes of the output. vjp_fn may be called many times.
    """
    run = Run("vjp", lambda xs: func(*xs), primals, has_aux)

    def vjp_fn(cotangents: Any) -> Any:
        return run.settled(run.pull(cotangents))

    found = (run.settled(run.output), vjp_fn)
    return (*found, run.settled(run.aux)) if has_aux else found


def jvp(
    func: Function, primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> Any:
    """(output, J v), or (output, J v, aux): how the output moves when primals move along tangents.

    Both are tuples, one entry for each argument of func. With `strict` an output that does not
    depend on the primals is an error. Raises TypeError if they are no tuples.
    """
    if not isinstance(primals, tuple) or not isinstance(tangents, tuple):
        raise TypeError("jvp: primals and tangents are tuples, one entry for each argument of func")
    run = Run("jvp", lambda xs: func(*xs), primals, has_aux)
    if strict and not all(y.requires_grad for y in run.point.outputs):
        raise RuntimeError("jvp: with strict=True, each output must depend on the primals")
    found = (run.settled(run.output), run.settled(run.push(tangents)))
    return (*found, run.settled(run.aux)) if has_aux else found


def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
    """(output, jvp_fn): jvp_fn(*tangents) is J v at the primals; the function is not run again."""
    run = Run("linearize", lambda xs: func(*xs), primals, has_aux=False)

    def jvp_fn(*tangents: Any) -> Any:
        return run.settled(run.push(tangents))

    return run.settled(run.output), jvp_fn


def jacrev(
    func: Function,
    argnums: int | tuple[int, ...] = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Function:
    """The Jacobian of `func` by rows: one walk back for each element of the output.

    Its structure is the output's, with that of the argument `argnums` in each place, of Tensors of
    shape (*output.shape, *argument.shape). The last two arguments change nothing here.
    """
    return _jacobian(func, argnums, has_aux, lambda point: point.rows(True, False))


def jacfwd(
    func: Function,
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    *,
    chunk_size: int | None = None,
    randomness: str = "error",
) -> Function:
    """The Jacobian by columns: one product J v for each element of the argument; as `jacrev`."""
    return _jacobian(func, argnums, has_aux, lambda point: point.columns(True, False))


def _jacobian(
    func: Function, argnums: Any, has_aux: bool, table_of: Callable[[Point], Any]
) -> Function:
    @wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        chosen = chosen_by(argnums, args, "jacobian")
        run = Run("jacobian", with_chosen(func, argnums, args, kwargs), chosen, has_aux)
        rows = [run.like_inputs(row) for row in table_of(run.point)]
        found = run.settled(run.like_outputs(rows))
        return (found, run.settled(run.aux)) if has_aux else found

    return jacobian


def hessian(func: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """The second derivatives of `func` by the argument `argnums`: `jacfwd(jacrev(func))`."""
    return jacfwd(jacrev(func, argnums), argnums)
