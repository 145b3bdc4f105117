"""Losses that hold the last layer too: for vocabularies so large that its scores are a burden."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .. import kernels
from ..language import np
from ..tensor import Tensor
from . import functional as F
from .container import ModuleList, Sequential
from .linear import Linear
from .loss import WeightedLoss
from .module import Module


class _ASMoutput(NamedTuple):
    """What `AdaptiveLogSoftmaxWithLoss` gives."""

    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """A log-softmax over n_classes, of which rare ones share a cluster and cost less.

    Classes are numbered from the frequent to the rare; cutoffs say where a new cluster begins. The
    layers of a rarer cluster are narrower by div_value. Source: Grave et al., "Efficient softmax
    approximation for GPUs", 2017. Raises ValueError for cutoffs that do not rise within
    [1, n_classes - 1].
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        cuts = [int(cut) for cut in cutoffs]
        rising = all(a < b for a, b in zip([0, *cuts], [*cuts, n_classes]))
        if not cuts or not rising or cuts != list(cutoffs):
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing "
                f"order, where each value is between 1 and n_classes-1; got {list(cutoffs)}"
            )
        self.in_features, self.n_classes = in_features, n_classes
        self.cutoffs = [*cuts, n_classes]
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(cuts)
        self.head_size = self.shortlist_size + self.n_clusters
        place: dict[str, Any] = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, head_bias, **place)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            width = int(in_features // div_value ** (i + 1))
            classes = self.cutoffs[i + 1] - self.cutoffs[i]
            down = Linear(in_features, width, False, **place)
            self.tail.append(Sequential(down, Linear(width, classes, False, **place)))

    def reset_parameters(self) -> None:
        """Draw all weights anew."""
        self.head.reset_parameters()
        for down, up in self.tail:
            down.reset_parameters()
            up.reset_parameters()

    def forward(self, input_: Tensor, target_: Tensor) -> _ASMoutput:
        """The log-probability of each target, (N,), and the loss, -its mean.

        input (N, in_features), target (N,); or (in_features,) and ().
        """
        alone = target_.ndim == 0
        if target_.ndim > 1 or input_.ndim != target_.ndim + 1:
            raise RuntimeError(
                "0D or 1D target tensor expected, with an input of one dimension more; got target "
                f"{tuple(target_.shape)} and input {tuple(input_.shape)}"
            )
        x, target = (np.expand_dims(t, 0) if alone else t for t in (input_, target_))
        classes = target.array
        if x.shape[0] != classes.shape[0]:
            raise RuntimeError("Input and target should have the same size in the batch dimension.")
        if classes.size and not 0 <= classes.min() <= classes.max() < self.n_classes:
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                f"[{classes.min()}, {classes.max()}] were found. "
            )
        cluster = np.searchsorted(self.cutoffs, classes, side="right")
        place = np.where(cluster == 0, classes, self.shortlist_size + cluster - 1)
        head = kernels.log_softmax(self.head(x), axis=1)
        output = chosen(head, place)
        for i, layers in enumerate(self.tail):
            rows = np.nonzero(cluster == i + 1)[0]
            if rows.size:
                inner = kernels.log_softmax(layers(x[rows]), axis=1)
                part = chosen(inner, classes[rows] - self.cutoffs[i])
                output = output.index_add(0, Tensor(rows), part)
        loss = np.mean(-output)
        return _ASMoutput(output[0] if alone else output, loss)

    def log_prob(self, input: Tensor) -> Tensor:
        """The log-probabilities of all classes: (N, in_features) -> (N, n_classes)."""
        head = kernels.log_softmax(self.head(input), axis=1)
        parts = [head[:, : self.shortlist_size]]
        for i, layers in enumerate(self.tail):
            inner = kernels.log_softmax(layers(input), axis=1)
            parts.append(inner + head[:, self.shortlist_size + i, None])
        return np.concatenate(parts, axis=1)

    def predict(self, input: Tensor) -> Tensor:
        """The most probable class of each item: (N, in_features) -> (N,).

        Where the head chooses a class itself, that one; clusters are looked into only where they
        are chosen.
        """
        best = np.argmax(self.head(input).array, axis=1)
        rows = np.nonzero(best >= self.shortlist_size)[0]
        if rows.size:
            best[rows] = np.argmax(self.log_prob(input[rows]).array, axis=1)
        return Tensor(best)


def chosen(log_prob: Tensor, classes: Any) -> Tensor:
    """The number of one class in each row."""
    return np.take_along_axis(log_prob, Tensor(classes[:, None]), axis=1)[:, 0]


@dataclass
class LinearCrossEntropyOptions:
    """How PyTorch cuts the scores of `linear_cross_entropy` into chunks; without effect here."""

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: Any = None


class LinearCrossEntropyLoss(WeightedLoss):
    """A linear layer and the cross-entropy of its scores: see `F.linear_cross_entropy`."""

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: Any = None,
        dtype: Any = None,
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: LinearCrossEntropyOptions | None = None,
    ) -> None:
        if weight is not None and tuple(weight.shape) != (num_classes,):
            raise RuntimeError(
                f"expected weight shape to be {(num_classes,)}, got {tuple(weight.shape)}"
            )
        if not 0 <= label_smoothing <= 1:
            raise RuntimeError(
                f"expected label_smoothing to be in range [0, 1], got {label_smoothing}"
            )
        super().__init__(weight, reduction=reduction)
        self.num_classes, self.out_features = num_classes, out_features
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing
        scores = num_classes * math.prod(out_features)
        self.linear = Linear(in_features, scores, bias, device, dtype)
        self.options = options

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of input (N, in_features) and target (N, *out_features)."""
        shape = (self.num_classes, *self.out_features)
        bias = self.linear.bias
        return F.linear_cross_entropy(
            input,
            np.reshape(self.linear.weight, (*shape, self.linear.in_features)),
            target,
            linear_bias=None if bias is None else np.reshape(bias, shape),
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
            options=self.options,
        )

    def extra_repr(self) -> str:
        """The options."""
        options = {
            "in_features": self.linear.in_features,
            "num_classes": self.num_classes,
            "out_features": self.out_features,
            "bias": self.linear.bias is not None,
            "reduction": self.reduction,
            "ignore_index": self.ignore_index,
            "label_smoothing": self.label_smoothing,
            "options": self.options,
        }
        return ", ".join(f"{name}={value}" for name, value in options.items())
