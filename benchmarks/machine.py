"""The machine in a few figures: what it is, and how much it computes, copies and calls at best."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np


def describe(threads: int) -> dict[str, Any]:
    """The processor's name, its cores, and the threads that are used."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    flags = set(fields.get("flags", "").split())
    known = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
    return {
        "processor": fields.get("model name", name),
        "family": f"{fields.get('cpu family', '?')}, model {fields.get('model', '?')}",
        "vectors": [flag for flag in known if flag in flags],
        "cores": os.cpu_count(),
        "threads": threads,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def best(function: Callable[[], Any], seconds: float = 0.3) -> float:
    """The shortest time of a call, among as many as fit."""
    function()
    least, end = float("inf"), time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        function()
        least = min(least, time.perf_counter() - start)
    return least


def probe(threads: int) -> dict[str, float]:
    """Peaks measured on plain NumPy arrays, with `threads` threads.

    gflops: float32 matrix products; bandwidth: GB/s read and written by copying 128 MiB;
    cache: the same within 256 KiB on each core; call: microseconds of np.add on one element.
    """
    size = 1024
    a = np.random.default_rng(0).random((size, size), "float32")
    product = np.empty_like(a)
    gflops = 2 * size**3 / best(lambda: np.matmul(a, a, out=product)) / 1e9
    small = np.ones(1, "float32")

    def thousand() -> None:
        for _ in range(1000):
            np.add(small, small)

    return {
        "gflops": gflops,
        "bandwidth": copying(threads, 1 << 27, 1),
        "cache": copying(threads, 1 << 18, 400),
        "call": best(thousand) * 1e3,
    }


def copying(threads: int, size: int, times: int) -> float:
    """GB/s read and written by threads that copy `size` bytes: in all, once; or each, often."""
    share = size // threads if times == 1 else size
    pairs = [(np.ones(share, np.uint8), np.ones(share, np.uint8)) for _ in range(threads)]

    def work(pair: tuple[np.ndarray, np.ndarray]) -> None:
        for _ in range(times):
            np.copyto(pair[1], pair[0])

    with ThreadPoolExecutor(threads) as pool:
        spent = best(lambda: list(pool.map(work, pairs)))
    return 2 * share * threads * times / spent / 1e9


def shown(machine: dict[str, Any], peaks: dict[str, float]) -> str:
    """Two lines to head a table with."""
    vectors = ", ".join(machine["vectors"]) or "no wide vectors known"
    return (
        f"{machine['processor']} (family {machine['family']}; {vectors}), "
        f"{machine['cores']} cores, {machine['threads']} threads, {machine['system']}, "
        f"Python {machine['python']}\n"
        f"peaks: {peaks['gflops']:.0f} GFLOP/s in products, {peaks['bandwidth']:.1f} GB/s in "
        f"memory, {peaks['cache']:.0f} in the cache, {peaks['call']:.2f} us a call of NumPy"
    )
