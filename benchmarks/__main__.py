"""Run the benchmarks and write their results: python -m benchmarks --help."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine, machine_kind
from benchmarks.measured_code import CodeChangedError, describe_code, unchanged
from benchmarks.measuring import Record, interleave
from benchmarks.project import REPOSITORY, Project, open_project
from benchmarks.reports import measure_reports
from benchmarks.runs import TABLE, Run, moment
from benchmarks.targets import HELD, size_in_words
from benchmarks.upkeep import nothing_changed, one_file_more, one_of_twenty

_LEDGER_WORKS = ("floor", "sql", "portable", "shipped", "pandas-careful", "pandas-loop")
_LARGEST_OF_LOOP, _LARGEST_OF_PANDAS, _LARGEST_WITH_FIVE = 1_000_000, 10_000_000, 1_000_000
_DIGEST_LINES, _DIGEST_CONTRACTS = 10_000, 500
_REPORTS = 6
_PARTS = ("ledger", "memory", "upkeep", "digest", "reports")


def main() -> None:
    """Measure what is asked for, part by part, and write the results after each."""
    given = _arguments()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="procanalysis-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    code = describe_code()
    results = given.results / f"{code.name}-{machine_kind()}"
    run = Run(_in_words(given), moment(), code.in_words(), describe_machine())
    try:
        for measure in _parts(folder, given):
            with unchanged(code):
                found = measure()
            run = run.with_more(found)
            _write(run, results)
        _write(replace(run, ended=moment()), results)
    except CodeChangedError as error:
        sys.exit(str(error))
    finally:
        if not given.folder:
            shutil.rmtree(folder, ignore_errors=True)
    print((results / TABLE).read_text(encoding="utf-8"))


def _parts(folder: Path, given: argparse.Namespace) -> Iterator[Callable[[], list[Record] | dict[str, Any]]]:
    """List what is asked for, in the order in which it is measured."""
    sizes = [round(float(size) * 1e6) for size in given.lines.split()]
    if "reports" in given.parts:
        yield partial(measure_reports, folder, given.reports, given.rounds or 3)
    if "digest" in given.parts:
        yield partial(_measure_digest, folder)
    if "upkeep" in given.parts:
        yield partial(_measure_upkeep, folder, sizes[0], given)
    if {"ledger", "memory"} & set(given.parts):
        for lines in sizes:
            yield partial(_measure_ledger, folder, lines, given)


def _write(run: Run, results: Path) -> None:
    """Keep what is measured, and make the table in a process of its own: a drawing library would make this one large.

    A process inherits the peak of the one that starts it.
    """
    run.save(results)
    subprocess.run([sys.executable, "-m", "benchmarks.results", str(results.resolve())], cwd=REPOSITORY, check=True)


def _in_words(given: argparse.Namespace) -> str:
    """Write the command as it may be given again, without folders of this machine."""
    more = [
        *(["--parts", *given.parts] if set(given.parts) != set(_PARTS) else []),
        *(["--rounds", str(given.rounds)] if given.rounds else []),
        *(["--reports", str(given.reports)] if given.reports != _REPORTS else []),
    ]
    return f'make bench LINES="{given.lines}"' + (f' BENCH_ARGS="{" ".join(more)}"' if more else "")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure procanalysis against rivals.")
    parser.add_argument("--lines", default="0.2", help="sizes of the ledger in millions, as '1 5 10 50'")
    parser.add_argument("--parts", nargs="+", default=list(_PARTS), choices=_PARTS, help="what to measure")
    parser.add_argument(
        "--rounds", type=int, default=0, help="rounds; else 5 up to a million lines, then 3; 3 of reports"
    )
    parser.add_argument("--reports", type=int, default=_REPORTS, help="how many reports to run by us and the commands")
    parser.add_argument("--folder", type=Path, help="where ledgers are kept from run to run; else a temporary folder")
    parser.add_argument("--results", type=Path, default=REPOSITORY / "benchmarks/results", help="where to write")
    return parser.parse_args()


def _rounds(lines: int, given: argparse.Namespace) -> int:
    return int(given.rounds) or (5 if lines <= _LARGEST_WITH_FIVE else 3)


def _made(folder: Path, name: str, lines: int, *more: str) -> Project:
    """Write a project in a process of its own, which may grow as it likes."""
    root = folder / name
    print(f"writing {size_in_words(lines)} lines ({name})", flush=True)
    command = [sys.executable, "-m", "benchmarks.make_project", str(root), str(lines), *more]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    return open_project(root)


def _measure_ledger(folder: Path, lines: int, given: argparse.Namespace) -> list[Record]:
    project, rounds, records = _made(folder, f"ledger-{lines}", lines), _rounds(lines, given), list[Record]()
    if "ledger" in given.parts:
        records += interleave("ledger", _works_at(lines), project, folder / "scratch", rounds=rounds)
    if "memory" in given.parts:
        records += interleave("ledger", ["shipped"], project, folder / "scratch", rounds=min(rounds, 3), memory=HELD)
    shutil.rmtree(project.root / "data/prepared", ignore_errors=True)
    return records


def _works_at(lines: int) -> Sequence[str]:
    """List the works that a size is not too large for."""
    too_slow = {"pandas-loop": _LARGEST_OF_LOOP, "pandas-careful": _LARGEST_OF_PANDAS}
    return [work for work in _LEDGER_WORKS if lines <= too_slow.get(work, lines)]


def _measure_upkeep(folder: Path, lines: int, given: argparse.Namespace) -> list[Record]:
    rounds, scratch = min(_rounds(lines, given), 3), folder / "scratch"
    twenty = _made(folder, f"twenty-{lines}", lines, "--organisations", "20")
    records = one_of_twenty(twenty, scratch, rounds=rounds)
    twelve = _made(folder, f"twelve-{lines}", lines, "--files", "12")
    records += one_file_more(twelve, scratch, rounds=rounds)
    return records + nothing_changed(twelve, scratch, rounds=_rounds(lines, given))


def _measure_digest(folder: Path) -> list[Record]:
    project = _made(folder, "digest", _DIGEST_LINES, "--contracts", str(_DIGEST_CONTRACTS))
    works = ["hundred-runs", "sql", "shipped", "portable-polars", "portable-pandas", "pandas-careful", "pandas-loop"]
    return interleave("one digest", works, project, folder / "scratch", rounds=1)


if __name__ == "__main__":
    main()
