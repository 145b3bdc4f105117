"""Tools beside the network live here: `data` brings examples to it, batch by batch."""

from . import data

__all__ = ["data"]
