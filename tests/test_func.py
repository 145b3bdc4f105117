"""tadori.func and autograd.functional: the same results, structures and flags as PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori import nn
from tadori.autograd import functional

X = [0.3, 0.7, -1.1]
W = [[0.1, 0.2, 0.3], [1.0, -2.0, 0.5]]


def vector(m):
    return m.tensor(X)


def matrix(m):
    return m.tensor(W)


def pair(m):
    return lambda x, w: ((w @ x).tanh(), (x * x).sum())


def number(m):
    return lambda x, w: ((w @ x).tanh() ** 2).sum()


def ones_like(m):
    return m.ones(3), m.ones(2, 3)


def outer_gradient(m):
    """The gradient of a Tensor that itself asks for one leads back to it."""
    x = vector(m).requires_grad_()
    slope = m.func.grad(lambda t: (t**3).sum())(x)
    slope.sum().backward()
    return slope.requires_grad, x.grad


def without_recording(m):
    x = vector(m).requires_grad_()
    with m.no_grad():
        slope = m.func.grad(lambda t: (t**3).sum())(x)
    return slope, slope.requires_grad


def ensemble(m):
    """Two models as one: stack_module_state, functional_call and vmap."""
    m.manual_seed(0)
    models = [m.nn.Sequential(m.nn.Linear(3, 2), m.nn.BatchNorm1d(2)) for _ in range(2)]
    for model in models:
        model.eval()
    parameters, buffers = m.func.stack_module_state(models)

    def call(p, b, x):
        return m.func.functional_call(models[0], (p, b), (x,))

    x = m.ones(4, 3)
    return m.func.vmap(call, in_dims=(0, 0, None))(parameters, buffers, x)


PROGRAMS = {
    "grad thrice": lambda m: m.func.grad(m.func.grad(m.func.grad(lambda t: t.sin())))(
        m.tensor(0.4)
    ),
    "grad by two": lambda m: m.func.grad(lambda w, x: ((w @ x) ** 2).sum(), argnums=(0, 1))(
        matrix(m), vector(m)
    ),
    "grad by the last": lambda m: m.func.grad(lambda w, x: ((w @ x) ** 2).sum(), argnums=-1)(
        matrix(m), vector(m)
    ),
    "grad and value of a dict": lambda m: m.func.grad_and_value(
        lambda p: ((p["w"] @ vector(m) + p["b"]).tanh() ** 2).sum()
    )({"w": matrix(m), "b": m.tensor([0.5, 0.1])}),
    "grad with aux": lambda m: m.func.grad(lambda x: ((x**2).sum(), x * 2), has_aux=True)(
        vector(m)
    ),
    "grad of what it does not use": lambda m: m.func.grad(lambda x, y: y.sum())(
        vector(m), matrix(m)
    ),
    "vjp": lambda m: m.func.vjp(lambda x: matrix(m) @ x, vector(m))[1](m.tensor([1.0, 2.0])),
    "jvp": lambda m: m.func.jvp(lambda x: (matrix(m) @ x).exp(), (vector(m),), (m.ones(3),)),
    "linearize": lambda m: m.func.linearize(lambda x: (matrix(m) @ x).exp(), vector(m))[1](
        m.ones(3)
    ),
    "jacrev": lambda m: m.func.jacrev(pair(m), argnums=(0, 1))(vector(m), matrix(m)),
    "jacfwd": lambda m: m.func.jacfwd(pair(m), argnums=(0, 1))(vector(m), matrix(m)),
    "hessian": lambda m: m.func.hessian(number(m))(vector(m), matrix(m)),
    "vmap of grad": lambda m: m.func.vmap(
        m.func.grad(lambda x, t: (x * t).sum() ** 2), in_dims=(0, None)
    )(matrix(m), vector(m)),
    "vmap over other axes": lambda m: m.func.vmap(
        lambda a, b: (a, {"product": (a * b).sum()}), in_dims=(1, 0), out_dims=(1, 0)
    )(matrix(m), matrix(m).T.contiguous()),
    "outer gradient": outer_gradient,
    "without recording": without_recording,
    "ensemble": ensemble,
    "functional vjp": lambda m: m.autograd.functional.vjp(
        pair(m), (vector(m), matrix(m)), (m.ones(2), m.tensor(2.0))
    ),
    "functional jvp": lambda m: m.autograd.functional.jvp(
        pair(m), (vector(m), matrix(m)), ones_like(m)
    ),
    "functional hvp": lambda m: m.autograd.functional.hvp(
        number(m), (vector(m), matrix(m)), ones_like(m)
    ),
    "functional vhp": lambda m: m.autograd.functional.vhp(
        number(m), (vector(m), matrix(m)), ones_like(m)
    ),
    "functional jacobian": lambda m: m.autograd.functional.jacobian(
        pair(m), (vector(m), matrix(m))
    ),
    "functional jacobian by columns": lambda m: m.autograd.functional.jacobian(
        pair(m), (vector(m), matrix(m)), vectorize=True, strategy="forward-mode"
    ),
    "functional jacobian of one": lambda m: m.autograd.functional.jacobian(
        lambda x: matrix(m) @ x.sin(), vector(m)
    ),
    "functional hessian": lambda m: m.autograd.functional.hessian(
        number(m), (vector(m), matrix(m))
    ),
    "functional hessian of one": lambda m: m.autograd.functional.hessian(
        lambda x: (x**3).sum(), vector(m)
    ),
    "functional with a graph": lambda m: [
        t.requires_grad
        for t in m.autograd.functional.hvp(
            lambda x: (x**3).sum(), vector(m).requires_grad_(), m.ones(3), create_graph=True
        )
    ],
}


def plain(tree):
    """The tree with arrays in it, and tuples as lists."""
    if isinstance(tree, dict):
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, tuple | list):
        return [plain(value) for value in tree]
    return tree if isinstance(tree, bool) else tree.detach().numpy()


def assert_same(mine, other, place="result"):
    assert type(mine) is type(other), place
    if isinstance(mine, dict | list):
        assert len(mine) == len(other), place
        for key in mine if isinstance(mine, dict) else range(len(mine)):
            assert_same(mine[key], other[key], f"{place}[{key}]")
    elif isinstance(mine, bool):
        assert mine == other, place
    else:
        assert mine.shape == other.shape, place
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6, err_msg=place)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")  # PyTorch's own
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", PROGRAMS)
def test_as_pytorch(name):
    torch = pytest.importorskip("torch")
    assert_same(plain(PROGRAMS[name](tadori)), plain(PROGRAMS[name](torch)))


def test_derivatives_of_sine_without_an_oracle():
    x = tadori.tensor(0.4)
    d = tadori.func.grad
    assert d(d(d(tadori.sin)))(x).item() == pytest.approx(-np.cos(0.4))
    assert not d(tadori.sin)(x).requires_grad
    hessian = tadori.func.hessian(lambda x: (x**3).sum())(tadori.tensor(X))
    np.testing.assert_allclose(hessian.numpy(), np.diag(6 * np.array(X)), rtol=1e-6)


def test_the_function_does_not_touch_grad():
    x = tadori.tensor(X, requires_grad=True)
    w = tadori.tensor(W, requires_grad=True)
    tadori.func.jacrev(lambda x: w @ x)(x)
    functional.jacobian(lambda x: w @ x, x)
    assert x.grad is None and w.grad is None


def test_vmap_and_random_numbers():
    x = tadori.zeros(3, 2)

    def noisy(row):
        return row + tadori.randn(2)

    with pytest.raises(RuntimeError, match="randomness='different'"):
        tadori.func.vmap(noisy)(x)
    different = tadori.func.vmap(noisy, randomness="different")(x).numpy()
    same = tadori.func.vmap(noisy, randomness="same")(x).numpy()
    assert len(np.unique(different)) == 6
    np.testing.assert_array_equal(same[0], same[1])


def test_functional_call_leaves_the_module_as_it_was():
    layer = nn.Linear(3, 2)
    before = dict(layer.named_parameters())
    w = tadori.ones(2, 3, requires_grad=True)
    y = tadori.func.functional_call(layer, {"weight": w}, tadori.ones(1, 3))
    y.sum().backward()
    assert w.grad is not None and layer.weight.grad is None
    assert all(dict(layer.named_parameters())[name] is p for name, p in before.items())
    with pytest.raises(RuntimeError, match="unexpected"):
        tadori.func.functional_call(layer, {"w": w}, tadori.ones(1, 3))
    with pytest.raises(RuntimeError, match=r"missing \['bias'\]"):
        tadori.func.functional_call(layer, {"weight": w}, tadori.ones(1, 3), strict=True)


def test_functional_call_replaces_tied_weights():
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    twice = tadori.eye(2) * 2
    y = tadori.func.functional_call(model, {"0.weight": twice}, tadori.ones(1, 2))
    np.testing.assert_array_equal(y.numpy(), [[4, 4]])


FAULTS = {
    "no scalar": (RuntimeError, "jacrev", lambda f: f.grad(lambda x: x)(tadori.ones(2))),
    "no tensor": (ValueError, "float", lambda f: f.grad(lambda x: x)(2.0)),
    "no such argument": (
        RuntimeError,
        "argnums=1",
        lambda f: f.grad(tadori.sin, 1)(tadori.ones(())),
    ),
    "lists": (TypeError, "tuples", lambda f: f.jvp(tadori.sin, [tadori.ones(2)], [tadori.ones(2)])),
    "shapes": (
        RuntimeError,
        r"\[\(3,\)\]",
        lambda f: f.jvp(tadori.sin, (tadori.ones(2),), (tadori.ones(3),)),
    ),
    "sizes": (
        ValueError,
        r"\[2, 3\]",
        lambda f: f.vmap(tadori.add)(tadori.ones(2), tadori.ones(3)),
    ),
    "axis": (ValueError, "axis 1", lambda f: f.vmap(tadori.sin, 1)(tadori.ones(2))),
    "number": (ValueError, "float", lambda f: f.vmap(lambda x: 1.0)(tadori.ones(2))),
    "strict": (
        RuntimeError,
        "strict=False",
        lambda f: functional.jacobian(
            lambda x, y: x, (tadori.ones(2), tadori.ones(2)), strict=True
        ),
    ),
    "v left out": (RuntimeError, "left out", lambda f: functional.vjp(tadori.sin, tadori.ones(2))),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_input_is_explained(fault):
    error, message, call = FAULTS[fault]
    with pytest.raises(error, match=message):
        call(tadori.func)
