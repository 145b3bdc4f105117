"""`module_db`: every layer of `torch.nn` with its samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.testing._internal.common_modules import module_db

import tadori

from .agree import chosen, compare, compare_derivatives, require, rounded, told
from .translate import Translator, find

DTYPES = (torch.float64, torch.float32)


def entries() -> Iterator[tuple[str, Callable[[int], None]]]:
    """(name, check) of each layer; `check(samples)` raises where we differ."""
    for info in module_db:
        yield info.name, Module(info)


class Module:
    """One layer of the database."""

    def __init__(self, info: Any) -> None:
        self.info = info

    def __call__(self, samples: int) -> None:
        ours = find(self.info.name)
        for dtype in DTYPES:
            for training in (True, False):
                torch.manual_seed(0)
                drawn = self.info.module_inputs_func(
                    self.info, device="cpu", dtype=dtype, requires_grad=True, training=training
                )
                drawn = [sample for sample in drawn if sample.forward_input is not None]
                for number, sample in chosen(drawn, samples):
                    mode = "training" if training else "evaluation"
                    said = f"{str(dtype).removeprefix('torch.')}, {mode}, sample {number}"
                    with told(f"{said} {sample.desc}"):
                        self.compare(ours, sample, dtype, training)

    def compare(self, ours: Any, sample: Any, dtype: torch.dtype, training: bool) -> None:
        """The same layer with the same parameters: state_dict, result, derivatives."""
        rounded.judging = False
        made = sample.constructor_input
        theirs = self.info.module_cls(*made.args, **made.kwargs).to(dtype).train(training)
        translate = Translator()
        mine = ours(*translate(made.args), **translate(made.kwargs))
        mine = mine.to(translate(dtype)).train(training)
        given = sample.forward_input
        args, kwargs = translate(given.args), translate(given.kwargs)
        if any(torch.nn.parameter.is_lazy(p) for p in theirs.parameters()):
            torch.manual_seed(42), tadori.manual_seed(42)
            theirs(*given.args, **given.kwargs), mine(*args, **kwargs)  # they take their shapes
        state, own = theirs.state_dict(), mine.state_dict()
        require(list(state) == list(own), f"state_dict: {list(own)}, not {list(state)}")
        mine.load_state_dict({key: translate(value) for key, value in state.items()})
        torch.manual_seed(42), tadori.manual_seed(42)
        expected, found = theirs(*given.args, **given.kwargs), mine(*args, **kwargs)
        compare(expected, found)
        compare(dict(theirs.state_dict()), mine.state_dict(), "state_dict")
        parameters = list(zip(theirs.parameters(), mine.parameters(), strict=True))
        leaves = [pair for pair in translate.leaves if pair[0].is_floating_point()]
        second = self.info.supports_gradgrad and dtype == torch.float64
        compare_derivatives(expected, found, leaves + parameters, second)
