"""Pickles without Python's pickle machinery: read as data, with a list of what may be called.

A pickle is a program for a machine with a stack. `unpickle` runs that machine, but names in it
stand for the functions that the caller gives and for nothing else: what a file could bring along is
refused by name, never imported. `pickle` writes programs of protocol 2, as PyTorch's files hold.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pickle import UnpicklingError, encode_long
from pickletools import genops
from typing import IO, Any

__all__ = ["Call", "Name", "Persistent", "Refused", "Waiting", "pickle", "unpickle"]


class Refused(UnpicklingError, ValueError):
    """A pickle names something that is not on the list."""


@dataclass(frozen=True)
class Name:
    """Something that a pickle imports, by module and name: "collections OrderedDict"."""

    name: str


@dataclass(frozen=True, eq=False)
class Call:
    """A call of what a name stands for; then the items, or the state, given to its result."""

    name: str
    arguments: tuple[Any, ...] = ()
    items: Mapping[Any, Any] | None = None
    state: Any = None


@dataclass(frozen=True, eq=False)
class Persistent:
    """Something that lies outside the pickle, and what it is known by."""

    key: tuple[Any, ...]


# ------------------------------------------------------------------------------------------ reading


class Waiting:
    """Something that is not whole until its state comes."""

    def built(self, state: Any) -> Any:
        """The whole thing."""
        raise NotImplementedError


class Mark:
    """On the stack: here the parts of something begin."""


@dataclass(frozen=True)
class Known:
    """On the stack: a name from the list, and what it stands for."""

    name: str
    value: Any


def unpickle(file: IO[bytes], known: Mapping[str, Any], persistent: Callable[[Any], Any]) -> Any:
    """The object of the pickle that begins here; `file` then stands after it.

    known: "module name" -> what it stands for, a function or a value. persistent: what a key that
    leads outside stands for. Raises Refused for other names, ValueError for damaged pickles.
    """
    machine = Machine(known, persistent)
    try:
        for opcode, argument, _ in genops(file):
            if opcode.name == "STOP":
                return machine.value()
            machine.step(opcode.name, argument)
    except Refused:
        raise
    except (LookupError, TypeError, AttributeError, struct.error) as error:
        raise ValueError(f"the pickle makes no sense: {error!r}") from error
    raise ValueError("the pickle has no end")


class Machine:
    """The stack, and what was put aside in the memo."""

    def __init__(self, known: Mapping[str, Any], persistent: Callable[[Any], Any]) -> None:
        self.known, self.persistent = known, persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def value(self) -> Any:
        """What lies on top, taken off; a name becomes what it stands for."""
        return shown(self.stack.pop())

    def parts(self) -> list[Any]:
        """All above the last mark, taken off with the mark."""
        at = len(self.stack) - 1
        while self.stack[at] is not Mark:
            at -= 1
            if at < 0:
                raise IndexError("no mark on the stack")
        found = [shown(x) for x in self.stack[at + 1 :]]
        del self.stack[at:]
        return found

    def step(self, name: str, argument: Any) -> None:
        """Do what one opcode says."""
        push = self.stack.append
        match name:
            case "PROTO" | "FRAME":
                pass
            case "NONE" | "NEWTRUE" | "NEWFALSE":
                push({"NONE": None, "NEWTRUE": True, "NEWFALSE": False}[name])
            case "MARK":
                push(Mark)
            case "EMPTY_TUPLE" | "EMPTY_LIST" | "EMPTY_DICT" | "EMPTY_SET":
                push({"TUPLE": tuple, "LIST": list, "DICT": dict, "SET": set}[name[6:]]())
            case "TUPLE" | "LIST" | "FROZENSET":
                push({"TUPLE": tuple, "LIST": list, "FROZENSET": frozenset}[name](self.parts()))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(name[-1])
                push(tuple([self.value() for _ in range(count)][::-1]))
            case "DICT":
                push(paired(self.parts()))
            case "APPEND" | "APPENDS":
                added = [self.value()] if name == "APPEND" else self.parts()
                of_type(self.stack[-1], list).extend(added)
            case "SETITEM" | "SETITEMS":
                pair = [self.value(), self.value()][::-1] if name == "SETITEM" else self.parts()
                of_type(self.stack[-1], dict).update(paired(pair))
            case "ADDITEMS":
                added = self.parts()
                of_type(self.stack[-1], set).update(added)
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                self.memo[argument] = self.stack[-1]
            case "MEMOIZE":
                self.memo[len(self.memo)] = self.stack[-1]
            case "GET" | "BINGET" | "LONG_BINGET":
                push(self.memo[argument])
            case "GLOBAL":
                push(self.named(argument))
            case "STACK_GLOBAL":
                last, first = self.value(), self.value()
                push(self.named(f"{first} {last}"))
            case "REDUCE" | "NEWOBJ":
                arguments = of_type(self.value(), tuple)
                push(called(self.stack.pop(), arguments))
            case "BUILD":
                state = self.value()
                self.replace_top(built(self.stack[-1], state))
            case "BINPERSID":
                push(self.persistent(self.value()))
            case _ if name in LITERALS:
                push(argument)
            case _:
                raise Refused(f"it has the pickle instruction {name}, which plain data need not")

    def replace_top(self, new: Any) -> None:
        """Let the thing on top be another one, which its state has made; in the memo too."""
        old, self.stack[-1] = self.stack[-1], new
        if new is not old:
            self.memo = {key: new if x is old else x for key, x in self.memo.items()}

    def named(self, name: str) -> Known:
        """What is on the list under this name."""
        module, _, last = name.partition(" ")
        name = f"{OLD_MODULES.get(module, module)} {last}"
        if name not in self.known:
            raise Refused(f"it names {name.replace(' ', '.')}, which is not plain data")
        return Known(name, self.known[name])


#: the instructions that put a number or a text on the stack
LITERALS = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
}

OLD_MODULES = {"__builtin__": "builtins"}  # Python 2's, which protocol 2 still uses


def shown(x: Any) -> Any:
    """What a name stands for; anything else as it is."""
    return x.value if isinstance(x, Known) else x


def of_type(x: Any, kind: type[Any]) -> Any:
    """x, if it is of this type: so that no foreign method is ever called."""
    if not isinstance(x, kind):
        raise TypeError(f"a {type(x).__name__} where a {kind.__name__} should be")
    return x


def paired(parts: list[Any]) -> dict[Any, Any]:
    """[key, value, key, value, ...] as a dict."""
    return dict(zip(parts[0::2], parts[1::2], strict=True))


def called(function: Any, arguments: tuple[Any, ...]) -> Any:
    """The call of something from the list."""
    if not isinstance(function, Known) or not callable(function.value):
        raise Refused(f"it calls {shown(function)!r}, which is no function of the list")
    return function.value(*arguments)


def built(x: Any, state: Any) -> Any:
    """An object with its state: of the things that wait for one, and of state dicts' metadata."""
    if isinstance(x, OrderedDict) and isinstance(state, dict):
        if "_metadata" in state:
            x._metadata = state["_metadata"]  # type: ignore[attr-defined]
        return x
    if not isinstance(x, Waiting):
        raise Refused(f"it sets attributes of a {type(x).__name__}")
    return x.built(state)


# ------------------------------------------------------------------------------------------ writing

#: singletons
WORDS: dict[Any, bytes] = {None: b"N", True: b"\x88", False: b"\x89", (): b")"}


def pickle(obj: Any, described: Callable[[Any, tuple[str, ...]], Any]) -> bytes:
    """The pickle of `obj`, in protocol 2.

    described: for what is not plain data, given with its place, a Call, a Name or a Persistent.
    """
    writer = Writer(described)
    writer.save(obj, ())
    return b"\x80\x02" + b"".join(writer.parts) + b"."


class Writer:
    """Writes opcodes, and remembers what was written, so that a thing met twice is one thing."""

    def __init__(self, described: Callable[[Any, tuple[str, ...]], Any]) -> None:
        self.described = described
        self.parts: list[bytes] = []
        #: id -> the number in the memo, and the thing, so that its id stays its own
        self.memo: dict[int, tuple[int, Any]] = {}

    def save(self, x: Any, place: tuple[str, ...]) -> None:
        """Write x, which was found at `place`."""
        put = self.parts.append
        if x is None or x is True or x is False or (type(x) is tuple and not x):
            put(WORDS[x])
        elif type(x) is int:
            put(packed_integer(x))
        elif type(x) is float:
            put(b"G" + struct.pack(">d", x))
        elif id(x) in self.memo:
            put(b"j" + struct.pack("<I", self.memo[id(x)][0]))
        elif type(x) is str:
            data = x.encode("utf-8", "surrogatepass")
            put(b"X" + struct.pack("<I", len(data)) + data)
            self.remember(x)
        else:
            self.save_container(x, place)

    def save_container(self, x: Any, place: tuple[str, ...]) -> None:
        """Write what has parts."""
        put = self.parts.append
        match x:
            case tuple():
                put(b"(")
                self.save_all(x, place)
                put(b"t")
                self.remember(x)
            case list():
                put(b"]")
                self.remember(x)
                put(b"(")
                self.save_all(x, place)
                put(b"e")
            case dict() if type(x) is dict or not isinstance(x, OrderedDict):
                put(b"}")
                self.remember(x)
                self.save_items(x, place)
            case Name():
                put(b"c" + "\n".join(x.name.split(" ")).encode() + b"\n")
            case Persistent():
                self.save(x.key, place)
                put(b"Q")
            case Call():
                self.save_call(x, x, place)
            case _:
                self.save_described(x, place)

    def save_described(self, x: Any, place: tuple[str, ...]) -> None:
        """Write what is not plain data."""
        how = self.described(x, place)
        if isinstance(how, Call):
            self.save_call(how, x, place)
        else:
            self.save(how, place)

    def save_call(self, call: Call, x: Any, place: tuple[str, ...]) -> None:
        """Write a call, which gives x."""
        put = self.parts.append
        self.save(Name(call.name), place)
        self.save(call.arguments, place)
        put(b"R")
        self.remember(x)
        if call.items:
            self.save_items(call.items, place)
        if call.state is not None:
            self.save(call.state, place)
            put(b"b")

    def save_all(self, parts: Any, place: tuple[str, ...]) -> None:
        for i, part in enumerate(parts):
            self.save(part, (*place, str(i)))

    def save_items(self, items: Mapping[Any, Any], place: tuple[str, ...]) -> None:
        self.parts.append(b"(")
        for key, value in items.items():
            inner = (*place, str(key))
            self.save(key, inner)
            self.save(value, inner)
        self.parts.append(b"u")

    def remember(self, x: Any) -> None:
        """Put what was just written into the memo."""
        self.memo[id(x)] = (len(self.memo), x)
        self.parts.append(b"r" + struct.pack("<I", self.memo[id(x)][0]))


def packed_integer(x: int) -> bytes:
    """The opcode of an integer: of 32 bits, or of any length."""
    if -(1 << 31) <= x < 1 << 31:
        return b"J" + struct.pack("<i", x)
    data = encode_long(x)
    if len(data) < 256:
        return b"\x8a" + bytes([len(data)]) + data
    return b"\x8b" + struct.pack("<i", len(data)) + data
