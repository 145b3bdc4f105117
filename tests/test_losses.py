"""Losses where they are hard: at scores of any size, with ignored targets, and with wrong ones."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tadori
import tadori.nn.functional as F
from tadori import nn
from tadori.autograd import grad

SIZES = (40.0, 100.0, 1000.0)


def tensor(values, dtype="float64"):
    return tadori.Tensor(np.asarray(values, dtype))


def derivatives(loss, x):
    """The first derivative, and that of its inner product with 1, 2, 3..."""
    (first,) = grad(loss, x, create_graph=True)
    direction = tensor(np.arange(1.0, x.array.size + 1).reshape(x.shape))
    if not first.requires_grad:
        return first.numpy(force=True), np.zeros(x.shape)
    (second,) = grad((first * direction).sum(), x)
    return first.numpy(force=True), second.numpy(force=True)


def sigmoid(x):
    return np.where(
        x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x)))
    )


# --------------------------------------------------------------------------------- at great scores


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cross_entropy_of_great_scores(size, dtype):
    scores = np.array([[size, -size, 0.0], [-size, size, size]], dtype)
    x = tensor(scores, dtype).requires_grad_()
    loss = F.cross_entropy(x, tadori.tensor([1, 2]), reduction="sum")
    assert loss.item() == pytest.approx(2 * size + np.log(2), rel=1e-6)
    first, second = derivatives(loss, x)
    p = np.array([[1, 0, 0], [0, 0.5, 0.5]])
    np.testing.assert_allclose(first, p - [[0, 1, 0], [0, 0, 1]], atol=1e-6)
    # the second row's Jacobian of softmax, in the direction 4, 5, 6
    np.testing.assert_allclose(second, [[0, 0, 0], [0, -0.25, 0.25]], atol=2e-6)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_binary_cross_entropy_of_great_scores(size, dtype):
    scores = np.array([size, -size, 0.0, size, -size], dtype)
    target = np.array([1.0, 1.0, 0.25, 0.0, 0.0])
    x = tensor(scores, dtype).requires_grad_()
    t = tensor(target, dtype)
    losses = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    np.testing.assert_allclose(
        losses.numpy(force=True), [0, size, np.log(2), size, 0], rtol=1e-6, atol=1e-6
    )
    first, second = derivatives(losses.sum(), x)
    p = sigmoid(scores.astype("float64"))
    np.testing.assert_allclose(first, p - target, atol=1e-6)
    np.testing.assert_allclose(second, p * (1 - p) * np.arange(1, 6), atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_soft_margin_loss_of_great_scores(size):
    x = tensor([size, -size, 0.0]).requires_grad_()
    loss = F.soft_margin_loss(x, tensor([1.0, 1.0, 1.0]), reduction="sum")
    assert loss.item() == pytest.approx(size + np.log(2))
    first, second = derivatives(loss, x)
    np.testing.assert_allclose(first, [0, -1, -0.5], atol=1e-12)
    np.testing.assert_allclose(second, [0, 0, 0.75], atol=1e-12)


def test_binary_cross_entropy_at_the_ends():
    torch = pytest.importorskip("torch")
    p, t = [0.0, 1.0, 0.0, 1.0, 0.5], [0.0, 1.0, 1.0, 0.0, 1.0]
    x = tensor(p).requires_grad_()
    y = torch.tensor(p, dtype=torch.float64, requires_grad=True)
    loss = F.binary_cross_entropy(x, tensor(t), reduction="none")
    other = torch.nn.functional.binary_cross_entropy(
        y, torch.tensor(t, dtype=torch.float64), reduction="none"
    )
    np.testing.assert_allclose(loss.numpy(force=True), other.detach().numpy())
    assert loss.numpy(force=True).max() == 100
    loss.sum().backward()
    other.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy())
    with pytest.raises(RuntimeError, match=r"between 0 and 1, got -0\.5"):
        F.binary_cross_entropy(tensor([-0.5]), tensor([1.0]))


def test_kl_div_of_impossible_events():
    x = tensor([[-0.5, -1.0]]).requires_grad_()
    t = tensor([[1.0, 0.0]]).requires_grad_()
    loss = F.kl_div(x, t, reduction="batchmean")
    assert loss.item() == 0.5
    loss.backward()
    assert x.grad.tolist() == [[-1, 0]]


# ------------------------------------------------------------------------------------- reductions


@pytest.mark.parametrize("loss", [nn.MSELoss, nn.L1Loss, nn.SmoothL1Loss, nn.HuberLoss])
def test_reductions(loss):
    x, t = tensor([[0.5, -2.0], [3.0, 0.0]]), tensor([[0.0, 0.0], [0.0, 1.0]])
    each = loss(reduction="none")(x, t)
    assert each.shape == (2, 2)
    assert loss(reduction="sum")(x, t).item() == pytest.approx(each.numpy().sum())
    assert loss()(x, t).item() == pytest.approx(each.numpy().mean())
    with pytest.raises(ValueError, match="is not a valid value for reduction"):
        loss(reduction="median")(x, t)


def test_the_mean_is_over_what_counts():
    x = tensor(np.random.default_rng(0).normal(size=(4, 3)))
    t = tadori.tensor([0, 2, -100, 1])
    each = F.cross_entropy(x, t, reduction="none").numpy()
    assert each[2] == 0
    assert F.cross_entropy(x, t).item() == pytest.approx(each.sum() / 3)
    weight = np.array([1.0, 2.0, 4.0])
    weighted = F.cross_entropy(x, t, weight=tensor(weight), reduction="none").numpy()
    np.testing.assert_allclose(weighted, each * [1, 4, 0, 2])
    mean = F.cross_entropy(x, t, weight=tensor(weight)).item()
    assert mean == pytest.approx(weighted.sum() / 7)


@pytest.mark.allow_fp_faults
def test_nothing_counts():
    x = tensor(np.zeros((2, 3))).requires_grad_()
    t = tadori.tensor([-100, -100])
    loss = F.cross_entropy(x, t)
    assert np.isnan(loss.item())
    assert F.cross_entropy(x, t, reduction="sum").item() == 0


# --------------------------------------------------------------------------------------- complaints


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
def test_classes_out_of_range(loss):
    x = tensor(np.zeros((3, 4)))
    for bad in (4, -1, 100):
        with pytest.raises(IndexError, match=f"Target {bad} is out of bounds: there are 4 classes"):
            loss(x, tadori.tensor([0, bad, 1]))
    for ignored in (4, -1, 100):
        kept = loss(x, tadori.tensor([0, ignored, 1]), ignore_index=ignored)
        assert kept.item() == loss(x[:2], tadori.tensor([0, 1])).item()


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize(
    ("target", "error"),
    [
        (np.zeros((3, 1), int), RuntimeError),  # a column of labels
        (np.zeros((2,), int), ValueError),  # another batch size
        (np.eye(4, dtype=int)[:3], RuntimeError),  # one-hot integers
        (np.zeros(3), RuntimeError),  # floating-point labels
    ],
)
def test_targets_that_are_no_classes(loss, target, error):
    with pytest.raises(error, match="expected target"):
        loss(tensor(np.zeros((3, 4))), tadori.Tensor(target))


@pytest.mark.parametrize("loss", [F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss])
def test_a_column_against_a_row_warns(loss):
    x, t = tensor(np.zeros((3, 1))), tensor(np.zeros(3))
    with pytest.warns(UserWarning, match=r"\(3,\).*\(3, 1\).*Remedy: target.reshape"):
        loss(x, t)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss(x, t.reshape(3, 1))


def test_other_complaints():
    x, t = tensor(np.zeros((3, 1))), tensor(np.zeros(3))
    for loss in (F.binary_cross_entropy, F.binary_cross_entropy_with_logits):
        with pytest.raises(ValueError, match="size"):
            loss(x, t)
    with pytest.raises(RuntimeError, match="weight tensor should be defined"):
        F.cross_entropy(tensor(np.zeros((1, 3))), tadori.tensor([0]), weight=tensor([1.0]))
    with pytest.raises(RuntimeError, match="label_smoothing"):
        F.cross_entropy(tensor(np.zeros((1, 3))), tadori.tensor([0]), label_smoothing=2.0)
    with pytest.raises(ValueError, match="not a valid value for reduction"):
        F.cross_entropy(tensor(np.zeros((1, 3))), tadori.tensor([0]), reduction="avg")
    with pytest.raises(ValueError, match="beta"):
        F.smooth_l1_loss(t, t, beta=-1.0)
    with pytest.raises(ValueError, match="delta"):
        F.huber_loss(t, t, delta=0.0)
    with pytest.raises(ValueError, match="negative"):
        F.gaussian_nll_loss(t, t, tensor([-1.0, 1.0, 1.0]))


# ---------------------------------------------------------------------------------------- modules


def given(torch, values):
    return torch.tensor(np.asarray(values))


#: how the loss is made, and its inputs
MODULES = [
    ("MSELoss()", [[0.5, 1.0]], [[1.0, 3.0]]),
    ("L1Loss(reduction='sum')", [[0.5, 1.0]], [[1.0, 3.0]]),
    ("SmoothL1Loss(beta=0.7)", [[0.5, 1.0]], [[1.0, 3.0]]),
    ("HuberLoss(delta=0.7)", [[0.5, 1.0]], [[1.0, 3.0]]),
    ("CrossEntropyLoss(ignore_index=1)", [[0.5, 1.0], [2.0, 3.0]], [0, 1]),
    ("CrossEntropyLoss(label_smoothing=0.1, reduction='none')", [[0.5, 1.0], [2.0, 3.0]], [0, 1]),
    ("CrossEntropyLoss()", [[0.5, 1.0]], [[0.25, 0.75]]),
    ("NLLLoss(reduction='sum')", [[-0.5, -1.0], [-2.0, -3.0]], [0, 1]),
    ("BCELoss()", [0.2, 0.6], [1.0, 0.0]),
    ("BCEWithLogitsLoss()", [-2.0, 0.6], [1.0, 0.0]),
    ("KLDivLoss(reduction='batchmean')", [[-0.5, -1.0]], [[0.25, 0.75]]),
    ("KLDivLoss(reduction='sum', log_target=True)", [[-0.5, -1.0]], [[-0.25, -0.75]]),
    ("PoissonNLLLoss()", [0.5, 1.0], [2.0, 1.0]),
    ("GaussianNLLLoss()", [0.5, 1.0], [2.0, 1.0], [0.5, 3.0]),
    ("SoftMarginLoss()", [0.5, 1.0], [1.0, -1.0]),
    ("HingeEmbeddingLoss(0.7)", [0.5, 1.0], [1.0, -1.0]),
    ("MarginRankingLoss(0.1)", [0.5, 1.0], [2.0, 0.0], [1.0, 1.0]),
    ("CosineEmbeddingLoss(0.1)", [[0.5, 1.0]], [[2.0, 1.0]], [-1.0]),
    ("TripletMarginLoss(2.0)", [[0.5, 1.0]], [[2.0, 0.0]], [[1.0, 1.0]]),
]


@pytest.mark.parametrize(("text", "values"), [(text, values) for text, *values in MODULES])
def test_modules_as_pytorch(text, values):
    torch = pytest.importorskip("torch")
    ours, theirs = eval(f"nn.{text}", {"nn": nn}), eval(f"nn.{text}", {"nn": torch.nn})
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    arrays = [np.asarray(v) for v in values]
    x = tadori.Tensor(arrays[0]).requires_grad_()
    y = torch.tensor(arrays[0], requires_grad=True)
    a = ours(x, *map(tadori.Tensor, arrays[1:]))
    b = theirs(y, *map(torch.tensor, arrays[1:]))
    np.testing.assert_allclose(a.numpy(force=True), b.detach().numpy(), rtol=1e-12)
    a.sum().backward()
    b.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-10)


def test_weights_are_buffers():
    for loss in (nn.CrossEntropyLoss(tensor([1.0, 2.0])), nn.NLLLoss(tensor([1.0, 2.0]))):
        assert list(loss.state_dict()) == ["weight"]
        assert str(loss.float().weight.dtype) == "float32"
    both = nn.BCEWithLogitsLoss(tensor([1.0]), pos_weight=tensor([2.0]))
    assert list(both.state_dict()) == ["weight", "pos_weight"]


def test_mse_with_weights():
    x, t, w = tensor([1.0, 2.0]), tensor([0.0, 0.0]), tensor([3.0, 1.0])
    assert F.mse_loss(x, t, weight=w).item() == 7 / 4
    assert F.mse_loss(x, t, weight=w, reduction="sum").item() == 7
    assert F.mse_loss(x, t, weight=w, reduction="none").tolist() == [3, 4]


def test_older_options_of_reduction():
    x, t = tadori.tensor([1.0, 2.0]), tadori.tensor([0.0, 0.0])
    for options, expected in (
        ({"size_average": False}, 5.0),
        ({"reduce": False}, [1.0, 4.0]),
        ({"reduce": True}, 2.5),
        ({"size_average": None}, 2.5),
    ):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            found = F.mse_loss(x, t, **options), nn.MSELoss(**options)(x, t)
        assert [y.tolist() for y in found] == [expected] * 2
        assert len(seen) == 2 * (None not in options.values())
    with pytest.warns(UserWarning, match="reduction='sum'"):
        assert nn.TripletMarginLoss(size_average=False).reduction == "sum"
