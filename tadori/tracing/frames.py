"""Whose line it is: the frames of the user's program, numbered as stacks; and the names in them."""

from __future__ import annotations

import inspect
import linecache
import os
import sys
import sysconfig
from types import CodeType, FrameType
from typing import Any

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PATHS = sysconfig.get_paths()
LIBRARIES = tuple(_PATHS[name] + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib"))

#: of a deep stack so many frames are kept
OUTER, INNER = 8, 24

#: [file number, line, column, last line, last column, function]
Place = list[Any]


class Frames:
    """The stacks of user's frames met so far. A stack is a list of places, the innermost last.

    Frames of Tadori, of the standard library and of installed packages are left out, and all
    outside `root`, the frame in which recording began.
    """

    def __init__(self, root: FrameType | None) -> None:
        self.root = root
        self.files: list[str] = []
        self.stacks: list[list[Place]] = [[]]  # number 0: no line of the user's
        self.depths = [0]  # of the stacks, before they were trimmed
        self._known: dict[tuple[int, ...], int] = {(): 0}
        self._codes: dict[int, Code] = {}
        self._users: dict[str, bool] = {}
        if root is not None and not root.f_code.co_filename.startswith(PACKAGE):
            self._users[root.f_code.co_filename] = True

    def now(self) -> tuple[int, FrameType | None]:
        """The number of the present stack, and its innermost frame."""
        frame: FrameType | None = sys._getframe(1)
        inner: FrameType | None = None
        key: list[int] = []
        while frame is not None:
            code = frame.f_code
            if self.is_user(code.co_filename):
                if inner is None:
                    inner = frame
                key.append(id(code))
                key.append(frame.f_lasti)
                if id(code) not in self._codes:
                    self._codes[id(code)] = Code(code, self.number(code.co_filename))
            if frame is self.root:
                break
            frame = frame.f_back
        found = self._known.get(tuple(key))
        if found is None:
            found = self._known[tuple(key)] = len(self.stacks)
            pairs = trimmed(list(zip(key[::2], key[1::2]))[::-1])
            self.stacks.append([self._codes[code].place(last) for code, last in pairs])
            self.depths.append(len(key) // 2)
        return found, inner

    def name_of(self, thing: Any) -> str:
        """The name of the outermost variable of the user's that holds `thing`, or ''."""
        frame: FrameType | None = sys._getframe(1)
        found = ""
        while frame is not None:
            if self.is_user(frame.f_code.co_filename):
                names = [name for name, value in variables(frame).items() if value is thing]
                found = names[0] if names and names[0] != "self" else found
            if frame is self.root:
                break
            frame = frame.f_back
        return found

    def is_user(self, path: str) -> bool:
        """Whether the file at `path` belongs to the user."""
        known = self._users.get(path)
        if known is None:
            known = not path.startswith((PACKAGE, "<frozen", *LIBRARIES))
            self._users[path] = known
        return known

    def number(self, path: str) -> int:
        """The number of a file."""
        if path not in self.files:
            self.files.append(path)
        return self.files.index(path)

    def traceback(self, trace: Any) -> list[Place]:
        """The places of an exception's traceback that are the user's, the innermost last."""
        places = []
        while trace is not None:
            code = trace.tb_frame.f_code
            if self.is_user(code.co_filename):
                places.append(Code(code, self.number(code.co_filename)).place(trace.tb_lasti))
            trace = trace.tb_next
        return trimmed(places)

    def add(self, places: list[Place]) -> int:
        """A number for a stack that was not met while it ran."""
        self.stacks.append(places)
        self.depths.append(len(places))
        return len(self.stacks) - 1

    def sources(self) -> list[dict[str, str]]:
        """The files with their text; '' where there is none."""
        return [{"path": shown(p), "text": "".join(linecache.getlines(p))} for p in self.files]


def trimmed(stack: list[Any]) -> list[Any]:
    """A stack without its middle, where it is deep: every line of a recursion has one."""
    return stack if len(stack) <= OUTER + INNER else stack[:OUTER] + stack[-INNER:]


class Code:
    """Where each instruction of a code object stands in the source. It keeps the code alive, so
    that its id stays its own."""

    def __init__(self, code: CodeType, file: int) -> None:
        self.code, self.file = code, file
        self.positions = list(code.co_positions())

    def place(self, last: int) -> Place:
        """The place of the instruction at offset `last`."""
        first = self.code.co_firstlineno
        line, end, column, end_column = self.positions[last // 2] if last >= 0 else (first,) * 4
        return [self.file, line, column, end, end_column, self.code.co_qualname]


def shown(path: str) -> str:
    """A path as a person wants it: from the current folder, if it lies inside."""
    here = os.getcwd() + os.sep
    return path.removeprefix(here).replace(os.sep, "/")


def variables(frame: FrameType) -> dict[str, Any]:
    """The variables of a frame by name, as a copy.

    Before Python 3.13 a frame keeps the dict it gives out, and with it everything in it: it is
    emptied here, or the values would live on, unless the program itself holds it (by `locals()`).
    """
    found = frame.f_locals
    copy = dict(found)
    of_function = frame.f_code.co_flags & inspect.CO_OPTIMIZED
    if of_function and type(found) is dict and sys.getrefcount(found) <= _ALONE:
        found.clear()
    return copy


def names_around(frame: FrameType | None) -> dict[int, str]:
    """`id()` -> what a person calls it, for the tensors that variables of `frame` hold and the
    parameters of the models they hold; a parameter's path wins over a variable."""
    found: dict[int, str] = {}
    models = []
    for name, value in () if frame is None else variables(frame).items():
        if hasattr(value, "requires_grad_") and hasattr(value, "array"):
            found.setdefault(id(value), name)
        elif hasattr(value, "named_parameters") and not isinstance(value, type):
            models.append((name, value))
    for name, model in models:
        for path, parameter in model.named_parameters():
            found[id(parameter)] = f"{name}.{path}"
    return found


def _count_alone() -> int:
    found = sys._getframe().f_locals
    return sys.getrefcount(found)


#: what `getrefcount` says of a dict that only its frame and one variable hold
_ALONE = _count_alone()
