"""Layers beside PyTorch's: results, gradients, names in the state dict, and how they print."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import tadori
from tadori import nn
from tadori.autograd import grad

#: (how it is made, the shapes of its inputs)
LAYERS = [
    ("Linear(3, 4)", (2, 3)),
    ("Linear(3, 4, bias=False)", (2, 5, 3)),
    ("Linear(3, 4)", (3,)),
    ("Bilinear(2, 3, 4)", (5, 2), (5, 3)),
    ("Identity(54, unused=1)", (2, 3)),
    ("Flatten()", (2, 3, 4)),
    ("Flatten(0, 1)", (2, 3, 4)),
    ("Unflatten(1, (2, 3))", (4, 6)),
    ("Conv1d(2, 4, 3, padding=1)", (2, 2, 6)),
    ("Conv2d(2, 4, 3)", (2, 2, 6, 5)),
    ("Conv2d(2, 4, (3, 2), (2, 1), (1, 0), 2, 2, False)", (2, 2, 7, 5)),
    ("Conv2d(2, 4, 3, padding='same')", (2, 2, 6, 5)),
    ("Conv2d(2, 2, 3, padding=(2, 1), padding_mode='circular')", (1, 2, 4, 5)),
    ("Conv2d(2, 2, 3, padding='same', padding_mode='reflect')", (1, 2, 4, 5)),
    ("Conv1d(2, 2, 3, padding='valid', padding_mode='replicate')", (1, 2, 5)),
    ("Conv2d(2, 4, 3)", (2, 6, 5)),
    ("Conv3d(2, 2, 2)", (1, 2, 3, 3, 3)),
    ("ConvTranspose1d(2, 3, 3, stride=2)", (2, 2, 5)),
    ("ConvTranspose2d(2, 4, 3, 2, 1, 1, 2)", (2, 2, 3, 4)),
    ("ConvTranspose3d(2, 2, 2)", (1, 2, 2, 2, 2)),
    ("Unfold(2, stride=2)", (1, 2, 4, 4)),
    ("Fold((4, 4), 2, stride=2)", (1, 8, 4)),
    ("MaxPool1d(2)", (2, 3, 6)),
    ("MaxPool2d(3, 2, 1)", (2, 3, 6, 5)),
    ("MaxPool2d(2, ceil_mode=True)", (3, 5, 5)),
    ("MaxPool3d(2)", (1, 2, 4, 2, 2)),
    ("AvgPool1d(2)", (2, 3, 6)),
    ("AvgPool2d(3, 2, 1, count_include_pad=False)", (2, 3, 6, 5)),
    ("AvgPool3d(2)", (1, 2, 4, 2, 2)),
    ("AdaptiveAvgPool1d(3)", (2, 3, 7)),
    ("AdaptiveAvgPool2d((1, 1))", (2, 3, 4, 5)),
    ("AdaptiveAvgPool2d((2, None))", (3, 4, 5)),
    ("AdaptiveAvgPool3d(2)", (1, 2, 3, 4, 2)),
    ("AdaptiveMaxPool1d(3)", (2, 3, 7)),
    ("AdaptiveMaxPool2d((2, 2))", (2, 3, 4, 6)),
    ("AdaptiveMaxPool3d(2)", (1, 2, 3, 4, 2)),
    ("Upsample(scale_factor=2)", (1, 2, 3, 4)),
    ("Upsample(size=(5, 7), mode='bilinear')", (1, 2, 3, 4)),
    ("PixelShuffle(2)", (1, 8, 2, 3)),
    ("PixelUnshuffle(2)", (1, 2, 4, 6)),
    ("ZeroPad1d(2)", (1, 2, 3)),
    ("ZeroPad2d((1, 0, 2, 1))", (1, 2, 3, 3)),
    ("ConstantPad1d(1, 3.5)", (1, 2, 3)),
    ("ConstantPad2d(1, 3.5)", (1, 2, 3, 3)),
    ("ReflectionPad1d(2)", (1, 2, 3)),
    ("ReflectionPad2d(1)", (1, 2, 3, 3)),
    ("ReplicationPad1d(2)", (1, 2, 3)),
    ("ReplicationPad2d(2)", (1, 2, 3, 3)),
    ("BatchNorm1d(3)", (5, 3)),
    ("BatchNorm1d(3, momentum=None)", (5, 3, 4)),
    ("BatchNorm2d(3, eps=0.1, affine=False)", (2, 3, 4, 4)),
    ("BatchNorm2d(3, track_running_stats=False, bias=False)", (2, 3, 4, 4)),
    ("BatchNorm3d(2)", (2, 2, 2, 3, 2)),
    ("LayerNorm(4)", (2, 3, 4)),
    ("LayerNorm((3, 4), bias=False)", (2, 3, 4)),
    ("LayerNorm(4, elementwise_affine=False)", (2, 4)),
    ("RMSNorm(4)", (2, 3, 4)),
    ("RMSNorm((3, 4), eps=0.1, elementwise_affine=False)", (2, 3, 4)),
    ("GroupNorm(2, 4)", (3, 4, 5)),
    ("GroupNorm(2, 4, affine=False)", (3, 4)),
    ("InstanceNorm1d(3)", (2, 3, 5)),
    ("InstanceNorm2d(3, affine=True, track_running_stats=True)", (2, 3, 4, 4)),
    ("InstanceNorm2d(3)", (3, 4, 4)),
    ("InstanceNorm3d(2)", (2, 2, 2, 3, 2)),
    ("LocalResponseNorm(3)", (2, 5, 3)),
    ("Dropout(0.0)", (2, 3)),
    ("Dropout(1.0)", (2, 3)),
    ("Dropout1d(0.0)", (2, 3, 4)),
    ("Dropout2d(0.0)", (2, 3, 4, 4)),
    ("Dropout3d(1.0, inplace=False)", (2, 3, 2, 2, 2)),
    ("ReLU()", (2, 3)),
    ("ReLU6()", (2, 3)),
    ("LeakyReLU(0.2)", (2, 3)),
    ("PReLU()", (2, 3)),
    ("PReLU(3)", (2, 3, 4)),
    ("ELU(0.5)", (2, 3)),
    ("SELU()", (2, 3)),
    ("CELU(0.5)", (2, 3)),
    ("GELU()", (2, 3)),
    ("GELU('tanh')", (2, 3)),
    ("SiLU()", (2, 3)),
    ("Mish()", (2, 3)),
    ("GLU()", (2, 4)),
    ("Sigmoid()", (2, 3)),
    ("LogSigmoid()", (2, 3)),
    ("Hardsigmoid()", (2, 3)),
    ("Hardswish()", (2, 3)),
    ("Tanh()", (2, 3)),
    ("Hardtanh(-0.5, 0.4)", (2, 3)),
    ("Tanhshrink()", (2, 3)),
    ("Hardshrink()", (2, 3)),
    ("Softshrink()", (2, 3)),
    ("Softplus(2.0)", (2, 3)),
    ("Softsign()", (2, 3)),
    ("Threshold(0.1, 20)", (2, 3)),
    ("Softmax(1)", (2, 3)),
    ("Softmax2d()", (2, 3, 2, 2)),
    ("Softmin(dim=0)", (2, 3)),
    ("LogSoftmax(-1)", (2, 3)),
    ("CosineSimilarity()", (2, 3), (2, 3)),
    ("PairwiseDistance()", (2, 3), (2, 3)),
    ("RNN(3, 4)", (5, 2, 3)),
    ("RNN(3, 4, 2, 'relu', bidirectional=True)", (5, 2, 3)),
    ("LSTM(3, 4)", (5, 2, 3)),
    ("LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True)", (2, 5, 3)),
    ("LSTM(3, 4, bias=False)", (5, 3)),
    ("GRU(3, 4)", (5, 2, 3)),
    ("GRU(3, 4, num_layers=2, bidirectional=True, bias=False)", (5, 2, 3)),
    ("GRU(3, 4, batch_first=True)", (2, 5, 3)),
    ("RNNCell(3, 4)", (2, 3), (2, 4)),
    ("RNNCell(3, 4, nonlinearity='relu')", (2, 3)),
    ("LSTMCell(3, 4)", (2, 3)),
    ("LSTMCell(3, 4, bias=False)", (3,)),
    ("GRUCell(3, 4)", (2, 3), (2, 4)),
    ("GRUCell(3, 4)", (3,)),
    ("TransformerEncoderLayer(4, 2, 8, 0.0)", (3, 2, 4)),
    ("TransformerEncoderLayer(4, 2, 8, 0.0, 'gelu', batch_first=True, norm_first=True)", (2, 3, 4)),
]
#: printed in another way, on purpose: the projection of attention is a Linear like any other
PRINTED_OTHERWISE = ("TransformerEncoderLayer", "MultiheadAttention")


def flat(result):
    """The tensors in a result, which may be nested tuples."""
    if isinstance(result, tuple):
        return [t for part in result for t in flat(part)]
    return [result]


def twins(torch, text):
    """Our layer and PyTorch's, in float64, with the same numbers in them."""
    theirs = eval(f"nn.{text}", {"nn": torch.nn}).double()
    ours = eval(f"nn.{text}", {"nn": nn}).double()
    rng = np.random.default_rng(0)
    with torch.no_grad():
        for p in theirs.parameters():  # the initial values of norms would hide a lot
            p.copy_(torch.tensor(rng.uniform(-1, 1, tuple(p.shape))))
    ours.load_state_dict({key: t.numpy() for key, t in theirs.state_dict().items()})
    return ours, theirs


def agree(ours, theirs, **tolerance):
    tolerance = {"rtol": 1e-9, "atol": 1e-11} | tolerance
    for a, b in zip(flat(ours), flat(theirs), strict=True):
        assert tuple(a.shape) == tuple(b.shape)
        np.testing.assert_allclose(a.numpy(force=True), b.detach().numpy(), **tolerance)


def gradients_agree(ours, theirs, xs, ts):
    for a, b in zip([*xs, *ours.parameters()], [*ts, *theirs.parameters()], strict=True):
        if b.grad is not None:
            np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-7, atol=1e-9)


def weighted_sum(outputs, make):
    rng = np.random.default_rng(7)
    return sum((y * make(rng.uniform(0.5, 1.5, tuple(y.shape)))).sum() for y in flat(outputs))


@pytest.mark.parametrize(("text", "shapes"), [(text, shapes) for text, *shapes in LAYERS])
def test_as_pytorch(text, shapes):
    torch = pytest.importorskip("torch")
    ours, theirs = twins(torch, text)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [name for name, _ in ours.named_parameters()] == [
        name for name, _ in theirs.named_parameters()
    ]
    if not text.startswith(PRINTED_OTHERWISE):
        assert repr(ours) == repr(theirs)
    rng = np.random.default_rng(1)
    arrays = [rng.uniform(-2, 2, shape) for shape in shapes]
    for training in (True, False):
        ours.train(training)
        theirs.train(training)
        xs = [tadori.Tensor(a.copy()).requires_grad_() for a in arrays]
        ts = [torch.tensor(a, requires_grad=True) for a in arrays]
        y, z = ours(*xs), theirs(*ts)
        agree(y, z)
        weighted_sum(y, tadori.Tensor).backward()
        weighted_sum(z, torch.tensor).backward()
        gradients_agree(ours, theirs, xs, ts)
        ours.zero_grad()
        theirs.zero_grad()
        for key, t in theirs.state_dict().items():
            np.testing.assert_allclose(ours.state_dict()[key].numpy(), t.numpy(), rtol=1e-9)


@pytest.mark.parametrize("text", [text for text, *_ in LAYERS if "(" in text])
def test_float32_stays(text, stays_float32):
    shapes = next(shapes for other, *shapes in LAYERS if other == text)
    layer = eval(f"nn.{text}", {"nn": nn})
    xs = [
        tadori.Tensor(np.linspace(-1, 1, int(np.prod(s)), dtype="float32").reshape(s))
        for s in shapes
    ]
    y = stays_float32(layer, *xs)
    weighted = sum((t * 2).sum() for t in flat(y))
    if weighted.requires_grad:
        weighted.backward()
    assert all(str(p.grad.dtype) == "float32" for p in layer.parameters() if p.grad is not None)


# ------------------------------------------------------------------------------- second derivatives


def second_derivative_is_right(function, arrays, rtol=1e-4):
    """Along random directions, against differences of the first derivative."""
    rng = np.random.default_rng(5)
    directions = [rng.normal(size=a.shape) for a in arrays]

    def slope(xs, create_graph):
        gradients = grad(function(*xs), xs, create_graph=create_graph)
        return sum((g * tadori.Tensor(d)).sum() for g, d in zip(gradients, directions, strict=True))

    def at(step):
        moved = [a + step * d for a, d in zip(arrays, directions, strict=True)]
        return slope([tadori.Tensor(a).requires_grad_() for a in moved], False).item()

    xs = [tadori.Tensor(a).requires_grad_() for a in arrays]
    second = grad(slope(xs, True), xs)
    exact = sum((g.numpy(force=True) * d).sum() for g, d in zip(second, directions, strict=True))
    np.testing.assert_allclose(exact, (at(1e-5) - at(-1e-5)) / 2e-5, rtol=rtol)
    assert abs(exact) > 1e-6


@pytest.mark.parametrize(
    "text",
    [
        "BatchNorm2d(2)",
        "Conv2d(2, 3, 2)",
        "GroupNorm(2, 2)",
        "InstanceNorm2d(2)",
        "LayerNorm(3)",
        "RMSNorm(3)",
    ],
)
@pytest.mark.parametrize("training", [True, False])
def test_second_derivative(text, training):
    layer = eval(f"nn.{text}", {"nn": nn}).double().train(training)
    x = np.random.default_rng(0).uniform(-1, 1, (3, 2, 4, 3))
    second_derivative_is_right(lambda x: (layer(x) ** 3).sum(), [x])


@pytest.mark.parametrize("layer", [nn.LSTM(2, 3), nn.GRU(2, 3), nn.RNN(2, 3)])
def test_second_derivative_through_time(layer):
    layer = layer.double()
    x = np.random.default_rng(0).uniform(-1, 1, (4, 2, 2))
    second_derivative_is_right(lambda x: (layer(x)[0] ** 3).sum(), [x])


def test_third_derivative_of_max_pool():
    x = tadori.Tensor(
        np.random.default_rng(0).permutation(16.0 * np.arange(16)).reshape(1, 1, 4, 4)
    )
    x.array /= 100
    x.requires_grad_()
    y = (nn.MaxPool2d(2)(x) ** 4).sum()
    for power in (4, 12, 24):
        (y,) = grad(y.sum(), x, create_graph=True)
        found = np.sort(y.numpy(force=True).ravel())[-4:]
        top = np.sort(nn.MaxPool2d(2)(x).numpy(force=True).ravel())
        np.testing.assert_allclose(found, power * top ** {4: 3, 12: 2, 24: 1}[power])


# ------------------------------------------------------------------------------------- batch norm


def test_batch_norm_remembers_as_pytorch():
    torch = pytest.importorskip("torch")
    for momentum in (0.3, None):
        ours, theirs = twins(torch, f"BatchNorm1d(3, momentum={momentum})")
        rng = np.random.default_rng(0)
        for _ in range(3):
            x = rng.normal(2, 3, (6, 3))
            agree(ours(tadori.Tensor(x)), theirs(torch.tensor(x)))
        for key, t in theirs.state_dict().items():
            np.testing.assert_allclose(ours.state_dict()[key].numpy(), t.numpy(), rtol=1e-12)
        ours.reset_running_stats()
        assert ours.running_var.tolist() == [1, 1, 1]
        assert ours.num_batches_tracked.item() == 0


def test_batch_norm_writes_into_its_buffers():
    norm = nn.BatchNorm1d(2)
    buffer, state = norm.running_mean, norm.state_dict()
    norm(tadori.Tensor(np.eye(2, dtype="float32")))
    assert norm.running_mean is buffer
    assert state["running_mean"].tolist() == pytest.approx([0.05, 0.05])
    assert not buffer.requires_grad


def test_batch_norm_complains():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        nn.BatchNorm1d(2)(tadori.zeros(1, 2))
    with pytest.raises(ValueError, match="expected 4D input"):
        nn.BatchNorm2d(2)(tadori.zeros(1, 2))
    nn.BatchNorm1d(2).eval()(tadori.zeros(1, 2))


# --------------------------------------------------------------------------------------- recurrent


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("alone", [False, True])
def test_recurrent_states_as_pytorch(kind, alone):
    torch = pytest.importorskip("torch")
    ours, theirs = twins(torch, f"{kind}(2, 3, num_layers=2, bidirectional=True)")
    rng = np.random.default_rng(0)
    batch = () if alone else (2,)
    x = rng.normal(size=(4, *batch, 2))
    states = [rng.normal(size=(4, *batch, 3)) for _ in range(2 if kind == "LSTM" else 1)]
    given = [tuple(map(make, states)) for make in (tadori.Tensor, torch.tensor)]
    if kind != "LSTM":
        given = [states[0] for states in given]
    agree(ours(tadori.Tensor(x), given[0]), theirs(torch.tensor(x), given[1]))


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_layer_is_a_loop_over_its_cell(kind):
    layer, cell = getattr(nn, kind)(2, 3), getattr(nn, f"{kind}Cell")(2, 3)
    cell.load_state_dict({key[:-3]: t for key, t in layer.state_dict().items()})
    x = tadori.Tensor(np.random.default_rng(0).normal(size=(5, 2, 2)).astype("float32"))
    y, state = layer(x)
    step = None
    for t in range(5):
        step = cell(x[t], step)
        h = step[0] if kind == "LSTM" else step
        np.testing.assert_allclose(y[t].numpy(force=True), h.numpy(force=True), atol=1e-6)
    for a, b in zip(flat(state), flat(step), strict=True):
        np.testing.assert_allclose(a[0].numpy(force=True), b.numpy(force=True), atol=1e-6)


def test_recurrent_dropout_acts_between_layers():
    x = tadori.ones(4, 2, 3)
    layer = nn.GRU(3, 4, num_layers=2, dropout=1.0)
    apart = nn.GRU(3, 4, num_layers=2, dropout=1.0)
    apart.load_state_dict(layer.state_dict())
    apart.weight_ih_l0.array[...] += 1
    assert np.array_equal(layer(x)[0].numpy(force=True), apart(x)[0].numpy(force=True))
    assert not np.array_equal(
        layer.eval()(x)[0].numpy(force=True), apart.eval()(x)[0].numpy(force=True)
    )


def test_recurrent_layers_complain():
    lstm = nn.LSTM(2, 3)
    for x, error, text in (
        (tadori.zeros(4, 1, 5), RuntimeError, "Expected 2, got 5"),
        (tadori.zeros(2), ValueError, "2D or 3D"),
        (tadori.zeros(0, 1, 2), RuntimeError, "sequence length"),
    ):
        with pytest.raises(error, match=text):
            lstm(x)
    with pytest.raises(RuntimeError, match="Expected hidden size"):
        nn.GRU(2, 3)(tadori.zeros(4, 1, 2), tadori.zeros(1, 2, 3))
    with pytest.raises(RuntimeError, match="inconsistent input_size"):
        nn.LSTMCell(2, 3)(tadori.zeros(1, 3))
    with pytest.raises(RuntimeError, match="expected a state"):
        nn.GRUCell(2, 3)(tadori.zeros(1, 2), tadori.zeros(1, 2))
    with pytest.raises(ValueError, match="nonlinearity"):
        nn.RNN(2, 3, nonlinearity="sin")


# --------------------------------------------------------------------------------------- attention


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("other", ["", ", kdim=3, vdim=5, bias=False"])
def test_attention_as_pytorch(batch_first, other):
    torch = pytest.importorskip("torch")
    ours, theirs = twins(torch, f"MultiheadAttention(4, 2, batch_first={batch_first}{other})")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    rng = np.random.default_rng(0)
    widths = (4, 3, 5) if other else (4, 4, 4)
    shapes = [(2, 3), (2, 6), (2, 6)] if batch_first else [(3, 2), (6, 2), (6, 2)]
    arrays = [rng.normal(size=(*s, w)) for s, w in zip(shapes, widths, strict=True)]
    causal = np.triu(np.ones((3, 6), bool), 1)
    padding = np.array([[False] * 6, [False] * 4 + [True] * 2])
    for masks in (
        {},
        {"attn_mask": causal},
        {"attn_mask": rng.normal(size=(3, 6))},
        {"key_padding_mask": padding},
        {"attn_mask": causal, "key_padding_mask": padding},
        {"attn_mask": rng.normal(size=(4, 3, 6))},
    ):
        if len(masks) == 2:  # PyTorch wants them to be of one kind
            masks = {key: np.where(mask, -np.inf, 0.0) for key, mask in masks.items()}
        for options in ({}, {"average_attn_weights": False}):
            xs = [tadori.Tensor(a).requires_grad_() for a in arrays]
            ts = [torch.tensor(a, requires_grad=True) for a in arrays]
            y = ours(*xs, **{k: tadori.Tensor(m) for k, m in masks.items()}, **options)
            z = theirs(*ts, **{k: torch.tensor(m) for k, m in masks.items()}, **options)
            agree(y, z)
            (y[0] ** 2).sum().backward()
            (z[0] ** 2).sum().backward()
            gradients_agree(ours, theirs, xs, ts)
            ours.zero_grad()
            theirs.zero_grad()


def test_attention_alone_and_to_itself():
    torch = pytest.importorskip("torch")
    ours, theirs = twins(torch, "MultiheadAttention(4, 2)")
    x = np.random.default_rng(0).normal(size=(3, 4))
    agree(ours(*[tadori.Tensor(x)] * 3), theirs(*[torch.tensor(x)] * 3))
    mine = tadori.Tensor(x)
    y, weights = ours(mine, mine, mine, need_weights=False)
    assert weights is None
    agree(y, theirs(*[torch.tensor(x)] * 3)[0])
    with pytest.raises(RuntimeError, match="is_causal"):
        ours(mine, mine, mine, is_causal=True)
    with pytest.raises(ValueError, match="multiple of num_heads"):
        nn.MultiheadAttention(4, 3)


def test_encoder():
    torch = pytest.importorskip("torch")
    layer = torch.nn.TransformerEncoderLayer(4, 2, 8, 0.0)
    theirs = torch.nn.TransformerEncoder(layer, 2, torch.nn.LayerNorm(4), False).double()
    ours = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, 0.0), 2, nn.LayerNorm(4))
    ours.double().load_state_dict({k: t.numpy() for k, t in theirs.state_dict().items()})
    assert ours.layers[0].linear1.weight is not ours.layers[1].linear1.weight
    x = np.random.default_rng(0).normal(size=(3, 2, 4))
    mask = np.triu(np.full((3, 3), -np.inf), 1)
    agree(
        ours(tadori.Tensor(x), mask=tadori.Tensor(mask)),
        theirs(torch.tensor(x), mask=torch.tensor(mask)),
    )


# --------------------------------------------------------------------------------------- embedding


def test_embedding_as_pytorch():
    torch = pytest.importorskip("torch")
    index = np.array([[1, 0, 1], [4, 2, 1]])
    for options in ("", ", padding_idx=1", ", padding_idx=-1", ", max_norm=1.0"):
        ours, theirs = twins(torch, f"Embedding(5, 3{options})")
        assert repr(ours) == repr(theirs)
        y, z = ours(tadori.Tensor(index)), theirs(torch.tensor(index))
        agree(y, z, rtol=1e-6)
        weighted_sum(y, tadori.Tensor).backward()
        weighted_sum(z, torch.tensor).backward()
        gradients_agree(ours, theirs, [], [])
        agree(ours.weight, theirs.weight, rtol=1e-6)


def test_embedding():
    table = nn.Embedding(4, 2, padding_idx=2)
    assert table.weight.array[2].tolist() == [0, 0]
    with pytest.raises(IndexError, match="4 rows, and indices go from 1 to 4"):
        table(tadori.tensor([1, 4]))
    with pytest.raises(RuntimeError, match="integer type"):
        table(tadori.tensor([1.0]))
    with pytest.raises(IndexError, match="Padding_idx"):
        nn.Embedding(4, 2, padding_idx=4)
    assert table(tadori.zeros(0, 3).long()).shape == (0, 3, 2)
    fixed = nn.Embedding.from_pretrained(tadori.eye(3))
    assert fixed(tadori.tensor(1)).tolist() == [0, 1, 0]
    assert not fixed.weight.requires_grad


# ----------------------------------------------------------------------------------- small matters


def test_max_pool_gives_indices():
    x = tadori.Tensor(np.arange(16.0).reshape(1, 1, 4, 4))
    y, index = nn.MaxPool2d(2, return_indices=True)(x)
    assert index.tolist() == [[[[5, 7], [13, 15]]]]
    assert np.array_equal(x.numpy().ravel()[index.numpy()], y.numpy())


def test_transposed_convolution_to_a_size():
    layer = nn.ConvTranspose2d(1, 1, 3, stride=2)
    assert layer(tadori.zeros(1, 1, 4, 4)).shape == (1, 1, 9, 9)
    assert layer(tadori.zeros(1, 1, 4, 4), output_size=[10, 9]).shape == (1, 1, 10, 9)
    with pytest.raises(ValueError, match="output size"):
        layer(tadori.zeros(1, 1, 4, 4), output_size=[11, 9])


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError),
        (lambda: nn.Conv2d(3, 4, 3, groups=0), ValueError),
        (lambda: nn.Conv2d(3, 4, 3, stride=2, padding="same"), ValueError),
        (lambda: nn.Conv2d(3, 4, 3, padding="full"), ValueError),
        (lambda: nn.Conv2d(3, 4, (3, 3, 3)), ValueError),
        (lambda: nn.Conv2d(3, 4, 3, padding_mode="mirror"), ValueError),
        (lambda: nn.ConvTranspose2d(3, 4, 3, padding_mode="reflect"), ValueError),
        (lambda: nn.Dropout(1.5), ValueError),
        (lambda: nn.GroupNorm(3, 4), ValueError),
        (lambda: nn.Hardtanh(1, 0), ValueError),
        (lambda: nn.Softmax2d()(tadori.zeros(2, 2)), ValueError),
        (lambda: nn.LayerNorm(3)(tadori.zeros(2, 4)), RuntimeError),
        (lambda: nn.Conv2d(3, 4, 3)(tadori.zeros(3, 3)), RuntimeError),
        (lambda: nn.Conv2d(3, 4, 3)(tadori.zeros(1, 2, 5, 5)), RuntimeError),
        (lambda: nn.Linear(3, 4)(tadori.zeros(2, 2)), RuntimeError),
    ],
)
def test_wrong_use_is_told(make, error):
    with pytest.raises(error):
        make()


def test_in_place_activations():
    for layer in (nn.ReLU(True), nn.ELU(inplace=True), nn.Hardswish(inplace=True)):
        x = tadori.Tensor(np.linspace(-3, 3, 7)).requires_grad_()
        y = x * 1
        z = layer(y)
        assert z is y
        z.sum().backward()
        plain = tadori.Tensor(x.numpy(force=True)).requires_grad_()
        again = copy.deepcopy(layer)
        again.inplace = False
        again(plain).sum().backward()
        np.testing.assert_allclose(x.grad.numpy(), plain.grad.numpy())
        assert "inplace=True" in repr(layer) or isinstance(layer, nn.Hardswish)
