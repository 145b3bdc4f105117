"""A small GPT reads seven chapters of "Alice's Adventures in Wonderland" and writes on.

It knows letters only, and learns to guess the next one from the sixty-four before it. In two
minutes it finds out about words, lines and quotation marks; sense is asking too much.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from common import BLUE, RED, farewell, finite, options, picture, save
from tqdm import tqdm

import tadori
import tadori.nn.functional as F
from tadori import nn, optim

TEXT = Path(__file__).resolve().parent / "data" / "alice.txt"


class Attention(nn.Module):
    """Each place looks at itself and the places before it: (B, T, C) to (B, T, C)."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(channels, 3 * channels)
        self.output = nn.Linear(channels, channels)

    def forward(self, x: tadori.Tensor) -> tadori.Tensor:
        B, T, C = x.shape
        split = self.query_key_value(x).view(B, T, 3, self.heads, C // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4).unbind(0)  # each B heads T C/heads
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.output(seen.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    """Look around, then think: each adds to what came in."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attention = Attention(channels, heads)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(
            nn.Linear(channels, 4 * channels),
            nn.GELU(approximate="tanh"),
            nn.Linear(4 * channels, channels),
        )

    def forward(self, x: tadori.Tensor) -> tadori.Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    """Letters (B, T) to scores for the letter after each of them (B, T, letters)."""

    def __init__(self, letters: int, context: int, channels: int, heads: int, layers: int) -> None:
        super().__init__()
        self.context = context
        self.letter = nn.Embedding(letters, channels)
        self.position = nn.Embedding(context, channels)
        self.blocks = nn.Sequential(*[Block(channels, heads) for _ in range(layers)])
        self.norm = nn.LayerNorm(channels)
        self.head = nn.Linear(channels, letters)

    def forward(self, ids: tadori.Tensor) -> tadori.Tensor:
        x = self.letter(ids) + self.position(tadori.arange(ids.shape[1]))
        return self.head(self.norm(self.blocks(x)))

    @tadori.no_grad()
    def write(self, ids: tadori.Tensor, length: int, temperature: float) -> tadori.Tensor:
        """Go on after `ids` (1, T): low temperatures choose likely letters, high ones play."""
        self.eval()
        for _ in range(length):
            scores = self(ids[:, -self.context :])[:, -1]
            chances = F.softmax(scores / temperature, dim=-1)
            ids = tadori.cat([ids, tadori.multinomial(chances, 1)], dim=1)
        self.train()
        return ids


def loss_of(model: GPT, ids: tadori.Tensor) -> tadori.Tensor:
    """Cross entropy of each next letter, for pieces of text (B, T + 1)."""
    scores = model(ids[:, :-1])
    return F.cross_entropy(scores.flatten(0, 1), ids[:, 1:].flatten())


def pieces(ids: tadori.Tensor, starts: tadori.Tensor, length: int) -> tadori.Tensor:
    """Pieces of the text (B, length) that begin at `starts` (B,)."""
    return ids[starts[:, None] + tadori.arange(length)]


@tadori.no_grad()
def judge(model: GPT, ids: tadori.Tensor) -> float:
    """The mean loss on unread text."""
    model.eval()
    starts = tadori.linspace(0, len(ids) - model.context - 1, 64).long()
    loss = loss_of(model, pieces(ids, starts, model.context + 1)).item()
    model.train()
    return loss


def draw(losses: list[float], judged: list[tuple[int, float]], out: Path) -> Path:
    """The loss on the text it reads, and on text it never read."""
    figure = picture(8, 3.6)
    axis = figure.subplots()
    axis.plot(range(1, len(losses) + 1), losses, color=BLUE, alpha=0.5, label="chapters it reads")
    axis.plot(*np.array(judged).T, color=RED, marker="o", label="pages it never read")
    axis.set(title="guessing the next letter", xlabel="step", ylabel="cross entropy")
    axis.legend()
    axis.grid(alpha=0.3)
    return save(figure, out, "loss.png")


def main(argv: list[str] | None = None) -> dict:
    parser = options(__doc__, "char_gpt")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--context", type=int, default=64, help="letters it looks back")
    parser.add_argument("--channels", type=int, default=96)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--lr", type=float, default=3e-3, help="highest learning rate")
    parser.add_argument("--text", type=Path, default=TEXT, help="a text file to learn from")
    parser.add_argument("--prompt", default="'Which way?' said Alice.")
    parser.add_argument("--length", type=int, default=500, help="letters to write")
    parser.add_argument("--temperature", type=float, default=0.6)
    args = parser.parse_args(argv)
    started = time.perf_counter()

    text = args.text.read_text(encoding="utf-8")
    letters = sorted(set(text) | set(args.prompt))
    number = {letter: index for index, letter in enumerate(letters)}
    ids = tadori.tensor([number[letter] for letter in text])
    cut = int(0.9 * len(ids))
    train_ids, unread_ids = ids[:cut], ids[cut:]

    tadori.manual_seed(args.seed)
    model = GPT(len(letters), args.context, args.channels, args.heads, args.layers)
    optimizer = optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.1)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, args.lr, args.steps, pct_start=0.1)
    weights = sum(p.numel() for p in model.parameters())
    print(f"{len(text)} letters of text, {len(letters)} different ones, {weights} weights")

    losses, judged = [], [(0, judge(model, unread_ids))]
    for step in tqdm(range(1, args.steps + 1), disable=None):
        starts = tadori.randint(cut - args.context, (args.batch_size,))
        loss = loss_of(model, pieces(train_ids, starts, args.context + 1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        scheduler.step()
        losses.append(finite(loss.item()))
        if step % 100 == 0 or step == args.steps:
            judged.append((step, judge(model, unread_ids)))
            tqdm.write(
                f"step {step:4}   loss {np.mean(losses[-100:]):.3f}   unread {judged[-1][1]:.3f}"
            )

    prompt = tadori.tensor([[number[letter] for letter in args.prompt]])
    written = model.write(prompt, args.length, args.temperature)[0].tolist()
    sample = "".join(letters[index] for index in written)
    print(f"\n{sample}\n\n{time.perf_counter() - started:.0f} seconds")

    files = [draw(losses, judged, args.out), args.out / "sample.txt"]
    files[-1].write_text(sample + "\n", encoding="utf-8")
    farewell(
        files,
        "char_gpt.py --steps 4000 --channels 128    # patience pays",
        "char_gpt.py --temperature 0.3    # a careful writer",
        "char_gpt.py --text my_book.txt    # another book",
    )
    return {"losses": losses, "unread": judged[-1][1], "sample": sample, "files": files}


if __name__ == "__main__":
    main()
