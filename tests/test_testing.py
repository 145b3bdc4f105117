"""`tadori.testing`, settings that programs make, other libraries' arrays."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori.testing import assert_close


def test_what_is_close():
    x = tadori.tensor([1.0, 2.0])
    assert_close(x, x + 1e-6)
    assert_close({"a": [x, 1.0]}, {"a": [x, 1.0]})
    assert_close(tadori.tensor([float("nan")]), tadori.tensor([float("nan")]), equal_nan=True)
    assert_close(x, x.double(), check_dtype=False)
    assert_close(x, x + 0.1, rtol=0, atol=0.2)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda x: x + 1e-3, r"Mismatched elements: 2 / 2"),
        (lambda x: x.double(), "dtype"),
        (lambda x: x[:1], "shape"),
        (lambda x: 1.0, "Types"),
        (lambda x: x * float("nan"), "not close"),
    ],
)
def test_what_is_not(other, message):
    x = tadori.tensor([1.0, 2.0])
    with pytest.raises(AssertionError, match=message):
        assert_close(x, other(x))
    with pytest.raises(AssertionError, match=r"item \['a'\]\[0\]|Types"):
        assert_close({"a": [x]}, {"a": [other(x)]})
    with pytest.raises(AssertionError, match=r"^mine$"):
        assert_close(x, other(x), msg="mine")


def test_assert_close_says_what_pytorch_says():
    torch = pytest.importorskip("torch")
    for a, b in [([1.0, 2.0], [1.0, 2.00001]), ([1.0], [1.00000001]), ([1, 2], [1, 3])]:
        verdicts = []
        for library in (torch, tadori):
            try:
                library.testing.assert_close(library.tensor(a), library.tensor(b))
                verdicts.append(True)
            except AssertionError:
                verdicts.append(False)
        assert verdicts[0] == verdicts[1]


def test_settings_that_programs_make():
    tadori.backends.cudnn.benchmark = True
    assert not tadori.backends.cudnn.is_available()
    tadori.use_deterministic_algorithms(True)
    assert tadori.are_deterministic_algorithms_enabled()
    tadori.set_float32_matmul_precision("high")
    assert tadori.get_float32_matmul_precision() == "high"
    assert tadori.get_default_device().type == "cpu"
    with pytest.raises(RuntimeError, match="'highest'"):
        tadori.set_float32_matmul_precision("low")
    with pytest.raises(NotImplementedError, match="device="):
        tadori.set_default_device("cuda")


def test_dlpack_shares_memory():
    x = tadori.arange(3.0)
    array = np.from_dlpack(x)
    x[0] = 7.0
    assert array[0] == 7.0
    own = np.zeros(2, np.float32)
    assert np.shares_memory(tadori.from_dlpack(own).array, own)
    with pytest.raises(BufferError, match="detach"):
        np.from_dlpack(x.requires_grad_())


def test_dlpack_with_pytorch():
    torch = pytest.importorskip("torch")
    theirs = torch.from_dlpack(tadori.ones(2, 2))
    assert theirs.tolist() == [[1, 1], [1, 1]]
    ours = tadori.from_dlpack(theirs)
    theirs[0, 0] = 5
    assert ours[0, 0].item() == 5


def test_functions_that_are_methods_or_layers():
    x = tadori.tensor([-1.0, 2.0])
    assert tadori.relu_(x) is x
    assert x.tolist() == [0, 2]
    assert tadori.conv1d(tadori.ones(1, 1, 3), tadori.ones(1, 1, 2)).tolist() == [[[2, 2]]]
    assert tadori.vander(tadori.tensor([2, 3]), 3).tolist() == [[4, 2, 1], [9, 3, 1]]
    with pytest.raises(AttributeError):
        _ = tadori.no_such_thing_
