"""Functions that take a function and give its derivative, or itself over a batch: `torch.func`.

`transforms.py` differentiates (`grad`, `vjp`, `jvp`, Jacobians, Hessians), `batch.py` maps over an
axis; both take and give Tensors in nested lists, tuples and dicts, which `tree.py` takes apart.
"""

from ..nn.utils.stateless import functional_call
from .batch import stack_module_state, vmap
from .transforms import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, linearize, vjp

__all__ = [
    "grad",
    "grad_and_value",
    "vjp",
    "jvp",
    "linearize",
    "jacrev",
    "jacfwd",
    "hessian",
    "vmap",
    "functional_call",
    "stack_module_state",
]
