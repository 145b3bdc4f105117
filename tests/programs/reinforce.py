"""REINFORCE with a baseline: a walker on a small grid learns the way to the goal."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Categorical

SIZE, GOAL, PIT = 4, (3, 3), (1, 2)
MOVES = [(0, 1), (1, 0), (0, -1), (-1, 0)]


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Linear(SIZE * SIZE, 24)
        self.action = nn.Linear(24, len(MOVES))
        self.value = nn.Linear(24, 1)

    def forward(self, state):
        h = torch.tanh(self.shared(state))
        return Categorical(logits=self.action(h)), self.value(h).squeeze(-1)


def seen(place):
    return F.one_hot(torch.tensor(place[0] * SIZE + place[1]), SIZE * SIZE).to(torch.float64)


def episode(policy):
    place, steps = (0, 0), []
    for _ in range(30):
        distribution, value = policy(seen(place))
        action = distribution.sample()
        dy, dx = MOVES[action.item()]
        place = (min(max(place[0] + dy, 0), SIZE - 1), min(max(place[1] + dx, 0), SIZE - 1))
        reward = {GOAL: 1.0, PIT: -0.5}.get(place, -0.02)
        steps.append((distribution.log_prob(action), value, reward, distribution.entropy()))
        if place == GOAL:
            break
    return steps


torch.set_default_dtype(torch.float64)  # rounding must not decide where it walks
torch.manual_seed(3)
policy = Policy()
optimizer = torch.optim.Adam(policy.parameters(), lr=0.03)
running = 0.0
for number in range(120):
    steps = episode(policy)
    returns, total = [], 0.0
    for _, _, reward, _ in reversed(steps):
        total = reward + 0.97 * total
        returns.insert(0, total)
    returns = torch.tensor(returns)
    log_probs, values, _, entropies = zip(*steps)
    values = torch.stack(values)
    advantage = returns - values.detach()
    loss = -(torch.stack(log_probs) * advantage).sum() + F.smooth_l1_loss(values, returns)
    loss = loss - 0.01 * torch.stack(entropies).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    running = 0.9 * running + 0.1 * returns[0].item()
    if number % 20 == 19:
        print(f"{number} steps {len(steps)} return {returns[0].item():.5f} loss {loss.item():.5f}")
print(f"running {running:.6f}")
print(policy(seen((0, 0)))[0].probs)
