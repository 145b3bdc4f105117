"""`op_db`: every operation of PyTorch with its samples."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.testing._internal.common_methods_invocations import op_db

import tadori

from .agree import chosen, compare, compare_derivatives, told
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

    def __call__(self, samples: int) -> None:
        ours = self.ours()
        for dtype in DTYPES:
            if self.op.supports_dtype(dtype, "cpu"):
                self.compare(ours, dtype, samples)

    def ours(self) -> Any:
        """Our function of the same name; where PyTorch's entry is a few lines, those lines."""
        op = self.op.op
        if isinstance(op, types.FunctionType) and op.__module__.startswith("torch.testing"):
            return function(op)
        return find(self.op.name)

    def compare(self, ours: Any, dtype: torch.dtype, samples: int) -> None:
        op = self.op
        differentiable = op.supports_autograd and dtype in op.supported_backward_dtypes("cpu")
        torch.manual_seed(0)
        drawn = list(op.sample_inputs("cpu", dtype, requires_grad=differentiable))
        for number, sample in chosen(drawn, samples):
            second = op.supports_gradgrad and dtype.itemsize == 8
            with told(f"{str(dtype).removeprefix('torch.')}, sample {number}"):
                self.compare_one(ours, sample, second)

    def compare_one(self, ours: Any, sample: Any, second: bool) -> None:
        translate = Translator()
        theirs = (sample.input, *sample.args), sample.kwargs
        mine = translate(theirs[0]), translate(theirs[1])
        expected = seeded(self.op.op, torch, *theirs)
        found = seeded(ours, tadori, *mine)
        compare(expected, found, values=self.op.name not in UNWRITTEN)
        if not translate.leaves:
            return
        wrapper = self.op.gradcheck_wrapper
        if wrapper.__name__ not in ("<lambda>", "wrapper_set_seed"):  # it makes inputs lawful
            expected = seeded(partial(wrapper, self.op.op), torch, *theirs)
            found = seeded(partial(function(wrapper), ours), tadori, *mine)
        shaped = sample.output_process_fn_grad  # it leaves out what is not unique, as signs
        compare_derivatives(shaped(expected), function(shaped)(found), translate.leaves, second)


def seeded(f: Any, library: Any, args: Any, kwargs: Any) -> Any:
    """f(*args, **kwargs) after the seed 42."""
    library.manual_seed(42)
    return f(*args, **kwargs)
