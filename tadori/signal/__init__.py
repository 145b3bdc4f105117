"""Signals: the windows under which pieces of them are looked at."""

from . import windows

__all__ = ["windows"]
