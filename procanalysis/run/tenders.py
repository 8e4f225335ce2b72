"""Prepare tender statistics for their reports: regions by themselves, and groups side by side. No ledger is needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from procanalysis.errors import ParamsError, ProcanalysisError
from procanalysis.params import load_organisation_params, organisation_slugs
from procanalysis.params.tenders import load_tender_source
from procanalysis.run.catalogue import Subject
from procanalysis.run.jobs import Prepared
from procanalysis.run.processes import Task
from procanalysis.run.publish import Place, forget_failure
from procanalysis.tenders import (
    faulty_sources,
    group_slugs,
    group_years,
    open_region,
    open_tender_group,
    region_slugs,
    region_years,
)
from procanalysis.version import code_digest

_WHERE = "upphandlingsstatistik"
_NO_YEAR = "utan-period"
_REPORT = "comparison"


def tender_tasks(chosen: Collection[str], period: str) -> list[Task]:
    """List one task per year of tender statistics, for the regions and groups chosen; with a period, only that year.

    A region with an organisation file of the same name is left to that. A group is chosen too with an organisation
    that names its source. When every organisation is meant, a source with mistakes in it has a task, which tells them.
    """
    own = set(organisation_slugs())
    regions = [slug for slug in region_slugs() if slug in chosen and slug not in own]
    named = _groups_named_by([slug for slug in chosen if slug in own])
    groups = [slug for slug in group_slugs() if slug in chosen or slug in named]
    years_of = {slug: region_years(slug) for slug in regions} | {slug: group_years(slug) for slug in groups}
    years = sorted({year for years in years_of.values() for year in years if period in ("", str(year))})
    tasks = []
    for year in years:
        members, together = ([slug for slug in slugs if year in years_of[slug]] for slugs in (regions, groups))
        tasks.append(Task(f"{_WHERE} {year}", prepare_tender_year, (members, together, year)))
    if own <= set(chosen):
        tasks += [Task(f"{_WHERE} {slug}", tell_faults, (slug,)) for slug in faulty_sources()]
    return tasks


def _groups_named_by(organisations: Sequence[str]) -> set[str]:
    """Name the groups of the sources that organisation files name; a file with mistakes tells them elsewhere."""
    found = set()
    for organisation in organisations:
        try:
            sources = [load_tender_source(slug) for slug in load_organisation_params(organisation).tenders]
        except ProcanalysisError:
            continue
        found |= {source.group.slug for source in sources if source.group}
    return found


def prepare_tender_year(regions: Sequence[str], groups: Sequence[str], year: int) -> tuple[Prepared, ...]:
    """Open a year of tender statistics, and say what the report of each region and group depends on.

    Raises what `open_region` and `open_tender_group` raise.
    """
    found = []
    for slug in regions:
        region = open_region(slug, year)
        found.append(_prepared("region", slug, year, region.name, region.source.fictional, region.inputs))
    for slug in groups:
        group = open_tender_group(slug, year)
        found.append(_prepared("group", slug, year, group.name, group.source.fictional, group.inputs))
    return tuple(found)


def tell_faults(slug: str) -> None:
    """Raise ParamsError with the mistakes of a tender source that has some."""
    raise ParamsError(faulty_sources()[slug])


def _prepared(
    subject: Subject, slug: str, year: int, name: str, fictional: bool, inputs: Sequence[Mapping[str, Any]]
) -> Prepared:
    content = json.dumps([slug, year, list(inputs), code_digest()])
    return Prepared(
        slug=slug,
        name=name,
        fictional=fictional,
        period=str(year),
        period_name=str(year),
        preparation=hashlib.sha256(content.encode()).hexdigest()[:20],
        settings="",
        inputs=tuple(inputs),
        parameters={f"{subject}_slug": slug, "year": year},
        subject=subject,
    )


def failed_tenders(name: str, out: Path) -> tuple[Place, dict[str, Any]] | None:
    """Return where to note that tender statistics could not be opened."""
    _, _, what = name.partition(" ")
    facts = {"organisation": "Upphandlingsstatistik", "slug": _WHERE, "fictional": False, "item_name": ""}
    return Place(out, _WHERE, what if what.isdigit() else _NO_YEAR, _REPORT), facts


def forget_failed_tenders(prepared: Prepared, out: Path) -> None:
    """Remove the notes that they could not be opened: now they can."""
    for period in (prepared.period, _NO_YEAR):
        forget_failure(Place(out, _WHERE, period, _REPORT))
