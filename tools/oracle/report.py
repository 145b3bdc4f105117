"""The table of results, for a terminal and for docs/parity.md."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from textwrap import fill

VERDICTS = ("pass", "wrong", "missing")


@dataclass(frozen=True)
class Result:
    """What came of one entry. `database` is operations, modules or optimizers."""

    database: str
    name: str
    verdict: str
    reason: str = ""

    @property
    def family(self) -> str:
        """What stands before the last dot of the name, or `tadori` itself."""
        room = self.name.partition(" ")[0].rpartition(".")[0]
        return f"tadori.{room}" if room else "tadori"


def table(results: list[Result]) -> list[str]:
    """Counts by family, as Markdown."""
    lines = ["| | pass | wrong | missing | of | |", "|---|---:|---:|---:|---:|---:|"]
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(f"{result.database}: `{result.family}`", []).append(result)
    for database in dict.fromkeys(result.database for result in results):
        groups[f"**{database}, all**"] = [r for r in results if r.database == database]
    for group, members in groups.items():
        count = Counter(result.verdict for result in members)
        cells = [str(count[verdict]) for verdict in VERDICTS]
        share = f"{count['pass'] / len(members):.1%}"
        lines.append(f"| {group} | {' | '.join(cells)} | {len(members)} | {share} |")
    return lines


def document(results: list[Result], excluded: dict[str, str], version: str) -> str:
    """The whole of docs/parity.md."""
    parts = [HEAD.format(version=version), "\n".join(table(results)), ""]
    for verdict, title in (("wrong", "Wrong"), ("missing", "Missing")):
        chosen = [r for r in results if r.verdict == verdict]
        parts.append(f"## {title} ({len(chosen)})\n")
        if chosen:
            parts.append("| | first reason |\n|---|---|")
            parts += [f"| `{r.name}` | {cell(r.reason)} |" for r in chosen]
        parts.append("")
    parts.append("## Pass\n")
    for database in dict.fromkeys(result.database for result in results):
        names = [r.name for r in results if (r.database, r.verdict) == (database, "pass")]
        parts.append(
            f"**{database}**\n\n"
            + fill(", ".join(names), 118, break_long_words=False, break_on_hyphens=False)
            + "\n"
        )
    parts.append("## Not compared\n")
    parts += [f"- `{name}`: {reason}" for name, reason in excluded.items()]
    return "\n".join(parts) + "\n"


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


HEAD = """# Tadori beside PyTorch {version}, operation by operation

Written by `make parity`. PyTorch's own databases of samples (`op_db`, `module_db`, `optim_db`) are
run on both. An entry passes if, on the samples drawn for every dtype it has among float64, float32,
int64 and bool, everything is PyTorch's: structure, dtypes, shapes, values, `requires_grad`, first
derivatives, and, where PyTorch has them, second derivatives. Wrong: an answer differs, or an error
is raised where PyTorch answers. Missing: the name or an option is absent, and the error says so
(`AttributeError`, `NotImplementedError`, an unknown argument).
"""
