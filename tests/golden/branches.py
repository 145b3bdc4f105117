"""The book's graph with a branch: y = (x²)² + (x²)², and its walk back."""

import torch

x = torch.tensor(2.0, requires_grad=True)
a = x**2
y = a**2 + a**2
y.backward()
