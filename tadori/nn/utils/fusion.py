"""A batch norm in use joined with the layer before it: one layer does the work of two."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ...language import np
from ...tensor import Tensor
from ..module import Module
from ..parameter import Parameter


def fuse_conv_bn_eval(conv: Any, bn: Any, transpose: bool = False) -> Any:
    """A convolution that gives what `bn(conv(x))` gives in eval mode; both must be in it."""
    return fused(conv, bn, transpose)


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """A linear layer that gives what `bn(linear(x))` gives in eval mode; both must be in it."""
    return fused(linear, bn, False)


def fused(layer: Any, bn: Any, transpose: bool) -> Any:
    """A copy of the layer with the scale and shift of the norm in its weight and bias."""
    if layer.training or bn.training:
        raise AssertionError("Fusion only for eval! Remedy: model.eval()")
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError("fusion needs the running mean and variance of the batch norm")
    new: Module = deepcopy(layer)
    options = (bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)
    new.weight, new.bias = fuse_conv_bn_weights(layer.weight, layer.bias, *options, transpose)
    return new


def fuse_conv_bn_weights(
    conv_w: Tensor,
    conv_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    """Weight and bias of the joined layer; transpose: output channels are axis 1 of the weight."""
    scale = 1 / np.sqrt(bn_rv + bn_eps)
    scale = scale if bn_w is None else scale * bn_w
    shape = [1] * conv_w.ndim
    shape[1 if transpose else 0] = -1
    bias = -bn_rm if conv_b is None else conv_b - bn_rm
    bias = bias * scale if bn_b is None else bias * scale + bn_b
    weight = conv_w * np.reshape(scale, shape)
    asked = (conv_w.requires_grad, conv_w.requires_grad if conv_b is None else conv_b.requires_grad)
    return Parameter(weight.detach(), asked[0]), Parameter(bias.detach(), asked[1])


def fuse_linear_bn_weights(
    linear_w: Tensor,
    linear_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
) -> tuple[Parameter, Parameter]:
    """Weight and bias of the joined linear layer."""
    return fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)
