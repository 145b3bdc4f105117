"""`module_db`: every layer of `torch.nn` with its samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.testing._internal.common_modules import module_db
from torch.utils._pytree import tree_map

import tadori

from .agree import (
    Wrong,
    chosen,
    compare,
    compare_derivatives,
    narrowed,
    require,
    rounded,
    told,
    widened,
)
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
                        try:
                            self.compare(ours, sample, dtype, training)
                        except Wrong:
                            if dtype != torch.float32:
                                raise
                            # its own rounding may be the larger one: float64 decides
                            self.compare(ours, sample, dtype, training, narrow=True)

    def compare(
        self, ours: Any, sample: Any, dtype: torch.dtype, training: bool, narrow: bool = False
    ) -> None:
        """The same layer with the same parameters: state_dict, result, derivatives."""
        rounded.judging, rounded.own = narrow, 0.0
        if not narrow:
            rounded.theirs.clear()
        made = sample.constructor_input
        theirs = self.info.module_cls(*made.args, **made.kwargs).to(dtype).train(training)
        translate = Translator(narrow)
        mine = ours(*translate(made.args), **translate(made.kwargs))
        mine = mine.to(translate(dtype)).train(training)
        given = sample.forward_input
        given_args, given_kwargs = given.args, given.kwargs
        if narrow:
            given_args, given_kwargs = tree_map(widened, (given_args, given_kwargs))
        args, kwargs = translate(given_args), translate(given_kwargs)
        if any(torch.nn.parameter.is_lazy(p) for p in theirs.parameters()):
            torch.manual_seed(42), tadori.manual_seed(42)
            theirs(*given_args, **given_kwargs), mine(*args, **kwargs)  # they take their shapes
        state, own = theirs.state_dict(), mine.state_dict()
        require(list(state) == list(own), f"state_dict: {list(own)}, not {list(state)}")
        mine.load_state_dict({key: translate(value) for key, value in state.items()})
        theirs = theirs.double() if narrow else theirs
        torch.manual_seed(42), tadori.manual_seed(42)
        expected, found = theirs(*given_args, **given_kwargs), mine(*args, **kwargs)
        expected = narrowed(expected) if narrow else expected
        compare(expected, found)
        state = {k: narrowed(v) if narrow else v for k, v in theirs.state_dict().items()}
        compare(state, mine.state_dict(), "state_dict")
        parameters = list(zip(theirs.parameters(), mine.parameters(), strict=True))
        leaves = [pair for pair in translate.leaves if pair[0].is_floating_point()]
        second = self.info.supports_gradgrad and dtype == torch.float64
        compare_derivatives(expected, found, leaves + parameters, second, narrow)
