"""Rows for tadori/ops/gamma.py and bessel.py, and for tadori/special.py."""

from __future__ import annotations

import numpy as np

from tadori import special
from tadori.kernels import bessel

from .case import Case

POSITIVE = {"domain": (0.5, 3.0)}


def library(x):
    """torch.special for PyTorch's tensors, ours for ours."""
    if type(x).__module__.startswith("torch"):
        import torch

        return torch.special
    return special


def row(name, function, *shapes, **how):
    """f(torch.special, ...), which PyTorch can differentiate too."""

    def call(*xs):
        return function(library(xs[0]), *xs)

    return Case(name, call, shapes or ((3, 4),), None, call, **how)


def of_scipy(name, source, **how):
    """A function that PyTorch cannot differentiate, beside SciPy's."""

    def expected(x):
        from scipy import special as scipys

        return getattr(scipys, source)(x)

    return Case(name, getattr(special, name), ((3, 4),), expected, None, **how)


def polynomial(name, source):
    """An orthogonal polynomial beside SciPy's; SciPy's order comes first."""

    def expected(x):
        from scipy import special as scipys

        return getattr(scipys, source)(np.arange(4), x)

    def ours(x):
        return getattr(special, name)(x, special.Tensor(np.arange(4)))

    return Case(name, ours, ((3, 4),), expected, None, domain=(0.1, 0.9), rtol=1e-4)


CASES = [
    row("erfcx", lambda sp, x: sp.erfcx(x)),
    row("ndtr", lambda sp, x: sp.ndtr(x)),
    row("log_ndtr", lambda sp, x: sp.log_ndtr(x), domain=(-6.0, 3.0)),
    row("ndtri", lambda sp, x: sp.ndtri(x), domain=(0.01, 0.95)),
    row("entr", lambda sp, x: sp.entr(x), **POSITIVE),
    row("xlogy with numbers", lambda sp, x: sp.xlogy(2, x), **POSITIVE),
    row("xlog1py", lambda sp, x, y: sp.xlog1py(x, y), (3, 4), (4,), **POSITIVE),
    row("zeta", lambda sp, q: sp.zeta(2.5, q), **POSITIVE),
    row("gammainc", lambda sp, x: sp.gammainc(x.detach() * 0 + 1.5, x), **POSITIVE),
    row("gammaincc", lambda sp, x: sp.gammaincc(x.detach() * 0 + 1.5, x), **POSITIVE),
    row("multigammaln", lambda sp, x: sp.multigammaln(x, 3), domain=(2.0, 5.0)),
    row("polygamma 2", lambda sp, x: sp.polygamma(2, x), rtol=1e-3, **POSITIVE),
    row("i0", lambda sp, x: sp.i0(x)),
    row("i0e", lambda sp, x: sp.i0e(x)),
    row("i1", lambda sp, x: sp.i1(x)),
    row("i1e", lambda sp, x: sp.i1e(x)),
    of_scipy("bessel_j0", "j0"),
    of_scipy("bessel_j1", "j1"),
    of_scipy("bessel_y0", "y0", **POSITIVE),
    of_scipy("bessel_y1", "y1", **POSITIVE),
    of_scipy("modified_bessel_k0", "k0", **POSITIVE),
    of_scipy("modified_bessel_k1", "k1", **POSITIVE),
    of_scipy("scaled_modified_bessel_k0", "k0e", **POSITIVE),
    of_scipy("scaled_modified_bessel_k1", "k1e", **POSITIVE),
    Case(
        "spherical_bessel_j0",
        special.spherical_bessel_j0,
        ((3, 4),),
        lambda x: np.sin(x) / x,
    ),
    Case(
        "airy_ai",
        lambda x: (special.airy_ai(x), bessel.airy_ai_slope(x)),
        ((3, 4),),
        lambda x: of_airy(x),
    ),
    polynomial("chebyshev_polynomial_t", "eval_chebyt"),
    polynomial("chebyshev_polynomial_u", "eval_chebyu"),
    polynomial("shifted_chebyshev_polynomial_t", "eval_sh_chebyt"),
    polynomial("shifted_chebyshev_polynomial_u", "eval_sh_chebyu"),
    polynomial("hermite_polynomial_h", "eval_hermite"),
    polynomial("hermite_polynomial_he", "eval_hermitenorm"),
    polynomial("laguerre_polynomial_l", "eval_laguerre"),
    polynomial("legendre_polynomial_p", "eval_legendre"),
    Case("frexp", lambda x: x.frexp(), ((3, 4),), np.frexp, lambda x: x.frexp()),
]


def of_airy(x):
    from scipy.special import airy

    return airy(x)[:2]
