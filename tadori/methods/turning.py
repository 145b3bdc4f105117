"""Methods that give a tensor another shape or other steps in place, and other in-place forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dispatch import operations
from .creation import shape_of


class Turning:
    """`t_`, `squeeze_` and their kin: the memory stays, the tensor looks at it another way."""

    __slots__ = ()

    def as_strided_(
        self: Any,
        size: Any,
        stride: Any,
        storage_offset: int | None = None,
    ) -> Any:
        """`as_strided` in place."""
        return turned(self, lambda x: x.as_strided(size, stride, storage_offset), "as_strided_")

    def squeeze_(self: Any, dim: Any = None) -> Any:
        """`squeeze` in place."""
        return turned(self, lambda x: x.squeeze(dim), "squeeze_")

    def unsqueeze_(self: Any, dim: int) -> Any:
        """`unsqueeze` in place."""
        return turned(self, lambda x: x.unsqueeze(dim), "unsqueeze_")

    def t_(self: Any) -> Any:
        """`t` in place."""
        return turned(self, lambda x: x.t(), "t_")

    def transpose_(
        self: Any,
        dim0: int,
        dim1: int,
    ) -> Any:
        """`transpose` in place."""
        return turned(self, lambda x: x.transpose(dim0, dim1), "transpose_")

    swapaxes_ = swapdims_ = transpose_

    # Other in-place forms.

    def tril_(self: Any, diagonal: int = 0) -> Any:
        """`tril` in place."""
        return self.write(self.tril(diagonal), "tril_")

    def triu_(self: Any, diagonal: int = 0) -> Any:
        """`triu` in place."""
        return self.write(self.triu(diagonal), "triu_")

    def cumsum_(
        self: Any,
        dim: int,
        *,
        dtype: Any = None,
    ) -> Any:
        """`cumsum` in place."""
        return self.write(self.cumsum(dim, dtype=dtype).to(self.dtype), "cumsum_")

    def cumprod_(
        self: Any,
        dim: int,
        *,
        dtype: Any = None,
    ) -> Any:
        """`cumprod` in place."""
        return self.write(self.cumprod(dim, dtype=dtype).to(self.dtype), "cumprod_")

    def addmm_(self: Any, mat1: Any, mat2: Any, **factors: Any) -> Any:
        """`addmm` in place."""
        return self.write(self.addmm(mat1, mat2, **factors), "addmm_")

    def addbmm_(self: Any, batch1: Any, batch2: Any, **factors: Any) -> Any:
        """`addbmm` in place."""
        return self.write(self.addbmm(batch1, batch2, **factors), "addbmm_")

    def baddbmm_(self: Any, batch1: Any, batch2: Any, **factors: Any) -> Any:
        """`baddbmm` in place."""
        return self.write(self.baddbmm(batch1, batch2, **factors), "baddbmm_")

    def addmv_(self: Any, mat: Any, vec: Any, **factors: Any) -> Any:
        """`addmv` in place."""
        return self.write(self.addmv(mat, vec, **factors), "addmv_")

    def addr_(self: Any, vec1: Any, vec2: Any, **factors: Any) -> Any:
        """`addr` in place."""
        return self.write(self.addr(vec1, vec2, **factors), "addr_")

    def i0_(self: Any) -> Any:
        """`i0` in place."""
        return self.write(self.i0(), "i0_")

    def igamma_(self: Any, other: Any) -> Any:
        """`igamma` in place."""
        return self.write(self.igamma(other), "igamma_")

    def igammac_(self: Any, other: Any) -> Any:
        """`igammac` in place."""
        return self.write(self.igammac(other), "igammac_")

    def mvlgamma_(self: Any, p: int) -> Any:
        """`mvlgamma` in place."""
        return self.write(self.mvlgamma(p), "mvlgamma_")

    def conj_physical_(self: Any) -> Any:
        """`conj_physical` in place."""
        return self.write(self.conj_physical(), "conj_physical_")

    def fill_diagonal_(
        self: Any,
        fill_value: float,
        wrap: bool = False,
    ) -> Any:
        """The number on the diagonal of a matrix, or of a tensor whose sizes are all the same.

        wrap: in a high matrix begin again after each width + 1 rows.
        """
        if self.ndim < 2 or (self.ndim > 2 and len(set(self.shape)) > 1):
            raise RuntimeError(
                "fill_diagonal_: a matrix or dimensions of equal length are needed, not "
                f"{self.shape}"
            )
        mask = np.zeros(self.shape, bool)
        np.fill_diagonal(mask, True, wrap)
        return self.masked_fill_(self.detach().new_tensor(mask), fill_value)

    def new_empty_strided(
        self: Any,
        size: Any,
        stride: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        **hints: Any,
    ) -> Any:
        """Memory of this size with these steps, not yet written, in this tensor's dtype."""
        shape = shape_of((size,))
        last = sum((n - 1) * step for n, step in zip(shape, stride, strict=True))
        line = self.new_empty(last + 1, dtype=dtype, device=device)
        new = line.as_strided(shape, stride)
        return new.detach().requires_grad_(requires_grad)


def turned(
    x: Any,
    view: Any,
    by: str,
) -> Any:
    """x, which is from now on this view of what it was."""
    return operations[turned](x, view, by)
