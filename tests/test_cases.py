"""Walks the table of operations: values, dtypes, first and second derivatives, layouts, empty and
0-d inputs."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori.autograd import grad

from .cases import CASES
from .cases.case import Case

rows = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def outputs(result):
    return [
        y
        for y in (result if isinstance(result, tuple | list) else (result,))
        if y.dtype.kind in "fc"
    ]


def weighted(case: Case, tensors, weights):
    """The outputs' inner product with fixed weights: a scalar whose gradient tests every output."""
    ys = outputs(case.function(*tensors))
    if not weights:
        rng = np.random.default_rng(1)
        weights.extend(rng.uniform(0.5, 1.5, y.shape) for y in ys)
    return sum((y * tadori.Tensor(w)).sum() for y, w in zip(ys, weights, strict=True))


def leaves(arrays):
    return [tadori.Tensor(a.copy()).requires_grad_() for a in arrays]


def slope(scalar, arrays, directions, h):
    """Central difference of `scalar(*arrays)` along `directions`."""
    ahead = scalar([a + h * d for a, d in zip(arrays, directions, strict=True)])
    behind = scalar([a - h * d for a, d in zip(arrays, directions, strict=True)])
    return (ahead - behind) / (2 * h)


def along(gradients, directions):
    return sum(
        (g * tadori.Tensor(d)).sum()
        for g, d in zip(gradients, directions, strict=True)
        if g is not None
    )


@rows
def test_value_and_dtype(case):
    for dtype in ("float64", "float32"):
        arrays = case.inputs(dtype)
        found = case.function(*map(tadori.Tensor, arrays))
        found = found if isinstance(found, tuple | list) else (found,)
        assert all(y.dtype == dtype for y in found if y.dtype.kind == "f"), (
            "the dtype of the inputs is kept"
        )
        if case.numpy is not None:
            expected = case.numpy(*arrays)
            expected = expected if isinstance(expected, tuple | list) else (expected,)
            for y, e in zip(found, expected, strict=True):
                assert y.shape == np.shape(e)
                np.testing.assert_allclose(
                    y.numpy(),
                    e,
                    rtol=1e-10 if dtype == "float64" else case.rtol,
                    atol=1e-6 if dtype == "float32" else 1e-12,
                )


@rows
def test_against_pytorch(case):
    torch = pytest.importorskip("torch")
    if case.torch is None:
        pytest.skip("PyTorch has no such operation")
    arrays = case.inputs()
    ours, theirs = leaves(arrays), [torch.tensor(a, requires_grad=True) for a in arrays]
    found, expected = case.function(*ours), case.torch(*theirs)
    found = found if isinstance(found, tuple | list) else (found,)
    expected = expected if isinstance(expected, tuple | list) else (expected,)
    for y, e in zip(found, expected, strict=True):
        assert tuple(y.shape) == tuple(e.shape)
        np.testing.assert_allclose(y.detach().numpy(), e.detach().numpy(), rtol=1e-10, atol=1e-12)
    if case.first:
        sum((y * (i + 1)).sum() for i, y in enumerate(outputs(found))).backward()
        sum(
            (e * (i + 1)).sum() for i, e in enumerate(x for x in expected if x.is_floating_point())
        ).backward()
        for t, p in zip(ours, theirs, strict=True):
            if p.grad is not None:
                np.testing.assert_allclose(t.grad.numpy(), p.grad.numpy(), rtol=1e-9, atol=1e-10)


@rows
def test_first_derivative(case):
    if not case.first:
        pytest.skip("piecewise constant")
    arrays, weights = case.inputs(), []
    rng = np.random.default_rng(2)
    directions = [rng.normal(size=a.shape) for a in arrays]
    tensors = leaves(arrays)
    loss = weighted(case, tensors, weights)
    gradients = grad(loss, tensors, allow_unused=True)
    exact = along(gradients, directions).item()
    numeric = slope(
        lambda xs: weighted(case, map(tadori.Tensor, xs), weights).item(), arrays, directions, 1e-6
    )
    np.testing.assert_allclose(exact, numeric, rtol=1e-5, atol=1e-7)


@rows
def test_second_derivative(case):
    if not (case.first and case.second):
        pytest.skip("no second derivative to check")
    arrays, weights = case.inputs(), []
    rng = np.random.default_rng(3)
    directions = [rng.normal(size=a.shape) for a in arrays]

    def first(tensors, create_graph):
        loss = weighted(case, tensors, weights)
        return along(grad(loss, tensors, allow_unused=True, create_graph=create_graph), directions)

    tensors = leaves(arrays)
    loss = first(tensors, create_graph=True)
    if loss.requires_grad:
        exact = along(grad(loss, tensors, allow_unused=True), directions).item()
    else:
        exact = 0.0  # a linear operation
    numeric = slope(lambda xs: first(leaves(xs), False).item(), arrays, directions, 1e-5)
    np.testing.assert_allclose(exact, numeric, rtol=1e-4, atol=1e-5)


@rows
def test_non_contiguous_inputs(case):
    arrays = case.inputs()
    strided = [np.stack([a, a + 1], axis=-1)[..., 0] for a in arrays]
    plain, odd = leaves(arrays), [tadori.Tensor(a).requires_grad_() for a in strided]
    for y, z in zip(outputs(case.function(*plain)), outputs(case.function(*odd)), strict=True):
        np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-12)
        if case.first and y.requires_grad:
            y.sum().backward(retain_graph=True)
            z.sum().backward(retain_graph=True)
    for p, q in zip(plain, odd, strict=True):
        if p.grad is not None:
            np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-12)
