"""One digest, whatever the number of threads: a hundred runs of mapping, matching and the questions."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.measuring import refuse_differences
from benchmarks.portable import answer_all, answer_sums, read_registers, write_mapped
from benchmarks.project import Project
from benchmarks.questions import Answers, digests
from benchmarks.work import Clock

RUNS = 100
_THREADS = (1, 2, 3, 4, 8)
_COUNTED_EVERY = 9


def hundred_runs(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Map, match and sum a hundred times with 1, 2, 3, 4 and 8 threads in turn; every ninth time also count.

    Returns the answers of the first run. Raises ResultsDifferError when a run finds something else than the first.
    """
    registers = read_registers(project, clock)
    first, found = Answers(), dict[str, str]()
    for number in range(RUNS):
        # The two cycles have no length in common, so that every number of threads also counts.
        duckdb.execute(f"SET threads = {_THREADS[number % len(_THREADS)]}")
        with clock.stage("map"):
            answers = Answers(write_mapped(project, registers, scratch))
        lines = duckdb.read_parquet(str(answers.mapped))
        answer = answer_all if number % _COUNTED_EVERY == 0 else answer_sums
        answer(lines, clock, answers)
        told = digests(answers)
        refuse_differences(f"run {number + 1}", found, told)
        if not number:
            first, found = answers, told
    return first
