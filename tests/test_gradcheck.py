"""The tester, tested: wrong derivatives of first and second order must be caught."""

from __future__ import annotations

import numpy as np
import pytest

import tadori
from tadori import Tensor
from tadori.autograd import GradcheckError, gradcheck, gradgradcheck
from tadori.autograd.function import Function


def leaf(*shape: int, dtype: str = "float64", seed: int = 0) -> Tensor:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.5, 1.5, shape)
    if dtype.startswith("complex"):
        values = values + 1j * rng.uniform(0.5, 1.5, shape)
    return Tensor(values.astype(dtype)).requires_grad_()


class Cube(Function):
    """x^3, right to all orders."""

    def forward(self, x):
        return x * x * x

    def backward(self, gy, x):
        return gy * 3.0 * x * x


class WrongFirst(Cube):
    """Wrong by a factor, everywhere."""

    def backward(self, gy, x):
        return gy * 2.5 * x * x


class WrongInOnePlace(Cube):
    """Right but for element [1, 2]."""

    def backward(self, gy, x):
        error = np.zeros(gy.shape)
        error[1, 2] = 0.25
        return gy * (3.0 * x * x + error)


class WrongSecond(Function):
    """Right to first order; the formula takes an array where it should take what is recorded."""

    def forward(self, x):
        self.constant = x
        return x * x * x

    def backward(self, gy):
        return gy * (3.0 * self.constant * self.constant)


class WrongInUpstream(Function):
    """Right for a gradient of 1 only."""

    def forward(self, x):
        return x * 2.0

    def backward(self, gy):
        return gy * gy * 2.0


class Mixes(Function):
    """A formula that confuses its inputs."""

    def forward(self, a, b):
        return a * b

    def grad_a(self, gy, a):
        return gy * a

    def grad_b(self, gy, a):
        return gy * a


def two_outputs(a, b):
    return a * b, Cube.apply(a) + b


def test_right_derivatives_pass() -> None:
    a, b = leaf(2, 3), leaf(2, 3, seed=1)
    for check in (gradcheck, gradgradcheck):
        for fast_mode in (False, True):
            assert check(Cube.apply, a, fast_mode=fast_mode)
            assert check(lambda a, b: a * b - a, (a, b), fast_mode=fast_mode)
            assert check(two_outputs, [a, b], fast_mode=fast_mode)
    assert gradcheck(lambda a: a * b.detach() * 2.0, [a])
    assert gradcheck(lambda x: x * x, leaf(), check_grad_dtypes=True)
    assert gradcheck(lambda x: x * x, leaf(0, 3))


WRONG = {
    "everywhere": (WrongFirst.apply, 1),
    "in one place": (WrongInOnePlace.apply, 1),
    "in the second output": (lambda x: (x * 2.0, WrongFirst.apply(x)), 1),
    "zero": (lambda x: x.detach() * 2.0 + x * 0.0, 1),
    "no graph at all": (lambda x: x.detach() * 2.0, 1),
}


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("name", WRONG)
def test_wrong_first_derivatives_are_caught(name: str, fast_mode: bool) -> None:
    function, inputs = WRONG[name][0], [leaf(2, 3)]
    with pytest.raises(GradcheckError, match="gradcheck"):
        gradcheck(function, inputs, fast_mode=fast_mode)
    assert not gradcheck(function, inputs, raise_exception=False, fast_mode=fast_mode)


def test_confused_inputs_are_caught() -> None:
    with pytest.raises(GradcheckError, match="input 0"):
        gradcheck(Mixes.apply, [leaf(2), leaf(2, seed=1)])


def test_wrong_second_derivatives_are_caught() -> None:
    x = leaf(2, 2)
    assert gradcheck(WrongSecond.apply, x)
    with pytest.raises(GradcheckError, match="input 0"):
        gradgradcheck(WrongSecond.apply, x)
    assert not gradgradcheck(WrongSecond.apply, x, raise_exception=False)
    assert not gradgradcheck(WrongSecond.apply, x, raise_exception=False, fast_mode=True)


def test_a_formula_not_linear_in_the_gradient_coming_in() -> None:
    x = leaf(3)
    with pytest.raises(GradcheckError, match="not linear in the gradient coming in"):
        gradcheck(WrongInUpstream.apply, x)


def test_the_message_names_the_worst_element_and_both_values() -> None:
    x = leaf(2, 3)
    exact = 3 * x.array[1, 2] ** 2
    with pytest.raises(GradcheckError) as caught:
        gradcheck(WrongInOnePlace.apply, x)
    message = str(caught.value)
    assert "d output 0[1, 2] / d input 0[1, 2]" in message
    assert f"backward gives {exact + 0.25:.6g}, the difference {exact:.6g}" in message
    assert "1 of 36 derivatives are wrong" in message


def test_nan_is_never_right() -> None:
    class Nan(Cube):
        def backward(self, gy, x):
            return gy * float("nan")

    with pytest.raises(GradcheckError, match="nan"):
        gradcheck(Nan.apply, leaf(2))


def test_a_gradient_that_differs_between_runs() -> None:
    class Unsteady(Cube):
        calls = 0

        def backward(self, gy, x):
            Unsteady.calls += 1
            return gy * (3.0 + 1e-9 * Unsteady.calls) * x * x

    with pytest.raises(GradcheckError, match="not reentrant"):
        gradcheck(Unsteady.apply, leaf(2))
    assert gradcheck(Unsteady.apply, leaf(2), nondet_tol=1e-6)


def test_only_inputs_that_require_a_gradient_are_checked() -> None:
    a, b = leaf(2), leaf(2, seed=1).detach()
    assert gradcheck(lambda a, b, n: a * b * n, [a, b, 3.0])
    with pytest.raises(ValueError, match="at least one input"):
        gradcheck(lambda b: b * 2.0, [b])


def test_single_precision_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="float32"):
        gradcheck(lambda x: x * 2.0, leaf(2, dtype="float32"), eps=1e-2, atol=1e-2)


def test_inputs_keep_their_values_and_memory() -> None:
    x = leaf(2, 3)
    array, before = x.array, x.array.copy()
    gradgradcheck(Cube.apply, x)
    with pytest.raises(KeyError):
        gradcheck(lambda x: {}["missing"], x)
    assert x.array is array
    assert (array == before).all()
    assert x.grad is None


def test_functions_that_know_their_inputs_by_another_way() -> None:
    """Parameters of a module are inputs that the function does not take from its arguments."""
    weight = leaf(3)
    assert gradcheck(lambda *parameters: weight * weight, [weight])
    assert not gradcheck(lambda *_: WrongFirst.apply(weight), [weight], raise_exception=False)


def test_outputs_that_carry_no_gradient_are_left_out() -> None:
    x = leaf(4)
    assert gradcheck(lambda x: (x * x, Tensor(np.argsort(x.array)), None, "text"), x)


def test_strided_inputs_and_upstream_gradients() -> None:
    x = Tensor(np.random.default_rng(0).uniform(1, 2, (3, 4)).T[::2]).requires_grad_()
    assert gradcheck(lambda x: x * x, x)
    assert gradgradcheck(lambda x: x * x * x, x, gen_non_contig_grad_outputs=True)


def test_given_upstream_gradients() -> None:
    x = leaf(3)
    assert gradgradcheck(Cube.apply, x, [leaf(3, seed=5)])
    assert gradgradcheck(Cube.apply, x, leaf(3, seed=5))


def test_complex_numbers_are_two_real_ones() -> None:
    class Product(Function):
        def forward(self, a, b):
            return a * b

        def grad_a(self, gy, b):
            return gy * b

        def grad_b(self, gy, a):
            return gy * a

    class Conjugated(Product):
        def grad_a(self, gy, b):
            return gy * np.conj(b)

    inputs = leaf(2, dtype="complex128"), leaf(2, dtype="complex128", seed=1)
    assert gradcheck(Product.apply, inputs)
    assert gradcheck(Product.apply, inputs, fast_mode=True)
    with pytest.raises(GradcheckError, match=r"d output 0\[\d\]\.(real|imag)"):
        gradcheck(Conjugated.apply, inputs)


def test_switches_of_pytorch_that_we_do_not_have() -> None:
    x = leaf(2)
    assert gradcheck(Cube.apply, x, check_batched_grad=False, check_forward_ad=False)
    with pytest.raises(TypeError, match="check_forward_ad=True"):
        gradcheck(Cube.apply, x, check_forward_ad=True)
    with pytest.raises(TypeError, match="no_such"):
        gradcheck(Cube.apply, x, no_such=False)


def test_the_mode_does_not_matter_for_second_derivatives() -> None:
    with tadori.enable_grad():
        assert gradgradcheck(lambda x: x * x, leaf(2))


CASES = [
    (lambda a, b: a * b, True),
    (lambda a, b: (a * b, a + b), True),
    (lambda a, b: a.detach() * b, False),
    (lambda a, b: a * a - b * 2.0, True),
]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_verdicts_are_those_of_pytorch(number: int) -> None:
    torch = pytest.importorskip("torch")
    function, verdict = CASES[number]
    ours = leaf(2, 3), leaf(3, seed=1)
    theirs = [torch.tensor(x.array, requires_grad=True) for x in ours]
    assert gradcheck(function, ours, raise_exception=False) is verdict
    assert torch.autograd.gradcheck(function, theirs, raise_exception=False) is verdict
