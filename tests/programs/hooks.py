"""Hooks everywhere: on tensors, on modules forward and backward, on state dicts and parameters."""

from collections import OrderedDict

import torch
from torch import nn

torch.manual_seed(5)
model = nn.Sequential(
    OrderedDict(first=nn.Linear(4, 6), act=nn.ReLU(), last=nn.Linear(6, 2, bias=False))
)
story = []


def remember(name):
    def hook(module, inputs, output):
        story.append((name, tuple(inputs[0].shape), f"{output.abs().mean().item():.5f}"))

    return hook


handles = [m.register_forward_hook(remember(n)) for n, m in model.named_children()]
model.first.register_forward_pre_hook(lambda module, inputs: (inputs[0] * 2,))
model.last.register_full_backward_hook(
    lambda module, gi, go: print("back", gi[0].norm().item(), go[0].norm().item())
)
x = torch.randn(3, 4, requires_grad=True)
x.register_hook(lambda g: g * 10)
hidden = model.first(x)
hidden.register_hook(lambda g: print("hidden", g.norm().item()))
hidden.retain_grad()
out = model.last(model.act(hidden))
out.pow(2).sum().backward()
print(x.grad.norm().item(), hidden.grad.shape)
for line in story:
    print(line)
for handle in handles:
    handle.remove()
story.clear()
model(x)
print("after removal", story)

model.first.weight.register_hook(lambda g: torch.zeros_like(g))
model.zero_grad()
model(x).sum().backward()
print(model.first.weight.grad.abs().sum().item(), model.first.bias.grad.tolist())

features = {}
model.act.register_forward_hook(lambda m, i, o: features.update(act=o.detach()))
model.act.register_forward_hook(lambda m, i, o: o * 0.5)
y = model(x)
print(features["act"].shape, y.sum().item())


class Counted(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.tensor(0))
        self.register_buffer("scratch", torch.zeros(2), persistent=False)
        self.scale = nn.Parameter(torch.ones(2))
        self.child = nn.Linear(2, 2)

    def forward(self, x):
        self.calls += 1
        return self.child(x) * self.scale


counted = Counted()
for _ in range(3):
    counted(torch.ones(1, 2))
print(list(counted.state_dict()), counted.calls)
print([name for name, _ in counted.named_parameters()], [n for n, _ in counted.named_modules()])
missing = counted.load_state_dict({"scale": torch.zeros(2)}, strict=False)
print(missing.missing_keys, missing.unexpected_keys, counted.scale)
try:
    counted.load_state_dict({"scale": torch.zeros(3)}, strict=False)
except RuntimeError as error:
    print("size mismatch" in str(error))
counted.requires_grad_(False)
print([p.requires_grad for p in counted.parameters()], counted.training, counted.eval().training)
print(counted)
