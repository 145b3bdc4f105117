"""Loops over rows: normalisation, softmax, cross-entropy, the adding up of rows.

Arrays are contiguous: (R, C), and one number for each row (R,). Numbers have the arrays' dtype.
Importing this file imports Numba; `numba_cpu.py` decides when that pays off.
"""

# mypy: ignore-errors
# (what Numba compiles is typed when it is called)

from __future__ import annotations

import math

import numpy as np

from tadori.kernels.numba_parts import LEAST, ONE, ZERO, exp_down, loop, ordered, part, sums

BLOCK = 1024  # terms of a sum that are added first, for its precision


# ------------------------------------------------------------------------------------------ softmax


@part
def largest(row):
    """The largest of a row of float32; NaN, or what the sum turns into NaN, if one is there."""
    top = LEAST
    bits = row.view(np.int32)
    for j in range(row.size):
        top = max(top, ordered(bits[j]))
    return ordered(top).view(np.float32)


@sums
def softmax(x, y):
    """As `activation.softmax`."""
    for i in range(len(x)):
        top = largest(x[i])
        mass = ZERO
        for j in range(x.shape[1]):
            power = exp_down(x[i, j] - top)
            y[i, j] = power
            mass += power
        share = ONE / mass
        for j in range(x.shape[1]):
            y[i, j] *= share


@sums
def attention_weights(scores, y, scale, is_causal):
    """As `attention.attention_weights`; scores (N, L, S)."""
    count, queries, keys = scores.shape
    for n in range(count):
        for i in range(queries):
            seen = min(i + 1, keys) if is_causal else keys
            row = y[n, i, :seen]
            given = scores[n, i]
            for j in range(seen):
                row[j] = given[j] * scale
            top = largest(row)
            mass = ZERO
            for j in range(seen):
                power = exp_down(row[j] - top)
                row[j] = power
                mass += power
            share = ONE / mass
            for j in range(seen):
                row[j] *= share
            y[n, i, seen:] = ZERO


@sums
def softmax_back(y, gy, gx):
    """gx = y (gy - sum(gy y))."""
    for i in range(len(y)):
        mean = ZERO
        for j in range(y.shape[1]):
            mean += gy[i, j] * y[i, j]
        for j in range(y.shape[1]):
            gx[i, j] = y[i, j] * (gy[i, j] - mean)


@sums
def log_softmax(x, y):
    """As `activation.log_softmax`."""
    for i in range(len(x)):
        top = largest(x[i])
        mass = ZERO
        for j in range(x.shape[1]):
            mass += exp_down(x[i, j] - top)
        log = np.float32(math.log(mass))
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] - top - log


@sums
def log_softmax_back(y, gy, gx):
    """gx = gy - e^y sum(gy)."""
    for i in range(len(y)):
        total = ZERO
        for j in range(y.shape[1]):
            total += gy[i, j]
        for j in range(y.shape[1]):
            gx[i, j] = gy[i, j] - exp_down(y[i, j]) * total


@sums
def cross_entropy(x, target, loss):
    """As `loss.cross_entropy`, without a reduction."""
    for i in range(len(x)):
        most = largest(x[i])
        mass = ZERO
        for j in range(x.shape[1]):
            mass += exp_down(x[i, j] - most)
        loss[i] = np.float32(math.log(mass)) - (x[i, target[i]] - most)


@sums
def cross_entropy_back(x, target, share, gx):
    """gx = (softmax(x) - onehot(target)) share."""
    for i in range(len(x)):
        most = largest(x[i])
        mass = ZERO
        for j in range(x.shape[1]):
            gx[i, j] = exp_down(x[i, j] - most)
            mass += gx[i, j]
        scale = share[i] / mass
        for j in range(x.shape[1]):
            gx[i, j] *= scale
        gx[i, target[i]] -= share[i]


@loop
def scatter_add(index, source, total, start, added):
    """Rows `start` and on of `reference.scatter_add`; added[0] is how many were added to them."""
    for i in range(len(total)):
        for j in range(total.shape[1]):
            total[i, j] = 0
    for k in range(len(index)):
        i = index[k] - start
        if 0 <= i < len(total):
            added[0] += 1
            for j in range(total.shape[1]):
                total[i, j] += source[k, j]


# ------------------------------------------------------------------------------------ normalisation


@part
def sum_of(row):
    """The sum of a row, block by block, the blocks in float64."""
    total = 0.0
    for start in range(0, row.size, BLOCK):
        piece = row[start : start + BLOCK]
        block = row.dtype.type(0)
        for j in range(piece.size):
            block += piece[j]
        total += block
    return total


@part
def spread_of(row, mean):
    """The sum of the square distances of a row from `mean`."""
    total = 0.0
    for start in range(0, row.size, BLOCK):
        piece = row[start : start + BLOCK]
        block = row.dtype.type(0)
        for j in range(piece.size):
            block += (piece[j] - mean) * (piece[j] - mean)
        total += block
    return total


@part
def dots(x, gy, weight, mean):
    """The sums of gy weight and of gy weight (x - mean)."""
    level, slope = 0.0, 0.0
    zero = x.dtype.type(0)
    for start in range(0, x.size, BLOCK):
        end = start + BLOCK
        piece = x[start:end]
        g, w = gy[start:end], weight[start:end]
        one, other = zero, zero
        for j in range(piece.size):
            one += g[j] * w[j]
            other += g[j] * w[j] * (piece[j] - mean)
        level += one
        slope += other
    return level, slope


@sums
def normalize(x, y, means, variances, weight, bias, eps):
    """As `normalization.normalize` over the last axis, with weight and bias (C,)."""
    real = x.dtype.type
    count = x.shape[1]
    for i in range(len(x)):
        mean = real(sum_of(x[i]) / count)
        variance = real(spread_of(x[i], mean) / count)
        means[i] = mean
        variances[i] = variance
        scale = real(1) / np.sqrt(variance + real(eps))
        for j in range(count):
            y[i, j] = (x[i, j] - mean) * scale * weight[j] + bias[j]


@sums
def normalize_back(x, gy, gmeans, gvars, means, variances, gx, gweight, gbias, weight, eps):
    """As `normalization.normalize_back`; gweight and gbias (C,) are the sums over these rows."""
    real = x.dtype.type
    count = x.shape[1]
    for i in range(len(x)):
        mean = means[i]
        scale = real(1) / np.sqrt(variances[i] + real(eps))
        total, product = dots(x[i], gy[i], weight, mean)
        level = real((total - gmeans[i] / scale) / count)
        twist = 2 * gvars[i] / (scale * scale)
        slope = real((product * scale - twist) / count)
        for j in range(count):
            n = (x[i, j] - mean) * scale
            gx[i, j] = (gy[i, j] * weight[j] - level - n * slope) * scale
        for j in range(count):
            gweight[j] += gy[i, j] * ((x[i, j] - mean) * scale)
            gbias[j] += gy[i, j]
