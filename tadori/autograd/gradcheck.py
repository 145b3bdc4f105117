"""Checking derivatives against differences: is a backward formula the derivative of its forward?

A complex number counts as two real ones, so that one comparison serves real and complex inputs and
outputs alike.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..dtype import float64, is_floating
from ..tensor import Tensor, as_array
from .engine import grad
from .mode import enable_grad

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(RuntimeError):
    """A derivative is wrong; the message names the worst element and both values."""


class Limits(NamedTuple):
    """The step of the differences, and how far a derivative may be from them."""

    eps: float
    atol: float
    rtol: float
    nondet_tol: float

    def agree(self, exact: Any, numeric: Any) -> Any:
        """Where `exact` is close enough to `numeric`, element by element; NaN never is."""
        return np.abs(exact - numeric) <= self.atol + self.rtol * np.abs(numeric)


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    fast_mode: bool = False,
    **others: Any,
) -> bool:
    """Compare the gradients of `func(*inputs)` with central differences, element by element.

    (f(x + eps) - f(x - eps)) / 2 eps  against  df/dx, within atol + rtol * |difference|, for every
    input that requires a gradient; these should be float64. `fast_mode` compares along one random
    direction. Raises GradcheckError, or returns False with `raise_exception=False`; ValueError if
    no input requires a gradient. Each output's gradient is taken alone, so that the others are
    undefined anyway: `check_undefined_grad` is there for PyTorch's sake, and so are its switches
    for forward mode and batching, which must be off.
    """
    refuse_others(others)
    tensors = _tuple(inputs)
    limits = Limits(eps, atol, rtol, nondet_tol)
    wanted = [i for i, x in enumerate(tensors) if isinstance(x, Tensor) and x.requires_grad]
    if not wanted:
        raise ValueError("gradcheck expects at least one input tensor to require gradient")
    for i in wanted:
        if tensors[i].dtype not in (float64, np.complex128):
            warnings.warn(
                f"gradcheck: input {i} is {tensors[i].dtype}; differences need double precision, "
                "so the check may fail although the derivative is right",
                stacklevel=2,
            )
    try:
        if not (fast_mode and along_one_direction(func, tensors, wanted, limits)):
            for i in wanted:
                check_input(func, tensors, i, limits, check_grad_dtypes)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    gen_non_contig_grad_outputs: bool = False,
    **options: Any,
) -> bool:
    """Check second derivatives: `gradcheck` of the gradients of `func(*inputs)`.

    The gradients are checked as a function of the inputs and of the gradients coming in,
    `grad_outputs`, which are random if not given. The options are those of `gradcheck`.
    """
    tensors = _tuple(inputs)
    if grad_outputs is None:
        upstream = tuple(
            random_like(y, gen_non_contig_grad_outputs) for y in _outputs(func(*tensors))
        )
    else:
        upstream = _tuple(grad_outputs)

    def gradients(*values: Any) -> tuple[Any, ...]:
        with enable_grad():
            given = values[: len(tensors)]
            sinks = [x for x in given if isinstance(x, Tensor) and x.requires_grad]
            outputs = [y for y in _outputs(func(*given)) if y.requires_grad]
            v = values[len(tensors) :]
            found = grad(outputs, sinks, v, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(gradients, tensors + upstream, **options)


def refuse_others(others: dict[str, Any]) -> None:
    """Accept PyTorch's switches for what Tadori does not have, if they are off."""
    known = ("check_batched_grad", "check_batched_forward_grad", "check_forward_ad", "masked")
    for name, value in others.items():
        if name == "check_backward_ad" and value:
            continue
        if name not in known or value:
            raise TypeError(f"gradcheck: {name}={value!r} is not supported")


def random_like(y: Tensor, strided: bool) -> Tensor:
    """A random gradient for `y`, itself requiring one; with `strided` not contiguous in memory."""
    shape = (*y.shape, 2) if strided else y.shape
    rng = np.random.default_rng(0)
    values = rng.uniform(0.5, 1.5, shape)
    if y.dtype.kind == "c":
        values = values + 1j * rng.uniform(0.5, 1.5, shape)
    values = np.asarray(values, dtype=y.dtype)
    return Tensor(values[..., 0] if strided else values).requires_grad_()


def check_input(
    func: Callable[..., Any], tensors: Any, i: int, limits: Limits, dtypes: bool
) -> None:
    """Compare the whole Jacobian of every output with respect to input `i`."""
    numeric = numeric_jacobians(func, tensors, i, limits.eps)
    exact = exact_jacobians(func, tensors, i, 1.0, dtypes)
    again = exact_jacobians(func, tensors, i, 2.0, dtypes)
    for n, (name, y) in enumerate(_named(func(*tensors))):
        if not limits.agree(exact[n], numeric[n]).all():
            raise GradcheckError(mismatch(name, y, i, tensors[i], exact[n], numeric[n], limits))
        if not np.all(np.abs(exact[n] - again[n] / 2.0) <= limits.nondet_tol):
            raise GradcheckError(
                f"gradcheck: backward is not reentrant, or not linear in the gradient coming in: "
                f"run again with twice the gradient of {name}, that of input {i} is not doubled"
            )


def mismatch(
    name: str, y: Tensor, i: int, x: Tensor, exact: Any, numeric: Any, limits: Limits
) -> str:
    """Say where the two Jacobians, (elements of x, elements of y), differ most."""
    excess = np.abs(exact - numeric) - limits.rtol * np.abs(numeric)
    excess = np.where(np.isfinite(excess), excess, np.inf)
    column, row = np.unravel_index(np.argmax(excess), excess.shape)
    wrong = int(np.sum(~limits.agree(exact, numeric)))
    return (
        f"gradcheck: the Jacobian mismatch for {name} with respect to input {i}: {wrong} of "
        f"{exact.size} derivatives are wrong; the worst is d {name}{_place(y, row)} / "
        f"d input {i}{_place(x, column)}: backward gives {exact[column, row]:.6g}, the difference "
        f"{numeric[column, row]:.6g}"
    )


def numeric_jacobians(func: Callable[..., Any], tensors: Any, i: int, eps: float) -> list[Any]:
    """For each output the differences, as (elements of input i, elements of the output)."""
    x = tensors[i]
    columns = []
    for k in range(_reals(x.array).size):
        step = np.zeros(_reals(x.array).size)
        step[k] = eps
        columns.append(slope(func, tensors, {i: step}, eps))
    found = []
    for n, y in enumerate(_outputs(func(*tensors))):
        shape = len(columns), _reals(y.array).size
        found.append(np.reshape([column[n] for column in columns], shape))
    return found


def slope(func: Callable[..., Any], tensors: Any, steps: dict[int, Any], eps: float) -> list[Any]:
    """For each output the central difference, flat, when the inputs `i` move by `steps[i]`."""
    ahead = outputs_at(func, tensors, steps)
    behind = outputs_at(func, tensors, {i: -step for i, step in steps.items()})
    return [(a - b) / (2 * eps) for a, b in zip(ahead, behind, strict=True)]


def outputs_at(func: Callable[..., Any], tensors: Any, steps: dict[int, Any]) -> list[Any]:
    """The outputs as flat real arrays with the inputs moved.

    The inputs themselves hold other arrays for a while, because `func` may know them by other ways
    than its arguments (a module its parameters); the old arrays are not written to.
    """
    before = {i: tensors[i].array for i in steps}
    try:
        for i, step in steps.items():
            moved = _reals(before[i]) + step.astype(_reals(before[i]).dtype)
            tensors[i].array = moved.view(before[i].dtype).reshape(before[i].shape)
        return [_reals(y.array).copy() for y in _outputs(func(*tensors))]
    finally:
        for i, array in before.items():
            tensors[i].array = array


def exact_jacobians(
    func: Callable[..., Any], tensors: Any, i: int, scale: float, dtypes: bool
) -> list[Any]:
    """For each output what backward gives for upstream gradients of `scale` in one element, as
    (elements of input i, elements of the output)."""
    x = tensors[i]
    found = []
    for y in _outputs(func(*tensors)):
        rows = [_reals(gradient_of(y, x, unit * scale, dtypes)) for unit in units(y.array)]
        found.append(np.reshape(rows, (len(rows), _reals(x.array).size)).T)
    return found


def gradient_of(y: Tensor, x: Tensor, upstream: Any, dtypes: bool) -> Any:
    """dy/dx applied to `upstream`, as an array; zeros where no graph leads from y to x."""
    gradient = None
    if y.requires_grad:
        (gradient,) = grad(y, x, Tensor(upstream), retain_graph=True, allow_unused=True)
    if gradient is None:
        return np.zeros_like(x.array)
    if gradient.shape != x.shape:
        raise GradcheckError(
            f"gradcheck: the gradient has shape {gradient.shape}, its input {x.shape}"
        )
    if dtypes and gradient.dtype != x.dtype:
        raise GradcheckError(f"gradcheck: the gradient is {gradient.dtype}, its input {x.dtype}")
    return gradient.array


def units(array: Any) -> Iterator[Any]:
    """The gradients that are 1 in one element (for complex ones also i) and 0 elsewhere."""
    for k in range(_reals(array).size):
        unit = np.zeros_like(array, order="C")
        _reals(unit)[k] = 1
        yield unit


def along_one_direction(
    func: Callable[..., Any], tensors: Any, wanted: Sequence[int], limits: Limits
) -> bool:
    """Whether v J u is right for a random direction u of all inputs and v of all outputs."""
    rng = np.random.default_rng(0)
    directions = {i: rng.normal(size=_reals(tensors[i].array).size) for i in wanted}
    outputs = _outputs(func(*tensors))
    weights = [rng.normal(size=_reals(y.array).size) for y in outputs]
    steps = {i: limits.eps * u for i, u in directions.items()}
    numeric = sum(map(np.dot, weights, slope(func, tensors, steps, limits.eps)))
    exact = 0.0
    for y, v in zip(outputs, weights, strict=True):
        upstream = v.astype(_reals(y.array).dtype).view(y.dtype).reshape(y.shape)
        for i, u in directions.items():
            exact += np.dot(_reals(gradient_of(y, tensors[i], upstream, False)), u)
    return bool(limits.agree(exact, numeric))


def _tuple(inputs: Any) -> tuple[Any, ...]:
    return (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)


def _outputs(result: Any) -> list[Tensor]:
    """The outputs that can carry a gradient."""
    return [y for _, y in _named(result)]


def _named(result: Any) -> list[tuple[str, Tensor]]:
    several = isinstance(result, tuple | list)
    named = [(f"output {n}", y) for n, y in enumerate(result if several else (result,))]
    return [(name, y) for name, y in named if isinstance(y, Tensor) and is_floating(y.dtype)]


def _reals(array: Any) -> Any:
    """A flat view (a copy, if need be) in which a complex number is two real ones."""
    flat = np.ascontiguousarray(as_array(array)).reshape(-1)
    return flat.view(flat.real.dtype)


def _place(x: Tensor, k: Any) -> str:
    """The index of real element `k` of `x`, as one writes it."""
    parts = 2 if x.dtype.kind == "c" else 1
    index = np.unravel_index(int(k) // parts, x.shape) if x.ndim else ()
    text = f"[{', '.join(str(int(n)) for n in index)}]" if x.ndim else ""
    return text if parts == 1 else f"{text}{('.real', '.imag')[int(k) % 2]}"
