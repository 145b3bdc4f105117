"""A CNN with batch norm and dropout learns to tell shapes apart; then it is asked, in eval mode."""

import torch
import torch.nn as nn
import torch.nn.functional as F


def shapes(count):
    """Pictures of horizontal bars, vertical bars and crosses, with noise."""
    labels = torch.randint(0, 3, (count,))
    pictures = 0.3 * torch.randn(count, 1, 12, 12)
    for i, label in enumerate(labels.tolist()):
        at = int(torch.randint(2, 10, (1,)))
        if label != 1:
            pictures[i, 0, at, :] += 1
        if label != 0:
            pictures[i, 0, :, at] += 1
    return pictures, labels


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(3),
        )
        self.drop = nn.Dropout(0.25)
        self.head = nn.Linear(16 * 9, 3)

    def forward(self, x):
        x = self.features(x)
        return self.head(self.drop(torch.flatten(x, 1)))


torch.manual_seed(0)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
x, y = shapes(192)
model = Net().to(device)
print(model)
print("parameters", sum(p.numel() for p in model.parameters() if p.requires_grad))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
for epoch in range(4):
    model.train()
    order = torch.randperm(len(x))
    for batch in order.split(32):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x[batch].to(device)), y[batch].to(device))
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(x)
        accuracy = (scores.argmax(dim=1) == y).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.6f} accuracy {accuracy:.4f}")
probabilities = F.softmax(scores[:4], dim=1)
print(probabilities)
print(model.state_dict()["features.1.running_mean"])
