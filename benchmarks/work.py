"""Do one piece of work in a process of its own, stage by stage, and print what it took and what it found as JSON."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.project import MASK_KEY, Project, open_project
from benchmarks.questions import Answers, digests

WORKS: dict[str, str] = {
    "floor": "benchmarks.duckdb_rivals:floor",
    "sql": "benchmarks.duckdb_rivals:hand_written",
    "shipped": "benchmarks.shipped:whole_way",
    "portable": "benchmarks.portable:on_duckdb",
    "portable-polars": "benchmarks.portable:on_polars",
    "portable-pandas": "benchmarks.portable:on_pandas",
    "pandas-careful": "benchmarks.pandas_rivals:careful",
    "pandas-loop": "benchmarks.pandas_rivals:loop",
    "prepare": "benchmarks.shipped:prepare_all",
    "open": "benchmarks.shipped:open_on_prepared",
    "hundred-runs": "benchmarks.same_digest:hundred_runs",
}
"""Every work by its name: the module and the function that does it."""


@dataclass
class Clock:
    """Take the time of named stages, in seconds of the wall and of all cores together, and the peak at their end."""

    wall: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done within."""
        wall, cpu = time.perf_counter(), _cpu_seconds()
        yield
        self.wall[name] = self.wall.get(name, 0.0) + time.perf_counter() - wall
        self.cpu[name] = self.cpu.get(name, 0.0) + _cpu_seconds() - cpu
        self.peaks[name] = peak_mib()


Work = Callable[[Project, Clock, Path], Answers]


def _cpu_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def peak_mib() -> float:
    """Return the most memory that this process, or one that it has waited for, has held at once."""
    kibibytes = 1 if sys.platform == "darwin" else 1024
    own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(own, children) * kibibytes / 2**20


def do(name: str, project: Project, scratch: Path) -> dict[str, Any]:
    """Do a work and return its stages, peak and digests. The digests are taken when the clock has stopped."""
    os.environ |= {"PROCANALYSIS_ROOT": str(project.root), "PROCANALYSIS_MASK_KEY": MASK_KEY}
    module, _, function = WORKS[name].partition(":")
    work: Work = getattr(importlib.import_module(module), function)
    scratch.mkdir(parents=True, exist_ok=True)
    clock = Clock()
    answers = work(project, clock, scratch)
    stopped = {"stopped_at": time.time(), "peak_mib": peak_mib()}
    return {"wall": clock.wall, "cpu": clock.cpu, "peaks": clock.peaks, **stopped, "digests": digests(answers)}


def main() -> None:
    """Do what the arguments say: the work's name, the project's folder, a folder for what it writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=WORKS)
    parser.add_argument("root", type=Path)
    parser.add_argument("scratch", type=Path)
    given = parser.parse_args()
    print(json.dumps(do(given.name, open_project(given.root), given.scratch)))


if __name__ == "__main__":
    main()
