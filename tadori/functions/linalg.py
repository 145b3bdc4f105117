"""Products and matrices."""

from __future__ import annotations

from ..tensor import Tensor

addbmm = Tensor.addbmm
addmm = Tensor.addmm
addmv = Tensor.addmv
addr = Tensor.addr
baddbmm = Tensor.baddbmm
bmm = Tensor.bmm
diag = Tensor.diag
diag_embed = Tensor.diag_embed
diagflat = Tensor.diagflat
diagonal = Tensor.diagonal
dot = Tensor.dot
ger = Tensor.ger
inner = Tensor.inner
kron = Tensor.kron
matmul = Tensor.matmul
mm = Tensor.mm
mv = Tensor.mv
outer = Tensor.outer
trace = Tensor.trace
vdot = Tensor.vdot
