"""The recorder: listens to the core's moments and writes events, plain data in the order in which
things happened. `docs/trace_schema.md` says what each event holds."""

from __future__ import annotations

import os
import threading
from collections import Counter
from time import perf_counter
from types import FrameType
from typing import Any
from weakref import WeakMethod

from ..autograd.debug import arrays_kept
from ..autograd.function import Output
from ..autograd.hooks import Observer, observers, user_frame
from ..autograd.mode import recording
from ..autograd.version import block_of
from ..tensor import AccumulateGrad, Tensor, order
from .frames import Frames, variables
from .lives import Lives
from .loop import MOMENTS, StopTrace
from .recording import Event, Recording
from .values import Values, plain

#: bytes of JSON, roughly, that an event takes without its values; a function takes more
_EVENT, _FUNCTION = 110, 420
#: the part of the room that values may take
_VALUES = 0.6


class Recorder(Recording, Observer):
    """Writes down what happens in a block: `with tadori.trace() as t: ...`.

    max_mb: the room for the recording, in megabytes of JSON. Values take at most 60 % of it; when
    all is used up, operations are only counted, by line and name, `left_out` says how many, and of
    the loop only the end of each step is written.
    steps: end the block after so many steps of the optimizer (or walks back, where there is none).
    """

    def __init__(self, max_mb: float = 20, steps: int | None = None) -> None:
        self.max_mb = max_mb
        self.room = int(max_mb * 1e6)
        super().__init__(Values(int(_VALUES * self.room)))
        self.spare = self.room // 10 + 100_000  # for the steps after that
        self.steps, self.done = steps, 0
        self.active = False
        self.arrays = Lives(lambda n: self.died("array", n))
        self.tensors = Lives(lambda n: self.died("tensor", n))
        self.nodes = Lives(lambda n: self.died("node", n))
        self.modules = Lives(lambda n: None)
        self.others = Lives(lambda n: None)  # optimizers, schedulers, loaders
        self.grads: dict[int, int] = {}  # leaf -> the array that is its .grad
        self.versions: Counter[int] = Counter()  # array -> how often it was written
        self.walks: list[int] = []  # the walks that run now
        self.walk_count = 0
        self.base = 0  # nodes are numbered from here
        self.pending: dict[int, int] = {}  # places that a gradient waits at, by id -> seq
        self.open: list[Any] = []  # names known in each open frame of the user's
        self.memo: dict[str, Any] = {}  # what `loop.py` remembers from moment to moment
        self._local = threading.local()
        self._began = perf_counter()
        self._last = 0
        self.seen: dict[Any, Any] = {}  # the values of the gradients of this walk
        self._root: FrameType | None = None

    # Beginning and end.

    def __enter__(self) -> Recorder:
        self.start(user_frame())
        return self

    def start(self, root: FrameType | None) -> None:
        """Listen from now on, to what is called from the frame `root`."""
        self.frames = Frames(root)
        self._began = perf_counter()
        self.base = next(order)
        self.active = True
        observers.append(self)
        stop_in_child(self)

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> bool:
        stopped = isinstance(error, StopTrace)
        if error is not None and not stopped:
            self.failed(error)
        self.stop()
        return stopped

    def stop(self) -> None:
        """Listen no more, and make the events plain data."""
        if not self.active:
            return
        self.active = False
        observers.remove(self)
        for lives in (self.arrays, self.tensors, self.nodes, self.modules, self.others):
            lives.forget()
        self.frames.root, self.open = None, []
        self.memo.clear()
        self.events[:] = [plain(event) for event in self.events]

    # Writing.

    @property
    def full(self) -> bool:
        """Whether the room is used up, and operations are only counted."""
        return self.left() <= 0

    def left(self) -> int:
        """The bytes of JSON that there is room for."""
        return self.room - self.values.used

    def write(self, kind: str, at: int | None = None, **fields: Any) -> Event:
        """Append an event, and give it, to be filled in."""
        where = self.at() if at is None else at
        event = {"kind": kind, "time": round(perf_counter() - self._began, 6), "at": where}
        if threading.current_thread() is not threading.main_thread():
            event["thread"] = threading.current_thread().name
        event.update(fields)
        if self.full and not (kind == "error" or (kind == "stepped" and self.left() > -self.spare)):
            return event
        self.room -= _FUNCTION if kind == "function" else _EVENT
        self.events.append(event)
        return event

    def at(self) -> int:
        """The number of the present stack; on a new line, looks at the user's variables first."""
        found, frame = self.frames.now()
        if found != self._last:
            self._last = found
            if frame is not None and not self.full:
                self.look_at_names(found, frame)
        return found

    def look_at_names(self, at: int, frame: FrameType) -> None:
        """Write which tensors the variables of `frame` name now, and which no more."""
        depth = self.frames.depths[at]
        for _, names in [entry for entry in self.open[depth:] if entry is not None]:
            for name in list(names):
                self.write("unname", at, name=name, tensor=names.pop(name))
        self.open[depth:] = []
        self.open += [None] * (depth - len(self.open))
        entry = self.open[depth - 1]
        names = entry[1] if entry is not None and entry[0] == id(frame) else {}
        if entry is not None and entry[0] != id(frame):
            for name, tensor in entry[1].items():
                self.write("unname", at, name=name, tensor=tensor)
        self.open[depth - 1] = (id(frame), names)
        found = variables(frame)
        for name in [n for n in names if not isinstance(found.get(n), Tensor)]:
            self.write("unname", at, name=name, tensor=names.pop(name))
        for name, value in found.items():
            if isinstance(value, Tensor):
                number = self.tensor(value, at)
                if names.get(name) != number:
                    names[name] = number
                    function = frame.f_code.co_qualname
                    self.write("name", at, name=name, tensor=number, function=function)

    def died(self, kind: str, number: int) -> None:
        """An array, a tensor or a node was freed."""
        if self.active:
            if kind == "array":
                self.versions.pop(number, None)
            at, _ = self.frames.now()
            self.write("died", at, **{kind: number})

    # Things, by number.

    def array(self, array: Any, at: int, role: str, before: bool = False) -> int:
        """The number of the memory that `array` looks into; its birth is written, if it is new."""
        block = block_of(array)
        number = self.arrays.known(block)
        if number is None:
            number = self.arrays.add(block)
            shape = {"shape": list(array.shape), "dtype": str(array.dtype)}
            born = self.write("born", at, array=number, bytes=block.nbytes, role=role, **shape)
            if before:
                born["before"] = True
            if number not in self.arrays.living:  # a NumPy scalar: nobody can tell when it ends
                self.write("died", at, array=number)
        return number

    def tensor(self, tensor: Tensor, at: int, role: str = "input") -> int:
        """The number of a tensor; one not seen yet was there before, or came from elsewhere."""
        number = self.tensors.known(tensor)
        if number is None:
            number = self.tensors.add(tensor)
            self.write("tensor", at, **self.tensor_record(tensor, number, at, role))
        return number

    def tensor_record(self, x: Tensor, number: int, at: int, role: str) -> dict[str, Any]:
        """What is written of a tensor when it is first seen."""
        leaf = type(x.place) is AccumulateGrad
        record = {
            "tensor": number,
            "array": self.array(x.array, at, "parameter" if leaf else role, role == "input"),
            "shape": list(x.shape),
            "dtype": str(x.dtype),
            "requires_grad": x.place is not None,
            "leaf": leaf or x.place is None,
            "value": self.values.look(x.array),
        }
        if (name := self.names["tensors"].pop(id(x), None)) is not None:
            record["name"] = name
        return record

    def operand(self, x: Any, at: int) -> dict[str, Any]:
        """An input of an operation: a tensor, an array, or a number."""
        if isinstance(x, Tensor):
            return {"tensor": self.tensor(x, at)}
        if hasattr(x, "nbytes"):
            return {"array": self.array(x, at, "input", before=True)}
        return {"number": x if isinstance(x, bool | int | float | None) else repr(x)[:60]}

    def node(self, node: Any, at: int) -> int:
        """The number of a node; one made before the recording is introduced now."""
        number = self.nodes.known(node)
        if number is None:
            number = self.nodes.add(node)
            shapes = node.shape if isinstance(node.ref, tuple) else (node.shape,)
            self.write(
                "function",
                at,
                node=number,
                op=node.name(),
                seq=node.seq - self.base,
                before=True,
                recorded=True,
                inputs=[self.operand(x, at) if isinstance(x, Tensor) else {} for x in node.inputs],
                outputs=[{"shape": list(shape)} for shape in shapes],
                saved=self.saved(node, at),
            )
        return number

    def saved(self, node: Any, at: int) -> list[dict[str, Any]]:
        """What a node keeps for backward."""
        return [
            {
                "name": name,
                "array": (number := self.array(array, at, "saved")),
                "bytes": array.nbytes,
                "version": self.versions[number],
            }
            for name, array in arrays_kept(node)
        ]

    # What the core tells.

    @property
    def _stack(self) -> list[tuple[float, dict[str, Any]]]:
        if not hasattr(self._local, "stack"):
            self._local.stack = []
        return self._local.stack

    @property
    def inside(self) -> list[int]:
        """The numbers of the modules whose forward runs in this thread."""
        if not hasattr(self._local, "inside"):
            self._local.inside = []
        return self._local.inside

    def before_forward(
        self, operation: type, inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        """Start the clock of a call."""
        if self.steps is not None and self.done >= self.steps and recording.get():
            self.stop_if_done(any(isinstance(x, Tensor) and x.place is not None for x in inputs))
        self._stack.append((perf_counter(), options))

    def after_forward(self, node: Any, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        """Write the call."""
        now = perf_counter()
        started, options = self._stack.pop() if self._stack else (now, {})
        at = self.at()
        if self.full:
            self.counted[type(node).__name__, at] += 1
            return
        operands = [self.operand(x, at) for x in inputs]
        before = {self.arrays.known(block_of(x.array)) for x in inputs if isinstance(x, Tensor)}
        recorded = hasattr(node, "plan") or hasattr(node, "ctx")
        recorded = recorded and isinstance(outputs[0], Tensor) and outputs[0].creator is node
        number = self.nodes.add(node)
        event = self.write(
            "function",
            at,
            node=number,
            op=type(node).__name__,
            seconds=round(now - started, 7),
            recorded=recorded,
            grad_mode=recording.get(),
            inputs=operands,
            options={name: plain(_short(value)) for name, value in options.items()},
            modules=list(self.inside),
            outputs=[],
        )
        event["outputs"] = [self.output(y, at, before) for y in outputs]
        if recorded:
            event["seq"] = node.seq - self.base
            event["saved"] = self.saved(node, at)
            event["wants"] = [isinstance(x, Tensor) and x.place is not None for x in inputs]

    def output(self, y: Any, at: int, before: set[int | None]) -> dict[str, Any]:
        """What is written of an output: as of any tensor, and whether it is a view of an input."""
        if not isinstance(y, Tensor):
            return {}
        number = self.tensors.known(y)
        number = self.tensors.add(y) if number is None else number
        record = self.tensor_record(y, number, at, "output")
        del record["leaf"]
        record["view"] = record["array"] in before
        return record

    def before_backward(self, node: Any, gradient: Any) -> None:
        """Write that the walk has reached a node."""
        self.pending.pop(id(node), None)
        at = self.at()
        if self.full:
            self.visits_counted += 1
            return
        gradients = gradient if isinstance(gradient, list) else [gradient]
        self.write(
            "visit",
            at,
            walk=self.walks[-1] if self.walks else 0,
            node=self.node(node, at),
            gradient=[self.gradient(g, at) for g in gradients],
            released=node.saved is None,
            waiting=len(self.pending),
        )
        self._stack.append((perf_counter(), {}))

    def gradient(self, gradient: Any, at: int) -> dict[str, Any] | None:
        """What is written of a gradient on its way."""
        if gradient is None:
            return None
        array = getattr(gradient, "array", gradient)
        number = self.array(array, at, "gradient")
        key = number, self.versions[number], array.shape, array.strides
        if key not in self.seen:  # a leaf's is looked at twice: when it is sent, and when written
            self.seen[key] = self.values.look(array)
        return {"array": number, "shape": list(array.shape), "value": self.seen[key]}

    def sent(self, node: Any, number: int, gradient: Any) -> None:
        """Write where a gradient goes, and whether another one waits there."""
        place = node.edges[number]
        waits = id(place) in self.pending
        self.pending[id(place)] = place.seq
        if self.full:
            return
        at = self.at()
        owner = place.owner if isinstance(place, Output) else place
        if isinstance(owner, AccumulateGrad):
            leaf = owner.tensor
            to = {"leaf": None if leaf is None else self.tensor(leaf, at)}
        else:
            index = place.index if isinstance(place, Output) else 0
            to = {"node": self.node(owner, at), "output": index}
        sent = self.gradient(gradient, at) or {}
        source = self.node(node, at)
        self.write("sent", at, node=source, input=number, to=to, added=waits, **sent)

    def after_backward(self, node: Any) -> None:
        """Write that a node was passed."""
        now = perf_counter()
        if not self.full and self._stack:
            started, _ = self._stack.pop()
            at = self.at()
            self.write("visited", at, node=self.node(node, at), seconds=round(now - started, 7))

    def accumulated(self, tensor: Any, gradient: Any) -> None:
        """Write that the `.grad` of a leaf has changed."""
        self.pending.pop(id(tensor.place), None)
        if self.full:
            return
        at = self.at()
        leaf = self.tensor(tensor, at)
        written = self.gradient(gradient, at) or {}
        added = self.grads.get(leaf) in self.arrays.living
        self.grads[leaf] = written["array"]
        walk = self.walks[-1] if self.walks else 0
        self.write("grad", at, walk=walk, tensor=leaf, added=added, **written)

    def written(self, array: Any, by: str) -> None:
        """Write that memory was changed in place."""
        if self.full:
            return
        at = self.at()
        number = self.array(array, at, "input", before=True)
        self.versions[number] += 1
        self.write("write", at, array=number, by=by, version=self.versions[number])

    def told(self, what: str, who: Any, details: dict[str, Any]) -> None:
        """What happens around the operations: see `loop.py`."""
        MOMENTS[what](self, who, **details)

    # The end of a recording.

    def stop_if_done(self, training: bool) -> None:
        """End the block if the wanted number of steps is done and another one begins."""
        if self.active and self.steps is not None and self.done >= self.steps and training:
            raise StopTrace(self.steps)

    def failed(self, error: BaseException) -> None:
        """Write an exception that ends the block."""
        places = self.frames.traceback(error.__traceback__)
        if isinstance(error, SyntaxError) and error.filename and error.lineno:
            column, end = (error.offset or 1) - 1, (error.end_offset or 1) - 1
            file = self.frames.number(error.filename)
            lines = error.lineno, error.end_lineno or error.lineno
            places = [[file, lines[0], column, lines[1], max(end, column), "<module>"]]
        waiting = max(self.pending.items(), key=lambda item: item[1], default=None)
        self.write(
            "error",
            self.frames.add(places),
            type=type(error).__name__,
            message=str(error),
            notes=list(getattr(error, "__notes__", [])),
            traceback=places,
            walk=self.walks[-1] if self.walks else None,
            waiting=None if waiting is None else self._number_of(waiting[0]),
        )

    def _number_of(self, key: int) -> int | None:
        return self.nodes.by_id(key)


def stop_in_child(recorder: Recorder) -> None:
    """See that a forked child of this process does not record: it has another program to run."""
    method = WeakMethod(recorder.stop)

    def stop() -> None:
        if (found := method()) is not None:
            found()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=stop)


def _short(value: Any) -> Any:
    simple = isinstance(value, bool | int | float | str | None)
    text = repr(value)
    return value if simple else text if len(text) <= 80 else f"{text[:77]}..."
