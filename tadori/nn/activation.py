"""Activations as layers."""

from __future__ import annotations

from ..tensor import Tensor
from . import functional as F
from .module import Module
from .parameter import new_parameter


class InPlace(Module):
    """An activation that may write its result over its input."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        """`inplace`, where it is True."""
        return "inplace=True" if self.inplace else ""


def shown(module: Module, *names: str) -> str:
    """Options as `repr` shows them; `inplace` only where it is True."""
    parts = [f"{name}={getattr(module, name)}" for name in names]
    return ", ".join([*parts, *(["inplace=True"] if getattr(module, "inplace", False) else [])])


class ReLU(InPlace):
    """max(x, 0)."""

    def forward(self, input: Tensor) -> Tensor:
        """max(x, 0)."""
        return F.relu(input, self.inplace)


class ReLU6(InPlace):
    """x within [0, 6]."""

    def forward(self, input: Tensor) -> Tensor:
        """x within [0, 6]."""
        return F.relu6(input, self.inplace)


class SELU(InPlace):
    """`ELU` with the scale and alpha that keep mean 0 and variance 1."""

    def forward(self, input: Tensor) -> Tensor:
        """scale * elu(x)."""
        return F.selu(input, self.inplace)


class SiLU(InPlace):
    """x sigmoid(x)."""

    def forward(self, input: Tensor) -> Tensor:
        """x sigmoid(x)."""
        return F.silu(input, self.inplace)


class Mish(InPlace):
    """x tanh(softplus(x))."""

    def forward(self, input: Tensor) -> Tensor:
        """x tanh(softplus(x))."""
        return F.mish(input, self.inplace)


class Hardsigmoid(Module):
    """relu6(x + 3) / 6."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """relu6(x + 3) / 6."""
        return F.hardsigmoid(input, self.inplace)


class Hardswish(Module):
    """x relu6(x + 3) / 6."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """x relu6(x + 3) / 6."""
        return F.hardswish(input, self.inplace)


class LeakyReLU(Module):
    """x where x > 0, negative_slope * x elsewhere."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Tensor) -> Tensor:
        """x where x > 0, negative_slope * x elsewhere."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "negative_slope")


class RReLU(Module):
    """Leaky ReLU whose slope is drawn from [lower, upper]; in eval mode it is their mean."""

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Tensor) -> Tensor:
        """x where x > 0, slope * x elsewhere."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "lower", "upper")


class PReLU(Module):
    """x where x > 0, weight * x elsewhere; weight is learned: one number, or one per channel."""

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        device: str | None = None,
        dtype: object = None,
    ) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = new_parameter((num_parameters,), device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set weight to `init`."""
        self.weight.array[...] = self.init

    def forward(self, input: Tensor) -> Tensor:
        """x where x > 0, weight * x elsewhere."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "num_parameters")


class ELU(Module):
    """x where x > 0, alpha (e^x - 1) elsewhere."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Tensor) -> Tensor:
        """x where x > 0, alpha (e^x - 1) elsewhere."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "alpha")


class CELU(Module):
    """x where x > 0, alpha (e^(x / alpha) - 1) elsewhere."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Tensor) -> Tensor:
        """x where x > 0, alpha (e^(x / alpha) - 1) elsewhere."""
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "alpha")


class GELU(Module):
    """x Phi(x), Phi the distribution function of the normal distribution, or its "tanh" form."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """x Phi(x)."""
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """The options."""
        return f"approximate={self.approximate!r}"


class Hardtanh(Module):
    """x within [min_val, max_val]."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        if max_val <= min_val:
            raise ValueError(f"Hardtanh: max_val {max_val} must be larger than min_val {min_val}")
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace

    def forward(self, input: Tensor) -> Tensor:
        """x within [min_val, max_val]."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "min_val", "max_val")


class Threshold(Module):
    """x where x > threshold, `value` elsewhere."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input: Tensor) -> Tensor:
        """x where x > threshold, `value` elsewhere."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "threshold", "value")


class Hardshrink(Module):
    """x, but 0 within [-lambd, lambd]."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """x, but 0 within [-lambd, lambd]."""
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The options."""
        return f"{self.lambd}"


class Softshrink(Module):
    """x moved by lambd towards 0, and 0 within [-lambd, lambd]."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """x moved by lambd towards 0."""
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The options."""
        return f"{self.lambd}"


class Tanhshrink(Module):
    """x - tanh(x)."""

    def forward(self, input: Tensor) -> Tensor:
        """x - tanh(x)."""
        return F.tanhshrink(input)


class Tanh(Module):
    """tanh(x)."""

    def forward(self, input: Tensor) -> Tensor:
        """tanh(x)."""
        return F.tanh(input)


class Sigmoid(Module):
    """1 / (1 + e^-x)."""

    def forward(self, input: Tensor) -> Tensor:
        """1 / (1 + e^-x)."""
        return F.sigmoid(input)


class LogSigmoid(Module):
    """log(1 / (1 + e^-x))."""

    def forward(self, input: Tensor) -> Tensor:
        """log(1 / (1 + e^-x))."""
        return F.logsigmoid(input)


class Softplus(Module):
    """log(1 + e^(beta x)) / beta; x itself where beta x > threshold."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Tensor) -> Tensor:
        """log(1 + e^(beta x)) / beta."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "beta", "threshold")


class Softsign(Module):
    """x / (1 + |x|)."""

    def forward(self, input: Tensor) -> Tensor:
        """x / (1 + |x|)."""
        return F.softsign(input)


class GLU(Module):
    """The first half of x along `dim`, times the sigmoid of the second half."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """The first half times the sigmoid of the second."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "dim")


class Softmax(Module):
    """e^x / sum(e^x) along `dim`."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """e^x / sum(e^x)."""
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "dim")


class LogSoftmax(Module):
    """x - log(sum(e^x)) along `dim`."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """x - log(sum(e^x))."""
        return F.log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "dim")


class Softmin(Module):
    """softmax(-x) along `dim`."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """softmax(-x)."""
        return F.softmin(input, self.dim)

    def extra_repr(self) -> str:
        """The options."""
        return shown(self, "dim")


class Softmax2d(Module):
    """softmax over the channels of (N, C, H, W) or (C, H, W)."""

    def forward(self, input: Tensor) -> Tensor:
        """softmax over the channels."""
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected 3D or 4D input, got {tuple(input.shape)}")
        return F.softmax(input, -3)
