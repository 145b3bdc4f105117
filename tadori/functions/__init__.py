"""PyTorch's functions that take tensors, by subject; `tadori.exp(x)` is `x.exp()`.

Those with `takes_out` can write their result into a given tensor: `tadori.exp(x, out=y)`.

A new one stands in three places: its definition here, the import and the list of names in
`tadori/__init__.py`, both under its subject.
"""
