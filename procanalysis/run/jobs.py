"""What a run consists of: what is prepared, and the reports that are made from it. Imports nothing that takes time."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from procanalysis.params import parse_period, project_root
from procanalysis.run.catalogue import Item, Per, Report, Subject
from procanalysis.run.publish import Place, is_published
from procanalysis.version import code_digest


@dataclass(frozen=True)
class Prepared:
    """Hold what the runner must know of an organisation whose data are prepared, or of one of its files.

    parameters is what its notebooks are given. items holds, for each way in which a report can be published several
    times, what it is then published for. file is the short name of an assessment or business case, and file_title
    what it is called on the index where an organisation can have several; both are empty elsewhere.
    """

    slug: str
    name: str
    fictional: bool
    period: str
    period_name: str
    preparation: str
    settings: str
    inputs: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, object]
    items: Mapping[Per, tuple[Item, ...]] = field(default_factory=dict)
    subject: Subject = "organisation"
    file: str = ""
    file_title: str = ""


@dataclass(frozen=True)
class Job:
    """Name one report to run: which, for whom, and for which item (a category, unit or business case) if any."""

    report: Report
    prepared: Prepared
    item: Item
    out: Path
    drafts: Path

    @property
    def place(self) -> Place:
        """Where its files will lie."""
        return Place(self.out, self.prepared.slug, self.prepared.period, self.report.name, self.item.file)

    @property
    def title(self) -> str:
        """The report's name for people."""
        return f"{self.report.title}: {self.item.name}" if self.item.file else self.report.title

    def facts(self) -> dict[str, Any]:
        """Return what the index needs to know of the report, published or failed."""
        return {
            "organisation": self.prepared.name,
            "slug": self.prepared.slug,
            "fictional": self.prepared.fictional,
            "item_name": self.item.name,
        }

    def fingerprint(self) -> str:
        """Return a digest of everything that the report depends on."""
        notebook = (project_root() / "notebooks" / self.report.notebook).read_bytes()
        methods = sorted((project_root() / "docs" / "methods").glob("*.md"))
        content = [
            self.prepared.preparation,
            self.prepared.period,
            self.prepared.settings,
            self.item.file,
            self.item.given,
            code_digest(),
        ]
        digest = hashlib.sha256(json.dumps(content).encode() + notebook)
        for page in methods:
            digest.update(page.read_bytes())
        return digest.hexdigest()[:32]


def unit_items(units: Iterable[str]) -> tuple[Item, ...]:
    """Name the organisation as a whole and then units, with file names that hold on every system and differ.

    >>> [item.file for item in unit_items(["Primärvården", "HR/Lön", "HR-lön"])]
    ['', 'primarvarden', 'hr-lon', 'hr-lon-2']
    """
    items, taken = [Item()], set()
    for unit in units:
        plain = unicodedata.normalize("NFKD", unit.casefold()).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "enhet"
        numbered = (stem if number == 1 else f"{stem}-{number}" for number in itertools.count(1))
        file = next(name for name in numbered if name not in taken)
        taken.add(file)
        items.append(Item(file, unit, unit))
    return tuple(items)


def jobs_of(prepared: Prepared, reports: Iterable[Report], out: Path, drafts: Path) -> list[Job]:
    """List the reports to make of what is prepared: those about its subject, one for each of their items."""
    one = Item(prepared.file, prepared.file_title) if prepared.file_title else Item()
    return [
        Job(report, prepared, item, out, drafts)
        for report in reports
        if report.subject == prepared.subject
        for item in (prepared.items.get(report.per, ()) if report.per else (one,))
    ]


def is_current(job: Job) -> bool:
    """Tell whether the report lies published already, made from just this."""
    return is_published(job.place, job.fingerprint())


def years_within(years: Iterable[int], period: str) -> list[int]:
    """List the years that are asked for: all without a period, else the one that the period is, if it is a year.

    >>> years_within([2021, 2025], ""), years_within([2021, 2025], "2021-01--2021-12"), years_within([2021], "2021-03")
    ([2021, 2025], [2021], [])
    """
    wanted = parse_period(period).calendar_year if period else None
    return [year for year in years if not period or year == wanted]
