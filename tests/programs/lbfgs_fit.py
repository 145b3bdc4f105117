"""L-BFGS with a line search fits a spline; plain L-BFGS finds the minimum of a narrow valley."""

import torch
import torch.nn.functional as F

torch.manual_seed(6)
x = torch.linspace(-3, 3, 40, dtype=torch.float64)
y = torch.sin(x) + 0.05 * torch.randn(40, dtype=torch.float64)
knots = torch.linspace(-3, 3, 8, dtype=torch.float64)
weights = torch.zeros(8, dtype=torch.float64, requires_grad=True)
width = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.LBFGS([weights, width], lr=1, max_iter=5, line_search_fn="strong_wolfe")


def model(t):
    basis = torch.exp(-(((t[:, None] - knots) / F.softplus(width)) ** 2))
    return basis @ weights


def closure():
    optimizer.zero_grad()
    loss = F.mse_loss(model(x), y) + 1e-4 * weights.pow(2).sum()
    loss.backward()
    return loss


for step in range(4):
    print(step, f"{optimizer.step(closure).item():.8f}")
print([f"{w:.5f}" for w in weights.tolist()], f"{width.item():.5f}")

z = torch.tensor([-1.0, 1.5], dtype=torch.float64, requires_grad=True)
plain = torch.optim.LBFGS([z], lr=0.02, max_iter=15, history_size=5)


def valley():
    plain.zero_grad()
    value = (1 - z[0]) ** 2 + 20 * (z[1] - z[0] ** 2) ** 2
    value.backward()
    return value


for _ in range(5):
    print(f"{plain.step(valley).item():.7f}", [f"{v:.5f}" for v in z.tolist()])
