"""What `import torch` finds in the processes that a program under `tadori run` starts anew.

`program.py` puts this folder on the path, which Python's multiprocessing hands on to them.
"""

from tadori.as_torch import answer_torch

answer_torch()  # Python gives whoever imports this what stands in its table now: Tadori
