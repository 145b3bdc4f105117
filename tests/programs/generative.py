"""A variational autoencoder, then a GAN, on points of a ring."""

import math

import torch
from torch import nn, optim
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence


def ring(count):
    angle = 2 * math.pi * torch.rand(count)
    return torch.stack([angle.cos(), angle.sin()], dim=1) + 0.05 * torch.randn(count, 2)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 4))
        self.decoder = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))

    def forward(self, x):
        mean, log_variance = self.encoder(x).chunk(2, dim=-1)
        q = Independent(Normal(mean, (0.5 * log_variance).exp()), 1)
        z = q.rsample()
        p = Independent(Normal(self.decoder(z), 0.1), 1)
        prior = Independent(Normal(torch.zeros_like(z), torch.ones_like(z)), 1)
        return p.log_prob(x), kl_divergence(q, prior)


torch.manual_seed(7)
vae = VAE()
optimizer = optim.Adam(vae.parameters(), lr=0.01)
for step in range(40):
    likelihood, kl = vae(ring(64))
    loss = (kl - likelihood).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 9:
        print(f"vae {step} {loss.item():.5f} kl {kl.mean().item():.5f}")

generator = nn.Sequential(nn.Linear(3, 16), nn.LeakyReLU(0.2), nn.Linear(16, 2))
critic = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
g_steps = optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))
d_steps = optim.Adam(critic.parameters(), lr=2e-3, betas=(0.5, 0.999))
criterion = nn.BCEWithLogitsLoss()
for step in range(30):
    real, noise = ring(32), torch.randn(32, 3)
    fake = generator(noise)
    d_loss = criterion(critic(real), torch.ones(32, 1))
    d_loss = d_loss + criterion(critic(fake.detach()), torch.zeros(32, 1))
    d_steps.zero_grad()
    d_loss.backward()
    d_steps.step()
    g_loss = criterion(critic(fake), torch.ones(32, 1))
    g_steps.zero_grad()
    g_loss.backward()
    g_steps.step()
    if step % 10 == 9:
        print(f"gan {step} D {d_loss.item():.5f} G {g_loss.item():.5f}")
print(generator(torch.zeros(1, 3)).detach())

# Wasserstein with a gradient penalty: a derivative inside the loss.
real, fake = ring(16), generator(torch.randn(16, 3)).detach()
mix = torch.rand(16, 1)
between = (mix * real + (1 - mix) * fake).requires_grad_(True)
(slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
penalty = ((slope.norm(2, dim=1) - 1) ** 2).mean()
critic.zero_grad()
penalty.backward()
print(f"penalty {penalty.item():.6f}", critic[0].weight.grad.abs().sum().item())
coin = Bernoulli(logits=torch.tensor([0.3, -1.0]))
print(coin.probs, coin.sample((4,)).sum(0), coin.entropy())
