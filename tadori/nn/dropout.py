"""Dropout as layers: in training mode values are left out at random, in eval mode none."""

from __future__ import annotations

from ..tensor import Tensor
from . import functional as F
from .module import Module


class DropoutNd(Module):
    """What the dropout layers share."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        """The options."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(DropoutNd):
    """Each value is 0 with probability p, else x / (1 - p), so that the mean stays."""

    def forward(self, input: Tensor) -> Tensor:
        """See `F.dropout`."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(DropoutNd):
    """`Dropout` of whole channels of (N, C, L)."""

    def forward(self, input: Tensor) -> Tensor:
        """See `F.dropout1d`."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(DropoutNd):
    """`Dropout` of whole channels of (N, C, H, W)."""

    def forward(self, input: Tensor) -> Tensor:
        """See `F.dropout2d`."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(DropoutNd):
    """`Dropout` of whole channels of (N, C, D, H, W)."""

    def forward(self, input: Tensor) -> Tensor:
        """See `F.dropout3d`."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(DropoutNd):
    """Dropout for SELU, which keeps mean 0 and variance 1."""

    def forward(self, input: Tensor) -> Tensor:
        """See `F.alpha_dropout`."""
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(DropoutNd):
    """`AlphaDropout` of whole channels of (N, C, *any)."""

    def forward(self, input: Tensor) -> Tensor:
        """See `F.feature_alpha_dropout`."""
        return F.feature_alpha_dropout(input, self.p, self.training)
