"""What surrounds layers: weights computed from others, fusion, clipping; beside PyTorch's."""

from __future__ import annotations

import copy
import pickle
import warnings

import numpy as np
import pytest

import tadori
from tadori import nn
from tadori.nn.utils import parametrizations, parametrize

torch = pytest.importorskip("torch")

WAYS = {
    "weight norm": lambda u, m: u.parametrizations.weight_norm(m),
    "weight norm of all": lambda u, m: u.parametrizations.weight_norm(m, dim=None),
    "spectral norm": lambda u, m: u.parametrizations.spectral_norm(m, n_power_iterations=2),
    "older weight norm": lambda u, m: u.weight_norm(m, dim=1),
    "older spectral norm": lambda u, m: u.spectral_norm(m),
    "orthogonal": lambda u, m: u.parametrizations.orthogonal(m),
    "orthogonal cayley": lambda u, m: u.parametrizations.orthogonal(m, orthogonal_map="cayley"),
    "orthogonal householder": lambda u, m: u.parametrizations.orthogonal(
        m, orthogonal_map="householder", use_trivialization=False
    ),
}
LAYERS = ["Linear(4, 4)", "Linear(5, 3)", "Linear(3, 5)", "ConvTranspose1d(2, 3, 2)"]


def trained(library, layer, way):
    """A layer after some steps: its output, its state, how it shows itself."""
    library.manual_seed(4)
    module = eval(f"nn.{layer}", {"nn": library.nn}).double()
    module = WAYS[way](library.nn.utils, module)
    shape = (2, 2, 6) if "Conv" in layer else (2, int(layer.split("(")[1].split(",")[0]))
    x = library.linspace(-1.0, 1.0, int(np.prod(shape))).double().reshape(shape)
    sgd = library.optim.SGD(module.parameters(), lr=0.1)
    for _ in range(3):
        sgd.zero_grad()
        module(x).square().sum().backward()
        sgd.step()
    y = module.eval()(x)
    state = {key: value.detach().numpy() for key, value in module.state_dict().items()}
    return y.detach().numpy(), state, repr(module)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("layer", LAYERS)
def test_parametrized_layers_train_as_in_pytorch(layer, way):
    if "Conv" in layer and "orthogonal" in way:
        pytest.skip("batches of matrices: covered by the linear layers")
    with warnings.catch_warnings(action="ignore"):  # PyTorch: the older weight norm is deprecated
        theirs, ours = (trained(library, layer, way) for library in (torch, tadori))
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-6, atol=1e-7)
    assert list(ours[1]) == list(theirs[1])
    for key, value in theirs[1].items():
        np.testing.assert_allclose(ours[1][key], value, rtol=1e-6, atol=1e-7, err_msg=key)
    assert ours[2] == theirs[2]


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).mT

    def right_inverse(self, a):
        return a.triu()


class Doubled(nn.Module):
    def forward(self, x):
        return x * 2

    def right_inverse(self, a):
        return a / 2


def test_a_parametrization_of_ones_own():
    fc = nn.Linear(3, 3)
    before = fc.weight
    parametrize.register_parametrization(fc, "weight", Symmetric())
    assert type(fc).__name__ == "ParametrizedLinear"
    assert parametrize.type_before_parametrizations(fc) is nn.Linear
    assert fc.parametrizations.weight.original is before, "an optimizer made before keeps working"
    assert tadori.equal(fc.weight, fc.weight.mT)
    parametrize.register_parametrization(fc, "weight", Doubled())
    wanted = tadori.tensor([[1.0, 2, 3], [2, 4, 5], [3, 5, 6]])
    fc.weight = wanted
    assert tadori.equal(fc.weight, wanted)
    assert fc.parametrizations.weight.original[0].tolist() == [0.5, 1.0, 1.5]
    twin = copy.deepcopy(fc)
    with parametrize.cached():
        assert fc.weight is fc.weight
        assert twin.weight is not fc.weight
    parametrize.remove_parametrizations(fc, "weight")
    assert type(fc) is nn.Linear
    assert tadori.equal(fc.weight, wanted)
    assert parametrize.is_parametrized(twin, "weight")
    parametrize.remove_parametrizations(twin, "weight", leave_parametrized=False)
    assert twin.weight[0].tolist() == [0.5, 1.0, 1.5]


def test_parametrizations_are_refused():
    fc = nn.Linear(3, 2)
    with pytest.raises(ValueError, match="does not have a parameter"):
        parametrize.register_parametrization(fc, "kernel", Doubled())
    with pytest.raises(ValueError, match="may not change the shape"):
        parametrize.register_parametrization(fc, "weight", nn.Linear(3, 4))
    fc = parametrizations.weight_norm(nn.Linear(3, 2))
    with pytest.raises(ValueError, match="sequence of tensors"):
        parametrize.remove_parametrizations(fc, "weight", leave_parametrized=False)
    with pytest.raises(RuntimeError, match=r"only supported through state_dict\(\)"):
        pickle.dumps(fc)
    with pytest.raises(ValueError, match="orthogonal_map has to be one of"):
        parametrizations.orthogonal(nn.Linear(2, 2), orthogonal_map="qr")


def test_states_of_the_older_weight_norm_are_read():
    older, newer = nn.utils.weight_norm(nn.Linear(3, 2)), nn.Linear(3, 2)
    parametrizations.weight_norm(newer)
    newer.load_state_dict(older.state_dict())
    x = tadori.ones(1, 3)
    np.testing.assert_allclose(newer(x).detach().numpy(), older(x).detach().numpy(), rtol=1e-6)


@pytest.mark.parametrize("kind", ["weight_norm", "spectral_norm"])
def test_the_older_norms_are_taken_off(kind):
    fc = getattr(nn.utils, kind)(nn.Linear(3, 2)).eval()
    y = fc(tadori.ones(1, 3))
    with pytest.raises(RuntimeError, match=f"two {kind} hooks"):
        getattr(nn.utils, kind)(fc)
    getattr(nn.utils, f"remove_{kind}")(fc)
    assert sorted(fc.state_dict()) == ["bias", "weight"]
    np.testing.assert_allclose(fc(tadori.ones(1, 3)).tolist(), y.tolist(), rtol=1e-6)
    with pytest.raises(ValueError, match="not found"):
        getattr(nn.utils, f"remove_{kind}")(fc)


@pytest.mark.parametrize("text", ["Conv2d(3, 4, 2)", "ConvTranspose2d(3, 4, 2)", "Linear(3, 4)"])
def test_a_fused_layer_does_the_work_of_two(text):
    layer = eval(f"nn.{text}", {"nn": nn})
    linear = text.startswith("Linear")
    norm = nn.BatchNorm1d(4) if linear else nn.BatchNorm2d(4)
    x = tadori.randn(5, 3) if linear else tadori.randn(5, 3, 4, 4)
    norm(layer(x))
    with pytest.raises(AssertionError, match="only for eval"):
        nn.utils.fuse_conv_bn_eval(layer, norm)
    layer.eval(), norm.eval()
    if linear:
        fused = nn.utils.fuse_linear_bn_eval(layer, norm)
    else:
        fused = nn.utils.fuse_conv_bn_eval(layer, norm, layer.transposed)
    same = {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(fused(x).detach(), norm(layer(x)).detach(), **same)


def test_a_layer_is_made_without_drawing():
    tadori.manual_seed(0)
    before = tadori.get_rng_state()
    layer = nn.utils.skip_init(nn.Linear, 3, 2)
    assert type(layer) is nn.Linear
    assert layer.weight.shape == (2, 3)
    assert tadori.equal(tadori.get_rng_state(), before)


def test_clipping_with_a_norm_that_is_known():
    p = tadori.ones(4).requires_grad_()
    p.grad = tadori.full((4,), 3.0)
    total = nn.utils.get_total_norm([p.grad])
    nn.utils.clip_grads_with_norm_([p], 3.0, total)
    np.testing.assert_allclose(p.grad.tolist(), [1.5] * 4, rtol=1e-6)
