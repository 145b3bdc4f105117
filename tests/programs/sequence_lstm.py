"""An LSTM over packed sequences learns the parity of bits; a GRU predicts a sine."""

import math

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


class Parity(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(3, 6, padding_idx=2)
        self.lstm = nn.LSTM(6, 12, num_layers=2, batch_first=True, dropout=0.1)
        self.out = nn.Linear(12, 2)

    def forward(self, bits, lengths):
        packed = pack_padded_sequence(
            self.embed(bits), lengths, batch_first=True, enforce_sorted=False
        )
        output, (h, c) = self.lstm(packed)
        padded, _ = pad_packed_sequence(output, batch_first=True)
        return self.out(h[-1]), padded


torch.manual_seed(1)
model = Parity()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(30):
    lengths = torch.randint(2, 7, (16,))
    rows = [torch.randint(0, 2, (int(n),)) for n in lengths]
    bits = pad_sequence(rows, batch_first=True, padding_value=2)
    targets = torch.tensor([int(row.sum()) % 2 for row in rows])
    logits, padded = model(bits, lengths)
    loss = nn.functional.cross_entropy(logits, targets)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.6f}", tuple(padded.shape))
print("padding", model.embed.weight[2].tolist())


class Wave(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x, h=None):
        y, h = self.gru(x, h)
        return self.out(y), h


model = Wave()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.005)
wave = torch.sin(torch.arange(0, 61) * (2 * math.pi / 20)).reshape(-1, 1, 1)
for step in range(40):
    predicted, _ = model(wave[:-1])
    loss = nn.functional.mse_loss(predicted, wave[1:])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
print(f"wave {loss.item():.6f}")
with torch.no_grad():
    y, h = model(wave[:20])
    for _ in range(3):
        y, h = model(y[-1:], h)
        print(f"{y.item():.5f}")
cell = nn.LSTMCell(2, 3)
h = c = torch.zeros(4, 3)
for t in range(3):
    h, c = cell(torch.full((4, 2), float(t)), (h, c))
print(h[0], c.sum().item())
