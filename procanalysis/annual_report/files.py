"""Which annual reports there are, and the files that each depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from procanalysis.params.annual_report import annual_text_files
from procanalysis.params.indicators import IndicatorCatalogue, catalogue_slugs, load_indicators
from procanalysis.params.project import organisation_slugs, organisations_folder
from procanalysis.published import board_years, catalogue_files, open_published

LEAST_OUTCOMES = 3
"""How many indicators must have an outcome for a year to be worth an annual report, when nothing else is printed."""


def annual_slugs() -> list[str]:
    """List those that can have an annual report: all with an indicator file or an organisation file."""
    return sorted({*catalogue_slugs(), *organisation_slugs()})


def annual_years(slug: str) -> tuple[int, ...]:
    """Return the years that a board gets an annual report for.

    They are those its indicator file names. Where it names none: those with outcomes of LEAST_OUTCOMES indicators or
    more, with an income statement, or with reviewed texts. Parameters: slug, of an indicator file. Raises ParamsError
    or InputError for mistakes in the files.
    """
    if load_indicators(slug).years:
        return board_years(slug)
    published = open_published(slug)
    outcomes = published.values[published.values["value"].notna()]
    counted = outcomes.groupby("year")["indicator_id"].nunique()
    printed = {int(year) for year in published.statements["year"]} | _years_with_texts(slug)
    return tuple(int(year) for year in counted.index if counted[year] >= LEAST_OUTCOMES or year in printed)


def _years_with_texts(slug: str) -> set[int]:
    found = (path.stem.rpartition("-") for path in annual_text_files())
    return {int(year) for name, _, year in found if name == slug and year.isdigit()}


def annual_inputs(
    slug: str, year: int, catalogue: IndicatorCatalogue | None, tenders: Iterable[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], ...]:
    """List every file behind an annual report with its digest.

    They are the organisation file, the indicator file, the reported tables, the texts of the year, and the files of the
    tender statistics. Parameters: tenders, those files as `TenderYear.inputs` has them.
    """
    own = [organisations_folder() / f"{slug}.yml"] if slug in organisation_slugs() else []
    figures = catalogue_files(catalogue) if catalogue else []
    texts = [path for path in annual_text_files() if path.stem == f"{slug}-{year}"]
    inputs = [
        {"path": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "rows": 0}
        for path in (*own, *figures, *texts)
    ]
    return (*inputs, *tenders)
