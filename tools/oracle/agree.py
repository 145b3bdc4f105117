"""Whether our result is PyTorch's: structure, dtype, shape, values, derivatives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

import tadori

#: PyTorch's own for `assert_close`, relative to the largest number of a result
TOLERANCE = {
    "float64": 1e-7,
    "complex128": 1e-7,
    "float32": 1e-5,
    "complex64": 1e-5,
    "float16": 1e-3,
    "bfloat16": 1.6e-2,
}

#: at least so many samples of an entry and dtype are compared, if there are as many
FULL = 24


class Wrong(Exception):
    """Our answer is another."""


def chosen(drawn: list[Any], samples: int) -> Iterator[tuple[int, Any]]:
    """(number, sample): FULL or a few more of those drawn, and of these about `samples`."""
    kept = list(enumerate(drawn))[:: max(1, len(drawn) // FULL)]
    yield from kept[:: max(1, len(kept) // samples)]


@contextmanager
def told(where: str) -> Iterator[None]:
    """Let what is raised inside say where it was."""
    try:
        yield
    except Exception as error:
        error.add_note(where)
        raise


def require(fine: Any, message: str) -> None:
    if not fine:
        raise Wrong(message)


def compare(expected: Any, found: Any, where: str = "result", values: bool = True) -> None:
    """Raise Wrong if `found` is not what PyTorch has. `values=False` leaves the numbers out."""
    match expected:
        case torch.Tensor():
            require(
                isinstance(found, tadori.Tensor), f"{where}: {type(found).__name__}, not a tensor"
            )
            compare_tensors(expected, found, where, values)
        case torch.dtype() | torch.device():
            said = str(expected).removeprefix("torch.")
            require(str(found) == said, f"{where}: {found}, expected {said}")
        case tuple() | list():
            require(
                isinstance(found, tuple | list), f"{where}: {type(found).__name__}, not a tuple"
            )
            require(
                len(found) == len(expected), f"{where}: {len(found)} items, not {len(expected)}"
            )
            for i, (e, f) in enumerate(zip(expected, found, strict=True)):
                compare(e, f, f"{where}[{i}]", values)
        case dict():
            require(expected.keys() == found.keys(), f"{where}: keys {list(found)}")
            for key, value in expected.items():
                compare(value, found[key], f"{where}[{key!r}]", values)
        case float() | complex():
            close = np.isclose(found, expected, 1e-6, 1e-7, equal_nan=True)
            require(type(found) is type(expected) and close, f"{where}: {found}, not {expected}")
        case _:
            require(found == expected, f"{where}: {found!r}, not {expected!r}")


def compare_tensors(
    expected: Any, found: Any, where: str, values: bool = True, scale: float = 1
) -> None:
    said = str(expected.dtype).removeprefix("torch.")
    require(str(found.dtype) == said, f"{where}: dtype {found.dtype}, not {said}")
    shape = tuple(expected.shape)
    require(found.shape == shape, f"{where}: shape {found.shape}, not {shape}")
    if values and expected.numel():
        right = plain(expected)
        tolerance = TOLERANCE.get(said, 0) * max(scale, largest(right))
        if rounded.judging and where in rounded.theirs:
            tolerance = max(tolerance, 2 * largest(rounded.theirs[where] - right))
        tolerance = max(tolerance, rounded.own)
        rounded.theirs[where] = right
        compare_values(right, plain(found), tolerance, where)


class Rounded:
    """PyTorch's float32 results of a sample, by name. When `judging`, its float64 results are the
    truth, and ours may be twice as far from it as its own: both are roundings."""

    def __init__(self) -> None:
        self.theirs: dict[str, Any] = {}
        self.judging = False
        self.own = 0.0  # PyTorch's own error in float64, where it is known to be large


rounded = Rounded()


def largest(x: Any) -> float:
    """The largest size of a finite number."""
    return float(np.abs(x[np.isfinite(x)]).max(initial=0))


def compare_values(expected: Any, found: Any, tolerance: float, where: str) -> None:
    finite = np.isfinite(expected)
    same = (expected == found) | (np.isnan(expected) & np.isnan(found))
    close = np.abs(np.where(finite, found, 0) - np.where(finite, expected, 0)) <= tolerance
    wrong = ~(same | (finite & close))
    if wrong.any():
        i = tuple(np.argwhere(wrong)[0])
        count = f"{wrong.sum()} of {wrong.size} differ, as {found[i]} from {expected[i]}"
        raise Wrong(f"{where}: {count}")


def plain(x: Any) -> Any:
    """A NumPy array to compare: booleans as numbers, half precision as single."""
    if isinstance(x, torch.Tensor):
        x = x.detach().resolve_conj().resolve_neg().clone()  # the copy: zeros may be symbolic
        x = (x.float() if x.dtype in (torch.bfloat16, torch.float16) else x).numpy()
    else:
        x = x.detach().numpy()
        x = x.astype(np.float32) if x.dtype.itemsize == 2 and x.dtype.kind in "fV" else x
    return x.astype(np.int64) if x.dtype.kind in "biu" else x


def tensors(x: Any, kind: type) -> Iterator[Any]:
    """The tensors in a result, in order."""
    if isinstance(x, kind):
        yield x
    elif isinstance(x, tuple | list):
        for item in x:
            yield from tensors(item, kind)
    elif isinstance(x, dict):
        for item in x.values():
            yield from tensors(item, kind)


def cotangents(outputs: list[Any]) -> list[np.ndarray[Any, Any]]:
    """One fixed random array for each output."""
    rng = np.random.default_rng(7)
    made = []
    for y in outputs:
        values = rng.uniform(0.5, 1.5, tuple(y.shape)) * rng.choice([-1, 1], tuple(y.shape))
        if y.is_complex():
            values = values + 1j * rng.uniform(-1, 1, tuple(y.shape))
        made.append(values)
    return made


def slope(outputs: list[Any], inputs: list[Any], weights: list[Any], library: Any) -> list[Any]:
    """The derivatives of the weighted sum of the outputs; zeros where there are none."""
    pairs = [(y, w) for y, w in zip(outputs, weights, strict=True) if y.requires_grad]
    if not pairs:
        return [library.zeros_like(x) for x in inputs]
    from_numpy = torch.from_numpy if library is torch else tadori.Tensor
    seeds = [from_numpy(np.asarray(w)).to(y.dtype) for y, w in pairs]
    found = library.autograd.grad(
        [y for y, _ in pairs], inputs, seeds, create_graph=True, allow_unused=True
    )
    return [library.zeros_like(x) if g is None else g for g, x in zip(found, inputs, strict=True)]


def widened(x: Any) -> Any:
    """A float32 tensor of a sample as float64."""
    if isinstance(x, torch.Tensor) and x.dtype == torch.float32:
        return x.detach().double().requires_grad_(x.requires_grad)
    return x


def narrowed(x: Any) -> Any:
    """A result in which float64 is float32."""
    if isinstance(x, torch.Tensor):
        return x.float() if x.dtype == torch.float64 else x
    return tuple(map(narrowed, x)) if isinstance(x, tuple | list) else x


def compare_derivatives(
    expected: Any, found: Any, leaves: list[Any], second: bool, narrow: bool = False
) -> None:
    """First derivatives with regard to the leaves, and, if asked, those of the first.

    narrow: PyTorch's were computed in float64, ours in float32.
    """
    theirs = list(tensors(expected, torch.Tensor))
    ours = list(tensors(found, tadori.Tensor))
    require(len(theirs) == len(ours), f"{len(ours)} tensors come out, not {len(theirs)}")
    for i, (e, f) in enumerate(zip(theirs, ours, strict=True)):
        require(e.requires_grad == f.requires_grad, f"result {i}: requires_grad={f.requires_grad}")
    for order in ("first", "second") if second else ("first",):
        if not any(y.requires_grad for y in theirs):
            return
        weights = cotangents(theirs)
        try:
            theirs = slope(theirs, [x for x, _ in leaves], weights, torch)
        except (RuntimeError, NotImplementedError) as error:
            if "not implemented" in str(error):
                return  # PyTorch has none either
            raise
        ours = slope(ours, [x for _, x in leaves], weights, tadori)
        scale = max(1, *(largest(plain(e)) for e in theirs))
        shown = narrowed(theirs) if narrow else theirs
        for i, (e, f) in enumerate(zip(shown, ours, strict=True)):
            compare_tensors(e, f, f"{order} derivative by input {i}", scale=scale)
