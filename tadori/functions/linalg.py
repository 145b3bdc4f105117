"""Products and matrices."""

from __future__ import annotations

import numpy as np

from ..layout import takes_out
from ..methods import decompose
from ..tensor import Tensor

addbmm = takes_out(Tensor.addbmm)
addmm = takes_out(Tensor.addmm)
addmv = takes_out(Tensor.addmv)
addr = takes_out(Tensor.addr)
baddbmm = takes_out(Tensor.baddbmm)
bmm = takes_out(Tensor.bmm)
cholesky = takes_out(Tensor.cholesky)
cholesky_inverse = takes_out(Tensor.cholesky_inverse)
cholesky_solve = takes_out(Tensor.cholesky_solve)
cross = takes_out(Tensor.cross)
det = Tensor.det
diag = takes_out(Tensor.diag)
diag_embed = Tensor.diag_embed
diagflat = Tensor.diagflat
diagonal = Tensor.diagonal
dot = takes_out(Tensor.dot)
geqrf = takes_out(Tensor.geqrf)
ger = takes_out(Tensor.ger)
inner = takes_out(Tensor.inner)
inverse = Tensor.inverse
kron = takes_out(Tensor.kron)
logdet = Tensor.logdet
lu = takes_out(Tensor.lu)
lu_solve = takes_out(Tensor.lu_solve)
matmul = takes_out(Tensor.matmul)
matrix_exp = Tensor.matrix_exp
matrix_power = Tensor.matrix_power
mm = takes_out(Tensor.mm)
mv = takes_out(Tensor.mv)
orgqr = Tensor.orgqr
ormqr = takes_out(Tensor.ormqr)
outer = takes_out(Tensor.outer)
pinverse = Tensor.pinverse
qr = takes_out(Tensor.qr)
slogdet = Tensor.slogdet
svd = takes_out(Tensor.svd)
trace = Tensor.trace
triangular_solve = takes_out(Tensor.triangular_solve)
vdot = takes_out(Tensor.vdot)

lu_unpack = decompose.lu_unpack


def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The matrix whose columns are the powers of a vector, the highest first: N of them."""
    if x.ndim != 1:
        raise RuntimeError(f"vander: x must be a one-dimensional tensor, not {x.ndim}-d")
    count = len(x) if N is None else N
    powers = np.arange(count) if increasing else np.arange(count)[::-1]
    return np.power(np.expand_dims(x, 1), Tensor(powers.copy()))  # type: ignore[call-overload]
