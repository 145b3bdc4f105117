"""Compare Tadori with the installed PyTorch on PyTorch's own databases of samples.

    python tools/parity.py                    everything; writes docs/parity.md
    python tools/parity.py --only 'scatter*'  entries by name (shell patterns); writes nothing
    python tools/parity.py --check            fail if what passes in docs/parity.md does not now

Each entry runs in a process that may be stopped: one that hangs or crashes does not end the run.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
PAGE = ROOT / "docs" / "parity.md"
SECONDS = 60  # of the processor, for one entry
PATIENCE = 900  # seconds of the clock, after which a process that waits is given up

from oracle.agree import FULL  # noqa: E402
from oracle.report import Result, document, table  # noqa: E402

Entry = tuple[str, str, Callable[[int], None]]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", metavar="PATTERN", help="entries whose name fits, as 'linalg.*'")
    parser.add_argument("--samples", type=int, default=FULL, help="about so many for each dtype")
    parser.add_argument(
        "--verbose", action="store_true", help="show the traceback of what does not pass"
    )
    parser.add_argument("--check", action="store_true", help="compare with docs/parity.md")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    return parser.parse_args()


def entries(only: str | None) -> Iterator[Entry]:
    from oracle import modules, operations, optimizers

    for database in (operations, modules, optimizers):
        title = database.__name__.rpartition(".")[2]
        for name, check in database.entries():
            if only is None or fnmatch(name, only) or fnmatch(name.partition(" ")[0], only):
                yield title, name, check


def judge(check: Callable[[int], None], samples: int) -> tuple[str, str, str]:
    """(verdict, reason, traceback) of one entry."""
    try:
        check(samples)
    except Exception as error:
        said = str(error).strip().splitlines() or [""]
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        kind = "" if type(error).__name__ in ("Wrong", "Missing") else f"{type(error).__name__}: "
        return verdict_on(error), f"{kind}{said[0][:180]}{notes}", traceback.format_exc()
    return "pass", "", ""


def verdict_on(error: Exception) -> str:
    """An absence that says so is missing; anything else is wrong."""
    absent = isinstance(error, AttributeError | NotImplementedError)
    unknown = isinstance(error, TypeError) and "argument" in str(error)
    return "missing" if type(error).__name__ == "Missing" or absent or unknown else "wrong"


def work(inbox: Any, outbox: Any, found: list[Entry], samples: int) -> None:
    """A process that judges entry after entry."""
    import numpy as np
    import torch

    torch.set_num_threads(1)
    torch.backends.cuda.enable_flash_sdp(False)  # its attention has no second derivative
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    while (number := inbox.recv()) is not None:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # then the process dies
        outbox.send(judge(found[number][2], samples))


class Worker:
    """A process and what it is at."""

    def __init__(self, found: list[Entry], samples: int) -> None:
        self.found, self.samples = found, samples
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("fork")  # PyTorch's databases are loaded once
        inbox, self.inbox = context.Pipe(duplex=False)
        self.outbox, outbox = context.Pipe(duplex=False)
        given = inbox, outbox, self.found, self.samples
        self.process = context.Process(target=work, args=given, daemon=True)
        self.process.start()
        inbox.close(), outbox.close()

    def judge(self, number: int) -> tuple[str, str, str]:
        """The verdict on an entry; if the process hangs or dies, that is the verdict."""
        self.inbox.send(number)
        try:
            if self.outbox.poll(PATIENCE):
                return self.outbox.recv()
            reason = f"no answer within {PATIENCE} s"
        except EOFError:
            reason = f"the process died, or computed for longer than {SECONDS} s"
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        self.start()
        return "wrong", reason, ""


def results(found: list[Entry], options: argparse.Namespace) -> Iterator[Result]:
    """The results, in order; several workers take turns."""
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    free: SimpleQueue[Worker] = SimpleQueue()
    jobs = min(options.jobs, len(found))
    for _ in range(jobs):
        free.put(Worker(found, options.samples))

    def one(number: int) -> tuple[str, str, str]:
        worker = free.get()
        try:
            return worker.judge(number)
        finally:
            free.put(worker)

    with ThreadPoolExecutor(jobs) as pool:
        for (database, name, _), verdict in zip(
            found, pool.map(one, range(len(found))), strict=True
        ):
            if verdict[0] != "pass":
                print(f"{verdict[0]:8}{name:36} {verdict[1]}", flush=True)
                if options.verbose:
                    print(verdict[2])
            yield Result(database, name, *verdict[:2])


def fallen(judged: list[Result]) -> list[Result]:
    """What docs/parity.md says passes, and does not."""
    page = (
        PAGE.read_text(encoding="utf-8").partition("## Pass\n")[2].partition("## Not compared")[0]
    )
    passed = {name.strip() for name in page.replace("\n", " ").replace("**", ",").split(",")}
    return [r for r in judged if r.verdict != "pass" and r.name in passed]


def main() -> int:
    options = arguments()
    warnings.simplefilter("ignore")
    found = list(entries(options.only))
    if not found:
        print(f"no entry fits {options.only!r}")
        return 2
    judged = list(results(found, options))
    print("\n".join(table(judged)))
    if options.check:
        worse = fallen(judged)
        print(*(f"no longer a pass: {r.name}: {r.reason}" for r in worse), sep="\n")
        return bool(worse)
    if options.only is None:
        import torch

        from oracle.operations import excluded

        PAGE.write_text(
            document(judged, excluded(), torch.__version__.partition("+")[0]), encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
