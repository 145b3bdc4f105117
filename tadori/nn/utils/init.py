"""Layers made without drawing their parameters, for who fills them anyway; and memory formats."""

from __future__ import annotations

from typing import Any, TypeVar

from ..module import Module

M = TypeVar("M", bound=Module)


def skip_init(module_cls: type[M], *args: Any, **kwargs: Any) -> M:
    """`module_cls(*args, **kwargs)` whose parameters are not drawn: no random numbers are used."""
    if not issubclass(module_cls, Module):
        raise RuntimeError(f"Expected a Module; got {module_cls}")

    class Bare(module_cls):  # type: ignore[misc, valid-type]
        def reset_parameters(self) -> None:
            """Draw nothing."""

    module: Any = Bare(*args, **kwargs)
    module.__class__ = module_cls
    return module


def convert_conv2d_weight_memory_format(module: M, memory_format: Any) -> M:
    """Nothing to do here: how weights lie in memory is the kernels' affair."""
    return module


convert_conv3d_weight_memory_format = convert_conv2d_weight_memory_format
