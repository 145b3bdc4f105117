"""Derivatives of derivatives: Newton's method, Hessian-vector products, MAML, a Jacobian."""

import torch
from torch import nn
from torch.autograd import grad
from torch.autograd.functional import hessian, hvp, jacobian, jvp, vjp


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


x = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
for step in range(7):
    y = rosenbrock(x)
    (g,) = grad(y, x, create_graph=True)
    H = torch.stack([grad(g[i], x, retain_graph=True)[0] for i in range(2)])
    with torch.no_grad():
        x -= torch.linalg.solve(H, g)
    print(step, f"{y.item():.10f}", x.tolist())

point = torch.tensor([0.5, -0.3])
print(hessian(rosenbrock, point))
print(hvp(rosenbrock, point, torch.tensor([1.0, 2.0]))[1])
print(jacobian(lambda x: torch.stack([x.prod(), x.sum(), (x**2).sum()]), point))
print(vjp(lambda x: x.sin() * x, point, torch.ones(2))[1])
print(jvp(lambda x: x.sin() * x, point, torch.ones(2))[1])

# Hessian-vector product of a network's loss, by the double backward trick
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 8), nn.Softplus(), nn.Linear(8, 1))
inputs, targets = torch.randn(16, 3), torch.randn(16, 1)
loss = nn.functional.mse_loss(net(inputs), targets)
parameters = list(net.parameters())
first = grad(loss, parameters, create_graph=True)
vectors = [torch.randn_like(p) for p in parameters]
product = grad(sum((g * v).sum() for g, v in zip(first, vectors)), parameters)
print([f"{p.norm().item():.6f}" for p in product])

# MAML: the loss after an inner step, differentiated through the step
meta = torch.nn.Parameter(torch.tensor([0.1, 0.2]))
optimizer = torch.optim.SGD([meta], lr=0.05)
for episode in range(5):
    total = 0.0
    for slope in (1.0, 2.0, -1.0):
        t = torch.linspace(-1, 1, 9)
        inner = ((meta[0] * t + meta[1] - slope * t) ** 2).mean()
        (g,) = grad(inner, meta, create_graph=True)
        fast = meta - 0.3 * g
        total = total + ((fast[0] * t + fast[1] - slope * t) ** 2).mean()
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
    print(f"maml {total.item():.6f}", meta.grad.tolist())

# the third derivative of tanh at 0.5
z = torch.tensor(0.5, requires_grad=True)
d = torch.tanh(z)
for _ in range(3):
    (d,) = grad(d, z, create_graph=True)
print(d.item())
