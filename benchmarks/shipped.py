"""Our shipped way: an organisation file in, prepared lines and measures out, as `procanalysis run` does it."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

import procanalysis as proc
from benchmarks.portable import answer_all
from benchmarks.project import Project
from benchmarks.questions import Answers, PutAside
from benchmarks.work import Clock
from procanalysis.organisation.preparing import lines_of, prepare_organisation
from procanalysis.params import load_organisation_params


def whole_way(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Read, check, map, match and keep a ledger from nothing, and answer the questions on what was kept."""
    with clock.stage("prepare"):
        folder = prepare_organisation(load_organisation_params(project.slugs[0]))
    answers = Answers(folder / "lines.parquet")
    if memory := os.environ.get("PROCANALYSIS_MEMORY"):
        # The preparation holds itself to it; the engine that the measures use is the analyst's to hold.
        duckdb.execute(f"SET memory_limit = '{memory}'; SET temp_directory = '{scratch / 'spill'}'")
        answers = Answers(answers.mapped, PutAside(scratch / "summed"), PutAside(scratch / "counted"))
    answer_all(lines_of(folder), clock, answers)
    return answers


def prepare_all(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Prepare every organisation of a project; what is kept already is not made again."""
    with clock.stage("prepare"):
        for slug in project.slugs:
            prepare_organisation(load_organisation_params(slug))
    return Answers()


def open_on_prepared(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Do what a notebook's first cells do on prepared data: open the organisation, and ask it one figure."""
    with clock.stage("open"):
        organisation = proc.open_organisation(project.slugs[0])
    with clock.stage("first figure"):
        proc.spend.total_spend(organisation.lines)
    return Answers()
