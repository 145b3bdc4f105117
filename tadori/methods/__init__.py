"""PyTorch's method names, told in NumPy's language.

Each method of `Tensor` that is not part of the core is one line here: `sum(dim, keepdim)` is
`np.sum(axis, keepdims)`. The modules know NumPy and the kernels only; NumPy's protocols find the
operation.
"""

from .activation import Activations
from .compare import Questions
from .complex import ComplexParts
from .convert import Conversions
from .counting import Counting
from .creation import Creation
from .decompose import Decompositions
from .elementwise import Elementwise
from .flags import Flags
from .index import Indexing
from .inplace import InPlace
from .linalg import Products
from .operators import Operators
from .parts import Parts
from .put import Putting
from .random import Random
from .reduce import Reductions
from .shape import Shapes
from .special import SpecialFunctions
from .spectral import Spectra
from .statistics import Statistics
from .stride import Strides
from .turning import Turning


class Methods(
    Operators,
    Elementwise,
    Activations,
    ComplexParts,
    Questions,
    Conversions,
    InPlace,
    Products,
    Decompositions,
    Reductions,
    Statistics,
    Counting,
    Shapes,
    Spectra,
    SpecialFunctions,
    Parts,
    Strides,
    Turning,
    Flags,
    Indexing,
    Putting,
    Creation,
    Random,
):
    """All of PyTorch's methods, by subject."""

    __slots__ = ()
