"""Run works in processes of their own, in turn, and keep what each took: wall, computing time, memory.

Works are interleaved (A B C, A B C, …), so that a slow spell of the machine falls on all of them, and a ratio is taken
within each round and never across runs. Nothing is timed twice before the works have been found to agree.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.project import MASK_KEY, REPOSITORY, Project

_SECONDS_BETWEEN_LOOKS = 0.2


def tell(progress: str) -> None:
    """Say how far the run has come, at once, also where the output goes to a file."""
    print(progress, flush=True)


class ResultsDifferError(Exception):
    """Two works that should find the same have found different things, so that timing them would mean nothing."""


@dataclass(frozen=True)
class Record:
    """Hold one run of one work.

    group: what was measured together; wall and cpu: seconds per stage, without the start of Python and its imports;
    process_wall and process_cpu: of the whole process and all that it started; peak_mib: the most memory that they
    held at once, until the clock stopped; peaks: the most at the end of each stage, of the work's own process.
    """

    group: str
    work: str
    lines: int
    round: int
    wall: dict[str, float]
    cpu: dict[str, float]
    process_wall: float
    process_cpu: float
    peak_mib: float
    memory: str = ""
    peaks: dict[str, float] = field(default_factory=dict)


def environment_of(project: Project, memory: str = "") -> dict[str, str]:
    """Return the environment in which a work runs: the project's, and the memory that the engine is held to."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PROCANALYSIS_")}
    own = {"PROCANALYSIS_ROOT": str(project.root), "PROCANALYSIS_MASK_KEY": MASK_KEY, "PYTHONIOENCODING": "utf-8"}
    return kept | own | ({"PROCANALYSIS_MEMORY": memory} if memory else {})


def run_process(command: Sequence[str], environment: Mapping[str, str]) -> tuple[str, float, float, list[Any]]:
    """Run a command to its end; return what it printed, wall and computing seconds, and how its memory went.

    The memory is a list of (moment, MiB) of the process and all below it together; what they share counts in each.
    Raises CalledProcessError when the command fails.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=dict(environment), cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    looks: list[tuple[float, float]] = []
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, ended, looks), daemon=True)
    watcher.start()
    assert process.stdout
    printed = process.stdout.read()
    _, status, spent = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    ended.set()
    watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, printed)
    return printed, wall, spent.ru_utime + spent.ru_stime, looks


def _watch(pid: int, ended: threading.Event, looks: list[tuple[float, float]]) -> None:
    while not ended.wait(_SECONDS_BETWEEN_LOOKS):
        try:
            above = psutil.Process(pid)
            together = sum(_held(each) for each in [above, *above.children(recursive=True)])
        except psutil.Error:
            continue
        looks.append((time.time(), together / 2**20))


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it has ended meanwhile
        return 0


def run_work(name: str, project: Project, scratch: Path, *, memory: str = "") -> dict[str, Any]:
    """Do one work in a process of its own, and return what it says of itself and what it took as a whole."""
    shutil.rmtree(scratch, ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks.work", name, str(project.root), str(scratch)]
    printed, wall, cpu, looks = run_process(command, environment_of(project, memory))
    shutil.rmtree(scratch, ignore_errors=True)
    told: dict[str, Any] = json.loads(printed.splitlines()[-1])
    together = max((held for moment, held in looks if moment <= told["stopped_at"]), default=0.0)
    return told | {
        "process_wall": wall,
        "process_cpu": cpu,
        "peak_mib": max(told["peak_mib"], together),
    }


def interleave(
    group: str,
    works: Sequence[str],
    project: Project,
    scratch: Path,
    *,
    rounds: int,
    memory: str = "",
) -> list[Record]:
    """Run works in turn, so many rounds, each from nothing.

    Parameters: group, the name of what is measured together. Raises ResultsDifferError as soon as a work finds
    something else than those before it.
    """
    records: list[Record] = []
    found: dict[str, str] = {}
    for number in range(1, rounds + 1):
        for work in works:
            shutil.rmtree(project.root / "data/prepared", ignore_errors=True)
            told = run_work(work, project, scratch, memory=memory)
            refuse_differences(work, found, told["digests"])
            found |= told["digests"]
            records.append(record_of(group, work, project, number, told, memory))
            tell(f"{group}: {work}, round {number} of {rounds}: {sum(told['wall'].values()):.1f} s")
    return records


def refuse_differences(work: str, found: Mapping[str, str], told: Mapping[str, str]) -> None:
    """Raise ResultsDifferError when a work has answered a question otherwise than it was answered before.

    >>> refuse_differences("sql", {"unit": "1"}, {"unit": "1", "year": "2"})
    >>> refuse_differences("sql", {"unit": "1"}, {"unit": "3"})
    Traceback (most recent call last):
    benchmarks.measuring.ResultsDifferError: 'sql' answers otherwise than the works before it: unit. Nothing is timed.
    """
    differing = [name for name, digest in told.items() if found.get(name, digest) != digest]
    if differing:
        raise ResultsDifferError(
            f"'{work}' answers otherwise than the works before it: {', '.join(differing)}. Nothing is timed."
        )


def record_of(
    group: str, work: str, project: Project, number: int, told: Mapping[str, Any], memory: str = ""
) -> Record:
    """Record what a work told of itself and took as a whole."""
    wanted: Iterable[str] = ("wall", "cpu", "peaks", "process_wall", "process_cpu", "peak_mib")
    return Record(group, work, project.lines, number, memory=memory, **{name: told[name] for name in wanted})


def command_record(
    group: str, work: str, project: Project, number: int, command: Sequence[str], *, says: str = ""
) -> Record:
    """Run a command of the user's in a project, and record it as one stage.

    Parameters: says, what it must print, so that another work is not timed for the one that is meant. Raises
    ResultsDifferError when it does not.
    """
    printed, wall, cpu, looks = run_process(command, environment_of(project))
    if says not in printed:
        raise ResultsDifferError(f"{group}: {work} should say '{says}', but said: {printed[-500:]}")
    peak = max((held for _, held in looks), default=0.0)
    return Record(group, work, project.lines, number, {"all": wall}, {"all": cpu}, wall, cpu, peak)
