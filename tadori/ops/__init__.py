"""The differentiable operations, grouped by subject: each a forward and a backward formula side by
side.

They know the core and the kernels, and nothing of layers. Importing this package registers them
all, so that NumPy's functions, and the kernels, work on Tensors.
"""

from . import (
    activation,
    arithmetic,
    attention,
    bessel,
    cast,
    compare,
    complex,
    conv,
    creation,
    decompose,
    draw,
    einsum,
    elementwise,
    fft,
    gamma,
    index,
    inverse,
    join,
    linalg,
    loss,
    norm,
    normalization,
    pool,
    recurrent,
    reduce,
    running,
    shape,
    sort,
    special,
    stride,
    trigonometry,
)
