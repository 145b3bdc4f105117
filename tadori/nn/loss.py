"""Losses as modules. reduction: "mean", "sum", or "none" for one loss of each item."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import functional as F
from .functional.reduction import takes_older_options
from .module import Module


class Loss(Module):
    """A loss that has its reduction for its only option, and reads it when it is called."""

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def __init_subclass__(cls) -> None:
        # PyTorch's older options, size_average and reduce
        cls.__init__ = takes_older_options(cls.__init__)  # type: ignore[method-assign]


class MSELoss(Loss):
    """(x - t)^2."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """See `F.mse_loss`."""
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """|x - t|."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """See `F.l1_loss`."""
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    """d^2 / (2 beta) where d = |x - t| is less than beta, d - beta / 2 elsewhere."""

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """See `F.smooth_l1_loss`."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """d^2 / 2 where d = |x - t| is less than delta, delta (d - delta / 2) elsewhere."""

    def __init__(self, *, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """See `F.huber_loss`."""
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class WeightedLoss(Loss):
    """A loss with a weight for each class or item; the weight moves with the module."""

    weight: Tensor | None

    def __init__(self, weight: Tensor | None = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.register_buffer("weight", weight)


class CrossEntropyLoss(WeightedLoss):
    """-log softmax(x)[t] of scores (N, C, *any) and classes (N, *any), or probabilities like x.

    weight: one for each class. ignore_index: targets that do not count. label_smoothing: so much of
    each target is shared out among all classes. See `F.cross_entropy`.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, reduction=reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """See `F.cross_entropy`."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(WeightedLoss):
    """-x[t] of log-probabilities (N, C, *any) and classes (N, *any)."""

    def __init__(
        self, weight: Tensor | None = None, *, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(weight, reduction=reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """See `F.nll_loss`."""
        options: dict[str, Any] = {"ignore_index": self.ignore_index, "reduction": self.reduction}
        return F.nll_loss(input, target, self.weight, **options)


class BCELoss(WeightedLoss):
    """-(t log p + (1 - t) log(1 - p)); the logarithms are at least -100."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """See `F.binary_cross_entropy`."""
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """-(t log p + (1 - t) log(1 - p)) with p = sigmoid(x), stable for scores of any size."""

    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(weight, reduction=reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """See `F.binary_cross_entropy_with_logits`."""
        options: dict[str, Any] = {"reduction": self.reduction, "pos_weight": self.pos_weight}
        return F.binary_cross_entropy_with_logits(input, target, self.weight, **options)


class KLDivLoss(Loss):
    """t (log t - x) of log-probabilities x; reduction="batchmean" gives the divergence itself."""

    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """See `F.kl_div`."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    """exp(x) - t x; see `F.poisson_nll_loss`."""

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        *,
        eps: float = 1e-8,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        """See `F.poisson_nll_loss`."""
        options = (self.log_input, self.full, self.eps)
        return F.poisson_nll_loss(log_input, target, *options, reduction=self.reduction)


class GaussianNLLLoss(Loss):
    """(log var + (x - t)^2 / var) / 2."""

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Any) -> Tensor:
        """See `F.gaussian_nll_loss`."""
        options = (self.full, self.eps)
        return F.gaussian_nll_loss(input, target, var, *options, reduction=self.reduction)


class CTCLoss(Loss):
    """The loss of a sequence of labels that is shorter than its input; see `F.ctc_loss`."""

    def __init__(
        self,
        blank: int = 0,
        reduction: str = "mean",
        zero_infinity: bool = False,
    ) -> None:
        super().__init__(reduction=reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(
        self,
        log_probs: Tensor,
        targets: Tensor,
        input_lengths: Any,
        target_lengths: Any,
    ) -> Tensor:
        """See `F.ctc_loss`."""
        lengths = (input_lengths, target_lengths)
        options: Any = (self.blank, self.reduction, self.zero_infinity)
        return F.ctc_loss(log_probs, targets, *lengths, *options)


class CosineSimilarity(Module):
    """x1 . x2 / (|x1| |x2|) along `dim`."""

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """See `F.cosine_similarity`."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """|x1 - x2 + eps|_p along the last axis."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """See `F.pairwise_distance`."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
