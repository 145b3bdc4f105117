"""The walk back: from outputs to leaves, newest node first, one formula after another.

In define-by-run the order of creation is a topological order, so a heap on the creation number
suffices: when a node is reached, every consumer of its outputs has been passed, and its gradient is
complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from sys import getrefcount
from typing import Any
from weakref import ref

import numpy as np

from ..device import array_module
from ..kernels import add_up
from ..tensor import AccumulateGrad, Tensor, latest
from .convert import conjugate
from .errors import ShapeError, describe, released, stale, where
from .function import Output
from .hooks import observers, tell
from .mode import Mode
from .version import last_write, written

#: elements from which adding in place is quicker: 0.9 of the time at 10 thousand, two thirds at 100
#: thousand; at one element, where NumPy first rules out an overlap, it takes twice as long
LARGE = 1_000

Gradient = Any  # an array; with create_graph, a Tensor
Place = Any  # where a tensor's gradient is gathered: a Function, an Output, or an AccumulateGrad


def walk(
    roots: Sequence[tuple[Place, Gradient]],
    *,
    retain_graph: bool,
    create_graph: bool,
    wanted: dict[Place, Gradient] | None = None,
) -> None:
    """Send the gradients of `roots`, (place, gradient) pairs, back through the graph.

    Formulas run on arrays; with `create_graph` they run on Tensors, which record themselves. Leaves
    add what reaches them to their `.grad`; if `wanted` is given they do not, and its entries are
    filled in instead.
    """
    table: dict[Place, Gradient] = {}  # what has arrived so far
    heap: list[tuple[int, Place]] = []  # the same places, newest first
    sums: set[Place] = set()  # those whose entry is a sum made here, free to be written into
    needed = None if wanted is None else leading_to(wanted, [place for place, _ in roots])
    for place, gradient in roots:
        if needed is None or place in needed:
            arrive(table, heap, place, gradient)
    try:
        while heap:
            node = heappop(heap)[1]
            gradient = table.pop(node)
            if node.hooks:
                gradient = run_hooks(node, gradient)
            if wanted is not None and node in wanted:
                wanted[node] = gradient
                if not leads_to(node, needed):
                    continue
            plan = node.plan
            if plan is None:
                given, gradient = [gradient], None
                pass_on(table, heap, node, given)
                continue
            saved = node.saved
            if saved is None:
                raise released(node)
            if latest[0] >= node.seq:
                check_stale(node)
            if create_graph:
                saved = node.kept_tensors()
            if not retain_graph and saved:
                node.saved = None
            for observer in observers:
                observer.before_backward(node, gradient)
            edges = node.edges
            if plan.joint is not None:  # it gives all gradients; the steps then pick from them
                saved = plan.joint(node, complete(gradient, node), saved)
            for formula, argument, i in plan.steps:
                place = edges[i]
                if needed is not None and place not in needed:
                    continue
                # three forms, because a call with * costs 0.2 us more (CPython 3.11)
                if argument is None:
                    sent = formula(node, gradient)
                elif type(argument) is int:
                    sent = formula(node, gradient, saved[argument])
                else:
                    sent = formula(node, gradient, *argument(saved))
                if sent is None:
                    continue
                if sent.shape != place.shape:
                    sent = sum_to(sent, place.shape)
                if place not in table:
                    table[place] = sent
                    heappush(heap, (-place.seq, place))
                elif place in sums:
                    table[place] += sent
                else:
                    table[place] = table[place] + sent
                    if not create_graph and sent.size > LARGE:
                        sums.add(place)
                for observer in observers:
                    observer.sent(node, i, sent)
            for observer in observers:
                observer.after_backward(node)
            # let go, so that arrays live in the table alone and die with their last reader
            saved = sent = gradient = None
    except Exception as error:
        error.add_note(where(node))
        raise


def arrive(table: dict[Place, Gradient], heap: list[Any], place: Place, gradient: Any) -> None:
    """Add a gradient to what has arrived at `place`, and put the place on the heap if it is new."""
    if place not in table:
        table[place] = gradient
        heappush(heap, (-place.seq, place))
    else:
        table[place] = table[place] + gradient


def pass_on(table: dict[Place, Gradient], heap: list[Any], place: Place, given: list[Any]) -> None:
    """What happens to the gradient, in a list, of a place without formulas: an output or a leaf."""
    if type(place) is Output:
        gather(table, heap, place, given[0])
    else:
        accumulate(place, given)


def gather(table: dict[Place, Gradient], heap: list[Any], output: Output, gradient: Any) -> None:
    """Hand the gradient of one of several outputs to its Function, in a list with the others."""
    owner = output.owner
    if owner not in table:
        arrive(table, heap, owner, [None] * len(owner.shape))
    before = table[owner][output.index]  # there if a formula named it, see `Function._place_of`
    table[owner][output.index] = gradient if before is None else before + gradient


def accumulate(place: AccumulateGrad, gradients: list[Gradient]) -> None:
    """Add the one gradient in the list, an array or (with `create_graph`) a Tensor, to the `.grad`
    of the leaf. It comes in a list so that this function can be the only one to hold it."""
    leaf = place.ref()
    if leaf is None:
        return
    if gradients[0].dtype != leaf.array.dtype:
        gradients[0] = gradients[0].astype(leaf.array.dtype)
    if leaf.array.dtype.kind == "c":
        gradients[0] = conjugate(gradients[0])
    if isinstance(gradients[0], Tensor):
        leaf.grad = gradients[0] if leaf.grad is None else leaf.grad + gradients[0]
    elif leaf.grad is None:
        leaf.grad = Tensor(own(gradients))
    elif leaf.grad.requires_grad:
        leaf.grad = leaf.grad + Tensor(gradients[0])
    else:
        leaf.grad.array += gradients[0]
        written(leaf.grad.array, "accumulation in .grad")
    for observer in observers:
        observer.accumulated(leaf, leaf.grad)


def own(gradients: list[Gradient]) -> Any:
    """The one array in the list as one that nobody else holds or looks into: itself, or a copy."""
    gradient = gradients.pop()
    alone = type(gradient) is np.ndarray and getrefcount(gradient) <= _ALONE
    if alone and gradient.flags.owndata:
        return gradient
    return array_module(gradient).array(gradient)


def _count_alone(gradients: list[Gradient]) -> int:
    gradient = gradients.pop()
    return getrefcount(gradient)


#: what `getrefcount` says of an array that only a local variable holds, which differs with Python
_ALONE = _count_alone([np.zeros(1)])


def leading_to(wanted: dict[Place, Gradient], roots: list[Place]) -> set[Place]:
    """The places between `roots` and those of `wanted`, both included."""
    oldest = min(place.seq for place in wanted)
    found: dict[int, Place] = {}
    stack = list(roots)
    while stack:
        place = stack.pop()
        if place.seq not in found and place.seq >= oldest:
            found[place.seq] = place
            stack.extend(edge for edge in place.edges if leads_on(edge))
    needed = set(wanted)
    for seq in sorted(found):  # inputs before outputs
        if leads_to(found[seq], needed):
            needed.add(found[seq])
    return needed


def leads_to(place: Place, needed: Any) -> bool:
    """Whether an edge of `place` goes to one of the places in `needed`."""
    return any(leads_on(edge) and edge in needed for edge in place.edges)


def leads_on(edge: Any) -> bool:
    """Whether an edge goes to a place: not for a constant, a weak reference, and not for a number,
    None."""
    return edge is not None and type(edge) is not ref


def sum_to(gradient: Gradient, shape: tuple[int, ...]) -> Gradient:
    """Undo a broadcast: sum `gradient` over the axes that were added or stretched from `shape`."""
    lead = gradient.ndim - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, gradient.shape[lead:], strict=True)):
        raise ShapeError(
            f"a formula gave a gradient of shape {tuple(gradient.shape)} for an input of shape "
            f"{shape}. "
            "Remedy: a gradient has its input's shape, or one that the input was broadcast to"
        )
    stretched = [i + lead for i, n in enumerate(shape) if n != gradient.shape[i + lead]]
    total = add_up(gradient, axis=(*range(lead), *stretched))
    return total.reshape(shape)


def complete(gradients: Any, node: Any) -> list[Gradient]:
    """The gradients of the outputs of `node` as a list, with zeros for the outputs that were not
    used."""
    if type(gradients) is not list:
        return [gradients]
    known = next(g for g in gradients if g is not None)
    for i in range(node.carrying):
        if gradients[i] is None and type(known) is np.ndarray:
            gradients[i] = np.zeros(node.shape[i], known.dtype)  # a quarter of zeros_like's time
        elif gradients[i] is None:
            gradients[i] = np.zeros_like(known, shape=node.shape[i])
    return gradients[: node.carrying]


def run_hooks(place: Place, gradient: Gradient) -> Gradient:
    """Show a gradient to the hooks of its tensor; what a hook returns takes its place."""
    for hook in list(place.hooks.values()):
        shown = conjugate(gradient)
        changed = hook(shown if isinstance(shown, Tensor) else Tensor(shown))
        if changed is not None:
            if not isinstance(changed, Tensor) or changed.shape != gradient.shape:
                raise ShapeError(
                    f"a hook returned {type(changed).__name__} {describe(changed)} for a gradient "
                    f"{describe(gradient)}; it may return None, or a Tensor of the same shape"
                )
            gradient = conjugate(changed if isinstance(gradient, Tensor) else changed.array)
    return gradient


def check_stale(node: Any) -> None:
    """Raise if an array that `node` keeps was written in place after the node was made."""
    for number, kind, i in node.plan.kept:
        if kind == "shape":
            continue
        value = node.saved[number]
        for array in value if isinstance(value, tuple) else (value,):
            write = last_write(array)
            # a node that wrote in place has the moment of its own write: its output is the written
            # array
            if write is not None and (
                write.moment > node.seq or (write.moment == node.seq and kind == "input")
            ):
                raise stale(node, kind, i, array, write)


# What users call.


def backward(
    tensors: Any,
    gradients: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add the gradients of the sum of `tensors` to the `.grad` of the leaves they were computed
    from.

    gradients: for each tensor its upstream gradient (same shape); None means 1, for one-element
    tensors only.
    retain_graph: keep what the formulas need, so that backward can pass again; by default as
    `create_graph`.
    create_graph: record the backward pass too, so that gradients can be differentiated.
    inputs: accumulate into these tensors only.
    Raises RuntimeError where no graph leads back, where a graph was already passed and released,
    where an array that a formula needs was changed in place, and for a tensor of several elements
    without a gradient.
    """
    roots = _roots(_sequence(tensors), gradients, create_graph)
    retain = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        go_back(roots, retain, create_graph)
        return
    sinks = _sequence(inputs)
    for tensor, gradient in zip(sinks, _gradients(roots, sinks, retain, create_graph), strict=True):
        if gradient is not None:
            accumulate(AccumulateGrad(tensor), [gradient])


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of the sum of `outputs` with respect to `inputs`, as a tuple; no `.grad` is
    touched.

    An input that the outputs do not depend on is an error, unless `allow_unused` (its gradient is
    then None) or `materialize_grads` (zeros). The other arguments are those of `backward`.
    """
    sinks = _sequence(inputs)
    roots = _roots(_sequence(outputs), grad_outputs, create_graph)
    retain = create_graph if retain_graph is None else retain_graph
    found: list[Tensor | None] = []
    for i, gradient in enumerate(_gradients(roots, sinks, retain, create_graph)):
        if gradient is not None:
            gradient = conjugate(gradient)
            found.append(gradient if isinstance(gradient, Tensor) else Tensor(own([gradient])))
        elif materialize_grads:
            found.append(Tensor(np.zeros_like(sinks[i].array)))
        elif allow_unused:
            found.append(None)
        else:
            raise RuntimeError(
                f"grad: input {i}, of shape {tuple(sinks[i].shape)}, was not used to compute the "
                "outputs. Remedy: "
                "pass allow_unused=True to get None for it, or see autograd.why_no_grad(tensor)"
            )
    return tuple(found)


def _gradients(roots: Any, sinks: list[Tensor], retain: bool, create_graph: bool) -> list[Gradient]:
    if not sinks:
        raise RuntimeError("grad: inputs is empty; name the tensors whose gradients are wanted")
    for i, tensor in enumerate(sinks):
        if tensor.node is None:
            raise RuntimeError(
                f"grad: input {i}, of shape {tuple(tensor.shape)}, does not require a gradient. "
                "Remedy: call requires_grad_() on it before it is used"
            )
    wanted: dict[Place, Gradient] = {t.place: None for t in sinks}
    go_back(roots, retain, create_graph, wanted)
    return [wanted[t.place] for t in sinks]


def go_back(roots: Any, retain: bool, create_graph: bool, wanted: Any = None) -> None:
    """The walk in its mode; observers hear of its beginning and its end."""
    if observers:
        tell("backward", roots, retain_graph=retain, create_graph=create_graph)
    with Mode(create_graph):
        walk(roots, retain_graph=retain, create_graph=create_graph, wanted=wanted)
    if observers:
        tell("passed", roots)


def _sequence(tensors: Any) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _roots(
    tensors: list[Tensor], gradients: Any, create_graph: bool
) -> list[tuple[Place, Gradient]]:
    given = [None] * len(tensors) if gradients is None else gradients
    if isinstance(given, Tensor) or not isinstance(given, list | tuple):
        given = [given]
    if len(given) != len(tensors):
        raise RuntimeError(
            f"backward: {len(tensors)} tensors but {len(given)} gradients; give one for each"
        )
    roots = []
    for tensor, gradient in zip(tensors, given, strict=True):
        if tensor.node is None:
            raise RuntimeError(
                f"backward: the tensor of shape {tuple(tensor.shape)} has no creator and does not "
                "require a gradient: "
                "nothing leads back from it. Was it made under no_grad, after detach(), or from "
                "tensors without "
                "requires_grad=True?"
            )
        if gradient is None:
            if tensor.array.size != 1:
                raise RuntimeError(
                    "backward: grad can be implicitly created only for scalar outputs; this one "
                    "has shape "
                    f"{tuple(tensor.shape)}. Remedy: reduce it first, as in "
                    "loss.sum().backward(), or pass gradient="
                )
            if tensor.array.dtype.kind == "c":
                raise RuntimeError(
                    "backward: grad can be implicitly created only for real scalar outputs but "
                    f"got {tensor.dtype}. Remedy: make it real, as in loss.abs(), or pass gradient="
                )
            gradient = Tensor(np.ones_like(tensor.array))
        elif not isinstance(gradient, Tensor):
            gradient = Tensor(np.asarray(gradient, dtype=tensor.dtype))
        if gradient.shape != tensor.shape:
            raise ShapeError(
                f"backward: the gradient has shape {tuple(gradient.shape)}, the tensor "
                f"{tuple(tensor.shape)}; "
                "they must be equal"
            )
        if (gradient.dtype.kind == "c") != (tensor.dtype.kind == "c"):
            raise RuntimeError(
                "backward: for complex tensors, both grad_output and output are required to have "
                f"the same dtype; they have {gradient.dtype} and {tensor.dtype}"
            )
        roots.append((tensor.place, conjugate(gradient if create_graph else gradient.array)))
    return roots
