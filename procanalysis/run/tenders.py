"""Prepare tender statistics for their reports: regions by themselves, and groups side by side. No ledger is needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from procanalysis.errors import ParamsError, ProcanalysisError
from procanalysis.params import load_organisation_params, organisation_slugs, parse_period
from procanalysis.params.tenders import load_tender_source
from procanalysis.published import board_slugs
from procanalysis.run.catalogue import Subject
from procanalysis.run.jobs import Prepared, years_within
from procanalysis.run.processes import Task
from procanalysis.run.publish import FAILED, NO_PERIOD, Place, forget_failure
from procanalysis.tenders import (
    faulty_sources,
    group_is_fictional,
    group_name,
    group_slugs,
    group_years,
    members_of,
    open_region,
    open_tender_group,
    region_slugs,
    region_years,
)
from procanalysis.version import code_digest

REPORT = "comparison"
_WHERE = "upphandlingsstatistik"


def tender_tasks(chosen: Collection[str], period: str) -> list[Task]:
    """List one task per group and year of tender statistics: for its regions, and for the group, that are chosen.

    With a period, only of that year. A region with an organisation or indicator file of the same name is left to that.
    A group is chosen too with an organisation that names its source, for the year that the organisation reports.
    """
    own = set(organisation_slugs())
    elsewhere = own | set(board_slugs())
    regions = {slug: region_years(slug) for slug in region_slugs() if slug in chosen and slug not in elsewhere}
    named = set(_groups_named_by([slug for slug in chosen if slug in own], period))
    tasks = []
    for group in group_slugs():
        members = [slug for slug in members_of(group) if slug in regions]
        for year in years_within(group_years(group), period):
            about = [slug for slug in members if year in regions[slug]]
            whole = group in chosen or (group, year) in named
            if about or whole:
                tasks.append(Task(f"{group} {year}", prepare_tender_year, (about, group if whole else "", year)))
    return tasks


def fault_tasks() -> list[Task]:
    """List one task per tender source with mistakes in it, which tells them."""
    return [Task(slug, tell_faults, (slug,)) for slug in faulty_sources()]


def _groups_named_by(organisations: Sequence[str], period: str) -> Iterator[tuple[str, int]]:
    """Name the groups of the sources that organisation files name, with the year that each organisation reports.

    A file with mistakes tells them elsewhere.
    """
    for organisation in organisations:
        try:
            params = load_organisation_params(organisation)
            sources = [load_tender_source(slug) for slug in params.tenders]
        except ProcanalysisError:
            continue
        year = parse_period(period or params.period).calendar_year
        if year is not None:
            yield from ((source.group.slug, year) for source in sources if source.group)


def prepare_tender_year(regions: Sequence[str], group: str, year: int) -> tuple[Prepared, ...]:
    """Open a year of tender statistics, and say what the report of each region, and of the group if named, rests on.

    Raises what `open_region` and `open_tender_group` raise.
    """
    found = []
    for slug in regions:
        region = open_region(slug, year)
        found.append(_prepared("region", slug, year, region.name, region.source.fictional, region.inputs))
    if group:
        whole = open_tender_group(group, year)
        found.append(_prepared("group", group, year, whole.name, whole.source.fictional, whole.inputs))
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
    """Return where to note that tender statistics could not be opened: of a group and year, or a whole source."""
    slug, _, year = name.partition(" ")
    facts: dict[str, Any] = {"organisation": "Upphandlingsstatistik", "fictional": False, "item_name": slug}
    if not year:
        return Place(out, _WHERE, NO_PERIOD, REPORT, slug), {**facts, "slug": _WHERE}
    facts |= {"organisation": group_name(slug), "fictional": group_is_fictional(slug), "item_name": ""}
    return Place(out, slug, year, REPORT), {**facts, "slug": slug}


def forget_failed_tenders(prepared: Prepared, out: Path) -> None:
    """Remove the notes of sources that had mistakes and have none any more."""
    faulty = faulty_sources()
    for note in (out / _WHERE / NO_PERIOD).glob(f"{REPORT}-*{FAILED}"):
        source = note.name.removeprefix(f"{REPORT}-").removesuffix(FAILED)
        if source not in faulty:
            forget_failure(Place(out, _WHERE, NO_PERIOD, REPORT, source))
