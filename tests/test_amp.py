"""autocast against PyTorch's, bfloat16 through the kernels, and the engines' switches."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_allclose

import tadori
from tadori import backends, kernels
from tadori.dispatch import operations
from tadori.kernels import onednn_conv, onednn_products, reference

from .test_kernels import PLAIN, needs_onednn

pytest.importorskip("ml_dtypes")
bfloat16 = tadori.bfloat16


def randn(*shape, dtype=np.float32):
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(dtype)


# ------------------------------------------------------------------------------ like PyTorch's

RULES = {
    "linear": lambda t, F, x, w: F.linear(x, w),
    "matmul": lambda t, F, x, w: x @ w.T,
    "batched": lambda t, F, x, w: t.bmm(x[None], w.T[None]),
    "einsum": lambda t, F, x, w: t.einsum("ij,kj->ik", x, w),
    "conv1d": lambda t, F, x, w: F.conv1d(x[None], w[:, :, None].repeat(1, 1, 3)[:, :4]),
    "conv2d": lambda t, F, x, w: F.conv2d(x.reshape(1, 4, 3, 2), w.reshape(3, 4, 2, 1)),
    "relu of linear": lambda t, F, x, w: F.relu(F.linear(x, w)),
    "softmax of linear": lambda t, F, x, w: F.softmax(F.linear(x, w), -1),
    "gelu of linear": lambda t, F, x, w: F.gelu(F.linear(x, w)),
    "layer_norm of linear": lambda t, F, x, w: F.layer_norm(F.linear(x, w), (4,)),
    "cross_entropy": lambda t, F, x, w: F.cross_entropy(F.linear(x, w), t.tensor([0, 1, 2, 3])),
    "sum with float32": lambda t, F, x, w: F.linear(x, w) + x[:, :4],
    "elementwise": lambda t, F, x, w: x.exp() * 2,
    "prod": lambda t, F, x, w: F.linear(x, w).prod(),
    "softmax": lambda t, F, x, w: F.softmax(x, -1),
    "attention": lambda t, F, x, w: F.scaled_dot_product_attention(x[None], w[None], w[None]),
}


@pytest.mark.parametrize("name", RULES)
def test_dtypes_and_values_are_those_of_torch(name):
    torch = pytest.importorskip("torch")
    results = []
    for t in (tadori, torch):
        x = t.from_numpy(randn(4, 6)).requires_grad_()
        w = t.from_numpy(randn(4, 6)).requires_grad_()
        if name == "attention":
            w = t.from_numpy(randn(5, 6)).requires_grad_()
        with t.autocast("cpu", dtype=t.bfloat16):
            y = RULES[name](t, t.nn.functional, x, w)
        y.float().sum().backward()
        grads = [np.zeros(1) if p.grad is None else p.grad.numpy() for p in (x, w)]
        results.append((str(y.dtype).rpartition(".")[2], y.detach().float().numpy(), *grads))
        assert all(p.grad is None or p.grad.dtype == t.float32 for p in (x, w))
    (ours, y, *grads), (theirs, z, *expected) = results
    assert ours == theirs
    for a, b in zip((y, *grads), (z, *expected), strict=True):
        assert_allclose(a, b, atol=0.03 * max(1, abs(b).max()))


def test_a_model_learns_in_bfloat16():
    tadori.manual_seed(0)
    nn = tadori.nn
    layers = [nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(8 * 16, 2))
    optimizer = tadori.optim.SGD(model.parameters(), lr=0.2)
    x = tadori.from_numpy(randn(16, 1, 8, 8))
    t = (x.mean((1, 2, 3)) > 0).long()
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        with tadori.autocast("cpu", dtype=bfloat16):
            loss = nn.functional.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    assert loss.dtype == tadori.float32
    assert all(p.dtype == tadori.float32 == p.grad.dtype for p in model.parameters())
    assert losses[-1] < losses[0] / 3


def test_blocks_nest_and_end():
    before = dict(operations)
    x = tadori.from_numpy(randn(3, 3))
    with tadori.autocast("cpu"):
        assert tadori.is_autocast_enabled()
        with tadori.autocast("cpu", enabled=False):
            assert (x @ x).dtype == tadori.float32
            assert not tadori.is_autocast_enabled()
        with tadori.autocast("cpu", dtype=tadori.float16):
            assert tadori.get_autocast_dtype("cpu") == tadori.float16
        assert (x @ x).dtype == bfloat16
        assert (x.double() @ x.double()).dtype == tadori.float64
        with ThreadPoolExecutor(1) as pool:  # another thread is outside
            assert pool.submit(lambda: (x @ x).dtype).result() == tadori.float32
    assert operations == before
    assert (tadori.autocast("cpu")(lambda: x @ x))().dtype == bfloat16
    with pytest.raises(ZeroDivisionError), tadori.autocast("cpu"):
        raise ZeroDivisionError
    assert operations == before
    with pytest.raises(RuntimeError, match="unsupported autocast device_type 'tpu'"):
        tadori.autocast("tpu")
    with pytest.raises(RuntimeError, match="bfloat16 or float16, got float32"):
        tadori.autocast("cpu", dtype=tadori.float32)


def test_a_parameter_is_lowered_once():
    w = tadori.from_numpy(randn(4, 4)).requires_grad_()
    with tadori.autocast("cpu"):
        y = w @ w
        (a, b) = y.creator.next_functions
        assert a[0] is b[0]
    with tadori.autocast("cpu", cache_enabled=False):
        (a, b) = (w @ w).creator.next_functions
        assert a[0] is not b[0]


# ------------------------------------------------------------------------------ bfloat16


def test_sums_of_bfloat16_are_taken_in_float32():
    assert tadori.ones(1000, dtype=bfloat16).sum().item() == 1000
    assert tadori.ones(1000, dtype=bfloat16).mean().item() == 1
    x, w, b = (tadori.ones(*s, dtype=bfloat16) for s in ((1000, 1), (1, 1), (1,)))
    b.requires_grad_()
    tadori.nn.functional.linear(x, w, b).sum().backward()
    assert b.grad.item() == 1000
    (x + b).sum().backward()  # what a broadcast value gets
    assert b.grad.item() == 2000


@needs_onednn
def test_onednn_multiplies_and_convolves_bfloat16():
    rough = {"rtol": 0.02, "atol": 0.05}
    a, b = (randn(*shape).astype(bfloat16) for shape in ((5, 20), (20, 7)))
    y = onednn_products.matmul(a, b)
    assert y.dtype == bfloat16
    assert_allclose(y.astype(np.float32), a.astype(float) @ b.astype(float), **rough)
    x, weight, bias = (randn(*s).astype(bfloat16) for s in ((2, 4, 6, 6), (3, 4, 3, 3), (3,)))
    y = onednn_conv.conv(x, weight, bias, **PLAIN)
    wide = [array.astype(np.float32) for array in (x, weight, bias)]
    assert_allclose(y.astype(np.float32), reference.conv(*wide, **PLAIN), **rough)
    gx = onednn_conv.conv_transpose(y, weight, size=(6, 6), **PLAIN)
    expected = reference.conv_transpose(y.astype(np.float32), wide[1], size=(6, 6), **PLAIN)
    assert_allclose(gx.astype(np.float32), expected, rtol=0.02, atol=0.2)
    gw = onednn_conv.conv_weight(x, y, kernel_size=(3, 3), **PLAIN)
    expected = reference.conv_weight(wide[0], y.astype(np.float32), kernel_size=(3, 3), **PLAIN)
    assert_allclose(gw.astype(np.float32), expected, rtol=0.02, atol=0.5)
    assert {y.dtype, gx.dtype, gw.dtype} == {bfloat16}


def test_kernels_without_bfloat16_compute_in_float32():
    x = randn(2, 3, 4, 4).astype(bfloat16)
    window = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1)}
    y, tap = kernels.max_pool(x, **window)
    assert (y.dtype, tap.dtype) == (bfloat16, np.uint8)
    with kernels.use_onednn(False):
        y = kernels.matmul(x[0, 0], x[0, 1])
    expected = x[0, 0].astype(np.float32) @ x[0, 1].astype(np.float32)
    assert (y == expected.astype(bfloat16)).all()


# ------------------------------------------------------------------------------ switches


def test_switching_an_engine_off():
    for engine in backends.onednn, backends.numba:
        before = engine.enabled
        with engine.flags(enabled=False):
            assert not engine.enabled
            assert "off" in repr(engine)
        assert engine.enabled == before
    assert backends.mkldnn is backends.onednn
    x, w = randn(1, 1, 4, 4), randn(1, 1, 2, 2)
    with backends.onednn.flags(enabled=False):
        assert (kernels.conv(x, w, **PLAIN) == reference.conv(x, w, **PLAIN)).all()
    assert backends.onednn.is_available() == ("onednn" in kernels.engines())
    assert not backends.mps.is_available()
    backends.cudnn.benchmark = True


def test_show_config_lists_engines(capsys):
    with backends.numba.flags(enabled=False):
        tadori.show_config()
    text = capsys.readouterr().out
    for name in ("numpy", "onednn", "numba", "ml_dtypes", "threads"):
        assert name in text
    assert ", switched off" in next(line for line in text.splitlines() if "numba" in line)
