"""Write docs/performance.md, and its picture, from the figures of `run.py --json`.

python benchmarks/report.py figures.json
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
FIRST = "chain of 101 operations, 1 element"
PICTURE = "performance.svg"

HEAD = """# Performance

Written by `python benchmarks/report.py benchmarks/figures.json`, never by hand; the figures come
from `make bench ARGS='--json benchmarks/figures.json'`. The ratio is Tadori's time over PyTorch's,
the median over rounds in which the two take turns, each in a process of its own; in brackets the
least and the largest. **Below 1 Tadori is faster.** The aim is the project's own; bold: it is
reached.

{machine}

![Ratio of Tadori's time to PyTorch's, for each workload, with the aim]({picture})

## Times and memory

Memory is the peak of three steps above what the process held before them; that was {base}.

{table}

{missed}

`import tadori` takes {imports}.
"""

LIMITS = """## What limits each row

Peaks of this machine, measured in the same run with plain NumPy arrays and {threads} threads:
{gflops:.0f} GFLOP/s in float32 products, {bandwidth:.1f} GB/s of copying in memory and
{cache:.0f} in the cache. One recorded operation, forward or back, costs {call:.1f} us: the first
row divided by its {calls} calls. From these and from what an observer counts in a step (calls,
products, bytes of the arrays that operations read and write) follows the time that each of the
three would take alone. The shares are of Tadori's measured time. Where the rest is large, the
time goes where the count does not look: into changes of memory layout for convolutions,
arithmetic that is no product (exponentials, roots), steps inside one operation (recurrent
layers), Python around the operations (modules, optimizers, the derivative of a derivative), threads
that wait for one another. More than 100% of memory: a part of the arrays came
from the cache after all.

{table}
"""


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("figures", type=Path)
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    options = parser.parse_args(argv)
    found = json.loads(options.figures.read_text())
    found["results"] = in_order(found["results"])
    (options.docs / "performance.md").write_text(page(found), encoding="utf-8")
    draw(found, options.docs / PICTURE)


def in_order(rows: dict[str, Any]) -> dict[str, Any]:
    """The rows in the order in which the workloads stand, whenever each was measured."""
    from workloads import WORKLOADS

    known = {name: rows[name] for name in WORKLOADS if name in rows}
    return {**known, **rows}


def page(found: dict[str, Any]) -> str:
    """The document."""
    from machine import shown

    rows = found["results"]
    versions = ", ".join(f"{k} {v}" for k, v in found["versions"].items())
    described = shown(found["machine"], found["peaks"]).replace("\n", "; ")
    imports = found["import"]
    above = {name: imports[name] - imports["numpy"] for name in imports if name != "numpy"}
    text = HEAD.format(
        machine=f"Measured on: {described}; {versions}.",
        picture=PICTURE,
        base=bases(rows),
        table=times(rows),
        missed=missed(rows),
        imports=", ".join(f"{s:.2f} s beyond NumPy ({n})" for n, s in above.items()),
    )
    if FIRST in rows:
        text += "\n" + limits(found)
    return text


def bases(rows: dict[str, Any]) -> str:
    """What the processes held before, with the framework imported."""
    names = {name for row in rows.values() for name in row["base"]} & {"tadori", "torch"}
    parts = []
    for name in sorted(names):
        values = [row["base"][name] for row in rows.values() if row["base"].get(name)]
        parts.append(f"{min(values):.0f} MiB with {name}")
    return " and ".join(parts)


def table(head: list[str], lines: list[list[str]]) -> str:
    """A table of Markdown, numbers to the right."""
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *lines])


def times(rows: dict[str, Any]) -> str:
    others = [
        n for n in ("torch.compile", "jax", "dezero") if any(n in r["us"] for r in rows.values())
    ]
    head = ["workload", "Tadori, us", "PyTorch, us", "ratio", "aim", "MiB", "PyTorch, MiB", *others]
    lines = []
    for name, row in rows.items():
        ratio, low, high = row["ratio"]["tadori"]
        line = [name, f"{row['us']['tadori']:,.0f}", f"{row['us']['torch']:,.0f}"]
        mark = "**" if row["aim"] and ratio <= row["aim"] else ""
        line += [f"{mark}{ratio:.2f}{mark} ({low:.2f} to {high:.2f})", f"{row['aim'] or ''}"]
        line += [f"{row['MiB'][framework] or 0:.0f}" for framework in ("tadori", "torch")]
        for other in others:
            line.append(f"{row['ratio'][other][0]:.2f}" if other in row["ratio"] else "")
        lines.append(line)
    note = ""
    if others:
        columns = ", ".join(others)
        note = f"\n\nThe columns {columns} are ratios to PyTorch too; blank: not written for it."
    return table(head, lines) + note


def missed(rows: dict[str, Any]) -> str:
    """The rows above their aim."""
    late = [
        f"{name} ({row['ratio']['tadori'][0]:.2f}, aim {row['aim']})"
        for name, row in rows.items()
        if row["aim"] and row["ratio"]["tadori"][0] > row["aim"]
    ]
    heavy = [
        name
        for name, row in rows.items()
        if (row["MiB"]["tadori"] or 0) > max(1.0, row["MiB"]["torch"] or 0) * 1.05
    ]
    slow = f"Not reached: {'; '.join(late)}." if late else "All aims for time are reached."
    large = (
        f"More memory than PyTorch: {'; '.join(heavy)}." if heavy else "No row takes more memory."
    )
    return f"{slow}\n\n{large}"


def limits(found: dict[str, Any]) -> str:
    rows, peaks = found["results"], found["peaks"]
    first = rows[FIRST]
    call = first["us"]["tadori"] / first["work"]["tadori"]["calls"]
    lines = []
    for name, row in rows.items():
        spent = row["us"]["tadori"]
        shares = {kind: t / spent for kind, t in bounds(row, peaks, call).items()}
        rest = 1 - sum(shares.values())
        largest = max(shares, key=lambda kind: shares[kind])
        limit = largest if shares[largest] > rest else "none of the three"
        percent = [f"{share:.0%}" for share in shares.values()]
        lines.append([name, *percent, f"{max(rest, 0):.0%}", limit])
    head = ["workload", "products", "memory", "calls", "rest", "limited by"]
    return LIMITS.format(
        threads=found["machine"]["threads"],
        call=call,
        calls=first["work"]["tadori"]["calls"],
        table=table(head, lines),
        **{key: peaks[key] for key in ("gflops", "bandwidth", "cache")},
    )


def bounds(row: dict[str, Any], peaks: dict[str, float], call: float) -> dict[str, float]:
    """Microseconds that a step takes at least, by what would limit it if nothing else did."""
    work = row["work"]["tadori"]
    memory = work["far"] / peaks["bandwidth"] + work["near"] / peaks["cache"]
    return {
        "arithmetic (products)": work["flops"] / peaks["gflops"] / 1e3,
        "memory bandwidth": memory / 1e3,
        "calls": work["calls"] * call,
    }


def draw(found: dict[str, Any], file: Path) -> None:
    """Bars of the ratios on a logarithmic scale, a tick at each aim, the spread as a line."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    mpl.rcParams["svg.hashsalt"] = "performance"
    names = [n for n, row in found["results"].items() if "tadori" in row["ratio"]]
    rows = [found["results"][name] for name in names]
    ratios = [row["ratio"]["tadori"] for row in rows]
    figure, axes = pyplot.subplots(figsize=(9, 0.32 * len(names) + 1.2))
    for i, (row, (ratio, low, high)) in enumerate(zip(rows, ratios)):
        color = "#2a7f62" if ratio <= 1 else "#b5523b"
        axes.barh(i, ratio - 1, left=1, height=0.62, color=color)
        axes.plot([low, high], [i, i], color="#222222", linewidth=1)
        if row["aim"]:
            axes.plot([row["aim"]] * 2, [i - 0.42, i + 0.42], color="#1f4e9c", linewidth=2)
        axes.text(3.4, i, f"{ratio:.2f}", va="center", ha="right")
    axes.set_xscale("log")
    axes.set_xlim(0.09, 3.5)
    ticks = [0.1, 0.2, 0.5, 1, 2]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
    axes.axvline(1, color="#222222", linewidth=1)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlabel(
        "time in ratio to PyTorch: left of 1 is faster; blue: the aim; line: least to largest"
    )
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    main()
