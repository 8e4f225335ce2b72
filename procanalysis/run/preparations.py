"""Prepare all that the reports of a run rest on; what cannot be prepared is noted, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from procanalysis.errors import ProcanalysisError
from procanalysis.params import load_organisation_params, organisation_slugs
from procanalysis.run.annual import (
    board_year_tasks,
    failed_year,
    forget_failed_year,
    organisation_year_tasks,
)
from procanalysis.run.assessments import assessment_tasks, failed_assessment, forget_failed_assessment
from procanalysis.run.boards import board_tasks, failed_board, forget_failed_board
from procanalysis.run.cases import case_tasks, failed_case, forget_failed_case
from procanalysis.run.catalogue import Subject
from procanalysis.run.jobs import Prepared
from procanalysis.run.ledgers import failed_preparation_place, prepare
from procanalysis.run.options import Listener, RunOptions, RunResult
from procanalysis.run.processes import Outcome, Task, run_tasks
from procanalysis.run.publish import PREPARATION, Place, forget_failure, record_failure
from procanalysis.run.tenders import failed_tenders, fault_tasks, forget_failed_tenders, tender_tasks

_PREPARE_SECONDS = 6 * 3600.0
_OF_A_LEDGER: tuple[Subject, ...] = ("organisation", "organisation_year")


@dataclass(frozen=True)
class _KindOfFile:
    """Say how the files of one kind are found and prepared, and where a failure of one is noted and forgotten.

    A task gives what is prepared, or several such when one reading serves them all. faults are the tasks that only tell
    mistakes, run when everyone is meant.
    """

    subjects: tuple[Subject, ...]
    tasks: Callable[[Sequence[str], str], list[Task]]
    failed: Callable[[str, Path], tuple[Place, dict[str, Any]] | None]
    forget: Callable[[Prepared, Path], None]
    faults: Callable[[], list[Task]] = list


_KINDS_OF_FILES = (
    _KindOfFile(("assessment",), assessment_tasks, failed_assessment, forget_failed_assessment),
    _KindOfFile(("case",), case_tasks, failed_case, forget_failed_case),
    _KindOfFile(("board",), board_tasks, failed_board, forget_failed_board),
    # Before the annual reports, which then find the tender statistics prepared.
    _KindOfFile(("region", "group"), tender_tasks, failed_tenders, forget_failed_tenders, fault_tasks),
    _KindOfFile(("organisation_year",), organisation_year_tasks, failed_year, forget_failed_year),
    _KindOfFile(("board_year",), board_year_tasks, failed_year, forget_failed_year),
)


def prepare_all(
    slugs: Sequence[str],
    options: RunOptions,
    result: RunResult,
    tell: Listener,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[Prepared]:
    """Prepare what the reports asked for rest on, and yield each as it is ready. Failures are noted in the result.

    What `meanwhile` does is done in this process while the first ledgers are prepared in theirs, if there are any.
    """
    unread: set[str] = set()
    yield from _ledgers(slugs, options, result, tell, unread, meanwhile)
    # After the ledgers: an assessment or a business case then finds its organisation's ledger prepared.
    for kind in _KINDS_OF_FILES:
        # A ledger that could not be read has been told of once, and is not read again for the annual report.
        chosen = [slug for slug in slugs if slug not in unread or "organisation_year" not in kind.subjects]
        yield from _of_kind(kind, chosen, options, result, tell)


def _ledgers(
    slugs: Sequence[str],
    options: RunOptions,
    result: RunResult,
    tell: Listener,
    unread: set[str],
    meanwhile: Callable[[], None],
) -> Iterator[Prepared]:
    """Prepare the ledgers, and add to `unread` the organisations whose ledger cannot be read."""
    known = set(organisation_slugs())
    with_ledger = [slug for slug in slugs if slug in known] if _any_about(_OF_A_LEDGER, options) else []
    tell.planned(len(with_ledger))
    tasks = [Task(slug, prepare, (slug, options.period)) for slug in with_ledger]
    for outcome in run_tasks(tasks, jobs=options.jobs, seconds=_PREPARE_SECONDS, meanwhile=meanwhile):
        slug = outcome.task.name
        if not outcome.failure:
            yield outcome.value
            tell.done(slug, "prepared", "")
            _forget_failed_preparations(slug, options.out)
            continue
        unread.add(slug)
        if options.everyone and _is_fictional(slug):
            # An example that was never generated, or has no such period, is no fault in what was asked for.
            result.left_out += 1
            tell.done(slug, "left out", outcome.failure)
        else:
            _note_failed_preparation(outcome, options, result)
            tell.done(slug, "failed", outcome.failure)


def _is_fictional(slug: str) -> bool:
    try:
        return load_organisation_params(slug).fictional
    except ProcanalysisError:
        return False


def _of_kind(
    kind: _KindOfFile, slugs: Sequence[str], options: RunOptions, result: RunResult, tell: Listener
) -> Iterator[Prepared]:
    tasks = kind.tasks(slugs, options.period) if _any_about(kind.subjects, options) else []
    tasks += kind.faults() if options.everyone and _any_about(kind.subjects, options) else []
    tell.planned(len(tasks))
    for outcome in run_tasks(tasks, jobs=options.jobs, seconds=_PREPARE_SECONDS):
        place = kind.failed(outcome.task.name, options.out)
        if outcome.failure:
            result.failures.append((outcome.task.name, outcome.failure))
            if place:
                record_failure(*place, outcome.failure)
        else:
            if place:
                forget_failure(place[0])
            for prepared in outcome.value if isinstance(outcome.value, tuple) else (outcome.value,):
                yield prepared
                kind.forget(prepared, options.out)
        tell.done(outcome.task.name, "failed" if outcome.failure else "prepared", outcome.failure)


def _any_about(subjects: Sequence[Subject], options: RunOptions) -> bool:
    return any(report.subject in subjects for report in options.reports)


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
