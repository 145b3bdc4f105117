"""Step time and peak memory beside PyTorch's, in one interleaved run: `make bench`.

    python benchmarks/run.py                 everything
    python benchmarks/run.py chain LSTM      workloads whose name contains a word
    python benchmarks/run.py --json out.json

Blocks of steps alternate between the frameworks in one process, so that both see the same weather;
the ratio is the median over pairs of blocks. Each workload has a process of its own; peak memory
is measured in another, above what the import takes.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import subprocess
import sys
import time
from importlib import import_module, util
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from workloads import WORKLOADS, Step

THREADS = min(2, os.cpu_count() or 1)


def block(step: Step, seconds: float) -> float:
    """The time of one step, from a block of them that lasts about `seconds`."""
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds or count == 0:
        step()
        count += 1
    return spent / count


def compare(name: str, frameworks: list[Any], blocks: int, seconds: float) -> dict[str, Any]:
    """Step times in microseconds and their ratio, ours to the other framework's."""
    steps = [WORKLOADS[name][0](framework) for framework in frameworks]
    for step in steps:
        block(step, seconds)  # warm up
    times = [[block(step, seconds) for step in steps] for _ in range(blocks)]
    result: dict[str, Any] = {
        framework.__name__: median(row[i] for row in times) * 1e6
        for i, framework in enumerate(frameworks)
    }
    if len(frameworks) == 2:
        ratios = [ours / theirs for ours, theirs in times]
        result |= {"ratio": median(ratios), "low": min(ratios), "high": max(ratios)}
    return result


def alone(call: str) -> str:
    """What the function call `call`, of this file, prints in a fresh process; '' if it fails.

    Each workload has a process of its own: what one leaves behind (threads that spin, a library's
    choice of threads, thousands of objects for the garbage collector) would weigh on the next.
    """
    here = Path(__file__).resolve().parent
    command = [sys.executable, "-c", f"import run; run.{call}"]
    answer = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        print(answer.stderr, file=sys.stderr)
    return answer.stdout.strip()


def report_times(name: str, names: list[str], blocks: int, seconds: float) -> None:
    """Print what `compare` measures; runs in a process of its own."""
    frameworks = [load(framework) for framework in names]
    gc.collect()
    gc.freeze()  # what the imports made is not looked through at every collection
    print(json.dumps(compare(name, frameworks, blocks, seconds)))


def peak_memory(name: str, framework: str) -> float | None:
    """Peak memory of three steps in MiB, above the memory after the import; None where unknown."""
    answer = alone(f"report_peak({name!r}, {framework!r})")
    return float(answer) if answer else None


def report_peak(name: str, framework: str) -> None:
    """Print the peak memory; runs in a process of its own."""
    module = load(framework)
    try:
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak of the import
        before = memory("VmRSS")
        step = WORKLOADS[name][0](module)
        for _ in range(3):
            step()
        print((memory("VmHWM") - before) / 1024)
    except OSError:
        return  # not Linux


def memory(field: str) -> int:
    """A field of /proc/self/status, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise OSError(f"/proc/self/status has no {field}")


def load(name: str) -> Any:
    """The framework, set to the number of threads both are compared at."""
    module = import_module(name)
    module.set_num_threads(THREADS)
    module.manual_seed(0)
    return module


def import_time(name: str) -> float:
    """Seconds that `import name` takes in a fresh process: the least of five."""
    code = f"import time; t = time.perf_counter(); import {name}; print(time.perf_counter() - t)"
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        for _ in range(5)
    ]
    return min(float(run.stdout) for run in runs)


def main(argv: list[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*", help="only workloads whose name contains one of these")
    parser.add_argument("--blocks", type=int, default=15, help="pairs of blocks")
    parser.add_argument("--seconds", type=float, default=0.2, help="length of a block")
    parser.add_argument("--no-memory", action="store_true", help="leave out the memory column")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args(argv)
    names = ["tadori"] + (["torch"] if util.find_spec("torch") else [])
    versions = {name: import_module(name).__version__ for name in names}
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, ",
        end="",
    )
    print(", ".join(f"{k} {v}" for k, v in versions.items()) + f", {THREADS} threads")
    if len(names) == 1:
        print("PyTorch is not installed, so there is nothing to compare with: pip install torch")
    print(
        f"{'us a step':34}{'tadori':>10}{'torch':>10}{'ratio':>8}{'(low-high)':>14}"
        f"{'aim':>6}{'MiB':>8}{'torch':>8}"
    )
    results: dict[str, Any] = {}
    for name, (_, aim) in WORKLOADS.items():
        if options.words and not any(word.lower() in name.lower() for word in options.words):
            continue
        call = f"report_times({name!r}, {names!r}, {options.blocks}, {options.seconds})"
        row = json.loads(alone(call))
        if not options.no_memory:
            row["memory"] = {n: peak_memory(name, n) for n in names}
        results[name] = row
        print(line(name, row, aim), flush=True)
    results["import"] = {name: import_time(name) for name in ["numpy", *names]}
    print("import: " + ", ".join(f"{k} {v:.3f} s" for k, v in results["import"].items()))
    if options.json:
        options.json.write_text(json.dumps({"versions": versions, "results": results}, indent=1))
    return results


def line(name: str, row: dict[str, Any], aim: float | None) -> str:
    """One line of the table: microseconds a step, their ratio, MiB."""
    text = f"{name:34}{row['tadori']:10.0f}"
    if "torch" in row:
        spread = f"({row['low']:.2f}-{row['high']:.2f})"
        text += f"{row['torch']:10.0f}{row['ratio']:8.2f}{spread:>14}{aim or '':>6}"
    else:
        text += " " * 38
    memories = row.get("memory", {})
    return text + "".join(f"{m:8.1f}" if m is not None else f"{'':8}" for m in memories.values())


if __name__ == "__main__":
    main()
