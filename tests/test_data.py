"""Datasets, samplers, batches, loaders, workers: PyTorch's orders, and places to come back to."""

from __future__ import annotations

import os
import random
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterator
from time import perf_counter, sleep
from typing import Any

import numpy as np
import pytest

from tadori import Tensor
from tadori.random import Generator, default_generator, manual_seed, rand
from tadori.utils import data

# Python 3.12 warns of fork in processes with threads, and NumPy's BLAS has some.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")

Point = namedtuple("Point", ["x", "y"])


class Numbers(data.Dataset):
    """Example i is i."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __getitem__(self, index: int) -> int:
        if not 0 <= index < self.length:
            raise IndexError(index)
        return index

    def __len__(self) -> int:
        return self.length


class Noisy(Numbers):
    """Example i is i with a random number from each of the three usual sources."""

    def __getitem__(self, index: int) -> Any:
        numbers = [rand(1).item(), random.random(), np.random.rand()]  # noqa: NPY002
        return super().__getitem__(index), numbers


class Stream(data.IterableDataset):
    """0, 1, 2, ... ; each worker gives its part."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __iter__(self) -> Iterator[int]:
        worker = data.get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        return iter(range(first, self.length, step))

    def __len__(self) -> int:
        return self.length


class Broken(Numbers):
    """Example 5 is not there."""

    def __getitem__(self, index: int) -> int:
        if index == 5:
            raise KeyError("no example 5")
        return index


class Deadly(Numbers):
    """Example 5 ends the process."""

    def __getitem__(self, index: int) -> int:
        if index == 5:
            os._exit(7)
        return index


def listed(batches: Any) -> list[Any]:
    return [batch.tolist() if hasattr(batch, "tolist") else batch for batch in batches]


def plain(x: Any) -> Any:
    """Tensors of either framework as lists with their dtype."""
    if hasattr(x, "tolist"):
        return str(x.dtype).removeprefix("torch."), x.tolist()
    if isinstance(x, dict):
        return type(x), {key: plain(value) for key, value in x.items()}
    if isinstance(x, list | tuple):
        return type(x).__name__, [plain(value) for value in x]
    return x


# ---------------------------------------------------------------------------------------- datasets


def test_tensor_dataset() -> None:
    x, t = Tensor(np.arange(6.0).reshape(3, 2)), Tensor(np.arange(3))
    dataset = data.TensorDataset(x, t)
    assert len(dataset) == 3
    assert [plain(part) for part in dataset[1]] == [("float64", [2, 3]), ("int64", 1)]
    with pytest.raises(ValueError, match=r"\(3, 2\), \(4,\)"):
        data.TensorDataset(x, Tensor(np.arange(4)))


def test_sums_and_parts() -> None:
    both = Numbers(3) + Numbers(4)
    assert [both[i] for i in range(7)] == [0, 1, 2, 0, 1, 2, 3]
    assert (both[-1], both[-7], len(both)) == (3, 0, 7)
    with pytest.raises(IndexError):
        both[7]
    part = data.Subset(both, [6, 0, 3])
    assert (list(part), part[1], len(part)) == ([3, 0, 0], 0, 3)
    chain = Stream(2) + Stream(3)
    assert (list(chain), len(chain)) == ([0, 1, 0, 1, 2], 5)
    pairs = data.StackDataset(Numbers(3), part)
    assert (pairs[1], len(pairs)) == ((1, 0), 3)
    assert data.StackDataset(a=Numbers(3), b=part)[2] == {"a": 2, "b": 0}


@pytest.mark.parametrize("lengths", [[7, 2, 1], [0.5, 0.3, 0.2], [0.55, 0.45], [1.0]])
def test_random_split(lengths: list[Any]) -> None:
    torch = pytest.importorskip("torch")
    parts = data.random_split(Numbers(10), lengths, generator=Generator().manual_seed(3))
    seeded = torch.Generator().manual_seed(3)
    expected = torch.utils.data.random_split(Numbers(10), lengths, generator=seeded)
    assert [part.indices for part in parts] == [part.indices for part in expected]


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: data.random_split(Numbers(10), [3, 3]), "sum to 6"),
    (lambda: data.random_split(Numbers(10), [1.5, -0.5]), "not in"),
    (lambda: data.ConcatDataset([]), "at least one"),
    (lambda: data.ConcatDataset([Stream(3)]), "ChainDataset"),
    (lambda: data.ChainDataset([Numbers(3)]), "ConcatDataset"),
    (lambda: data.StackDataset(), "at least one"),
    (lambda: data.StackDataset(Numbers(3), Numbers(4)), "lengths"),
    (lambda: data.StackDataset(Numbers(3), b=Numbers(3)), "by name"),
    (lambda: data.RandomSampler(Numbers(0)), "num_samples"),
    (lambda: data.RandomSampler(Numbers(3), num_samples=-1), "num_samples"),
    (lambda: data.WeightedRandomSampler([1.0], 0), "num_samples"),
    (lambda: data.WeightedRandomSampler([[1.0]], 1), "1d"),
    (lambda: data.WeightedRandomSampler([1.0], 1, 3), "replacement"),  # type: ignore[arg-type]
    (lambda: data.BatchSampler(range(3), 0, False), "batch_size"),
    (lambda: data.BatchSampler(range(3), True, False), "batch_size"),
    (lambda: data.BatchSampler(range(3), 2, 1), "drop_last"),  # type: ignore[arg-type]
    (lambda: data.DataLoader(Numbers(3), num_workers=-1), "num_workers"),
    (lambda: data.DataLoader(Numbers(3), timeout=-1), "timeout"),
    (lambda: data.DataLoader(Numbers(3), timeout=1), "num_workers > 0"),
    (lambda: data.DataLoader(Numbers(3), prefetch_factor=2), "num_workers > 0"),
    (lambda: data.DataLoader(Numbers(3), num_workers=1, prefetch_factor=0), "positive"),
    (lambda: data.DataLoader(Numbers(3), persistent_workers=True), "num_workers > 0"),
    (lambda: data.DataLoader(Numbers(3), shuffle=True, sampler=range(3)), "sampler"),
    (lambda: data.DataLoader(Numbers(3), batch_sampler=[[0]], batch_size=2), "batch_sampler"),
    (lambda: data.DataLoader(Numbers(3), batch_size=None, drop_last=True), "drop_last"),
    (lambda: data.DataLoader(Numbers(3), batch_size=0), "batch_size"),
    (lambda: data.DataLoader(Stream(3), shuffle=True), "IterableDataset"),
    (lambda: data.DataLoader(Stream(3), sampler=range(3)), "IterableDataset"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_an_empty_part_is_mentioned() -> None:
    with pytest.warns(UserWarning, match="index 1"):
        data.random_split(Numbers(3), [0.9, 0.1])


def test_abstract_ones_say_what_to_define() -> None:
    for make in (data.Dataset, data.IterableDataset, data.Sampler):
        with pytest.raises(NotImplementedError, match="must define __"):
            thing = make()
            iter(thing) if hasattr(thing, "__iter__") else thing[0]


# ------------------------------------------------------------------------- the order, as in PyTorch

SAMPLERS: dict[str, Callable[[Any, Any], Any]] = {
    "sequential": lambda m, g: m.SequentialSampler(Numbers(10)),
    "random": lambda m, g: m.RandomSampler(Numbers(10), generator=g),
    "fewer": lambda m, g: m.RandomSampler(Numbers(10), num_samples=4, generator=g),
    "more": lambda m, g: m.RandomSampler(Numbers(10), num_samples=25, generator=g),
    "replacement": lambda m, g: m.RandomSampler(Numbers(10), True, 70, generator=g),
    "replacement, 64": lambda m, g: m.RandomSampler(Numbers(10), True, 64, generator=g),
    "subset": lambda m, g: m.SubsetRandomSampler([3, 1, 4, 5, 9], generator=g),
    "weighted": lambda m, g: m.WeightedRandomSampler([0.1, 5.0, 2.0], 12, generator=g),
    "weighted, once": lambda m, g: m.WeightedRandomSampler([0.1, 5.0, 2.0], 2, False, generator=g),
    "batches": lambda m, g: m.BatchSampler(m.RandomSampler(Numbers(10), generator=g), 4, False),
    "full batches": lambda m, g: m.BatchSampler(m.RandomSampler(Numbers(10)), 4, True),
}


@pytest.mark.parametrize("make", SAMPLERS.values(), ids=SAMPLERS.keys())
@pytest.mark.parametrize("own", [True, False])
def test_samplers(make: Any, own: bool) -> None:
    torch = pytest.importorskip("torch")
    manual_seed(5)
    torch.manual_seed(5)
    ours = make(data, Generator().manual_seed(1) if own else None)
    theirs = make(torch.utils.data, torch.Generator().manual_seed(1) if own else None)
    assert len(ours) == len(theirs)
    for _ in range(3):
        assert list(ours) == list(theirs)
    assert rand(3).tolist() == torch.rand(3).tolist(), "as many numbers are drawn"


LOADERS: list[dict[str, Any]] = [
    {},
    {"batch_size": 4},
    {"batch_size": 4, "shuffle": True},
    {"batch_size": 5, "shuffle": True},
    {"batch_size": 4, "shuffle": True, "drop_last": True},
    {"batch_size": None, "shuffle": True},
    {"batch_size": 4, "sampler": [3, 1, 4, 1, 5]},
    {"batch_sampler": [[0, 1, 2], [9], [4, 4]]},
]


@pytest.mark.parametrize("options", LOADERS, ids=str)
@pytest.mark.parametrize("own", [True, False])
def test_loaders(options: dict[str, Any], own: bool) -> None:
    torch = pytest.importorskip("torch")
    manual_seed(5)
    torch.manual_seed(5)
    generator = Generator().manual_seed(1) if own else None
    ours = data.DataLoader(Numbers(10), generator=generator, **options)
    generator = torch.Generator().manual_seed(1) if own else None
    theirs = torch.utils.data.DataLoader(Numbers(10), generator=generator, **options)
    assert len(ours) == len(theirs)
    for _ in range(3):
        assert listed(ours) == listed(theirs)
        assert rand(2).tolist() == torch.rand(2).tolist()


@pytest.mark.parametrize("options", [{"batch_size": 4}, {"batch_size": 4, "drop_last": True}, {}])
def test_streams(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")

    class Theirs(Stream, torch.utils.data.IterableDataset):  # type: ignore[misc]
        pass

    ours = data.DataLoader(Stream(10), **options)
    theirs = torch.utils.data.DataLoader(Theirs(10), **options)
    assert len(ours) == len(theirs)
    for _ in range(2):
        assert listed(ours) == listed(theirs)
    assert list(data.DataLoader(Stream(3), batch_size=None)) == [0, 1, 2]


# ------------------------------------------------------------------------------------------ batches

EXAMPLES: dict[str, Callable[[Any, int], Any]] = {
    "tensor": lambda tensor, i: tensor(np.full((2, 3), i, np.float32)),
    "array": lambda tensor, i: np.full((2, 3), i, np.int16),
    "0-d array": lambda tensor, i: np.array(i, np.float32),
    "float32": lambda tensor, i: np.float32(i),
    "float64": lambda tensor, i: np.float64(i),
    "bool_": lambda tensor, i: np.bool_(i),
    "int": lambda tensor, i: i,
    "float": lambda tensor, i: i / 4,
    "bool": lambda tensor, i: i > 1,
    "string": lambda tensor, i: f"example {i}",
    "bytes": lambda tensor, i: b"%d" % i,
    "tuple": lambda tensor, i: (i, i / 4, "x"),
    "list": lambda tensor, i: [i, tensor(np.zeros(2))],
    "named": lambda tensor, i: Point(i, (i, "x")),
    "dict": lambda tensor, i: {"x": np.zeros(2), "y": {"z": i}},
    "ordered": lambda tensor, i: OrderedDict(x=i, y=(i, i)),
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_collate(example: Any) -> None:
    torch = pytest.importorskip("torch")
    ours = data.default_collate([example(Tensor, i) for i in range(3)])
    theirs = torch.utils.data.default_collate([example(torch.tensor, i) for i in range(3)])
    assert plain(ours) == plain(theirs)
    ours, theirs = example(Tensor, 2), example(torch.tensor, 2)
    converted = torch.utils.data.default_convert(theirs)
    assert plain(data.default_convert(ours)) == plain(converted)


def test_collate_keeps_the_graph() -> None:
    x = Tensor(np.ones(3)).requires_grad_()
    np.sum(data.default_collate([x, x * 2])).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3, 3, 3]


def test_collate_says_what_does_not_fit() -> None:
    with pytest.raises(RuntimeError, match=r"\(2,\), \(3,\)"):
        data.default_collate([(np.zeros(2), 1), (np.zeros(3), 1)])
    with pytest.raises(RuntimeError, match="equal size"):
        data.default_collate([(1, 2), (1, 2, 3)])
    for thing in (object(), None, np.array(["a"])):
        with pytest.raises(TypeError, match="must contain"):
            data.default_collate([thing])


def test_collate_fn_and_whole_batches() -> None:
    class AtOnce(Numbers):
        def __getitems__(self, indices: list[int]) -> list[int]:
            return [10 * i for i in indices]

    assert listed(data.DataLoader(AtOnce(4), batch_size=2)) == [[0, 10], [20, 30]]
    part = data.Subset(AtOnce(4), [3, 1])
    assert listed(data.DataLoader(part, batch_size=2, collate_fn=sum)) == [40]


def test_gathered_batches_are_the_collated_ones() -> None:
    x = Tensor(np.arange(60, dtype=np.float32).reshape(10, 2, 3))
    rows = data.TensorDataset(x, Tensor(np.arange(10)))
    for dataset in (rows, data.Subset(rows, [3, 1, -1, 5, 9, 9])):
        slow = data.DataLoader(dataset, batch_size=4, collate_fn=lambda b: data.default_collate(b))
        quick = data.DataLoader(dataset, batch_size=4)
        assert [plain(batch) for batch in quick] == [plain(batch) for batch in slow]

    class Negative(data.TensorDataset):
        def __getitem__(self, index: Any) -> Any:
            return -super().__getitem__(index)[0]

    assert next(iter(data.DataLoader(Negative(x)))).tolist() == (-x.array[:1]).tolist()
    x.requires_grad_()
    assert next(iter(data.DataLoader(rows)))[0].requires_grad


# --------------------------------------------------------------------------- places to come back to

PLACES: list[dict[str, Any]] = [
    {"shuffle": True},
    {"shuffle": True, "generator": 1},
    {"shuffle": True, "drop_last": True, "num_workers": 2},
    {"shuffle": True, "generator": 1, "num_workers": 2},
    {"sampler": lambda: data.RandomSampler(Numbers(20), True, 50)},
    {"sampler": lambda: data.RandomSampler(Numbers(20), True, 90, Generator().manual_seed(4))},
    {"sampler": lambda: data.WeightedRandomSampler([1.0, 2.0, 3.0], 20)},
    {"sampler": lambda: data.SubsetRandomSampler(range(15), Generator().manual_seed(4))},
]


def make_loader(options: dict[str, Any], dataset: Any) -> data.DataLoader:
    options = dict(options)
    if "generator" in options:
        options["generator"] = Generator().manual_seed(options["generator"])
    if "sampler" in options:
        options["sampler"] = options["sampler"]()
    return data.DataLoader(dataset, batch_size=3, **options)


def journey(loader: Any, dataset_seed: int | None = None) -> Iterator[Any]:
    """Batches through three epochs; between them, and after each batch, others draw numbers too."""
    for _ in range(3):
        for batch in loader:
            yield [plain(batch), rand(1).item()]


@pytest.mark.parametrize("options", PLACES, ids=str)
@pytest.mark.parametrize("stop", [0, 1, 4, 7, 9])
def test_a_pause_changes_nothing(options: dict[str, Any], stop: int) -> None:
    """In the middle of an epoch, at its end, in the next one."""
    manual_seed(3)
    straight = list(journey(make_loader(options, Numbers(20))))
    manual_seed(3)
    first = make_loader(options, Numbers(20))
    steps = journey(first)
    before = [next(steps) for _ in range(stop)]
    saved = first.state_dict(), default_generator.get_state()
    manual_seed(99)
    second = make_loader(options, Numbers(20))
    second.load_state_dict(saved[0])
    assert second.state_dict()["delivered"] == saved[0]["delivered"]
    default_generator.set_state(saved[1])
    after = list(journey(second))
    rest = straight[stop:]
    assert before == straight[:stop]
    assert after[: len(rest)] == rest


def test_random_examples_come_back_too() -> None:
    """With workers, which count their own random numbers, and without."""
    for workers in (0, 2):
        manual_seed(3)
        first = data.DataLoader(Noisy(12), batch_size=2, shuffle=True, num_workers=workers)
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        batches = iter(first)
        for _ in range(3):
            next(batches)
        saved = first.state_dict()
        numpys = np.random.get_state()  # noqa: NPY002
        states = default_generator.get_state(), random.getstate(), numpys
        rest = [plain(batch) for batch in batches]
        manual_seed(99)
        second = data.DataLoader(Noisy(12), batch_size=2, shuffle=True, num_workers=workers)
        second.load_state_dict(saved)
        default_generator.set_state(states[0])
        random.setstate(states[1])
        np.random.set_state(states[2])  # noqa: NPY002
        assert [plain(batch) for batch in second] == rest
        assert len(rest) == 3


def test_a_stream_comes_back() -> None:
    for workers in (0, 2):
        first = data.DataLoader(Stream(20), batch_size=3, num_workers=workers)
        batches = iter(first)
        next(batches)
        next(batches)
        second = data.DataLoader(Stream(20), batch_size=3, num_workers=workers)
        second.load_state_dict(first.state_dict())
        assert listed(second) == listed(batches)


def test_a_state_of_another_loader_is_refused() -> None:
    plain_loader = data.DataLoader(Numbers(3))
    with pytest.raises(ValueError, match="generators"):
        data.DataLoader(Numbers(3), generator=Generator()).load_state_dict(
            plain_loader.state_dict()
        )


# ------------------------------------------------------------------------------------------ workers


@pytest.mark.parametrize("options", LOADERS, ids=str)
def test_workers_keep_the_order(options: dict[str, Any]) -> None:
    manual_seed(5)
    alone = data.DataLoader(Numbers(10), **options)
    expected = [listed(alone) for _ in range(2)]
    manual_seed(5)
    shared = data.DataLoader(Numbers(10), num_workers=2, **options)
    assert [listed(shared) for _ in range(2)] == expected


def test_workers_share_a_stream_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch")

    class Theirs(torch.utils.data.IterableDataset):  # type: ignore[misc, name-defined]
        def __iter__(self) -> Iterator[int]:
            worker = torch.utils.data.get_worker_info()
            return iter(range(worker.id, 11, worker.num_workers))

    options = {"batch_size": 2, "num_workers": 2}
    theirs = torch.utils.data.DataLoader(Theirs(), **options)
    assert listed(data.DataLoader(Stream(11), **options)) == listed(theirs)


def test_workers_are_seeded() -> None:
    """Each its own way, and the same way each time."""
    found = []
    for _ in range(2):
        manual_seed(7)
        loader = data.DataLoader(Noisy(8), batch_size=2, num_workers=2)
        found.append([plain(batch) for batch in loader])
    assert found[0] == found[1]
    first, second = found[0][:2]
    assert first[1][1] != second[1][1]


def note_start(number: int) -> None:
    info = data.get_worker_info()
    assert info is not None
    assert (info.id, info.num_workers) == (number, 2)
    info.dataset.length = 100 + number


def test_worker_info_and_worker_init_fn() -> None:
    loader = data.DataLoader(
        Lengths(4), batch_size=2, num_workers=2, worker_init_fn=note_start, prefetch_factor=1
    )
    assert listed(loader) == [[100, 100], [101, 101]]
    assert data.get_worker_info() is None


class Lengths(Numbers):
    def __getitem__(self, index: int) -> int:
        return self.length


def test_persistent_workers_stay() -> None:
    loader = data.DataLoader(
        Pids(8), batch_size=2, num_workers=2, persistent_workers=True, timeout=60
    )
    first = listed(loader)
    for _ in loader:  # an epoch that is left early
        break
    assert listed(loader) == first
    assert len({tuple(pids) for pids in first}) == 2


class Pids(Numbers):
    def __getitem__(self, index: int) -> int:
        return os.getpid()


@pytest.mark.parametrize("persistent", [False, True])
def test_errors_of_workers_arrive(persistent: bool) -> None:
    options = {"batch_size": 2, "num_workers": 2, "persistent_workers": persistent}
    loader = data.DataLoader(Broken(10), **options)
    batches = iter(loader)
    assert listed([next(batches), next(batches)]) == [[0, 1], [2, 3]]
    with pytest.raises(KeyError, match="no example 5") as caught:
        next(batches)
    assert "worker 0" in caught.value.__notes__[0]
    assert "__getitem__" in caught.value.__notes__[0]


def test_the_death_of_a_worker_is_told() -> None:
    loader = data.DataLoader(Deadly(10), batch_size=2, num_workers=2)
    with pytest.raises(RuntimeError, match=r"worker 0 .* exit code 7.*num_workers=0"):
        list(loader)


def unpicklable(examples: list[Any]) -> Any:
    return lambda: examples


def test_a_batch_that_cannot_travel() -> None:
    loader = data.DataLoader(Numbers(4), num_workers=1, collate_fn=unpicklable)
    with pytest.raises((AttributeError, RuntimeError, TypeError), match=r"pickle|local object"):
        list(loader)


def test_timeout() -> None:
    loader = data.DataLoader(Slow(4), num_workers=1, timeout=0.2)
    with pytest.raises(RuntimeError, match="timed out"):
        list(loader)


class Slow(Numbers):
    def __getitem__(self, index: int) -> int:
        sleep(1)
        return index


class Large(Numbers):
    """Examples that fill a pipe."""

    def __getitem__(self, index: int) -> Any:
        return np.zeros(1_000_000)


@pytest.mark.parametrize("persistent", [False, True])
def test_leaving_early_is_quick(persistent: bool) -> None:
    loader = data.DataLoader(Large(50), num_workers=2, persistent_workers=persistent)
    begin = perf_counter()
    for batch in loader:
        assert batch.shape == (1, 1_000_000)
        break
    del loader
    assert perf_counter() - begin < 4


@pytest.mark.slow
def test_spawned_workers() -> None:
    loader = data.DataLoader(
        Numbers(6), batch_size=2, num_workers=2, multiprocessing_context="spawn"
    )
    assert listed(loader) == [[0, 1], [2, 3], [4, 5]]
