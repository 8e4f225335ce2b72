"""Prepare what boards have printed about themselves for the report of each of their years; no ledger is needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from procanalysis.errors import ProcanalysisError
from procanalysis.published import board_digest, board_files, board_name, board_slugs, board_years, open_board
from procanalysis.run.jobs import Prepared, years_within
from procanalysis.run.processes import Task
from procanalysis.run.publish import NO_PERIOD, Place, forget_failure
from procanalysis.version import code_digest

REPORT = "indicators"


def board_tasks(organisations: Collection[str], period: str) -> list[Task]:
    """List one task per board among the organisations and year that it has reported, or only of the period's year."""
    return tasks_per_year(organisations, period, years_of=board_years, prepare=prepare_board)


def tasks_per_year(
    organisations: Collection[str],
    period: str,
    *,
    years_of: Callable[[str], Sequence[int]],
    prepare: Callable[[str, int], Prepared],
) -> list[Task]:
    """List one task per board among the organisations and year, or only the year that the period is.

    A board whose files have mistakes in them has one task, which tells them. Parameters: years_of, the years of a
    board; prepare, what is done for a board and year.
    """
    tasks = []
    for slug in board_slugs():
        if slug not in organisations:
            continue
        try:
            years = years_of(slug)
        except ProcanalysisError:
            tasks.append(Task(slug, prepare, (slug, int(period) if period.isdigit() else 0)))
            continue
        tasks += [Task(f"{slug} {year}", prepare, (slug, year)) for year in years_within(years, period)]
    return tasks


def prepare_board(slug: str, year: int) -> Prepared:
    """Open what a board has printed and say what its report depends on. Raises what `open_board` raises."""
    board_years(slug)  # a mistake in the years is told before that there are no outcomes for one of them
    board = open_board(slug, year)
    content = [board_digest(slug), year, code_digest()]
    return Prepared(
        slug=slug,
        name=board.catalogue.name,
        fictional=board.catalogue.fictional,
        period=str(year),
        period_name=str(year),
        preparation=hashlib.sha256(json.dumps(content).encode()).hexdigest()[:20],
        settings="",
        inputs=tuple(
            {"path": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "rows": 0}
            for path in board_files(slug)
        ),
        parameters={"board_slug": slug, "year": year},
        subject="board",
    )


def failed_board(name: str, out: Path) -> tuple[Place, dict[str, Any]] | None:
    """Return where to note that what a board has printed could not be opened."""
    slug, _, year = name.partition(" ")
    facts = {"organisation": board_name(slug), "slug": slug, "fictional": False, "item_name": ""}
    return Place(out, slug, year or NO_PERIOD, REPORT), facts


def forget_failed_board(prepared: Prepared, out: Path) -> None:
    """Remove the notes that it could not be opened: now it can."""
    for period in (prepared.period, NO_PERIOD):
        forget_failure(Place(out, prepared.slug, period, REPORT))
