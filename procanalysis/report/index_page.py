"""The page that lists every published report, and every run that failed with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from procanalysis.report import numbers
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.markdown import Heading
from procanalysis.report.markup import environment
from procanalysis.report.page import Link, Page, relative_link, relative_links


@dataclass(frozen=True, kw_only=True)
class IndexEntry:
    """Describe a published report: whose, which period, its title, where it lies, and the files beside it."""

    organisation: str
    slug: str
    period: str
    title: str
    href: str
    made_on: date | str
    item: str = ""
    fictional: bool = False
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class IndexFailure:
    """Describe a run that failed: the message as the program gave it, and its notebook if there is one."""

    organisation: str
    slug: str
    period: str
    title: str
    reason: str
    made_on: date | str
    item: str = ""
    fictional: bool = False
    notebook_href: str = ""


def render_index(
    entries: Sequence[IndexEntry],
    failures: Sequence[IndexFailure] = (),
    *,
    made_on: date | str,
    version: str,
    title: str = "Inköpsrapporter",
) -> str:
    """Write the index: by organisation and period, newest first, failed runs with their reason.

    All links are relative, so that the folder can lie on a file share.

    Raises ReportError when an address is not relative.
    """
    organisations = _organisations([*entries, *failures])
    contents = tuple(Heading(2, group["id"], group["name"]) for group in organisations)
    page = Page(
        title=clean_text(title),
        organisation=clean_text(title),
        name="",
        contents=contents if len(contents) > 1 else (),
        foot=(f"Framtagen {numbers.date_in_words(made_on)} med procanalysis {clean_text(version)}.",),
    )
    template = environment().get_template("index_page.html.j2")
    failed = f"{numbers.count(len(failures))} {'körning' if len(failures) == 1 else 'körningar'} misslyckades."
    return template.render(page=page, organisations=organisations, failed=failed if failures else "")


def _organisations(items: Sequence[IndexEntry | IndexFailure]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for slug, name in sorted({(i.slug, i.organisation) for i in items}, key=lambda pair: pair[1].casefold()):
        own = [item for item in items if (item.slug, item.organisation) == (slug, name)]
        periods = sorted({item.period for item in own}, reverse=True)
        groups.append(
            {
                "id": f"organisation-{len(groups) + 1}",
                "name": shorten(name),
                "fictional": any(item.fictional for item in own),
                "periods": [_period(period, own) for period in periods],
            }
        )
    return groups


def _period(period: str, items: Iterable[IndexEntry | IndexFailure]) -> dict[str, Any]:
    own = [item for item in items if item.period == period]
    return {
        "name": shorten(period),
        "entries": [_entry(item) for item in own if isinstance(item, IndexEntry)],
        "failures": [_failure(item) for item in own if isinstance(item, IndexFailure)],
    }


def _entry(entry: IndexEntry) -> dict[str, Any]:
    return {
        "link": relative_link(_title(entry), entry.href),
        "made_on": numbers.date_in_words(entry.made_on),
        "links": relative_links(entry.links),
        "words": _title(entry),
    }


def _failure(failure: IndexFailure) -> dict[str, Any]:
    notebook: Link | None = None
    if failure.notebook_href:
        notebook = relative_link("Visa anteckningsboken", failure.notebook_href)
    return {
        "words": _title(failure),
        "reason": shorten(failure.reason, 2000),
        "made_on": numbers.date_in_words(failure.made_on),
        "notebook": notebook,
    }


def _title(item: IndexEntry | IndexFailure) -> str:
    return shorten(f"{item.title}: {item.item}" if item.item else item.title)
