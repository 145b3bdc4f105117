"""Functions of tadori.nn.functional that no row of the table shows, and the initialisers."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import tadori
import tadori.nn.functional as F
from tadori import nn
from tadori.nn import init


def tensor(values, dtype="float64"):
    return tadori.Tensor(np.asarray(values, dtype))


def randn(*shape):
    return np.random.default_rng(0).normal(size=shape)


# ----------------------------------------------------------------------------------------- dropout


def test_dropout_keeps_the_mean():
    tadori.manual_seed(0)
    y = F.dropout(tadori.ones(200, 100), p=0.3).numpy()
    assert np.unique(y).tolist() == [0, np.float32(1 / 0.7)]
    assert y.mean() == pytest.approx(1, abs=0.02)
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.02)


def test_dropout_sends_gradients_through_what_it_kept():
    x = tadori.ones(50).requires_grad_()
    y = F.dropout(x, 0.5)
    y.sum().backward()
    assert np.array_equal(x.grad.numpy(), y.numpy(force=True))


def test_dropout_at_its_ends():
    x = tadori.ones(3).requires_grad_()
    assert F.dropout(x, 0.5, training=False) is x
    assert F.dropout(x, 0.0) is x
    y = F.dropout(x, 1.0)
    assert y.tolist() == [0, 0, 0]
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="between 0 and 1"):
        F.dropout(x, -0.1)


def test_dropout_of_channels():
    tadori.manual_seed(0)
    y = F.dropout2d(tadori.ones(4, 50, 3, 3)).numpy()
    planes = y.reshape(200, 9)
    assert (planes == planes[:, :1]).all()
    assert 0.3 < (planes[:, 0] == 0).mean() < 0.7
    assert F.dropout1d(tadori.ones(5, 3)).shape == (5, 3)
    with pytest.raises(RuntimeError, match="3 or 4 dimensions"):
        F.dropout2d(tadori.ones(3, 3))


def test_dropout_in_place():
    x = tadori.ones(100)
    y = F.dropout(x, 0.5, inplace=True)
    assert y is x
    assert set(np.unique(x.numpy())) == {0, 2}


def test_dropout_draws_as_pytorch():
    torch = pytest.importorskip("torch")
    for shape in ((5,), (40, 30)):
        tadori.manual_seed(3)
        torch.manual_seed(3)
        ours, theirs = (
            F.dropout(tadori.ones(*shape), 0.3),
            torch.nn.functional.dropout(torch.ones(*shape), 0.3),
        )
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


# --------------------------------------------------------------------------------------- attention


@pytest.mark.parametrize(
    ("options", "mask"),
    [
        ({}, None),
        ({"is_causal": True}, None),
        ({"scale": 0.3}, None),
        ({}, np.tri(3, 5, 1, dtype=bool)),
        ({}, randn(3, 5)),
        ({}, randn(2, 1, 3, 5)),
    ],
)
def test_attention_as_pytorch(options, mask):
    torch = pytest.importorskip("torch")
    arrays = [randn(2, 4, n, 6) + i for i, n in enumerate((3, 5, 5))]
    xs = [tadori.Tensor(a).requires_grad_() for a in arrays]
    ts = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = F.scaled_dot_product_attention(
        *xs, attn_mask=None if mask is None else tadori.Tensor(mask), **options
    )
    z = torch.nn.functional.scaled_dot_product_attention(
        *ts, attn_mask=None if mask is None else torch.tensor(mask), **options
    )
    np.testing.assert_allclose(y.numpy(force=True), z.detach().numpy(), rtol=1e-9, atol=1e-12)
    (y**2).sum().backward()
    (z**2).sum().backward()
    for x, t in zip(xs, ts, strict=True):
        np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), rtol=1e-8, atol=1e-11)


def test_attention_with_groups_of_queries():
    q, k, v = tensor(randn(2, 4, 3, 6)), tensor(randn(2, 2, 5, 6)), tensor(randn(2, 2, 5, 6))
    y = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
    wide = [tensor(np.repeat(t.numpy(), 2, axis=1)) for t in (k, v)]
    np.testing.assert_allclose(y.numpy(), F.scaled_dot_product_attention(q, *wide).numpy())
    with pytest.raises(RuntimeError, match="is_causal"):
        F.scaled_dot_product_attention(q, q, q, attn_mask=q, is_causal=True)


def test_attention_drops_weights():
    x = tadori.ones(1, 4, 2)
    assert F.scaled_dot_product_attention(x, x, x, dropout_p=1.0).tolist() == [[[0, 0]] * 4]


# --------------------------------------------------------------------------------------- the others


def test_one_hot():
    assert F.one_hot(tadori.tensor([[0, 2]])).tolist() == [[[1, 0, 0], [0, 0, 1]]]
    assert F.one_hot(tadori.tensor(1), 4).tolist() == [0, 1, 0, 0]
    for bad, classes in ((tadori.tensor([-1]), -1), (tadori.tensor([3]), 3), (tadori.ones(1), -1)):
        with pytest.raises(RuntimeError):
            F.one_hot(bad, classes)


def test_softmax_without_an_axis_takes_the_classes():
    for shape, axis in (((3,), 0), ((2, 3), 1), ((2, 3, 4), 0), ((2, 3, 4, 5), 1)):
        y = F.softmax(tensor(randn(*shape)))
        np.testing.assert_allclose(y.numpy().sum(axis), 1)
    assert str(F.log_softmax(tadori.ones(2), 0, dtype=tadori.float64).dtype) == "float64"


def test_gumbel_softmax():
    tadori.manual_seed(0)
    logits = tadori.tensor([[0.0, 2.0]]).requires_grad_()
    hard = F.gumbel_softmax(logits.expand(2000, 2), hard=True)
    assert set(np.unique(hard.numpy(force=True).round(6))) == {0, 1}
    assert hard.numpy(force=True)[:, 1].mean() == pytest.approx(
        np.exp(2) / (1 + np.exp(2)), abs=0.03
    )
    hard[:, 1].sum().backward()
    assert logits.grad.numpy()[0, 1] > 0


def test_rrelu():
    x = tadori.tensor([-1.0, 2.0])
    assert F.rrelu(x, 0.2, 0.4).tolist() == pytest.approx([-0.3, 2])
    drawn = F.rrelu(x, 0.2, 0.4, training=True).tolist()
    assert -0.4 <= drawn[0] <= -0.2


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda x: F.pad(x, (1, 2, 3)), RuntimeError),
        (lambda x: F.pad(x, (9, 9), mode="reflect"), RuntimeError),
        (lambda x: F.pad(x, (1, 1), mode="mirror"), NotImplementedError),
        (lambda x: F.pixel_shuffle(x, 3), RuntimeError),
        (lambda x: F.pixel_unshuffle(x, 3), RuntimeError),
        (lambda x: F.interpolate(x), ValueError),
        (lambda x: F.interpolate(x, 2, mode="cubic"), NotImplementedError),
        (lambda x: F.conv2d(x, x, padding="full"), ValueError),
        (lambda x: F.conv_transpose2d(x, x, output_padding=1), RuntimeError),
        (lambda x: F.batch_norm(x, None, None), RuntimeError),
        (lambda x: F.instance_norm(x[..., :1, :1]), ValueError),
        (lambda x: F.group_norm(x, 3), RuntimeError),
        (lambda x: F.glu(x[..., :3]), RuntimeError),
        (lambda x: F.softshrink(x, -1), RuntimeError),
    ],
)
def test_wrong_use_is_told(call, error):
    with pytest.raises(error):
        call(tadori.ones(1, 4, 4, 4))


def test_normalize_of_a_zero_vector():
    x = tensor([[0.0, 0.0], [3.0, 4.0]]).requires_grad_()
    y = F.normalize(x)
    assert y.tolist() == [[0, 0], [0.6, 0.8]]
    y.sum().backward()
    assert np.isfinite(x.grad.numpy()).all()


# ------------------------------------------------------------------------------------ initialisers


def test_initialisers_as_pytorch():
    torch = pytest.importorskip("torch")
    calls = [
        ("uniform_", (-2.0, 3.0)),
        ("normal_", (1.0, 2.0)),
        ("trunc_normal_", (0.5, 2.0, -1.0, 1.5)),
        ("trunc_normal_", (0.0, 1.0, 2.0, 3.0)),
        ("constant_", (3.0,)),
        ("ones_", ()),
        ("zeros_", ()),
        ("eye_", ()),
        ("xavier_uniform_", (2.0,)),
        ("xavier_normal_", ()),
        ("kaiming_uniform_", (5**0.5,)),
        ("kaiming_normal_", (0, "fan_out", "relu")),
        ("orthogonal_", (1.5,)),
    ]
    for name, arguments in calls:
        for shape in ((20, 30), (30, 8)):
            tadori.manual_seed(1)
            torch.manual_seed(1)
            ours = getattr(init, name)(tadori.zeros(*shape), *arguments)
            theirs = getattr(torch.nn.init, name)(torch.zeros(*shape), *arguments)
            np.testing.assert_allclose(
                ours.numpy(), theirs.numpy(), rtol=1e-4, atol=2e-6, err_msg=name
            )


@pytest.mark.parametrize(
    "text",
    [
        "Linear(3, 4)",
        "Bilinear(2, 3, 4)",
        "Conv2d(4, 6, 3, groups=2)",
        "ConvTranspose2d(4, 6, 3)",
        "Embedding(5, 3, padding_idx=1)",
        "LSTM(3, 4, 2, bidirectional=True)",
        "GRUCell(3, 4)",
        "MultiheadAttention(4, 2)",
        "MultiheadAttention(4, 2, kdim=3)",
        "TransformerEncoderLayer(4, 2)",
    ],
)
def test_a_seed_gives_the_weights_of_pytorch(text):
    torch = pytest.importorskip("torch")
    tadori.manual_seed(5)
    torch.manual_seed(5)
    ours, theirs = eval(f"nn.{text}", {"nn": nn}), eval(f"nn.{text}", {"nn": torch.nn})
    for (name, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(
            p.numpy(force=True), q.detach().numpy(), rtol=1e-6, atol=1e-7, err_msg=name
        )


def test_initialisers_record_nothing():
    p = nn.Parameter(tadori.zeros(3, 3))
    for fill in (init.uniform_, init.xavier_normal_, init.eye_, init.orthogonal_):
        assert fill(p) is p
        assert p.is_leaf
    q = init.orthogonal_(p).numpy(force=True)
    np.testing.assert_allclose(q @ q.T, np.eye(3), atol=1e-6)


def test_initialisers_with_a_generator():
    drawn = []
    for _ in range(2):
        generator = tadori.Generator().manual_seed(4)
        drawn.append(init.kaiming_normal_(tadori.zeros(3, 3), generator=generator).tolist())
    assert drawn[0] == drawn[1]


def test_gains():
    torch = pytest.importorskip("torch")
    for name in ("linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))
    assert init.calculate_gain("leaky_relu", 0.5) == pytest.approx((2 / 1.25) ** 0.5)
    with pytest.raises(ValueError, match="Unsupported"):
        init.calculate_gain("cube")


def test_other_initialisers():
    x = tensor(randn(2, 4, 5, 5))
    y = F.conv2d(x, init.dirac_(tadori.zeros(4, 4, 3, 3)).double(), padding=1)
    np.testing.assert_allclose(y.numpy(), x.numpy())
    few = init.sparse_(tadori.zeros(10, 6), 0.3).numpy()
    assert ((few == 0).sum(0) == 3).all()
    for fill in (init.xavier_uniform_, init.kaiming_normal_, init.orthogonal_, init.eye_):
        with pytest.raises(ValueError, match="dimensions"):
            fill(tadori.zeros(3))
    with pytest.raises(ValueError, match="Mode"):
        init.kaiming_uniform_(tadori.zeros(2, 2), mode="fan")


# ------------------------------------------------------------------------------------ bad input


def test_embedding_names_the_rows_it_lacks():
    table = tensor(randn(5, 2))
    with pytest.raises(IndexError, match="has 5 rows, and indices go from -1 to 2"):
        F.embedding(tensor([-1, 2], "int64"), table)
    with pytest.raises(IndexError, match="has 5 rows, and indices go from 0 to 5"):
        F.embedding(tensor([0, 5], "int64"), table)
    with pytest.raises(RuntimeError, match="must be 2-D"):
        F.embedding(tensor([0], "int64"), tensor(randn(5)))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("made_for", "given"), [(3, 1), (1, 3), (3, 4)])
def test_a_norm_refuses_another_number_of_channels(training, made_for, given):
    """With one channel on either side, broadcasting would give a number, and a wrong one."""
    for layer, shape in (
        (nn.BatchNorm1d(made_for), (5, given)),
        (nn.BatchNorm2d(made_for), (5, given, 2, 2)),
        (nn.InstanceNorm2d(made_for, affine=True), (5, given, 2, 2)),
        (nn.GroupNorm(1, made_for), (5, given, 2)),
    ):
        with pytest.raises(RuntimeError, match=f"has {given} channels, but .*has shape"):
            layer.train(training)(tadori.ones(*shape))


# ----------------------------------------------------------------------------------------- names


def test_every_name_is_pytorch_s():
    torch = pytest.importorskip("torch")
    for ours, theirs in ((nn, torch.nn), (F, torch.nn.functional), (init, torch.nn.init)):
        assert [name for name in ours.__all__ if not hasattr(theirs, name)] == []
    theirs = importlib.import_module("torch.nn.utils")
    assert [name for name in nn.utils.__all__ if not hasattr(theirs, name)] == []
