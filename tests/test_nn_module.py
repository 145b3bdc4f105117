"""Module: how it finds, saves, loads, moves and shows what is in it; and its hooks."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict

import numpy as np
import pytest

import tadori
from tadori import nn


class Block(nn.Module):
    """A module with a parameter, both kinds of buffers, and a module inside."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(tadori.tensor([2.0, 3.0]))
        self.register_buffer("seen", tadori.tensor([1.0]))
        self.register_buffer("scratch", tadori.tensor([5.0]), persistent=False)
        self.register_parameter("nothing", None)
        self.fc = nn.Linear(2, 2)

    def forward(self, x):
        return self.fc(x * self.scale)


def ones(*shape):
    return tadori.Tensor(np.ones(shape, "float32"))


# ------------------------------------------------------------------------------------- attributes


def test_assigning_registers():
    block = Block()
    assert list(dict(block.named_parameters())) == ["scale", "fc.weight", "fc.bias"]
    assert list(dict(block.named_buffers())) == ["seen", "scratch"]
    assert [name for name, _ in block.named_children()] == ["fc"]
    assert [path for path, _ in block.named_modules()] == ["", "fc"]
    assert block.nothing is None
    assert "scale" in dir(block)
    assert [name for name, _ in block.named_parameters(prefix="p", recurse=False)] == ["p.scale"]


def test_assigning_replaces_and_deletes():
    block = Block()
    block.fc = nn.Identity()
    assert list(dict(block.named_parameters())) == ["scale"]
    block.scale = None
    assert block.scale is None
    assert not list(block.parameters())
    block.seen = tadori.tensor([7.0])
    assert block.state_dict()["seen"].item() == 7
    del block.seen, block.fc
    assert not hasattr(block, "seen")
    assert not hasattr(block, "fc")
    block.plain = 3
    block.plain = nn.Parameter(ones(1))
    assert "plain" in dict(block.named_parameters())
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        _ = block.missing
    with pytest.raises(AttributeError):
        del block.missing


def test_what_cannot_be_registered():
    class Early(nn.Module):
        def __init__(self):
            self.fc = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call"):
        Early()
    block = Block()
    with pytest.raises(TypeError, match="cannot assign a Tensor as 'scale'"):
        block.scale = ones(2)
    with pytest.raises(TypeError, match="cannot assign a int as 'fc'"):
        block.fc = 3
    with pytest.raises(TypeError, match="as buffer 'b'"):
        block.register_buffer("b", 3)
    with pytest.raises(TypeError, match="as parameter 'p'"):
        block.register_parameter("p", ones(1))
    with pytest.raises(TypeError, match="is not a Module subclass"):
        block.add_module("m", 3)
    for name in ("", "a.b", "fc", "forward"):
        with pytest.raises(KeyError):
            block.register_buffer(name, ones(1))


def test_shared_parameters_are_listed_once():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(2, 2, bias=False)
            self.b = nn.Linear(2, 2, bias=False)
            self.b.weight = self.a.weight
            self.c = self.a

    tied = Tied()
    assert len(list(tied.parameters())) == 1
    assert [name for name, _ in tied.named_parameters(remove_duplicate=False)] == [
        "a.weight",
        "b.weight",
        "c.weight",
    ]
    assert list(tied.state_dict()) == ["a.weight", "b.weight", "c.weight"]
    assert [name for name, _ in tied.named_children()] == ["a", "b"]
    again = copy.deepcopy(tied)
    assert again.a.weight is again.b.weight
    assert again.a.weight is not tied.a.weight
    tied.b(tied.a(ones(1, 2))).sum().backward()
    assert tied.a.weight.grad is not None


def test_paths():
    model = nn.Sequential(nn.Sequential(Block()))
    assert model.get_submodule("0.0.fc") is model[0][0].fc
    assert model.get_submodule("") is model
    assert model.get_parameter("0.0.fc.bias") is model[0][0].fc.bias
    assert model.get_buffer("0.0.seen") is model[0][0].seen
    for get, path in (
        (model.get_submodule, "0.1"),
        (model.get_parameter, "0.0.seen"),
        (model.get_buffer, "0.0.scale"),
    ):
        with pytest.raises(AttributeError, match="has no"):
            get(path)


# ------------------------------------------------------------------------------- modes and moving


def test_modes_go_down():
    model = nn.Sequential(nn.Dropout(), nn.Sequential(nn.BatchNorm1d(2)))
    assert model.eval() is model
    assert not any(m.training for m in model.modules())
    assert all(m.training for m in model.train().modules())
    with pytest.raises(ValueError, match="boolean"):
        model.train(1)


def test_apply_visits_inner_modules_first():
    model = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.ReLU()))
    seen = []
    model.apply(lambda m: seen.append(type(m).__name__))
    assert seen == ["Linear", "ReLU", "Sequential", "Sequential"]


def test_freezing_and_forgetting():
    block = Block()
    block(ones(1, 2)).sum().backward()
    block.zero_grad(set_to_none=False)
    assert all((p.grad.numpy() == 0).all() for p in block.parameters())
    block.zero_grad()
    assert all(p.grad is None for p in block.parameters())
    block.requires_grad_(False)
    assert not block(ones(1, 2)).requires_grad


def test_moving_keeps_the_parameters():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    before = list(model.parameters())
    model(ones(3, 2)).sum().backward()
    model.double()
    assert all(a is b for a, b in zip(before, model.parameters(), strict=True))
    assert {str(p.dtype) for p in model.parameters()} == {"float64"}
    assert {str(p.grad.dtype) for p in model.parameters()} == {"float64"}
    assert str(model[1].running_mean.dtype) == "float64"
    assert str(model[1].num_batches_tracked.dtype) == "int64"
    model.zero_grad()
    model(ones(3, 2).double()).sum().backward()
    assert str(before[0].grad.dtype) == "float64"
    assert str(model.half()[0].weight.dtype) == "float16"
    assert str(model.to("cpu", np.float32)[0].weight.dtype) == "float32"
    assert str(model.to(ones(1).double())[0].weight.dtype) == "float64"
    assert str(model.float().cpu()[0].weight.dtype) == "float32"
    with pytest.raises(TypeError, match="floating-point"):
        model.to(np.int64)


# --------------------------------------------------------------------------------- saving, loading


def test_state_dict_shares_memory_and_is_detached():
    block = Block()
    state = block.state_dict()
    assert list(state) == ["scale", "seen", "fc.weight", "fc.bias"]
    assert not any(t.requires_grad for t in state.values())
    state["scale"].array[0] = 9
    assert block.scale.array[0] == 9
    assert block.state_dict(keep_vars=True)["scale"] is block.scale
    assert "x.scale" in block.state_dict(prefix="x.")


def test_loading_copies():
    a, b = Block(), Block()
    weight = b.fc.weight
    result = b.load_state_dict(a.state_dict())
    assert repr(result) == str(result) == "<All keys matched successfully>"
    assert b.fc.weight is weight
    assert (weight.numpy(force=True) == a.fc.weight.numpy(force=True)).all()
    a.fc.weight.array[...] = 0
    assert (weight.numpy(force=True) != 0).all()
    double = {key: t.double() for key, t in a.state_dict().items()}
    b.load_state_dict(double)
    assert str(b.scale.dtype) == "float32"
    b.load_state_dict(double, assign=True)
    assert str(b.scale.dtype) == "float64"
    assert b.scale.requires_grad


@pytest.mark.parametrize(
    "wrong", ["abc", None, [[1.0, 2.0]], tadori.zeros(2, 2, dtype="complex64")]
)
def test_loading_what_is_no_tensor_of_the_kind_changes_nothing(wrong):
    linear = nn.Linear(2, 2)
    before = linear.bias.numpy(force=True).copy()
    with pytest.raises(RuntimeError, match=r"weight is (no tensor|complex) in the state_dict"):
        linear.load_state_dict({"bias": tadori.ones(2), "weight": wrong})
    assert (linear.bias.numpy(force=True) == before).all()


def test_loading_what_does_not_fit_changes_nothing():
    block = Block()
    good = {key: t.numpy() + 1 for key, t in block.state_dict().items()}
    before = {key: t.numpy().copy() for key, t in block.state_dict().items()}
    bad = {**good, "fc.weight": np.zeros((3, 2)), "extra": np.zeros(1)}
    del bad["fc.bias"]
    with pytest.raises(RuntimeError) as caught:
        block.load_state_dict(bad)
    text = str(caught.value)
    assert text.startswith("Error(s) in loading state_dict for Block:")
    assert 'Missing key(s) in state_dict: "fc.bias"' in text
    assert 'Unexpected key(s) in state_dict: "extra"' in text
    assert "size mismatch for fc.weight" in text
    assert "(3, 2)" in text
    for key, t in block.state_dict().items():
        assert (t.numpy() == before[key]).all()
    with pytest.raises(RuntimeError, match="size mismatch"):
        block.load_state_dict(bad, strict=False)
    del bad["fc.weight"]
    result = block.load_state_dict(bad, strict=False)
    assert result.missing_keys == ["fc.weight", "fc.bias"]
    assert result.unexpected_keys == ["extra"]
    assert (block.scale.numpy(force=True) == good["scale"]).all()
    with pytest.raises(TypeError, match="dict-like"):
        block.load_state_dict([1])


def test_loading_makes_a_graph_stale():
    block = Block()
    y = block(ones(1, 2)).sum()
    block.load_state_dict(block.state_dict())
    with pytest.raises(RuntimeError, match="load_state_dict"):
        y.backward()


def test_copies_and_pickles():
    block = Block()
    block(ones(1, 2)).sum().backward()
    for again in (copy.deepcopy(block), pickle.loads(pickle.dumps(block))):
        assert type(again.scale) is nn.Parameter
        assert again.scale.requires_grad
        assert list(again.state_dict()) == list(block.state_dict())
        assert (again(ones(1, 2)).numpy(force=True) == block(ones(1, 2)).numpy(force=True)).all()
        again.scale.array[0] = -1
        assert block.scale.array[0] == 2
    assert (copy.deepcopy(block).scale.grad.numpy() == block.scale.grad.numpy()).all()


# ------------------------------------------------------------------------------------------- hooks


def test_forward_hooks_see_and_change():
    fc = nn.Linear(2, 2, bias=False)
    fc.load_state_dict({"weight": np.eye(2)})
    calls = []
    first = fc.register_forward_pre_hook(lambda m, args: calls.append("pre") or args[0] * 2)
    second = fc.register_forward_hook(lambda m, args, y: calls.append("post") or y + 1)
    front = fc.register_forward_hook(lambda m, args, y: calls.append("front"), prepend=True)
    assert fc(ones(1, 2)).tolist() == [[3, 3]]
    assert calls == ["pre", "front", "post"]
    for handle in (first, second, front):
        handle.remove()
        handle.remove()
    assert fc(ones(1, 2)).tolist() == [[1, 1]]


def test_forward_hooks_with_keywords():
    class Add(nn.Module):
        def forward(self, x, *, more=0):
            return x + more

    add = Add()
    add.register_forward_pre_hook(
        lambda m, args, kwargs: (args, {"more": kwargs["more"] + 1}), with_kwargs=True
    )
    add.register_forward_hook(lambda m, args, kwargs, y: y * kwargs["more"], with_kwargs=True)
    assert add(1, more=2) == (1 + 3) * 3


def test_backward_hook_sees_and_changes():
    fc = nn.Linear(2, 1, bias=False)
    fc.load_state_dict({"weight": np.array([[3.0, 4.0]])})
    x = ones(1, 2).requires_grad_()
    seen = []

    def hook(module, grad_input, grad_output):
        seen.append((module, grad_input[0].tolist(), grad_output[0].tolist()))
        return (grad_input[0] * 10,)

    handle = fc.register_full_backward_hook(hook)
    (fc(x) * 2 + x.sum()).sum().backward()  # the gradient on the other way does not count
    assert seen == [(fc, [[6, 8]], [[2]])]
    assert x.grad.tolist() == [[61, 81]]
    handle.remove()
    fc(x).sum().backward()
    assert len(seen) == 1


def test_backward_hook_of_several_inputs():
    bilinear = nn.Bilinear(2, 2, 1)
    a, b = ones(1, 2).requires_grad_(), ones(1, 2).requires_grad_()
    seen = []
    bilinear.register_full_backward_hook(lambda m, gi, go: seen.append([g.shape for g in gi]))
    bilinear(a, b).sum().backward()
    assert seen == [[(1, 2), (1, 2)]]
    before = a.grad.clone()
    bilinear.register_full_backward_hook(lambda m, gi, go: (gi[0] * 10, gi[1]))
    a.grad = b.grad = None
    bilinear(a, b).sum().backward()
    assert tadori.equal(a.grad, before * 10)
    bilinear.register_full_backward_hook(lambda m, gi, go: gi[0])
    with pytest.raises(RuntimeError, match="invalid number of grad_input, got 1, but expected 2"):
        bilinear(a, b).sum().backward()


def test_backward_hook_without_input_gradient():
    fc = nn.Linear(2, 1)
    seen = []
    fc.register_full_backward_hook(lambda m, gi, go: seen.append((gi, go[0].tolist())))
    fc(ones(1, 2)).sum().backward()
    assert seen == [((None,), [[1]])]


def test_a_missing_forward():
    with pytest.raises(NotImplementedError, match='missing the required "forward"'):
        nn.Module()(1)


# -------------------------------------------------------------------------------------- containers


def test_sequential():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    assert len(model) == 3
    assert model[-1] is list(model)[2]
    assert isinstance(model[:2], nn.Sequential)
    assert len(model[:2]) == 2
    assert model(ones(4, 2)).shape == (4, 1)
    model.append(nn.Tanh()).insert(0, nn.Identity())
    assert [type(m).__name__ for m in model] == ["Identity", "Linear", "ReLU", "Linear", "Tanh"]
    del model[0]
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert isinstance(model.pop(-1), nn.Tanh)
    model[1] = nn.Sigmoid()
    assert isinstance(model[1], nn.Sigmoid)
    model.extend([nn.ReLU()])
    assert len(model + nn.Sequential(nn.ReLU())) == 5
    named = nn.Sequential(OrderedDict(a=nn.Linear(1, 1), b=nn.ReLU()))
    assert list(named.state_dict()) == ["a.weight", "a.bias"]
    assert named.b is named[1]
    assert list(dict(named[1:].named_children())) == ["b"]
    with pytest.raises(IndexError, match="out of range"):
        _ = model[9]


def test_lists_and_dicts():
    layers = nn.ModuleList([nn.Linear(1, 1) for _ in range(3)])
    layers += [nn.ReLU()]
    assert len(layers[1:]) == 3
    assert isinstance(layers[1:], nn.ModuleList)
    assert list(layers.state_dict())[:2] == ["0.weight", "0.bias"]
    table = nn.ModuleDict({"a": nn.Linear(1, 1)})
    table["b"] = nn.ReLU()
    table.update([("c", nn.Tanh())])
    assert list(table) == ["a", "b", "c"]
    assert "b" in table
    assert len(table) == 3
    assert isinstance(table.pop("b"), nn.ReLU)
    del table["c"]
    assert list(table.keys()) == ["a"]
    assert [*table.items()] == [("a", table["a"])]
    assert [*table.values()] == [table["a"]]
    table.clear()
    assert not len(table)


def test_lists_and_dicts_of_parameters():
    some = nn.ParameterList([ones(2), nn.Parameter(ones(3))])
    some += [ones(4)]
    assert [p.shape for p in some.parameters()] == [(2,), (3,), (4,)]
    some[-1] = ones(5)
    assert some[-1].shape == (5,)
    assert len(some[1:]) == 2
    assert list(some.state_dict()) == ["0", "1", "2"]
    named = nn.ParameterDict({"w": ones(2)})
    named["v"] = ones(1)
    assert type(named["w"]) is nn.Parameter
    assert list(named.state_dict()) == ["w", "v"]
    assert "w" in named
    assert len(named) == 2
    del named["v"]
    assert [*named.items()] == [("w", named["w"])]
    assert repr(named) == ("ParameterDict(  (w): Parameter containing: [float32 of size 2])")


def test_repr_as_pytorch():
    torch = pytest.importorskip("torch")

    def model(nn):
        inner = nn.Sequential(nn.Linear(2, 3), nn.ReLU(inplace=True))
        return nn.Sequential(
            OrderedDict(
                a=inner,
                b=nn.ModuleList([nn.Tanh(), nn.Tanh(), nn.Linear(1, 1)]),
                c=nn.ModuleDict({"k": nn.Sequential()}),
                d=nn.ModuleList(),
            )
        )

    assert repr(model(nn)) == repr(model(torch.nn))


def test_parameter():
    p = nn.Parameter(ones(2))
    assert p.requires_grad
    assert p.is_leaf
    assert isinstance(p, tadori.Tensor)
    assert type(p * 2) is tadori.Tensor
    assert not nn.Parameter(ones(1), requires_grad=False).requires_grad
    assert nn.Parameter().shape == (0,)
    assert repr(p).startswith("Parameter containing:\ntensor(")


# ------------------------------------------------------------------------------------------- utils


def test_clip_grad_norm():
    a, b = nn.Parameter(ones(2)), nn.Parameter(ones(1))
    (a * tadori.tensor([3.0, 0.0])).sum().backward()
    (b * 4).sum().backward()
    assert nn.utils.clip_grad_norm_([a, b], 10).item() == 5
    assert a.grad.tolist() == [3, 0]
    assert nn.utils.clip_grad_norm_([a, b], 1.0).item() == 5
    np.testing.assert_allclose([*a.grad.tolist(), *b.grad.tolist()], [0.6, 0, 0.8], rtol=1e-5)
    assert nn.utils.clip_grad_norm_(a, 1.0, float("inf")).item() == pytest.approx(0.6, rel=1e-5)
    nn.utils.clip_grad_value_([a, b], 0.7)
    np.testing.assert_allclose(b.grad.tolist(), [0.7])
    assert nn.utils.clip_grad_norm_([ones(1)], 1.0).item() == 0
    a.grad.array[0] = np.inf
    with pytest.raises(RuntimeError, match="non-finite"):
        nn.utils.clip_grad_norm_([a], 1.0, error_if_nonfinite=True)


def test_parameters_as_a_vector():
    fc = nn.Linear(2, 3)
    vector = nn.utils.parameters_to_vector(fc.parameters())
    assert vector.shape == (9,)
    nn.utils.vector_to_parameters(vector.detach() * 0 + 2, fc.parameters())
    assert (fc.weight.numpy(force=True) == 2).all()
    assert (fc.bias.numpy(force=True) == 2).all()
    vector.sum().backward()
    assert (fc.weight.grad.numpy() == 1).all()
    with pytest.raises(RuntimeError, match="9"):
        nn.utils.vector_to_parameters(ones(3), fc.parameters())
    with pytest.raises(TypeError, match="expected Tensor"):
        nn.utils.vector_to_parameters([1.0], fc.parameters())


# ------------------------------------------------------------------------------- hooks of all kinds


def test_hooks_before_the_gradient_and_for_every_module():
    fc, calls = nn.Linear(2, 1), []
    fc.register_full_backward_pre_hook(lambda m, go: (go[0] * 3,))
    fc.register_full_backward_hook(lambda m, gi, go: calls.append(go[0].tolist()))
    every = nn.modules.module.register_module_forward_hook(lambda m, x, y: calls.append(type(m)))
    fc(ones(1, 2).requires_grad_()).sum().backward()
    every.remove()
    fc(ones(1, 2))
    assert calls == [nn.Linear, [[3.0]]]
    assert fc.weight.grad.tolist() == [[3, 3]]


def test_a_hook_that_is_always_called():
    class Failing(nn.Module):
        def forward(self, x):
            raise KeyError("no")

    module, seen = Failing(), []
    module.register_forward_hook(lambda m, x, y: seen.append("usual"))
    module.register_forward_hook(lambda m, x, y: seen.append(y), always_call=True)
    with pytest.raises(KeyError):
        module(1)
    assert seen == [None]


def test_hooks_when_something_is_registered():
    seen = []
    module = nn.modules.module
    handles = [
        module.register_module_parameter_registration_hook(lambda m, name, p: seen.append(name)),
        module.register_module_module_registration_hook(lambda m, name, p: seen.append(name)),
        module.register_module_buffer_registration_hook(lambda m, name, p: seen.append(name)),
    ]
    outer = nn.Module()
    outer.weight = nn.Parameter(ones(1))
    outer.inner = nn.Identity()
    outer.register_buffer("count", ones(1))
    for handle in handles:
        handle.remove()
    outer.more = nn.Identity()
    assert seen == ["weight", "inner", "count"]


def test_hooks_of_saving_and_loading():
    class Counted(nn.Linear):
        seen = 0

        def get_extra_state(self):
            return {"seen": self.seen}

        def set_extra_state(self, state):
            self.seen = state["seen"]

    model, log = nn.Sequential(Counted(1, 1)), []
    model[0].seen = 7
    model.register_state_dict_pre_hook(lambda m, prefix, keep: log.append("before"))
    model.register_state_dict_post_hook(lambda m, s, prefix, meta: s.update(note=ones(1)))
    state = model.state_dict()
    assert list(state) == ["0.weight", "0.bias", "0._extra_state", "note"]
    assert state._metadata["0"] == {"version": 1}
    other = nn.Sequential(Counted(1, 1))
    with pytest.raises(RuntimeError, match=r'Unexpected key\(s\) in state_dict: "note"'):
        other.load_state_dict(state)
    other.register_load_state_dict_pre_hook(lambda m, s, *rest: s.pop("note", None))
    other.register_load_state_dict_post_hook(lambda m, keys: log.append(keys.missing_keys))
    assert repr(other.load_state_dict(state)) == "<All keys matched successfully>"
    assert other[0].seen == 7
    assert log == ["before", []]
    assert "note" in state, "what was given stays as it is"


def test_buffers_by_assignment_and_submodules_by_path():
    model = nn.Sequential(nn.Linear(1, 1))
    model.table = nn.Buffer(ones(2), persistent=False)
    assert [name for name, _ in model.named_buffers()] == ["table"]
    assert "table" not in model.state_dict()
    model.set_submodule("0", nn.Identity())
    assert isinstance(model[0], nn.Identity)
    with pytest.raises(AttributeError, match="'1'"):
        model.set_submodule("1", nn.Identity(), strict=True)


def test_data_parallel_is_the_module_itself():
    model = nn.DataParallel(nn.Linear(2, 1))
    assert list(model.state_dict()) == ["module.weight", "module.bias"]
    assert tadori.equal(model(ones(1, 2)), model.module(ones(1, 2)))
    with pytest.raises(NotImplementedError, match="one device"):
        nn.DataParallel(nn.Linear(2, 1), device_ids=[0, 1])


def test_older_names_of_initialisers_warn():
    with pytest.warns(FutureWarning, match=r"in favor of `nn.init.constant_`"):
        assert nn.init.constant(ones(2), 3.0).tolist() == [3, 3]
