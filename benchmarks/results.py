"""Write the results of a run: one readable table, a plot of the growth, and the raw numbers beside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.measuring import Record
from benchmarks.targets import Row, Timing, size_in_words, target_rows, timings


def write_results(
    folder: Path,
    name: str,
    *,
    machine: Mapping[str, str],
    records: Sequence[Record],
    report_rows: Sequence[Row] = (),
    report_facts: Mapping[str, Any] | None = None,
) -> Path:
    """Write name.md, name.svg and name.json into a folder, and return the path of the first.

    Parameters: machine, as describe_machine gives it; records, of all works; report_rows, the rows about reports, and
    report_facts, the raw numbers behind them.
    """
    from benchmarks.growth import draw_growth  # brings matplotlib, which nothing that is measured should wait for

    folder.mkdir(parents=True, exist_ok=True)
    raw = {"machine": dict(machine), "records": [asdict(record) for record in records], "reports": report_facts or {}}
    (folder / f"{name}.json").write_text(json.dumps(raw, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    has_plot = draw_growth(timings(records), folder / f"{name}.svg")
    text = as_markdown(machine, records, report_rows, plot=f"{name}.svg" if has_plot else "")
    path = folder / f"{name}.md"
    path.write_text(text, encoding="utf-8")
    return path


def as_markdown(
    machine: Mapping[str, str], records: Sequence[Record], report_rows: Sequence[Row], *, plot: str = ""
) -> str:
    """Write the table of targets, the medians behind it and the machine as Markdown."""
    shown = [*report_rows, *target_rows(records)]
    parts = [
        "# Benchmarks",
        "Ratios are medians of ratios taken within each round of one run, by the wall, and in brackets by the "
        "computing time of all cores together. What each row means, and what the misses come from: "
        "[docs/performance.md](../../docs/performance.md). All data are fictional.",
        "## Targets",
        _table(("target", "lines", "measured", "verdict", "made of"), (_target(row) for row in shown)),
        "## Medians",
        "Seconds of the stages that are timed, of all cores together (computing), and of the whole process with the "
        "start of Python and its imports. Peak: the most memory that the process and all below it held at once.",
        _table(
            ("group", "work", "lines", "held to", "rounds", "s", "computing s", "process s", "process computing s",
             "peak MiB", "stages, s"),
            (_median(timing) for timing in timings(records)),
        ),
        *([f"![Growth of time and memory with the size of the ledger]({plot})"] if plot else []),
        "## Machine",
        _table(("what", "value"), machine.items()),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _target(row: Row) -> tuple[str, ...]:
    return row.target, row.lines, row.measured, row.verdict, row.made_of


def _median(timing: Timing) -> tuple[str, ...]:
    return (
        timing.group, timing.work, size_in_words(timing.lines), timing.memory, str(timing.rounds), f"{timing.wall:.2f}",
        f"{timing.cpu:.2f}", f"{timing.process_wall:.1f}", f"{timing.process_cpu:.1f}", f"{timing.peak_mib:.0f}",
        timing.stages,
    )  # fmt: skip


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in lines)
