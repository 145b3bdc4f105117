"""Products and matrices."""

from __future__ import annotations

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
