"""What a night costs when little has changed: one organisation of twenty, one file more, or nothing at all."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measuring import Record, command_record, record_of, run_work, tell
from benchmarks.project import Project

REPORTS = ("data-quality", "spend-overview")
_MAIN = "from procanalysis.cli import main; main()"


def one_of_twenty(project: Project, scratch: Path, *, rounds: int, memory: str = "") -> list[Record]:
    """Prepare all organisations from nothing, then again when the last one has got other lines."""
    records: list[Record] = []
    group = "one organisation of twenty"
    for number in range(1, rounds + 1):
        records.append(_from_nothing(project, scratch, group, number, memory))
        with without_last_line(project.ledger(project.slugs[-1])[-1]):
            records.append(_prepared(project, scratch, group, "changed", number, memory))
    return records


def one_file_more(project: Project, scratch: Path, *, rounds: int, memory: str = "") -> list[Record]:
    """Prepare a ledger of all its files from nothing, then when all but the last file are prepared already."""
    records: list[Record] = []
    group = "one file of twelve"
    last = project.ledger()[-1]
    aside = last.with_suffix(".aside")
    for number in range(1, rounds + 1):
        records.append(_from_nothing(project, scratch, group, number, memory))
        _forget(project)
        last.rename(aside)
        try:
            run_work("prepare", project, scratch, memory=memory)
        finally:
            aside.rename(last)
        records.append(_prepared(project, scratch, group, "changed", number, memory))
    return records


def _from_nothing(project: Project, scratch: Path, group: str, number: int, memory: str) -> Record:
    _forget(project)
    return _prepared(project, scratch, group, "from nothing", number, memory)


def _prepared(project: Project, scratch: Path, group: str, work: str, number: int, memory: str) -> Record:
    record = record_of(group, work, project, number, run_work("prepare", project, scratch, memory=memory), memory)
    tell(f"{group}: {work}, round {number}: {record.process_wall:.1f} s")
    return record


def _forget(project: Project) -> None:
    shutil.rmtree(project.root / "data/prepared", ignore_errors=True)


@contextmanager
def without_last_line(file: Path) -> Iterator[None]:
    """Let a file lack its last line for a while."""
    whole = file.stat().st_size
    with file.open("rb") as stream:
        stream.seek(max(whole - 1024, 0))
        end = stream.read()
    last_line = end[end.rindex(b"\n", 0, -1) + 1 :]
    with file.open("r+b") as stream:
        stream.truncate(whole - len(last_line))
    try:
        yield
    finally:
        with file.open("ab") as stream:
            stream.write(last_line)


def nothing_changed(project: Project, scratch: Path, *, rounds: int) -> list[Record]:
    """Publish two reports once, then run the command again and again with nothing changed; and open the data."""
    chosen = [word for name in REPORTS for word in ("--report", name)]
    out = scratch.parent / "published"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-c", _MAIN, "run", project.slugs[0], *chosen, "--out", str(out)]
    group = "nothing changed"
    records = [command_record(group, "first run", project, 1, command)]
    tell(f"{group}: first run: {records[0].process_wall:.1f} s")
    for number in range(1, rounds + 1):
        again = command_record(group, "run again", project, number, command, says=f"{len(REPORTS)} unchanged")
        records.append(again)
        tell(f"{group}: run again, round {number} of {rounds}: {records[-1].process_wall:.1f} s")
        records.append(record_of(group, "open", project, number, run_work("open", project, scratch)))
    shutil.rmtree(out, ignore_errors=True)
    return records
