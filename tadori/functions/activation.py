"""The activations that PyTorch has among its functions."""

from __future__ import annotations

from ..tensor import Tensor

hardshrink = Tensor.hardshrink
log_softmax = Tensor.log_softmax
logit = Tensor.logit
logsumexp = Tensor.logsumexp
prelu = Tensor.prelu
relu = Tensor.relu
sigmoid = Tensor.sigmoid
softmax = Tensor.softmax
