"""nn.Transformer's layers, sinusoidal places, masks: sequences are reversed."""

import math

import torch
import torch.nn as nn


class Reverser(nn.Module):
    def __init__(self, tokens, width=16):
        super().__init__()
        self.embed = nn.Embedding(tokens, width)
        place = torch.arange(10).unsqueeze(1)
        rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
        table = torch.zeros(10, width)
        table[:, 0::2] = torch.sin(place * rate)
        table[:, 1::2] = torch.cos(place * rate)
        self.register_buffer("places", table)
        layer = nn.TransformerEncoderLayer(width, 2, 32, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.out = nn.Linear(width, tokens)

    def forward(self, x, padding=None):
        h = self.embed(x) * math.sqrt(self.embed.embedding_dim) + self.places[: x.shape[1]]
        return self.out(self.encoder(h, src_key_padding_mask=padding))


torch.manual_seed(11)
model = Reverser(6)
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for step in range(30):
    x = torch.randint(1, 6, (16, 6))
    logits = model(x)
    loss = nn.functional.cross_entropy(logits.transpose(1, 2), x.flip(1), label_smoothing=0.05)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 9:
        print(f"{step} {loss.item():.6f}")
x = torch.tensor([[1, 2, 3, 0, 0]])
print(model(x, padding=x == 0)[0, :3].argmax(-1), model(x, padding=x == 0)[0, 0])
attention = nn.MultiheadAttention(8, 2, batch_first=True)
q = torch.randn(2, 3, 8)
mask = nn.Transformer.generate_square_subsequent_mask(3)
y, weights = attention(q, q, q, attn_mask=mask)
print(y.sum().item(), weights[0])
print(nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)[0, 1])
