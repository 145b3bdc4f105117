"""Masked reductions: what they say of nothing at all, and of masks that do not fit."""

from __future__ import annotations

import math

import pytest

import tadori
from tadori import masked

X = tadori.tensor([[1.0, 2.0], [3.0, 4.0]])
MASK = tadori.tensor([[True, False], [False, False]])


@pytest.mark.allow_fp_faults
def test_rows_of_which_nothing_is_left():
    assert masked.sum(X, 1, mask=MASK).tolist() == [1, 0]
    assert masked.prod(X, 1, mask=MASK).tolist() == [1, 1]
    assert masked.amax(X, 1, mask=MASK).tolist() == [1, -math.inf]
    assert masked.amin(X, 1, mask=MASK).tolist() == [1, math.inf]
    assert math.isnan(masked.mean(X, 1, mask=MASK)[1].item())
    assert masked.argmax(X, 1, mask=MASK).tolist() == [0, 0]
    assert masked.log_softmax(X, 1, mask=MASK)[0].tolist() == [0, -math.inf]
    assert masked.logaddexp(X, X, other_mask=MASK)[1].tolist() == [3, 4]


def test_integers_keep_their_kind():
    x = tadori.tensor([[1, 5], [7, 2]])
    assert masked.sum(x, mask=tadori.tensor([True, False])).item() == 8
    assert masked.median(x, 1).dtype == "int64"
    with pytest.raises(ValueError, match="Could not infer output dtype"):
        masked.mean(x)
    with pytest.raises(ValueError, match="no fully masked out rows"):
        masked.median(x, 1, mask=MASK)


def test_what_does_not_fit_is_refused():
    with pytest.raises(IndexError, match="mask dimensionality higher"):
        masked.sum(X[0], mask=MASK)
    with pytest.raises(RuntimeError, match="dim=0 appears multiple times"):
        masked.sum(X, (0, -2))
    with pytest.raises(NotImplementedError, match="masked tensors are absent"):
        masked.masked_tensor(X, MASK)
    assert not masked.is_masked_tensor(X)
