"""Function: one recorded call of an operation, and the form in which operations are written."""

from __future__ import annotations

from operator import is_not
from types import MethodType
from typing import Any, ClassVar
from weakref import ref

from ..dtype import float32, float64
from ..tensor import Tensor, as_array, order
from .convert import NUMBERS, as_input, common_dtype, refuse_complex
from .errors import explain
from .formula import Plan, Plans, Signature
from .hooks import observers
from .mode import recording
from .spelled import MOST, spell_out


class Function:
    """A node of the graph: one call, with its inputs, its outputs and what its formulas need.

    An operation is a subclass. `forward(self, x, ..., *, options)` computes on plain arrays. Its
    derivative is `backward(self, gy, ...)`, giving one gradient per input, or, where each is better
    told by itself, `grad_<input>(self, gy, ...)`, of which only the wanted ones run. The names of a
    formula's parameters say what it needs, and only that is kept: `gy` the gradient coming in, an
    input's name its array, `y` the output, `<input>_shape` a shape, an option's name its value.
    Formulas are written in NumPy's language without in-place changes, so that arrays, Tensors and
    traced arrays can all run them.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "edges",
        "hooks",
        "options",
        "plan",
        "ref",
        "saved",
        "seq",
        "shape",
    )

    #: the names of the outputs, and those of them, the last ones, that carry no gradient
    returns: ClassVar[tuple[str, ...]] = ("y",)
    integer: ClassVar[tuple[str, ...]] = ()
    #: any number of outputs instead; the formula takes all their gradients, `*gys`
    many: ClassVar[bool] = False
    #: "same": inputs are promoted to one dtype; "float": to a floating one; "any": left alone
    dtypes: ClassVar[str] = "same"
    #: complex numbers are refused: they have no order, or the formula is none of theirs
    real: ClassVar[bool] = False
    #: Python numbers reach `forward` as they are; False: as 0-d arrays
    numbers: ClassVar[bool] = True
    #: the output may look at the memory of the (first) input
    view: ClassVar[bool] = False
    signature: ClassVar[Signature]
    plans: ClassVar[Plans]
    carrying: int  #: the number of outputs that carry a gradient
    spec: ClassVar[tuple[Any, ...]]  # what `apply` reads of the class, in one go

    plan: Plan
    edges: list[Any]
    options: dict[str, Any]
    hooks: dict[int, Any] | None
    ref: Any
    saved: Any
    seq: int
    shape: tuple[Any, ...]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if hasattr(cls, "forward"):
            cls.signature = sign = Signature(cls)
            cls.plans = Plans(sign)
            cls.carrying = len(cls.returns) - len(cls.integer)
            plain = sign.one_output and not sign.variadic
            plans = cls.plans if sign.differentiable else None
            cls.spec = (cls.forward, sign.arity, len(sign.defaults), plain, cls.view, plans)
            if plain and plans is not None and 1 <= sign.arity <= MOST:
                general = MethodType(vars(Function)["apply"].__func__, cls)
                quick: Any = staticmethod(spell_out(cls, general))
                cls.apply = quick  # type: ignore[method-assign]

    @classmethod
    def apply(cls, *inputs: Any, **options: Any) -> Any:
        """Compute the operation on `inputs` (Tensors, arrays, numbers), and record it."""
        forward, arity, option_count, plain, view, plans = cls.spec
        if len(inputs) != arity or len(options) != option_count:
            inputs, options = cls.signature.bind(inputs, options)
        arrays: list[Any] = []
        edges: list[Any] = []
        wanted, bit, dtype, uniform = 0, 1, None, True
        for x in inputs:
            if isinstance(x, Tensor):
                if x._view is not None:
                    x._follow_base()
                arrays.append(array := x.array)
                edges.append(place := x.place)
                if place is not None:
                    wanted |= bit
                if array.dtype is not dtype:
                    uniform, dtype = dtype is None, array.dtype
            elif type(x) in NUMBERS and (cls.numbers or x is None):
                arrays.append(x)
                edges.append(None)
            else:
                return cls.apply(*cls.convert(inputs), **options)
            bit += bit
        if not (uniform and (dtype is float32 or dtype is float64)) and cls.dtypes != "any":
            converted = cls.convert(inputs)
            if any(map(is_not, converted, inputs)):
                return cls.apply(*converted, **options)
        node = cls()
        for observer in observers:
            observer.before_forward(cls, inputs, options)
        try:
            y = forward(node, *arrays, **options)
        except Exception as error:
            raise explain(cls, inputs, options, error) from error
        record = wanted and plans is not None and recording.get()
        if plain:
            y = Tensor(y)
            if record:
                node.plan = plan = plans[wanted]
                node.edges, node.options, node.hooks, node.seq = edges, options, None, next(order)
                node.shape, node.ref, y.place = y.array.shape, ref(y), node
                for i in plan.constants:
                    edges[i] = weakly(inputs[i])
                node.saved = () if plan.save is None else plan.save(*arrays, y.array)
            if view:
                y._note_view(cls, options, inputs[0])
        else:
            y = tuple(map(Tensor, y)) if type(y) is tuple else Tensor(y)
            if record:
                node.record(y, wanted, inputs, arrays, edges, options)
        for observer in observers:
            observer.after_forward(node, inputs, y if type(y) is tuple else (y,))
        return y

    def record(
        self, result: Any, wanted: int, inputs: Any, arrays: Any, edges: Any, options: Any
    ) -> None:
        """What `apply` does itself for one output of a fixed number of inputs: become a node of
        the graph, which keeps what the formulas of the wanted gradients name."""
        cls = type(self)
        self.plan = plan = cls.plans[wanted]
        self.edges, self.options, self.hooks, self.seq = edges, options, None, next(order)
        for i, edge in enumerate(edges):
            if edge is None:
                edges[i] = weakly(inputs[i])
        shapes = [getattr(a, "shape", ()) for a in arrays] if cls.signature.shapes else []
        if cls.signature.variadic:
            arrays, shapes = [tuple(arrays)], [tuple(shapes)]
        outputs = result if type(result) is tuple else (result,)
        values = [*arrays, *[y.array for y in outputs], *shapes]
        kept = plan.numbers
        self.saved = [v if i in kept else None for i, v in enumerate(values)] if kept else ()
        if type(result) is tuple:
            self.shape, self.ref = tuple([y.shape for y in outputs]), tuple(map(ref, outputs))
            if cls.many:
                self.carrying = len(outputs)
            for i in range(self.carrying):
                outputs[i].place = Output(self, i)
        else:
            self.shape, self.ref, result.place = result.shape, ref(result), self

    @classmethod
    def convert(cls, inputs: Any) -> tuple[Any, ...]:
        """The inputs as Tensors and numbers of the dtype in which this operation computes."""
        inputs = tuple(map(as_input, inputs))
        if cls.dtypes == "any":
            return tuple(
                x if x is None or isinstance(x, Tensor) else Tensor(as_array(x)) for x in inputs
            )
        inputs = common_dtype(inputs, cls.dtypes == "float", cls.numbers)
        if cls.real:
            refuse_complex(cls.__name__, inputs)
        return inputs

    # The graph, as a person walks it.

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The input Tensors; a `Gone` for one that nobody holds any more, None for a number or an
        array."""
        return tuple(
            edge() if isinstance(edge, ref) else None if edge is None else edge.tensor
            for edge in self.edges
        )

    @property
    def outputs(self) -> tuple[Any, ...]:
        """The output Tensors; a `Gone` for one that nobody holds any more."""
        if isinstance(self.ref, tuple):
            found = [(r(), shape) for r, shape in zip(self.ref, self.shape, strict=True)]
            return tuple(Gone(self, shape) if y is None else y for y, shape in found)
        return (self.tensor,)

    @property
    def tensor(self) -> Any:
        """The Tensor that has its place here, or what is left of it."""
        tensor = self.ref()
        return Gone(self, self.shape) if tensor is None else tensor

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """PyTorch's view of `inputs`: (node, output number) per input, (None, 0) where no gradient
        goes."""
        found: list[tuple[Any, int]] = []
        for edge in self.edges:
            if isinstance(edge, Output):
                found.append((edge.owner, edge.index))
            else:
                found.append((None if isinstance(edge, ref) else edge, 0))
        return tuple(found)

    def name(self) -> str:
        """The operation's name."""
        return type(self).__name__

    def kept(self) -> list[tuple[str, Any]]:
        """What this node keeps for its formulas: (name, array) pairs; none once backward passed."""
        names = {"input": self.signature.inputs, "output": self.signature.outputs}
        places = self.plan.kept if self.saved else ()
        return [(names[kind][i], self.saved[n]) for n, kind, i in places if kind in names]

    def kept_tensors(self) -> list[Any]:
        """What is kept, as Tensors in their place in the graph, for formulas that are recorded."""
        values = list(self.saved)
        for number, kind, i in self.plan.kept:
            value = values[number]
            if kind == "output":
                values[number] = Tensor(value, self._place_of(i))
            elif kind == "input" and self.signature.variadic:
                values[number] = tuple(map(_at_edge, value, self.edges))
            elif kind == "input":
                values[number] = _at_edge(value, self.edges[i])
        return values

    def _place_of(self, i: int) -> Any:
        """Where the gradient of output `i` is gathered: with several, where its Tensor says."""
        if type(self.ref) is not tuple:
            return self
        place = getattr(self.ref[i](), "place", None)
        if i >= self.carrying or (type(place) is Output and place.owner is self):
            return place
        return Output(self, i)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def weakly(x: Any) -> Any:
    """A constant input as an edge: a weak reference, or None for a number or an array."""
    return ref(x) if isinstance(x, Tensor) else None


def _at_edge(array: Any, edge: Any) -> Any:
    return array if edge is None or isinstance(edge, ref) else Tensor(array, edge)


class Output:
    """One output of a Function that has several: a place where gradients for it arrive."""

    __slots__ = ("__weakref__", "hooks", "index", "owner", "seq", "shape")
    plan = None  # no formulas

    def __init__(self, owner: Function, index: int) -> None:
        self.owner, self.index = owner, index
        self.shape: tuple[int, ...] = owner.shape[index]
        self.hooks: dict[int, Any] | None = None
        self.seq = next(order)  # newer than its owner, and so visited before it

    @property
    def edges(self) -> tuple[Function]:
        """An output leads back to its Function."""
        return (self.owner,)

    @property
    def tensor(self) -> Any:
        """The Tensor that has its place here, or what is left of it."""
        tensor = self.owner.ref[self.index]()
        return Gone(self.owner, self.shape) if tensor is None else tensor


class Gone:
    """A tensor of the graph that was freed: only its creator and its shape are left."""

    __slots__ = ("creator", "shape")

    def __init__(self, creator: Function, shape: tuple[int, ...]) -> None:
        self.creator, self.shape = creator, shape

    def __repr__(self) -> str:
        return f"<freed tensor of shape {tuple(self.shape)}>"
