"""The activations that PyTorch has among its functions."""

from __future__ import annotations

from ..layout import takes_out
from ..tensor import Tensor

hardshrink = Tensor.hardshrink
log_softmax = takes_out(Tensor.log_softmax)
logit = takes_out(Tensor.logit)
logsumexp = takes_out(Tensor.logsumexp)
prelu = Tensor.prelu
relu = Tensor.relu
sigmoid = takes_out(Tensor.sigmoid)
softmax = takes_out(Tensor.softmax)
