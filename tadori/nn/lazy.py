"""Layers that learn the size of their input from the first one they see."""

from __future__ import annotations

from typing import Any

from ..autograd.mode import no_grad
from ..tensor import Tensor
from .conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvNd,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from .functional.conv import unbatched
from .functional.sizes import Size
from .linear import Linear
from .normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    Tracked,
)
from .parameter import UninitializedBuffer, UninitializedParameter, is_lazy


class LazyModuleMixin:
    """What makes a layer lazy: its tensors wait for their shape, and its first call gives it.

    A subclass defines `initialize_parameters(input)`, which materializes them. After the first call
    the module is one of the class `cls_to_become`.
    """

    cls_to_become: Any = None
    _parameters: dict[str, Any]
    _buffers: dict[str, Any]

    def _wait(self, device: Any, dtype: Any) -> None:
        """Make all parameters and floating-point buffers wait, and watch for the first call."""
        for name, parameter in self._parameters.items():
            if parameter is not None:
                self._parameters[name] = UninitializedParameter(True, device, dtype)
        for name, buffer in self._buffers.items():
            if buffer is not None and buffer.dtype.kind == "f":
                self._buffers[name] = UninitializedBuffer(False, device, dtype)
        module: Any = self
        hook = module.register_forward_pre_hook(infer_parameters, with_kwargs=True)
        module._initialize_hook = hook

    def has_uninitialized_params(self) -> bool:
        """Whether some tensor has no shape yet."""
        return any(is_lazy(t) for t in (*self._parameters.values(), *self._buffers.values()))

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Materialize all tensors, given the first input."""
        raise NotImplementedError(
            f"initialize_parameters is not implemented for {type(self).__name__}"
        )

    def _materialize(self, **shapes: tuple[int, ...]) -> None:
        for store in (self._parameters, self._buffers):
            for name, shape in shapes.items():
                if is_lazy(store.get(name)):
                    store[name].materialize(shape)

    def reset_parameters(self) -> None:
        """Draw all parameters anew, once they are there."""
        if not self.has_uninitialized_params() and self._parameters_sized():
            super().reset_parameters()  # type: ignore[misc]

    def _parameters_sized(self) -> bool:
        return all(t is None or t.array.size for t in self._parameters.values())


def infer_parameters(module: Any, args: Any, kwargs: Any) -> None:
    """The first call of a lazy module: give its tensors their shape, and make it a plain one."""
    with no_grad():
        module.initialize_parameters(*args, **kwargs)
    if module.has_uninitialized_params():
        raise RuntimeError(f"module {module._get_name()} has not been fully initialized")
    module._initialize_hook.remove()
    del module._initialize_hook
    if module.cls_to_become is not None:
        module.__class__ = module.cls_to_become


class LazyLinear(LazyModuleMixin, Linear):
    """`Linear` whose in_features is that of its first input."""

    cls_to_become = Linear

    def __init__(
        self,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        Linear.__init__(self, 0, out_features, bias)
        self._wait(device, dtype)

    def initialize_parameters(self, input: Tensor) -> None:
        """Take in_features from the input."""
        fresh = self.has_uninitialized_params()
        if self.in_features == 0:
            self.in_features = input.shape[-1]
        if fresh:
            shape = (self.out_features, self.in_features)
            self._materialize(weight=shape, bias=(self.out_features,))
            self.reset_parameters()


class LazyConv(LazyModuleMixin, ConvNd):
    """A convolution whose in_channels is that of its first input."""

    def initialize_parameters(self, input: Tensor, *args: Any, **kwargs: Any) -> None:
        """Take in_channels from the input."""
        alone = unbatched(type(self).__name__, input, self.dims)
        fresh = self.has_uninitialized_params()
        if self.in_channels == 0:
            self.in_channels = input.shape[0 if alone else 1]
        if self.in_channels % self.groups:
            raise ValueError("in_channels must be divisible by groups")
        if fresh:
            ends = (self.out_channels, self.in_channels)
            first, second = ends[::-1] if self.transposed else ends
            shape = (first, second // self.groups, *self.kernel_size)
            self._materialize(weight=shape, bias=(self.out_channels,))
            self.reset_parameters()


class LazyConvForward(LazyConv):
    """A `LazyConv` that makes images smaller."""

    def __init__(
        self,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        steps = (kernel_size, stride, padding, 0, dilation, groups, bias, padding_mode)
        self._prepare(0, out_channels, *steps, None, None)
        self._wait(device, dtype)


class LazyConvBack(LazyConv):
    """A `LazyConv` that makes images larger."""

    def __init__(
        self,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        steps = (kernel_size, stride, padding, output_padding, dilation, groups, bias, padding_mode)
        self._prepare(0, out_channels, *steps, None, None)
        self._wait(device, dtype)


class LazyConv1d(LazyConvForward, Conv1d):
    """`Conv1d` whose in_channels is that of its first input."""

    cls_to_become = Conv1d


class LazyConv2d(LazyConvForward, Conv2d):
    """`Conv2d` whose in_channels is that of its first input."""

    cls_to_become = Conv2d


class LazyConv3d(LazyConvForward, Conv3d):
    """`Conv3d` whose in_channels is that of its first input."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(LazyConvBack, ConvTranspose1d):
    """`ConvTranspose1d` whose in_channels is that of its first input."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(LazyConvBack, ConvTranspose2d):
    """`ConvTranspose2d` whose in_channels is that of its first input."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(LazyConvBack, ConvTranspose3d):
    """`ConvTranspose3d` whose in_channels is that of its first input."""

    cls_to_become = ConvTranspose3d


class LazyNorm(LazyModuleMixin, Tracked):
    """A norm whose num_features is that of its first input."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        Tracked.__init__(self, 0, eps, momentum, affine, track_running_stats, bias=bias)
        self._wait(device, dtype)

    def initialize_parameters(self, input: Tensor) -> None:
        """Take num_features from the input."""
        fresh = self.has_uninitialized_params()
        if self.num_features == 0:
            self.num_features = input.shape[-1 - self.dims[-1] + 2]
        if fresh:
            names = ("weight", "bias", "running_mean", "running_var")
            self._materialize(**dict.fromkeys(names, (self.num_features,)))
            self.reset_parameters()


class LazyBatchNorm1d(LazyNorm, BatchNorm1d):
    """`BatchNorm1d` whose num_features is that of its first input."""

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(LazyNorm, BatchNorm2d):
    """`BatchNorm2d` whose num_features is that of its first input."""

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(LazyNorm, BatchNorm3d):
    """`BatchNorm3d` whose num_features is that of its first input."""

    cls_to_become = BatchNorm3d


class LazyInstanceNorm1d(LazyNorm, InstanceNorm1d):
    """`InstanceNorm1d` whose num_features is that of its first input."""

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(LazyNorm, InstanceNorm2d):
    """`InstanceNorm2d` whose num_features is that of its first input."""

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(LazyNorm, InstanceNorm3d):
    """`InstanceNorm3d` whose num_features is that of its first input."""

    cls_to_become = InstanceNorm3d
