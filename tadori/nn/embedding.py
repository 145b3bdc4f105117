"""A table of vectors: looked up one by one, or a bag of them at a time."""

from __future__ import annotations

from typing import Any

from ..autograd.version import written
from ..tensor import Tensor
from . import functional as F
from . import init
from .functional.embedding import refuse_sparse
from .module import Module
from .parameter import Parameter, new_parameter


class Table(Module):
    """What `Embedding` and `EmbeddingBag` share: weight (num_embeddings, embedding_dim)."""

    weight: Parameter

    def _prepare(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        sparse: bool,
        given: Tensor | None,
        freeze: bool,
        device: Any,
        dtype: Any,
    ) -> None:
        super().__init__()
        refuse_sparse(type(self).__name__, sparse)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise IndexError(f"Padding_idx must be within num_embeddings, got {padding_idx}")
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.sparse = sparse
        if given is None:
            self.weight = new_parameter((num_embeddings, embedding_dim), device, dtype)
            self.weight.requires_grad_(not freeze)
            self.reset_parameters()
            return
        if tuple(given.shape) != (num_embeddings, embedding_dim):
            raise AssertionError(
                "Shape of weight does not match num_embeddings and embedding_dim: "
                f"{tuple(given.shape)}"
            )
        self.weight = Parameter(given, requires_grad=not freeze)

    def reset_parameters(self) -> None:
        """Draw weight anew, from the normal distribution; the row padding_idx is zeros."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.array[self.padding_idx] = 0
            written(self.weight.array, "reset_parameters")

    @classmethod
    def from_pretrained(cls, embeddings: Tensor, freeze: bool = True, **options: Any) -> Any:
        """A layer with this table (rows, columns), and the options of its class.

        freeze: it is not trained.
        """
        if embeddings.ndim != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        module = cls(*embeddings.shape, _weight=embeddings, **options)  # type: ignore[call-arg]
        module.weight.requires_grad_(not freeze)
        return module

    def _options(self, *unusual: tuple[str, Any]) -> str:
        """The sizes, and the options that differ from their defaults."""
        parts = [f"{self.num_embeddings}", f"{self.embedding_dim}"]
        for name, usual in unusual:
            if getattr(self, name) != usual:
                parts.append(f"{name}={getattr(self, name)}")
        return ", ".join(parts)


class Embedding(Table):
    """weight[i]: a learned vector for each integer, (*any) -> (*any, embedding_dim).

    weight (num_embeddings, embedding_dim) is drawn from the normal distribution. The row
    padding_idx begins as zeros and gets no gradient. max_norm: longer rows are scaled down to it
    when they are looked up. See `F.embedding`.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        sizes = (num_embeddings, embedding_dim, padding_idx)
        self._prepare(*sizes, sparse, _weight, _freeze, device, dtype)
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq = scale_grad_by_freq

    def forward(self, input: Tensor) -> Tensor:
        """See `F.embedding`."""
        options = (self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq)
        return F.embedding(input, self.weight, *options)

    def extra_repr(self) -> str:
        """The sizes, and the options that differ from their defaults."""
        return self._options(
            ("padding_idx", None),
            ("max_norm", None),
            ("norm_type", 2),
            ("scale_grad_by_freq", False),
        )


class EmbeddingBag(Table):
    """The sum, mean or max of the rows in each bag: see `F.embedding_bag`."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        sizes = (num_embeddings, embedding_dim, padding_idx)
        self._prepare(*sizes, sparse, _weight, False, device, dtype)
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.mode = scale_grad_by_freq, mode
        self.include_last_offset = include_last_offset

    def forward(
        self,
        input: Tensor,
        offsets: Tensor | None = None,
        per_sample_weights: Tensor | None = None,
    ) -> Tensor:
        """See `F.embedding_bag`."""
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        """The sizes, the mode, and the options that differ from their defaults."""
        front = self._options(("max_norm", None), ("norm_type", 2), ("scale_grad_by_freq", False))
        end = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{front}, mode={self.mode!r}{end}"
