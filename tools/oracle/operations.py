"""`op_db`: every operation of PyTorch with its samples."""

from __future__ import annotations

import random
import types
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_methods_invocations import op_db

import tadori

from .agree import (
    Wrong,
    chosen,
    compare,
    compare_derivatives,
    narrowed,
    plain,
    require,
    rounded,
    told,
    widened,
)
from .translate import Translator, find, function

DTYPES = (torch.float64, torch.float32, torch.int64, torch.bool)

#: what is compared by shape and dtype only: the memory is not written
UNWRITTEN = {
    "empty",
    "empty_like",
    "empty_permuted",
    "empty_strided",
    "new_empty",
    "new_empty_strided",
    "resize_",
    "resize_as_",
}


#: with equal values PyTorch leaves open which of them is named: ours must name one of the equals
TIES = {"argsort", "kthvalue", "median", "mode", "msort", "nanmedian", "sort", "topk"}

#: vectors with a sign, or a turn, of their own: what the database makes unique is compared
TURNED = {
    "linalg.eig",
    "linalg.eigh",
    "linalg.eigvals",
    "linalg.svd",
    "pca_lowrank",
    "svd",
    "svd_lowrank",
}

#: PyTorch's own error in float64, measured beside SciPy in [-9, 9]
INEXACT = {"special.bessel_j0": 4e-7, "special.bessel_y1": 9e-7}


def excluded() -> dict[str, str]:
    """name -> reason, of what is not compared."""
    lines = (Path(__file__).parent / "excluded.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(None, 1) for line in lines if line and not line.startswith("#"))
    return {name: reason.strip() for name, reason in pairs}


def entries() -> Iterator[tuple[str, Callable[[int], None]]]:
    """(name, check) of each entry; `check(samples)` raises where we differ."""
    left_out = excluded()
    for op in op_db:
        if op.name not in left_out and any(op.supports_dtype(d, "cpu") for d in DTYPES):
            name = f"{op.name} ({op.variant_test_name})" if op.variant_test_name else op.name
            yield name, Operation(op)


class Operation:
    """One entry of the database."""

    def __init__(self, op: Any) -> None:
        self.op = op
        #: PyTorch's own tests of derivatives that its database says fail
        self.switched_off = {
            skip.test_name
            for skip in op.skips
            if hasattr(skip, "test_name")
            and skip.device_type in (None, "cpu")
            and (skip.dtypes is None or torch.float64 in skip.dtypes)
        }

    def __call__(self, samples: int) -> None:
        ours = self.ours()
        dtypes = [dtype for dtype in DTYPES if self.op.supports_dtype(dtype, "cpu")]
        for dtype in dtypes:
            self.compare(ours, dtype, samples)
        self.compare_forms(ours, dtypes[0])

    def ours(self) -> Any:
        """Our function of the same name; where PyTorch's entry is a few lines, those lines."""
        op = self.op.op
        if isinstance(op, types.FunctionType) and op.__module__.startswith("torch.testing"):
            return function(op)
        method = "TensorBase" in getattr(op, "__qualname__", "")
        return find(f"Tensor.{self.op.name}" if method else self.op.name)

    def compare(self, ours: Any, dtype: torch.dtype, samples: int) -> None:
        op = self.op
        differentiable = op.supports_autograd and dtype in op.supported_backward_dtypes("cpu")
        seed()
        drawn = list(op.sample_inputs("cpu", dtype, requires_grad=differentiable))
        for number, sample in chosen(drawn, samples):
            second = op.supports_gradgrad and dtype.itemsize == 8
            second = second and "test_fn_gradgrad" not in self.switched_off
            with told(f"{str(dtype).removeprefix('torch.')}, sample {number}"):
                try:
                    self.compare_one(ours, sample, second)
                except Wrong:
                    if dtype != torch.float32:
                        raise
                    # its own rounding may be the larger one: float64 decides
                    self.compare_one(ours, sample.transform(widened), second, narrow=True)

    def compare_forms(self, ours: Any, dtype: torch.dtype) -> None:
        """The method, the in-place form and out= on the first sample, where PyTorch has them."""
        op = self.op
        seed()
        sample = next(iter(op.sample_inputs("cpu", dtype)), None)
        if sample is None or op.name in UNWRITTEN | TIES | TURNED:
            return
        for form in (op.method_variant, op.inplace_variant):
            name = getattr(form, "__name__", "<lambda>")
            if not hasattr(torch.Tensor, name) or not isinstance(sample.input, torch.Tensor):
                continue
            with told(f"as Tensor.{name}"):
                translate = Translator()
                mine = translate(sample.input), translate(sample.args), translate(sample.kwargs)
                given = sample.input.clone()
                try:
                    expected = seeded(form, torch, (given, *sample.args), sample.kwargs)
                except (RuntimeError, TypeError):
                    continue
                method = find(f"Tensor.{name}")
                compare(expected, seeded(method, tadori, (mine[0], *mine[1]), mine[2]))
                compare(given, mine[0], "self, afterwards")
        if op.supports_out and "." not in op.name:
            with told("with out="):
                self.compare_out(ours, sample)

    def compare_out(self, ours: Any, sample: Any) -> None:
        """out= takes the result, and is what comes back."""
        theirs = (sample.input, *sample.args), sample.kwargs
        expected = seeded(self.op.op, torch, *theirs)
        if not isinstance(expected, torch.Tensor):
            return
        translate = Translator()
        out = translate(torch.zeros_like(expected))
        mine = translate(theirs[0]), {**translate(theirs[1]), "out": out}
        found = seeded(ours, tadori, *mine)
        require(found is out, "what comes back is not `out`")
        compare(expected, out)

    def compare_one(self, ours: Any, sample: Any, second: bool, narrow: bool = False) -> None:
        translate = Translator(narrow)
        rounded.judging, rounded.own = narrow, INEXACT.get(self.op.name, 0.0)
        if not narrow:
            rounded.theirs.clear()
        theirs = (sample.input, *sample.args), sample.kwargs
        mine = translate(theirs[0]), translate(theirs[1])
        expected = seeded(self.op.op, torch, *theirs)
        expected = narrowed(expected) if narrow else expected
        found = seeded(ours, tadori, *mine)
        compare(expected, found, values=self.op.name not in UNWRITTEN | TIES | TURNED)
        shaped = sample.output_process_fn_grad  # it leaves out what is not unique, as signs
        if self.op.name in ("linalg.eig", "linalg.eigvals"):
            expected, found = in_order(expected), in_order(found)
        if self.op.name in TURNED:
            compare(shaped(expected), function(shaped)(found))
        if places_open(self.op, sample):
            named = [values_at(result, self.op, sample) for result in (expected, found)]
            require(np.array_equal(*named, equal_nan=True), "the places name other values")
        elif self.op.name in TIES:
            compare(expected, found)
        if not translate.leaves or "test_fn_grad" in self.switched_off:
            return
        wrapper = self.op.gradcheck_wrapper
        if wrapper.__name__ not in ("<lambda>", "wrapper_set_seed"):  # it makes inputs lawful
            expected = seeded(partial(wrapper, self.op.op), torch, *theirs)
            found = seeded(partial(function(wrapper), ours), tadori, *mine)
        results = shaped(expected), function(shaped)(found)
        compare_derivatives(*results, translate.leaves, second, narrow)


def seed() -> None:
    """Let all that draws samples begin anew."""
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 (the database draws from it)
    random.seed(0)


def in_order(result: Any) -> Any:
    """Eigenvalues, and the vectors with them, in order: LAPACK's is not the same everywhere."""
    several = isinstance(result, tuple)
    values = result[0] if several else result
    library = torch if isinstance(values, torch.Tensor) else tadori
    numbers = plain(values).round(6)
    order = np.lexsort((numbers.imag, numbers.real), axis=-1)
    ordered = values.gather(-1, library.as_tensor(order))
    if not several:
        return ordered
    columns = np.broadcast_to(order[..., None, :], result[1].shape)
    return ordered, result[1].gather(-1, library.as_tensor(np.ascontiguousarray(columns)))


def places_open(op: Any, sample: Any) -> bool:
    """Whether PyTorch leaves open which of several equal values a result names."""
    return op.name in TIES and not sample.kwargs.get("stable")


def values_at(result: Any, op: Any, sample: Any) -> Any:
    """The values at the places in a result; no place may come twice."""
    places = result[1] if isinstance(result, tuple) else result
    if isinstance(result, tuple) != (op.name != "argsort"):
        return plain(result)  # without a dimension: the values themselves
    position = 1 if op.name in ("topk", "kthvalue") else 0
    given = sample.args[position] if len(sample.args) > position else -1
    dim = sample.kwargs.get("dim", given)
    x = np.atleast_1d(plain(sample.input))
    index = plain(places)
    if index.ndim < x.ndim:
        index = np.expand_dims(index, dim)
    ordered = np.sort(index, axis=dim)
    require(not (np.diff(ordered, axis=dim) == 0).any(), "a place is named twice")
    return np.take_along_axis(x, index, dim)


def seeded(f: Any, library: Any, args: Any, kwargs: Any) -> Any:
    """f(*args, **kwargs) after the seed 42."""
    library.manual_seed(42)
    return f(*args, **kwargs)
