"""Step time and peak memory beside PyTorch's, in one interleaved run: `make bench`.

    python benchmarks/run.py                 everything
    python benchmarks/run.py chain LSTM      workloads whose name contains a word
    python benchmarks/run.py --json out.json write the figures; rows measured before are kept
    python benchmarks/run.py --compile       a column for torch.compile
    python benchmarks/run.py --others        columns for JAX and DeZero, where they are installed

Each workload has a process in each framework: what one leaves behind (threads that spin, a
library's choice of threads, thousands of objects for the garbage collector) would weigh on the
next. Blocks of steps alternate between these processes, so that all see the same weather; the ratio
is the median over rounds of blocks.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from importlib import import_module, metadata, util
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # Tadori, installed or not
sys.path.insert(0, str(Path(__file__).resolve().parent))

import machine
from others import OTHERS
from workloads import WORKLOADS, Step

HERE = Path(__file__).resolve().parent
THREADS = min(2, os.cpu_count() or 1)


def block(step: Step, seconds: float) -> float:
    """The time of one step, from a block of them that lasts about `seconds`.

    One goes before that brings its data back into the caches.
    """
    step()
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds or count == 0:
        step()
        count += 1
    return spent / count


def make(name: str, framework: str) -> Step | None:
    """The step of a workload in a framework; None where nobody has written it."""
    if framework in OTHERS:
        workload = OTHERS[framework].get(name)
        return None if workload is None else workload()
    module = load(framework)
    return WORKLOADS[name][0](module)


def load(name: str) -> Any:
    """The framework, set to the number of threads that all are compared at."""
    module = import_module(name.partition(".")[0])
    module.set_num_threads(THREADS)
    module.manual_seed(0)
    if name != "torch.compile":
        return module
    compiling = ModuleType("torch", "PyTorch, whose functions the workloads compile")
    compiling.__dict__.update({**vars(module), "compiling": True})
    return compiling


# ----------------------------------------------------------- a process for each step that is timed


def serve(name: str, framework: str) -> None:
    """Make the step; print its peak memory and the seconds of its first run. Then, for each line
    that gives a block's length in seconds, print the time of a step.

    What a framework imports late is imported before.
    """
    if framework not in OTHERS:
        import_the_rest(load(framework.partition(".")[0]))
    gc.collect()
    gc.freeze()  # what the import made is not looked through at every collection
    before = forget_peak()
    start = time.perf_counter()
    step = make(name, framework)
    if step is None:
        print(json.dumps(None), flush=True)
        return
    step()
    first = time.perf_counter() - start
    for _ in range(2):
        step()
    peak = memory("VmHWM")
    mib = None if before is None or peak is None else (peak - before) / 1024
    base = None if before is None else before / 1024
    made = {"first": first, "MiB": mib, "base": base}
    if framework == "tadori":
        made["work"] = import_module("work").count(step)
    print(json.dumps(made), flush=True)
    for line in sys.stdin:
        print(block(step, float(line)), flush=True)


def import_the_rest(torch: Any) -> None:
    """Do a little of what makes a framework import its optimizers, and Tadori its loops."""
    layer = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer(torch.ones(1 << 17, 2)).mean().backward()
    optimizer.step()
    torch.nn.functional.gelu(torch.ones(1 << 17))


def forget_peak() -> int | None:
    """Let the peak of memory begin anew; the memory used now, in KiB. None if not on Linux."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return None
    return memory("VmRSS")


def memory(field: str) -> int | None:
    """A field of /proc/self/status, in KiB; None if not on Linux."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), None)


class Runner:
    """A process that runs one workload in one framework, block by block, when it is told to."""

    def __init__(self, name: str, framework: str) -> None:
        command = [sys.executable, "-c", f"import run; run.serve({name!r}, {framework!r})"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=HERE, stdin=pipe, stdout=pipe, text=True)
        self.made: dict[str, Any] | None = json.loads(self.answer() or "null")

    def answer(self) -> str:
        """The next line that the process prints; '' if it has ended."""
        return self.process.stdout.readline() if self.process.stdout else ""

    def block(self, seconds: float) -> float:
        """The time of a step, once the threads of the block before have gone to sleep: those of
        OpenBLAS wait some 20 ms for more work, and keep a core busy meanwhile."""
        time.sleep(0.06)
        print(seconds, file=self.process.stdin, flush=True)
        return float(self.answer())

    def close(self) -> None:
        self.process.communicate()


def compare(name: str, frameworks: list[str], blocks: int, seconds: float) -> dict[str, Any]:
    """A row: microseconds a step; ratios to PyTorch (median, least, largest); peak memory in MiB.

    The memory is that of three steps, above `base`, where the process was before. `first` has the
    seconds until the first step was done, which for a compiler is its work. A framework that has no
    such workload, or failed, is left out.
    """
    every = {framework: Runner(name, framework) for framework in frameworks}
    runners = {f: runner for f, runner in every.items() if runner.made is not None}
    for runner in runners.values():
        runner.block(seconds / 2)  # warm up
    rounds = [{f: r.block(seconds) for f, r in runners.items()} for _ in range(blocks)]
    for runner in every.values():
        runner.close()
    row: dict[str, Any] = {key: {} for key in ("us", "ratio", "MiB", "base", "first", "work")}
    for framework, runner in runners.items():
        row["us"][framework] = median(times[framework] for times in rounds) * 1e6
        for key, value in (runner.made or {}).items():
            row[key][framework] = value
        if "torch" in runners and framework != "torch":
            ratios = [times[framework] / times["torch"] for times in rounds]
            row["ratio"][framework] = [median(ratios), min(ratios), max(ratios)]
    return row


# ---------------------------------------------------------------------------------------- the table


def import_time(name: str) -> float:
    """Seconds that `import name` takes in a fresh process: the least of five."""
    code = f"import time; t = time.perf_counter(); import {name}; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    place = HERE.parent  # where `python -c` finds Tadori, installed or not
    runs = [subprocess.run(command, cwd=place, capture_output=True, text=True) for _ in range(5)]
    return min(float(run.stdout) for run in runs)


def version(name: str) -> str:
    """The version of an installed package, found without importing it; '' where it is no package
    but a folder."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return str(getattr(import_module(name), "__version__", ""))


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*", help="only workloads whose name contains one of these")
    parser.add_argument("--blocks", type=int, default=15, help="rounds of blocks")
    parser.add_argument("--seconds", type=float, default=0.2, help="length of a block")
    parser.add_argument("--compile", action="store_true", help="measure torch.compile too")
    parser.add_argument("--others", action="store_true", help="measure JAX and DeZero too")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> dict[str, Any]:
    options = parse(argv)
    names = ["tadori"] + (["torch"] if util.find_spec("torch") else [])
    if options.compile and "torch" in names:
        names.append("torch.compile")
    if options.others:
        names += [name for name in OTHERS if util.find_spec(name)]
    found: dict[str, Any] = {"results": {}}
    if options.json and options.json.exists():
        found = json.loads(options.json.read_text())
    wanted = [name for name in names if "." not in name]
    libraries = [name for name in ("numpy", "numba", "onednn-cpu-gomp") if installed(name)]
    found |= {
        "machine": machine.describe(THREADS),
        "peaks": machine.probe(THREADS),
        "versions": {
            **found.get("versions", {}),
            **{name: version(name) for name in [*wanted, *libraries]},
        },
    }
    print(machine.shown(found["machine"], found["peaks"]))
    print(", ".join(f"{k} {v}" for k, v in found["versions"].items()))
    if "torch" not in names:
        print("PyTorch is not installed, so there is nothing to compare with: pip install torch")
    print(heading(names))
    for name, (_, aim) in WORKLOADS.items():
        if options.words and not any(word.lower() in name.lower() for word in options.words):
            continue
        row = {**compare(name, names, options.blocks, options.seconds), "aim": aim}
        found["results"][name] = row
        print(line(row, name, names), flush=True)
    found["import"] = {name: import_time(name) for name in ["numpy", *names[:2]]}
    print("import: " + ", ".join(f"{k} {v:.3f} s" for k, v in found["import"].items()))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    return found


def installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def heading(names: list[str]) -> str:
    text = f"{'microseconds a step':36}{'tadori':>9}"
    if "torch" in names:
        text += f"{'torch':>9}{'ratio':>7}{'(low-high)':>13}{'aim':>6}"
    text += "".join(f"{name.rpartition('.')[2]:>9}" for name in names[2:])
    return text + f"{'MiB':>8}" + (f"{'torch':>8}" if "torch" in names else "")


def line(row: dict[str, Any], name: str, names: list[str]) -> str:
    """One line of the table: microseconds a step, the ratio to PyTorch, others' ratios, MiB."""
    if not {"tadori", *names[1:2]} <= row["us"].keys():
        return f"{name:36} failed: see above"
    text = f"{name:36}{row['us']['tadori']:9.0f}"
    if "torch" in names:
        ratio, low, high = row["ratio"]["tadori"]
        spread = f"({low:.2f}-{high:.2f})"
        text += f"{row['us']['torch']:9.0f}{ratio:7.2f}{spread:>13}{row['aim'] or '':>6}"
    for other in names[2:]:
        ratios = row["ratio"].get(other)
        text += f"{ratios[0]:9.2f}" if ratios else " " * 9
    memories = [row["MiB"][name] for name in names[:2]]
    return text + "".join(" " * 8 if m is None else f"{m:8.1f}" for m in memories)


if __name__ == "__main__":
    main()
