"""Random numbers: PyTorch's, bit for bit; seeds and states; and what is refused."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest

from tadori import random
from tadori.autograd import no_grad
from tadori.creation import arange, empty, ones, tensor, zeros
from tadori.kernels import box_muller
from tadori.tensor import Tensor


@pytest.fixture
def torch():
    """PyTorch, where its CPU kernels are the ones whose numbers we give."""
    torch = pytest.importorskip("torch")
    if torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
        pytest.skip("this PyTorch takes logarithms and sines from another library")
    return torch


@pytest.fixture
def intel_draws_otherwise(torch):
    """With MKL on an Intel processor, PyTorch takes Bernoulli and exponential numbers from MKL."""
    torch.manual_seed(0)
    torch.empty(4).bernoulli_(0.5)
    after = torch.randint(1 << 20, (1,)).item()
    torch.manual_seed(0)
    torch.randint(1 << 20, (8,))
    if torch.randint(1 << 20, (1,)).item() != after:
        pytest.skip("this PyTorch draws Bernoulli numbers with Intel's MKL")


def equal(ours, theirs):
    """The same bits."""
    a, b = np.ascontiguousarray(ours.numpy()), np.ascontiguousarray(theirs.numpy())
    assert a.dtype == b.dtype
    assert a.shape == b.shape
    assert a.tobytes() == b.tobytes()


def both_seeded(torch, seed=5):
    torch.manual_seed(seed)
    random.manual_seed(seed)


SIZES = [(), (1,), (5,), (15,), (16,), (17,), (31,), (100,), (4, 5), (70_001,), (0,)]
FLOATS = ["float16", "float32", "float64", "complex64", "complex128"]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ["rand", "randn"])
def test_rand_and_randn(torch, name, dtype):
    both_seeded(torch)
    for size in SIZES:
        if dtype == "float64" and size == (70_001,):
            size = (7001,)
        ours = getattr(random, name)(size, dtype=np.dtype(dtype))
        equal(ours, getattr(torch, name)(size, dtype=getattr(torch, dtype)))
    equal(random.get_rng_state(), torch.get_rng_state())


@pytest.mark.parametrize("dtype", FLOATS[:3])
def test_other_means_and_ranges(torch, dtype):
    both_seeded(torch)
    for size in (3, 16, 103, 9001):
        ours, theirs = empty(size, dtype=dtype), torch.empty(size, dtype=getattr(torch, dtype))
        equal(ours.uniform_(-0.37, 1.21), theirs.uniform_(-0.37, 1.21))
        equal(ours.uniform_(1, 1.001), theirs.uniform_(1, 1.001))
        equal(ours.normal_(0.3, 1.7), theirs.normal_(0.3, 1.7))
        equal(ours.normal_(-2.0), theirs.normal_(-2.0))
    equal(random.get_rng_state(), torch.get_rng_state())


def test_the_logarithm_sine_and_cosine_have_pytorchs_bits(torch):
    """A million draws meet the polynomials at all magnitudes; a wrong rounding would show."""
    both_seeded(torch, 11)
    equal(random.randn(1_000_000), torch.randn(1_000_000))


def test_a_fused_multiply_add_rounds_once():
    """Two roundings for one change no logarithm, sine or cosine: here for one value in 64."""
    places = np.arange(0, 1 << 24, 64) + np.random.default_rng(0).integers(0, 64, 1 << 18)
    u = 1 - (places * 2.0**-24).astype(np.float32)
    angle = (places * 2.0**-24).astype(np.float32) * np.float32(2 * np.pi)
    usual = [box_muller.log(u), *box_muller.sin_cos(angle)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(box_muller, "fma", exact_fma)
        exact = [box_muller.log(u), *box_muller.sin_cos(angle)]
    for a, b in zip(usual, exact):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(usual[0], np.log(u.astype(float)), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(usual[1], np.sin(angle.astype(float)), atol=1e-6)
    np.testing.assert_allclose(usual[2], np.cos(angle.astype(float)), atol=1e-6)


def exact_fma(a, b, c):
    """a * b + c rounded to odd in float64, so that the second rounding, to float32, is harmless."""
    b = b if isinstance(b, np.ndarray) else np.float32(b)
    c = c.astype(np.float64) if isinstance(c, np.ndarray) else np.float64(np.float32(c))
    product = np.multiply(a, b, dtype=np.float64)
    total = product + c
    back = total - product
    lost = (product - (total - back)) + (c - back)
    bits = total.view(np.int64)
    towards = np.where((lost > 0) == (total > 0), bits + 1, bits - 1)
    return np.where((lost != 0) & (bits & 1 == 0), towards, bits).view(np.float64).astype("f4")


RANGES = [(0, 10), (-5, 7), (0, (1 << 28) - 1), (0, 1 << 28), (3, 1 << 40), (-(1 << 63), 1 << 62)]


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_randint(torch, low, high):
    both_seeded(torch)
    equal(random.randint(low, high, (1000,)), torch.randint(low, high, (1000,)))
    equal(random.get_rng_state(), torch.get_rng_state())


def test_randint_in_other_forms(torch):
    both_seeded(torch)
    equal(random.randint(7, (3, 4)), torch.randint(7, (3, 4)))
    ours = random.randint(7, (9,), dtype=np.uint8)
    equal(ours, torch.randint(7, (9,), dtype=torch.uint8))
    ours = random.randint(0, 7, (9,), dtype=np.float32)
    equal(ours, torch.randint(0, 7, (9,), dtype=torch.float32))
    equal(random.randint_like(ones(3), 9), torch.randint_like(torch.ones(3), 9))
    equal(random.randint_like(ones(3), 2, 9), torch.randint_like(torch.ones(3), 2, 9))


@pytest.mark.parametrize("n", [0, 1, 2, 10, 1000])
def test_randperm(torch, n):
    both_seeded(torch)
    equal(random.randperm(n), torch.randperm(n))
    equal(random.get_rng_state(), torch.get_rng_state())


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int32", "int64", *FLOATS[:3]])
def test_random_(torch, dtype):
    both_seeded(torch)
    ours, theirs = empty(100, dtype=dtype), torch.empty(100, dtype=getattr(torch, dtype))
    equal(ours.random_(), theirs.random_())
    equal(ours.random_(2), theirs.random_(2))
    if dtype != "bool":
        equal(ours.random_(3, 100), theirs.random_(3, 100))
    equal(random.get_rng_state(), torch.get_rng_state())


def test_bernoulli_by_a_tensor(torch):
    both_seeded(torch)
    p = np.random.default_rng(0).random((4, 25))
    for dtype in ("float32", "float64"):
        chances = p.astype(dtype)
        equal(random.bernoulli(Tensor(chances)), torch.bernoulli(torch.tensor(chances)))
        ours, theirs = zeros(4, 25), torch.zeros(4, 25)
        chances = chances[0]
        equal(ours.bernoulli_(Tensor(chances)), theirs.bernoulli_(torch.tensor(chances)))
    equal(random.get_rng_state(), torch.get_rng_state())


def test_bernoulli_by_a_number(torch, intel_draws_otherwise):
    both_seeded(torch)
    for dtype in ("float32", "float64", "int64", "bool"):
        ours, theirs = empty(1000, dtype=dtype), torch.empty(1000, dtype=getattr(torch, dtype))
        equal(ours.bernoulli_(0.3), theirs.bernoulli_(0.3))
    equal(random.bernoulli(ones(50), 0.7), torch.bernoulli(torch.ones(50), 0.7))


def test_a_dropout_mask(torch, intel_draws_otherwise):
    both_seeded(torch)
    mask = empty(500).bernoulli_(1 - 0.4)
    theirs = torch.nn.functional.dropout(torch.ones(500), 0.4)
    np.testing.assert_array_equal(mask.numpy() / np.float32(0.6), theirs.numpy())


def test_exponential_and_multinomial(torch, intel_draws_otherwise):
    both_seeded(torch)
    for dtype in FLOATS[:3]:
        ours, theirs = empty(100, dtype=dtype), torch.empty(100, dtype=getattr(torch, dtype))
        equal(ours.exponential_(2.5), theirs.exponential_(2.5))
    weights = np.random.default_rng(0).random((6, 10)).astype(np.float32)
    for count, replacement in [(1, False), (4, False), (10, False), (1, True), (40, True)]:
        for w in (weights, weights[0]):
            ours = random.multinomial(Tensor(w), count, replacement)
            equal(ours, torch.multinomial(torch.tensor(w), count, replacement))
    equal(random.get_rng_state(), torch.get_rng_state())


def test_normal_of_each_elements_own(torch):
    both_seeded(torch)
    means, stds = np.arange(40, dtype=np.float32) / 7, np.arange(40, dtype=np.float32) / 11 + 0.1
    for mean, std in [(means, stds), (means, 1.7), (0.3, stds), (means[:5], stds[:5])]:
        ours = [Tensor(x) if isinstance(x, np.ndarray) else x for x in (mean, std)]
        theirs = [torch.tensor(x) if isinstance(x, np.ndarray) else x for x in (mean, std)]
        equal(random.normal(*ours), torch.normal(*theirs))
    equal(random.normal(0.3, 1.7, (4, 5)), torch.normal(0.3, 1.7, (4, 5)))


@pytest.mark.parametrize("fill", ["uniform_", "normal_", "random_"])
@pytest.mark.parametrize("size", [(2, 3, 2), (4, 5, 3)])
def test_strided_tensors_are_filled_in_the_order_of_memory(torch, fill, size):
    both_seeded(torch)
    layouts = [lambda x: x, lambda x: x.transpose(0, 2), lambda x: x[:, 1:], lambda x: x[..., 0]]
    for layout in layouts:
        theirs = layout(torch.zeros(size))
        ours = Tensor(np.lib.stride_tricks.as_strided(
            np.zeros(size, np.float32),
            theirs.shape,
            [4 * stride for stride in theirs.stride()],
        ))  # fmt: skip
        equal(getattr(ours, fill)(), getattr(theirs, fill)())


def test_a_long_mixed_program(torch):
    """The spare normal number, blocks, tails, single and double words: one stream through all."""
    both_seeded(torch, 123)
    for _ in range(3):
        equal(random.randn(3), torch.randn(3))
        equal(random.rand(7), torch.rand(7))
        equal(random.randn(4), torch.randn(4))
        equal(random.randperm(20), torch.randperm(20))
        equal(random.randn(33), torch.randn(33))
        equal(random.randint(0, 1 << 30, (5,)), torch.randint(0, 1 << 30, (5,)))
        equal(random.rand(3, dtype="float64"), torch.rand(3, dtype=torch.float64))
        equal(empty(300).uniform_(-1, 1), torch.empty(300).uniform_(-1, 1))
        equal(random.randn(1), torch.randn(1))
    equal(random.get_rng_state(), torch.get_rng_state())


# ------------------------------------------------------------------------------- seeds and states


@pytest.mark.parametrize("seed", [0, 1, 42, 2**31, 2**32 + 5, 2**64 - 1, -1, -(2**63)])
def test_seeds(torch, seed):
    both_seeded(torch, seed)
    assert random.initial_seed() == torch.initial_seed()
    equal(random.rand(4), torch.rand(4))


def test_states_can_be_exchanged_with_pytorch(torch):
    both_seeded(torch, 1)
    torch.manual_seed(99)
    torch.randn(3)  # leaves a spare one
    torch.rand(700)
    random.set_rng_state(Tensor(torch.get_rng_state().numpy()))
    equal(random.randn(5), torch.randn(5))
    torch.manual_seed(0)
    torch.set_rng_state(torch.from_numpy(random.get_rng_state().numpy()))
    equal(random.randn(50), torch.randn(50))


def test_states_come_back():
    random.manual_seed(3)
    random.randn(3)
    state = random.get_rng_state()
    first = [random.randn(3).tolist(), random.rand(1000).tolist(), random.randperm(5).tolist()]
    random.set_rng_state(state)
    assert first == [
        random.randn(3).tolist(),
        random.rand(1000).tolist(),
        random.randperm(5).tolist(),
    ]


def test_a_generator_has_its_own_numbers(torch):
    ours, theirs = random.Generator(), torch.Generator()
    assert ours.initial_seed() == theirs.initial_seed()
    equal(random.randn(3, generator=ours), torch.randn(3, generator=theirs))
    assert ours.manual_seed(8) is ours
    theirs.manual_seed(8)
    before = random.get_rng_state().tolist()
    equal(random.randperm(9, generator=ours), torch.randperm(9, generator=theirs))
    equal(random.randint(9, (4,), generator=ours), torch.randint(9, (4,), generator=theirs))
    equal(empty(20).normal_(generator=ours), torch.empty(20).normal_(generator=theirs))
    assert random.get_rng_state().tolist() == before
    copy = pickle.loads(pickle.dumps(ours))
    assert random.rand(5, generator=copy).tolist() == random.rand(5, generator=ours).tolist()
    assert "8" in repr(ours)


def test_seed_chooses_by_itself():
    generator = random.Generator()
    assert generator.seed() == generator.initial_seed()
    assert generator.seed() != generator.seed()
    try:
        assert random.seed() == random.initial_seed()
    finally:
        random.manual_seed(0)


def test_fork_rng():
    random.manual_seed(4)
    with random.fork_rng():
        first = random.rand(3).tolist()
    assert random.rand(3).tolist() == first
    with random.fork_rng(enabled=False):
        second = random.rand(3).tolist()
    assert random.rand(3).tolist() != second


def test_numpys_generator_is_left_alone():
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    random.manual_seed(1)
    random.randn(100)
    random.randperm(10)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_threads_share_the_stream_and_no_number_comes_twice():
    random.manual_seed(2)
    expected = sorted(random.randint(1 << 27, (8000,)).tolist())
    random.manual_seed(2)
    found: list[int] = []

    def draw():
        for _ in range(100):
            found.extend(random.randint(1 << 27, (20,)).tolist())

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == expected


# --------------------------------------------------------------------- results and refusals


def test_results_are_leaves_in_the_wished_form():
    x = random.rand(2, 3, requires_grad=True)
    assert x.is_leaf
    assert x.requires_grad
    assert x.dtype == np.float32
    assert random.randn_like(ones(2, dtype="float64")).dtype == np.float64
    assert random.rand_like(ones(2, dtype="int64"), dtype="float32").dtype == np.float32
    assert random.randperm(4, dtype="int32").dtype == np.int32


def test_filling_cuts_the_history():
    x = ones(4, requires_grad=True)
    y = x + x
    assert y.normal_() is y
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 0, 0]
    with no_grad():
        assert x.uniform_(2, 3) is x
    assert x.requires_grad
    assert x.is_leaf
    assert (x.array >= 2).all()


REFUSED = [
    (lambda: ones(2, requires_grad=True).uniform_(), RuntimeError, "leaf"),
    (lambda: empty(2).uniform_(1, 0), RuntimeError, "a=1"),
    (lambda: empty(2).normal_(0, -1), RuntimeError, "std"),
    (lambda: empty(2).exponential_(0), RuntimeError, "lambd"),
    (lambda: empty(2).bernoulli_(2), RuntimeError, "between 0 and 1"),
    (lambda: random.bernoulli(tensor([0.5, -1.0])), RuntimeError, "between 0 and 1"),
    (lambda: random.bernoulli(tensor([1])), NotImplementedError, "int64"),
    (lambda: empty(2, dtype="int64").normal_(), NotImplementedError, "int64"),
    (lambda: random.rand(2, dtype="int64"), NotImplementedError, "int64"),
    (lambda: random.rand_like(ones(2, dtype="bool")), NotImplementedError, "bool"),
    (lambda: empty(2).random_(3, 3), RuntimeError, "from < to"),
    (lambda: empty(2, dtype="uint8").random_(3, 3000), RuntimeError, "cannot hold"),
    (lambda: random.randint(3, 3, (2,)), RuntimeError, "low < high"),
    (lambda: random.randint(0, 300, (2,), dtype="uint8"), RuntimeError, "cannot hold"),
    (lambda: random.randint(3, 5), TypeError, "tuple"),
    (lambda: random.randperm(-1), RuntimeError, "negative"),
    (lambda: random.normal(0.0, 1.0), TypeError, "size"),
    (lambda: random.normal(0.0, -1.0, (2,)), RuntimeError, "std"),
    (lambda: random.normal(arange(2.0), tensor([1.0, -1.0])), RuntimeError, "std"),
    (lambda: random.multinomial(tensor([0.0, 0.0]), 1), RuntimeError, "zero"),
    (lambda: random.multinomial(tensor([1.0, -1.0]), 1), RuntimeError, "negative"),
    (lambda: random.multinomial(tensor([1.0, float("nan")]), 1), RuntimeError, "NaN"),
    (lambda: random.multinomial(ones(3), 4), RuntimeError, "replacement=True"),
    (lambda: random.multinomial(ones(3), 0), RuntimeError, "num_samples"),
    (lambda: random.multinomial(ones(3, dtype="int64"), 1), RuntimeError, "floating"),
    (lambda: random.multinomial(ones(1, 2, 3), 1), RuntimeError, "one axis or two"),
    (lambda: random.manual_seed(2**64), ValueError, "2\\^64"),
    (lambda: random.set_rng_state(zeros(3)), TypeError, "uint8"),
    (lambda: random.set_rng_state(zeros(5056, dtype="uint8")), RuntimeError, "not the state"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refusals(call, error, words):
    with pytest.raises(error, match=words):
        call()
