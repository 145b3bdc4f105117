"""THE table of operations. One row per operation (or per way of calling it); `test_cases.py` walks
it.

An operation without a row fails `test_complete.py`. Rows are grouped by subject, as `tadori/ops/`
is.
"""

from __future__ import annotations

import importlib
import pkgutil

from .case import Case

CASES: list[Case] = [
    case
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "case")
    for case in importlib.import_module(f"{__name__}.{module}").CASES
]
