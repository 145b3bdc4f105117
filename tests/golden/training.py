"""Two steps of the usual loop, in numbers that every machine computes alike."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)

    def forward(self, x):
        h = self.fc(x)
        return h.relu()


net = Net()
with torch.no_grad():
    net.fc.weight.fill_(0.5)
    net.fc.bias.fill_(0.0)
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
t = torch.tensor([[1.0], [2.0]])
optimizer = torch.optim.SGD(net.parameters(), lr=0.125, momentum=0.5)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)

for _epoch in range(3):
    for inputs, targets in DataLoader(TensorDataset(x, t), batch_size=2):
        loss = (net(inputs) - targets).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()

net.eval()
with torch.no_grad():
    net(x)
