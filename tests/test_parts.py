"""Memory seen with other steps, searching, and what refuses to be cut: beyond the table."""

from __future__ import annotations

import numpy as np
import pytest

import tadori


def test_as_strided_is_a_view_whose_base_follows():
    x = tadori.zeros(2, 3).requires_grad_()
    y = x * 1
    y.as_strided((2,), (4,)).fill_(5.0)
    assert y.tolist() == [[5, 0, 0], [0, 5, 0]]
    y.sum().backward()
    assert x.grad.tolist() == [[0, 1, 1], [1, 0, 1]]


def test_as_strided_counts_from_the_start_of_the_memory():
    x = tadori.arange(12).reshape(3, 4)[1:, 1:]
    assert x.storage_offset() == 5
    assert x.as_strided((2,), (1,)).tolist() == [5, 6]
    assert x.as_strided((2,), (1,), 0).tolist() == [0, 1]
    with pytest.raises(RuntimeError, match="out of bounds"):
        x.as_strided((2, 7), (6, 1))


def test_a_view_that_could_not_tell_its_base_cannot_be_written():
    y = (tadori.ones(3, 4).requires_grad_() * 1)[1:, 1:]
    with pytest.raises(RuntimeError, match="cannot be written"):
        y.as_strided((2,), (1,)).fill_(5.0)


def test_resize_keeps_what_fits():
    x = tadori.arange(6.0)
    memory = x.array
    assert x.resize_(2, 2).tolist() == [[0, 1], [2, 3]]
    assert np.shares_memory(x.array, memory)
    assert x.resize_(2, 5).flatten()[:6].tolist() == [0, 1, 2, 3, 4, 5]
    assert x.resize_as_(tadori.ones(3)).tolist() == [0, 1, 2]
    with pytest.raises(RuntimeError, match="resize"):
        tadori.ones(2).requires_grad_().resize_(1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x: x.hsplit(3), "not divisible"),
        (lambda x: x.dsplit(2), "at least 3 dimension"),
        (lambda x: x.select_scatter(tadori.ones(3), 0, 0), "src size"),
        (lambda x: x.diagonal_scatter(tadori.ones(3)), "src size"),
        (lambda x: x.sum_to_size(3, 2), "not expandable"),
        (lambda x: x.scatter_reduce(0, x.long(), x, "median"), "reduce is one of"),
        (lambda x: x.masked_fill(x > 0, 1.0).byte().masked_fill(x > 0, 300), "overflow"),
        (lambda x: tadori.unravel_index(tadori.tensor([9]), (2, 2)), "out of bounds"),
        (lambda x: tadori.broadcast_shapes((2,), (3,)), "shape mismatch"),
        (lambda x: tadori.gradient(x, edge_order=2), "edge_order"),
    ],
)
def test_errors(wrong, message):
    with pytest.raises(RuntimeError, match=message):
        wrong(tadori.ones(2, 4))


def test_searching():
    line = tadori.tensor([1, 3, 3, 5])
    assert tadori.searchsorted(line, tadori.tensor([3, 6])).tolist() == [1, 4]
    assert tadori.searchsorted(line, 3, right=True).item() == 3
    rows = tadori.tensor([[1.0, 2.0], [3.0, 4.0]])
    found = tadori.searchsorted(rows, tadori.tensor([[2.0], [2.0]]), out_int32=True)
    assert found.tolist() == [[1], [0]]
    assert found.dtype == tadori.int32
    assert tadori.bucketize(tadori.tensor([0, 3, 9]), line).tolist() == [0, 1, 4]
    assert tadori.isin(line, tadori.tensor([3, 5]), invert=True).tolist() == [True, *[False] * 3]
    assert [i.tolist() for i in tadori.unravel_index(tadori.tensor([5]), (2, 3))] == [[1], [2]]
    static = tadori.nonzero_static(tadori.tensor([0, 1, 1]), size=3)
    assert static.tolist() == [[1], [2], [-1]]


def test_extremes_share_their_gradient():
    x = tadori.zeros(2).requires_grad_()
    src = tadori.zeros(3).requires_grad_()
    x.scatter_reduce(0, tadori.tensor([0, 0, 1]), src, "amax").sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [1 / 3, 1 / 2], rtol=1e-6)
    np.testing.assert_allclose(src.grad.numpy(), [1 / 3, 1 / 3, 1 / 2], rtol=1e-6)
