"""Gradients kept within bounds."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ...autograd.version import written
from ...tensor import Tensor


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients together, in place, so that their total norm is at most max_norm.

    Returns the total norm before. Raises RuntimeError if it is not finite and error_if_nonfinite.
    foreach, PyTorch's choice of implementation, changes nothing here.
    """
    gradients = _gradients(parameters)
    total = get_total_norm(gradients, norm_type, error_if_nonfinite)
    scale_down(gradients, max_norm, total)
    return total


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    total_norm: Tensor,
    foreach: bool | None = None,
) -> None:
    """`clip_grad_norm_` with a total norm that is known already."""
    scale_down(_gradients(parameters), max_norm, total_norm)


def scale_down(gradients: list[Tensor], max_norm: float, total: Tensor) -> None:
    """Scale the gradients, in place, by max_norm / total where that is less than 1."""
    factor = float(max_norm) / (total.item() + 1e-6)
    # infinite and NaN norms go through, as in PyTorch: the caller sees them in what is returned
    if not factor >= 1:
        for gradient in gradients:
            gradient.array *= factor
            written(gradient.array, "clip_grad_norm_")


clip_grad_norm = clip_grad_norm_  # PyTorch's older name


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all numbers of these tensors, as if they were one vector."""
    arrays = [tensors.array] if isinstance(tensors, Tensor) else [t.array for t in tensors]
    if not arrays:
        return Tensor(0.0)
    norms = np.stack([np.linalg.norm(array.ravel(), norm_type) for array in arrays])
    total = Tensor(np.asarray(np.linalg.norm(norms, norm_type)))
    if error_if_nonfinite and not math.isfinite(total.item()):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients is non-finite, so it cannot be "
            "clipped. Remedy: find where it comes from, say with autograd.set_detect_anomaly(True)"
        )
    return total


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor],
    clip_value: float,
    foreach: bool | None = None,
) -> None:
    """Put every number of every gradient, in place, within [-clip_value, clip_value]."""
    bound = float(clip_value)
    for gradient in _gradients(parameters):
        np.clip(gradient.array, -bound, bound, out=gradient.array)
        written(gradient.array, "clip_grad_value_")


def _gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    given = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p.grad for p in given if p.grad is not None]
