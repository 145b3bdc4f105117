"""Methods that say where and how a tensor is kept; most of PyTorch's other ways are not here."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..layout import layout, strided


class Flags:
    """Where the numbers lie, and what kind of tensor it is."""

    __slots__ = ()

    #: kinds and places that exist in PyTorch, and not here
    is_sparse = is_sparse_csr = is_quantized = is_nested = is_mkldnn = is_meta = False
    is_mps = is_xpu = is_xla = is_vulkan = is_ipu = is_maia = is_mtia = False

    @property
    def is_cpu(self: Any) -> bool:
        """Whether it is in the memory of the CPU."""
        return self.device.type == "cpu"

    @property
    def is_cuda(self: Any) -> bool:
        """Whether it is in the memory of a GPU."""
        return self.device.type == "cuda"

    @property
    def layout(self: Any) -> layout:
        """`tadori.strided`."""
        return strided

    @property
    def output_nr(self: Any) -> int:
        """Which of its creator's outputs it is."""
        return getattr(self.node, "index", 0)

    def get_device(self: Any) -> int:
        """The number of its GPU; -1 for the CPU."""
        return self.device.index or 0 if self.is_cuda else -1

    def data_ptr(self: Any) -> int:
        """The address of the first element."""
        return self.array.__array_interface__["data"][0]

    def __dlpack_device__(self: Any) -> Any:
        return self.array.__dlpack_device__()

    def __dlpack__(self: Any, **options: Any) -> Any:
        if self.requires_grad:
            raise BufferError(
                "Can't export tensors that require gradient through DLPack. Remedy: t.detach()"
            )
        return self.array.__dlpack__(**options)

    def is_same_size(self: Any, other: Any) -> bool:
        """Whether both have one shape."""
        return self.shape == other.shape

    def is_set_to(self: Any, tensor: Any) -> bool:
        """Whether both are the same elements of the same memory."""
        mine, other = self.array, tensor.array
        same = mine.shape == other.shape and mine.strides == other.strides
        return same and self.data_ptr() == tensor.data_ptr()

    def is_nonzero(self: Any) -> bool:
        """Whether the one element is not 0. Raises RuntimeError for more or fewer elements."""
        return bool(self)

    def is_inference(self: Any) -> bool:
        """False: `inference_mode` makes ordinary tensors here."""
        return False

    def is_pinned(self: Any) -> bool:
        """False: memory is not pinned."""
        return False

    def pin_memory(self: Any) -> Any:
        """The tensor itself: memory is not pinned."""
        return self

    def to_dense(self: Any, dtype: Any = None) -> Any:
        """The tensor itself, which is dense; in another dtype, if one is given."""
        return self if dtype is None else self.to(dtype)

    def apply_(self: Any, callable: Any) -> Any:
        """Each element replaced by what a Python function makes of it: slow, without history."""
        return self.map_(None, lambda x, _: callable(x))

    def map_(
        self: Any,
        tensor: Any,
        callable: Any,
    ) -> Any:
        """Each element replaced by f(element, the other's element): slow, without history."""
        if self.requires_grad:
            raise RuntimeError("apply_, map_: a Python function has no derivative; detach() first")
        others = np.broadcast_to(0 if tensor is None else tensor.array, self.shape)
        pairs = zip(self.array.ravel().tolist(), others.ravel().tolist(), strict=True)
        values = [callable(x, other) for x, other in pairs]
        array = np.array(values, dtype=self.dtype).reshape(self.shape)
        return self.copy_(self.new_tensor(array))
