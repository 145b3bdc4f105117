"""Step time and peak memory beside PyTorch's, in one interleaved run: `make bench`.

    python benchmarks/run.py                 everything
    python benchmarks/run.py chain LSTM      workloads whose name contains a word
    python benchmarks/run.py --json out.json write the figures; rows measured before are kept
    python benchmarks/run.py --compile       a column for torch.compile
    python benchmarks/run.py --others        columns for JAX and DeZero, where they are installed

Blocks of steps alternate between the frameworks in one process, so that all see the same weather;
the ratio is the median over rounds of blocks. Each workload has a process of its own; peak memory
is measured in another, above what the import takes.
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
    """The time of one step, from a block of them that lasts about `seconds`."""
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


def compare(name: str, names: list[str], blocks: int, seconds: float) -> dict[str, Any]:
    """Step times in microseconds, and each framework's ratios to PyTorch: median, least, largest.

    `first` has the seconds until the first step was done, which for a compiler is its work.
    """
    steps: dict[str, Step] = {}
    first: dict[str, float] = {}
    for framework in names:
        start = time.perf_counter()
        step = make(name, framework)
        if step is not None:
            step()
            steps[framework] = step
            first[framework] = time.perf_counter() - start
    for step in steps.values():
        block(step, seconds)  # warm up
    rounds = [{f: block(step, seconds) for f, step in steps.items()} for _ in range(blocks)]
    times = {f: median(row[f] for row in rounds) * 1e6 for f in steps}
    ratios = {}
    for framework in steps:
        if "torch" in steps and framework != "torch":
            each = [row[framework] / row["torch"] for row in rounds]
            ratios[framework] = [median(each), min(each), max(each)]
    return {"us": times, "ratio": ratios, "first": first}


def alone(call: str) -> str:
    """What the function call `call`, of this file, prints in a fresh process; '' if it fails.

    Each workload has a process of its own: what one leaves behind (threads that spin, a library's
    choice of threads, thousands of objects for the garbage collector) would weigh on the next.
    """
    command = [sys.executable, "-c", f"import run; run.{call}"]
    answer = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        print(answer.stderr, file=sys.stderr)
    return answer.stdout.strip()


def report_times(name: str, names: list[str], blocks: int, seconds: float) -> None:
    """Print what `compare` measures; runs in a process of its own."""
    for framework in names:
        import_module(framework.partition(".")[0])
    gc.collect()
    gc.freeze()  # what the imports made is not looked through at every collection
    print(json.dumps(compare(name, names, blocks, seconds)))


def report_probe() -> None:
    """Print the machine's peaks; runs in a process of its own."""
    print(json.dumps(machine.probe(THREADS)))


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
    parser.add_argument("--no-memory", action="store_true", help="leave out the memory columns")
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
        "peaks": json.loads(alone("report_probe()")),
        "versions": {name: version(name) for name in [*wanted, *libraries]},
    }
    print(machine.shown(found["machine"], found["peaks"]))
    print(", ".join(f"{k} {v}" for k, v in found["versions"].items()))
    if "torch" not in names:
        print("PyTorch is not installed, so there is nothing to compare with: pip install torch")
    print(heading(names))
    for name, (_, aim) in WORKLOADS.items():
        if options.words and not any(word.lower() in name.lower() for word in options.words):
            continue
        answer = alone(f"report_times({name!r}, {names!r}, {options.blocks}, {options.seconds})")
        if not answer:
            print(f"{name:36} failed")
            continue
        row = {**json.loads(answer), "aim": aim}
        if not options.no_memory:
            row["MiB"] = {n: peak_memory(name, n) for n in ("tadori", "torch") if n in names}
        found["results"][name] = {**found["results"].get(name, {}), **row}
        print(line(row, name, names), flush=True)
    found["import"] = {name: import_time(name) for name in ["numpy", *wanted]}
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
    text = f"{name:36}{row['us']['tadori']:9.0f}"
    if "torch" in names:
        ratio, low, high = row["ratio"]["tadori"]
        spread = f"({low:.2f}-{high:.2f})"
        text += f"{row['us']['torch']:9.0f}{ratio:7.2f}{spread:>13}{row['aim'] or '':>6}"
    for other in names[2:]:
        ratios = row["ratio"].get(other)
        text += f"{ratios[0]:9.2f}" if ratios else " " * 9
    return text + "".join(
        " " * 8 if m is None else f"{m:8.1f}" for m in row.get("MiB", {}).values()
    )


if __name__ == "__main__":
    main()
