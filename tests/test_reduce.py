"""Reductions, sorting and products where they are hard: ties, NaN, infinities, nothing at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tadori
from tadori import Tensor, kernels
from tadori.autograd import grad
from tadori.methods.linalg import einsum, tensordot
from tadori.methods.reduce import cdist, std_mean, var_mean

INF, NAN = float("inf"), float("nan")


def leaf(values, dtype="float32"):
    return Tensor(np.array(values, dtype=dtype)).requires_grad_()


def integers(values, dtype="int64"):
    return Tensor(np.array(values, dtype=dtype))


def gradient(function, values):
    """The gradient of the sum of a function's result, as nested lists."""
    x = leaf(values, "float64")
    function(x).sum().backward()
    return x.grad.tolist()


# -------------------------------------------------------------------------------- ties, zeros, NaN

TIES = [
    ("max", lambda x: x.max(), [1.0, 3.0, 3.0], [0, 0.5, 0.5]),
    ("max dim", lambda x: x.max(0).values, [1.0, 3.0, 3.0], [0, 1, 0]),
    ("amax", lambda x: x.amax(0), [1.0, 3.0, 3.0], [0, 0.5, 0.5]),
    ("amin", lambda x: x.amin(), [1.0, 1.0, 3.0], [0.5, 0.5, 0]),
    ("min dim", lambda x: x.min(0).values, [1.0, 1.0, 3.0], [1, 0, 0]),
    ("max of two", lambda x: x.max(Tensor(np.full(3, 2.0))), [1.0, 2.0, 3.0], [0, 0.5, 1]),
    ("median", lambda x: x.median(), [2.0, 1.0, 2.0, 3.0], [0.5, 0, 0.5, 0]),
    ("cummax", lambda x: x.cummax(0).values, [2.0, 2.0, 1.0], [1, 2, 0]),
    ("norm inf", lambda x: x.norm(INF), [3.0, -3.0, 1.0], [0.5, -0.5, 0]),
    ("max of infinities", lambda x: x.max(), [INF, -INF, INF], [0.5, 0, 0.5]),
    ("prod, one zero", lambda x: x.prod(), [2.0, 0.0, 3.0], [0, 6, 0]),
    ("prod, two zeros", lambda x: x.prod(), [0.0, 0.0, 3.0], [0, 0, 0]),
    ("cumprod, a zero", lambda x: x.cumprod(0), [2.0, 0.0, 3.0], [1, 8, 0]),
    ("norm of zeros", lambda x: x.norm(), [0.0, 0.0], [0, 0]),
    ("norm 3 of zeros", lambda x: x.norm(3), [0.0, 0.0], [0, 0]),
    ("norm 1 at a zero", lambda x: x.norm(1), [0.0, -2.0], [0, -1]),
    ("std of equals", lambda x: x.std(), [2.0, 2.0], [0, 0]),
    (
        "sort of equals",
        lambda x: x.sort().values * Tensor(np.arange(3.0)),
        [1.0, 1.0, 0.0],
        [1, 2, 0],
    ),
]


@pytest.mark.parametrize(
    "function, values, expected", [t[1:] for t in TIES], ids=[t[0] for t in TIES]
)
def test_who_gets_the_gradient(function, values, expected):
    assert gradient(function, values) == expected


def test_zeros_do_no_harm_to_any_derivative_of_prod():
    x = leaf([0.0, 2.0, 0.0, 5.0], "float64")
    first = grad(x.prod(), x, create_graph=True)[0]
    second = grad(first[0], x, create_graph=True)[0]
    third = grad(second[2], x)[0]
    assert first.tolist() == [0, 0, 0, 0]
    assert second.tolist() == [0, 0, 10, 0]
    assert third.tolist() == [0, 5, 0, 2]


NOT_NUMBERS = [
    (lambda x: x.max(1), [NAN, 3.0], [1, 0]),
    (lambda x: x.min(1), [NAN, 1.0], [1, 1]),
    (lambda x: x.sort(1, descending=True), [[NAN, 5, 4], [3, 2, 1]], [[1, 2, 0], [0, 2, 1]]),
    (lambda x: x.sort(1), [[4, 5, NAN], [1, 2, 3]], [[0, 2, 1], [1, 2, 0]]),
    (lambda x: x.topk(2), [[NAN, 5], [3, 2]], [[1, 2], [0, 2]]),
    (lambda x: x.median(1), [NAN, 2], [1, 2]),
    (lambda x: x.kthvalue(2), [5, 2], [2, 2]),
    (lambda x: x.cummax(1), [[4, NAN, NAN], [3, 3, 3]], [[0, 1, 1], [0, 0, 0]]),
    (lambda x: x.cummin(1), [[4, NAN, NAN], [3, 1, 1]], [[0, 1, 1], [0, 1, 1]]),
]


@pytest.mark.parametrize("function, values, indices", NOT_NUMBERS)
def test_nan_counts_as_largest_and_wins(function, values, indices):
    found = function(Tensor(np.array([[4.0, NAN, 5.0], [3.0, 1.0, 2.0]])))
    np.testing.assert_array_equal(found.values.numpy(), values)
    assert found.indices.tolist() == indices
    assert found.indices.dtype == np.int64


def test_nan_in_reductions():
    x = Tensor(np.array([1.0, NAN, 3.0]))
    assert x.nansum().item() == 4
    assert x.nanmean().item() == 2
    assert np.isnan([x.sum().item(), x.max().item(), x.min().item(), x.median().item()]).all()
    assert np.isnan(x.quantile(0.5).item())
    assert gradient(lambda x: x.nansum(), [1.0, NAN, 3.0]) == [1, 0, 1]
    assert gradient(lambda x: x.max(), [1.0, NAN, NAN]) == [0, 0.5, 0.5]


def test_equals_keep_their_order():
    x = integers([2, 1, 2, 1])
    assert x.argsort().tolist() == [1, 3, 0, 2]
    assert x.argsort(descending=True).tolist() == [0, 2, 1, 3]
    lowest = integers([-(2**63), 0, 2**63 - 1])
    assert lowest.sort(descending=True).indices.tolist() == [2, 1, 0]


def test_mode_and_unique():
    x = Tensor(np.array([[3.0, 1, 3, 1, 2], [5, 5, 4, 4, 4]]))
    values, indices = x.mode(1)
    assert (values.tolist(), indices.tolist()) == ([1, 4], [3, 4])
    values, inverse, counts = x.unique(return_inverse=True, return_counts=True)
    assert values.tolist() == [1, 2, 3, 4, 5]
    assert inverse.tolist() == [[2, 0, 2, 0, 1], [4, 4, 3, 3, 3]]
    assert counts.tolist() == [2, 1, 2, 3, 2]
    assert Tensor(np.array([NAN, NAN])).unique().shape == (2,)
    assert integers([[1, 2], [1, 2]]).unique(dim=0).tolist() == [[1, 2]]


def test_counting():
    assert integers([1, 3, 1]).bincount(minlength=6).tolist() == [0, 2, 0, 1, 0, 0]
    weights = Tensor(np.array([0.5, 1.0, 2.0], np.float32))
    weighed = integers([1, 3, 1]).bincount(weights)
    assert weighed.tolist() == [0, 2.5, 0, 1]
    assert weighed.dtype == np.float32
    assert Tensor(np.array([1.0, 2.0, 4.0])).histc(3).tolist() == [1, 1, 1]
    assert integers([[0, 2], [3, 0]]).count_nonzero(1).tolist() == [1, 1]


# ------------------------------------------------------------------------------------ number types


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64"])
def test_integers_are_summed_in_int64(dtype):
    x = integers([[1, 1], [0, 1]], dtype)
    for y in (x.sum(), x.sum(0), x.prod(), x.cumsum(0), x.cumprod(1), x.count_nonzero(), np.sum(x)):
        assert y.dtype == np.int64
    assert x.sum(dtype=tadori.dtype.float32).dtype == np.float32
    assert x.mean(dtype=tadori.dtype.float32).item() == 0.75
    assert x.max().dtype == dtype


def test_a_wider_sum_gives_a_gradient_in_the_dtype_of_its_input():
    x = leaf([1, 2])
    y = x.sum(dtype=np.float64)
    assert y.dtype == np.float64
    y.backward()
    assert x.grad.dtype == np.float32


def test_float16_is_summed_in_float32():
    ones = Tensor(np.ones((3000, 2), np.float16))
    assert ones.sum(0).tolist() == [3000, 3000]
    assert ones.mean().dtype == np.float16


@pytest.mark.parametrize("name", ["mean", "var", "std", "norm"])
def test_integers_have_no_mean(name):
    with pytest.raises(RuntimeError, match="int64"):
        getattr(integers([1, 2]), name)()


# ------------------------------------------------------------------------------ one number, or none


def test_a_tensor_without_axes_has_dim_0():
    x = leaf(5.0, "float64")
    for y in (
        x.sum(0),
        x.mean(-1),
        x.prod(0),
        x.amax(0),
        x.cumsum(0),
        x.cumprod(-1),
        x.norm(dim=0),
    ):
        assert y.shape == ()
        assert y.item() == 5
        assert grad(y, x)[0].item() == 1
    for y in (x.max(0), x.min(-1), x.sort(), x.topk(1), x.kthvalue(1), x.median(0), x.cummax(0)):
        assert (y.values.item(), y.indices.item(), y.values.shape) == (5, 0, ())
        assert grad(y.values, x)[0].item() == 1
    assert x.argmax(0).item() == 0
    with pytest.raises(IndexError):
        x.sum(1)


@pytest.mark.allow_fp_faults
def test_nothing():
    x = leaf(np.zeros((2, 0)), "float64")
    assert (x.sum().item(), x.prod().item()) == (0, 1)
    assert x.sum(1).tolist() == [0, 0]
    assert np.isnan(
        [x.mean().item(), x.var().item(), leaf([1.0]).std().item(), x.median().item()]
    ).all()
    assert x.sort().values.shape == x.cumsum(1).shape == x.cumprod(1).shape == (2, 0)
    assert x.all().item() and not x.any().item()
    assert (x.T @ x).shape == (0, 0)
    assert (x @ x.T).tolist() == [[0, 0], [0, 0]]
    assert x.norm().item() == 0
    (x.sum(1) + x.prod(1) + x.mean(1) + (x @ x.T).sum(1)).sum().backward()
    assert x.grad.shape == (2, 0)


@pytest.mark.parametrize(
    "call, error",
    [
        (lambda x: x.max(), RuntimeError),
        (lambda x: x.max(1), IndexError),
        (lambda x: x.amin(1), IndexError),
        (lambda x: x.argmax(), RuntimeError),
        (lambda x: x.argmin(1), IndexError),
        (lambda x: x.median(1), IndexError),
        (lambda x: x.sum(2), IndexError),
        (lambda x: x.sort(2), IndexError),
        (lambda x: x.topk(1), RuntimeError),
        (lambda x: x.kthvalue(1), RuntimeError),
        (lambda x: x.quantile(0.5), RuntimeError),
        (lambda x: x.sum().diff(), RuntimeError),
    ],
)
def test_nothing_to_choose_from(call, error):
    with pytest.raises(error):
        call(Tensor(np.zeros((2, 0))))


def test_quantile_wants_a_part():
    with pytest.raises(RuntimeError, match="range"):
        Tensor(np.ones(3)).quantile(1.5)


# --------------------------------------------------------------------------------- several results


def test_dropped_and_shared_results():
    x = leaf([[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]], "float64")
    values, indices = x.sort(1)
    assert not indices.requires_grad
    del values  # only the places are used: nothing leads back
    assert not x.topk(1).indices.requires_grad
    y = x.max(1).values
    (y * y + y.sum() + x.sort(1).values[:, 0]).sum().backward()  # several consumers
    assert x.grad.tolist() == [[8, 1, 0], [1, 14, 0]]


def test_returned_tuples_print_like_pytorchs():
    found = Tensor(np.array([[1.0, 2.0]], np.float32)).max(dim=1)
    assert repr(found) == "tadori.return_types.max(\nvalues=tensor([2.]),\nindices=tensor([1]))"
    assert found._fields == ("values", "indices")
    assert found[0] is found.values


def test_variance_and_mean_together():
    x = Tensor(np.array([[1.0, 3.0], [2.0, 6.0]]))
    assert [y.tolist() for y in var_mean(x, 1)] == [[2, 8], [2, 4]]
    assert std_mean(x, 1, correction=0)[0].tolist() == [1, 2]
    assert x.var(False).item() == x.var(unbiased=False).item() == x.var(correction=0).item() == 3.5


# ------------------------------------------------------------------------------ against the oracles

shapes = st.lists(st.integers(1, 4), min_size=0, max_size=4).map(tuple)


@st.composite
def array_and_axes(draw):
    shape = draw(shapes)
    some = st.lists(st.integers(0, len(shape) - 1), unique=True, min_size=1) if shape else st.none()
    axes = draw(
        st.none() | some.map(lambda a: a if a is None else tuple(i - len(shape) for i in a))
    )
    values = np.random.default_rng(draw(st.integers(0, 99))).normal(size=shape)
    return values, axes


@given(array_and_axes(), st.booleans())
def test_reductions_are_numpys(drawn, keepdims):
    x, axis = drawn
    options = {"axis": axis, "keepdims": keepdims}
    for function in (np.sum, np.mean, np.max, np.min, np.prod, np.var, np.std, np.any):
        found = function(Tensor(x), **options)
        expected = function(x, **options)
        assert found.shape == np.shape(expected)
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-14)
    for p in (0, 1, 2, 2.5, INF, -INF):
        found = Tensor(x).norm(p, axis, keepdims)
        expected = np.linalg.vector_norm(x, ord=p, **options)
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)


@given(array_and_axes(), st.booleans())
def test_gradients_are_pytorchs(drawn, keepdim):
    torch = pytest.importorskip("torch")
    x, dim = drawn
    ours, theirs = Tensor(x).requires_grad_(), torch.tensor(x, requires_grad=True)
    for name in ("sum", "mean", "amax", "amin", "norm"):
        options = {"dim": () if dim is None else dim, "keepdim": keepdim}
        found, expected = getattr(ours, name)(**options), getattr(theirs, name)(**options)
        expected.pow(2).sum().backward()
        (found**2).sum().backward()
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-12, atol=1e-14)


@st.composite
def matmul_shapes(draw):
    n, k, m = (draw(st.integers(0, 4)) for _ in range(3))
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    cut = draw(st.integers(0, len(batch)))
    thin = [1 if draw(st.booleans()) else size for size in batch]
    a, b = (*batch, n, k), (*thin[cut:], k, m)
    a, b = draw(
        st.sampled_from(
            [(a, b), ((k,), b), (a, (k,)), ((k,), (k,)), ((*thin[cut:], n, k), (*batch, k, m))]
        )
    )
    return a, b


@given(matmul_shapes())
def test_matmul_of_all_shapes(drawn):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=shape) for shape in drawn)
    ours = [Tensor(x).requires_grad_() for x in (a, b)]
    theirs = [torch.tensor(x, requires_grad=True) for x in (a, b)]
    found, expected = ours[0] @ ours[1], theirs[0] @ theirs[1]
    assert found.shape == tuple(expected.shape)
    np.testing.assert_allclose(
        found.detach().numpy(), expected.detach().numpy(), rtol=1e-11, atol=1e-13
    )
    (found**2).sum().backward()
    expected.pow(2).sum().backward()
    for t, p in zip(ours, theirs):
        np.testing.assert_allclose(t.grad.numpy(), p.grad.numpy(), rtol=1e-11, atol=1e-13)


@st.composite
def einsum_calls(draw):
    sizes = {letter: draw(st.integers(1, 3)) for letter in "abcd"}
    count = draw(st.integers(1, 3))
    terms = [draw(st.lists(st.sampled_from("abcd"), max_size=3)) for _ in range(count)]
    used = sorted({letter for term in terms for letter in term})
    result = draw(st.permutations(used)) if used else []
    result = result[: draw(st.integers(0, len(used)))]
    dots = draw(st.sampled_from([(), (2,), (3, 2)]))
    thin = [dots[draw(st.integers(0, len(dots))) :] for _ in terms]
    inputs = ",".join("..." * bool(dots) + "".join(term) for term in terms)
    equation = f"{inputs}->{'...' * bool(dots)}{''.join(result)}"
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    arrays = [
        rng.normal(size=(*lead, *(sizes[letter] for letter in term)))
        for lead, term in zip(thin, terms)
    ]
    return equation, arrays


@given(einsum_calls())
def test_einsum_is_numpys(drawn):
    equation, arrays = drawn
    tensors = [Tensor(a).requires_grad_() for a in arrays]
    found = einsum(equation, *tensors)
    expected = np.einsum(equation, *arrays)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-11, atol=1e-12)
    found.sum().backward()
    for t, a in zip(tensors, arrays):  # linear in each array: the gradient along a is the sum
        np.testing.assert_allclose(
            (t.grad.numpy() * a).sum(), expected.sum(), rtol=1e-9, atol=1e-10
        )


# --------------------------------------------------------------------------- errors of the products


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda x: x @ x, r"\(2x3 and 2x3\)"),
        (lambda x: x @ 2.0, "a number"),
        (lambda x: x.mm(x[0]), "mm"),
        (lambda x: x.bmm(x), "bmm"),
        (lambda x: x.dot(x), "dot"),
        (lambda x: kernels.linear(x, x[:, :2]), "same number of inputs"),
        (lambda x: tensordot(x, x, 1), "same sizes"),
        (lambda x: einsum("ij,jk", x, x), "'j' has size 3 and 2"),
        (lambda x: einsum("ijk", x), "2 axes"),
        (lambda x: einsum("ij->ii", x), "once"),
        (lambda x: einsum("ij,jk", x), "2 terms"),
        (lambda x: x.sum(0).trace(), "trace"),
    ],
)
def test_products_that_do_not_fit(call, words):
    with pytest.raises(RuntimeError, match=words):
        call(leaf(np.ones((2, 3))))


def test_weight_gradients_of_linear_are_arrays_of_their_own():
    x, weight, bias = leaf(np.ones((4, 5, 3))), leaf(np.ones((2, 3))), leaf(np.ones(2))
    kernels.linear(x, weight, bias).sum().backward()
    assert weight.grad.array.flags.c_contiguous
    assert weight.grad.array.flags.owndata
    assert weight.grad.tolist() == [[20] * 3] * 2
    assert bias.grad.tolist() == [20, 20]


def test_einsum_takes_two_at_a_time_in_the_cheaper_order():
    n = 60
    tall, wide = np.ones((n, 2)), np.ones((2, n))
    chain = einsum("ij,jk,kl,lm->im", *map(Tensor, (tall, wide, tall, wide)))
    assert chain.shape == (n, n)
    many = Tensor(np.ones((40, 40)))
    assert (
        einsum(",".join(["ab", "bc", "cd", "de", "ef"]) + "->af", *[many] * 5)[0, 0].item() == 40**4
    )


def test_addmm_without_its_first_ignores_even_nan():
    a = Tensor(np.ones((2, 2)))
    assert Tensor(np.array([NAN, NAN])).addmm(a, a, beta=0).tolist() == [[2, 2], [2, 2]]


def test_distance_to_itself_has_gradient_zero():
    x = leaf(np.ones((2, 3)), "float64")
    cdist(x, x.detach()).sum().backward()
    assert x.grad.tolist() == [[0] * 3] * 2


def test_a_diagonal_is_a_view():
    x = Tensor(np.zeros((2, 3)))
    x.diagonal()[...] = 7
    assert x.tolist() == [[7, 0, 0], [0, 7, 0]]
