"""Run reports for many organisations: prepare, run, publish, and keep one's failure from stopping the others."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from procanalysis.errors import ProcanalysisError
from procanalysis.params import organisation_slugs
from procanalysis.run.assessments import assessment_tasks, failed_assessment, forget_failed_assessment
from procanalysis.run.boards import board_tasks, failed_board, forget_failed_board
from procanalysis.run.cases import case_tasks, failed_case, forget_failed_case
from procanalysis.run.catalogue import Item, Report, Subject
from procanalysis.run.pdf import has_pdf, print_pdf
from procanalysis.run.processes import CAN_FORK, Outcome, Task, run_tasks
from procanalysis.run.publish import (
    PREPARATION,
    Place,
    forget_failure,
    record_failure,
    restore_interrupted,
    write_index,
)
from procanalysis.run.reports import Job, Prepared, failed_preparation_place, prepare, run_report

_PREPARE_SECONDS = 6 * 3600.0
_SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_WARM = (
    "duckdb", "narwhals", "pandas", "matplotlib.pyplot", "matplotlib.backends.backend_svg", "papermill",
    "nbconvert", "IPython.core.interactiveshell",
)  # fmt: skip

_LIBRARY = "procanalysis"


@dataclass
class RunResult:
    """Count what a run did. `failures` holds (what, why)."""

    index: Path
    published: int = 0
    unchanged: int = 0
    printed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class RunOptions:
    """Hold what the user asked for."""

    reports: tuple[Report, ...]
    period: str = ""
    jobs: int = 2
    out: Path = Path("reports")
    seconds_per_report: float = 600.0
    ordinary_kernel: bool = False
    browser: str = ""  # the program that prints each page as PDF; empty when none is wanted


@dataclass(frozen=True)
class Listener:
    """Hold what is told while a run goes on: how many pieces of work there are, and what became of each."""

    planned: Callable[[int], None] = lambda number: None
    done: Callable[[str, str, str], None] = lambda what, state, why: None


@dataclass(frozen=True)
class _KindOfFile:
    """Say how the files of one kind are found and prepared, and where a failure of one is noted and forgotten."""

    subject: Subject
    tasks: Callable[[Sequence[str], str], list[Task]]
    failed: Callable[[str, Path], tuple[Place, dict[str, Any]] | None]
    forget: Callable[[Prepared, Path], None]


_KINDS_OF_FILES = (
    _KindOfFile("assessment", assessment_tasks, failed_assessment, forget_failed_assessment),
    _KindOfFile("case", case_tasks, failed_case, forget_failed_case),
    _KindOfFile("board", board_tasks, failed_board, forget_failed_board),
)


def run_organisations(slugs: Sequence[str], options: RunOptions, listener: Listener | None = None) -> RunResult:
    """Prepare, run and publish. One organisation's or report's failure is noted and the rest go on.

    Parameters: slugs, names of organisation files; options; listener, told of progress.
    Returns a RunResult. Raises ParamsError when an organisation named does not exist.
    """
    tell = listener or Listener()
    _warm_up()
    options.out.mkdir(parents=True, exist_ok=True)
    restore_interrupted(options.out)
    drafts = Path(tempfile.mkdtemp(prefix=".drafts-", dir=options.out))
    try:
        return _run(slugs, options, drafts, tell)
    finally:
        shutil.rmtree(drafts, ignore_errors=True)


def _run(slugs: Sequence[str], options: RunOptions, drafts: Path, tell: Listener) -> RunResult:
    result = RunResult(options.out / "index.html")
    jobs = _ledger_jobs(slugs, options, drafts, result, tell)
    # After the ledgers: an assessment or a business case then finds its organisation's ledger prepared.
    for kind in _KINDS_OF_FILES:
        jobs += _jobs_of_files(kind, slugs, options, drafts, result, tell)
    _run_jobs(jobs, options, result, tell)
    restore_interrupted(options.out)  # a report that was stopped while its files were put in place
    if options.browser:
        _print_pdfs(jobs, options, drafts, result, tell)
    result.index = write_index(options.out)
    return result


def _ledger_jobs(
    slugs: Sequence[str], options: RunOptions, drafts: Path, result: RunResult, tell: Listener
) -> list[Job]:
    known = set(organisation_slugs())
    with_ledger = [slug for slug in slugs if slug in known] if _any_about("organisation", options) else []
    tell.planned(len(with_ledger))
    jobs: list[Job] = []
    tasks = [Task(slug, prepare, (slug, options.period)) for slug in with_ledger]
    for outcome in run_tasks(tasks, jobs=options.jobs, seconds=_PREPARE_SECONDS):
        if outcome.failure:
            _note_failed_preparation(outcome, options, result)
            tell.done(outcome.task.name, "failed", outcome.failure)
            continue
        planned = _jobs(outcome.value, options, drafts)
        jobs += planned
        tell.planned(len(planned))
        tell.done(outcome.task.name, "prepared", "")
        _forget_failed_preparations(outcome.task.name, options.out)
    return jobs


def _jobs_of_files(
    kind: _KindOfFile, slugs: Sequence[str], options: RunOptions, drafts: Path, result: RunResult, tell: Listener
) -> list[Job]:
    tasks = kind.tasks(slugs, options.period) if _any_about(kind.subject, options) else []
    tell.planned(len(tasks))
    jobs: list[Job] = []
    for outcome in run_tasks(tasks, jobs=options.jobs, seconds=_PREPARE_SECONDS):
        if outcome.failure:
            result.failures.append((outcome.task.name, outcome.failure))
            if found := kind.failed(outcome.task.name, options.out):
                record_failure(*found, outcome.failure)
        else:
            planned = _jobs(outcome.value, options, drafts)
            jobs += planned
            tell.planned(len(planned))
            kind.forget(outcome.value, options.out)
        tell.done(outcome.task.name, "failed" if outcome.failure else "prepared", outcome.failure)
    return jobs


def _any_about(subject: Subject, options: RunOptions) -> bool:
    return any(report.subject == subject for report in options.reports)


def _jobs(prepared: Prepared, options: RunOptions, drafts: Path) -> list[Job]:
    jobs = []
    for report in options.reports:
        if report.subject != prepared.subject:
            continue
        one = Item(prepared.file, prepared.file_title) if prepared.file_title else Item()
        items = prepared.items.get(report.per, ()) if report.per else (one,)
        jobs += [Job(report, prepared, item, options.out, drafts) for item in items]
    return jobs


def _run_jobs(jobs: Sequence[Job], options: RunOptions, result: RunResult, tell: Listener) -> None:
    by_name = {_name(job): job for job in jobs}
    tasks = [Task(name, run_report, (job, options.ordinary_kernel)) for name, job in by_name.items()]
    hung: list[Task] = []
    for outcome in run_tasks(tasks, jobs=options.jobs, seconds=options.seconds_per_report):
        if outcome.timed_out and not options.ordinary_kernel and CAN_FORK:
            # A forked process can hang on a lock that a library held; an ordinary kernel cannot.
            hung.append(Task(outcome.task.name, run_report, (by_name[outcome.task.name], True)))
        else:
            _note(outcome, by_name[outcome.task.name], result, tell)
    for outcome in run_tasks(hung, jobs=options.jobs, seconds=options.seconds_per_report):
        _note(outcome, by_name[outcome.task.name], result, tell)


def _print_pdfs(jobs: Sequence[Job], options: RunOptions, drafts: Path, result: RunResult, tell: Listener) -> None:
    """Print the pages that have no PDF yet. The page stays when that fails, and the failure is told."""
    failed = {what for what, _ in result.failures}
    wanted = [job for job in jobs if _name(job) not in failed and not has_pdf(job.place)]
    tasks = [Task(f"{_name(job)} PDF", print_pdf, (job.place, options.browser, drafts)) for job in wanted]
    tell.planned(len(tasks))
    for outcome in run_tasks(tasks, jobs=options.jobs, seconds=options.seconds_per_report):
        if outcome.failure:
            result.failures.append((outcome.task.name, outcome.failure))
        else:
            result.printed += 1
        tell.done(outcome.task.name, "failed" if outcome.failure else outcome.value, outcome.failure)


def _name(job: Job) -> str:
    return f"{job.prepared.slug} {job.prepared.period} {job.place.stem}"


def _note(outcome: Outcome, job: Job, result: RunResult, tell: Listener) -> None:
    if outcome.failure:
        if outcome.timed_out or outcome.died:  # otherwise the process has noted it itself, with its notebook
            record_failure(job.place, job.facts(), outcome.failure)
        result.failures.append((outcome.task.name, outcome.failure))
        tell.done(outcome.task.name, "failed", outcome.failure)
        return
    if outcome.value == "published":
        result.published += 1
    else:
        result.unchanged += 1
    tell.done(outcome.task.name, outcome.value, "")


def _note_failed_preparation(outcome: Outcome, options: RunOptions, result: RunResult) -> None:
    result.failures.append((outcome.task.name, outcome.failure))
    try:
        place, facts = failed_preparation_place(outcome.task.name, options.period, options.out)
    except ProcanalysisError:
        # The organisation file itself is wrong: there is no name or period to list it under, so the exit code tells.
        return
    record_failure(place, facts, outcome.failure)


def _forget_failed_preparations(slug: str, out: Path) -> None:
    """Forget that the data could not be read, for whichever period that was noted: now they can."""
    for folder in (out / slug).glob("*/"):
        forget_failure(Place(out, slug, folder.name, PREPARATION))


def _warm_up() -> None:
    """Import once what every report needs, with numeric libraries held to one thread, and open no engine."""
    for name in _SINGLE_THREADED:
        os.environ.setdefault(name, "1")
    os.environ.setdefault("MPLBACKEND", "svg")
    if CAN_FORK:
        for module in _WARM:
            importlib.import_module(module)
        # The library imports its parts when they are first asked for; a notebook's process should have them all.
        library = importlib.import_module(_LIBRARY)
        for name in library.__all__:
            getattr(library, name)
