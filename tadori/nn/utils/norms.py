"""Weight norm and spectral norm in their older form: hooks that compute a weight before a call."""

from __future__ import annotations

from typing import Any, TypeVar

from ...autograd.mode import no_grad
from ...language import np
from ...tensor import Tensor
from .. import functional as F
from ..module import Module
from ..parameter import Parameter
from .parametrizations import as_matrix, norm_except_dim

M = TypeVar("M", bound=Module)


class WeightNorm:
    """A hook: the weight of a module is g v / |v| when it is called."""

    def __init__(self, name: str, dim: int) -> None:
        self.name, self.dim = name, dim

    def compute_weight(self, module: Module) -> Any:
        """The weight of now."""
        g, v = (getattr(module, f"{self.name}_{part}") for part in "gv")
        return v * (g / norm_except_dim(v, self.dim))

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Learn the length NAME_g and the direction NAME_v of a weight apart; computed at each call.

    PyTorch's newer form is `parametrizations.weight_norm`. Raises RuntimeError if there is one.
    """
    hook = WeightNorm(name, -1 if dim is None else dim)
    refuse_second(module, hook, "weight_norm")
    weight = getattr(module, name)
    delattr(module, name)
    with no_grad():
        length = norm_except_dim(weight, hook.dim).detach()
    module.register_parameter(f"{name}_g", Parameter(length))
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    setattr(module, name, hook.compute_weight(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Make the weight a plain parameter again, with its present value."""
    hook = taken_out(module, WeightNorm, name)
    weight = hook.compute_weight(module).detach()
    for part in (name, f"{name}_g", f"{name}_v"):
        delattr(module, part)
    module.register_parameter(name, Parameter(weight))
    return module


class SpectralNorm:
    """A hook: the weight of a module is divided by its largest singular value, as guessed."""

    def __init__(self, name: str, times: int, dim: int, eps: float) -> None:
        if times <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={times}"
            )
        self.name, self.n_power_iterations, self.dim, self.eps = name, times, dim, eps

    def compute_weight(self, module: Module, do_power_iteration: bool) -> Any:
        """The weight of now; before that, in training, some iterations."""
        weight = getattr(module, f"{self.name}_orig")
        u, v = (getattr(module, f"{self.name}_{part}") for part in "uv")
        matrix = as_matrix(weight, self.dim)
        if do_power_iteration:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(F.normalize(np.matmul(matrix.T, u), dim=0, eps=self.eps))
                    u.copy_(F.normalize(np.matmul(matrix, v), dim=0, eps=self.eps))
        u, v = u.clone(), v.clone()  # the next iteration writes over them
        return weight / np.sum(u * np.matmul(matrix, v))

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module, module.training))


def spectral_norm(
    module: M,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> M:
    """Divide a weight by its largest singular value at each call (Miyato et al., 2018).

    The module then has the parameter NAME_orig and the buffers NAME_u and NAME_v. PyTorch's newer
    form is `parametrizations.spectral_norm`.
    """
    if dim is None:
        dim = 1 if getattr(module, "transposed", False) else 0
    hook = SpectralNorm(name, n_power_iterations, dim, eps)
    refuse_second(module, hook, "spectral_norm")
    weight = getattr(module, name)
    matrix = as_matrix(weight.detach(), dim)
    starts = []
    for length in matrix.shape:
        drawn = Tensor(np.empty_like(matrix.array, shape=length)).normal_()
        starts.append(F.normalize(drawn, dim=0, eps=eps))
    delattr(module, name)
    module.register_parameter(f"{name}_orig", weight)
    setattr(module, name, weight.detach())
    for part, start in zip("uv", starts):
        module.register_buffer(f"{name}_{part}", start)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Make the weight a plain parameter again, with its present value."""
    hook = taken_out(module, SpectralNorm, name)
    with no_grad():
        weight = hook.compute_weight(module, False)
    for part in (name, f"{name}_u", f"{name}_v", f"{name}_orig"):
        delattr(module, part)
    module.register_parameter(name, Parameter(weight.detach()))
    return module


def refuse_second(module: Module, hook: Any, called: str) -> None:
    """Raise RuntimeError if the module has such a hook of this name already."""
    for other, _ in module._forward_pre_hooks.values():
        if isinstance(other, type(hook)) and other.name == hook.name:
            raise RuntimeError(
                f"Cannot register two {called} hooks on the same parameter {hook.name}"
            )


def taken_out(module: Module, kind: Any, name: str) -> Any:
    """The hook of this kind, taken out of the module. Raises ValueError if there is none."""
    for key, (hook, _) in module._forward_pre_hooks.items():
        if isinstance(hook, kind) and hook.name == name:
            del module._forward_pre_hooks[key]
            return hook
    raise ValueError(f"{kind.__name__} of {name!r} not found in {module}")
