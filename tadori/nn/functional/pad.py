"""Padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...language import np
from ...tensor import Tensor

#: PyTorch's names of the ways to pad, and NumPy's
MODES = {
    "constant": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
}


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: Any = None) -> Tensor:
    """Add to the ends of the last axes, or cut them where a number is negative.

    pad: (before, after) of the last axis, then of the one before it, and so on. mode: "constant"
    (`value`, 0 by default), "reflect", "replicate" or "circular".
    """
    if mode not in MODES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}; there are {', '.join(MODES)}")
    if len(pad) % 2 or len(pad) > 2 * input.ndim:
        raise RuntimeError(
            f"Padding length should be divisible by two and at most twice the number of dimensions "
            f"of the input, {input.ndim}; got {len(pad)} numbers"
        )
    pairs = [(0, 0)] * (input.ndim - len(pad) // 2)
    pairs += [(pad[i], pad[i + 1]) for i in reversed(range(0, len(pad), 2))]
    if mode == "replicate" and any(min(pair) < 0 for pair in pairs):
        for axis, (before, after) in enumerate(pairs):
            n = input.shape[axis]
            places = np.clip(np.arange(n + before + after) - before, 0, n - 1)
            input = np.take(input, Tensor(np.asarray(places, like=input.array)), axis=axis)
        return input
    if any(min(pair) < 0 for pair in pairs):
        cuts = [
            slice(max(-before, 0), n - max(-after, 0))
            for (before, after), n in zip(pairs, input.shape)
        ]
        input = input[tuple(cuts)]
        pairs = [(max(before, 0), max(after, 0)) for before, after in pairs]
    if mode == "constant":
        return np.pad(input, pairs, constant_values=0 if value is None else value)
    for (before, after), n in zip(pairs, input.shape):
        most = n - 1 if mode == "reflect" else n
        if mode != "replicate" and max(before, after) > max(most, 0):
            raise RuntimeError(
                f"pad: {mode} padding of {(before, after)} is too large for an axis of length {n}"
            )
    return np.pad(input, pairs, mode=MODES[mode])
