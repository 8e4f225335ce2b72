"""Make one readable table and a plot of what the commands on one code and machine have measured.

`python -m benchmarks.results FOLDER` makes them anew from the raw numbers that lie there.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.growth import draw_growth
from benchmarks.reports import report_rows
from benchmarks.runs import PLOT, TABLE, Run, read_runs
from benchmarks.targets import NOT_RUN, Row, Timing, size_in_words, target_rows, timings

_LOAD = "load when it began"
_NOT_ENDED = "goes on, or was stopped"
_WORKS = (
    ("floor", "DuckDB's own scan of the ledger: every column typed and touched, summed by account; the least to do"),
    ("sql", "hand-written DuckDB SQL: rules, contracts, Parquet, the twenty questions"),
    ("portable", "our functions on DuckDB from the same typed scan, without our reading and checking"),
    ("shipped", "our whole way: reading, checking, hiding people, mapping, contracts, Parquet, the twenty questions"),
    ("pandas-careful", "pandas as one who knows it well writes it; checks nothing"),
    ("pandas-loop", "pandas with one mask per rule, as an analyst writes it; checks nothing"),
)


def write_table(folder: Path) -> Path:
    """Write table.md, and growth.svg when there are two sizes or more, and return the path of the first."""
    runs = read_runs(folder)
    has_plot = draw_growth([timings(run.records) for run in runs], folder / PLOT)
    path = folder / TABLE
    path.write_text(as_markdown(runs, plot=PLOT if has_plot else ""), encoding="utf-8")
    return path


def as_markdown(runs: Sequence[Run], *, plot: str = "") -> str:
    """Write the targets, the commands, the medians, the works and the machine as Markdown."""
    shown = rows_of(runs)
    numbered = list(enumerate(runs, start=1))
    parts = [
        "# Benchmarks of procanalysis",
        f"Code measured: {'; '.join(dict.fromkeys(run.code for run in runs))}. All data are fictional.",
        f"**{_counted(row for _, row in shown)}**",
        "A row for each target and size of ledger. `a` against `b`, 2 ×, says that a took twice the time of b on the "
        "same ledger in the same round of the same command; the median of the rounds is given. Verdicts go by the wall "
        "clock; in brackets is the computing time of all cores together, which other work on the machine disturbs "
        "less. In every round all works must give the same sums, counts and decisions, to the öre, or the command "
        "stops. No number of one command is divided by one of another. Below a million lines the time is mostly what a "
        "run costs before the first line, and says nothing about large ledgers. What each row means, and what the "
        "misses come from: [docs/performance.md](../../../docs/performance.md).",
        "## Targets",
        _table(
            ("target", "lines", "measured", "verdict", "made of", "command"),
            ((row.target, row.lines, row.measured, row.verdict, row.made_of, number) for number, row in shown),
        ),
        "## Commands",
        _table(
            ("command", "asked", "began, UTC", "ended, UTC", "load of the machine when it began"),
            (
                (str(number), f"`{run.command}`", run.began, run.ended or _NOT_ENDED, run.machine[_LOAD])
                for number, run in numbered
            ),
        ),
        *(["## Growth", f"![Time and memory against the size of the ledger, a line per work]({plot})"] if plot else []),
        "## Medians",
        "s: seconds by the wall of the stages that are timed; computing s: of all cores together; process: with the "
        "start of Python and its imports. Peak: the most memory that the process and all below it held at once. Held "
        "to: the memory that the engine was allowed.",
        _table(
            ("group", "work", "lines", "held to", "rounds", "s", "computing s", "process s", "process computing s",
             "peak MiB", "stages, s", "command"),
            ((*_median(timing), str(number)) for number, run in numbered for timing in timings(run.records)),
        ),
        "## Works on the ledger",
        _table(("work", "does"), _WORKS),
        "## Machine",
        _table(("what", "value"), _machine(runs)),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def rows_of(runs: Sequence[Run]) -> list[tuple[str, Row]]:
    """Give the rows of all commands, target by target, each with its command's number.

    What one command has not run is left out where another has, or where the first has said so already.
    """
    made = [
        (str(number), row)
        for number, run in enumerate(runs, start=1)
        for row in (*report_rows(run.reports), *target_rows(run.records, int(run.machine["cores"])))
    ]
    measured = {(row.target, row.lines) for _, row in made if row.verdict != NOT_RUN}
    told = measured | {(target, "") for target, _ in measured}
    by_target: dict[str, list[tuple[str, Row]]] = {}
    for number, row in made:
        rows = by_target.setdefault(row.target, [])
        if row.verdict != NOT_RUN:
            rows.append((number, row))
        elif (row.target, row.lines) not in told and all(row != before for _, before in rows):
            rows.append((number if row.made_of else "", row))
    return [each for rows in by_target.values() for each in rows]


def _counted(rows: Iterable[Row]) -> str:
    found = Counter(row.verdict for row in rows)
    return "Rows: " + ", ".join(f"{number} {verdict.strip('*')}" for verdict, number in sorted(found.items())) + "."


def _machine(runs: Sequence[Run]) -> Iterable[tuple[str, str]]:
    """Tell each fact once, or with the commands that it held for when they differ."""
    for what in dict.fromkeys(name for run in runs for name in run.machine if name != _LOAD):
        values: dict[str, list[str]] = {}
        for number, run in enumerate(runs, start=1):
            values.setdefault(run.machine.get(what, "not told"), []).append(str(number))
        of = {value: f" (command {', '.join(numbers)})" if len(values) > 1 else "" for value, numbers in values.items()}
        yield what, "; ".join(f"{value}{where}" for value, where in of.items())


def _median(timing: Timing) -> tuple[str, ...]:
    return (
        timing.group, timing.work, size_in_words(timing.lines), timing.memory, str(timing.rounds), f"{timing.wall:.2f}",
        f"{timing.cpu:.2f}", f"{timing.process_wall:.1f}", f"{timing.process_cpu:.1f}", f"{timing.peak_mib:.0f}",
        timing.stages,
    )  # fmt: skip


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in lines)


def main() -> None:
    """Make the table of the folder that the argument names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print(f"Written: {write_table(parser.parse_args().folder).name}")


if __name__ == "__main__":
    main()
