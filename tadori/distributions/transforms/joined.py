"""Transforms made of others or of a distribution, and ones that only change the shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ...ops.join import cat, stack
from ...tensor import Tensor
from ..distribution import summed
from .plain import ComposeTransform, Shape, Transform

__all__ = [
    "CatTransform",
    "CumulativeDistributionTransform",
    "IndependentTransform",
    "ReshapeTransform",
    "StackTransform",
    "identity_transform",
]

identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """A transform of which more axes count as one value: their stretches are summed."""

    def __init__(
        self, base_transform: Transform, reinterpreted_batch_ndims: int, cache_size: int = 0
    ) -> None:
        self.base_transform, self.axes = base_transform, reinterpreted_batch_ndims
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        self.bijective, self.sign = base_transform.bijective, base_transform.sign
        self.event_dim = base_transform.event_dim + self.axes
        self.own_out_dim = base_transform.out_dim + self.axes

    def __call__(self, x: Tensor) -> Tensor:
        """The base's."""
        return self.base_transform(x)

    def _inverse(self, y: Tensor) -> Tensor:
        return self.base_transform._inverse(y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The base's, summed."""
        return summed(self.base_transform.log_abs_det_jacobian(x, y), self.axes)

    def forward_shape(self, shape: Shape) -> Shape:
        """The base's."""
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape: Shape) -> Shape:
        """The base's."""
        return self.base_transform.inverse_shape(shape)

    def __repr__(self) -> str:
        return f"IndependentTransform({self.base_transform!r}, {self.axes})"


class ReshapeTransform(Transform):
    """The last axes, of `in_shape`, as `out_shape`."""

    def __init__(self, in_shape: Any, out_shape: Any, cache_size: int = 0) -> None:
        self.in_shape, self.out_shape = tuple(in_shape), tuple(out_shape)
        if math.prod(self.in_shape) != math.prod(self.out_shape):
            raise ValueError(
                f"in_shape, out_shape have different numbers of elements: {self.in_shape} and "
                f"{self.out_shape}"
            )
        self.event_dim, self.own_out_dim = len(self.in_shape), len(self.out_shape)

    def __call__(self, x: Tensor) -> Tensor:
        """In the new shape."""
        return x.reshape(self.forward_shape(tuple(x.shape)))

    def _inverse(self, y: Tensor) -> Tensor:
        return y.reshape(self.inverse_shape(tuple(y.shape)))

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """0."""
        return summed(x.detach() * 0, self.event_dim)

    def forward_shape(self, shape: Shape) -> Shape:
        """The last axes replaced."""
        return replaced(shape, self.in_shape, self.out_shape)

    def inverse_shape(self, shape: Shape) -> Shape:
        """The last axes put back."""
        return replaced(shape, self.out_shape, self.in_shape)


def replaced(shape: Shape, old: Shape, new: Shape) -> Shape:
    """The shape with the last axes changed. Raises ValueError if they are not `old`."""
    cut = len(shape) - len(old)
    if cut < 0 or shape[cut:] != old:
        raise ValueError(f"Shape mismatch: expected {old} last, got {shape}")
    return (*shape[:cut], *new)


class Joined(Transform):
    """Several transforms side by side along the axis `dim`."""

    def __init__(self, tseq: Sequence[Transform], dim: int) -> None:
        self.transforms, self.dim = list(tseq), dim
        self.bijective = all(part.bijective for part in self.transforms)
        self.event_dim = max(part.event_dim for part in self.transforms)
        self.own_out_dim = max(part.out_dim for part in self.transforms)

    def _cut(self, x: Tensor) -> list[Tensor]:
        raise NotImplementedError

    def _join(self, parts: list[Tensor]) -> Tensor:
        raise NotImplementedError

    def _each(self, call: Callable[..., Tensor], *whole: Tensor) -> list[Tensor]:
        """`call` of each transform and its slices."""
        slices = zip(*(self._cut(x) for x in whole), strict=True)
        return [call(t, *given) for t, given in zip(self.transforms, slices, strict=True)]

    def __call__(self, x: Tensor) -> Tensor:
        """Each slice by its transform."""
        return self._join(self._each(lambda t, a: t(a), x))

    def _inverse(self, y: Tensor) -> Tensor:
        return self._join(self._each(lambda t, a: t._inverse(a), y))


class CatTransform(Joined):
    """Slices of `lengths` (1 each by default), each by its transform, concatenated."""

    def __init__(
        self,
        tseq: Sequence[Transform],
        dim: int = 0,
        lengths: Sequence[int] | None = None,
        cache_size: int = 0,
    ) -> None:
        super().__init__(tseq, dim)
        self.lengths = list(lengths) if lengths is not None else [1] * len(self.transforms)
        self.length = sum(self.lengths)

    def _cut(self, x: Tensor) -> list[Tensor]:
        return list(x.split(self.lengths, self.dim))

    def _join(self, parts: list[Tensor]) -> Tensor:
        return cat(parts, self.dim)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The slices', concatenated, or summed where `dim` belongs to a value."""

        def stretch(t: Transform, a: Tensor, b: Tensor) -> Tensor:
            return summed(t.log_abs_det_jacobian(a, b), self.event_dim - t.event_dim)

        parts = self._each(stretch, x, y)
        axis = self.dim - x.ndim if self.dim >= 0 else self.dim
        axis = axis + self.event_dim
        if axis < 0:
            return cat(parts, axis)
        total: Any = sum(parts)
        return total  # type: ignore[no-any-return]


class StackTransform(Joined):
    """Slices along `dim`, each by its transform, stacked."""

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(tseq, dim)

    def _cut(self, x: Tensor) -> list[Tensor]:
        return list(x.unbind(self.dim))

    def _join(self, parts: list[Tensor]) -> Tensor:
        return stack(parts, self.dim)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The slices', stacked."""
        return stack(self._each(lambda t, a, b: t.log_abs_det_jacobian(a, b), x, y), self.dim)


class CumulativeDistributionTransform(Transform):
    """y = cdf(x) of a distribution: its samples become uniform ones."""

    def __init__(self, distribution: Any, cache_size: int = 0) -> None:
        self.distribution = distribution

    def __call__(self, x: Tensor) -> Tensor:
        """cdf(x)."""
        return self.distribution.cdf(x)  # type: ignore[no-any-return]

    def _inverse(self, y: Tensor) -> Tensor:
        return self.distribution.icdf(y)  # type: ignore[no-any-return]

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The density's logarithm."""
        return self.distribution.log_prob(x)  # type: ignore[no-any-return]
