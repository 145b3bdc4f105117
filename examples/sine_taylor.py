"""sin(x) as a Taylor series that grows until its terms are small, and sin's higher derivatives.

    sin x = x - x^3/3! + x^5/5! - ...

The series is an ordinary Python loop: how many terms it has, and so how deep the graph is, depends
on x and on the threshold. Tadori records whatever was computed and differentiates that. The
pictures show the graphs, and the derivatives of sin up to the fifth. The graph of the third one is
no bigger than it must be: it is that of -cos.
"""

from __future__ import annotations

import math
from pathlib import Path

from common import BLUE, GREEN, ORANGE, RED, farewell, options, picture, save

import tadori
from tadori.autograd import grad


def taylor_sin(x: tadori.Tensor, threshold: float) -> tuple[tadori.Tensor, int]:
    """The sum of the series up to the first term below the threshold, and the number of terms."""
    total = term = x
    terms = 1
    while term.abs().item() >= threshold:
        term = -term * x * x / (2 * terms * (2 * terms + 1))
        total = total + term
        terms += 1
    return total, terms


def derivatives(x: tadori.Tensor, orders: int) -> list[tadori.Tensor]:
    """sin(x) and its derivatives of orders 1, 2, ...: each is the gradient of the one before."""
    curves = [tadori.sin(x)]
    for _ in range(orders):
        curves += grad(curves[-1].sum(), x, create_graph=True)
    return curves


def draw_series(angle: float, thresholds: list[float], out: Path) -> tuple[list, list[Path]]:
    """The series at this angle for each threshold, beside sin and cos; and its graph."""
    results, files = [], []
    print(
        f"sin({angle:.4f}) by its series\n  threshold  terms        sum        error   derivative"
    )
    for threshold in thresholds:
        x = tadori.tensor(angle, dtype=tadori.float64, requires_grad=True)
        y, terms = taylor_sin(x, threshold)
        (slope,) = grad(y, x, retain_graph=True)
        error = y.item() - math.sin(angle)
        print(f"  {threshold:9.0e} {terms:6}   {y.item():.6f}   {error:10.1e}   {slope.item():.6f}")
        results.append((terms, error, slope.item() - math.cos(angle)))
        files.append(out / f"series_{terms}_terms.svg")
        tadori.draw(y, {"x": x}).save(files[-1])
    return results, files


def draw_derivatives(orders: int, out: Path) -> tuple[list, Path]:
    """sin and its derivatives from -7 to 7."""
    x = tadori.linspace(-7, 7, 200, requires_grad=True)
    curves = [curve.detach().numpy() for curve in derivatives(x, orders)]
    figure = picture(9, 3.6)
    axis = figure.subplots()
    styles = [(BLUE, "-"), (RED, "--"), (GREEN, "-."), (ORANGE, ":")]
    for order, curve in enumerate(curves):
        color, line = styles[order % 4]
        # The fourth derivative is sin again: thicker and paler below the first.
        width, alpha = (1.5, 1) if order < 4 else (6, 0.3)
        label = f"derivative {order}" if order else "sin(x)"
        position = x.detach().numpy()
        axis.plot(position, curve, line, color=color, linewidth=width, alpha=alpha, label=label)
    axis.set(title="sin and its derivatives", xlabel="x", xlim=(-7, 7))
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return curves, save(figure, out, "derivatives.png")


def main(argv: list[str] | None = None) -> dict:
    parser = options(__doc__, "sine_taylor")
    parser.add_argument("--angle", type=float, default=math.pi / 4)
    parser.add_argument("--orders", type=int, default=5, help="highest derivative")
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)

    results, files = draw_series(args.angle, [1e-1, 1e-4, 1e-8], args.out)
    curves, curves_file = draw_derivatives(args.orders, args.out)
    x = tadori.tensor(args.angle, requires_grad=True)
    graph_file = args.out / "third_derivative.svg"
    tadori.draw(derivatives(x, 3)[-1], {"x": x}).save(graph_file)
    files += [curves_file, graph_file]
    farewell(
        files,
        "sine_taylor.py --angle 3    # more terms for the same threshold",
        "newton_rosenbrock.py    # second derivatives at work",
    )
    return {"series": results, "curves": curves, "files": files}


if __name__ == "__main__":
    main()
