"""Datasets of both kinds, samplers, collating, workers: what comes, and in which order."""

import random

import numpy as np
import torch
from torch.utils.data import (
    BatchSampler,
    ChainDataset,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    get_worker_info,
    random_split,
)


class Squares(Dataset):
    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        return {"x": torch.tensor([i, i * i]), "label": i % 3, "name": f"n{i}", "w": np.float32(i)}


class Noisy(Dataset):
    """Draws in the worker: from PyTorch, NumPy and Python."""

    def __len__(self):
        return 6

    def __getitem__(self, i):
        return torch.rand(1).item(), random.random()


class Counting(IterableDataset):
    def __init__(self, start, end):
        self.start, self.end = start, end

    def __iter__(self):
        info = get_worker_info()
        first, step = (0, 1) if info is None else (info.id, info.num_workers)
        return iter(range(self.start + first, self.end, step))


torch.manual_seed(10)
for batch in DataLoader(Squares(7), batch_size=3, shuffle=True):
    print(batch)
print([b.tolist() for b in DataLoader(range(10), 4, shuffle=True, drop_last=True)])
print([b.tolist() for b in DataLoader(Counting(0, 9), batch_size=4)])
print([b.tolist() for b in DataLoader(Counting(0, 9), batch_size=2, num_workers=2)])
print([b for b in DataLoader(Noisy(), batch_size=3, num_workers=2)])
both = ConcatDataset([Squares(3), Squares(2)])
print(len(both), both[3]["name"], [x for x in ChainDataset([Counting(0, 2), Counting(5, 7)])])
train, test = random_split(TensorDataset(torch.arange(10), torch.arange(10) ** 2), [0.7, 0.3])
print(len(train), len(test), [tuple(map(int, pair)) for pair in test])
weights = WeightedRandomSampler([0.1, 0.2, 0.7], 12, replacement=True)
print(list(weights))
print(list(BatchSampler(RandomSampler(range(8)), 3, False)), list(SequentialSampler(range(3))))
generator = torch.Generator().manual_seed(3)
loader = DataLoader(Subset(Squares(20), range(5, 11)), 2, shuffle=True, generator=generator)
print([b["name"] for b in loader], [b["name"] for b in loader], len(loader))
print(default_collate([(1, [2.0, "a"]), (3, [4.0, "b"])]))
loader = DataLoader(Squares(4), 2, collate_fn=lambda items: [i["label"] for i in items])
print(list(loader))
persistent = DataLoader(Squares(5), 2, num_workers=1, persistent_workers=True)
for _ in range(2):
    print([b["x"].sum().item() for b in persistent])


class Failing(Dataset):
    def __len__(self):
        return 3

    def __getitem__(self, i):
        raise KeyError(f"no example {i}")


try:
    list(DataLoader(Failing(), num_workers=1))
except KeyError as error:
    print("KeyError", "no example 0" in str(error))
