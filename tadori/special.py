"""Special functions under PyTorch's names in `torch.special`.

They take tensors of any shape, entry by entry; where there are several, these broadcast. Integers
become the default float. Bessel's J, Y and K, Airy's function and the incomplete gamma functions
are SciPy's, and raise ImportError without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import kernels
from .autograd.convert import as_input, common_dtype
from .functions.elementwise import polygamma
from .kernels import bessel, gamma, orthogonal
from .language import np
from .tensor import Tensor

__all__ = [
    "airy_ai",
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "chebyshev_polynomial_t",
    "chebyshev_polynomial_u",
    "chebyshev_polynomial_v",
    "chebyshev_polynomial_w",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammainc",
    "gammaincc",
    "gammaln",
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
    "log1p",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "modified_bessel_i0",
    "modified_bessel_i1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "round",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u",
    "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w",
    "sinc",
    "softmax",
    "spherical_bessel_j0",
    "xlog1py",
    "xlogy",
    "zeta",
]

# Those that are methods of Tensor under another name, or the same.
digamma = psi = Tensor.digamma
erf = Tensor.erf
erfc = Tensor.erfc
erfinv = Tensor.erfinv
exp2 = Tensor.exp2
expit = Tensor.sigmoid
expm1 = Tensor.expm1
gammainc = Tensor.igamma
gammaincc = Tensor.igammac
gammaln = Tensor.lgamma
log1p = Tensor.log1p
log_softmax = Tensor.log_softmax
logit = Tensor.logit
logsumexp = Tensor.logsumexp
multigammaln = Tensor.mvlgamma
round = Tensor.round
sinc = Tensor.sinc
softmax = Tensor.softmax


def floating(*inputs: Any) -> tuple[Any, ...]:
    """Tensors and numbers as tensors of one floating dtype."""
    return common_dtype(tuple(map(as_input, inputs)), floating=True, numbers=False)


# ------------------------------------------------------------------------------- probabilities


def erfcx(input: Any) -> Any:
    """e^(x^2) erfc(x), which does not vanish for large x."""
    return gamma.erfcx(input)


def ndtr(input: Any) -> Any:
    """The normal distribution's share below x."""
    return gamma.ndtr(input)


def log_ndtr(input: Any) -> Any:
    """log(ndtr(x)), exact where the share is tiny."""
    return gamma.log_ndtr(input)


def ndtri(input: Any) -> Any:
    """The y with ndtr(y) = x."""
    return gamma.ndtri(input)


def entr(input: Any) -> Any:
    """-x log(x): 0 at 0, -inf for negative x."""
    return gamma.entr(input)


def xlogy(input: Any, other: Any) -> Any:
    """x log(y), and 0 where x is 0."""
    return kernels.xlogy(*floating(input, other))


def xlog1py(input: Any, other: Any) -> Any:
    """x log(1 + y), and 0 where x is 0."""
    return gamma.xlog1py(*floating(input, other))


def zeta(input: Any, other: Any) -> Any:
    """Hurwitz's zeta: the sum of (other + k)^-input for k = 0, 1, ...

    The derivative with respect to `input` is not there, as in PyTorch.
    """
    return gamma.zeta(*floating(input, other))


# ------------------------------------------------------------------------------------ Bessel, Airy


def i0(input: Any) -> Any:
    """Bessel's I0: the mean of e^(x cos t) over the angles t."""
    return bessel.i0(input)


def i0e(input: Any) -> Any:
    """e^-|x| I0(x)."""
    return bessel.i0e(input)


def i1(input: Any) -> Any:
    """Bessel's I1, the derivative of I0."""
    return bessel.i1(input)


def i1e(input: Any) -> Any:
    """e^-|x| I1(x)."""
    return bessel.i1e(input)


def bessel_j0(input: Any) -> Any:
    """Bessel's J0."""
    return bessel.bessel_j0(input)


def bessel_j1(input: Any) -> Any:
    """Bessel's J1, less the derivative of J0."""
    return bessel.bessel_j1(input)


def bessel_y0(input: Any) -> Any:
    """Bessel's Y0, of the second kind: -inf at 0."""
    return bessel.bessel_y0(input)


def bessel_y1(input: Any) -> Any:
    """Bessel's Y1, less the derivative of Y0."""
    return bessel.bessel_y1(input)


def modified_bessel_i0(input: Any) -> Any:
    """I0, as `i0`."""
    return bessel.i0(input)


def modified_bessel_i1(input: Any) -> Any:
    """I1, as `i1`."""
    return bessel.i1(input)


def modified_bessel_k0(input: Any) -> Any:
    """K0, which falls as e^-x."""
    return bessel.modified_bessel_k0(input)


def modified_bessel_k1(input: Any) -> Any:
    """K1, less the derivative of K0."""
    return bessel.modified_bessel_k1(input)


def scaled_modified_bessel_k0(input: Any) -> Any:
    """e^x K0(x)."""
    return bessel.scaled_modified_bessel_k0(input)


def scaled_modified_bessel_k1(input: Any) -> Any:
    """e^x K1(x)."""
    return bessel.scaled_modified_bessel_k1(input)


def spherical_bessel_j0(input: Any) -> Any:
    """sin(x) / x."""
    (x,) = floating(input)
    return bessel.spherical_bessel_j0(x)


def airy_ai(input: Any) -> Any:
    """Airy's Ai."""
    return bessel.airy_ai(input)


# ------------------------------------------------------------------------- orthogonal polynomials


def polynomial(kernel: Callable[..., Any], input: Any, n: Any) -> Any:
    """A polynomial of whole order n, a number or a tensor; 0 for n < 0."""
    x, order = floating(input, n)
    shape = np.broadcast_shapes(x.shape, order.shape)
    return kernel(np.broadcast_to(x, shape), n=np.trunc(order.detach().numpy()))


def shifted(input: Any) -> Any:
    """2x - 1, which takes [0, 1] to [-1, 1]."""
    return input * 2.0 - 1.0


def chebyshev_polynomial_t(input: Any, n: Any) -> Any:
    """cos(n t) of x = cos(t), of the first kind."""
    return polynomial(orthogonal.chebyshev_t, input, n)


def chebyshev_polynomial_u(input: Any, n: Any) -> Any:
    """sin((n + 1) t) / sin(t), of the second kind."""
    return polynomial(orthogonal.chebyshev_u, input, n)


def chebyshev_polynomial_v(input: Any, n: Any) -> Any:
    """cos((n + 1/2) t) / cos(t / 2), of the third kind."""
    return polynomial(orthogonal.chebyshev_v, input, n)


def chebyshev_polynomial_w(input: Any, n: Any) -> Any:
    """sin((n + 1/2) t) / sin(t / 2), of the fourth kind."""
    return polynomial(orthogonal.chebyshev_w, input, n)


def shifted_chebyshev_polynomial_t(input: Any, n: Any) -> Any:
    """The polynomial of the first kind at 2x - 1."""
    return polynomial(orthogonal.chebyshev_t, shifted(input), n)


def shifted_chebyshev_polynomial_u(input: Any, n: Any) -> Any:
    """The polynomial of the second kind at 2x - 1."""
    return polynomial(orthogonal.chebyshev_u, shifted(input), n)


def shifted_chebyshev_polynomial_v(input: Any, n: Any) -> Any:
    """The polynomial of the third kind at 2x - 1."""
    return polynomial(orthogonal.chebyshev_v, shifted(input), n)


def shifted_chebyshev_polynomial_w(input: Any, n: Any) -> Any:
    """The polynomial of the fourth kind at 2x - 1."""
    return polynomial(orthogonal.chebyshev_w, shifted(input), n)


def hermite_polynomial_h(input: Any, n: Any) -> Any:
    """The physicists' Hermite polynomial."""
    return polynomial(orthogonal.hermite_h, input, n)


def hermite_polynomial_he(input: Any, n: Any) -> Any:
    """The probabilists' Hermite polynomial."""
    return polynomial(orthogonal.hermite_he_n, input, n)


def laguerre_polynomial_l(input: Any, n: Any) -> Any:
    """Laguerre's polynomial."""
    return polynomial(orthogonal.laguerre_l, input, n)


def legendre_polynomial_p(input: Any, n: Any) -> Any:
    """Legendre's polynomial."""
    return polynomial(orthogonal.legendre_p, input, n)
