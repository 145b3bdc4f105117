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


# ------------------------------------------------------------- every formula, beside differences

ONE = {
    "add a number": lambda z: z + 1j,
    "multiply by a number": lambda z: 2j * z - z / 1j,
    "power 3": lambda z: z**3,
    "power -1.5": lambda z: z**-1.5,
    "complex power": lambda z: z ** (0.5 + 1j),
    "power of a number": lambda z: 2**z + 2j**z,
    "square": lambda z: z.square(),
    "sqrt": lambda z: z.sqrt(),
    "rsqrt": lambda z: z.rsqrt(),
    "reciprocal": lambda z: z.reciprocal(),
    "exp": lambda z: z.exp() + z.exp2() + z.expm1(),
    "log": lambda z: z.log() + z.log2() + z.log10() + z.log1p(),
    "sin": lambda z: z.sin() + z.cos() + z.tan(),
    "asin": lambda z: z.asin() + z.acos() + z.atan(),
    "sinh": lambda z: z.sinh() + z.cosh() + z.tanh(),
    "asinh": lambda z: z.asinh() + z.acosh() + z.atanh(),
    "sigmoid": lambda z: z.sigmoid(),
    "sinc": lambda z: z.sinc(),
    "sum, mean": lambda z: z.sum(0) + z.mean(0),
    "prod": lambda z: z.prod(1),
    "cumsum, cumprod": lambda z: z.cumsum(0) * z.cumprod(1),
    "index": lambda z: z[[0, 0, 1], 1:],
    "shapes": lambda z: z.flip(0).roll(1, 1).T.reshape(-1)[::2],
    "tril": lambda z: z.tril() + z.triu(1),
    "cat": lambda z: tadori.cat([z, z * z], 1),
    "where": lambda z: tadori.where(z.real > 0, z, z * z),
    "masked_fill": lambda z: z.masked_fill(z.real > 0, 1j),
    "pad": lambda z: tadori.nn.functional.pad(z, (1, 2), value=1.0),
    "abs": lambda z: z.abs() ** 2 + z.abs(),
    "written": lambda z: (z * 1).mul_(z).add_(z.conj()),
    "fft": lambda z: tadori.fft.fft(z).abs(),
    "to float": lambda z: (z * z.conj()).real,
    "polar": lambda z: tadori.polar(z.abs(), z.angle() * 2),
    "einsum": lambda z: tadori.einsum("ij,kj->ik", z, z.conj()),
    "vdot": lambda z: tadori.vdot(z[0], z[1]) + tadori.linalg.vecdot(z[0], z[1]),
    "norm": lambda z: z.norm(1) + z.norm(3) + z.norm() + z.norm(tadori.inf),
    "var": lambda z: z.var() + z.std(0).sum(),
}
TWO = {
    "multiply": lambda z, w: z * w + z / w - w,
    "power": lambda z, w: z**w,
    "matmul": lambda z, w: z @ w.mT,
    "linear": lambda z, w: tadori.nn.functional.linear(z, w),
    "outer": lambda z, w: z[0].outer(w[0]),
    "conv1d": lambda z, w: tadori.nn.functional.conv1d(z[None], w[None]),
    "lerp": lambda z, w: z.lerp(w, 0.3),
    "addcmul": lambda z, w: z.addcmul(z, w, value=2j),
    "dist": lambda z, w: z.dist(w),
}


@pytest.mark.parametrize("name", ONE)
def test_first_and_second_derivatives(name):
    z = leaf(2, 3, seed=4)
    assert gradcheck(ONE[name], z)
    assert gradgradcheck(ONE[name], z)


@pytest.mark.parametrize("name", TWO)
def test_first_and_second_derivatives_of_two(name):
    pair = leaf(2, 3, seed=4), leaf(2, 3, seed=5)
    assert gradcheck(TWO[name], pair)
    assert gradgradcheck(TWO[name], pair)


@pytest.mark.parametrize("name", TWO)
def test_beside_a_real_tensor(name):
    z, x = leaf(2, 3, seed=4), real_leaf(2, 3, seed=5)
    if name not in ("conv1d", "linear", "matmul", "outer"):
        assert gradcheck(TWO[name], (z, x))
        assert gradgradcheck(TWO[name], (z, x))


ORDERED = {
    "max": lambda z: z.max(),
    "amin": lambda z: z.amin(0),
    "argmax": lambda z: z.argmax(),
    "sort": lambda z: z.sort(),
    "topk": lambda z: z.topk(1),
    "median": lambda z: z.median(),
    "maximum": lambda z: z.maximum(z),
    "fmin": lambda z: z.fmin(z),
    "clamp": lambda z: z.clamp(0.0, 1.0),
    "less": lambda z: z < z,
    "greater_equal": lambda z: z >= 1,
    "floor": lambda z: z.floor(),
    "relu": lambda z: z.relu(),
    "atan2": lambda z: z.atan2(z),
    "erf": lambda z: z.erf(),
    "remainder": lambda z: z % 2,
    "cummax": lambda z: z.cummax(0),
}


@pytest.mark.parametrize("name", ORDERED)
def test_complex_numbers_have_no_order(name):
    for z in (leaf(2, 3), leaf(2, 3).detach()):
        with pytest.raises((RuntimeError, NotImplementedError, TypeError)):
            ORDERED[name](z)
