"""Derivatives of complex tensors: PyTorch's numbers, and those of central differences."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori.autograd import Function, grad, gradcheck, gradgradcheck


def numbers(*shape, seed=0, dtype="complex128"):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    return values.astype(dtype)


def leaf(*shape, seed=0, dtype="complex128"):
    return tadori.Tensor(numbers(*shape, seed=seed, dtype=dtype)).requires_grad_()


def real_leaf(*shape, seed=0):
    return tadori.Tensor(numbers(*shape, seed=seed).real.copy()).requires_grad_()


# ------------------------------------------------------------- where gradients enter and leave


def test_a_gradient_is_the_direction_of_steepest_ascent():
    z = tadori.tensor(3 + 4j, requires_grad=True)
    z.abs().backward()
    np.testing.assert_allclose(z.grad.item(), 0.6 + 0.8j, rtol=1e-6)


def test_every_door_shows_the_same_gradient():
    z, seen = leaf(3), []
    w = z * (2 + 1j)
    w.retain_grad()
    w.register_hook(lambda g: seen.append(g.numpy()))
    upstream = tadori.Tensor(numbers(3, seed=1))
    w.exp().backward(upstream, retain_graph=True)
    kept = w.grad
    (again,) = grad(w.exp(), z, upstream, retain_graph=True)
    z.grad, first = None, z.grad
    w.exp().backward(upstream, inputs=[z])
    expected = upstream.numpy() * np.conj(np.exp(w.detach().numpy()))
    np.testing.assert_allclose(seen[0], expected, rtol=1e-12)
    np.testing.assert_allclose(kept.numpy(), expected, rtol=1e-12)
    for found in (first, again, z.grad):
        np.testing.assert_allclose(found.numpy(), expected * (2 - 1j), rtol=1e-12)


def test_what_a_hook_returns_goes_on():
    z = leaf(3)
    z.register_hook(lambda g: g * 1j)
    (z * 2).backward(tadori.ones(3, dtype="complex128"))
    np.testing.assert_allclose(z.grad.numpy(), np.full(3, 2j))


def test_a_function_of_ones_own_sees_gradients_as_users_do():
    class Square(Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z * z

        @staticmethod
        def backward(ctx, gy):
            (z,) = ctx.saved_tensors
            return gy * np.conjugate(2 * z)

    assert gradcheck(Square.apply, leaf(3))
    assert gradgradcheck(Square.apply, leaf(3))


def test_a_real_input_gets_a_real_gradient():
    x, z = real_leaf(3), leaf(3, seed=1)
    (x * z + x * 2j).abs().sum().backward()
    assert x.grad.dtype == np.float64
    assert gradcheck(lambda x, z: x * z, (x, z))


def test_complex_gradients_are_asked_for_with_care():
    z = leaf(1)
    with pytest.raises(RuntimeError, match="only for real scalar outputs"):
        (z * z).backward()
    with pytest.raises(RuntimeError, match="same dtype"):
        (z * z).backward(tadori.ones(1, dtype="float64"))


def test_gradients_accumulate_and_are_recorded():
    z = leaf(2)
    for times in (1, 2):
        z.abs().sum().backward(create_graph=True)
        direction = z.detach().numpy() / np.abs(z.detach().numpy())
        np.testing.assert_allclose(z.grad.detach().numpy(), times * direction, rtol=1e-12)
    assert z.grad.requires_grad
