"""Tadori: a define-by-run deep learning framework that can be read down to the formula.

Everything users type has PyTorch's name and meaning. The public names stand here, in reading order.
"""

from . import autograd, ops
from .autograd import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .tensor import Tensor
