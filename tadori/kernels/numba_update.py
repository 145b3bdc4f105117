"""The rules of `update.py` as loops over many arrays in one call.

Row r of `table` tells of one parameter, or of a piece of it: how many entries it has, which is the
first, and the ids of the rule's arrays, p first and g second. `like` is any array of their dtype.
Numbers are float64 and come in the order in which the rule declares its options. A rule's name here
ends with those of its arrays that need not be there. Importing this file imports Numba.
"""

# mypy: ignore-errors
# (what Numba compiles is typed when it is called)

from __future__ import annotations

from math import sqrt

import numpy as np

from tadori.kernels.numba_parts import four, loop, part, three, two


@part
def decayed(p, g, weight_decay):
    """g + weight_decay p; without decay, g as it is, even where p is infinite."""
    return g + weight_decay * p if weight_decay else g


@loop
def sgd(
    table,
    like,
    lr,
    momentum,
    dampening,
    weight_decay,
    nesterov,
):
    """p -= lr g."""
    real = like.dtype.type
    rate = real(lr)
    weight_decay = real(weight_decay)
    for row in table:
        p, g = two(row, like)
        for i in range(p.size):
            p[i] -= rate * decayed(p[i], g[i], weight_decay)


@loop
def sgd_velocity(
    table,
    like,
    lr,
    momentum,
    dampening,
    weight_decay,
    nesterov,
):
    """v = momentum v + (1 - dampening) g;  p -= lr v, or lr (g + momentum v)."""
    real = like.dtype.type
    rate = real(lr)
    fade = real(momentum)
    weight_decay = real(weight_decay)
    share = real(1 - dampening)
    ahead = real(momentum if nesterov else 0.0)
    for row in table:
        p, g, velocity = three(row, like)
        for i in range(p.size):
            slope = decayed(p[i], g[i], weight_decay)
            v = fade * velocity[i] + share * slope
            velocity[i] = v
            p[i] -= rate * (slope + ahead * v if ahead else v)


@loop
def adam(
    table,
    like,
    step,
    lr,
    beta1,
    beta2,
    eps,
    weight_decay,
    decoupled,
):
    """m += share (g - m);  v = fade v + growth g^2;  p -= lr m / root.

    root = sqrt(v) / seen + eps, in which `seen` corrects v: the fraction is extended by it.
    """
    real = like.dtype.type
    share = real(1 - beta1)
    fade = real(beta2)
    growth = real(1 - beta2)
    seen = sqrt(1 - beta2**step)
    rate = real(lr / (1 - beta1**step) * seen)
    shrink = real(1 - lr * weight_decay if decoupled else 1.0)
    weight_decay = real(0.0 if decoupled else weight_decay)
    eps = real(eps * seen)
    for row in table:
        p, g, m, v = four(row, like)
        for i in range(p.size):
            start = p[i] * shrink
            slope = decayed(start, g[i], weight_decay)
            m[i] += share * (slope - m[i])
            v[i] = fade * v[i] + growth * slope * slope
            p[i] = start - rate * m[i] / (np.sqrt(v[i]) + eps)


@loop
def rmsprop(
    table,
    like,
    lr,
    alpha,
    eps,
    weight_decay,
    momentum,
):
    """v = alpha v + (1 - alpha) g^2;  p -= lr g / (sqrt v + eps)."""
    real = like.dtype.type
    rate = real(lr)
    fade = real(alpha)
    growth = real(1 - alpha)
    eps = real(eps)
    weight_decay = real(weight_decay)
    for row in table:
        p, g, v = three(row, like)
        for i in range(p.size):
            slope = decayed(p[i], g[i], weight_decay)
            v[i] = fade * v[i] + growth * slope * slope
            p[i] -= rate * slope / (np.sqrt(v[i]) + eps)


@loop
def rmsprop_velocity(
    table,
    like,
    lr,
    alpha,
    eps,
    weight_decay,
    momentum,
):
    """As `rmsprop`, but velocity = momentum velocity + g / (sqrt v + eps);  p -= lr velocity."""
    real = like.dtype.type
    rate = real(lr)
    fade = real(alpha)
    growth = real(1 - alpha)
    eps = real(eps)
    weight_decay = real(weight_decay)
    momentum = real(momentum)
    for row in table:
        p, g, v, velocity = four(row, like)
        for i in range(p.size):
            slope = decayed(p[i], g[i], weight_decay)
            v[i] = fade * v[i] + growth * slope * slope
            velocity[i] = momentum * velocity[i] + slope / (np.sqrt(v[i]) + eps)
            p[i] -= rate * velocity[i]


@loop
def adagrad(
    table,
    like,
    step,
    lr,
    lr_decay,
    eps,
    weight_decay,
):
    """total += g^2;  p -= lr g / (sqrt total + eps)."""
    real = like.dtype.type
    rate = real(lr / (1 + (step - 1) * lr_decay))
    eps = real(eps)
    weight_decay = real(weight_decay)
    for row in table:
        p, g, total = three(row, like)
        for i in range(p.size):
            slope = decayed(p[i], g[i], weight_decay)
            total[i] += slope * slope
            p[i] -= rate * slope / (np.sqrt(total[i]) + eps)


@loop
def adadelta(
    table,
    like,
    lr,
    rho,
    eps,
    weight_decay,
):
    """change = sqrt(d + eps) / sqrt(v + eps) g;  p -= lr change."""
    real = like.dtype.type
    rate = real(lr)
    fade = real(rho)
    growth = real(1 - rho)
    eps = real(eps)
    weight_decay = real(weight_decay)
    for row in table:
        p, g, v, d = four(row, like)
        for i in range(p.size):
            slope = decayed(p[i], g[i], weight_decay)
            v[i] = fade * v[i] + growth * slope * slope
            change = np.sqrt(d[i] + eps) / np.sqrt(v[i] + eps) * slope
            d[i] = fade * d[i] + growth * change * change
            p[i] -= rate * change


@loop
def nadam(
    table,
    like,
    step,
    lr,
    beta1,
    beta2,
    eps,
    mu,
    mu_next,
    mu_product,
    weight_decay,
    decoupled,
):
    """As Adam, but p -= (now g + ahead m) / root: half a step ahead."""
    real = like.dtype.type
    share = real(1 - beta1)
    fade = real(beta2)
    growth = real(1 - beta2)
    now = real(lr * (1 - mu) / (1 - mu_product))
    ahead = real(lr * mu_next / (1 - mu_product * mu_next))
    seen = real(1 - beta2**step)
    shrink = real(1 - lr * weight_decay if decoupled else 1.0)
    weight_decay = real(0.0 if decoupled else weight_decay)
    eps = real(eps)
    for row in table:
        p, g, m, v = four(row, like)
        for i in range(p.size):
            start = p[i] * shrink
            slope = decayed(start, g[i], weight_decay)
            m[i] += share * (slope - m[i])
            v[i] = fade * v[i] + growth * slope * slope
            p[i] = start - (now * slope + ahead * m[i]) / (np.sqrt(v[i] / seen) + eps)
