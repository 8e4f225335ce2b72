"""Prepare the annual reports: of organisations with a ledger, and of boards for the years that they have printed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from procanalysis.annual_report import annual_years, open_annual_report
from procanalysis.errors import ProcanalysisError
from procanalysis.organisation import open_organisation
from procanalysis.params import load_organisation_params, organisation_slugs, parse_period
from procanalysis.published import board_name
from procanalysis.run.boards import tasks_per_year
from procanalysis.run.jobs import Prepared
from procanalysis.run.ledgers import settings_of
from procanalysis.run.processes import Task
from procanalysis.run.publish import NO_PERIOD, Place, forget_failure
from procanalysis.version import code_digest

REPORT = "annual-report"


def organisation_year_tasks(organisations: Collection[str], period: str) -> list[Task]:
    """List one task per organisation with a ledger whose period is a calendar year; no other period has such a report.

    An organisation file with mistakes has a task too, which tells them.
    """
    tasks = []
    for slug in organisation_slugs():
        if slug not in organisations:
            continue
        try:
            asked = parse_period(period or load_organisation_params(slug).period)
        except ProcanalysisError:
            tasks.append(Task(f"{slug} {NO_PERIOD}", prepare_organisation_year, (slug, period)))
            continue
        if asked.calendar_year is not None:
            tasks.append(Task(f"{slug} {asked.label}", prepare_organisation_year, (slug, period)))
    return tasks


def prepare_organisation_year(slug: str, period: str) -> Prepared:
    """Open an organisation and what its annual report says besides, and say what the report depends on.

    Raises what `open_organisation` and `open_annual_report` raise.
    """
    organisation = open_organisation(slug, period)
    annual = open_annual_report(slug, organisation.period.ends_on.year)
    # Two files may have the same name, as an organisation file and the tender source of the same organisation.
    inputs = {(str(each["path"]), str(each["sha256"])): each for each in (*organisation.inputs, *annual.inputs)}
    return Prepared(
        slug=slug,
        name=organisation.params.name,
        fictional=organisation.params.fictional,
        period=organisation.period.label,
        period_name=organisation.period_name,
        preparation=_digest([organisation.folder.name, list(annual.inputs)]),
        settings=settings_of(organisation),
        inputs=tuple(each for _, each in sorted(inputs.items())),
        parameters={"organisation": slug, "period": organisation.period.label},
        subject="organisation_year",
    )


def board_year_tasks(organisations: Collection[str], period: str) -> list[Task]:
    """List one task per board among the organisations and year of an annual report, or only of the period's year."""
    return tasks_per_year(organisations, period, years_of=annual_years, prepare=prepare_board_year)


def prepare_board_year(slug: str, year: int) -> Prepared:
    """Open what a board has printed and what was announced by its members, and say what the report depends on.

    Raises what `open_annual_report` raises.
    """
    annual_years(slug)  # a mistake in the years is told before that there are no outcomes for one of them
    annual = open_annual_report(slug, year)
    return Prepared(
        slug=slug,
        name=annual.name,
        fictional=annual.fictional,
        period=str(year),
        period_name=str(year),
        preparation=_digest([year, list(annual.inputs)]),
        settings="",
        inputs=annual.inputs,
        parameters={"board_slug": slug, "year": year},
        subject="board_year",
    )


def _digest(content: list[object]) -> str:
    return hashlib.sha256(json.dumps([*content, code_digest()]).encode()).hexdigest()[:20]


def failed_year(name: str, out: Path) -> tuple[Place, dict[str, Any]] | None:
    """Return where to note that an annual report could not be prepared, or None when its file says not even whose."""
    slug, _, year = name.partition(" ")
    facts: dict[str, Any] = {"organisation": board_name(slug), "slug": slug, "fictional": False, "item_name": ""}
    if slug in organisation_slugs():
        try:
            params = load_organisation_params(slug)
        except ProcanalysisError:
            return None
        facts |= {"organisation": params.name, "fictional": params.fictional}
    return Place(out, slug, year or NO_PERIOD, REPORT), facts


def forget_failed_year(prepared: Prepared, out: Path) -> None:
    """Remove the notes that it could not be prepared: now it can."""
    for period in (prepared.period, NO_PERIOD):
        forget_failure(Place(out, prepared.slug, period, REPORT))
