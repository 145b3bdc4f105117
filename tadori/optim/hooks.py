"""The hooks of an optimizer: called around a step, and when its state is saved or loaded."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ..autograd.hooks import RemovableHandle

Hook = Callable[..., Any]

#: hooks that are called for every optimizer: (kind, hook) pairs
everywhere: dict[int, tuple[str, Hook]] = {}


class Hooked:
    """The methods of `Optimizer` that take hooks. Each gives a handle, whose `remove()` ends it."""

    hooks: dict[int, tuple[str, Hook]]

    def _add(self, kind: str, hook: Hook, prepend: bool = False) -> RemovableHandle:
        later = dict(self.hooks) if prepend else {}
        handle = RemovableHandle(self.hooks, (kind, hook))
        for key in later:
            self.hooks[key] = self.hooks.pop(key)
        return handle

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before a step; it may return both anew."""
        return self._add("step_pre", hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after a step."""
        return self._add("step_post", hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` before the state is collected."""
        return self._add("state_pre", hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` after it is collected; it may return another one."""
        return self._add("state_post", hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` before loading; it may return another one."""
        return self._add("load_pre", hook, prepend)

    def register_load_state_dict_post_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer)` after loading."""
        return self._add("load_post", hook, prepend)

    def _call(self, kind: str, value: Any = None) -> Any:
        """Call the hooks of a kind in turn; each sees what the one before it returned."""
        for of, hook in list(self.hooks.values()):
            if of == kind:
                changed = hook(self) if value is None else hook(self, value)
                value = value if changed is None else changed
        return value


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` before a step of any optimizer."""
    return RemovableHandle(everywhere, ("step_pre", hook))


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` after a step of any optimizer."""
    return RemovableHandle(everywhere, ("step_post", hook))


def with_hooks(step: Hook) -> Hook:
    """The method `step` of an optimizer, with its hooks before and after it."""

    @wraps(step)
    def hooked(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.stepped = True
        hooks = [*everywhere.values(), *self.hooks.values()]
        if not hooks or self.stepping:  # one of its own may call its parent's
            return step(self, *args, **kwargs)
        for kind, hook in hooks:
            changed = hook(self, args, kwargs) if kind == "step_pre" else None
            if changed is None:
                continue
            if not (isinstance(changed, tuple) and len(changed) == 2):
                raise RuntimeError(
                    f"{hook} must return None or a tuple of (new_args, new_kwargs), but got "
                    f"{changed!r}."
                )
            args, kwargs = changed
        self.stepping = True
        try:
            result = step(self, *args, **kwargs)
        finally:
            self.stepping = False
        for kind, hook in hooks:
            if kind == "step_post":
                hook(self, args, kwargs)
        return result

    return hooked
