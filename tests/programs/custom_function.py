"""autograd.Function: a formula of one's own, a straight-through estimator, two outputs."""

import torch
from torch.autograd import Function, gradcheck, gradgradcheck
from torch.autograd.function import once_differentiable


class Cube(Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x)
        ctx.scale = scale
        return scale * x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * ctx.scale * x**2, None


class Quantise(Function):
    @staticmethod
    def forward(ctx, x, levels):
        return torch.round(x * levels) / levels

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        return g, None


class MinMax(Function):
    @staticmethod
    def forward(ctx, x):
        low, high = x.min(), x.max()
        ctx.save_for_backward(x, low, high)
        ctx.mark_non_differentiable(low)
        return high, low

    @staticmethod
    def backward(ctx, g_high, g_low):
        x, _low, high = ctx.saved_tensors
        return g_high * (x == high).to(x.dtype)


class Where(Function):
    """In the newer style, with setup_context."""

    @staticmethod
    def forward(x, y):
        return torch.where(x > y, x, y)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        left = g * (x > y)
        return (left if ctx.needs_input_grad[0] else None), g - left


torch.manual_seed(8)
x = torch.randn(4, dtype=torch.float64, requires_grad=True)
y = Cube.apply(x, 2.0)
(g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
g.sum().backward()
print(y, g, x.grad)
print(gradcheck(Cube.apply, (x, 0.5)), gradgradcheck(Cube.apply, (x, 0.5)))

torch.manual_seed(8)  # gradcheck may have drawn
w = torch.randn(5, requires_grad=True)
steps = torch.optim.SGD([w], lr=0.2)
for _ in range(4):
    loss = ((Quantise.apply(w, 4) - 0.5) ** 2).sum()
    steps.zero_grad()
    loss.backward()
    steps.step()
    print(f"{loss.item():.6f}", w.tolist())
high, low = MinMax.apply(w)
print(high.requires_grad, low.requires_grad)
high.backward()
print(w.grad.abs().sum().item())
a, b = torch.randn(3, requires_grad=True), torch.randn(3, requires_grad=True)
Where.apply(a, b).pow(2).sum().backward()
print(a.grad, b.grad)
