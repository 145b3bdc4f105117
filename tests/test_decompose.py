"""Decompositions where they fail, and where a factor is not unique."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori import Tensor, linalg
from tadori.autograd import grad


def leaf(values):
    return Tensor(np.array(values, dtype=np.float64)).requires_grad_()


SINGULAR = [[1.0, 2.0], [2.0, 4.0]]


@pytest.mark.parametrize("function", [linalg.inv, linalg.cholesky, lambda x: linalg.solve(x, x)])
def test_singular_matrices(function):
    with pytest.raises(linalg.LinAlgError):
        function(leaf(SINGULAR) * 0)


@pytest.mark.parametrize("name", ["inv", "det", "cholesky", "eigh", "svd", "svdvals", "qr"])
def test_integers_are_refused(name):
    with pytest.raises(RuntimeError, match="int64"):
        getattr(linalg, name)(Tensor(np.eye(2, dtype=np.int64)))


def test_results_have_pytorchs_names():
    x = leaf([[2.0, 1.0], [1.0, 2.0]])
    assert linalg.eigh(x).eigenvalues.detach().numpy() == pytest.approx([1, 3])
    assert linalg.slogdet(x).logabsdet.item() == pytest.approx(np.log(3))
    assert linalg.qr(x).Q.shape == linalg.svd(x).Vh.shape == (2, 2)


def test_equal_eigenvalues_spoil_nothing():
    x = leaf(np.eye(3))
    assert grad(linalg.eigvalsh(x).sum(), x)[0].tolist() == np.eye(3).tolist()
    assert np.isfinite(grad(linalg.svd(x).U.sum(), x)[0].numpy()).all()


def test_parts_left_unused():
    x = leaf([[2.0, 1.0], [1.0, 3.0]])
    values = grad(linalg.eigh(x).eigenvalues.sum(), x)[0]
    np.testing.assert_allclose(values.numpy(), np.eye(2), atol=1e-12)
    r = linalg.qr(x).R
    assert grad((r * r).sum(), x)[0].numpy() == pytest.approx(2 * x.detach().numpy())


def test_a_matrix_to_the_power_0_is_one():
    assert linalg.matrix_power(leaf(SINGULAR), 0).tolist() == np.eye(2).tolist()


def test_numpys_own_names_find_the_operations():
    x = leaf([[2.0, 1.0], [1.0, 3.0]])
    assert isinstance(np.linalg.inv(x), tadori.Tensor)
    np.linalg.det(x).backward()
    assert x.grad.numpy() == pytest.approx(np.array([[3, -1], [-1, 2]]))
