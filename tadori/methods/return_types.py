"""What a method returns that has several results: a tuple whose parts have names."""

from __future__ import annotations

from collections import namedtuple
from typing import Any


class Shown:
    """Prints as PyTorch's return types do: one part a line."""

    __slots__ = ()

    def __repr__(self: Any) -> str:
        parts = ",\n".join(f"{name}={part!r}" for name, part in zip(self._fields, self))
        return f"tadori.return_types.{type(self).__name__}(\n{parts})"


class max(Shown, namedtuple("max", ["values", "indices"])):
    """The largest along an axis, and where they stand."""

    __slots__ = ()


class min(Shown, namedtuple("min", ["values", "indices"])):
    """The smallest along an axis, and where they stand."""

    __slots__ = ()


class aminmax(Shown, namedtuple("aminmax", ["min", "max"])):
    """The smallest and the largest."""

    __slots__ = ()


class sort(Shown, namedtuple("sort", ["values", "indices"])):
    """The values in order, and where they stood."""

    __slots__ = ()


class topk(Shown, namedtuple("topk", ["values", "indices"])):
    """The k first in order, and where they stood."""

    __slots__ = ()


class kthvalue(Shown, namedtuple("kthvalue", ["values", "indices"])):
    """The k-th smallest, and where it stands."""

    __slots__ = ()


class median(Shown, namedtuple("median", ["values", "indices"])):
    """The middle value, and where it stands."""

    __slots__ = ()


class histogram(Shown, namedtuple("histogram", ["hist", "bin_edges"])):
    """How much lies in each bin, and the edges of the bins."""

    __slots__ = ()


class histogramdd(Shown, namedtuple("histogramdd", ["hist", "bin_edges"])):
    """How much lies in each box, and the edges along each coordinate."""

    __slots__ = ()


class nanmedian(Shown, namedtuple("nanmedian", ["values", "indices"])):
    """The middle value of what is not NaN, and where it stands."""

    __slots__ = ()


class mode(Shown, namedtuple("mode", ["values", "indices"])):
    """The most frequent value, and where it stands."""

    __slots__ = ()


class cummax(Shown, namedtuple("cummax", ["values", "indices"])):
    """The largest so far, and where they stand."""

    __slots__ = ()


class cummin(Shown, namedtuple("cummin", ["values", "indices"])):
    """The smallest so far, and where they stand."""

    __slots__ = ()


class qr(Shown, namedtuple("qr", ["Q", "R"])):
    """Orthogonal columns, and an upper triangular matrix."""

    __slots__ = ()


class svd(Shown, namedtuple("svd", ["U", "S", "V"])):
    """The singular vectors, the singular values, the other vectors, as columns."""

    __slots__ = ()


class slogdet(Shown, namedtuple("slogdet", ["sign", "logabsdet"])):
    """The sign of a determinant, and the logarithm of its absolute value."""

    __slots__ = ()


class triangular_solve(Shown, namedtuple("triangular_solve", ["solution", "cloned_coefficient"])):
    """The quotient, and the matrix divided by."""

    __slots__ = ()


class frexp(Shown, namedtuple("frexp", ["mantissa", "exponent"])):
    """A number between 1/2 and 1, and the power of 2 that it is multiplied with."""

    __slots__ = ()
