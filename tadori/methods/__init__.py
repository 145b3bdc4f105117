"""PyTorch's method names, told in NumPy's language.

Each method of `Tensor` that is not part of the core is one line here: `sum(dim, keepdim)` is
`np.sum(axis, keepdims)`. The modules know NumPy and the kernels only; NumPy's protocols find the
operation.
"""


class Methods:
    """All of PyTorch's methods, by subject."""

    __slots__ = ()
