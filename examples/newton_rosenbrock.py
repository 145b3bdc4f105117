"""Walk down Rosenbrock's valley twice: by gradient descent, and by Newton's method.

    y = 100 (x1 - x0^2)^2 + (1 - x0)^2        lowest at (1, 1)

Gradient descent needs first derivatives and tens of thousands of steps. Newton's method also asks
for the second derivatives, which come from differentiating the gradient (create_graph=True), and
arrives in a handful.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import BLUE, RED, farewell, finite, options, picture, save

import tadori
from tadori.autograd import grad

START = (0.0, 2.0)


def rosenbrock(x: tadori.Tensor) -> tadori.Tensor:
    """The valley, at the point x (2,)."""
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def gradient_step(x: tadori.Tensor, lr: float) -> tadori.Tensor:
    """x - lr * gradient."""
    (slope,) = grad(rosenbrock(x), x)
    return x - lr * slope


def newton_step(x: tadori.Tensor) -> tadori.Tensor:
    """x - Hessian^-1 gradient; each row of the Hessian is the gradient of one slope."""
    (slope,) = grad(rosenbrock(x), x, create_graph=True)
    rows = [grad(component, x, retain_graph=True)[0] for component in slope]
    return x - tadori.linalg.solve(tadori.stack(rows), slope.detach())


def descend(step: Callable, limit: int, tolerance: float) -> np.ndarray:
    """The points from START on, until a step is shorter than `tolerance`; at most `limit`."""
    x = tadori.tensor(START, dtype=tadori.float64)
    path = [x.numpy()]
    for _ in range(limit):
        x = step(x.requires_grad_()).detach()
        path.append(x.numpy())
        if finite(np.linalg.norm(path[-1] - path[-2])) < tolerance:
            break
    return np.array(path)


def draw(paths: dict[str, np.ndarray], out: Path) -> Path:
    """Both paths on a map of the valley; its lines of equal height are at powers of ten."""
    figure = picture(9, 5)
    axis = figure.subplots()
    x0, x1 = np.meshgrid(np.linspace(-1.6, 1.6, 200), np.linspace(-0.8, 2.4, 200))
    height = 100 * (x1 - x0**2) ** 2 + (1 - x0) ** 2
    axis.contour(x0, x1, height, levels=np.logspace(-1, 3, 9), colors="0.8")
    for (name, path), color, mark in zip(paths.items(), (BLUE, RED), (".", "s")):
        label = f"{name}: {len(path) - 1} steps"
        axis.plot(*path.T, color=color, marker=mark, label=label)
    axis.plot(*START, "ko", markersize=9)
    axis.annotate("start", START, xytext=(10, 5), textcoords="offset points")
    axis.plot(1, 1, "k*", markersize=14)
    axis.annotate("lowest point", (1, 1), xytext=(10, -12), textcoords="offset points")
    axis.set(title="Rosenbrock's valley", xlabel="x0", ylabel="x1", xlim=(-1.6, 1.6))
    axis.set_ylim(-0.8, 2.4)
    axis.legend(loc="lower left")
    return save(figure, out, "rosenbrock.png")


def main(argv: list[str] | None = None) -> dict:
    parser = options(__doc__, "newton_rosenbrock")
    parser.add_argument("--lr", type=float, default=1e-3, help="learning rate of gradient descent")
    parser.add_argument("--limit", type=int, default=50_000, help="give up after so many steps")
    args = parser.parse_args(argv)

    paths = {
        "gradient descent": descend(lambda x: gradient_step(x, args.lr), args.limit, 1e-7),
        "Newton's method": descend(newton_step, args.limit, 1e-7),
    }
    for name, path in paths.items():
        distance = np.linalg.norm(path[-1] - 1)
        print(f"{name:>16}: {len(path) - 1:6} steps, then {distance:.1e} from the lowest point")
    print("\nNewton's steps:")
    for number, (x0, x1) in enumerate(paths["Newton's method"]):
        print(f"  {number}: ({x0:.10f}, {x1:.10f})")

    files = [draw(paths, args.out)]
    farewell(
        files,
        "newton_rosenbrock.py --lr 0.0005    # a shorter stride",
        "newton_rosenbrock.py --lr 0.01    # a stride too long: what happens?",
    )
    return {"paths": paths, "files": files}


if __name__ == "__main__":
    main()
