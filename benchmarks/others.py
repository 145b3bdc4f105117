"""Some workloads as JAX and DeZero (the framework of the book) write them.

Their programs differ from PyTorch's, so each is written by hand; a workload that is not here
leaves a blank. The numbers of threads are those the libraries choose.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np


def jax_chain(size: int) -> Callable[[], Callable[[], Any]]:
    """`workloads.chain`, jitted with its gradients."""

    def workload() -> Callable[[], Any]:
        import jax
        import jax.numpy as jnp

        def fifty(x: Any, w: Any, b: Any) -> Any:
            y = x
            for _ in range(50):
                y = y * w + b
            return y.sum()

        both = jax.jit(jax.value_and_grad(fifty, (0, 1, 2)))
        x, w, b = (jnp.ones(size) for _ in range(3))
        return lambda: jax.block_until_ready(both(x, w, b))

    return workload


def jax_mlp() -> Callable[[], Any]:
    """`workloads.mlp`, its whole step jitted; Adam written out."""
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    sizes = (784, 1000, 1000, 10)
    params = []
    for i, o in pairwise(sizes):
        scale = i**-0.5
        shapes = ((i, o), (o,))
        params += [jnp.asarray(rng.uniform(-scale, scale, s), jnp.float32) for s in shapes]
    x = jnp.asarray(rng.normal(size=(100, 784)), jnp.float32)
    t = jnp.asarray(rng.integers(0, 10, 100))

    def loss_of(params: Any) -> Any:
        h = x
        for i in (0, 2, 4):
            h = h @ params[i] + params[i + 1]
            h = h if i == 4 else jax.nn.relu(h)
        return -jax.nn.log_softmax(h)[jnp.arange(100), t].mean()

    def update(params: Any, m: Any, v: Any, n: Any) -> Any:
        grads = jax.grad(loss_of)(params)
        m = [0.9 * a + 0.1 * g for a, g in zip(m, grads)]
        v = [0.999 * a + 0.001 * g * g for a, g in zip(v, grads)]
        rate, root = 1e-3 / (1 - 0.9**n), (1 - 0.999**n) ** 0.5
        pairs = zip(params, m, v)
        return [p - rate * a / (jnp.sqrt(b) / root + 1e-8) for p, a, b in pairs], m, v, n + 1

    jitted = jax.jit(update)
    zeros = [jnp.zeros_like(p) for p in params]
    state = [params, zeros, zeros, jnp.asarray(1.0)]

    def step() -> Any:
        state[:] = jax.block_until_ready(jitted(*state))

    return step


def import_dezero() -> Any:
    """DeZero, which uses names for Python's types that NumPy has since dropped."""
    for kind in (int, float, bool, object):
        if kind.__name__ not in np.__dict__:
            setattr(np, kind.__name__, kind)
    return import_module("dezero")


def dezero_chain(size: int) -> Callable[[], Callable[[], Any]]:
    """`workloads.chain`."""

    def workload() -> Callable[[], Any]:
        dezero = import_dezero()
        x, w, b = (dezero.Variable(np.ones(size, "float32")) for _ in range(3))

        def step() -> Any:
            y = x
            for _ in range(50):
                y = y * w + b
            loss = dezero.functions.sum(y)
            loss.backward()
            x.cleargrad()
            w.cleargrad()
            b.cleargrad()
            return loss

        return step

    return workload


def dezero_mlp(sizes: tuple[int, ...], batch: int, adam: bool) -> Callable[[], Callable[[], Any]]:
    """`workloads.mlp` and `workloads.spiral`."""

    def workload() -> Callable[[], Any]:
        dezero = import_dezero()
        F = dezero.functions
        MLP = import_module("dezero.models").MLP
        optimizers = import_module("dezero.optimizers")
        rng = np.random.default_rng(0)
        model = MLP(sizes[1:], activation=F.relu if adam else F.sigmoid)
        optimizer = (optimizers.Adam() if adam else optimizers.SGD(1.0)).setup(model)
        x = dezero.Variable(rng.normal(size=(batch, sizes[0])).astype("float32"))
        t = rng.integers(0, sizes[-1], batch)

        def step() -> Any:
            loss = F.softmax_cross_entropy(model(x), t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
            return loss

        return step

    return workload


CHAINS = {
    "chain of 101 operations, 1 element": 1,
    "chain, 100 elements": 100,
    "chain, 10,000 elements": 10_000,
}
MLP, SPIRAL = "MNIST-shaped MLP, batch 100", "spiral MLP 2-10-3, batch 30"

#: framework -> name of a workload -> what makes its step
OTHERS: dict[str, dict[str, Callable[[], Callable[[], Any]]]] = {
    "jax": {**{name: jax_chain(size) for name, size in CHAINS.items()}, MLP: jax_mlp},
    "dezero": {
        **{name: dezero_chain(size) for name, size in CHAINS.items()},
        MLP: dezero_mlp((784, 1000, 1000, 10), 100, adam=True),
        SPIRAL: dezero_mlp((2, 10, 3), 30, adam=False),
    },
}
