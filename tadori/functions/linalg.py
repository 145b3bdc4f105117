"""Products and matrices."""

from __future__ import annotations

from ..methods import decompose
from ..tensor import Tensor

addbmm = Tensor.addbmm
addmm = Tensor.addmm
addmv = Tensor.addmv
addr = Tensor.addr
baddbmm = Tensor.baddbmm
bmm = Tensor.bmm
cholesky = Tensor.cholesky
cholesky_inverse = Tensor.cholesky_inverse
cholesky_solve = Tensor.cholesky_solve
cross = Tensor.cross
det = Tensor.det
diag = Tensor.diag
diag_embed = Tensor.diag_embed
diagflat = Tensor.diagflat
diagonal = Tensor.diagonal
dot = Tensor.dot
geqrf = Tensor.geqrf
ger = Tensor.ger
inner = Tensor.inner
inverse = Tensor.inverse
kron = Tensor.kron
logdet = Tensor.logdet
lu = Tensor.lu
lu_solve = Tensor.lu_solve
matmul = Tensor.matmul
matrix_exp = Tensor.matrix_exp
matrix_power = Tensor.matrix_power
mm = Tensor.mm
mv = Tensor.mv
orgqr = Tensor.orgqr
ormqr = Tensor.ormqr
outer = Tensor.outer
pinverse = Tensor.pinverse
qr = Tensor.qr
slogdet = Tensor.slogdet
svd = Tensor.svd
trace = Tensor.trace
triangular_solve = Tensor.triangular_solve
vdot = Tensor.vdot

lu_unpack = decompose.lu_unpack
