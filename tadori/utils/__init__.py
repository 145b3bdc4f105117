"""Tools beside the network live here.

`data` brings examples to it, batch by batch; `checkpoint` trades its memory for time.
"""

from . import checkpoint, data

__all__ = ["checkpoint", "data"]
