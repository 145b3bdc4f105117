"""Tadori beside PyTorch, judged on PyTorch's own databases of samples. `tools/parity.py` runs it.

`translate.py` says a PyTorch value in Tadori; `agree.py` compares; `operations.py`, `modules.py`
and `optimizers.py` each give the entries of one database; `report.py` writes the tables.
"""
