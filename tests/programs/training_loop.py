"""Schedulers, clipping, checkpointing: a regression that is stopped, saved, loaded and goes on."""

import io

import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.utils.checkpoint import checkpoint


def made():
    model = nn.Sequential(
        nn.Linear(3, 16), nn.ELU(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1)
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    warm = lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=5)
    cosine = lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
    return model, optimizer, lr_scheduler.SequentialLR(optimizer, [warm, cosine], milestones=[5])


def run(model, optimizer, scheduler, x, y, steps):
    for _ in range(steps):
        hidden = checkpoint(model[:3], x, use_reentrant=False)
        loss = nn.functional.huber_loss(model[3:](hidden), y)
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.5)
        nn.utils.clip_grad_value_(model.parameters(), 0.2)
        optimizer.step()
        scheduler.step()
    lr = scheduler.get_last_lr()[0]
    print(f"loss {loss.item():.6f} norm {norm.item():.6f} lr {lr:.6f}")


torch.manual_seed(9)
x = torch.randn(64, 3)
y = (x[:, :1] * x[:, 1:2]).sin() + 0.1 * x[:, 2:]
model, optimizer, scheduler = made()
run(model, optimizer, scheduler, x, y, 10)
file = io.BytesIO()
state = {
    "model": model.state_dict(),
    "optimizer": optimizer.state_dict(),
    "scheduler": scheduler.state_dict(),
    "rng": torch.get_rng_state(),
    "epoch": 10,
}
torch.save(state, file)
run(model, optimizer, scheduler, x, y, 10)
drawn = torch.randn(3)
file.seek(0)
model, optimizer, scheduler = made()
loaded = torch.load(file, map_location="cpu", weights_only=True)
model.load_state_dict(loaded["model"])
optimizer.load_state_dict(loaded["optimizer"])
scheduler.load_state_dict(loaded["scheduler"])
torch.set_rng_state(loaded["rng"])
run(model, optimizer, scheduler, x, y, 10)
print(loaded["epoch"], torch.equal(drawn, torch.randn(3)))

for name, arguments in {
    "StepLR": dict(step_size=3, gamma=0.5),
    "MultiStepLR": dict(milestones=[2, 6], gamma=0.3),
    "ExponentialLR": dict(gamma=0.9),
    "OneCycleLR": dict(max_lr=0.1, total_steps=10),
    "CosineAnnealingWarmRestarts": dict(T_0=3, T_mult=2),
    "CyclicLR": dict(base_lr=0.01, max_lr=0.1, step_size_up=3, cycle_momentum=False),
    "PolynomialLR": dict(total_iters=8, power=2.0),
}.items():
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule = getattr(lr_scheduler, name)(optimizer, **arguments)
    rates = []
    for _ in range(9):
        optimizer.step()
        schedule.step()
        rates.append(round(optimizer.param_groups[0]["lr"], 8))
    print(name, rates)
plateau = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
for loss in (1.0, 0.9, 0.95, 0.96, 0.97, 0.5):
    plateau.step(loss)
print(optimizer.param_groups[0]["lr"])
