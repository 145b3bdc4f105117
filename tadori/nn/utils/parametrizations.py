"""Parametrizations that are known by name: weight norm, spectral norm, orthogonal matrices."""

from __future__ import annotations

from typing import Any

from ...autograd.mode import no_grad
from ...creation import eye
from ...language import np
from ...tensor import Tensor
from .. import functional as F
from ..module import Module
from .parametrize import register_parametrization


def norm_except_dim(v: Tensor, dim: int) -> Tensor:
    """The length of v over all axes but one; over all for -1."""
    if dim == -1:
        return np.sqrt(np.sum(np.square(v)))
    axes = tuple(i for i in range(v.ndim) if i != dim % v.ndim)
    return np.sqrt(np.sum(np.square(v), axis=axes, keepdims=True))


class _WeightNorm(Module):
    """g v / |v|: length and direction apart."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        """The weight."""
        return weight_v * (weight_g / norm_except_dim(weight_v, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Length and direction of a weight."""
        return norm_except_dim(weight, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Learn the length g and the direction v of a weight apart: g v / |v|.

    The length is over all axes but `dim`; None: over all. The state has
    `parametrizations.NAME.original0` (g) and `original1` (v); states of the older form, `NAME_g`
    and `NAME_v`, can be loaded. Source: Salimans and Kingma, "Weight normalization", 2016.
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def older_names(state: Any, prefix: str, *rest: Any) -> None:
        if f"{prefix}{name}_g" in state and f"{prefix}{name}_v" in state:
            place = f"{prefix}parametrizations.{name}.original"
            state[f"{place}0"] = state.pop(f"{prefix}{name}_g")
            state[f"{place}1"] = state.pop(f"{prefix}{name}_v")

    module._register_load_state_dict_pre_hook(older_names)
    return module


def as_matrix(weight: Tensor, dim: int) -> Tensor:
    """The weight with the axis `dim` first, and all others joined."""
    weight = np.moveaxis(weight, dim, 0) if dim else weight
    return weight.flatten(1)


class _SpectralNorm(Module):
    """The weight over its largest singular value, which is guessed by power iteration."""

    _u: Tensor
    _v: Tensor

    def __init__(
        self,
        weight: Tensor,
        n_power_iterations: int = 1,
        dim: int = 0,
        eps: float = 1e-12,
    ) -> None:
        super().__init__()
        if not -weight.ndim <= dim < weight.ndim:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [-{weight.ndim}, "
                f"{weight.ndim - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                "Expected n_power_iterations to be positive, but got "
                f"n_power_iterations={n_power_iterations}"
            )
        self.dim, self.eps = dim % weight.ndim, eps
        if weight.ndim > 1:
            self.n_power_iterations = n_power_iterations
            matrix = as_matrix(weight.detach(), self.dim)
            for name, length in zip(("_u", "_v"), matrix.shape):
                start = Tensor(np.empty_like(matrix.array, shape=length)).normal_()
                self.register_buffer(name, F.normalize(start, dim=0, eps=eps))
            self._power_method(matrix, 15)

    @no_grad()
    def _power_method(self, matrix: Tensor, times: int) -> None:
        for _ in range(times):
            self._u.copy_(F.normalize(np.matmul(matrix, self._v), dim=0, eps=self.eps))
            self._v.copy_(F.normalize(np.matmul(matrix.T, self._u), dim=0, eps=self.eps))

    def forward(self, weight: Tensor) -> Tensor:
        """The weight over its largest singular value; in training with an iteration before."""
        if weight.ndim == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            self._power_method(matrix.detach(), self.n_power_iterations)
        u, v = self._u.clone(), self._v.clone()  # the next iteration writes over them
        return weight / np.sum(u * np.matmul(matrix, v))

    def right_inverse(self, value: Tensor) -> Tensor:
        """A weight stands for itself."""
        return value


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a weight by its largest singular value (Miyato et al., 2018).

    The weight is taken as a matrix with the axis `dim` (by default that of the output) in front.
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if dim is None:
        dim = 1 if getattr(module, "transposed", False) else 0
    parametrization = _SpectralNorm(weight, n_power_iterations, dim, eps)
    register_parametrization(module, name, parametrization)
    return module


MAPS = ("matrix_exp", "cayley", "householder")


class _Orthogonal(Module):
    """An orthogonal matrix, as a function of any matrix."""

    def __init__(self, weight: Tensor, orthogonal_map: str, use_trivialization: bool) -> None:
        super().__init__()
        if weight.dtype.kind == "c" and orthogonal_map == "householder":
            raise ValueError("The householder parametrization does not support complex tensors.")
        self.size, self.orthogonal_map = weight.shape, orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Tensor) -> Tensor:
        """The orthogonal matrix; of a wide X the rows are orthonormal, else the columns."""
        wide = X.shape[-2] < X.shape[-1]
        X = X.mT if wide else X
        n, k = X.shape[-2:]
        if self.orthogonal_map == "householder":
            Q = reflections(X)
        else:
            X = X.tril()
            X = np.pad(X, [(0, 0)] * (X.ndim - 1) + [(0, n - k)])
            A = X - X.mH
            if self.orthogonal_map == "matrix_exp":
                Q = A.matrix_exp()
            else:
                one = eye(n, dtype=A.dtype)
                Q = np.linalg.solve(one - A * 0.5, one + A * 0.5)
            Q = Q[..., :k]
        if "base" in self._buffers:
            Q = np.matmul(self.base, Q)
        return Q.mT if wide else Q

    @no_grad()
    def right_inverse(self, Q: Tensor) -> Tensor:
        """Where the map gives Q, made orthogonal."""
        if Q.shape != self.size:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {tuple(self.size)}. Got a tensor "
                f"of shape {tuple(Q.shape)}."
            )
        given = Q
        wide = Q.shape[-2] < Q.shape[-1]
        Q = Q.mT if wide else Q
        n, k = Q.shape[-2:]
        if "base" not in self._buffers:
            if self.orthogonal_map != "householder":
                raise NotImplementedError(
                    "It is not possible to assign to the matrix exponential or the Cayley "
                    "parametrizations when use_trivialization=False."
                )
            factors, tau = Q.geqrf()
            signs = np.sign(np.diagonal(factors.array, axis1=-2, axis2=-1))
            signs = signs * np.where(tau.array == 0, -1, 1)
            A = factors.array.copy()
            places = np.arange(k)
            A[..., places, places] = signs
            return Tensor(A).mT if wide else Tensor(A)
        if n == k:
            Q = Q.clone() if is_orthogonal(Q) else made_orthogonal(Q)
        else:
            more = Tensor(
                np.empty_like(Q.array, order="C", shape=(*Q.shape[:-2], n, n - k))
            ).normal_()
            Q = made_orthogonal(np.concatenate([Q, more], axis=-1))
        self.base = Q
        return given.new_zeros(given.shape) - eye(*given.shape[-2:], dtype=given.dtype)


def reflections(X: Tensor) -> Tensor:
    """The product of the reflections whose vectors stand below the diagonal, with its signs."""
    A = X.tril(-1)
    tau = 2.0 / (1.0 + np.sum(A * A, axis=-2))
    from ... import linalg

    Q = linalg.householder_product(A, tau)
    signs = np.trunc(np.diagonal(X.detach().array, axis1=-2, axis2=-1))
    return Q * Tensor(signs[..., None, :])


def is_orthogonal(Q: Tensor) -> bool:
    """Whether Q^H Q is 1, to rounding."""
    k = Q.shape[-1]
    gap = np.matmul(np.swapaxes(Q.array.conj(), -1, -2), Q.array) - np.eye(k)
    return bool(np.all(np.abs(gap) <= 10 * k * np.finfo(Q.dtype).eps))


def made_orthogonal(A: Tensor) -> Tensor:
    """The Q of A = Q R with a positive diagonal of R."""
    Q, R = np.linalg.qr(A.array)
    signs = np.sign(np.diagonal(R, axis1=-2, axis2=-1))
    return Tensor(Q * signs[..., None, :])


def orthogonal(
    module: Module,
    name: str = "weight",
    orthogonal_map: str | None = None,
    *,
    use_trivialization: bool = True,
) -> Module:
    """Keep a weight orthogonal (its rows, if it is wide): a function of any matrix gives it.

    orthogonal_map: "matrix_exp" of a skew-symmetric matrix (the default of square ones), "cayley",
    or "householder" reflections. use_trivialization: from a point that moves with what is assigned
    (Lezcano-Casado, "Trivializations for gradient-based optimization on manifolds", 2019).
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if weight.ndim < 2:
        raise ValueError(
            f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions."
        )
    if orthogonal_map is None:
        square = weight.shape[-2] == weight.shape[-1] or weight.dtype.kind == "c"
        orthogonal_map = "matrix_exp" if square else "householder"
    if orthogonal_map not in MAPS:
        raise ValueError(
            'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". '
            f"Got: {orthogonal_map}"
        )
    parametrization = _Orthogonal(weight, orthogonal_map, use_trivialization)
    register_parametrization(module, name, parametrization, unsafe=True)
    return module
