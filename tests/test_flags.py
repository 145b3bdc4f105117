"""Where and how a tensor is kept, in-place turns, histograms, runs: beyond the table."""

from __future__ import annotations

import numpy as np
import pytest

import tadori


def test_a_turned_tensor_is_a_view_of_what_it_was():
    x = tadori.ones(2, 3).requires_grad_()
    y = x * 2
    before = y.detach()
    assert y.t_() is y
    assert y.shape == (3, 2)
    assert np.shares_memory(y.array, before.array)
    y[0].mul_(5)
    y.unsqueeze_(0).transpose_(0, 2)
    assert y.shape == (2, 3, 1)
    y.squeeze_().sum().backward()
    assert x.grad.tolist() == [[10, 2, 2], [10, 2, 2]]
    with pytest.raises(RuntimeError, match="leaf"):
        x.t_()


def test_other_in_place_forms():
    x = tadori.ones(2, 2)
    assert x.tril_().tolist() == [[1, 0], [1, 1]]
    assert x.cumsum_(0).tolist() == [[1, 0], [2, 1]]
    assert x.addmm_(tadori.ones(2, 1), tadori.ones(1, 2), alpha=2).tolist() == [[3, 2], [4, 3]]
    assert x.fill_diagonal_(7).tolist() == [[7, 2], [4, 7]]
    assert x.apply_(lambda v: v + 1).tolist() == [[8, 3], [5, 8]]
    assert x.map_(tadori.ones(2, 2), lambda a, b: a - b).tolist() == [[7, 2], [4, 7]]


def test_flags():
    x = tadori.zeros(2, 3)
    assert x.is_cpu
    assert not (x.is_cuda or x.is_sparse or x.is_quantized or x.is_pinned())
    assert x.layout is tadori.strided
    assert repr(x.layout) == "tadori.strided"
    assert x.get_device() == -1
    assert x.is_set_to(x.detach())
    assert not x.is_set_to(x.clone())
    assert x.is_same_size(tadori.ones(2, 3))
    assert x.data_ptr() == x.array.ctypes.data
    assert tadori.is_nonzero(tadori.tensor(2.0))


def test_words_about_memory_are_accepted_where_they_change_nothing():
    x = tadori.zeros(2, layout=tadori.strided, pin_memory=False)
    assert tadori.empty_like(x, memory_format=tadori.preserve_format).shape == (2,)
    assert x.to(memory_format=tadori.channels_last) is x
    with pytest.raises(NotImplementedError, match="sparse"):
        tadori.zeros(2, layout=tadori.layout("sparse_coo"))
    out = tadori.empty(0)
    assert tadori.arange(3.0, out=out) is out
    assert out.tolist() == [0, 1, 2]


def test_memory_with_steps():
    x = tadori.empty_strided((2, 3), (1, 4), dtype=tadori.int32)
    assert (x.shape, x.stride(), x.dtype) == ((2, 3), (1, 4), tadori.int32)
    assert tadori.empty_permuted((2, 3, 4), (2, 0, 1)).stride() == (3, 1, 6)
    assert tadori.ones(1).new_empty_strided((2, 2), (1, 2)).stride() == (1, 2)
    assert tadori.scalar_tensor(3).dtype == tadori.float32
    assert tadori.range(1, 2, 0.5).tolist() == [1, 1.5, 2]
    assert tadori.frombuffer(bytearray(b"\1\2"), dtype=tadori.uint8).tolist() == [1, 2]
    with pytest.raises(RuntimeError, match="negative"):
        tadori.empty_strided((2,), (-1,))


def test_histograms_and_runs():
    x = tadori.tensor([0.0, 1.0, 1.0, 4.0])
    found = x.histogram(2, range=(0.0, 4.0), weight=tadori.tensor([1.0, 2.0, 3.0, 4.0]))
    assert found.hist.tolist() == [6, 4]
    assert found.bin_edges.tolist() == [0, 2, 4]
    points = tadori.tensor([[0.0, 0.0], [1.0, 1.0], [1.0, 0.9]])
    assert tadori.histogramdd(points, [2, 2]).hist.tolist() == [[1, 0], [0, 2]]
    values, inverse, counts = x.unique_consecutive(True, True)
    assert (values.tolist(), inverse.tolist(), counts.tolist()) == (
        [0, 1, 4],
        [0, 1, 1, 2],
        [1, 2, 1],
    )
    rows = tadori.tensor([[1, 2], [1, 2], [0, 2]])
    assert rows.unique_consecutive(dim=0).tolist() == [[1, 2], [0, 2]]


def test_out_takes_the_result():
    x = tadori.tensor([2.0, 1.0])
    y = tadori.empty(0)
    assert tadori.exp(x, out=y) is y
    np.testing.assert_allclose(y.numpy(), np.exp([2.0, 1.0]), rtol=1e-6)
    assert tadori.cat([x, x], out=tadori.empty(4)).tolist() == [2, 1, 2, 1]
    places = tadori.empty(2, dtype=tadori.int64)
    assert tadori.sort(x, out=(y, places)).indices is places
    assert places.tolist() == [1, 0]
    with pytest.raises(RuntimeError, match="can't be cast"):
        tadori.exp(x, out=places)
    with pytest.raises(RuntimeError, match="out="):
        tadori.exp(x.requires_grad_(), out=y)
