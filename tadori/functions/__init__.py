"""PyTorch's functions that take tensors, by subject; `tadori.exp(x)` is `x.exp()`.

A new one stands in three places: its definition here, the import and the list of names in
`tadori/__init__.py`, both under its subject.
"""
