"""Layers beside PyTorch's: how they show themselves, what they save, what they begin with."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tadori

torch = pytest.importorskip("torch")

MADE = """
AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10], div_value=2.0)
AlphaDropout(0.3)
BatchNorm2d(3, momentum=None)
Bilinear(2, 3, 4)
ChannelShuffle(2)
CircularPad2d(1)
ConstantPad3d(1, 2.0)
Conv2d(2, 4, 3, padding="same", groups=2)
ConvTranspose1d(2, 4, 3, stride=2, output_padding=1, bias=False)
CrossMapLRN2d(2)
CTCLoss(zero_infinity=True)
Embedding(5, 3, padding_idx=1)
EmbeddingBag(5, 3, max_norm=2, mode="sum", padding_idx=1)
FeatureAlphaDropout()
FractionalMaxPool2d(3, output_ratio=0.5)
GRU(2, 3, 2, batch_first=True, bidirectional=True)
LPPool2d(2, 3)
LazyBatchNorm1d()
LazyConv2d(3, 2)
LazyConvTranspose1d(3, 2, stride=2)
LazyInstanceNorm3d(affine=True)
LazyLinear(3)
LinearCrossEntropyLoss(3, 4, bias=True, label_smoothing=0.1)
LSTM(2, 3, proj_size=2)
LSTMCell(2, 3)
MaxUnpool2d(2)
MultiMarginLoss()
MultiheadAttention(6, 2, add_bias_kv=True, kdim=4, vdim=5)
RNN(2, 3, nonlinearity="relu")
ReflectionPad3d(1)
ReplicationPad3d((1, 2, 0, 1, 1, 1))
Transformer(4, 2, 1, 1, 8)
TripletMarginWithDistanceLoss()
Unflatten(1, (2, 3))
Upsample(scale_factor=2)
UpsamplingBilinear2d(scale_factor=2)
ZeroPad3d(1)
""".strip().splitlines()


def both(text):
    """The layer of PyTorch and ours, from the same seed."""
    made = []
    for library in (torch, tadori):
        library.manual_seed(5)
        with warnings.catch_warnings(action="ignore"):
            made.append(eval(f"nn.{text}", {"nn": library.nn}))
    return made


@pytest.mark.parametrize("text", MADE)
def test_a_layer_looks_and_begins_as_in_pytorch(text):
    theirs, ours = both(text)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    if not any(torch.nn.parameter.is_lazy(p) for p in theirs.parameters()):
        for name, value in theirs.state_dict().items():
            np.testing.assert_allclose(ours.state_dict()[name].numpy(), value.numpy(), rtol=1e-6)


def same(ours, theirs):
    """Equal to the rounding of float32."""
    found, expected = ours.detach().numpy(), theirs.detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def tensors(*shapes):
    """The same numbers as tensors of both."""
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    return [torch.tensor(a) for a in arrays], [tadori.Tensor(a) for a in arrays]


@pytest.mark.parametrize(
    "text",
    [
        "LSTM(3, 4, 2, bidirectional=True, dropout=0.5)",
        "LSTM(3, 4, 2, proj_size=2, batch_first=True)",
        "GRU(3, 4, bidirectional=True)",
        "RNN(3, 4, 2)",
    ],
)
def test_packed_sequences(text):
    theirs, ours = both(text)
    (x,), (mine,) = tensors((3, 5, 3))
    outputs = []
    for library, layer, batch in ((torch, theirs, x), (tadori, ours, mine)):
        library.manual_seed(1)
        rnn = library.nn.utils.rnn
        packed = rnn.pack_padded_sequence(batch, [2, 5, 3], True, enforce_sorted=False)
        y, state = layer(packed)
        padded, lengths = rnn.pad_packed_sequence(y, batch_first=True, padding_value=7.0)
        assert lengths.tolist() == [2, 5, 3]
        states = state if isinstance(state, tuple) else (state,)
        sum((s * s).sum() for s in (y.data, *states)).backward()
        outputs.append([padded, y.data, *states, *(p.grad for p in layer.parameters())])
    for expected, found in zip(*outputs, strict=True):
        same(found, expected)


def test_sequences_padded_and_unpadded():
    rows = [tadori.ones(2, 3), tadori.ones(4, 3)]
    rnn = tadori.nn.utils.rnn
    assert rnn.pad_sequence(rows, padding_value=9.0)[3, 0].tolist() == [9, 9, 9]
    left = rnn.pad_sequence(rows, batch_first=True, padding_side="left")
    assert left[0, 0].tolist() == [0, 0, 0]
    packed = rnn.pack_sequence(rows, enforce_sorted=False)
    assert packed.batch_sizes.tolist() == [2, 2, 1, 1]
    assert [s.shape for s in rnn.unpack_sequence(packed)] == [(2, 3), (4, 3)]
    with pytest.raises(RuntimeError, match="sorted in decreasing order"):
        rnn.pack_sequence(rows)
    with pytest.raises(ValueError, match="total_length"):
        rnn.pad_packed_sequence(packed, total_length=3)


def test_transformer():
    theirs, ours = both("Transformer(8, 2, 1, 2, 16, dropout=0.3, norm_first=True)")
    inputs = list(zip(*tensors((5, 2, 8), (4, 2, 8)), strict=True))
    for index in (0, 1):
        assert inputs[index][0].shape == inputs[index][1].shape
    outputs = []
    for library, layer, (src, tgt) in (
        (torch, theirs, [pair[0] for pair in inputs]),
        (tadori, ours, [pair[1] for pair in inputs]),
    ):
        library.manual_seed(2)
        layer, src, tgt = layer.double(), src.double(), tgt.double()  # so deep that floats wander
        mask = layer.generate_square_subsequent_mask(4, dtype=library.float64)
        padding = library.tensor([[False] * 5, [False] * 4 + [True]])
        options = {"src_key_padding_mask": padding, "memory_key_padding_mask": padding}
        with warnings.catch_warnings(action="ignore"):  # PyTorch: masks of two types
            y = layer(src, tgt, tgt_mask=mask, tgt_is_causal=True, **options)
        y.sin().sum().backward()
        outputs.append([y, *(p.grad for p in layer.parameters())])
    for expected, found in zip(*outputs, strict=True):
        found, expected = found.detach().numpy(), expected.detach().numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_adaptive_softmax():
    theirs, ours = both("AdaptiveLogSoftmaxWithLoss(8, 12, [3, 6], 2.0, True)")
    (x,), (mine,) = tensors((5, 8))
    target = [0, 4, 11, 2, 7]
    expected, found = theirs(x, torch.tensor(target)), ours(mine, tadori.tensor(target))
    same(found.output, expected.output)
    same(found.loss, expected.loss)
    expected.loss.backward(), found.loss.backward()
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        same(p.grad, q.grad)
    same(ours.log_prob(mine), theirs.log_prob(x))
    assert ours.predict(mine).tolist() == theirs.predict(x).tolist()
    with pytest.raises(RuntimeError, match=r"Target values should be in \[0, 11\]"):
        ours(mine, tadori.tensor([0, 1, 2, 3, 12]))


@pytest.mark.parametrize("text", ["LazyLinear(3)", "LazyConv2d(4, 3)", "LazyBatchNorm2d()"])
def test_lazy_layers_take_their_shape_from_the_first_input(text):
    theirs, ours = both(text)
    assert repr(ours.state_dict()["weight"]) == "<UninitializedParameter>"
    with pytest.raises(RuntimeError, match="shape of an uninitialized"):
        _ = ours.weight.shape
    (x,), (mine,) = tensors((2, 3, 5, 5))
    torch.manual_seed(3), tadori.manual_seed(3)
    same(ours(mine), theirs(x))
    assert type(ours).__name__ == type(theirs).__name__ == text[4:].split("(")[0]
    assert type(ours.weight) is tadori.nn.Parameter
    same(ours(mine), theirs(x))
    again = both(text)[1]
    again.load_state_dict(ours.state_dict())
    same(again(mine), theirs(x))
