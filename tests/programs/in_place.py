"""Writes in place, views, masks and indices: k-means, the game of life, a moving average."""

import torch

torch.manual_seed(4)

# k-means
points = torch.cat([torch.randn(30, 2) + shift for shift in (-3.0, 0.0, 3.0)])
centres = points[torch.randperm(len(points))[:3]].clone()
for step in range(5):
    distances = torch.cdist(points, centres)
    nearest = distances.argmin(dim=1)
    sums = torch.zeros_like(centres).index_add_(0, nearest, points)
    counts = torch.zeros(3).scatter_add_(0, nearest, torch.ones(len(points)))
    centres.copy_(sums / counts.clamp_(min=1).unsqueeze(1))
    print(step, distances.min(1).values.sum().item(), counts.tolist())

# life
world = (torch.rand(8, 8) > 0.6).int()
for _ in range(4):
    around = sum(torch.roll(world, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)) - world
    world[:] = ((around == 3) | ((world == 1) & (around == 2))).int()
print(world, world.sum())

# views
x = torch.arange(24.0).reshape(4, 6)
v = x[1:, ::2]
v.mul_(10).add_(1)
x.t()[0].fill_(-1)
x[x > 100] = 0
x[[0, 2], [1, 3]] = torch.tensor([7.0, 8.0])
x.view(-1)[5:9] -= 0.5
x[..., None][:, -1] = 99
print(x)
print(x.masked_fill_(x < 0, 0).sum(dim=0, keepdim=True))

# gradients through writes in place
w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = w * 2
y[0] = y[1].clone() * y[2].clone()
y[1:].mul_(w[1:])
y += 1
y.sum().backward()
print(w.grad)
buffer = torch.zeros(3, 2)
leaf = torch.ones(2, requires_grad=True)
for i in range(3):
    buffer[i] = leaf * (i + 1) ** 2
buffer.pow(2).sum().backward()
print(leaf.grad)
try:
    z = w.exp()
    z.add_(1)
    z.sum().backward()
except RuntimeError as error:
    print("refused", "modified by an inplace operation" in str(error) or "in place" in str(error))
try:
    w.add_(1)
except RuntimeError:
    print("a leaf is not written")
with torch.no_grad():
    w.add_(1)
average = torch.zeros(3)
for i in range(10):
    average.lerp_(w.detach() * i, 0.3)
print(average, torch.addcmul(w, w, w, value=0.5).tolist())
a, b = torch.sort(torch.tensor([3, 1, 2]), descending=True)
print(a, b, torch.unique(torch.tensor([2, 1, 2, 3]), return_counts=True))
