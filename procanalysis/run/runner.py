"""Run reports for many organisations: prepare, run, publish, and keep one's failure from stopping the others."""

from __future__ import annotations

import contextlib
import gc
import importlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from procanalysis.read.files import digests_kept
from procanalysis.run import hold_to_one_thread
from procanalysis.run.drafts import drafts_folder
from procanalysis.run.jobs import Job, Prepared, is_current, jobs_of
from procanalysis.run.options import Listener, RunOptions, RunResult
from procanalysis.run.pdf import has_pdf, print_pdf
from procanalysis.run.processes import CAN_FORK, Outcome, Task, run_tasks
from procanalysis.run.publish import any_failure, forget_failure, record_failure, restore_interrupted
from procanalysis.run.recall import recall, remember, stamp_of

_WARM = ("duckdb", "narwhals", "pandas", "procanalysis.run.reports")
_BROUGHT_WHEN_USED = (
    "IPython.core.completerlib", "IPython.core.oinspect", "narwhals._arrow.dataframe", "narwhals._duckdb.group_by",
    "narwhals._duckdb.namespace", "narwhals._interchange.dataframe", "narwhals._pandas_like.group_by",
    "narwhals._pandas_like.namespace", "narwhals.group_by", "pyarrow.acero", "pyarrow.dataset",
    "pyarrow.pandas_compat",
)  # fmt: skip
"""What those import when they are first used; a version that lays itself out otherwise does without."""

_LIBRARY = "procanalysis"


def run_organisations(slugs: Sequence[str], options: RunOptions, listener: Listener | None = None) -> RunResult:
    """Prepare, run and publish. One organisation's or report's failure is noted and the rest go on.

    Parameters: slugs, names of organisation files, boards, regions and groups; options; listener, told of progress.
    Returns a RunResult. Raises ParamsError when an organisation named does not exist.
    """
    tell = listener or Listener()
    options.out.mkdir(parents=True, exist_ok=True)
    restore_interrupted(options.out)
    try:
        with drafts_folder(options.out) as drafts, digests_kept():
            return _run(slugs, options, drafts, tell)
    finally:
        restore_interrupted(options.out)  # a report that was stopped while its files were put in place


def _run(slugs: Sequence[str], options: RunOptions, drafts: Path, tell: Listener) -> RunResult:
    result = RunResult(options.out / "index.html")
    jobs: list[Job] = []
    for prepared in _prepared(slugs, options, result, tell):
        planned = jobs_of(prepared, options.reports, options.out, drafts)
        jobs += planned
        tell.planned(len(planned))
    _run_jobs(jobs, options, result, tell)
    restore_interrupted(options.out)  # one that was stopped for its time or memory while its files were put in place
    if options.browser:
        _print_pdfs(jobs, options, drafts, result, tell)
    result.index = _write_index(options.out)
    return result


def _prepared(slugs: Sequence[str], options: RunOptions, result: RunResult, tell: Listener) -> Sequence[Prepared]:
    """Return what the reports rest on: as it was last time when nothing has changed since, else prepared anew."""
    stamp = stamp_of(slugs, options)
    # A failure that is noted is tried again and its note removed, though nothing has changed since the last good run.
    remembered = recall(stamp) if stamp and not any_failure(options.out) else None
    if remembered is not None:
        return remembered
    hold_to_one_thread()
    from procanalysis.run.preparations import prepare_all  # brings the engines

    found = list(prepare_all(slugs, options, result, tell, meanwhile=_warm_up))
    # A failure is told each time until it is mended. Files that changed meanwhile are read again next time.
    if stamp and not result.failures and not result.left_out and stamp == stamp_of(slugs, options):
        remember(stamp, found)
    return found


def _run_jobs(jobs: Sequence[Job], options: RunOptions, result: RunResult, tell: Listener) -> None:
    by_name = {}
    for job in jobs:
        if is_current(job):
            forget_failure(job.place)
            result.unchanged += 1
            tell.done(_name(job), "unchanged", "")
        else:
            by_name[_name(job)] = job
    if not by_name:
        return
    _warm_up()
    from procanalysis.run.reports import run_report  # brings papermill and nbconvert

    ordinary = options.ordinary_kernel or not CAN_FORK
    tasks = [Task(name, run_report, (job, ordinary)) for name, job in by_name.items()]
    hung: dict[str, str] = {}
    for outcome in _reported(tasks, options, tell):
        if outcome.timed_out and not ordinary:
            hung[outcome.task.name] = outcome.failure
        else:
            _note(outcome, by_name[outcome.task.name], result, tell)
    # A forked process can hang on a lock that a library held; an ordinary kernel cannot.
    tasks = [Task(name, run_report, (by_name[name], True)) for name in hung]
    for outcome in _reported(tasks, options, tell):
        name = outcome.task.name
        _note(outcome, by_name[name], result, tell, f"{hung[name]} An ordinary kernel then made the report.")


def _reported(tasks: Sequence[Task], options: RunOptions, tell: Listener) -> Iterator[Outcome]:
    """Run tasks that make reports, within the limits asked for, and tell which cell each is at."""
    # What is here stays: no process is to look through it, and so copy it, each time it collects what it left itself.
    gc.collect()
    gc.freeze()
    try:
        yield from run_tasks(
            tasks,
            jobs=options.jobs,
            seconds=options.seconds_per_report,
            memory=options.memory_per_report,
            progress=lambda task, at, steps: tell.at(task.name, at, steps),
        )
    finally:
        gc.unfreeze()


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


def _note(outcome: Outcome, job: Job, result: RunResult, tell: Listener, to_know: str = "") -> None:
    if outcome.failure:
        if outcome.timed_out or outcome.died:  # otherwise the process has noted it itself, with its notebook
            record_failure(job.place, job.facts(), outcome.failure)
        result.failures.append((outcome.task.name, outcome.failure))
        tell.done(outcome.task.name, "failed", outcome.failure)
        return
    result.published += 1
    if to_know:
        result.notes.append((outcome.task.name, to_know))
    tell.done(outcome.task.name, "published", to_know)


def _write_index(out: Path) -> Path:
    from procanalysis.run.index import write_index  # after the work, which may have brought what it needs

    return write_index(out)


def _warm_up() -> None:
    """Import what every report needs, with numeric libraries held to one thread, and open no engine."""
    hold_to_one_thread()
    _bring_all()


@cache
def _bring_all() -> None:
    """Import what processes that are forked can share, once."""
    if CAN_FORK:
        for module in _WARM:
            importlib.import_module(module)
        for module in _BROUGHT_WHEN_USED:
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        # The library imports its parts when they are first asked for; a notebook's process should have them all.
        library = importlib.import_module(_LIBRARY)
        for name in library.__all__:
            getattr(library, name)
        importlib.import_module("procanalysis.run.reports").get_ready()
