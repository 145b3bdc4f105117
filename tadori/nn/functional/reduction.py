"""How many losses become one: the options of today, and PyTorch's older ones for the same."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from ...language import np
from ...tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])


def reduced(loss: Tensor, reduction: str) -> Tensor:
    """The mean, the sum, or (reduction="none") the losses themselves."""
    check_reduction(reduction)
    if reduction == "none":
        return loss
    return np.mean(loss) if reduction == "mean" else np.sum(loss)


def check_reduction(reduction: str) -> None:
    """Raise ValueError for a reduction that does not exist."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction: none, mean or sum")


def takes_older_options(function: F) -> F:
    """Let a function with the option `reduction` take `size_average` and `reduce` instead.

    reduce=False is "none"; size_average=False is "sum"; "mean" otherwise, with PyTorch's warning.
    """

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if "size_average" in options or "reduce" in options:
            replace_older(options)
        return function(*args, **options)

    return call  # type: ignore[return-value]


def replace_older(options: dict[str, Any]) -> None:
    """Put `reduction` in the place of `size_average` and `reduce`, where these are not None."""
    average, reduce = options.pop("size_average", None), options.pop("reduce", None)
    if average is None and reduce is None:
        return
    if reduce is False:
        found = "none"
    else:
        found = "sum" if average is False else "mean"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{found}' instead.",
        UserWarning,
        stacklevel=3,
    )
    options["reduction"] = found
