"""NumPy's functions as layers speak them: to Tensors, of which NumPy's own types know nothing."""

from __future__ import annotations

from typing import Any

import numpy

#: `np.tanh(tensor)` is a Tensor, which the types of NumPy would call an array
np: Any = numpy
