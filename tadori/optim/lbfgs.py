"""L-BFGS: Newton's method with the curvature guessed from the last steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from ..autograd.mode import enable_grad
from ..autograd.version import written
from ..tensor import Tensor
from .optimizer import Optimizer, Params, State, at_least_zero, number

Closure = Callable[[], Any]


class LBFGS(Optimizer):
    """Limited-memory BFGS (Liu and Nocedal, 1989), for all parameters as one long vector.

        p ← p + t d          d = −H g

    H, a guess of the inverse Hessian, is not stored: it follows from the last `history_size` pairs
    of a step s and the change y of the gradient along it. t is `lr` or, with
    `line_search_fn="strong_wolfe"`, what a line search finds. `step(closure)` makes up to
    `max_iter` such steps, and evaluates the closure, which computes the loss and its gradients, up
    to `max_eval` times. It stops where no gradient is larger than `tolerance_grad`, or where
    neither loss nor parameters change by more than `tolerance_change`. One group only: ValueError.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        at_least_zero(lr=lr)
        if line_search_fn not in (None, "strong_wolfe"):
            raise ValueError(f"only 'strong_wolfe' is supported, got {line_search_fn!r}")
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    def step(self, closure: Closure | None = None) -> Any:
        """Make up to `max_iter` steps; returns the loss before the first."""
        if closure is None:
            raise TypeError("LBFGS.step needs a closure that computes the loss and its gradients")
        group = self.param_groups[0]
        tolerance = group["tolerance_change"]
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        with enable_grad():
            first_loss = closure()
        now = Point(0.0, float(first_loss), self.gradient())
        evaluations = 1
        for left in reversed(range(group["max_iter"])):
            if largest(now.g) <= group["tolerance_grad"]:
                break
            state["n_iter"] += 1
            d = direction(state, now.g, group["history_size"])
            t = number(group["lr"])
            if state["n_iter"] == 1:
                t *= min(1.0, 1 / float(np.sum(np.abs(now.g))))
            state.update(d=Tensor(d), t=t, prev_flat_grad=Tensor(now.g), prev_loss=now.f)
            start = Point(0.0, now.f, now.g, float(now.g @ d))
            if start.slope > -tolerance:
                break
            if group["line_search_fn"] is not None:
                line = Line(self, closure, d)
                now = line.search(start, t, tolerance, group["max_eval"] - evaluations)
                evaluations += line.evaluations
                t = state["t"] = now.t
                self.move(t * d)
            else:
                self.move(t * d)
                if left == 0:
                    break  # nobody would look at the loss
                with enable_grad():
                    now = Point(t, float(closure()), self.gradient())
                evaluations += 1
            if evaluations >= group["max_eval"] or largest(t * d) <= tolerance:
                break
            if abs(now.f - start.f) < tolerance:
                break
        state["func_evals"] += evaluations
        return first_loss

    def gradient(self) -> Any:
        """The gradients of all parameters as one long vector."""
        params = self.param_groups[0]["params"]
        parts = [np.zeros_like(p.array) if p.grad is None else p.grad.array for p in params]
        return np.concatenate([part.ravel() for part in parts])

    def move(self, change: Any) -> None:
        """Add one long vector to the parameters."""
        begin = 0
        for p in self.param_groups[0]["params"]:
            end = begin + p.array.size
            p.array += change[begin:end].reshape(p.array.shape)
            written(p.array, "LBFGS.step")
            begin = end


def largest(x: Any) -> float:
    """The size of the largest number."""
    return float(np.max(np.abs(x), initial=0.0))


def direction(state: State, g: Any, history_size: int) -> Any:
    """−H g, by two passes through the remembered pairs (Nocedal, 1980)."""
    if state["n_iter"] == 1:
        state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
        return -g
    state.setdefault("al", [None] * history_size)
    y = g - state["prev_flat_grad"].array
    s = state["t"] * state["d"].array
    curvature = float(y @ s)
    if curvature > 1e-10:
        new = {"old_dirs": Tensor(y), "old_stps": Tensor(s), "ro": 1 / curvature}
        for name, value in new.items():
            state[name] = [*state[name], value][-history_size:]
        state["H_diag"] = curvature / float(y @ y)
    ys = [y.array for y in state["old_dirs"]]
    ss = [s.array for s in state["old_stps"]]
    pairs = list(zip(ys, ss, state["ro"]))
    d = -g
    weights = []
    for y, s, rho in reversed(pairs):
        weights.append(rho * float(s @ d))
        d = d - weights[-1] * y
    state["al"][: len(weights)] = reversed(weights)
    d = state["H_diag"] * d
    for (y, s, rho), weight in zip(pairs, reversed(weights)):
        d = d + (weight - rho * float(y @ d)) * s
    return d


@dataclass
class Point:
    """The loss on the way: after the part t of a step, its value, its gradient, and its slope."""

    t: float
    f: float
    g: Any
    slope: float = 0.0


class Line:
    """The loss along the direction d: p + t d."""

    fall = 1e-4  # of what the slope at the start promises
    flattening = 0.9  # of the slope at the start, in size

    def __init__(self, optimizer: LBFGS, closure: Closure, d: Any) -> None:
        self.optimizer = optimizer
        self.closure = closure
        self.d = d
        self.params = optimizer.param_groups[0]["params"]
        self.origin = [p.array.copy() for p in self.params]
        self.evaluations = 0

    def at(self, t: float) -> Point:
        """The point at t; the parameters go there and come back."""
        self.evaluations += 1
        self.optimizer.move(t * self.d)
        with enable_grad():
            f = float(self.closure())
        g = self.optimizer.gradient()
        for p, origin in zip(self.params, self.origin):
            p.array[...] = origin
            written(p.array, "LBFGS.step")
        return Point(t, f, g, float(g @ self.d))

    def search(self, start: Point, t: float, tolerance: float, limit: int) -> Point:
        """A point where the loss has fallen and flattened (the strong conditions of Wolfe, 1969).

        First steps grow until such points must lie between the last two; then these close in on one
        (Nocedal and Wright, Numerical Optimization, chapter 3). If `limit` trials are not enough,
        the lowest point found.
        """
        before, new = start, self.at(t)
        trial = 0
        while trial < limit:
            if self.too_high(new, start) or (trial > 1 and new.f >= before.f):
                break
            if self.flat(new, start):
                return new
            if new.slope >= 0:
                break
            bounds = (new.t + 0.01 * (new.t - before.t), 10 * new.t)
            before, new = new, self.at(cubic_minimum(before, new, bounds))
            trial += 1
        else:
            before = start
        low, high = (before, new) if before.f <= new.f else (new, before)
        near_edge = False
        while trial < limit and abs(high.t - low.t) * largest(self.d) >= tolerance:
            t, near_edge = between(low, high, near_edge)
            new = self.at(t)
            trial += 1
            if self.too_high(new, start) or new.f >= low.f:
                low, high = (new, low) if new.f < low.f else (low, new)
                continue
            if self.flat(new, start):
                return new
            if new.slope * (high.t - low.t) >= 0:
                high = low
            low = new
        return low

    def too_high(self, point: Point, start: Point) -> bool:
        """Whether the loss has fallen less than it must."""
        return point.f > start.f + self.fall * point.t * start.slope

    def flat(self, point: Point, start: Point) -> bool:
        """Whether the slope has become as small as it must."""
        return abs(point.slope) <= -self.flattening * start.slope


def between(a: Point, b: Point, near_edge: bool) -> tuple[float, bool]:
    """A t between two points: the cubic's minimum, but not twice in a row close to an edge."""
    left, right = sorted((a.t, b.t))
    t = cubic_minimum(a, b, (left, right))
    margin = 0.1 * (right - left)
    if min(right - t, t - left) >= margin:
        return t, False
    if not near_edge and left < t < right:
        return t, True
    return (right - margin if right - t < t - left else left + margin), False


def cubic_minimum(a: Point, b: Point, bounds: tuple[float, float]) -> float:
    """Where the cubic through two points, with their slopes, is lowest within `bounds`."""
    if a.t > b.t:
        a, b = b, a
    p = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t)
    square = p * p - a.slope * b.slope
    if square < 0:
        return sum(bounds) / 2
    root = sqrt(square)
    t = b.t - (b.t - a.t) * (b.slope + root - p) / (b.slope - a.slope + 2 * root)
    return min(max(t, bounds[0]), bounds[1])
