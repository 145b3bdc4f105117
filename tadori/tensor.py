"""Tensor: an array that knows where it came from.

Its operators call NumPy's functions, and NumPy's two protocols bring those calls back here, to the
operations registered in `dispatch`: `x * w`, `np.multiply(x, w)` and `array * w` are one thing.
PyTorch's many methods are in `methods/`, told in NumPy's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from weakref import ref

import numpy as np
from numpy import ndarray

from .device import array_module, device, device_of, to_device
from .dispatch import operations
from .dtype import DType, get_default_dtype, is_floating, number_dtype
from .methods import Methods

#: numbers nodes and in-place writes by creation: in define-by-run, a topological order
order = count(1)
#: the moment of the latest write anywhere; a list, so that readers see it change
latest = [0]
#: among the hooks of a place, the number of the one that `retain_grad` put there
RETAIN = -1


class Tensor(Methods):
    """An array, its gradient, and the Function that made it.

    array: the NumPy (or CuPy) array.   grad: a Tensor, or None.   creator: the Function of which
    this is an output; None for a leaf. `tadori.tensor(data)` is the usual way to make one;
    `Tensor(array)` takes the array as it is.
    """

    __slots__ = ("__dict__", "__weakref__", "_view", "array", "grad", "place")

    def __init__(self, data: Any, place: Any = None) -> None:
        self.array = data if type(data) is ndarray else as_array(data)
        self.grad: Tensor | None = None
        #: where gradients go: the creator (or its Output, if it has several), a leaf's
        #: AccumulateGrad, or None
        self.place = place
        self._view: Any = None  # for a view: how it was made, and from which tensor

    # Its place in the graph.

    @property
    def node(self) -> Any:
        """`place`, up to date: a view follows its base."""
        if self._view is not None:
            self._follow_base()
        return self.place

    @property
    def creator(self) -> Any:
        """The Function that made this tensor, or None for a leaf. PyTorch's `grad_fn`."""
        node = self.node
        return None if type(node) is AccumulateGrad else getattr(node, "owner", node)

    grad_fn = creator

    @property
    def requires_grad(self) -> bool:
        """Whether backward computes a gradient for this tensor."""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Ask for a gradient of this leaf, or stop asking. Raises RuntimeError for integers and for
        non-leaves."""
        if not requires_grad and not self.is_leaf:
            raise RuntimeError(
                "requires_grad_: this tensor has a creator; only leaves can stop requiring a "
                "gradient. "
                "Remedy: use detach()"
            )
        if requires_grad and not is_floating(self.array.dtype):
            raise RuntimeError(
                "requires_grad_: only floating-point tensors can require gradients, this one "
                f"is {self.array.dtype}. Remedy: convert it first, as in x.float()"
            )
        if requires_grad and self.node is None:
            self.place = AccumulateGrad(self)
        elif not requires_grad:
            self.place = None
        return self

    @property
    def is_leaf(self) -> bool:
        """True for tensors that no recorded operation made; only these receive `.grad` by
        themselves."""
        return self.creator is None

    def retain_grad(self) -> None:
        """Let backward write `.grad` of this tensor too, although it is not a leaf."""
        if self.requires_grad and not self.is_leaf and not self.retains_grad:
            keeper = ref(self)

            def keep(gradient: Tensor) -> None:
                if (tensor := keeper()) is not None:  # a copy: others read the same array
                    before = tensor.grad
                    tensor.grad = gradient.clone() if before is None else before + gradient

            self.place.hooks = hooks = self.place.hooks or {}
            hooks[RETAIN] = keep

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad` was called on this non-leaf."""
        return RETAIN in (getattr(self.node, "hooks", None) or ())

    def move_to(self, place: Any) -> None:
        """Take another place in the graph, as after an in-place write; what `retain_grad` asked for
        goes along."""
        keep = (getattr(self.place, "hooks", None) or {}).pop(RETAIN, None)
        self.place = place
        if keep is not None and place is not None:
            place.hooks = hooks = place.hooks or {}
            hooks[RETAIN] = keep

    def register_hook(self, hook: Callable[[Tensor], Any]) -> Any:
        """Call `hook(gradient)` when backward has this tensor's gradient; a Tensor it returns takes
        its place.

        Returns a handle with `remove()`. Raises RuntimeError if the tensor does not require a
        gradient.
        """
        from .autograd.hooks import RemovableHandle

        if not self.requires_grad:
            raise RuntimeError(
                "register_hook: this tensor does not require a gradient, so the hook would never "
                "run"
            )
        if self.place.hooks is None:
            self.place.hooks = {}
        handle = RemovableHandle(hooks := self.place.hooks, hook)
        if RETAIN in hooks:
            hooks[RETAIN] = hooks.pop(RETAIN)  # stays the last, and sees what the others made
        return handle

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Add the derivatives of this tensor to the `.grad` of the leaves it was computed from.

        See `tadori.autograd.backward` for the arguments and the errors.
        """
        from .autograd.engine import backward

        backward(
            self, gradient if gradient is None else [gradient], retain_graph, create_graph, inputs
        )

    def detach(self) -> Tensor:
        """The same array as a leaf: nothing leads back from it. In-place writes are seen by
        both."""
        return Tensor(self.array)

    def detach_(self) -> Tensor:
        """Cut this tensor from its graph, in place."""
        self.place = self._view = None
        return self

    @property
    def data(self) -> Tensor:
        """PyTorch's way around recording: the same memory as a leaf. Assigning puts another array
        here."""
        return self.detach()

    @data.setter
    def data(self, value: Any) -> None:
        self.array = value.array if isinstance(value, Tensor) else as_array(value)
        if type(self.place) is AccumulateGrad:
            self.place.shape = self.array.shape

    # The array's own.

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis, a tuple."""
        return self.array.shape

    @property
    def dtype(self) -> DType:
        """The number type, a `numpy.dtype`."""
        return self.array.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.array.ndim

    @property
    def device(self) -> device:
        """Where the array lives."""
        return device_of(self.array)

    def numpy(self, *, force: bool = False) -> np.ndarray[Any, Any]:
        """The NumPy array itself, not a copy. A tensor in a graph must be detached first (or
        `force=True`)."""
        if self.requires_grad and not force:
            raise RuntimeError(
                "numpy(): this tensor requires a gradient, and NumPy would lose its history. "
                "Remedy: t.detach().numpy()"
            )
        if array_module(self.array) is not np:
            if not force:
                raise TypeError("numpy(): this tensor is on a GPU. Remedy: t.cpu().numpy()")
            return to_device(self.array, "cpu")
        return self.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def item(self) -> Any:
        """The Python number in a tensor of one element."""
        if self.array.size != 1:
            raise RuntimeError(
                f"item: a tensor with {self.array.size} elements cannot be converted to a number; "
                "its shape is "
                f"{tuple(self.shape)}. Remedy: index or reduce it first"
            )
        return self.array.item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
        return self.array.tolist()

    def __len__(self) -> int:
        if self.array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self.array)

    def __iter__(self) -> Iterator[Tensor]:
        if self.array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))  # together, so that their gradients come back together

    def __bool__(self) -> bool:
        if self.array.size != 1:
            raise RuntimeError(
                f"bool: the truth of a tensor with {self.array.size} elements is ambiguous; shape "
                f"{tuple(self.shape)}. Remedy: say which you mean, .any() or .all()"
            )
        return bool(self.array)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if self.array.dtype.kind not in "biu":
            raise TypeError(
                "only integer tensors of one element can be an index, this one is "
                f"{self.array.dtype}"
            )
        return int(self.item())

    def __contains__(self, value: Any) -> bool:
        return bool((self.array == (value.array if isinstance(value, Tensor) else value)).any())

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        from .printing import tensor_repr

        return tensor_repr(self)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self.array.ndim == 0 and spec else str(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError(
                "deepcopy: only leaves can be copied with all they are; this tensor has a creator. "
                "Remedy: detach() or clone() it"
            )
        if id(self) not in memo:
            copy = memo[id(self)] = type(self).__new__(type(self))
            Tensor.__init__(copy, self.array.copy())
            copy.requires_grad_(self.requires_grad)
            copy.grad = None if self.grad is None else Tensor(self.grad.array.copy())
            copy.__dict__.update(self.__dict__)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        if not self.is_leaf:
            raise RuntimeError(
                "pickle: this tensor has a creator, and graphs are not saved. Remedy: detach() it"
            )
        return _rebuild, (type(self), self.array, self.requires_grad, dict(self.__dict__))

    # Indexing.

    def __getitem__(self, index: Any) -> Tensor:
        return operations[Tensor.__getitem__](self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        operations[Tensor.__setitem__](self, index, value)

    def write(self, result: Tensor, by: str) -> Tensor:
        """Put `result` into this tensor's memory, in place of what was there, and take over its
        history.

        Raises RuntimeError for a leaf that requires a gradient while recording, and where the
        result's dtype is of a higher kind; ShapeError where its shape does not fit.
        """
        from .autograd.inplace import write

        return write(self, result, by)

    # Views: a view shares the memory of its base, so it follows when the history of the base
    # changes.

    def _note_view(self, operation: type, options: dict[str, Any], base: Tensor) -> None:
        if self.array.base is not None and np.may_share_memory(self.array, base.array):
            self._view = (operation, options, base, base.place, latest[0])

    def _follow_base(self) -> None:
        if latest[0] == self._view[4]:
            return  # nothing was written since
        views = [self]
        while views[-1]._view[2]._view is not None:
            views.append(views[-1]._view[2])
        for view in reversed(views):  # the one next to the memory's owner first
            operation, options, base, place, _ = view._view
            view._view = (operation, options, base, base.place, latest[0])
            written = not isinstance(base.place, AccumulateGrad | None)  # not requires_grad_()
            if base.place is not place and written:
                from .autograd.mode import Mode

                with Mode(True):  # a history is repaired, whoever looks at it first
                    view.move_to(operation.apply(base, **options).place)

    # NumPy's protocols: how `np.tanh(tensor)` finds its way here.

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if kwargs.pop("out", None) is not None:
            raise TypeError(
                f"np.{ufunc.__name__}: out= (or an in-place operator on an array, as in array += "
                "tensor) cannot be "
                "recorded. Remedy: write array = array + tensor, or use tensor.detach().numpy()"
            )
        if method == "reduce" and ufunc in _REDUCTIONS:
            return operations[_REDUCTIONS[ufunc]](*inputs, **{"axis": 0, **kwargs})
        operation = operations.get(ufunc)
        if operation is None or method != "__call__":
            return _without_derivative(getattr(ufunc, method), inputs, kwargs)
        return operation(*inputs, **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        operation = operations.get(function)
        if operation is None:
            return _without_derivative(function, args, kwargs)
        return operation(*args, **kwargs)


_REDUCTIONS: dict[Any, Any] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
}


def _without_derivative(function: Any, args: Any, kwargs: Any) -> Any:
    """A NumPy function that is no operation of ours: computed where no gradient is asked for,
    refused otherwise."""

    def plain(x: Any) -> Any:
        if isinstance(x, Tensor):
            if x.requires_grad:
                raise TypeError(
                    f"np.{function.__name__}: Tadori has no derivative for it. Remedy: pass "
                    "t.detach() if none is "
                    "wanted, or write it with functions that have one"
                )
            return x.array
        return type(x)(map(plain, x)) if type(x) in (list, tuple) else x

    result = function(*map(plain, args), **{k: plain(v) for k, v in kwargs.items()})
    return Tensor(result) if isinstance(result, np.ndarray | np.generic) else result


def as_array(data: Any) -> Any:
    """An array from anything: arrays as they are, numbers and nested lists in the dtype PyTorch
    would give them."""
    if isinstance(data, Tensor):
        return data.array
    if isinstance(data, np.ndarray | np.generic):
        return np.asarray(data)
    if array_module(data) is not np:
        return data
    if isinstance(data, list | tuple) and data and isinstance(data[0], Tensor):
        data = [x.item() if x.ndim == 0 else x.numpy() for x in data]
        return np.asarray(data)
    if hasattr(data, "__array__") or hasattr(data, "__array_interface__"):
        return np.asarray(data)
    return np.asarray(data, dtype=number_dtype(data) if data != [] else get_default_dtype())


class AccumulateGrad:
    """Where the walk back ends: the place whose gradient is added to the `.grad` of its leaf.

    The leaf owns this node, and the node looks at the leaf weakly, so that a gradient that is
    itself a graph (of `create_graph`) makes no cycle.
    """

    __slots__ = ("__weakref__", "hooks", "ref", "seq", "shape")
    edges = ()
    plan = None  # no formulas

    def __init__(self, leaf: Tensor) -> None:
        self.ref = ref(leaf)
        self.shape = leaf.array.shape
        self.hooks: dict[int, Any] | None = None
        self.seq = next(order)  # before every function that uses the leaf: it is visited after them

    @property
    def next_functions(self) -> tuple[()]:
        """Nothing lies behind a leaf."""
        return ()

    @property
    def tensor(self) -> Tensor | None:
        """The leaf, if it is still there."""
        return self.ref()

    variable = tensor

    def __repr__(self) -> str:
        return "<AccumulateGrad>"


def _rebuild(
    kind: type[Tensor], array: Any, requires_grad: bool, attributes: dict[str, Any]
) -> Tensor:
    tensor = kind.__new__(kind)
    Tensor.__init__(tensor, array)
    tensor.__dict__.update(attributes)
    return tensor.requires_grad_(requires_grad)
